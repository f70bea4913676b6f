"""A toy ledger: two cards and six rows that open, by three speakers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sample
from publishing import publish

SPEAKERS = ("Press", "Toy government", "Lobby & friends")
TOPICS = ("Cars", "Jobs & wages")
WORDS = ("apples", "pears", "plums", "apples and pears", "cherries", "quinces", "figs", "dates")


def cards() -> list[dict[str, Any]]:
    """Return eight claims, the first two as cards; verdicts and speakers in turn."""
    made = []
    for i, word in enumerate(WORDS):
        verdict, tone = sample.TONES[i % len(sample.TONES)]
        made.append(
            {
                "id": f"claim-toy-{i + 1}",
                "number": str(i + 1),
                "verdict": verdict,
                "tone": tone,
                "said": f"Toy exports of {word} rose by 5 percent.",
                "measured": f"They were {sample.span('flows.end', '$42.3 billion')}.",
                "basis": "Toy basis, 2011 to 2016",
                "why": "The word admits it. <b>Not markup</b>.",
                "link": "#ch-claims",
                "link_text": "Claims",
                "source": f"Invented speaker {i}, 2018 (paraphrased); example.org/{i}",
                "compact": i > 1,
                "who": f"Invented speaker {i}, 2018",
                "speaker": SPEAKERS[i % 3],
                "topic": TOPICS[i % 2],
            }
        )
    return made


def chapter(shown: list[dict[str, Any]] | None = None) -> Any:
    """Return a chapter that shows the ledger."""
    data = {"id": "claims", "title": "Ledger", "cards": shown or cards(), "findings": [sample.finding("flows.end", "$42.3 billion")]}  # fmt: skip
    return sample.chapter("12", "claims", "Claims", "What was said, and does it hold?", [sample.say("Toy claims.", role="answer"), sample.show("cards", data), sample.datasets()])  # fmt: skip


def published(folder: Path, *formats: str, shown: list[dict[str, Any]] | None = None) -> Path:
    """Publish the chapter as a whole report and return its folder."""
    publish([chapter(shown)], sample.META, formats or ("html",), folder, provenance=sample.provenance)
    return folder
