"""The ledger as cards: those of the column, and rows that open for all other claims."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from korus_research.chapters.claims.kinds.details import details
from korus_research.chapters.claims.kinds.expectations import gravity_alone
from korus_research.chapters.claims.kinds.reasons import changes, deciding, reason
from korus_research.chapters.claims.ledger import IDS, OPEN, UNTESTED, Ledger, Verdict
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.chapters.claims.measures import of as claims_of
from korus_research.chapters.gathered import gathered
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.chapters.notebooks import titles
from korus_research.data.study import Study, known
from korus_research.show.blocks import Block, listing
from korus_research.show.figure import to_csv
from korus_research.show.finding import Findings
from korus_research.show.table import DASH
from korus_research.show.words.sentence import speak
from korus_research.show.words.text import Words

WORDS = Words("claims")
TONES = {**IDS, OPEN: IDS[UNTESTED]}


def judged_ledger(study: Study, findings_file: str = "") -> Ledger:
    """Return the ledger, with gravity from the run's `findings_file`, or else as remembered or estimated.

    Raises UnknownFinding: the file is not a list of findings.
    """
    if findings_file:
        found = gathered(study, findings_file)
    else:  # an agreement outside the panel: claims go without gravity
        found = known(lambda months: gravity_of(months).findings(), study) or Findings()
    # Gravity alone, in one order: the ledger is the same, and remembered as the same, wherever that comes from.
    return claims_of(study, gravity_alone(found) or None)


def column_cards(ledger: Ledger) -> Block | None:
    """Return the claims of the column as cards; None before it was written."""
    return _cards(ledger, "claims-column", "column", ledger.featured)


def claim_cards(ledger: Ledger) -> Block | None:
    """Return the claims of all other speakers as rows that open; None before any. The CSV holds all claims."""
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
    return {
        "id": f"claim-{v.claim.id}",
        "number": str(v.claim.number),
        "verdict": v.word,
        "tone": TONES[v.word],
        "said": v.claim.said,
        "measured": _measured(v, ledger),
        "basis": v.first.basis if v.first and v.value is not None else DASH,
        "deciding": deciding(v, ledger.names),
        "reason": reason(v, ledger.names),
        "why": details(v, ledger),
        "link": f"#ch-{v.claim.chapter}" if v.claim.chapter else None,
        "link_text": titles().get(v.claim.chapter),
        "source": "" if v.source.featured else WORDS.label("card.source", who=who, pages=v.source.links),
        "compact": not v.source.featured,
        "who": who,
        "speaker": load_lexicon().speaker[v.source.speaker].label,
        "topic": v.claim.topic,
    }


def _measured(v: Verdict, ledger: Ledger) -> str:
    """Return the measure in Markdown, its number linked to its definition."""
    if v.value is None:
        return WORDS.label("amount.none")
    template = WORDS.labels("amount")["change" if changes(v) else "level"]
    return speak(template.replace("claims.value", f"claims.{v.claim.id}"), ledger.findings()).markdown
