"""Vehicles under an agreement: points, the allowance, duties and values, as one result (methods section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from korus_research.chapters.cars.findings import car_findings
from korus_research.chapters.cars.points import as_worded, bounds, by_maker, sent_back, shown_points
from korus_research.chapters.cars.spec import CarsSpec
from korus_research.chapters.cars.values import EXPORT_CODE, IMPORT_CODE, Raise, raised, whole_years
from korus_research.errors import MissingFigures
from korus_research.show.finding import Findings

STUDIED = r"vehicle|truck|\bcars?\b"


@dataclass(frozen=True)
class Cars:
    """What is known of vehicles.

    Attributes
    ----------
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

    spec: CarsSpec
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
        return bounds(as_worded(self.points), self.spec.allowance)

    @property
    def last_point(self) -> str:
        """Return the last month of the points, "YYYY-MM"."""
        return str(self.points["period_end"].max())

    def to_frame(self) -> pd.DataFrame:
        """Return the points with the allowance and the bound where there is one."""
        keys = ["period", "maker", "definition", "units"]
        extra = self.bounds[[*keys, "allowance", "share", "addition"]]
        return self.points.merge(extra, on=keys, how="left", validate="one_to_one")

    def findings(self) -> Findings:
        """Return what chapter 07 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return car_findings(self)

    def __repr__(self) -> str:
        return f"Cars({len(self.points)} points, {len(self.maker_bounds)} bounds by maker; to {self.last_point})"


def analyse_cars(
    points: pd.DataFrame,
    exports: pd.DataFrame,
    imports: pd.DataFrame,
    values: pd.DataFrame,
    forecasts: pd.DataFrame,
    *,
    spec: CarsSpec,
) -> Cars:
    """Compile what is known of vehicles.

    Parameters
    ----------
    points, values, forecasts : DataFrame
        `vehicle_points`, `car_values`, `forecasts`.
    exports, imports : DataFrame
        `sector_exports_annual`, `sector_imports_annual`.

    Raises
    ------
    MissingFigures
        The agreement has no allowance by maker, or no whole year of its sectors is held.
    """
    out, back = whole_years(exports, EXPORT_CODE), whole_years(imports, IMPORT_CODE)
    if not spec.allowance or spec.partner not in out or spec.partner not in back:
        raise MissingFigures(
            f"There is no allowance by maker, or no vehicle trade by year with partner '{spec.partner}'",
            expected="both",
            do="Study an agreement with an allowance: the chapter's `requires` leaves this one out",
        )
    shown = shown_points(points)
    about = forecasts["sector"].str.contains(STUDIED, case=False, regex=True) & (forecasts["kind"] == "ex_ante")
    studied = forecasts[about & ~forecasts["metric"].str.contains("duty")]  # a rate kept is a term, no forecast
    return Cars(
        spec,
        shown,
        bounds(shown, spec.allowance),
        sent_back(points, forecasts),
        out[spec.partner].dropna(),
        back[spec.partner].dropna(),
        values,
        studied.reset_index(drop=True),
        raised(out, spec.allowance, partner=spec.partner),
    )
