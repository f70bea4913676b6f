"""Several agreements pooled: one average effect, judged by donors put in the places of all of them at once.

Placebos of one agreement are no independent draws of another's: the same donors stand in overlapping years. So each
draw puts a distinct donor in every place, keeps the years of the place, and pools what these donors were estimated to
have with the weights that the agreements are pooled with. What shocks of the same years have in common is thereby in
the draws as it is in the estimate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from korus_research.errors import NoDonors
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.power import Sensitivity
from korus_research.methods.synthetic.simplex import Array

FEWEST_KEPT = 1e-4  # share of draws with distinct donors below which there are in effect too few of them
BATCH = 100_000  # draws at a time: a few megabytes

Choice = NDArray[np.intp]


@dataclass(frozen=True)
class Place:
    """One agreement among those pooled.

    Attributes
    ----------
    name : str
    effect : float
        Its estimate, log points.
    donors : tuple of str
        Codes of its placebos.
    errors : array (J,)
        What each was estimated to have in the agreement's years, log points.
    """

    name: str
    effect: float
    donors: tuple[str, ...]
    errors: Array

    @property
    def variance(self) -> float:
        """Mean squared error of the placebos: the inverse of the agreement's weight in the pool."""
        return float((self.errors**2).mean())


@dataclass(frozen=True)
class Pooled:
    """The precision-weighted mean of several effects.

    Attributes
    ----------
    weights : array (places,)
        Adding up to one, in the order of the places.
    sensitivity : Sensitivity
        The pooled effect, and as its errors the pooled placebos of each draw.
    """

    weights: Array
    sensitivity: Sensitivity


def place_of(name: str, found: Counterfactual, *, own_growth: bool) -> Place:
    """Return one estimate as a place of the pool.

    With `own_growth` each placebo's effect is taken in units of the standard deviation of its own yearly growth before
    treatment, and given the treated unit's: a small partner varies more than the large ones that stand in for it.
    """
    errors = found.fits.effect[1:]
    if own_growth:
        spread = growth_spread(found)
        errors = errors / spread[1:] * spread[0]
    return Place(name, found.effect_log, found.pool.donors, errors)


def growth_spread(found: Counterfactual) -> Array:
    """Return the standard deviation of each unit's changes from one fitted year to the next, the treated one first."""
    pre, _ = found.spec.places(int(found.pool.values.index[0]))
    changes = np.diff(found.outcome[:, pre], axis=1)[:, np.diff(pre) == 1]
    spread: Array = changes.std(axis=1, ddof=1)
    return spread


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


def pool(places: Sequence[Place], choice: Choice, *, level: float) -> Pooled:
    """Return the precision-weighted mean effect of `places` with the draws of `distinct_donors` for them."""
    precision = 1 / np.array([place.variance for place in places])
    weights: Array = precision / precision.sum()
    errors = np.stack([place.errors[choice[:, k]] for k, place in enumerate(places)], axis=1) @ weights
    effect = float(weights @ [place.effect for place in places])
    return Pooled(weights, Sensitivity(effect, errors, level))


def _too_few(donors: int, places: int) -> NoDonors:
    return NoDonors(
        f"{donors} donors are no distinct placebos for {places} agreements",
        expected="enough that most draws put another donor in every place",
        do="Pool fewer agreements, or choose a donor rule that excludes less",
    )
