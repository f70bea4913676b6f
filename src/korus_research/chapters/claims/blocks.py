"""How the ledger looks: cards and the scoreboard."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from korus_research.chapters.claims.kinds.reasons import as_said, narrowly, style, told, why_judged
from korus_research.chapters.claims.ledger import UNTESTABLE, VERDICTS, Ledger, Verdict
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
TONES = dict(zip(VERDICTS, ("holds", "depends", "fails", "holds", "fails", "untestable", "untestable"), strict=True))
_CAUSAL = ("supported", "not supported", "not identified")


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


def claim_cards(ledger: Ledger) -> Block:
    """Return the ledger: said, measured, basis, verdict, why, and the chapter with the evidence.

    Claims of featured sources are cards; the others follow as compact rows that open.
    """
    cards = [_card(v, ledger) for v in (*ledger.featured, *ledger.public)]
    title = WORDS.label("cards")
    data = {
        "id": "claims-ledger",
        "title": title,
        "cards": cards,
        "data_csv": to_csv(ledger.to_frame()),
        "findings": ledger.findings().to_json(),
    }
    return Block("cards", data, listing([(f"{c['number']}. {c['verdict']}", c["said"]) for c in cards], title))


def _card(v: Verdict, ledger: Ledger) -> dict[str, Any]:
    measured, basis, why = _measured(v, ledger)
    if v.word == UNTESTABLE:
        why = f"{why} {WORDS.label('card.needs', needs=v.needs)}".strip()
    if v.freed_by:
        file = load_lexicon().files[v.freed_by]
        why += " " + WORDS.label("card.file", says=file.says, source=file.source)
    if v.claim.changed:
        why += " " + WORDS.label("card.changed", was=v.claim.changed.was, why=v.claim.changed.why)
    if beside := [told(f) for f in v.beside if f.value is not None]:
        why += " " + WORDS.label("card.beside", told="; ".join(beside))
    for other in (o for o in ledger.verdicts if o.claim.id == v.claim.see):
        c = other.claim
        span = {"first": str(c.first), "last": str(c.last)}
        why += " " + WORDS.label("card.see", number=str(c.number), **span, verdict=other.word)
    who = WORDS.label("card.who", who=v.source.who, when=v.source.when)
    return {
        "id": f"claim-{v.claim.id}",
        "number": str(v.claim.number),
        "verdict": v.word,
        "tone": TONES[v.word],
        "said": v.claim.said,
        "measured": measured,
        "basis": basis,
        "why": why,
        "link": f"#ch-{v.claim.chapter}" if v.claim.chapter else None,
        "link_text": titles().get(v.claim.chapter or ""),
        "source": WORDS.label("card.source", who=who, address=v.source.address),
        "compact": not v.source.featured,
        "who": who,
        "speaker": {speaker.id: speaker.label for speaker in load_lexicon().speaker}[v.source.speaker],
    }


def _measured(v: Verdict, ledger: Ledger) -> tuple[str, str, str]:
    """Return the measured value in Markdown, its basis, and why the verdict is what it is."""
    if v.measured is None or v.measured.value is None:
        return WORDS.label("card.not_measured"), "\N{EN DASH}", ""
    first = v.tried[0][0]
    start = "" if v.claim.stated_before is None else WORDS.label("card.start", before=as_said(v, first.before)) + " "
    spoken = speak(f"{{{v.measured.id}{style(v)}}}", ledger.findings()).markdown
    return start + spoken, first.basis, why_judged(v)


def scoreboard(ledger: Ledger) -> Block | None:
    """Return how many featured claims have each verdict, and which; None where none had been made by then."""
    if not ledger.featured:
        return None
    chosen = {word: [v for v in ledger.featured if v.word == word] for word in VERDICTS}
    entries: list[dict[str, Any]] = [
        {
            "verdict": word,
            "tone": TONES[word],
            "count": len(verdicts),
            "claims": [_short(v) for v in verdicts],
        }
        for word, verdicts in chosen.items()
        if verdicts or word not in _CAUSAL  # three more empty rows would tell a reader nothing
    ]
    said = (WORDS.label("card.who", who=v.source.who, when=v.source.when) for v in ledger.featured)
    title = WORDS.label("scoreboard", sources="; ".join(dict.fromkeys(said)))
    rows = [(f"{e['count']} {e['verdict']}", ", ".join(c["number"] for c in e["claims"])) for e in entries]
    data = {"id": "claims-scoreboard", "title": title, "entries": entries, "findings": ledger.findings().to_json()}
    return Block("scoreboard", data, listing(rows, title))


def _short(v: Verdict) -> dict[str, str]:
    text = v.claim.said.removesuffix(".") + narrowly(v)
    return {"number": str(v.claim.number), "text": text, "href": f"#claim-{v.claim.id}"}
