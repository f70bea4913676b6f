"""The baseline of a scenario: flows between economies with domestic sales, and the duties on them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import InvalidModel, MissingPartner, unknown

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Baseline:
    """A square matrix of flows with domestic sales, and the duties on them.

    Attributes
    ----------
    economies : tuple of str
        Codes, in the order of rows (exporters) and columns (importers).
    flows : array (n, n)
        Value before duty, in one currency; the diagonal holds domestic sales.
    duties : array (n, n)
        Ad valorem rates on these flows (0.05 is five percent); default zero.

    Raises
    ------
    InvalidModel
        Flows that are not square, negative or not finite, an economy without domestic sales or without foreign trade,
        or a duty of minus one or less.
    """

    economies: tuple[str, ...]
    flows: Array
    duties: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def __post_init__(self) -> None:
        n = len(self.economies)
        flows = np.asarray(self.flows, dtype=float)
        duties = np.asarray(self.duties, dtype=float) if np.size(self.duties) else np.zeros((n, n))
        object.__setattr__(self, "flows", flows)
        object.__setattr__(self, "duties", duties)
        expected, do = "a square matrix of flows with domestic sales", "Correct the baseline"
        if flows.shape != (n, n) or duties.shape != (n, n) or len(set(self.economies)) != n or n < 2:
            raise InvalidModel(f"{n} economies and flows of shape {flows.shape}", expected=expected, do=do)
        if not np.isfinite(flows).all() or (flows < 0).any():
            i, j = np.argwhere(~np.isfinite(flows) | (flows < 0))[0]
            found = f"The flow from {self.economies[i]} to {self.economies[j]} is {flows[i, j]:g}"
            raise InvalidModel(found, expected="a value of zero or more", do=do)
        if (np.diag(flows) <= 0).any():
            code = self.economies[int(np.argmin(np.diag(flows)))]
            raise InvalidModel(f"{code} has no domestic sales", expected=expected, do=do)
        foreign = flows.sum(axis=0) + flows.sum(axis=1) - 2 * np.diag(flows)
        if (foreign <= 0).any():
            code = self.economies[int(np.argmin(foreign))]
            found = f"{code} neither sells to nor buys from any other economy"
            raise InvalidModel(found, expected="trade of every economy with another", do="Leave it out")
        check_duties(duties)

    @classmethod
    def from_frame(cls, flows: pd.DataFrame, *, value: str = "value_usd_mn") -> Baseline:
        """Return the baseline of a long table: exporter, importer, `value`.

        Raises
        ------
        InvalidModel
            A column or a pair is missing, a pair occurs twice, or as for the class.
        """
        if lacking := [name for name in ("exporter", "importer", value) if name not in flows.columns]:
            found = f"The flows have no column '{lacking[0]}', but {', '.join(map(str, flows.columns))}"
            raise InvalidModel(found, expected=f"exporter, importer and {value}", do="Name the values with `value`")
        if flows.duplicated(["exporter", "importer"]).any():
            raise InvalidModel("A pair of economies appears twice in the flows", expected="one row a pair")
        square = flows.pivot(index="exporter", columns="importer", values=value).sort_index().sort_index(axis=1)
        if list(square.index) != list(square.columns) or square.isna().to_numpy().any():
            raise InvalidModel("The flows lack a pair of economies", expected="a row for every pair, domestic too")
        return cls(tuple(str(code) for code in square.index), square.to_numpy(dtype=float))

    def with_duties(self, duties: Array) -> Baseline:
        """Return the same flows with these ad valorem duties in force on them."""
        return Baseline(self.economies, self.flows, duties)

    def place(self, economy: str) -> int:
        """Return the row and column of an economy.

        Raises
        ------
        MissingPartner
            It is not in the baseline.
        """
        if economy not in self.economies:
            what, do = f"among the {len(self.economies)} economies", "Choose another economy"
            raise unknown(MissingPartner, economy, what, self.economies, do=do)
        return self.economies.index(economy)

    @property
    def output(self) -> Array:
        """Sales of each economy, its own market included."""
        return np.asarray(self.flows.sum(axis=1))

    @property
    def absorption(self) -> Array:
        """Expenditure of each economy before duty."""
        return np.asarray(self.flows.sum(axis=0))

    @property
    def revenue(self) -> Array:
        """Duty collected by each economy."""
        return np.asarray((self.duties * self.flows).sum(axis=0))


def check_duties(duties: Array) -> None:
    """Check that every duty is a rate above minus one; InvalidModel if not."""
    if not np.isfinite(duties).all() or (duties <= -1).any():
        raise InvalidModel("A duty is not a rate above minus one", expected="0.05 for five percent")
