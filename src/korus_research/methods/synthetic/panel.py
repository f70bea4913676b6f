"""The panel of partners: the reporter's flows with every partner, by calendar year and by quarter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import MissingPartner
from korus_research.methods.series import FLOWS, WORLD, Flow

COVERED = 0.97  # share of world trade; the 47 economies of the newest months have less, complete years more


@dataclass(frozen=True)
class TradePanel:
    """Annual flows with single countries, Census basis, nominal USD million.

    Attributes
    ----------
    flows : mapping of flow to DataFrame
        Years by partner codes; NaN if a month is missing. Aggregates are not partners.
    totals : DataFrame
        Years by flow: the reporter's trade with the world; NaN if a month is missing.
    quarters : mapping of flow to DataFrame
        Quarters by partner codes, numbered 4 * year + 0 to 3; NaN if a month is missing.
    names : mapping
        Partner names by Census code.
    """

    flows: Mapping[Flow, pd.DataFrame]
    totals: pd.DataFrame
    names: Mapping[str, str]
    quarters: Mapping[Flow, pd.DataFrame] = field(default_factory=dict)

    def span(self, partner: str, *, around: int) -> tuple[int, int]:
        """First and last year of the run of usable years that contains `around`, or is nearest to it.

        A year is usable if both flows with `partner` are complete and positive and the world total is complete. Windows
        are cut to this run, so that a gap ends the data instead of causing an error later.

        Raises MissingPartner if there is no such year.
        """
        first, last = self.years
        held = [set(table.index[table[partner] > 0]) for table in self.flows.values() if partner in table]
        both = set.intersection(*held) if len(held) == len(FLOWS) else set()
        years = sorted(int(year) for year in both if first <= year <= last)
        if not years:
            raise MissingPartner(
                f"The trade table has no complete year for partner '{partner}'",
                expected="a Census Schedule C code with data",
                do="List the codes with `korus partners`",
            )
        begin = end = min(years, key=lambda year: (abs(year - around), year))
        while begin - 1 in both and begin - 1 >= first:
            begin -= 1
        while end + 1 in both and end + 1 <= last:
            end += 1
        return begin, end

    @cached_property
    def years(self) -> tuple[int, int]:
        """First and last year in which the partners add up to nearly all of world trade.

        The newest months are available for the largest partners only: a window into them would lose the other donors.
        """
        held = {flow: self.flows[flow].sum(axis=1) for flow in FLOWS if flow in self.totals}
        shares = pd.DataFrame(held) / self.totals
        whole = shares.index[(shares > COVERED).all(axis=1)]
        return int(whole[0]), int(whole[-1])

    def grid(self, flow: Flow, years: range) -> tuple[list[str], NDArray[np.float64]]:
        """Return the partners of one flow and their values, shape (partners, years); NaN for a missing year."""
        first, codes, values = self._grids[flow]
        found = np.full((len(codes), len(years)), np.nan)
        places = [(to, year - first) for to, year in enumerate(years) if 0 <= year - first < values.shape[1]]
        if places:
            to, of = zip(*places, strict=True)
            found[:, list(to)] = values[:, list(of)]
        return codes, found

    @cached_property
    def _grids(self) -> dict[Flow, tuple[int, list[str], NDArray[np.float64]]]:
        made: dict[Flow, tuple[int, list[str], NDArray[np.float64]]] = {}
        for flow, table in self.flows.items():
            first, last = int(table.index.min()), int(table.index.max())
            whole = table.reindex(range(first, last + 1)).to_numpy(float).T
            made[flow] = first, [str(code) for code in table.columns], np.ascontiguousarray(whole)
        return made

    def name(self, code: str) -> str:
        """Return a partner's name, or the code itself."""
        return self.names.get(code, code)


def annual_panel(trade: pd.DataFrame, partners: pd.DataFrame, names: Mapping[str, str]) -> TradePanel:
    """Sum complete calendar years by partner and flow; a year with a missing month is NaN, never scaled up.

    `trade` has the columns month ("YYYY-MM"), partner, flow, value_usd_mn; `partners` partner and aggregate (bool);
    `names` are partner names by code.
    """
    single = set(partners.loc[~partners["aggregate"].astype(bool), "partner"])
    rows = trade.loc[trade["partner"].isin(single | {WORLD}), ["partner", "flow", "month", "value_usd_mn"]]
    place, months = pd.factorize(rows["month"])  # some hundred months, of two hundred thousand rows
    quarters_of = np.array([4 * int(month[:4]) + (int(month[5:7]) - 1) // 3 for month in months], dtype=np.int64)
    quarter = pd.Series(quarters_of[place], index=rows.index, name="quarter")
    sums = rows.groupby([quarter, "flow", "partner"])["value_usd_mn"].agg(["sum", "count"])
    parts = pd.DataFrame(sums["sum"].where(sums["count"] == 3).unstack("partner").astype(float))
    year = (parts.index.get_level_values("quarter") // 4).rename("year")
    full = parts.groupby([year, parts.index.get_level_values("flow")]).sum(min_count=4)
    flows: dict[Flow, pd.DataFrame] = {}
    quarters: dict[Flow, pd.DataFrame] = {}
    totals = {}
    for flow in FLOWS:
        quarters[flow] = pd.DataFrame(parts.xs(flow, level="flow")).sort_index().drop(columns=WORLD)
        table = pd.DataFrame(full.xs(flow, level="flow")).sort_index()
        totals[flow] = table[WORLD]
        table = table.drop(columns=WORLD)
        table.columns = pd.Index([str(code) for code in table.columns], dtype=object, name="partner")
        flows[flow] = table
    return TradePanel(flows, pd.DataFrame(totals), dict(names), quarters)
