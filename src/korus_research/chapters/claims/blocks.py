"""How the ledger looks: cards of the column, the ledger of all others, and the column in one line a claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from korus_research.chapters.claims.kinds.details import details
from korus_research.chapters.claims.kinds.reasons import changes, deciding, reason
from korus_research.chapters.claims.ledger import VERDICTS, Ledger, Verdict
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.chapters.claims.measures import of as claims_of
from korus_research.chapters.gathered import gathered
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.chapters.notebooks import titles
from korus_research.data.study import Study
from korus_research.errors import MissingInput
from korus_research.show.blocks import Block, listing
from korus_research.show.figure import to_csv
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.sentence import speak
from korus_research.show.words.text import Words

WORDS = Words("claims")
TONES = dict(zip(VERDICTS, ("holds", "depends", "fails", "untestable", "untestable"), strict=True))


def judged_ledger(study: Study, findings_file: str = "") -> Ledger:
    """Return the ledger, with gravity from `findings_file` where the run wrote one, and else as it is remembered.

    Raises UnknownFinding: the file is not a list of findings.
    """
    found: Mapping[str, Finding] = {}
    if findings_file:
        found = gathered(study, findings_file)
    else:
        with suppress(MissingInput):  # an agreement outside the panel: claims go without gravity
            found = gravity_of(study).findings()
    # Gravity alone, in one order: the ledger is the same, and remembered as the same, wherever that comes from.
    gravity = Findings(tuple(f for key, f in sorted(found.items()) if key.startswith("gravity.")))
    return claims_of(study, gravity if gravity else None)


def column_cards(ledger: Ledger) -> Block | None:
    """Return the claims of the column as cards; None where it had not been written."""
    return _cards(ledger, "claims-column", "column", ledger.featured)


def claim_cards(ledger: Ledger) -> Block | None:
    """Return the claims of all other speakers as rows that open; None where nobody had spoken. The CSV holds all."""
    return _cards(ledger, "claims-ledger", "cards", ledger.public)


def _cards(ledger: Ledger, id_: str, title: str, verdicts: Sequence[Verdict]) -> Block | None:
    if not verdicts:
        return None
    cards = [_card(v, ledger) for v in verdicts]
    named = WORDS.label(title)
    data = {
        "id": id_,
        "title": named,
        "cards": cards,
        "data_csv": to_csv(ledger.to_frame()),
        "findings": ledger.findings().to_json(),
    }
    return Block("cards", data, listing([(f"{c['number']}. {c['verdict']}", c["said"]) for c in cards], named))


def _card(v: Verdict, ledger: Ledger) -> dict[str, Any]:
    who = WORDS.label("card.who", who=v.source.who, when=v.source.when)
    known = v.measured is not None and v.measured.value is not None
    return {
        "id": f"claim-{v.claim.id}",
        "number": str(v.claim.number),
        "verdict": v.word,
        "tone": TONES[v.word],
        "said": v.claim.said,
        "measured": _measured(v, ledger),
        "basis": v.tried[0][0].basis if known else "\N{EN DASH}",
        "deciding": deciding(v, ledger.names),
        "reason": reason(v, ledger.names),
        "why": details(v, ledger),
        "link": f"#ch-{v.claim.chapter}" if v.claim.chapter else None,
        "link_text": titles().get(v.claim.chapter or ""),
        "source": "" if v.source.featured else WORDS.label("card.source", who=who, pages=v.source.links),
        "compact": not v.source.featured,
        "who": who,
        "speaker": {speaker.id: speaker.label for speaker in load_lexicon().speaker}[v.source.speaker],
        "topic": v.claim.topic,
    }


def _measured(v: Verdict, ledger: Ledger) -> str:
    """Return what was measured in Markdown, the number linked to its definition."""
    if v.measured is None or v.measured.value is None:
        return WORDS.label("amount.none")
    template = WORDS.labels("amount")["change" if changes(v) else "level"].replace(
        "claims.value", f"claims.{v.claim.id}"
    )
    return speak(template, ledger.findings()).markdown


def column_rows(ledger: Ledger) -> list[dict[str, str]]:
    """Return the claims of the column in a line each, with verdict and deciding number; none before it was written."""
    return [
        {
            "number": str(v.claim.number),
            "short": v.claim.short,
            "verdict": v.word,
            "tone": TONES[v.word],
            "deciding": deciding(v, ledger.names),
            "href": f"#claim-{v.claim.id}",
        }
        for v in ledger.featured
    ]
