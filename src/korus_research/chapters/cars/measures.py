"""Vehicles under an agreement: points, the allowance, duties and values, as one result (docs/methods/cars.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.cars.points import (
    Term,
    allowance_terms,
    as_worded,
    bounds,
    by_maker,
    sent_back,
    shown_points,
)
from korus_research.chapters.cars.values import EXPORT_CODE, IMPORT_CODE, Raise, raised, whole_years
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.show.declared import Result

if TYPE_CHECKING:
    from korus_research.data.agreements import Agreement
    from korus_research.data.agreements.parts import Commitment

VEHICLES = re.compile(r"\b(cars|trucks|vehicles)\b")
AUTOS = re.compile(r"\b(autos|cars)\b")
STUDIED = r"vehicle|truck|\bcars?\b"


@dataclass(frozen=True, slots=True)
class DutySeries:
    """The duty on one product by date: who levies it (ISO code), and its steps in order, percent."""

    product: str
    importer: str
    steps: tuple[Term, ...]


@dataclass(frozen=True)
class Cars(Result):
    """What is known of vehicles.

    Attributes
    ----------
    partner, partner_iso3 : str
        Census and ISO code of the partner.
    as_of : str
        Month of the edition, "2026-07".
    names : mapping
        Names for sentences.
    allowance : tuple of Term
        Vehicles that each maker may ship in a year under the reporter's standards.
    duties : tuple of DutySeries
        Duties on vehicles, by the agreement's text.
    added : tuple of (date, float)
        Duties on cars added outside the agreement, percent.
    points : DataFrame
        Vehicles going to the partner, one row a point, with its definition and what it counts.
    bounds : DataFrame
        The points that bound the use of the allowance (`points.bounds`).
    back : DataFrame
        Vehicles going the other way (`points.sent_back`).
    exports, imports : Series
        Exports of HS 87 to the partner and imports of NAICS 336 from it by whole year, US dollars.
    values : DataFrame
        Single values of passenger cars (`car_values`).
    expected : DataFrame
        What studies expected for vehicles (`forecasts`).
    raised : Raise or None
        Exports around the raise of the allowance.
    """

    partner: str
    partner_iso3: str
    as_of: str
    names: Mapping[str, str]
    allowance: tuple[Term, ...]
    duties: tuple[DutySeries, ...]
    added: tuple[tuple[date, float], ...]
    points: pd.DataFrame
    bounds: pd.DataFrame
    back: pd.DataFrame
    exports: pd.Series[float]
    imports: pd.Series[float]
    values: pd.DataFrame
    expected: pd.DataFrame
    raised: Raise | None

    @property
    def maker_bounds(self) -> pd.DataFrame:
        """Return the bounds that are not sums over all makers."""
        return by_maker(self.bounds)

    @property
    def worded_bounds(self) -> pd.DataFrame:
        """Return the bounds that there would be beside these if points read against their words were read by them."""
        return bounds(as_worded(self.points), self.allowance)

    @property
    def last_point(self) -> str:
        """Return the last month of the points, "YYYY-MM"."""
        return str(self.points["period_end"].max())

    def own_values(self, flow: str) -> pd.DataFrame:
        """Return the single values of cars in one flow with the partner, as the reporter counted them, by year."""
        rows = self.values
        own = (rows["partner"] == self.partner) & (rows["counted_by"] == "US") & (rows["flow"] == flow)
        return rows[own].sort_values("year")

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
    partner, allowance = agreement.partner.census_code, allowance_terms(agreement, as_of)
    out = whole_years(study.load("sector_exports_annual"), EXPORT_CODE)
    back = whole_years(study.load("sector_imports_annual"), IMPORT_CODE)
    if not allowance or partner not in out or partner not in back:
        raise MissingFigures(
            f"There is no allowance by maker, or no vehicle trade by year with partner '{partner}'",
            expected="both",
            do="Study an agreement with an allowance: chapters/cars/coverage.py leaves this one out",
        )
    points, forecasts = study.load("vehicle_points"), study.load("forecasts")
    shown = shown_points(points)
    about = forecasts["sector"].str.contains(STUDIED, case=False, regex=True) & (forecasts["kind"] == "ex_ante")
    studied = forecasts[about & ~forecasts["metric"].str.contains("duty")]  # a rate kept is a term, no forecast
    added = [e for e in agreement.events_until(as_of, kinds=["tariff"]) if e.rate_pct and AUTOS.search(e.scope)]
    return Cars(
        partner=partner,
        partner_iso3=agreement.partner.iso3,
        as_of=as_of,
        names={**study.names, "reporter": agreement.reporter.short, "agreement_id": agreement.id},
        allowance=allowance,
        duties=vehicle_duties(agreement, as_of),
        added=tuple((e.date, e.rate_pct) for e in added if e.rate_pct),
        points=shown,
        bounds=bounds(shown, allowance),
        back=sent_back(points, forecasts),
        exports=out[partner].dropna(),
        imports=back[partner].dropna(),
        values=study.load("car_values"),
        expected=studied.reset_index(drop=True),
        raised=raised(out, allowance, partner=partner),
    )


def vehicle_duties(agreement: Agreement, as_of: str) -> tuple[DutySeries, ...]:
    """Return the duties on vehicles by the text known at the end of the month `as_of`."""
    duties: dict[str, list[Commitment]] = {}
    for term in agreement.commitments_until(as_of):
        if term.kind == "duty" and VEHICLES.search(term.product):
            duties.setdefault(term.id, []).append(term)
    return tuple(
        DutySeries(steps[0].product, steps[0].importer, tuple(Term(t.value, t.from_, t.to) for t in steps))
        for steps in duties.values()
    )
