"""Trade by sector since the tables begin: who gained, beside which others, how concentrated (docs/methods/sectors.md).

Description only. The tables by sector begin after the agreement did, so that nothing here tells before from after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from korus_research.chapters.sectors.trade import SectorTrade, concentration, domestic_exports, sector_trade
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
    """Trade with one partner by sector.

    Attributes
    ----------
    agreement, baseline_year, study_names
        Whose trade is studied, the year that points from before the agreement start from, and the study's names.
    trade : mapping of flow to SectorTrade
        Exports by HS chapter, imports for consumption by NAICS industry, each on its own basis.
    totals : DataFrame
        Years by flow: goods trade of the flows chapter (general imports), complete years, USD billion.
    published : DataFrame
        Years by sector of the US International Trade Commission, exports in USD billion; empty where none are held.
    domestic : DataFrame
        `sector_exports_domestic`: domestic exports by sector from before the tables begin; may be empty.
    shares : mapping of flow to DataFrame
        Years by sector of the World Input-Output Database, percent of goods; empty where the pair is not held.
    labels : Series
        How the report names a sector or group, by (classification, code or group).
    """

    agreement: Agreement
    baseline_year: int
    study_names: Mapping[str, str]
    trade: Mapping[Flow, SectorTrade]
    totals: pd.DataFrame
    published: pd.DataFrame
    domestic: pd.DataFrame
    shares: Mapping[Flow, pd.DataFrame]
    labels: pd.Series[str]

    @property
    def years(self) -> list[int]:
        """Years complete in both flows."""
        return sorted(set(self.trade["exports"].years) & set(self.trade["imports"].years))

    @property
    def first(self) -> int:
        """First year complete in both flows, from which changes are counted."""
        return self.years[0]

    @property
    def last(self) -> int:
        """Last year complete in both flows."""
        return self.years[-1]

    @property
    def end(self) -> int:
        """The year of the main comparison.

        The agreement's evaluation year, or the last year held if that comes first or the evaluation year does not come
        after the first.
        """
        wanted = self.agreement.evaluation_year
        return wanted if wanted in self.years and wanted > self.first else self.last

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
        """Return how the report names a group of a flow."""
        groups = self.trade[flow].groups
        return str(groups.loc[groups["group"] == group, "group_name"].iloc[0])

    def block_of(self, flow: Flow, group: str) -> str:
        """Return the block that a group belongs to."""
        groups = self.trade[flow].groups
        return str(groups.loc[groups["group"] == group, "block"].iloc[0])

    def contributions(self, flow: Flow, end: int) -> pd.DataFrame:
        """Return contributions by group to the change from the first year to `end`; see `contributions`."""
        trade = self.trade[flow]
        return contributions(trade.own, trade.groups["group"], first=self.first, last=end)

    def shift(self, flow: Flow, end: int, *, energy: bool = True) -> pd.DataFrame:
        """Return the shift-share by code from the first year to `end`, USD billion; see `shift_share`."""
        trade = self.trade[flow]
        own, elsewhere = (trade.chosen(table, energy=energy) for table in (trade.own, trade.elsewhere))
        ends = (own.T[self.first], own.T[end], elsewhere.T[self.first], elsewhere.T[end])
        return shift_share(*ends)

    def shift_by_group(self, flow: Flow, end: int) -> pd.DataFrame:
        """Return the shift-share by group, sorted by the local shift from the largest down."""
        groups = self.trade[flow].groups["group"]
        parts = self.shift(flow, end)
        return parts.groupby(groups.reindex(parts.index)).sum().sort_values("local", ascending=False)

    @cached_property
    def concentration(self) -> pd.DataFrame:
        """How far each flow rests on few sectors; see `trade.concentration`."""
        return concentration(self.trade["exports"], self.trade["imports"])

    def growth_by_partner(self, block: str, end: int) -> pd.Series[float]:
        """Return percent growth of exports of a block by single partner; partners without one of the years left out."""
        table = self.trade["exports"].blocks[block].unstack("year")
        if self.first not in table or end not in table:
            return pd.Series(dtype=float)
        start = table[self.first]
        growth: pd.Series[float] = 100 * (table[end] / start.where(start > 0) - 1)
        return growth.dropna()

    def published_contributions(self, end: int) -> pd.DataFrame | None:
        """Return contributions by the Commission's sectors to the change of their own sum; None without both years."""
        table = self.published.fillna(0.0)
        if self.first == end or not {self.first, end} <= set(table.index):
            return None
        return contributions(table, table.columns.to_series(), first=self.first, last=end)

    def domestic_exports(self, sector: str, partner: str) -> pd.Series[float]:
        """Return domestic exports of one of the Commission's sectors by year, newest edition first, USD billion."""
        return domestic_exports(self.domestic, sector, partner)

    def basis_gap(self, flow: Flow, year: int) -> float | None:
        """Return the sum of sectors less the total of the flows chapter in a year, USD billion; None without either."""
        sums, totals = self.trade[flow].total(), self.totals[flow]
        if year not in sums.index or year not in totals.index:
            return None
        return float(sums.loc[year] - totals.loc[year])

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
    """Return trade with the partner by sector; errors as `analyse_sectors`."""
    return analyse_sectors(
        study.load("sector_exports_annual"),
        study.load("sector_imports_annual"),
        study.load("sector_groups"),
        study.load("goods_trade_monthly"),
        study.load("sector_exports_usitc"),
        study.load("sector_exports_domestic"),
        study.load("wiod_sector_shares"),
        agreement=study.agreement,
        baseline_year=study.parameters.baseline_year,
        names=study.names,
    )


def analyse_sectors(
    exports: pd.DataFrame,
    imports: pd.DataFrame,
    groups: pd.DataFrame,
    trade: pd.DataFrame,
    published: pd.DataFrame,
    domestic: pd.DataFrame,
    shares: pd.DataFrame,
    *,
    agreement: Agreement,
    baseline_year: int,
    names: Mapping[str, str],
) -> Sectors:
    """Compile trade by sector.

    Parameters
    ----------
    exports, imports : DataFrame
        `sector_exports_annual` and `sector_imports_annual`.
    groups : DataFrame
        `sector_groups`.
    trade : DataFrame
        `goods_trade_monthly`, for the totals of the flows chapter.
    published, domestic, shares : DataFrame
        `sector_exports_usitc`, `sector_exports_domestic` and `wiod_sector_shares`; may hold nothing of this pair.
    names : mapping
        The names that sentences of the study use.

    Raises
    ------
    MissingPartner
        A table lacks the partner or the world.
    MissingFigures
        Fewer than two years are complete in both flows.
    """
    partner = agreement.partner.census_code
    tables: dict[Flow, pd.DataFrame] = {"exports": exports, "imports": imports}
    made = {f: sector_trade(table, groups, partner=partner, flow=f) for f, table in tables.items()}
    years = set(made["exports"].years) & set(made["imports"].years)
    if len(years) < 2:
        raise MissingFigures(
            f"Trade by sector with partner '{partner}' holds {len(years)} complete years of both flows",
            expected="two at least, or there is no change",
            do="Choose a later month (as_of), or leave the chapter out",
        )
    monthly = monthly_flows(trade, partner=partner)
    here, there = agreement.reporter.iso3, agreement.partner.iso3
    ends: dict[Flow, tuple[str, str]] = {"exports": (here, there), "imports": (there, here)}
    named = pd.concat([groups.set_index(["classification", key])["group_name"] for key in ("code", "group")])
    own = published[published["partner"] == partner]
    return Sectors(
        agreement=agreement,
        baseline_year=baseline_year,
        study_names=names,
        trade=made,
        totals=complete_years(monthly[list(FLOWS)].dropna()) / MN_PER_BN,
        published=own.pivot(index="year", columns="sector", values="value_usd_mn") / MN_PER_BN,
        domestic=domestic,
        shares={flow: _shares(shares, *pair) for flow, pair in ends.items()},
        labels=named[~named.index.duplicated()],
    )


def _shares(table: pd.DataFrame, exporter: str, importer: str) -> pd.DataFrame:
    rows = table[(table["exporter"] == exporter) & (table["importer"] == importer)]
    return rows.pivot(index="year", columns="code", values="share_pct").fillna(0.0)
