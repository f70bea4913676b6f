"""A bilateral panel as a cube of year, exporter and importer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import InvalidModel, MissingPartner, NotIdentified

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cube:
    """Flows by exporter, importer and year.

    Attributes
    ----------
    countries, years : tuple
        Labels of the axes; both of the last two axes are `countries`.
    flows : array (T, n, n)
        Trade by year, exporter, importer, in any unit; 0 if there is none.
    used : array of bool (T, n, n)
        Cells in the estimation: in the panel, and not in an effect without positive trade or with a single cell.
    """

    countries: tuple[str, ...]
    years: tuple[int, ...]
    flows: Floats
    used: Flags

    @classmethod
    def from_frame(cls, frame: pd.DataFrame, value: str = "trade_usd_mn") -> Cube:
        """Return the cube of a panel with columns exporter, importer, year and `value`, one row per cell.

        InvalidModel if a column is missing, a flow is negative or not finite, or a cell occurs twice; NotIdentified if
        no cell can be used: without positive trade, or with a single cell in each effect.
        """
        if lacking := [name for name in ("exporter", "importer", "year", value) if name not in frame.columns]:
            found = f"The panel has no column '{lacking[0]}', but {', '.join(map(str, frame.columns))}"
            raise InvalidModel(found, expected=f"exporter, importer, year and {value}", do="Name it with `value`")
        countries = tuple(sorted({*frame["exporter"].unique(), *frame["importer"].unique()}))
        years = tuple(sorted(int(year) for year in frame["year"].unique()))
        places = _places(frame, countries, years)
        shape = (len(years), len(countries), len(countries))
        flows, present = np.zeros(shape), np.zeros(shape, dtype=bool)
        flows[places], present[places] = frame[value].to_numpy(float), True
        if not (np.isfinite(flows) & (flows >= 0)).all() or present.sum() != len(frame):
            raise InvalidModel(
                f"{len(frame):,} flows of {int(present.sum()):,} cells, the least of them {flows.min(initial=0.0):g}",
                expected="one flow a cell, finite and not negative",
                do="Sum rows of one cell, and leave out cells without a figure",
            )
        if not len(frame) or not (used := _estimable(flows, present)).any():
            raise NotIdentified(
                f"No cell of {len(frame):,} can be estimated",
                expected="positive trade of exporters, importers and pairs in several years",
                do="Choose more years or countries",
            )
        return cls(countries, years, flows, used)

    def place(self, exporter: str, importer: str) -> tuple[int, int]:
        """Return the indices of a directed pair; MissingPartner if a country is not in the cube."""
        index = {country: number for number, country in enumerate(self.countries)}
        if lacking := [country for country in (exporter, importer) if country not in index]:
            raise MissingPartner(f"'{lacking[0]}' is not in the panel", expected=f"one of {', '.join(index)}")
        return index[exporter], index[importer]

    @property
    def observations(self) -> int:
        """Cells in the estimation."""
        return int(self.used.sum())


def cube_of(frame: pd.DataFrame, value: str, countries: Sequence[str], years: Sequence[int]) -> Floats:
    """Return a column of a panel as an array (year, exporter, importer), 0 for missing rows.

    InvalidModel if the panel lacks the column.
    """
    if value not in frame.columns:
        raise InvalidModel(
            f"The panel has no column '{value}'", expected=f"one of {', '.join(map(str, frame.columns))}"
        )
    cube = np.zeros((len(years), len(countries), len(countries)))
    cube[_places(frame, countries, years)] = frame[value].to_numpy(float)
    return cube


def _places(frame: pd.DataFrame, countries: Sequence[str], years: Sequence[int]) -> tuple[NDArray[np.intp], ...]:
    places = []
    for name, labels in (("year", years), ("exporter", countries), ("importer", countries)):
        codes, found = pd.factorize(frame[name])  # one lookup per name, not per row
        places.append(pd.Index(labels).get_indexer(pd.Index(found))[codes])
    return tuple(places)


def agreements_of(frame: pd.DataFrame, cube: Cube, renamed: Mapping[str, str]) -> Floats:
    """Return the number of the agreement in force (year, exporter, importer), 0 if there is none.

    `renamed` maps names in the column `agreement` to another name of the same agreement.
    """
    names = frame["agreement"].astype(str).replace(dict(renamed))
    numbers = pd.factorize(names, sort=True)[0] + 1
    return cube_of(frame.assign(number=np.where(frame["in_force"], numbers, 0)), "number", cube.countries, cube.years)


def _estimable(flows: Floats, present: Flags) -> Flags:
    """Drop repeatedly the cells of an effect that has no positive flow or a single cell.

    Without a positive flow the effect would be minus infinity (separation); a single cell is fitted exactly.
    """
    used = present.copy()
    while True:
        y = flows * used
        keep = np.ones_like(used)
        for axis in (0, 1, 2):
            fine = (y.sum(axis) > 0) & (used.sum(axis) > 1)
            keep &= np.expand_dims(fine, axis)
        if (used & keep).sum() == used.sum():
            return used
        used = used & keep
