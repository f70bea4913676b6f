"""The three-way gravity model of one agreement (methods section 4).

X_ijt = exp(b RTA_ijt + b1 D(reporter -> partner) + b2 D(partner -> reporter) + exporter-year + importer-year + pair),
fitted by Poisson pseudo-maximum likelihood. RTA leaves the studied pair out and keeps all others, so that b is the
average agreement beside which b1 and b2 are read. Partial effects: what they hold fixed is everything that an exporter
or an importer has in common with all its partners in a year. Santos Silva and Tenreyro (2006), Review of Economics and
Statistics 88(4); Yotov, Piermartini, Monteiro and Larch (2016), An Advanced Guide to Trade Policy Analysis.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korus_research.analysis.gravity_census import panel_coverage
from korus_research.analysis.gravity_placebo import RandomisationTest, comparable_pairs, placebo_effects
from korus_research.analysis.gravity_ppml import Cube, Floats, Model, Regimes, cube_of
from korus_research.analysis.gravity_pyfixest import PyfixestFit, fit_pyfixest
from korus_research.analysis.series import FLOWS, Flow
from korus_research.errors import MissingPartner, NotConverged, NotIdentified

if TYPE_CHECKING:
    from korus_research.analysis.finding import Findings

FILE = Path(__file__).with_name("gravity.toml")
MAIN = "main"
AGREE = 1e-6  # how far pyfixest and our solver may differ, in logs


@dataclass(frozen=True, slots=True)
class Window:
    """Years of the panel to fit on: from `first_year`, with or without the year of entry into force."""

    key: str
    first_year: int
    without_entry: bool = False


@dataclass(frozen=True, slots=True)
class GravitySpec:
    """Whose agreement, since when, and the choices of `gravity.toml`.

    `reporter` and `partner` are ISO 3166 codes; a year counts as under the agreement from `entry_year` on, the year of
    entry into force.
    """

    reporter: str
    partner: str
    entry_year: int
    windows: tuple[Window, ...]
    share: float
    most: int
    fewest: int
    level: float
    names: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def declared(cls, reporter: str, partner: str, entry_year: int, names: Mapping[str, str]) -> GravitySpec:
        """Return the specification with the choices declared in `gravity.toml`."""
        data = tomllib.loads(FILE.read_text("utf-8"))
        windows = (Window(MAIN, data["main"]["first_year"]), *(Window(**each) for each in data["window"]))
        rule = data["comparable"]
        level = data["interval"]["level"]
        return cls(reporter, partner, entry_year, windows, rule["share"], rule["most"], rule["fewest"], level, names)


@dataclass(frozen=True)
class Estimates:
    """The model on one window.

    Attributes
    ----------
    effects, errors : mapping of flow to float
        Direction-specific effects and their clustered standard errors, in logs.
    average, average_error : float
        The average agreement's coefficient and its error.
    placebos : DataFrame
        Effects given to comparable directed pairs, column `effect`; index (exporter, importer).
    years : tuple of int
        Years fitted on.
    observations : int
    """

    window: Window
    effects: Mapping[Flow, float]
    errors: Mapping[Flow, float]
    average: float
    average_error: float
    placebos: pd.DataFrame
    years: tuple[int, ...]
    observations: int

    @cached_property
    def test(self) -> RandomisationTest:
        """The randomisation test among the placebos."""
        return RandomisationTest(self.placebos["effect"].to_numpy())


@dataclass(frozen=True)
class Gravity:
    """Estimates by window, the path by year, and how the panel compares with Census figures.

    Attributes
    ----------
    estimates : mapping of window key to Estimates
        `main` first; a window that equals another, or has no comparable pairs, is left out.
    path : DataFrame
        flow, year, effect, reach, p: effects relative to the reference year, in logs; half-width of the interval by
        randomisation, and p-value. The reference year is the last of the panel before entry into force.
    pretrend : mapping of flow to float
        P-value of the largest standardised deviation before the reference year, among those of the placebos.
    coverage : DataFrame
        year, flow, partner, others: panel flow as a share of the Census figure, of the partner and of the reporter's
        other partners that both sources name.
    pyfixest : PyfixestFit
        The main fit by pyfixest, from which the published effects and errors come.
    difference : float
        Largest difference of its coefficients from those of our own solver, in logs.
    countries : int
    """

    spec: GravitySpec
    estimates: Mapping[str, Estimates]
    path: pd.DataFrame
    pretrend: Mapping[Flow, float]
    coverage: pd.DataFrame
    pyfixest: PyfixestFit
    difference: float
    countries: int

    @property
    def main(self) -> Estimates:
        """The main estimates."""
        return self.estimates[MAIN]

    @property
    def reference_year(self) -> int:
        """Last year of the panel before entry into force."""
        return max(year for year in self.main.years if year < self.spec.entry_year)

    def directed(self, flow: Flow) -> tuple[str, str]:
        """Return exporter and importer of a flow of the reporter."""
        pair = (self.spec.reporter, self.spec.partner)
        return pair if flow == "exports" else pair[::-1]

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

    def findings(self) -> Findings:
        """Return what chapter 05 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        from korus_research.analysis.gravity_findings import gravity_findings

        return gravity_findings(self)

    def __repr__(self) -> str:
        shown = ", ".join(f"{flow} {self.main.effects[flow]:+.3f}" for flow in FLOWS)
        return f"Gravity({self.spec.reporter}-{self.spec.partner}: {shown} logs; {len(self.main.placebos)} placebos)"


def percent(logs: float) -> float:
    """Return a change in logs as percent."""
    return 100 * float(np.expm1(logs))


def analyse_gravity(panel: pd.DataFrame, census: pd.DataFrame, *, spec: GravitySpec) -> Gravity:
    """Fit the model on every window, with its randomisation, and the path by year.

    Parameters
    ----------
    panel : DataFrame
        year, exporter, importer, trade_usd_mn, in_force.
    census : DataFrame
        year, iso3, flow, value_usd_mn: the reporter's own figures, for the comparison of levels; may be empty.

    Raises
    ------
    MissingPartner
        The pair is not in the panel.
    NotIdentified
        No year of the panel after entry into force, none before, no positive trade, or too few comparable pairs.
    NotConverged
        A fit did not converge, or pyfixest and our solver differ.
    """
    _check(panel, spec)
    estimates: dict[str, Estimates] = {}
    seen: set[tuple[int, ...]] = set()
    fitted: dict[str, tuple[Model, Regimes, list[tuple[int, int]]]] = {}
    for window in spec.windows:
        keep = panel["year"] >= window.first_year
        if window.without_entry:
            keep &= panel["year"] != spec.entry_year
        rows = panel[keep]
        years = tuple(sorted(int(y) for y in rows["year"].unique()))
        if years in seen or min(years) >= spec.entry_year or max(years) < spec.entry_year:
            continue
        seen.add(years)
        estimates[window.key], fitted[window.key] = _estimate(rows, window, spec)
    rows = panel[panel["year"].isin(estimates[MAIN].years)]
    official = _by_pyfixest(rows, spec)
    own = estimates[MAIN]
    names = ("rta", *FLOWS)
    ours = np.array([own.average, *(own.effects[flow] for flow in FLOWS)])
    difference = float(np.abs(official.coefficients[list(names)].to_numpy() - ours).max())
    if difference > AGREE:
        raise NotConverged(
            f"pyfixest and our solver differ by {difference:.1e} on the gravity model",
            expected=f"at most {AGREE:g} in logs",
            do="Run tests/analysis/test_gravity_ppml.py",
        )
    estimates[MAIN] = _published(own, official)
    path, pretrend = _path(fitted[MAIN], spec)
    countries = int(rows["exporter"].nunique())
    coverage = panel_coverage(panel, census, reporter=spec.reporter, partner=spec.partner)
    return Gravity(spec, estimates, path, pretrend, coverage, official, difference, countries)


def _check(panel: pd.DataFrame, spec: GravitySpec) -> None:
    for exporter, importer in ((spec.reporter, spec.partner), (spec.partner, spec.reporter)):
        years = panel.loc[(panel["exporter"] == exporter) & (panel["importer"] == importer), "year"]
        if years.empty:
            raise MissingPartner(
                f"The gravity panel has no exports from {exporter} to {importer}",
                expected=f"two of its {panel['exporter'].nunique()} countries (ISO 3166 codes)",
                do="See `korus data show gravity_panel`",
            )
        if years.max() < spec.entry_year or years.min() >= spec.entry_year:
            side = "from entry into force on" if years.max() < spec.entry_year else "before entry into force"
            raise NotIdentified(
                f"The gravity panel has no year of {exporter} to {importer} {side} ({spec.entry_year})",
                expected="years before and after",
                do="Choose a later month of data, or an agreement that the panel spans",
            )


def _estimate(
    rows: pd.DataFrame, window: Window, spec: GravitySpec
) -> tuple[Estimates, tuple[Model, Regimes, list[tuple[int, int]]]]:
    """Fit one window with our solver, and every comparable pair."""
    cube = Cube.from_frame(rows)
    agreements = cube_of(rows, "in_force", cube.countries, cube.years)
    out = cube.place(spec.reporter, spec.partner)
    pairs = comparable_pairs(cube, agreements, out, share=spec.share, most=spec.most)
    if len(pairs) < spec.fewest:
        raise NotIdentified(
            f"{len(pairs)} pairs of the gravity panel are comparable with {spec.reporter}-{spec.partner}",
            expected=f"at least {spec.fewest} pairs of a like size that trade in every year without a new agreement",
            do="Take a later first year, or a smaller share in gravity.toml",
        )
    others = agreements.copy()
    others[:, *out] = others[:, *out[::-1]] = 0
    model = Model(cube, others[None])
    after = (np.array(cube.years) >= spec.entry_year).astype(np.int64)
    regimes = {out: after, out[::-1]: after}
    fit = model.fit(regimes)
    dummies: Floats = np.zeros((2, *cube.flows.shape))
    dummies[0][:, *out] = dummies[1][:, *out[::-1]] = after
    errors = np.sqrt(np.diag(model.covariance(fit, dummies)))
    placebos = placebo_effects(model, fit, regimes, after, pairs).rename(columns={1: "effect"})
    found = Estimates(
        window,
        {"exports": fit.effects[out][1], "imports": fit.effects[out[::-1]][1]},
        {"exports": float(errors[1]), "imports": float(errors[2])},
        float(fit.coefficients[0]),
        float(errors[0]),
        placebos,
        cube.years,
        cube.observations,
    )
    return found, (model, regimes, pairs)


def _by_pyfixest(rows: pd.DataFrame, spec: GravitySpec) -> PyfixestFit:
    """Return the main fit by pyfixest; regressors `rta`, `exports`, `imports`."""
    exporter, importer, year = rows["exporter"], rows["importer"], rows["year"]
    out = (exporter == spec.reporter) & (importer == spec.partner)
    back = (exporter == spec.partner) & (importer == spec.reporter)
    after = year >= spec.entry_year
    first = exporter.where(exporter < importer, importer)
    second = importer.where(exporter < importer, exporter)
    data = pd.DataFrame(
        {
            "trade": rows["trade_usd_mn"],
            "rta": (rows["in_force"] & ~out & ~back).astype(float),
            "exports": (out & after).astype(float),
            "imports": (back & after).astype(float),
            "exporter_year": exporter + year.astype(str),
            "importer_year": importer + year.astype(str),
            "directed_pair": exporter + importer,
            "pair": first + second,
        }
    )
    return fit_pyfixest(
        data,
        outcome="trade",
        regressors=("rta", *FLOWS),
        effects=("exporter_year", "importer_year", "directed_pair"),
        cluster="pair",
    )


def _published(own: Estimates, official: PyfixestFit) -> Estimates:
    """Return the main estimates with pyfixest's coefficients and errors."""
    return Estimates(
        own.window,
        {flow: float(official.coefficients[flow]) for flow in FLOWS},
        {flow: official.error(flow) for flow in FLOWS},
        float(official.coefficients["rta"]),
        official.error("rta"),
        own.placebos,
        own.years,
        official.observations,
    )


def _path(
    main: tuple[Model, Regimes, list[tuple[int, int]]], spec: GravitySpec
) -> tuple[pd.DataFrame, dict[Flow, float]]:
    """Return effects by year relative to the last year before entry into force, and the test of those before it."""
    model, regimes, pairs = main
    years = np.array(model.cube.years)
    reference = int(np.flatnonzero(years < spec.entry_year)[-1])
    labels = np.arange(1, len(years) + 1)
    labels[reference] = 0
    each = dict.fromkeys(regimes, labels)
    fit = model.fit(each)
    placebos = placebo_effects(model, fit, each, labels, pairs)
    others = [label for label in labels.tolist() if label]
    before = [label for label in others if label - 1 < reference]
    scale = dict(zip(others, np.sqrt((placebos[others] ** 2).mean()).tolist(), strict=True))
    rows, pretrend = [], {}
    for flow, place in zip(FLOWS, regimes, strict=True):
        effects = fit.effects[place]
        for label in others:
            test = RandomisationTest(placebos[label].to_numpy())
            effect, reach = effects[label], test.reach(spec.level)
            p = test.p_value(effect)
            rows.append({"flow": flow, "year": int(years[label - 1]), "effect": effect, "reach": reach, "p": p})
        rows.append({"flow": flow, "year": int(years[reference]), "effect": 0.0, "reach": 0.0, "p": float("nan")})
        if before:
            own = max(abs(effects[label]) / scale[label] for label in before)
            spread = np.array([scale[label] for label in before])
            theirs = (placebos[before].abs() / spread).max(axis=1)
            pretrend[flow] = RandomisationTest(theirs.to_numpy()).p_value(own)
    path = pd.DataFrame(rows).sort_values(["flow", "year"], ignore_index=True)
    return path, pretrend
