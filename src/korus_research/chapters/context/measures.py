"""How much the partner weighs: shares of the reporter's goods trade beside those of other partners (docs/methods/context.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from korus_research.data.study import Study, measured
from korus_research.methods.series import WORLD, complete_years, monthly_flows
from korus_research.show.declared import Result


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
class Context(Result):
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

    @property
    def beside(self) -> tuple[str, ...]:
        """Keys of the groups, and codes of the other partners that are in none of them."""
        within = {member for _, _, members in self.spec.groups for member in members}
        return (*(key for key, _, _ in self.spec.groups), *(c for c in self.spec.others if c not in within))

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

    def __repr__(self) -> str:
        return f"Context({self.name(self.spec.partner)}, {len(self.shares.columns)} shares to {self.last_year})"


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
    return shares_of_trade(study.load("goods_trade_monthly"), spec)


def shares_of_trade(trade: pd.DataFrame, spec: ContextSpec) -> Context:
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
