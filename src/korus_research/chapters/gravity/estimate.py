"""The three-way gravity model of one agreement (methods section 4).

X_ijt = exp(b RTA_ijt + b1 D(reporter -> partner) + b2 D(partner -> reporter) + exporter-year + importer-year + pair),
fitted by Poisson pseudo-maximum likelihood. RTA leaves the studied pair out and keeps all others, so that b is the
average agreement beside which b1 and b2 are read. Partial effects: what they hold fixed is everything that an exporter
or an importer has in common with all its partners in a year. Santos Silva and Tenreyro (2006), Review of Economics and
Statistics 88(4); Yotov, Piermartini, Monteiro and Larch (2016), An Advanced Guide to Trade Policy Analysis.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from korus_research.chapters.gravity.census import panel_coverage
from korus_research.chapters.gravity.panel import check_panel
from korus_research.chapters.gravity.result import FILE, MAIN, Estimates, Gravity, GravitySpec, Window
from korus_research.errors import NotConverged, NotIdentified, TooFewPairs
from korus_research.methods.poisson.cube import Cube, Floats, agreements_of, cube_of
from korus_research.methods.poisson.hessian import Regimes
from korus_research.methods.poisson.placebo import RandomisationTest, comparable_pairs, placebo_effects, relative_sizes
from korus_research.methods.poisson.ppml import Model
from korus_research.methods.poisson.pyfixest import PyfixestFit, fit_pyfixest
from korus_research.methods.series import FLOWS, Flow

__all__ = ["Estimates", "Gravity", "GravitySpec", "Window", "analyse_gravity"]

AGREE = 1e-6  # how far pyfixest and our solver may differ, in logs


def analyse_gravity(panel: pd.DataFrame, census: pd.DataFrame, *, spec: GravitySpec) -> Gravity:
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
        A fit did not converge, or pyfixest and our solver differ.
    """
    check_panel(panel, reporter=spec.reporter, partner=spec.partner, entry_year=spec.entry_year)
    coverage = panel_coverage(panel, census, reporter=spec.reporter, partner=spec.partner)
    return replace(_fit_all(panel, spec), coverage=coverage)


_Fitted = tuple[Model, Regimes, list[tuple[int, int]]]


def _fit_all(panel: pd.DataFrame, spec: GravitySpec) -> Gravity:
    """Fit everything; the comparison with Census figures is left empty."""
    estimates: dict[str, Estimates] = {}
    fitted: list[_Fitted] = []
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
        try:
            estimates[window.key], used = _estimate(rows, window, spec)
        except TooFewPairs:
            if window.key == MAIN:
                raise
            continue  # other years are a variant: the chapter says that the panel has none for it
        fitted.append(used)
    if MAIN not in estimates:
        raise NotIdentified(
            f"No year of the main window of the gravity estimates lies before {spec.entry_year}",
            expected=f"a first year in {FILE.name} before entry into force",
            do=f"Correct {FILE.name}",
        )
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
    path, pretrend = _path(fitted[0], spec)
    countries = int(rows["exporter"].nunique())
    return Gravity(spec, estimates, path, pretrend, pd.DataFrame(), official, difference, countries)


def _estimate(rows: pd.DataFrame, window: Window, spec: GravitySpec) -> tuple[Estimates, _Fitted]:
    """Fit one window with our solver, and every comparable pair."""
    cube = Cube.from_frame(rows)
    in_force = cube_of(rows, "in_force", cube.countries, cube.years)
    agreements = agreements_of(rows, cube, spec.renamed)
    out = cube.place(spec.reporter, spec.partner)
    pairs = comparable_pairs(cube, agreements, out, share=spec.share, most=spec.most)
    if len(pairs) < spec.fewest:
        raise TooFewPairs(
            f"{len(pairs)} pairs of the gravity panel are comparable with {spec.reporter}-{spec.partner}",
            expected=f"at least {spec.fewest} pairs that trade enough in every year, their agreement unchanged",
            do="Take a later first year, or a smaller share in gravity.toml",
        )
    others = in_force.copy()
    others[:, *out] = others[:, *out[::-1]] = 0
    model = Model(cube, others[None])
    after = (np.array(cube.years) >= spec.entry_year).astype(np.int64)
    regimes = {out: after, out[::-1]: after}
    fit = model.fit(regimes)
    dummies: Floats = np.zeros((2, *cube.flows.shape))
    dummies[0][:, *out] = dummies[1][:, *out[::-1]] = after
    errors = np.sqrt(np.diag(model.covariance(fit, dummies)))
    # Two rows a pair, one for each direction, in the order of the pairs.
    placebos = placebo_effects(model, fit, regimes, after, pairs).rename(columns={1: "effect"})
    placebos["size"] = np.repeat(relative_sizes(cube, out, pairs), 2)
    placebos["lasting"] = np.repeat([bool(agreements[0][place]) for place in pairs], 2)
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


def _path(main: _Fitted, spec: GravitySpec) -> tuple[pd.DataFrame, dict[Flow, float]]:
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
