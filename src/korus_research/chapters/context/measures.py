"""The context of the trade: dated events, and the partner's share in it (docs/methods/context.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.comparators.vintage import of_one_release
from korus_research.data.agreements import Agreement
from korus_research.data.agreements.parts import Event
from korus_research.data.study import Study, measured
from korus_research.methods.series import WORLD, complete_years, monthly_flows
from korus_research.show.declared import Result


@dataclass(frozen=True)
class Context(Result):
    """The agreement as known at the end of a month, and shares of two-way goods trade.

    `shares` holds percent of the reporter's two-way goods trade by complete year; columns partner codes and group keys.
    `as_of` is the month, "YYYY-MM".
    """

    agreement: Agreement
    partner_names: Mapping[str, str]
    names: Mapping[str, str]
    shares: pd.DataFrame
    as_of: str

    @property
    def events(self) -> tuple[Event, ...]:
        """The dated events until then, oldest first."""
        return self.agreement.events_until(self.as_of)

    @property
    def marked(self) -> tuple[Event, ...]:
        """Those of them that the timeline marks."""
        return tuple(event for event in self.events if event.headline)

    @property
    def last_year(self) -> int:
        """Last complete year with a world total."""
        return int(self.shares.index[-1])

    @property
    def evaluation_year(self) -> int:
        """The evaluation year, or the last complete year before it."""
        return min(self.agreement.evaluation_year, self.last_year)

    @property
    def beside(self) -> tuple[str, ...]:
        """Keys of the groups, and codes of the other partners that are in none of them."""
        groups = self.agreement.context_groups
        within = {member for group in groups for member in group.members}
        others = (c.census_code for c in self.agreement.context_partners)
        return (*(group.key for group in groups), *(code for code in others if code not in within))

    def name(self, code: str) -> str:
        """Return the name of a column of `shares`, for charts and tables."""
        groups = {group.key: group.name for group in self.agreement.context_groups}
        return groups.get(code) or self.partner_names.get(code, code)

    def share(self, code: str, year: int) -> float | None:
        """Return a share in percent, or None where the year is not complete."""
        return float(self.shares[code].loc[year]) if year in self.shares.index and code in self.shares else None

    def to_frame(self) -> pd.DataFrame:
        """Return the shares by year, percent."""
        return self.shares.copy()

    def __repr__(self) -> str:
        return f"Context({self.agreement.partner.short}, {len(self.shares.columns)} shares to {self.last_year})"


@measured
def of(study: Study) -> Context:
    """Return the shares of the reporter's goods trade.

    Raises MissingPartner: a partner, a member of a group or the world has no rows.
    """
    a, trade = study.agreement, of_one_release(study)

    def two_way(code: str) -> pd.Series:
        annual = complete_years(monthly_flows(trade, partner=code))
        return annual["exports"] + annual["imports"]

    codes = dict.fromkeys((a.partner.census_code, *(c.census_code for c in a.context_partners)))
    columns = {code: two_way(code) for code in codes}
    for group in a.context_groups:
        members = [two_way(code) for code in group.members]
        columns[group.key] = pd.concat(members, axis=1).sum(axis=1, min_count=len(members))
    shares = 100 * pd.DataFrame(columns).div(two_way(WORLD), axis=0)
    return Context(a, study.partner_names, study.names, shares.dropna(), study.parameters.as_of)
