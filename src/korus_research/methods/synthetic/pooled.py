"""Several agreements pooled: one average effect, judged by donors put in the places of all of them at once.

Placebos of one agreement are no independent draws of another's: the same donors stand in overlapping years. So each
draw puts a distinct donor in every place, keeps the years of the place, and pools what these donors were estimated to
have with the weights that the agreements are pooled with. What shocks of the same years have in common is thereby in
the draws as it is in the estimate. Three ways to do so (decision 135, which says what the last mends):

`raw`        errors as they are, weights by precision
`first`      in units of each unit's own yearly growth, weights by precision
`scaled`     the same with weights by one over own growth, so that what is pooled are gaps in units of it, and with
             none of a draw among the donors of another, as no agreement's partner is
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

FEWEST_KEPT = 1e-4  # share of draws with distinct donors below which there are in effect too few of them
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
        Its estimate, with all placebos; of logarithms, by year.
    """

    name: str
    found: Counterfactual

    @property
    def effect(self) -> float:
        """The estimate, log points."""
        return self.found.effect_log

    @property
    def donors(self) -> tuple[str, ...]:
        """Codes of its placebos."""
        return self.found.pool.donors

    @property
    def errors(self) -> Array:
        """What each placebo was estimated to have in the agreement's years, log points, shape (J,)."""
        return self.found.fits.effect[1:]

    @cached_property
    def spread(self) -> Array:
        """Own growth: standard deviation of changes from one fitted year to the next, treated unit first, (J + 1,)."""
        pre, _ = self.found.spec.places(int(self.found.pool.values.index[0]))
        changes = np.diff(self.found.outcome[:, pre], axis=1)[:, np.diff(pre) == 1]
        spread: Array = changes.std(axis=1, ddof=1)
        return spread

    @property
    def scaled(self) -> Array:
        """Errors in units of each placebo's own growth, times the treated unit's: small partners vary more, (J,)."""
        scaled: Array = self.errors / self.spread[1:] * self.spread[0]
        return scaled


@dataclass(frozen=True)
class Pooled:
    """The weighted mean of several effects.

    Attributes
    ----------
    weights : array (places,)
        Adding up to one, in the order of the places.
    sensitivity : Sensitivity
        The pooled effect, and as its errors the pooled placebos of each draw.
    """

    weights: Array
    sensitivity: Sensitivity


@dataclass(frozen=True)
class Draws:
    """Donors in the places of agreements.

    Attributes
    ----------
    choice : array of int (draws, places)
        Which of the place's donors.
    apart : array (fitted draws, places)
        What each of the first draws is estimated to have with none of it among its donors, log points.
    """

    choice: Choice
    apart: Array


def distinct_donors(places: Sequence[Place], *, draws: int, seed: int) -> Choice:
    """Draw a donor for every place, no donor twice in a draw, each such choice as likely as any other.

    Returns
    -------
    Array (draws, places): which of the place's donors.

    Raises
    ------
    NoDonors
        The places together have fewer donors than there are places, or hardly a draw has distinct ones.
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
    """Fit the first draws of `distinct_donors`, `fitted` of them, as agreements are: with none of a draw among donors.

    Raises
    ------
    NoDonors
        Fewer than `FEWEST` donors are left for one of them; further errors as `fit_rows`.
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
    """Return the weighted mean effect of `places` by one of `SCALES`, with the draws of `drawn_apart` for them."""
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
