"""The three-way gravity model of one agreement on one window of years (docs/methods/gravity.md).

X_ijt = exp(b RTA_ijt + b1 D(reporter -> partner) + b2 D(partner -> reporter) + exporter-year + importer-year + pair),
with two more dummies for the pair's years before the last one, so that b1 and b2 are relative to that year (decision
71), fitted by Poisson pseudo-maximum likelihood. RTA leaves the studied pair out and keeps all others, so that b is the
average agreement beside which b1 and b2 are read. Partial effects: what they hold fixed is everything that an exporter
or an importer has in common with all its partners in a year. Santos Silva and Tenreyro (2006), Review of Economics and
Statistics 88(4); Yotov, Piermartini, Monteiro and Larch (2016), An Advanced Guide to Trade Policy Analysis.

All fits are made with our own solver (decision 139). A comparable pair keeps its agreement, or lack of one, in all
years (decision 45).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.chapters.gravity.choices import GravitySpec, Window
from korus_research.errors import TooFewPairs
from korus_research.methods.poisson.cube import Cube, Floats, agreements_of, cube_of
from korus_research.methods.poisson.hessian import Regimes
from korus_research.methods.poisson.placebo import RandomisationTest, comparable_pairs, placebo_effects, relative_sizes
from korus_research.methods.poisson.ppml import Fit, Model
from korus_research.methods.poisson.standard import PAIR_FLOWS, Past, Standard, Standing, least_error, standings
from korus_research.methods.series import FLOWS, Flow

Part = Literal["never", "always", "large"]
PARTS: tuple[Part, ...] = get_args(Part)
LATER, EARLIER = 1, 2  # labels of years: under the agreement, and before the last year before it (label 0)
Fitted = tuple[Model, Regimes, list[tuple[int, int]]]  # what the path by year takes from the main fit


@dataclass(frozen=True)
class Estimates:
    """The model on one window.

    Attributes
    ----------
    standard : Standard
        What `effects` and the placebos' are relative to: the standard that the main window chose.
    standings : mapping of standard to Standing
        Effects and placebo effects by every standard; `mean`, that of the first edition, in the main window only.
    past : Past or None
        How placebo flows went on, given their past; None without years before the last one.
    errors : mapping of flow to float
        Clustered standard errors of the effects against the last year before, in logs.
    average, average_error : float
        The average agreement's coefficient and its error.
    pairs : DataFrame
        One row for each comparable directed pair, index (exporter, importer): `size`, the pair's smaller mean flow as
        a share of the studied pair's; `lasting`, an agreement in force throughout.
    years : tuple of int
        Years fitted on.
    observations : int
    """

    window: Window
    standard: Standard
    standings: Mapping[Standard, Standing]
    past: Past | None
    errors: Mapping[Flow, float]
    average: float
    average_error: float
    pairs: pd.DataFrame
    years: tuple[int, ...]
    observations: int

    @property
    def effects(self) -> Mapping[Flow, float]:
        """Direction-specific effects by the standard, in logs."""
        return self.standings[self.standard].effects

    @cached_property
    def placebos(self) -> pd.DataFrame:
        """The comparable directed pairs with the `effect` that the same question finds for each, in logs."""
        return self.pairs.assign(effect=self.standings[self.standard].placebos)

    @property
    def test(self) -> RandomisationTest:
        """The randomisation test among the placebos."""
        return self.standings[self.standard].test

    def among(self, part: Part, *, large: float) -> RandomisationTest:
        """Return the same test among a part of the placebos: of pairs never or always under an agreement, or large."""
        chosen = {
            "never": ~self.placebos["lasting"],
            "always": self.placebos["lasting"],
            "large": self.placebos["size"] >= large,
        }
        return RandomisationTest(self.placebos.loc[chosen[part], "effect"].to_numpy(), PAIR_FLOWS)


def percent(logs: float) -> float:
    """Return a change in logs as percent."""
    return 100 * float(np.expm1(logs))


def estimate(
    rows: pd.DataFrame, window: Window, spec: GravitySpec, standard: Standard | None = None
) -> tuple[Estimates, Fitted]:
    """Fit one window and every comparable pair; the main window, fitted without `standard`, chooses it."""
    cube = Cube.from_frame(rows)
    in_force = cube_of(rows, "in_force", cube.countries, cube.years)
    agreements = agreements_of(rows, cube, spec.renamed)
    out = cube.place(spec.reporter, spec.partner)
    pairs = comparable_pairs(cube, agreements, out, share=spec.share, most=spec.most)
    if len(pairs) < spec.fewest:
        raise TooFewPairs(
            f"{len(pairs)} pairs of the gravity panel are comparable with {spec.reporter}-{spec.partner}",
            expected=f"at least {spec.fewest} pairs of other countries that trade in every year, agreement unchanged",
            do="Take a later first year, or a smaller share in gravity.toml",
        )
    in_force[:, *out] = in_force[:, *out[::-1]] = 0
    model = Model(cube, in_force[None])
    years = np.array(cube.years)
    labels = np.where(years >= spec.entry_year, LATER, EARLIER)
    labels[_reference(cube.years, spec)] = 0
    fit, placebos, regimes = _with_placebos(model, out, labels, pairs)
    later, earlier = ({flow: fit.effects[place].get(label) for flow, place in zip(FLOWS, regimes, strict=True)}
                      for label in (LATER, EARLIER))  # fmt: skip
    past = None if None in earlier.values() else earlier
    found, went_on = standings(later, past, placebos.rename(columns={LATER: "later", EARLIER: "earlier"}))  # type: ignore[arg-type]
    if standard is None:
        means = (years >= spec.entry_year).astype(np.int64)
        of_means, their, _ = _with_placebos(model, out, means, pairs)
        effects = {flow: of_means.effects[place][1] for flow, place in zip(FLOWS, regimes, strict=True)}
        found["mean"] = Standing(effects, their[1])
        standard = least_error(found, spec.standards)
    covariance = model.covariance(fit, np.stack([_dummy(cube, place, labels == label)
                                                 for label in (LATER, EARLIER) if (labels == label).any()
                                                 for place in regimes]))  # fmt: skip
    errors = np.sqrt(np.diag(covariance)).tolist()
    # Two rows a pair, one for each direction, in the order of the pairs.
    kinds = {"size": np.repeat(relative_sizes(cube, out, pairs), PAIR_FLOWS),
             "lasting": np.repeat([bool(agreements[0][place]) for place in pairs], PAIR_FLOWS)}  # fmt: skip
    estimates = Estimates(
        window,
        standard if standard in found else "last",
        found,
        went_on,
        dict(zip(FLOWS, errors[1:3], strict=True)),
        float(fit.coefficients[0]),
        errors[0],
        pd.DataFrame(kinds, index=placebos.index),
        cube.years,
        cube.observations,
    )
    return estimates, (model, regimes, pairs)


def _reference(years: Sequence[int], spec: GravitySpec) -> int:
    """Return the place of the last year before entry into force."""
    return max(place for place, year in enumerate(years) if year < spec.entry_year)


def _with_placebos(
    model: Model, out: tuple[int, int], labels: NDArray[np.int64], pairs: list[tuple[int, int]]
) -> tuple[Fit, pd.DataFrame, Regimes]:
    """Return the fit with these labels for both directions of the studied pair, and placebo effects by label."""
    regimes = {out: labels, out[::-1]: labels}
    fit = model.fit(regimes)
    return fit, placebo_effects(model, fit, regimes, labels, pairs), regimes


def _dummy(cube: Cube, place: tuple[int, int], years: NDArray[np.bool_]) -> Floats:
    out: Floats = np.zeros_like(cube.flows)
    out[:, *place] = years
    return out


def path_by_year(main: Fitted, spec: GravitySpec) -> tuple[pd.DataFrame, dict[Flow, float]]:
    """Return effects by year relative to the last year before entry into force, and the test of those before it."""
    model, regimes, pairs = main
    years = np.array(model.cube.years)
    reference = _reference(model.cube.years, spec)
    labels = np.arange(1, len(years) + 1)
    labels[reference] = 0
    fit, placebos, _ = _with_placebos(model, next(iter(regimes)), labels, pairs)
    others = [label for label in labels.tolist() if label]
    before = [label for label in others if label - 1 < reference]
    scale = dict(zip(others, np.sqrt((placebos[others] ** 2).mean()).tolist(), strict=True))
    rows, pretrend = [], {}
    for flow, place in zip(FLOWS, regimes, strict=True):
        effects = fit.effects[place]
        for label in others:
            test = RandomisationTest(placebos[label].to_numpy(), PAIR_FLOWS)
            effect, reach = effects[label], test.reach(spec.level)
            p = test.p_value(effect)
            rows.append({"flow": flow, "year": int(years[label - 1]), "effect": effect, "reach": reach, "p": p})
        rows.append({"flow": flow, "year": int(years[reference]), "effect": 0.0, "reach": 0.0, "p": float("nan")})
        if before:
            own = max(abs(effects[label]) / scale[label] for label in before)
            spread = np.array([scale[label] for label in before])
            theirs = (placebos[before].abs() / spread).max(axis=1)
            pretrend[flow] = RandomisationTest(theirs.to_numpy(), PAIR_FLOWS).p_value(own)
    path = pd.DataFrame(rows).sort_values(["flow", "year"], ignore_index=True)
    return path, pretrend
