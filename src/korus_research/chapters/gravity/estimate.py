"""The three-way gravity model of one agreement on one window of years (docs/methods/gravity.md).

X_ijt = exp(b RTA_ijt + b1 D(reporter -> partner) + b2 D(partner -> reporter) + exporter-year + importer-year + pair),
fitted by Poisson pseudo-maximum likelihood. RTA leaves the studied pair out and keeps all others, so that b is the
average agreement beside which b1 and b2 are read. Partial effects: what they hold fixed is everything that an exporter
or an importer has in common with all its partners in a year. Santos Silva and Tenreyro (2006), Review of Economics and
Statistics 88(4); Yotov, Piermartini, Monteiro and Larch (2016), An Advanced Guide to Trade Policy Analysis.

Many fits are made with our own solver, the published one by pyfixest (decision 25). A comparable pair keeps its
agreement, or lack of one, in all years (decision 45).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd

from korus_research.chapters.gravity.choices import GravitySpec, Window
from korus_research.errors import TooFewPairs
from korus_research.methods.poisson.cube import Cube, Floats, agreements_of, cube_of
from korus_research.methods.poisson.hessian import Regimes
from korus_research.methods.poisson.placebo import RandomisationTest, comparable_pairs, placebo_effects, relative_sizes
from korus_research.methods.poisson.ppml import Model
from korus_research.methods.poisson.pyfixest import PyfixestFit, fit_pyfixest
from korus_research.methods.series import FLOWS, Flow

Part = Literal["never", "always", "large"]
PARTS: tuple[Part, ...] = get_args(Part)
Fitted = tuple[Model, Regimes, list[tuple[int, int]]]  # what the path by year takes from the main fit


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
        One row for each comparable directed pair, index (exporter, importer): `effect` given to it, in logs; `size`,
        the pair's smaller mean flow as a share of the studied pair's; `lasting`, an agreement in force throughout.
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

    def among(self, part: Part, *, large: float) -> RandomisationTest:
        """Return the same test among a part of the placebos: of pairs never or always under an agreement, or large."""
        chosen = {
            "never": ~self.placebos["lasting"],
            "always": self.placebos["lasting"],
            "large": self.placebos["size"] >= large,
        }
        return RandomisationTest(self.placebos.loc[chosen[part], "effect"].to_numpy())


def percent(logs: float) -> float:
    """Return a change in logs as percent."""
    return 100 * float(np.expm1(logs))


def estimate(rows: pd.DataFrame, window: Window, spec: GravitySpec) -> tuple[Estimates, Fitted]:
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


def by_pyfixest(rows: pd.DataFrame, spec: GravitySpec) -> PyfixestFit:
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
        effects=("importer_year", "exporter_year", "directed_pair"),
        cluster="pair",
    )


def published(own: Estimates, official: PyfixestFit) -> Estimates:
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


def path_by_year(main: Fitted, spec: GravitySpec) -> tuple[pd.DataFrame, dict[Flow, float]]:
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
