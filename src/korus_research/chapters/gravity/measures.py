"""The gravity estimates of a study: windows of years, the path by year, and the panel beside Census figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.gravity.choices import FILE, MAIN, GravitySpec
from korus_research.chapters.gravity.estimate import Estimates, Fitted, estimate, path_by_year
from korus_research.chapters.gravity.panel import annual_census, check_panel, panel_coverage
from korus_research.data.study import Study, measured
from korus_research.errors import NotIdentified, TooFewPairs
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.declared import Result


@dataclass(frozen=True)
class Gravity(Result):
    """Estimates by window, the path by year, and how the panel compares with Census figures.

    Attributes
    ----------
    spec : GravitySpec
        What was asked.
    estimates : mapping of window key to Estimates
        `main` first; a window that equals another, spans no year before or after entry into force, or has too few
        comparable pairs, is left out.
    path : DataFrame
        flow, year, effect, reach, p: effects relative to the reference year, in logs; half-width of the interval by
        randomisation, and p-value. The reference year is the last of the panel before entry into force.
    pretrend : mapping of flow to float
        P-value of the largest standardised deviation before the reference year, among those of the placebos.
    coverage : DataFrame
        year, flow, partner, others: panel flow as a share of the Census figures, of the partner and of the reporter's
        other partners that both sources name.
    countries : int
        Economies of the panel.
    """

    spec: GravitySpec
    estimates: Mapping[str, Estimates]
    path: pd.DataFrame
    pretrend: Mapping[Flow, float]
    coverage: pd.DataFrame
    countries: int

    @property
    def main(self) -> Estimates:
        """The main estimates."""
        return self.estimates[MAIN]

    @property
    def reference_year(self) -> int:
        """Last year of the panel before entry into force."""
        return max(year for year in self.main.years if year < self.spec.entry_year)

    @property
    def last(self) -> str:
        """Last year of the panel, as a period."""
        return str(self.main.years[-1])

    def to_frame(self) -> pd.DataFrame:
        """Return one row for each window and flow: effect, error, p, low, high (logs), placebos, observations."""
        rows = []
        for key, e in self.estimates.items():
            reach = e.test.reach(self.spec.level)
            for flow in FLOWS:
                b = e.effects[flow]
                rows.append(
                    {
                        "window": key, "flow": flow, "effect": b, "error": e.errors[flow], "p": e.test.p_value(b),
                        "low": b - reach, "high": b + reach, "average": e.average, "average_error": e.average_error,
                        "placebos": len(e.placebos), "observations": e.observations,
                    }
                )  # fmt: skip
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        shown = ", ".join(f"{flow} {self.main.effects[flow]:+.3f}" for flow in FLOWS)
        return f"Gravity({self.spec.reporter}-{self.spec.partner}: {shown} logs; {len(self.main.placebos)} placebos)"


@measured
def of(study: Study) -> Gravity:
    """Return the three-way gravity model of the agreement, with its randomisation test; errors as `fit_gravity`."""
    a = study.agreement
    spec = GravitySpec.declared(a.reporter.iso3, a.partner.iso3, a.dates.in_force.year, study.names)
    own = {a.partner.census_code: a.partner.iso3}
    census = annual_census(study.load("goods_trade_monthly"), study.load("partners"), also=own)
    return fit_gravity(study.load("gravity_panel"), census, spec=spec)


def fit_gravity(panel: pd.DataFrame, census: pd.DataFrame, *, spec: GravitySpec) -> Gravity:
    """Fit the model on every window, with its randomisation, and the path by year.

    Parameters
    ----------
    panel : DataFrame
        year, exporter, importer, trade_usd_mn, in_force, agreement (its name).
    census : DataFrame
        year, iso3, flow, value_usd_mn: the reporter's own figures, for the comparison of levels; may be empty.

    Raises
    ------
    InvalidPanel
        The panel is none: see `check_panel`.
    MissingPartner
        The pair is not in the panel.
    NotIdentified
        No year of the panel after entry into force, none before, no positive trade, or too few comparable pairs.
    NotConverged
        A fit did not converge.
    """
    check_panel(panel, reporter=spec.reporter, partner=spec.partner, entry_year=spec.entry_year)
    estimates, fitted = _by_window(panel, spec)
    rows = panel[panel["year"].isin(estimates[MAIN].years)]
    path, pretrend = path_by_year(fitted, spec)
    return Gravity(
        spec,
        estimates,
        path,
        pretrend,
        panel_coverage(panel, census, reporter=spec.reporter, partner=spec.partner),
        int(rows["exporter"].nunique()),
    )


def _by_window(panel: pd.DataFrame, spec: GravitySpec) -> tuple[dict[str, Estimates], Fitted]:
    """Return the estimates of each window, the main one first, and the main fit."""
    estimates: dict[str, Estimates] = {}
    fits: list[Fitted] = []
    seen: set[tuple[int, ...]] = set()
    for window in spec.windows:
        keep = panel["year"] >= window.first_year
        if window.without_entry:
            keep &= panel["year"] != spec.entry_year
        rows = panel[keep]
        years = tuple(sorted(int(y) for y in rows["year"].unique()))
        if years in seen or not years or years[0] >= spec.entry_year or years[-1] < spec.entry_year:
            continue
        seen.add(years)
        chosen = estimates[MAIN].standard if MAIN in estimates else None
        try:
            estimates[window.key], fitted = estimate(rows, window, spec, chosen)
        except TooFewPairs:
            if window.key == MAIN:
                raise
            continue  # other years are a variant: the chapter says that the panel has none for it
        fits.append(fitted)
    if MAIN not in estimates:
        raise NotIdentified(
            f"No year of the main window of the gravity estimates lies before {spec.entry_year}",
            expected=f"a first year in {FILE.name} before entry into force",
            do=f"Correct {FILE.name}",
        )
    return estimates, fits[0]
