"""Agreements side by side: the few findings that a manifest carries, and the table that the index makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from korus_research.show.finding import Finding, Findings

if TYPE_CHECKING:
    from korus_research.editions.edition import Edition

EFFECTS = ("counterfactual.exports.effect", "counterfactual.imports.effect")
BALANCES = ("flows.balance.baseline", "flows.balance.latest.end")
CLAIMS = ("claims.holds", "claims.testable", "claims.total")
COMPARED = (*EFFECTS, *BALANCES, *CLAIMS)

_HEADERS = ("Agreement", "Years", "Effect on exports", "Effect on imports", "Balance before", "Balance now", "Claims")
_NOTE = (
    "Effects: the declared main estimate, a synthetic path of other US partners, and the range that its placebo test "
    "leaves (90 percent). Where the range includes zero, an effect can't be told from none. Balances: US goods, "
    "nominal. Claims: how many of those that the figures can test are right. Each report says what its numbers can and "
    "can't carry; years and partners differ."
)
_NONE = "not estimated"


def compared(findings: Mapping[str, Any]) -> dict[str, Any]:
    """Return those of an edition's findings, as JSON, that the index compares."""
    return {key: findings[key] for key in COMPARED if key in findings}


def comparison(editions: Sequence[tuple[Edition, str]]) -> str:
    """Return an HTML table, empty where fewer than two editions can be compared.

    Parameters
    ----------
    editions : sequence of (Edition, str)
        One for each agreement, in the order of the rows, with the address of its report.
    """
    rows = [row for edition, address in editions if (row := _row(edition, address))]
    if len(rows) < 2:
        return ""
    head = "".join(f'<th scope="col">{name}</th>' for name in _HEADERS)
    return (
        '<section class="chapter" aria-labelledby="compared">\n<h2 id="compared">Agreements compared</h2>\n'
        '<div class="scroll" tabindex="0" role="region" aria-label="Agreements compared">\n<table>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{chr(10).join(rows)}\n</tbody>\n</table>\n</div>\n"
        f'<p class="note">{_NOTE}</p>\n</section>\n'
    )


def _row(edition: Edition, address: str) -> str:
    manifest = edition.manifest
    found = dict(Findings.from_json(manifest.get("compared", {}).values()))
    if not found:
        return ""
    name = f'<a href="{escape(address, quote=True)}">{escape(str(manifest["name"]))}</a>'
    effects = [found.get(key) for key in EFFECTS]
    years = next((effect.period for effect in effects if effect is not None and effect.value is not None), "")
    cells = [
        years,
        *map(_effect, effects),
        *(_balance(found.get(key)) for key in BALANCES),
        _claims(found),
    ]
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>'


def _effect(finding: Finding | None) -> str:
    if finding is None or finding.value is None:
        return _NONE
    if finding.low is None or finding.high is None:
        return f"{finding.text('signed')} (no range)"
    return f"{finding.text('signed')} ({finding.text('range')})"


def _balance(finding: Finding | None) -> str:
    return f"{finding.text()}, {finding.period}" if finding is not None and finding.value is not None else "not held"


def _claims(found: Mapping[str, Finding]) -> str:
    values = [found[key].text("number") for key in CLAIMS if key in found]
    return (
        f"{values[0]} of {values[1]} tested hold; {values[2]} collected"
        if len(values) == len(CLAIMS)
        else "none collected"
    )


def newest(editions: Iterable[Edition]) -> list[Edition]:
    """Return the newest edition of each agreement, in the order in which the agreements come."""
    found: dict[str, Edition] = {}
    for edition in editions:
        known = found.get(str(edition.manifest["agreement"]))
        if known is None or str(edition.manifest["as_of"]) > str(known.manifest["as_of"]):
            found[str(edition.manifest["agreement"])] = edition
    return list(found.values())
