"""The partner beside others: index, growth gaps, shares of the reporter's trade, ranks (docs/methods/comparators.md).

Description only: a gap to other partners is not an effect. Census basis, nominal US dollars, so that all partners are
measured by the same agency in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.comparators.vintage import of_one_release
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study, measured
from korus_research.methods.series import (
    FLOWS,
    MONTHS_A_YEAR,
    WORLD,
    Flow,
    complete_years,
    monthly_flows,
    trailing_year,
)
from korus_research.show.declared import Result
from korus_research.show.words.text import Words

REST = "rest"
SELECTED_FROM = 2025  # the newest release was read for 47 economies and the continents (docs/data.md)
RECENT = "recent"  # the 12 months to the last one, beside years
WORDS = Words("comparators")


@dataclass(frozen=True)
class Comparators(Result):
    """The partner, its peers, the world and the partners without a new agreement.

    Attributes
    ----------
    index : mapping of flow to DataFrame
        12-month sums by month, baseline year = 100; columns partner codes, `0015` (world) and `rest`.
    annual : mapping of flow to DataFrame
        Complete years, USD million, same columns.
    shares : DataFrame
        Partner's share of the reporter's exports, imports and two-way goods trade by year, percent; the partner's
        figures are of the vintage that the world's are.
    ranks : DataFrame
        Partner's rank among single countries by year and flow (`two_way` too); 1 is the largest. Missing where
        countries without figures may have had more.
    recent : DataFrame or None
        Columns share and rank, in the 12 months to the last of the world; index as the columns of `shares`. None where
        they are a calendar year.
    recent_end : str
        That month.
    vintages : tuple of str
        Of which vintage the figures of the last complete year are: the partner's, the world's.
    new_agreement : tuple of str
        Partners with which an agreement of the reporter entered into force after the baseline year: the group "partners
        without a new agreement" is the world less these and less the partner itself.
    """

    agreement: Agreement
    baseline_year: int
    peers: tuple[str, ...]
    new_agreement: tuple[str, ...]
    partner_names: Mapping[str, str]
    names: Mapping[str, str]
    index: Mapping[Flow, pd.DataFrame]
    annual: Mapping[Flow, pd.DataFrame]
    shares: pd.DataFrame
    ranks: pd.DataFrame
    recent: pd.DataFrame | None
    recent_end: str
    vintages: tuple[str, str]

    @property
    def partner(self) -> str:
        """Census code of the partner."""
        return self.agreement.partner.census_code

    @property
    def last_year(self) -> int:
        """Last complete year with a world total."""
        return int(self.annual["exports"][WORLD].dropna().index[-1])

    @property
    def evaluation_year(self) -> int | None:
        """The evaluation year, or the last year with a world total; None before the first full year."""
        year = min(self.agreement.evaluation_year, self.last_year)
        return year if year >= self.agreement.first_full_year else None

    @property
    def ends(self) -> tuple[int, ...]:
        """Years after the baseline year to which growth is counted: the evaluation year and the last, each once."""
        years = dict.fromkeys((self.evaluation_year, self.last_year))
        return tuple(year for year in years if year and year > self.baseline_year)

    @property
    def years(self) -> tuple[int, ...]:
        """The baseline year, the evaluation year and the last year, each once."""
        years = dict.fromkeys((self.baseline_year, self.evaluation_year, self.last_year))
        return tuple(year for year in years if year)

    @property
    def selected_from(self) -> str:
        """The year from which only the larger economies have figures; empty where nothing of it is shown."""
        return str(SELECTED_FROM) if max(int(self.recent_end[:4]), self.last_year) >= SELECTED_FROM else ""

    @property
    def share_decimals(self) -> int:
        """Decimals of the shares in percent: one, more where a share of the baseline year is below one or a tenth."""
        baseline = self.baseline_year
        smallest = float(self.shares.loc[baseline].to_numpy(float).min()) if baseline in self.shares.index else 1.0
        return 1 + (smallest < 1) + (smallest < 0.1)

    def growth(self, flow: Flow, end: int | None) -> pd.Series:
        """Percent growth from the baseline year to `end` by column; NaN where a year is missing."""
        before, after = (self.annual[flow].reindex([year or 0]).iloc[0] for year in (self.baseline_year, end))
        growth: pd.Series[float] = 100 * (after / before - 1)
        return growth

    def name(self, code: str) -> str:
        """Return the name of a column, for charts and tables."""
        return WORDS.labels("columns").get(code) or self.partner_names.get(code, code)

    def to_frame(self) -> pd.DataFrame:
        """Return the index in long form: month, flow, partner, index."""
        frames = [
            table.melt(ignore_index=False, var_name="partner", value_name="index").assign(flow=flow).reset_index()
            for flow, table in self.index.items()
        ]
        return pd.concat(frames, ignore_index=True).dropna()

    def __repr__(self) -> str:
        peers = ", ".join(self.name(code) for code in self.peers)
        return f"Comparators({self.name(self.partner)} against {peers}; to {self.last_year})"


@measured
def of(study: Study) -> Comparators:
    """Return the partner beside the world, partners without a new agreement and the peers.

    Raises MissingPartner: the partner, a peer or the world has no rows.
    """
    a, p, trade = study.agreement, study.parameters, study.load("goods_trade_monthly")
    own, agreements = a.partner.census_code, study.load("us_agreements")
    since = agreements["in_force"].str[:7]
    later = agreements.loc[(since.str[:4].astype(int) > p.baseline_year) & (since <= p.as_of), "partner"]
    new = tuple(code for code in dict.fromkeys(later) if code != own)
    shown = [own, *(code for code in p.comparators if code != own), WORLD]
    monthly = {code: monthly_flows(trade, partner=code) for code in dict.fromkeys((*shown, *new))}
    annual: dict[Flow, pd.DataFrame] = {}
    index: dict[Flow, pd.DataFrame] = {}
    for flow in FLOWS:
        series = pd.DataFrame({code: months[flow] for code, months in monthly.items()})
        series[REST] = series[WORLD] - series[[own, *new]].sum(axis=1, min_count=1 + len(new))
        columns = [*shown, REST]
        # Each column ends where its own source ends: complete years and 12-month sums are taken one by one.
        annual[flow] = pd.DataFrame({c: complete_years(series[[c]].dropna())[c] for c in columns})
        sums = pd.DataFrame({c: trailing_year(series[[c]].dropna())[c] for c in columns})
        index[flow] = 100 * sums[columns] / annual[flow].loc[p.baseline_year]
    december = trade[trade["month"] == f"{annual['exports'][WORLD].dropna().index[-1]}-12"]
    vintage = december.drop_duplicates("partner").set_index("partner")["vintage"]
    shares, ranks, recent, end = _places(of_one_release(study), study.load("partners"), own)
    return Comparators(
        agreement=a,
        baseline_year=p.baseline_year,
        peers=p.comparators,
        new_agreement=new,
        partner_names=study.partner_names,
        names=study.names,
        index=index,
        annual=annual,
        shares=shares,
        ranks=ranks,
        recent=recent,
        recent_end=end,
        vintages=(str(vintage[own]), str(vintage[WORLD])),
    )


def _places(
    trade: pd.DataFrame, partners: pd.DataFrame, partner: str
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame | None, str]:
    """Return share and rank by year, those of the 12 months to the world's last, and that month."""
    single = pd.Index(partners.loc[~partners["aggregate"], "partner"])
    months = trade.loc[trade["partner"] == WORLD, "month"].drop_duplicates()
    held = months.str[:4].astype(int).value_counts()
    year, end = trade["month"].str[:4].astype(int), str(months.max())
    yearly = {y: _sums(trade[year == y]) for y in sorted(held.index[held == MONTHS_A_YEAR])}
    places = {y: _place(sums, yearly, y, single, partner) for y, sums in yearly.items() if partner in sums.index}
    shares, ranks = (pd.DataFrame({y: place[name] for y, place in places.items()}).T for name in ("share", "rank"))
    late = trade[(trade["month"] > str(pd.Period(end, "M") - MONTHS_A_YEAR)) & (trade["month"] <= end)]
    sums = _sums(late[late.groupby("partner")["month"].transform("nunique") == MONTHS_A_YEAR])
    if end.endswith("-12") or not {partner, WORLD} <= set(sums.index):
        return shares.dropna(), ranks, None, end
    return shares.dropna(), ranks, _place(sums, yearly, int(end[:4]), single, partner), end


def _sums(trade: pd.DataFrame) -> pd.DataFrame:
    """Return trade by partner: exports, imports, two_way."""
    sums = trade.groupby(["partner", "flow"])["value_usd_mn"].sum().unstack()
    return sums.assign(two_way=sums["exports"] + sums["imports"])[[*FLOWS, "two_way"]]


def _place(
    sums: pd.DataFrame, yearly: Mapping[int, pd.DataFrame], year: int, single: pd.Index, partner: str
) -> pd.DataFrame:
    """Return the partner's share (percent) and rank by flow, of sums of `year`."""
    share = 100 * sums.loc[partner] / sums.loc[WORLD]
    return pd.DataFrame({"share": share, "rank": _rank(sums, yearly, year, single, partner)})


def _rank(
    sums: pd.DataFrame, yearly: Mapping[int, pd.DataFrame], year: int, single: pd.Index, partner: str
) -> pd.Series[float]:
    """Return the partner's rank by flow among single countries; missing where one without figures may have more.

    From 2025 on only the larger economies have figures. One that lacks them counts with its last year with figures.
    """
    held = sums[sums.index.isin(single)]
    ranked: pd.Series[float] = held.rank(ascending=False, method="min").T[partner]
    widest = max((y for y in yearly if y <= year and y > year - 5), key=lambda y: len(yearly[y]), default=year)
    before = yearly.get(widest, held)
    if len(held) > len(before) / 2:
        return ranked
    lacking = before[before.index.isin(single) & ~before.index.isin(held.index)].max()
    return ranked.where(lacking < held.T[partner])
