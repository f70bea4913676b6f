"""Several agreements pooled: one average effect, tested by assigning donors to all agreements at once.

The placebos of different agreements are not independent: the same donors appear in overlapping years. So each draw
assigns a distinct donor to every agreement, keeps the years of the agreement, and pools the donors' placebo effects
with the weights of the agreements. Shocks common to the same years are thereby in the draws as in the estimate. There
are three variants (decision 135 explains the last):

`raw`        errors as they are, precision weights
`first`      errors relative to each unit's own variability of growth, precision weights
`scaled`     the same with weights inverse to own variability, and no unit of a draw among the donors of another, as
             no agreement's partner is
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import NoDonors
from korus_research.methods.synthetic.donors import FEWEST
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import Ridges, fit_rows
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.methods.synthetic.simplex import Array

FEWEST_KEPT = 1e-4  # smallest share of draws with distinct donors
BATCH = 100_000  # draws at a time: a few megabytes

Choice = NDArray[np.intp]


Scale = Literal["raw", "first", "scaled"]
SCALES: tuple[Scale, ...] = ("raw", "first", "scaled")


@dataclass(frozen=True)
class Place:
    """One agreement among those pooled.

    Attributes
    ----------
    name : str
    found : Counterfactual
        Its estimate with all placebos, in logarithms and by year.
    """

    name: str
    found: Counterfactual

    @property
    def effect(self) -> float:
        """The estimate, log points."""
        return self.found.effect_log

    @property
    def donors(self) -> tuple[str, ...]:
        """Census codes of its placebos."""
        return self.found.pool.donors

    @property
    def errors(self) -> Array:
        """Placebo effects in the agreement's years, log points, shape (J,)."""
        return self.found.fits.effect[1:]

    @cached_property
    def spread(self) -> Array:
        """Standard deviation of each unit's year-to-year changes before treatment, treated unit first, (J + 1,)."""
        pre, _ = self.found.spec.places(int(self.found.pool.values.index[0]))
        changes = np.diff(self.found.outcome[:, pre], axis=1)[:, np.diff(pre) == 1]
        spread: Array = changes.std(axis=1, ddof=1)
        return spread

    @property
    def scaled(self) -> Array:
        """Errors over each placebo's own spread, times the treated unit's, (J,): small partners vary more."""
        scaled: Array = self.errors / self.spread[1:] * self.spread[0]
        return scaled


@dataclass(frozen=True)
class Pooled:
    """The weighted mean of several effects.

    Attributes
    ----------
    weights : array (places,)
        They add up to one, in the order of the agreements.
    sensitivity : Sensitivity
        The pooled effect, with the pooled placebo effects of each draw as its errors.
    """

    weights: Array
    sensitivity: Sensitivity


@dataclass(frozen=True)
class Draws:
    """Donors assigned to agreements.

    Attributes
    ----------
    choice : array of int (draws, places)
        Index into the donors of the agreement.
    apart : array (fitted draws, places)
        Placebo effects of the first draws, fitted without the units of the same draw as donors, log points.
    """

    choice: Choice
    apart: Array


def distinct_donors(places: Sequence[Place], *, draws: int, seed: int) -> Choice:
    """Draw a donor for every agreement, uniformly among assignments of distinct donors.

    Returns
    -------
    Array (draws, places): index into the donors of the agreement.

    Raises
    ------
    NoDonors
        There are fewer donors than agreements, or almost no draw has distinct ones.
    """
    codes = {code: number for number, code in enumerate(sorted({c for place in places for c in place.donors}))}
    known = [np.array([codes[code] for code in place.donors]) for place in places]
    if len(codes) < len(places) or not all(len(own) for own in known):
        raise _too_few(len(codes), len(places))
    rng, kept, tried = np.random.default_rng(seed), [np.empty((0, len(places)), dtype=np.intp)], 0
    while (have := sum(map(len, kept))) < draws:
        if tried and have < tried * FEWEST_KEPT:
            raise _too_few(len(codes), len(places))
        choice = np.stack([rng.integers(len(own), size=BATCH) for own in known], axis=1)
        drawn = np.sort(np.stack([own[choice[:, k]] for k, own in enumerate(known)], axis=1), axis=1)
        kept.append(choice[(np.diff(drawn, axis=1) != 0).all(axis=1)])
        tried += BATCH
    return np.concatenate(kept)[:draws]


def drawn_apart(places: Sequence[Place], choice: Choice, *, fitted: int, ridges: Ridges) -> Draws:
    """Fit the first `fitted` draws of `distinct_donors` without the units of the same draw as donors.

    Raises
    ------
    NoDonors
        Fewer than `FEWEST` donors remain for one of them; other errors as `fit_rows`.
    """
    apart = np.empty(choice[:fitted].shape)
    drawn = [np.array(place.donors)[choice[:fitted, k]] for k, place in enumerate(places)]
    for k, place in enumerate(places):
        allowed = np.ones((len(apart), len(place.donors) + 1), dtype=bool)
        allowed[:, 0] = False
        for codes in drawn:
            allowed[:, 1:] &= codes[:, None] != np.array(place.donors)
        if (left := int(allowed.sum(axis=1).min())) < FEWEST:
            raise _too_few(left, len(places))
        spec = place.found.spec
        pre, post = spec.places(int(place.found.pool.values.index[0]))
        made = fit_rows(
            place.found.outcome,
            pre,
            [post],
            1 + choice[:fitted, k],
            allowed,
            estimator=spec.estimator,
            ridges=ridges,
        )
        apart[:, k] = made[0].effect
    return Draws(choice, apart)


def pool(places: Sequence[Place], draws: Draws, scale: Scale, *, level: float) -> Pooled:
    """Return the weighted mean effect of `places` by one of `SCALES`, tested with the draws of `drawn_apart`."""
    if scale == "scaled":
        own = np.array([place.spread[0] for place in places])
        spreads = _drawn([place.spread[1:] for place in places], draws)[: len(draws.apart)]
        errors = draws.apart / spreads * own
        weights = 1 / own
    else:
        known = [place.errors if scale == "raw" else place.scaled for place in places]
        errors = _drawn(known, draws)
        weights = 1 / np.array([(each**2).mean() for each in known])
    weights = weights / weights.sum()
    effect = float(weights @ [place.effect for place in places])
    return Pooled(weights, Sensitivity(effect, errors @ weights, level))


def _drawn(known: Sequence[Array], draws: Draws) -> Array:
    return np.stack([each[draws.choice[:, k]] for k, each in enumerate(known)], axis=1)


def _too_few(donors: int, places: int) -> NoDonors:
    return NoDonors(
        f"{donors} donors are no distinct placebos for {places} agreements",
        expected="enough that most draws put another donor in every place",
        do="Pool fewer agreements, or choose a donor rule that excludes less",
    )
