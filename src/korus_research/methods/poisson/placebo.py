"""Randomisation inference in the gravity model: the studied pair among pairs whose agreement, or lack of one, lasts.

One treated pair makes clustered standard errors unreliable: they take the one pair's residuals for a sample. Here the
same dummy is given to each comparable pair in turn, and the estimate for the studied pair is ranked among theirs. The
p-value is that of a randomisation test if the studied pair could as well have been any of them.
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
    """Return the pairs (i < j) that may stand in for the studied one, in the order of the countries.

    Parameters
    ----------
    cube : Cube
    agreements : array (T, n, n)
        0 where none is in force, else the number of the agreement that is: another number is another agreement.
    pair : tuple of int
        The studied pair.
    share : float
        Mean flow in each direction, at least this share of the studied pair's smaller mean flow.
    most : int
        Keep so many, the nearest in size (the smaller of the two mean flows, in logs).

    Pairs that share a country with the studied one are none: what the agreement did may have diverted their flows.
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
    """Fit the model once for each pair, with the labels given to both its directions beside the studied pair's own.

    Returns
    -------
    DataFrame with one row for each directed pair and one column for each label but 0: effects in logs; index
    (exporter, importer). The studied pair keeps its dummies throughout, so that its own effect isn't in the placebos.
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
    """The rank of one estimate among placebo estimates, and what follows from it.

    Attributes
    ----------
    placebos : array
        Estimates for comparable directed pairs, in logs.
    together : int
        How many of them count as one: two where both flows of a pair are there, which are no two independent draws.
    """

    placebos: Floats
    together: int = 1

    @property
    def units(self) -> float:
        """How many placebos there are, those that belong together counted once."""
        return len(self.placebos) / self.together

    @property
    def floor(self) -> float:
        """The least p-value there can be: 1 / (units + 1)."""
        return 1 / (self.units + 1)

    def beyond(self, effect: float) -> int:
        """Count the placebo estimates at least as far from zero."""
        return int((np.abs(self.placebos) >= abs(effect)).sum())

    def p_value(self, effect: float, *, null: float = 0.0) -> float:
        """Return the two-sided p-value of the hypothesis that the true effect is `null`."""
        return (1 + self.beyond(effect - null) / self.together) / (self.units + 1)

    def reach(self, level: float) -> float:
        """Return the half-width of the interval at `level`: how far from the estimate a null is not rejected.

        The interval is the test inverted. A null b is tested on flows from which b has been taken in the studied
        cells; that moves the estimate by b and, as the studied pair keeps its dummies in every placebo fit, the
        placebos next to nothing (a test measures how little). So the set of nulls with a p-value above 1 - level is
        the estimate plus and minus the k-th largest placebo: k - 1 of them make a p-value of at most 1 - level, k more.

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
