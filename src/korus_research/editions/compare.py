"""Agreements side by side: the few findings that a manifest carries, and what the index shows of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.show.finding import Finding, Findings

if TYPE_CHECKING:
    from korus_research.editions.edition import Edition

EFFECTS = ("counterfactual.exports.effect", "counterfactual.imports.effect")
BALANCES = ("flows.balance.baseline", "flows.balance.latest.end")
CLAIMS = ("claims.holds", "claims.testable", "claims.total")
COMPARED = (*EFFECTS, *BALANCES, *CLAIMS)


@dataclass(frozen=True)
class Row:
    """One agreement among others: its newest report, the effects and balances it found, and its claims counted."""

    name: str
    address: str
    years: str
    effects: tuple[Finding | None, ...]
    balances: tuple[Finding | None, ...]
    claims: tuple[str, ...]


def compared(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of an edition's findings, as JSON, that the index compares."""
    return {key: findings[key] for key in COMPARED if key in findings}


def comparison(editions: Iterable[Edition], out: Path) -> list[Row]:
    """Return a row for the newest edition of each agreement that has an HTML report with findings to compare."""
    newest: dict[str, Edition] = {}
    for edition in editions:
        known = newest.setdefault(str(edition.manifest["agreement"]), edition)
        if str(edition.manifest["as_of"]) > str(known.manifest["as_of"]):
            newest[str(edition.manifest["agreement"])] = edition
    return [row for edition in newest.values() if edition.html and (row := _row(edition, edition.html, out))]


def _row(edition: Edition, report: Path, out: Path) -> Row | None:
    found = dict(Findings.from_json(edition.manifest.get("compared", {}).values()))
    if not found:
        return None
    effects = tuple(found.get(key) for key in EFFECTS)
    claims = tuple(found[key].text("number") for key in CLAIMS if key in found)
    return Row(
        name=str(edition.manifest["name"]),
        address=report.relative_to(out).as_posix(),
        years=next((effect.period for effect in effects if effect is not None and effect.value is not None), ""),
        effects=effects,
        balances=tuple(found.get(key) for key in BALANCES),
        claims=claims if len(claims) == len(CLAIMS) else (),
    )
