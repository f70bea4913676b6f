"""Energy in the exports that the counterfactual measures: description only, as the donors' energy is not known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import nan

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.chapters.counterfactual.estimates.variants import span
from korus_research.chapters.counterfactual.measures import Effects, of as effects_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.data.study import Study, measured
from korus_research.methods.series import MN_PER_BN
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.show.declared import Result, Value


@dataclass(frozen=True)
class Energy(Result):
    """Exports with and without HS 27 under the agreement, USD billion.

    Attributes
    ----------
    ends : DataFrame or None
        Exports of `energy` and `other`, rows first and last: the first and the last year of the post-period that both
        tables hold. None where they hold fewer than two.
    years : str
        Those years, or the post-period.
    beyond : float or None
        What energy was a year, on average, beyond its value of the first year; None where a year is missing.
    held_percent, led_percent : float or None
        The mean effect on exports, percent, had energy kept that value: by the method declared first, the leading one.
    """

    FINDINGS = "energy"

    names: Mapping[str, str]
    decimals: int
    years: str
    ends: pd.DataFrame | None = None
    beyond: float | None = None
    held_percent: float | None = None
    led_percent: float | None = None


@measured
def of(study: Study) -> Energy:
    """Return exports with and without energy in the first and the last year under the agreement."""
    return energy_in(effects_of(study), flows_of(study).energy)


def energy_in(effects: Effects, table: pd.DataFrame | None) -> Energy:
    """Return energy in the post-period, from exports by year (columns exports, energy, other, USD billion)."""
    first, last = effects.window.post
    about = (effects.names, effects.scale.decimals)
    years = [] if table is None else [int(y) for y in table.index if str(y).isdigit() and first <= int(y) <= last]
    if table is None or len(years) < 2:
        return Energy(*about, span(first, last))
    rows = table.set_axis([str(year) for year in table.index])
    ends = rows.loc[[str(years[0]), str(years[-1])], ["energy", "other"]].set_axis(["first", "last"])
    window = [str(year) for year in range(first, last + 1)]
    if not set(window) <= set(rows.index):
        return Energy(*about, span(years[0], years[-1]), ends)
    energy = rows.loc[window, "energy"].to_numpy(float)
    beyond = energy - energy[0]
    held, led = (_without(found["exports"], beyond) for found in (effects.main, effects.led))
    return Energy(*about, span(years[0], years[-1]), ends, float(beyond.mean()), held, led)


def _without(found: Counterfactual, beyond: NDArray[np.float64]) -> float:
    """Return the mean effect, percent, had exports each year been less by `beyond`, USD billion."""
    paths = found.paths.loc[found.spec.post_years] / MN_PER_BN
    return 100 * float(np.expm1(np.log((paths["actual"].to_numpy() - beyond) / paths["synthetic"].to_numpy()).mean()))


def values(energy: Energy) -> Iterator[Value]:
    """Yield both parts of exports at both ends, their changes, and the effect with energy held."""
    usd, years = energy.decimals, energy.years
    for part in ("energy", "other"):
        first, last = (nan, nan) if energy.ends is None else energy.ends[part]
        yield Value(f"energy.{part}_first", first, years, decimals=usd)
        yield Value(f"energy.{part}_last", last, years, decimals=usd)
        yield Value(f"energy.change_{part}", last - first, years, decimals=usd)
        if part == "other":
            yield Value("energy.other_pct", 100 * (last / first - 1), years)
    # One sentence says why energy is not told; the one about energy held then goes with it.
    again = "energy.energy_first" if energy.held_percent is None else None
    yield Value("energy.held_pct", energy.held_percent, years, repeats=again)
    yield Value("energy.led_pct", energy.led_percent, years, repeats=again)
