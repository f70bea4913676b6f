"""Merge newer rows into a table, and tell what changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.data.period import rows_until

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.schema import Dataset


@dataclass(frozen=True, eq=False)
class Merged:
    """A merged table: all rows, the added ones, and the changed ones before (`was`) and after (`now`), in one order.

    `unknown` are codes that the table lacks; their rows are left out.
    """

    dataset: Dataset
    rows: pd.DataFrame
    added: pd.DataFrame
    was: pd.DataFrame
    now: pd.DataFrame
    unknown: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Whether no row changed."""
        return self.added.empty and self.now.empty


def values_of(dataset: Dataset) -> list[str]:
    """Return the columns that a revision may change: numbers and booleans outside the key."""
    return [c.name for c in dataset.columns if c.name not in dataset.key and c.type != "string"]


def merged(
    dataset: Dataset, held: pd.DataFrame, heard: pd.DataFrame, *, through: str | None = None, precision: float = 0.0
) -> Merged:
    """Merge the rows `heard` into the rows `held` of one table.

    Parameters
    ----------
    dataset
        The table's columns and key.
    held, heard
        Rows with these columns; of two in `heard` with one key the last counts. Left out of `heard` are rows before the
        table's first period, after `through` ("YYYY-MM") and of codes that the table lacks, and sums over fewer months
        than the table has.
    precision
        The largest difference that counts as rounding.

    Returns
    -------
    Merged. A row without a changed value stays as it is, with its vintage and notes.
    """
    import pandas as pd

    key, values = list(dataset.key), values_of(dataset)
    heard = heard[[column.name for column in dataset.columns]]
    for name in heard.columns:
        heard = heard.assign(**{name: heard[name].astype(held[name].dtype)})
    heard, unknown = _known(dataset, held, _within(dataset, held, heard, through))
    pairs = held.reset_index().merge(
        heard.drop_duplicates(key, keep="last"), on=key, suffixes=("", " now"), how="right"
    )
    if "months" in values:
        pairs = pairs[~(pairs["months now"] < pairs["months"]).fillna(False)]
    new = pairs["index"].isna()
    old, told = pairs[values], pairs[[f"{name} now" for name in values]].set_axis(values, axis=1)
    equal = ((old == told).fillna(False) | (old.isna() & told.isna())).all(axis=1)
    numbers = [name for name in values if pd.api.types.is_numeric_dtype(held[name]) and held[name].dtype != bool]
    gap = (told[numbers].astype("float64") - old[numbers].astype("float64")).abs().max(axis=1)
    others = [name for name in values if name not in numbers]
    equal |= ~new & (gap <= precision) & (old[others] == told[others]).all(axis=1)
    changed = ~new & ~equal
    labels = [f"{name} now" if name not in key else name for name in held.columns]
    after = pairs[labels].set_axis(list(held.columns), axis=1).astype(held.dtypes.to_dict())
    gone = pairs.loc[changed, "index"].astype("int64")
    rows: pd.DataFrame = pd.concat([held[~held.index.isin(gone)], after[~equal]], ignore_index=True)
    was = held.loc[pairs.loc[changed, "index"].astype("int64")].reset_index(drop=True)
    now = after[changed].reset_index(drop=True)
    return Merged(dataset, rows, after[new].reset_index(drop=True), was, now, unknown)


def _within(dataset: Dataset, held: pd.DataFrame, heard: pd.DataFrame, through: str | None) -> pd.DataFrame:
    """Return the rows from the table's first period to the month `through`; a year counts as a whole."""
    if dataset.time is None or heard.empty:
        return heard
    heard = heard[heard[dataset.time.field] >= held[dataset.time.field].min()]
    # The row of the current year counts from its January on, so the limit is that year's December.
    until = through if through is None or dataset.time.frequency == "month" else f"{through[:4]}-12"
    return heard if until is None else heard[rows_until(heard, dataset.time, until)]


def _known(dataset: Dataset, held: pd.DataFrame, heard: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the rows with codes of the table, and the codes that the table lacks."""
    unknown: set[str] = set()
    for column in dataset.columns:
        if column.name not in dataset.key or column.type != "string":
            continue
        if dataset.time is not None and column.name == dataset.time.field:
            continue
        strange = ~heard[column.name].isin(held[column.name].unique())
        unknown |= set(heard.loc[strange, column.name])
        heard = heard[~strange]
    return heard, tuple(sorted(unknown))
