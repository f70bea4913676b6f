"""The findings of the comparison with other partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pandas as pd

from korus_research.chapters.flows.findings import CENSUS, NO_FULL_YEAR
from korus_research.methods.series import FLOWS, WORLD
from korus_research.show.finding import Finding, Findings, Unit

if TYPE_CHECKING:
    from korus_research.chapters.comparators.measures import Comparators

DATASETS = ("goods_trade_monthly", "partners")


def comparator_findings(comparators: Comparators) -> Findings:
    """Return every finding of the comparison, with ids `comparators.*`."""
    made: list[Finding] = []
    spec = comparators.spec
    partner = spec.names.get("partner", spec.partner)
    last = comparators.last_year if comparators.last_year >= spec.first_full_year else None
    same = last == comparators.evaluation_year

    def add(id_: str, label: str, value: float | None, unit: Unit, period: str, decimals: int = -1) -> None:
        missing = value is None or value != value
        again = same and ".latest" in f".{id_}"
        made.append(
            Finding(
                f"comparators.{id_}",
                label,
                None if missing else value,
                unit,
                period,
                CENSUS,
                DATASETS,
                decimals=decimals,
                reason=NO_FULL_YEAR if missing else None,
                repeats=f"comparators.{id_.replace('latest', 'evaluation')}" if again else None,
            )
        )

    for name, end in (("evaluation", comparators.evaluation_year), ("latest", last)):
        period = f"{spec.baseline_year} to {end}" if end else f"from {spec.baseline_year}"
        for flow in FLOWS:
            noun = f"US goods {flow} {'to' if flow == 'exports' else 'from'}"
            growth = comparators.growth(flow, end)
            own = growth[spec.partner]
            add(f"{flow}.{name}.partner", f"growth of {noun} {partner}", own, "percent", period)
            add(f"{flow}.{name}.world", f"growth of {noun} the world", growth[WORLD], "percent", period)
            add(
                f"{flow}.{name}.rest",
                f"growth of {noun} partners without a new agreement",
                growth["rest"],
                "percent",
                period,
            )
            for other, key, whom in (
                (WORLD, "world", "the world"),
                ("rest", "rest", "partners without a new agreement"),
            ):
                label = f"growth of {noun} {partner} less that of {whom}"
                add(f"{flow}.{name}.gap_{key}", label, own - growth[other], "points", period)
            peers = growth[[p for p in spec.peers if p != spec.partner]].dropna()
            median = float(peers.median()) if len(peers) and own == own else None
            add(f"{flow}.{name}.peer_median", f"median growth of {noun} the peers", median, "percent", period)
            gap = None if median is None else own - median
            add(
                f"{flow}.{name}.gap_peers",
                f"growth of {noun} {partner} less the median of the peers",
                gap,
                "points",
                period,
            )
            above = float((peers > own).sum()) if own == own else None
            add(
                f"{flow}.{name}.peers_above",
                f"how many peers' {flow} grew faster than those of {partner}",
                above,
                "count",
                period,
            )
            add(f"{flow}.{name}.peers", "peers compared", float(len(peers)) if own == own else None, "count", period)
    _shares(comparators, add, partner)
    return Findings(tuple(made), spec.names)


class _Add(Protocol):
    def __call__(
        self, id_: str, label: str, value: float | None, unit: Unit, period: str, decimals: int = -1
    ) -> None: ...


def _shares(comparators: Comparators, add: _Add, partner: str) -> None:
    """Shares of US trade and ranks at the baseline, in the evaluation year and in the last complete year."""
    spec, shares, ranks = comparators.spec, comparators.shares, comparators.ranks
    decimals = comparators.share_decimals
    years = {
        "baseline": spec.baseline_year,
        "evaluation": comparators.evaluation_year,
        "latest": comparators.last_year if comparators.last_year >= spec.first_full_year else None,
    }
    nouns = {"exports": "US goods exports", "imports": "US goods imports", "two_way": "US two-way goods trade"}
    for what, noun in nouns.items():
        for name, year in years.items():
            share = _cell(shares, year, what)
            add(f"share.{what}.{name}", f"share of {partner} in {noun}", share, "percent", str(year), decimals)
            add(f"rank.{what}.{name}", f"rank of {partner} in {noun}", _cell(ranks, year, what), "rank", str(year))
            if name != "baseline":
                first, first_rank = _cell(shares, spec.baseline_year, what), _cell(ranks, spec.baseline_year, what)
                change = None if share is None or first is None else share - first
                period = f"{spec.baseline_year} to {year}"
                add(
                    f"share.{what}.{name}_change",
                    f"change of the share of {partner} in {noun}",
                    change,
                    "points",
                    period,
                    decimals,
                )
                rank = _cell(ranks, year, what)
                up = None if rank is None or first_rank is None else first_rank - rank
                add(f"rank.{what}.{name}_up", f"places gained by {partner} in {noun}", up, "count", period)


def _cell(table: pd.DataFrame, year: int | None, column: str) -> float | None:
    return float(table[column].loc[year]) if year is not None and year in table.index else None
