"""Wedges of the scenarios: duty rates and goods shares by economy, from the embedded tables.

A duty is levied on goods, the baseline's flows hold services too. So the wedge on a flow is the duty rate times the
goods share of the flow: of the input-output tables for the flows between the parties, of the balance of payments for
the reporter's imports from everyone else. Economies without a figure of their own get that of the remainder: all
partners less those that have one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from korus_research.chapters.scenarios.model.choices import ScenariosSpec
from korus_research.chapters.scenarios.model.realised import (
    by_economy,
    imports_change,
    latest_rate,
    monthly_rates,
    realised,
    realised_others,
    realised_year,
)
from korus_research.errors import MissingPartner
from korus_research.methods.series import MONTHS_A_YEAR, WORLD, Flow, months_text

BOP_WORLD = "0000"


@dataclass(frozen=True)
class Former:
    """The parties' duties on each other before the agreement, as fractions.

    Attributes
    ----------
    year : int
        Last full year before the agreement.
    realised : float
        The reporter's realised duty on the partner in that year.
    study_year : int
        Year of publication of the study whose averages follow.
    before : tuple of float
        Average duty of the reporter on the partner, and of the partner on the reporter.
    first_day : tuple of float, or None
        What the agreement's first day left of them.
    """

    year: int
    realised: float
    study_year: int
    before: tuple[float, float]
    first_day: tuple[float, float] | None


@dataclass(frozen=True)
class Added:
    """The reporter's realised duties before and after its new ones: by economy, and of all but the partner together."""

    before: pd.Series
    after: pd.Series
    others_before: float
    others_after: float

    def kept_margin(self, partner: str) -> float:
        """Return the duty on the partner that keeps its price relative to the others' as before the new duties."""
        return (1 + self.others_after) * (1 + float(self.before[partner])) / (1 + self.others_before) - 1


@dataclass(frozen=True)
class Duties:
    """Rates and shares, as fractions.

    Attributes
    ----------
    goods : mapping of flow to float
        Goods share of the flow between the parties, in the last year of the table.
    goods_year : int
        That year.
    others_goods : Series
        Goods share of the reporter's imports, by economy.
    before : Series or None
        Realised duty of the reporter by economy in the year before the new duties.
    added : Added or None
        The same beside that of the year of the new duties; None without it.
    years : tuple of int
        The two years; months of the second in `months`.
    former : Former or None
        Duties before the agreement; None where one of them is not among the data.
    without_own : tuple of str
        Economies whose duty or goods share is that of the remainder.
    latest, latest_months : float and str, or None and ""
        The reporter's realised duty on the partner in the months known of the last year after that of the new duties,
        and these months ("January to July 2026").
    by_month : Series
        The reporter's realised duty on the partner by month (PeriodIndex), from the year of the new duties on.
    observed, observed_months : float and str, or None and ""
        Change of the reporter's general imports from the partner in the last twelve months against the year before
        the new duties, and those months; None without a month after that year.
    """

    goods: Mapping[Flow, float]
    goods_year: int
    others_goods: pd.Series
    years: tuple[int, int]
    months: int
    before: pd.Series | None
    added: Added | None
    former: Former | None
    without_own: tuple[str, ...] = ()
    latest: float | None = None
    latest_months: str = ""
    by_month: pd.Series = field(default_factory=lambda: pd.Series(dtype=float))
    observed: float | None = None
    observed_months: str = ""

    @property
    def after_months(self) -> str:
        """The months whose duties stand for the new ones, `January to November 2025`."""
        year = self.years[1]
        if self.months in (0, MONTHS_A_YEAR):
            return str(year)
        return months_text(pd.Period(f"{year}-01", "M"), pd.Period(f"{year}-{self.months:02d}", "M"))


def duties_from(
    load: Callable[[str], pd.DataFrame], spec: ScenariosSpec, *, partner: str, agreement_year: int
) -> Duties:
    """Return rates and shares from the tables of the data package.

    Parameters
    ----------
    load : callable
        Gives a table by its name, cut at the edition's month.
    spec : ScenariosSpec
        The parties, the year of the flows (and so of the goods shares of others), and the years of the old and of the
        new duties; an edition that ends earlier takes its last full year for the first.
    partner : str
        The partner's Census code.
    agreement_year : int
        Last full year before the agreement, whose realised duty stands for MFN.

    Raises
    ------
    MissingPartner
        The goods shares lack a flow between the parties.
    """
    economies, annual, monthly = load("wiod_economies"), load("realised_duties_annual"), load("realised_duties_monthly")
    bop, trade, averages = load("goods_services_bop"), load("goods_trade_monthly"), load("average_tariffs")
    goods, goods_year = goods_shares(load("wiod_goods_shares"), reporter=spec.reporter, partner=spec.partner)
    world = annual[annual["partner"] == WORLD]
    full = world.loc[(world["months"] == MONTHS_A_YEAR) & (world["year"] <= spec.before), "year"]
    first = int(full.max()) if len(full) else spec.before
    months = world.loc[world["year"] == spec.after, "months"]
    known = len(months) > 0
    latest = latest_rate(monthly, partner=partner, after=spec.after) if known else (None, "")
    observed = imports_change(trade, partner=partner, before=first) if known else (None, "")
    own = economies["partner"].isin(annual["partner"]) & economies["partner"].isin(bop["partner"])
    parties = (spec.reporter, spec.partner)
    return Duties(
        goods=goods,
        goods_year=goods_year,
        others_goods=others_goods(bop, economies, year=spec.baseline_year),
        years=(first, spec.after),
        months=int(months.iloc[0]) if known else 0,
        before=realised(annual, economies, year=first),
        added=added_duties(annual, economies, years=(first, spec.after), partner=partner),
        former=former_duties(monthly, averages, parties=parties, code=partner, year=agreement_year),
        latest=latest[0],
        latest_months=latest[1],
        by_month=monthly_rates(monthly, partner=partner, first=spec.after),
        observed=observed[0],
        observed_months=observed[1],
        without_own=tuple(economies.loc[~own & (economies["iso3"] != spec.reporter), "iso3"]),
    )


def goods_shares(shares: pd.DataFrame, *, reporter: str, partner: str) -> tuple[dict[Flow, float], int]:
    """Return the goods share of both flows between the parties in the table's last year, and the year."""
    pairs: dict[Flow, tuple[str, str]] = {"exports": (reporter, partner), "imports": (partner, reporter)}
    found: dict[Flow, float] = {}
    years = set()
    for flow, (exporter, importer) in pairs.items():
        rows = shares[(shares["exporter"] == exporter) & (shares["importer"] == importer)].sort_values("year")
        if rows.empty:
            raise MissingPartner(
                f"The goods shares have no flow from {exporter} to {importer}",
                expected="both flows between the parties",
                do="Leave the scenarios out for this agreement",
            )
        last = rows.iloc[-1]
        found[flow] = float(last["goods_usd_mn"] / last["total_usd_mn"])
        years.add(int(last["year"]))
    return found, min(years)


def others_goods(bop: pd.DataFrame, economies: pd.DataFrame, *, year: int) -> pd.Series:
    """Return the goods share of the reporter's imports of goods and services in a year, by economy."""
    rows = bop[(bop["year"] == year) & (bop["quarter"] == 0) & (bop["flow"] == "imports")]
    table = rows.pivot(index="partner", columns="scope", values="value_usd_mn")[["goods", "goods_services"]].dropna()
    return by_economy(table, economies, world=BOP_WORLD, numerator="goods", denominator="goods_services")


def added_duties(
    annual: pd.DataFrame, economies: pd.DataFrame, *, years: tuple[int, int], partner: str
) -> Added | None:
    """Return the realised duties of both years, by economy and of all but the partner; None where a year lacks them."""
    before, after = (realised(annual, economies, year=year) for year in years)
    others = [realised_others(annual, year=year, partner=partner) for year in years]
    if before is None or after is None or others[0] is None or others[1] is None:
        return None
    return Added(before, after, others[0], others[1])


def former_duties(
    monthly: pd.DataFrame, averages: pd.DataFrame, *, parties: tuple[str, str], code: str, year: int
) -> Former | None:
    """Return the duties before the agreement, by the study and as realised; None where one is not among the data."""
    rates = {
        (importer, stage): float(rate) / 100
        for importer, exporter, stage, rate in averages[["importer", "exporter", "stage", "rate_pct"]].itertuples(
            index=False
        )
        if {importer, exporter} == set(parties)
    }

    def stage(name: str) -> tuple[float, float] | None:
        both = [rates.get((party, name)) for party in parties]
        return None if both[0] is None or both[1] is None else (both[0], both[1])

    found, before = realised_year(monthly, year=year, partner=code), stage("before")
    if found is None or before is None:
        return None
    return Former(year, found, int(averages["year"].max()), before, stage("first_day"))
