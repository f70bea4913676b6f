"""Trade by sector since the tables begin: who gained, and against which others (docs/methods/sectors.md).

Description only. The tables by sector begin after the agreement did, so that nothing here tells before from after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import nan
from typing import Literal

import pandas as pd

from korus_research.chapters.sectors.trade import CLASSIFICATION, SectorTrade, sector_trade
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.methods.decomposition import contributions, shift_share
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow, complete_years, monthly_flows
from korus_research.show.declared import Result
from korus_research.show.scale import Scale, scale_of

Span = Literal["evaluation", "latest"]
SPANS: tuple[Span, ...] = ("evaluation", "latest")


@dataclass(frozen=True)
class Sectors(Result):
    """Trade with one partner by sector."""

    agreement: Agreement
    baseline_year: int
    study_names: Mapping[str, str]
    trade: Mapping[Flow, SectorTrade]
    totals: pd.DataFrame  # goods trade of the flows chapter (general imports), complete years by flow, USD billion
    published: pd.DataFrame  # exports, years by sector of the Commission (USITC), USD billion; may be empty
    domestic: pd.DataFrame  # `sector_exports_domestic`: from before the tables begin; may be empty
    shares: Mapping[Flow, pd.DataFrame]  # percent of goods, years by sector of WIOD; empty where the pair is not held
    labels: pd.Series[str]  # how the report names a sector or group, by (classification, code or group)

    @property
    def years(self) -> list[int]:
        """Years complete in both flows."""
        return sorted(set(self.trade["exports"].years) & set(self.trade["imports"].years))

    @property
    def first(self) -> int:
        """The year that changes are counted from: the baseline year, or the first complete in both flows after it."""
        return max((year for year in self.years if year <= self.baseline_year), default=self.years[0])

    @property
    def last(self) -> int:
        """Last year complete in both flows."""
        return self.years[-1]

    @property
    def end(self) -> int:
        """The year of the main comparison: the agreement's evaluation year.

        Or the last year held, if that comes first or the evaluation year does not come after the first.
        """
        wanted = self.agreement.evaluation_year
        return wanted if wanted in self.years and wanted > self.first else self.last

    @property
    def ends(self) -> list[int]:
        """The years that changes are counted to: that of the main comparison, and the last one where it is later."""
        return list(dict.fromkeys((self.end, self.last)))

    @property
    def newest_exports(self) -> int:
        """Last complete year of exports, which may be later than `last`."""
        return self.trade["exports"].years[-1]

    @cached_property
    def scale(self) -> Scale:
        """How amounts are written: sectors are small beside totals."""
        return scale_of(*(float(self.trade[flow].total().loc[self.first]) / 10 for flow in FLOWS))

    def year(self, span: Span) -> int:
        """Return the year in which a span ends."""
        return self.end if span == "evaluation" else self.last

    def name(self, flow: Flow, group: str) -> str:
        """Return the name of a group of a flow in the report."""
        return str(self.labels[CLASSIFICATION[flow], group])

    def contributions(self, flow: Flow, end: int) -> pd.DataFrame:
        """Return contributions by group to the change from the first year to `end`; see `decomposition`."""
        trade = self.trade[flow]
        return contributions(trade.own, trade.groups["group"], first=self.first, last=end)

    def shift(self, flow: Flow, end: int, *, energy: bool = True) -> pd.DataFrame:
        """Return the shift-share by code from the first year to `end`, USD billion; see `decomposition`."""
        trade = self.trade[flow]
        own, elsewhere = (trade.chosen(table, energy=energy).T for table in (trade.own, trade.elsewhere))
        return shift_share(own[self.first], own[end], elsewhere[self.first], elsewhere[end])

    def basis_gap(self, flow: Flow, year: int) -> float:
        """Return the sum of sectors less the total of the flows chapter in a year, USD billion; NaN without either."""
        return float(self.trade[flow].total().get(year, nan) - self.totals[flow].get(year, nan))

    def to_frame(self) -> pd.DataFrame:
        """Return trade by sector in long form: flow, year, code, label, group, block, usd_bn, elsewhere_usd_bn."""
        frames = []
        for flow, trade in self.trade.items():
            own = trade.own.melt(ignore_index=False, var_name="code", value_name="usd_bn").reset_index()
            others = trade.elsewhere.melt(ignore_index=False, var_name="code", value_name="elsewhere_usd_bn")
            own = own.assign(elsewhere_usd_bn=others["elsewhere_usd_bn"].to_numpy(), flow=flow)
            frames.append(own.join(trade.groups[["label", "group", "block"]], on="code"))
        columns = ["flow", "year", "code", "label", "group", "block", "usd_bn", "elsewhere_usd_bn"]
        return pd.concat(frames, ignore_index=True)[columns]

    def __repr__(self) -> str:
        return f"Sectors({self.agreement.partner.short}; {self.first} to {self.last})"


@measured
def of(study: Study) -> Sectors:
    """Return trade with the partner by sector.

    MissingPartner where a table lacks the partner or the world, MissingFigures with fewer than two whole years in both.
    """
    partner, reporter = study.agreement.partner, study.agreement.reporter
    code, groups, shares = partner.census_code, study.load("sector_groups"), study.load("wiod_sector_shares")
    trade = {flow: sector_trade(study.load(f"sector_{flow}_annual"), groups, partner=code, flow=flow) for flow in FLOWS}
    years = set(trade["exports"].years) & set(trade["imports"].years)
    if len(years) < 2:
        raise MissingFigures(
            f"Trade by sector with partner '{code}' has {len(years)} complete years of both flows",
            expected="at least two, to measure a change",
            do="Choose a later month (as_of), or leave the chapter out",
        )
    monthly = monthly_flows(study.load("goods_trade_monthly"), partner=code)
    published = study.load("sector_exports_usitc").query("partner == @code")
    labels = pd.concat([groups.set_index(["classification", key])["group_name"] for key in ("code", "group")])
    return Sectors(
        agreement=study.agreement,
        baseline_year=study.parameters.baseline_year,
        study_names=study.names,
        trade=trade,
        totals=complete_years(monthly[list(FLOWS)].dropna()) / MN_PER_BN,
        published=published.pivot(index="year", columns="sector", values="value_usd_mn") / MN_PER_BN,
        domestic=study.load("sector_exports_domestic"),
        shares={
            "exports": _shares(shares, reporter.iso3, partner.iso3),
            "imports": _shares(shares, partner.iso3, reporter.iso3),
        },
        labels=labels[~labels.index.duplicated()],
    )


def _shares(table: pd.DataFrame, exporter: str, importer: str) -> pd.DataFrame:
    rows = table[(table["exporter"] == exporter) & (table["importer"] == importer)]
    return rows.pivot(index="year", columns="code", values="share_pct").fillna(0.0)
