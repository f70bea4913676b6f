"""Blocks of the brief beside its figure: the claims of the column, a line each, and the findings it speaks."""

from __future__ import annotations

from korus_research.chapters.claims.blocks import TONES
from korus_research.chapters.claims.kinds.reasons import deciding
from korus_research.chapters.claims.ledger import Ledger
from korus_research.chapters.summary.facts import names_told, rounded
from korus_research.data.period import day_text
from korus_research.data.study import Study
from korus_research.show.blocks import Block, listing
from korus_research.show.declared import made
from korus_research.show.finding import Findings
from korus_research.show.words.prose import Prose
from korus_research.show.words.text import Words

WORDS = Words("summary")


def told(study: Study, findings: Findings) -> Findings:
    """Return the findings of the report and the brief's own, with the names that sentences of the brief use."""
    return findings | made("summary", rounded(findings), {**findings.names, **names_told(study, findings)})


def column(ledger: Ledger) -> Prose | None:
    """Return a line about the column whose claims are judged; None where it had not been written."""
    if not ledger.featured:
        return None
    source = ledger.featured[0].source
    about = {"column_title": source.title, "column_by": source.who, "column_day": day_text(source.date)}
    return WORDS.say("column", **about)


def verdict_rows(ledger: Ledger) -> Block | None:
    """Return the featured claims, a line each with verdict and deciding number; None where none had been made."""
    if not ledger.featured:
        return None
    rows = [
        {
            "said": v.claim.short,
            "number": str(v.claim.number),
            "verdict": v.word,
            "tone": TONES[v.word],
            "deciding": deciding(v, ledger.names),
            "href": f"#claim-{v.claim.id}",
        }
        for v in ledger.featured
    ]
    data = {"id": "column", "rows": rows, "findings": ledger.findings().to_json()}
    shown = [(row["said"], f"{row['verdict']}: {row['deciding']}") for row in rows]
    return Block("verdicts", data, listing(shown, WORDS.label("verdicts")))
