"""The entries of the list of editions: the facts in each manifest, and the changes since the previous edition."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from korus_research.editions.edition import Edition, pairs
from korus_research.publish.blocks.page import answer_in, picture_in
from korus_research.publish.meta import ReportMeta
from korus_research.show.finding import Finding, Findings

EFFECTS = ("counterfactual.exports.leading", "counterfactual.imports.leading")
BALANCES = ("flows.balance.baseline", "flows.balance.latest.end")
CLAIMS = ("claims.holds", "claims.testable", "claims.total")


def compared(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the findings of an edition, as JSON, that the index compares; they are stored in its manifest."""
    return {key: findings[key] for key in (*EFFECTS, *BALANCES, *CLAIMS) if key in findings}


def front(page: str, meta: ReportMeta, claims: str | None) -> dict[str, Any]:
    """Return the facts about an edition for the index, from its page and table of claims, to store in its manifest.

    Keys: title, question, answer (a sentence), picture (a file of the edition), published, verdicts (by claim).
    """
    picture = picture_in(page)
    return {
        "title": meta.title,
        "question": meta.subtitle,
        "answer": answer_in(page),
        "picture": f"figures/{picture}.svg" if picture else "",
        "published": meta.published_on,
        "verdicts": {row["id"]: [row["said"], row["verdict"]] for row in csv.DictReader(StringIO(claims or ""))},
    }


@dataclass(frozen=True)
class Change:
    """What is new since the previous edition: months of data, changed and new verdicts, changed estimates.

    `moved` has (claim, verdict before, verdict now), and is None if the older manifest has no verdicts; `effects` has
    (flow, estimate before, now) for those that differ.
    """

    before: str
    months: int
    moved: tuple[tuple[str, str, str], ...] | None
    new: int
    effects: tuple[tuple[str, Finding, Finding], ...]


def change(edition: Edition, before: Edition) -> Change:
    """Return the changes between two editions of one agreement, according to their manifests."""
    then, now = (one.manifest.get("front", {}).get("verdicts", {}) for one in (before, edition))
    moved = [
        (said, then[name][1], word) for name, (said, word) in now.items() if name in then and then[name][1] != word
    ]
    old, new = (_estimates(one) for one in (before, edition))
    pairs = [(key.split(".")[1], old[key], new[key]) for key in EFFECTS if key in old and key in new]
    return Change(
        before=str(before.manifest["edition"]),
        months=_month(edition) - _month(before),
        moved=tuple(moved) if then else None,
        new=len(set(now) - set(then)) if then else 0,
        effects=tuple(pair for pair in pairs if pair[1].text("signed") != pair[2].text("signed")),
    )


def with_changes(editions: Sequence[Edition]) -> list[tuple[Edition, Change | None]]:
    """Return the editions of one agreement, in the given order, each with the changes since the next older one."""
    older = {now.folder: before for before, now in pairs(editions)}
    return [(one, change(one, older[one.folder]) if one.folder in older else None) for one in editions]


def _estimates(edition: Edition) -> dict[str, Finding]:
    return dict(Findings.from_json(edition.manifest.get("compared", {}).values()))


def _month(edition: Edition) -> int:
    year, month = str(edition.manifest["as_of"]).split("-")
    return int(year) * 12 + int(month)
