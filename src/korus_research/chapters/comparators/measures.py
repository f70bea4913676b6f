"""The partner beside others: index, growth gaps, shares of the reporter's trade, ranks (docs/methods/comparators.md).

Description only: a gap to other partners is not an effect. Census basis, nominal US dollars, so that all partners are
measured by the same agency in the same way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from korus_research.data.study import Study, measured
from korus_research.methods.series import FLOWS, WORLD, Flow, complete_years, monthly_flows, trailing_year
from korus_research.show.declared import Result
from korus_research.show.words.text import Words

REST = "rest"
WORDS = Words("comparators")


@dataclass(frozen=True, slots=True)
class ComparatorsSpec:
    """Whom the partner is compared with, and between which years.

    `new_agreement` holds the partners with which an agreement of the reporter entered into force after the baseline
    year; the group "partners without a new agreement" is the world less these and less the partner itself.
    """

    partner: str
    peers: tuple[str, ...]
    new_agreement: tuple[str, ...]
    baseline_year: int
    evaluation_year: int
    first_full_year: int
    partner_names: Mapping[str, str]
    names: Mapping[str, str] = field(default_factory=dict)


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
        Partner's share of the reporter's exports, imports and two-way goods trade by year, percent.
    ranks : DataFrame
        Partner's rank among single countries by year and flow (`two_way` too); 1 is the largest.
    vintages : tuple of str
        Of which vintage the figures of the last complete year are: the partner's, the world's.
    """

    spec: ComparatorsSpec
    index: Mapping[Flow, pd.DataFrame]
    annual: Mapping[Flow, pd.DataFrame]
    shares: pd.DataFrame
    ranks: pd.DataFrame
    vintages: tuple[str, str]

    @property
    def evaluation_year(self) -> int | None:
        """The evaluation year, or the last year with a world total; None before the first full year."""
        world = self.annual["exports"][WORLD].dropna()
        year = min(self.spec.evaluation_year, int(world.index[-1])) if len(world) else 0
        return year if year >= self.spec.first_full_year else None

    @property
    def last_year(self) -> int:
        """Last complete year with a world total."""
        return int(self.annual["exports"][WORLD].dropna().index[-1])

    @property
    def ends(self) -> tuple[int, ...]:
        """Years after the baseline year to which growth is counted: the evaluation year and the last, each once."""
        years = dict.fromkeys((self.evaluation_year, self.last_year))
        return tuple(year for year in years if year and year > self.spec.baseline_year)

    @property
    def years(self) -> tuple[int, ...]:
        """The baseline year, the evaluation year and the last year, each once."""
        years = dict.fromkeys((self.spec.baseline_year, self.evaluation_year, self.last_year))
        return tuple(year for year in years if year)

    @property
    def share_decimals(self) -> int:
        """Decimals of the shares in percent: two, and three where a share of the baseline year is below a tenth."""
        baseline = self.spec.baseline_year
        small = baseline in self.shares.index and float(self.shares.loc[baseline].to_numpy(float).min()) < 0.1
        return 3 if small else 2

    def growth(self, flow: Flow, end: int | None) -> pd.Series:
        """Percent growth from the baseline year to `end` by column; NaN where a year is missing."""
        table = self.annual[flow]
        if end is None or end not in table.index or self.spec.baseline_year not in table.index:
            return pd.Series(float("nan"), index=table.columns)
        growth: pd.Series[float] = 100 * (table.T[end] / table.T[self.spec.baseline_year] - 1)
        return growth

    def name(self, code: str) -> str:
        """Return how a chart or table names a column."""
        columns = WORDS.labels("columns")
        return columns[code] if code in columns else self.spec.partner_names.get(code, code)

    def to_frame(self) -> pd.DataFrame:
        """Return the index in long form: month, flow, partner, index."""
        frames = [
            table.melt(ignore_index=False, var_name="partner", value_name="index").assign(flow=flow).reset_index()
            for flow, table in self.index.items()
        ]
        return pd.concat(frames, ignore_index=True).dropna()

    def __repr__(self) -> str:
        peers = ", ".join(self.name(code) for code in self.spec.peers)
        return f"Comparators({self.name(self.spec.partner)} against {peers}; to {self.last_year})"


def comparison(trade: pd.DataFrame, partners: pd.DataFrame, *, spec: ComparatorsSpec) -> Comparators:
    """Compile the comparison.

    Parameters
    ----------
    trade : DataFrame
        month, partner, flow, value_usd_mn, vintage for all partners and the world.
    partners : DataFrame
        partner, name, aggregate (bool): which codes are single countries.

    Raises
    ------
    MissingPartner
        The partner, a peer or the world has no rows.
    """
    codes = dict.fromkeys((spec.partner, *spec.peers, WORLD, *spec.new_agreement))
    monthly = {code: monthly_flows(trade, partner=code) for code in codes}
    excluded = list(dict.fromkeys((spec.partner, *spec.new_agreement)))
    annual: dict[Flow, pd.DataFrame] = {}
    index: dict[Flow, pd.DataFrame] = {}
    shown = [spec.partner, *(p for p in spec.peers if p != spec.partner), WORLD]
    for flow in FLOWS:
        series = pd.DataFrame({code: monthly[code][flow] for code in codes})
        series[REST] = series[WORLD] - series[excluded].sum(axis=1, min_count=len(excluded))
        columns = [*shown, REST]
        # Each column ends where its own source ends: complete years and 12-month sums are taken one by one.
        years = {c: complete_years(series[[c]].dropna())[c] for c in columns}
        sums = {c: trailing_year(series[[c]].dropna())[c] for c in columns}
        annual[flow] = pd.DataFrame(years)
        base = annual[flow].loc[spec.baseline_year]
        index[flow] = 100 * pd.DataFrame(sums)[columns] / base
    last = annual["exports"][WORLD].dropna().index[-1]
    december = trade[trade["month"] == f"{last}-12"]
    own, world = (str(december.loc[december["partner"] == code, "vintage"].iloc[0]) for code in (spec.partner, WORLD))
    ranks = _ranks(trade, partners, spec.partner)
    return Comparators(spec, index, annual, _shares(annual, spec.partner), ranks, (own, world))


def _shares(annual: Mapping[Flow, pd.DataFrame], partner: str) -> pd.DataFrame:
    own = pd.DataFrame({flow: annual[flow][partner] for flow in FLOWS})
    world = pd.DataFrame({flow: annual[flow][WORLD] for flow in FLOWS})
    own["two_way"], world["two_way"] = own.sum(axis=1, min_count=2), world.sum(axis=1, min_count=2)
    return (100 * own / world).dropna()


def _ranks(trade: pd.DataFrame, partners: pd.DataFrame, partner: str) -> pd.DataFrame:
    """Rank single countries by year, using only years in which the world total is complete."""
    single = set(partners.loc[~partners["aggregate"], "partner"])
    year = trade["month"].str[:4].astype(int)
    months = trade.loc[trade["partner"] == WORLD].groupby(year)["month"].nunique()
    full = months[months == 12].index
    rows = trade.loc[trade["partner"].isin(single) & year.isin(full)]
    sums = rows.groupby([year.loc[rows.index].rename("year"), "partner", "flow"])["value_usd_mn"].sum().unstack("flow")
    sums["two_way"] = sums.sum(axis=1)
    ranked = sums.groupby(level="year").rank(ascending=False, method="min")
    own: pd.DataFrame = ranked.loc[ranked.index.get_level_values("partner") == partner].droplevel("partner")
    return own.astype(int)[[*FLOWS, "two_way"]]


@measured
def of(study: Study) -> Comparators:
    """Return the partner beside the world, partners without a new agreement and the peers."""
    a, p = study.agreement, study.parameters
    agreements = study.load("us_agreements")
    since = agreements["in_force"].str[:7]
    new = agreements.loc[(since.str[:4].astype(int) > p.baseline_year) & (since <= p.as_of), "partner"]
    own = a.partner.census_code
    spec = ComparatorsSpec(
        partner=own,
        peers=p.comparators,
        new_agreement=tuple(c for c in dict.fromkeys(new) if c != own),
        baseline_year=p.baseline_year,
        evaluation_year=a.evaluation_year,
        first_full_year=a.first_full_year,
        partner_names=study.partner_names,
        names=study.names,
    )
    return comparison(study.load("goods_trade_monthly"), study.load("partners"), spec=spec)
