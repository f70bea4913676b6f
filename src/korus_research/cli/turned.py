"""Findings that change sign or state when one data package replaces another, by revisions or by new months."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from korus_research.data.catalog import Catalog
    from korus_research.show.finding import Finding, Findings

# Computed in seconds; the others take up to a minute, and `korus diff` compares them once there are two editions.
QUICK = ("flows", "comparators", "tariffs", "sectors")


@dataclass(frozen=True)
class Turn:
    """A finding that turned: its label, its old and new text, and the cause."""

    id: str
    label: str
    was: str
    now: str
    by: Literal["revision", "new months"]


def turned(before: Catalog, after: Catalog, changed: Iterable[str], *, topics: tuple[str, ...] = QUICK) -> list[Turn]:
    """Return the findings of `topics` that depend on a changed table and turn between two packages.

    Those that turn at the last month of `before` turned by a revision, those that turn after it by new months. Findings
    that only one package has are left out.
    """
    from korus_research.chapters.study import open_study

    if not (tables := frozenset(changed)):
        return []
    old = open_study(catalog=before)
    revised = open_study(as_of=old.parameters.as_of, catalog=after)
    newest = open_study(catalog=after)
    found: list[Turn] = []
    for topic in topics:
        one = getattr(old, topic)().findings()
        if not any(tables & {*finding.datasets} for finding in one.values()):
            continue
        two = getattr(revised, topic)().findings()
        found += _between(one, two, tables, "revision")
        if newest.parameters.as_of != old.parameters.as_of:
            found += _between(two, getattr(newest, topic)().findings(), tables, "new months")
    return found


def _between(
    one: Findings, two: Findings, tables: frozenset[str], by: Literal["revision", "new months"]
) -> Iterator[Turn]:
    for id_, was in one.items():
        now = two.get(id_)
        if now is not None and tables & {*was.datasets} and (said := _said(was)) and _said(now) and _turns(was, now):
            yield Turn(id_, now.label, said, _said(now), by)


def _turns(was: Finding, now: Finding) -> bool:
    if was.state or now.state:
        return was.state != now.state
    signs = [
        0 if not one.value or abs(one.value) < 0.5 * 10.0**-one.decimals else math.copysign(1, one.value)
        for one in (was, now)
    ]
    return signs[0] * signs[1] < 0


def _said(finding: Finding) -> str:
    """Return a finding's state or value as text; "" if it has none."""
    if finding.state:
        return finding.state
    return "" if finding.value is None else f"{finding.value:,.{finding.decimals}f}"
