"""Randomization inference in the gravity model: the studied pair among pairs whose status does not change.

Clustered standard errors are unreliable with one treated pair, whose residuals they take for a sample. Here the same
dummy is given to each comparable pair in turn, and the estimate for the studied pair is ranked among theirs. The
p-value is that of a randomization test if any of these pairs might have been the treated one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import NotIdentified
from korus_research.methods.poisson.cube import Cube, Floats
from korus_research.methods.poisson.hessian import Regimes
from korus_research.methods.poisson.ppml import Fit, Model

Place = tuple[int, int]


def comparable_pairs(cube: Cube, agreements: Floats, pair: Place, *, share: float, most: int) -> list[Place]:
    """Return the pairs (i < j) that are comparable to the studied one, in the order of the countries.

    Parameters
    ----------
    cube : Cube
    agreements : array (T, n, n)
        Number of the agreement in force, 0 if there is none.
    pair : tuple of int
        The studied pair.
    share : float
        Smallest mean flow in each direction, as a share of the studied pair's smaller mean flow.
    most : int
        Largest number of pairs, the nearest in size (the smaller of the two mean flows, in logs).

    Pairs with a country of the studied pair are excluded, since the agreement may have diverted their flows.
    """
    positive = (cube.used & (cube.flows > 0)).all(0)
    steady = agreements.min(0) == agreements.max(0)
    size = cube.flows.mean(0)
    smaller = np.minimum(size, size.T)
    one_way = positive & steady & (smaller >= share * smaller[pair])
    both = np.triu(one_way & one_way.T, 1)
    both[list(pair)] = both[:, list(pair)] = False
    found = [(int(i), int(j)) for i, j in np.argwhere(both)]
    nearest = sorted(found, key=lambda place: abs(math.log(smaller[place] / smaller[pair])))[:most]
    return sorted(nearest)


def relative_sizes(cube: Cube, pair: Place, pairs: Sequence[Place]) -> list[float]:
    """Return each pair's smaller mean flow as a share of the studied pair's."""
    size = cube.flows.mean(0)
    smaller = np.minimum(size, size.T)
    return [float(smaller[place] / smaller[pair]) for place in pairs]


def placebo_effects(
    model: Model, main: Fit, regimes: Regimes, labels: NDArray[np.int64], pairs: Sequence[Place]
) -> pd.DataFrame:
    """Fit the model once for each pair, with the labels on both its directions in addition to the studied pair's.

    Returns
    -------
    DataFrame with one row for each directed pair and one column for each label but 0: effects in logs; index
    (exporter, importer). The studied pair keeps its dummies throughout, so its own effect does not enter the placebos.
    """
    names = model.cube.countries
    hessian = model.hessian(main, regimes)
    rows = {}
    for i, j in pairs:
        fit = model.fit({**regimes, (i, j): labels, (j, i): labels}, near=main, hessian=hessian)
        for place in ((i, j), (j, i)):
            rows[names[place[0]], names[place[1]]] = fit.effects[place]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=sorted({*labels.tolist()} - {0}))
    frame.index = pd.MultiIndex.from_tuples(list(rows), names=["exporter", "importer"])
    return frame


@dataclass(frozen=True)
class RandomisationTest:
    """A randomization test: the rank of one estimate among placebo estimates.

    Attributes
    ----------
    placebos : array
        Estimates for comparable directed pairs, in logs.
    together : int
        How many of them count as one: two if both flows of a pair are included, which are not independent.
    """

    placebos: Floats
    together: int = 1

    @property
    def units(self) -> float:
        """The number of placebos, those that belong together counted once."""
        return len(self.placebos) / self.together

    @property
    def floor(self) -> float:
        """The smallest possible p-value, 1 / (units + 1)."""
        return 1 / (self.units + 1)

    def beyond(self, effect: float) -> int:
        """Count the placebo estimates at least as far from zero."""
        return int((np.abs(self.placebos) >= abs(effect)).sum())

    def p_value(self, effect: float, *, null: float = 0.0) -> float:
        """Return the two-sided p-value of the hypothesis that the true effect is `null`."""
        return (1 + self.beyond(effect - null) / self.together) / (self.units + 1)

    def reach(self, level: float) -> float:
        """Return the half-width of the interval at `level`, which inverts the test.

        A null b is tested on flows with b removed from the studied cells. That shifts the estimate by b and leaves the
        placebos almost unchanged, as the studied pair keeps its dummies in every placebo fit (a test measures the
        difference). So the nulls with a p-value above 1 - level are within the k-th largest placebo of the estimate,
        where k - 1 placebos give a p-value of at most 1 - level.

        Raises
        ------
        NotIdentified
            There are too few placebos for the level.
        """
        beyond = (1 - level) * (self.units + 1) - 1
        if beyond < -1e-9:
            raise NotIdentified(
                f"{len(self.placebos)} placebo estimates give no {level:.0%} interval",
                expected=f"at least {self.together * (math.ceil(1 / (1 - level)) - 1)}",
                do="Lower the share that makes pairs comparable",
            )
        return float(np.sort(np.abs(self.placebos))[-1 - math.floor(beyond * self.together + 1e-9)])
