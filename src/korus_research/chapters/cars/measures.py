"""Vehicles under an agreement: points, the allowance, duties and values, as one result (docs/methods/cars.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from korus_research.chapters.cars import points as makers
from korus_research.chapters.cars.points import Term
from korus_research.chapters.cars.values import EXPORT_CODE, Raise, raised, whole_years
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.methods.series import MN_PER_BN
from korus_research.show.declared import Result

VEHICLES = re.compile(r"\b(cars|trucks|vehicles)\b")
STUDIED = r"vehicle|truck|\bcars?\b"


@dataclass(frozen=True, slots=True)
class DutySeries:
    """The duty on one product by date: who levies it (ISO code), and its steps in order, percent."""

    product: str
    importer: str
    steps: tuple[Term, ...]


@dataclass(frozen=True)
class Cars(Result):
    """What is known of vehicles."""

    partner: str  # Census code
    partner_iso3: str
    as_of: str
    names: Mapping[str, str]  # for sentences
    allowance: tuple[Term, ...]  # vehicles that each maker may ship in a year under the reporter's standards
    duties: tuple[DutySeries, ...]  # on vehicles, by the agreement's text
    points: pd.DataFrame  # vehicles going to the partner, a row a point, with its definition and what it counts
    bounds: pd.DataFrame  # the points that bound the use of the allowance, see `points.bounds`
    back: pd.DataFrame  # vehicles going the other way, see `points.sent_back`
    values: pd.DataFrame  # single values of passenger cars: `car_values`
    expected: pd.DataFrame  # what studies expected for vehicles: `forecasts`
    raised: Raise | None  # exports around the raise of the allowance
    ending: date | None  # when its end was announced
    trucks_then: str  # the year from which trucks were to be free of duty before that was changed; empty where not

    @property
    def maker_bounds(self) -> pd.DataFrame:
        """Return the bounds that are not sums over all makers."""
        return makers.by_maker(self.bounds)

    @property
    def built_there(self) -> pd.DataFrame:
        """Return the bounds by maker that count only cars built in the reporter's country."""
        return self.maker_bounds[self.maker_bounds["built_there"]].reset_index(drop=True)

    @property
    def counted(self) -> pd.DataFrame:
        """Return what is known of one maker's cars by year, see `points.counted_cars`."""
        return makers.counted_cars(self.points, self.bounds, self.allowance)

    @property
    def worded_bounds(self) -> pd.DataFrame:
        """Return the bounds that there would be beside these if points read against their words were read by them."""
        return makers.bounds(makers.as_worded(self.points), self.allowance)

    @property
    def last_point(self) -> str:
        """Return the last month of the points, "YYYY-MM"."""
        return str(self.points["period_end"].max())

    def value_of(self, flow: str, partner: str) -> pd.Series[float]:
        """Return the single values of cars in one flow with a partner, as the reporter counted them, USD billion."""
        rows = self.values
        own = rows[(rows["partner"] == partner) & (rows["counted_by"] == "US") & (rows["flow"] == flow)]
        return own.set_index("year")["value_usd_mn"].sort_index() / MN_PER_BN

    def to_frame(self) -> pd.DataFrame:
        """Return the points with the allowance and the bound where there is one."""
        keys = ["period", "maker", "definition", "units"]
        extra = self.bounds[[*keys, "allowance", "share", "addition"]]
        return self.points.merge(extra, on=keys, how="left", validate="one_to_one")

    def __repr__(self) -> str:
        return f"Cars({len(self.points)} points, {len(self.maker_bounds)} bounds by maker; to {self.last_point})"


@measured
def of(study: Study) -> Cars:
    """Return makers' points against the allowance, duties and values of vehicles.

    Raises
    ------
    MissingFigures
        The agreement has no allowance by maker, or no whole year of its sectors is held.
    """
    agreement, as_of = study.agreement, study.parameters.as_of
    partner, allowance = agreement.partner.census_code, makers.allowance_terms(agreement, as_of)
    out = whole_years(study.load("sector_exports_annual"), EXPORT_CODE)
    if not allowance or partner not in out:
        raise MissingFigures(
            f"There is no allowance by maker, or no vehicle trade by year with partner '{partner}'",
            expected="both",
            do="Study an agreement with an allowance: chapters/cars/coverage.py leaves this one out",
        )
    points, forecasts = study.load("vehicle_points"), study.load("forecasts")
    shown = makers.shown_points(points)
    about = forecasts["sector"].str.contains(STUDIED, case=False, regex=True) & (forecasts["kind"] == "ex_ante")
    return Cars(
        partner=partner,
        partner_iso3=agreement.partner.iso3,
        as_of=as_of,
        names={**study.names, "reporter": agreement.reporter.short, "amended_year": _amended(agreement)},
        allowance=allowance,
        duties=vehicle_duties(agreement, as_of),
        points=shown,
        bounds=makers.bounds(shown, allowance),
        back=makers.sent_back(points, forecasts),
        values=study.load("car_values"),
        # A rate kept is a term, no forecast.
        expected=forecasts[about & ~forecasts["metric"].str.contains("duty")].reset_index(drop=True),
        raised=raised(out, allowance, partner=partner),
        ending=makers.end_announced(agreement, as_of),
        trucks_then=_trucks_then(agreement, as_of),
    )


def _amended(agreement: Agreement) -> str:
    return str(agreement.dates.amendments_signed.year) if agreement.dates.amendments_signed else ""


def _trucks_then(agreement: Agreement, as_of: str) -> str:
    free = [c for c in agreement.replaced_until(as_of) if c.kind == "duty" and "trucks" in c.product and c.value == 0]
    return str(free[-1].from_.year) if free else ""


def vehicle_duties(agreement: Agreement, as_of: str) -> tuple[DutySeries, ...]:
    """Return the duties on vehicles by the text known at the end of the month `as_of`."""
    series: dict[str, DutySeries] = {}
    for term in agreement.commitments_until(as_of):
        if term.kind == "duty" and VEHICLES.search(term.product):
            known = series.setdefault(term.id, DutySeries(term.product, term.importer, ()))
            step = Term(term.value, term.from_, term.to)
            series[term.id] = replace(known, steps=(*known.steps, step))
    return tuple(series.values())
