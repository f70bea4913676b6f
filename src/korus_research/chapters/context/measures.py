"""How much the partner weighs: shares of the reporter's goods trade beside those of other partners (methods 11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

import pandas as pd

from korus_research.chapters.flows.findings import CENSUS
from korus_research.data.study import Study, measured
from korus_research.methods.series import WORLD, complete_years, monthly_flows
from korus_research.show.finding import Finding, Findings

DATASETS = ("goods_trade_monthly", "partners")


class Event(Protocol):
    """What is counted of an event."""

    @property
    def date(self) -> date:
        """The day."""

    @property
    def kind(self) -> str:
        """What it is about."""


@dataclass(frozen=True, slots=True)
class ContextSpec:
    """Whose weight is compared: single partners, and groups such as neighbours (key, name, members)."""

    partner: str
    others: tuple[str, ...]
    groups: tuple[tuple[str, str, tuple[str, ...]], ...]
    evaluation_year: int
    partner_names: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """Shares of two-way goods trade.

    Attributes
    ----------
    shares : DataFrame
        Percent of the reporter's two-way goods trade by complete year; columns partner codes and group keys.
    """

    spec: ContextSpec
    shares: pd.DataFrame

    @property
    def last_year(self) -> int:
        """Last complete year with a world total."""
        return int(self.shares.index[-1])

    @property
    def evaluation_year(self) -> int:
        """The evaluation year, or the last complete year before it."""
        return min(self.spec.evaluation_year, self.last_year)

    def name(self, code: str) -> str:
        """Return how a chart or table names a column."""
        groups = {key: name for key, name, _ in self.spec.groups}
        return groups.get(code) or self.spec.partner_names.get(code, code)

    def share(self, code: str, year: int) -> float | None:
        """Return a share in percent, or None where the year is not complete."""
        return float(self.shares[code].loc[year]) if year in self.shares.index and code in self.shares else None

    def to_frame(self) -> pd.DataFrame:
        """Return the shares by year, percent."""
        return self.shares.copy()

    def findings(self) -> Findings:
        """Return what chapter 11 may say."""
        made = []
        for code in self.shares.columns:
            key = "partner" if code == self.spec.partner else code
            for name, year in (("evaluation", self.evaluation_year), ("latest", self.last_year)):
                made.append(
                    Finding(
                        f"context.share.{key}.{name}",
                        f"share of {self.name(code)} in US two-way goods trade",
                        self.share(code, year),
                        "percent",
                        str(year),
                        CENSUS,
                        DATASETS,
                        decimals=2,
                        repeats=f"context.share.{key}.evaluation"
                        if name == "latest" and self.last_year == self.evaluation_year
                        else None,
                    )
                )
        return Findings(tuple(made), self.spec.names)

    def __repr__(self) -> str:
        return f"Context({self.name(self.spec.partner)}, {len(self.shares.columns)} shares to {self.last_year})"


def event_findings(events: Sequence[Event], names: Mapping[str, str]) -> Findings:
    """Return how many dated events there are, in all and by kind, with ids `context.events.*`."""
    kinds = Counter(event.kind for event in events)
    years = [event.date.year for event in events]
    period = f"{min(years)} to {max(years)}" if years else "no events"
    made = [
        Finding(f"context.events.{key}", label, float(count), "count", period, "the agreement's list of events", ())
        for key, label, count in [
            ("total", "dated events", len(events)),
            *((kind, f"dated events: {kind}", kinds[kind]) for kind in ("trade", "tariff", "security", "politics")),
        ]
    ]
    span = {"events_first": str(min(years)), "events_last": str(max(years))} if years else {}
    return Findings(tuple(made), {**names, **span})


def analyse_context(trade: pd.DataFrame, *, spec: ContextSpec) -> Context:
    """Compile shares of two-way goods trade.

    Parameters
    ----------
    trade : DataFrame
        month, partner, flow, value_usd_mn.

    Raises
    ------
    MissingPartner
        A partner, a member of a group or the world has no rows.
    """

    def two_way(code: str) -> pd.Series:
        annual = complete_years(monthly_flows(trade, partner=code))
        return annual["exports"] + annual["imports"]

    world = two_way(WORLD)
    columns = {code: two_way(code) for code in dict.fromkeys((spec.partner, *spec.others))}
    for key, _, members in spec.groups:
        columns[key] = pd.concat([two_way(code) for code in members], axis=1).sum(axis=1, min_count=len(members))
    shares = 100 * pd.DataFrame(columns).div(world, axis=0)
    return Context(spec, shares.dropna())


@measured
def of(study: Study) -> Context:
    """Return the shares of the reporter's goods trade."""

    a = study.agreement
    spec = ContextSpec(
        partner=a.partner.census_code,
        others=tuple(c.census_code for c in a.context_partners),
        groups=tuple((g.key, g.name, g.members) for g in a.context_groups),
        evaluation_year=a.evaluation_year,
        partner_names=study.partner_names,
        names=study.names,
    )
    return analyse_context(study.load("goods_trade_monthly"), spec=spec)
