"""Vehicles under an agreement: makers' counts, the allowance, duties and values (docs/methods/cars.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import pandas as pd

from korus_research.chapters.cars import points as makers
from korus_research.chapters.cars.values import EXPORT_CODE, Raise, raised, whole_years
from korus_research.data.agreements import Agreement
from korus_research.data.agreements.parts import Commitment
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.methods.series import MN_PER_BN
from korus_research.show.declared import Result

STUDIED = r"vehicle|truck|\bcars?\b"


@dataclass(frozen=True)
class Cars(Result):
    """Makers' counts, the allowance and what they bound, exports around its raise, and what studies expected."""

    agreement: Agreement
    as_of: str
    study_names: Mapping[str, str]
    points: pd.DataFrame  # vehicles going to the partner, a row a point, with its definition and what it counts
    back: pd.DataFrame  # vehicles going the other way, see `points.sent_back`
    values: pd.DataFrame  # single values of passenger cars: `car_values`
    expected: pd.DataFrame  # what studies expected for vehicles: `forecasts`
    raised: Raise | None  # exports around the raise of the allowance

    @property
    def partner(self) -> str:
        """Census code of the partner."""
        return self.agreement.partner.census_code

    @property
    def allowance(self) -> tuple[Commitment, ...]:
        """Vehicles that each maker may ship in a year under the reporter's standards, by the dates that they apply."""
        return makers.allowance_terms(self.agreement, self.as_of)

    @property
    def ending(self) -> date | None:
        """The day on which the end of the allowance was announced."""
        return next((term.end_announced for term in self.allowance if term.end_announced), None)

    @cached_property
    def bounds(self) -> pd.DataFrame:
        """The points that bound the use of the allowance, see `points.bounds`."""
        return makers.bounds(self.points, self.allowance)

    def duties(self, product: str, *, into_partner: bool) -> list[Commitment]:
        """Return the steps of the duty on "cars" or "trucks" by the text known at the end of the month `as_of`."""
        known = (c for c in self.agreement.commitments_until(self.as_of) if c.kind == "duty" and product in c.product)
        return [c for c in known if (c.importer == self.agreement.partner.iso3) == into_partner]

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
        """Return the counts of single makers by year, see `points.counted_cars`."""
        return makers.counted_cars(self.points, self.bounds, self.allowance)

    @property
    def worded_bounds(self) -> pd.DataFrame:
        """Return the further bounds if points that we read against their wording were read as worded."""
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
        """Return the points, with the allowance and the bound of those that give one."""
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
    if not allowance:
        raise MissingFigures(
            f"The agreement {agreement.short_name} has no allowance of vehicles by maker",
            expected="an agreement with one",
            do="Study another: chapters/cars/coverage.py leaves this one out",
        )
    if partner not in out:
        raise MissingFigures(
            f"No whole year of exports of vehicles to partner '{partner}' is held to {as_of}",
            expected="one in the table sector_exports_annual",
            do="Choose a later month as as_of",
        )
    points, forecasts = study.load("vehicle_points"), study.load("forecasts")
    about = forecasts["sector"].str.contains(STUDIED, case=False, regex=True) & (forecasts["kind"] == "ex_ante")
    return Cars(
        agreement=agreement,
        as_of=as_of,
        study_names=study.names,
        points=makers.shown_points(points),
        back=makers.sent_back(points, forecasts),
        values=study.load("car_values"),
        # A rate kept is a term, no forecast.
        expected=forecasts[about & ~forecasts["metric"].str.contains("duty")].reset_index(drop=True),
        raised=raised(out, allowance, partner=partner),
    )
