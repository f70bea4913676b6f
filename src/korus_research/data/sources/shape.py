"""From the text of an answer to typed columns, found by their names, with each source's marks for missing values."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korus_research.data.sources.failures import UnexpectedAnswer

if TYPE_CHECKING:
    from korus_research.data.sources.spec import Column, Dataset, Source

_MONTH = re.compile(r"(\d{4})[-./]?M?(0[1-9]|1[0-2])(?:[-./]?\d{2})?$")


class Shape:
    """Converts the answers of one data set: codes, marks for missing values, rows to leave out."""

    def __init__(self, source: Source, dataset: Dataset) -> None:
        self.source, self.dataset = source, dataset

    def shaped(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the typed columns of a data set from rows as the source sends them.

        Parameters
        ----------
        rows : DataFrame
            Strings, numbers or None, one row per observation; a column may occur twice if both are equal. May be empty
            and without columns.

        Returns
        -------
        DataFrame with the data set's columns and constants in their order: text as str, numbers as float with NaN for
        missing values, months as "2026-08", years and quarters (0 for a year) as int.

        Raises
        ------
        UnexpectedAnswer
            A column is missing, or a value is neither a number nor one of the source's marks.
        """
        if rows.empty:
            return self._typed({name: pd.Series([], dtype=object) for name in self.dataset.columns})
        rows = self._once(rows)
        for name, pattern in self.dataset.leave_out.items():
            rows = rows[~self._column(rows, name).fillna("").astype(str).str.fullmatch(pattern)]
        missing = pd.Series(False, index=rows.index)
        for name, marks in self.source.missing_notes.items():
            if name in rows:
                missing |= rows[name].isin(marks)
        found = {}
        for name, column in self.dataset.columns.items():
            if column.optional and column.of not in rows:
                found[name] = pd.Series(None, index=rows.index, dtype=object)
            else:
                found[name] = self._column(rows, column.of)
            if column.type == "number":
                found[name] = self._scaled(found[name].mask(missing), rows, column)
        typed = self._typed(found)
        self._refuse_gaps(typed)
        return typed

    def _refuse_gaps(self, frame: pd.DataFrame) -> None:
        """Refuse an answer with a gap between the first and last period of a group, years and quarters separately."""
        if not self.dataset.without_gaps or frame.empty:
            return
        if "month" in frame:
            count = frame["month"].str[:4].astype(int) * 12 + frame["month"].str[5:].astype(int)
            quarter = pd.Series(0, index=frame.index)
        else:
            quarter = frame["quarter"] if "quarter" in frame else pd.Series(0, index=frame.index)
            count = frame["year"].where(quarter == 0, frame["year"] * 4 + quarter)
        groups = count.groupby([*(frame[name] for name in self.dataset.without_gaps), quarter == 0])
        lacking = groups.max() - groups.min() + 1 - groups.nunique()
        if (lacking > 0).any():
            group = lacking.index[int(lacking.argmax())][:-1]
            found = f"{int(lacking.max())} periods lack between the first and the last of {', '.join(map(str, group))}"
            raise self._unexpected(found, "every period")

    def _once(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with each column once: the Census API repeats a variable that is also a predicate."""
        twice = rows.columns[rows.columns.duplicated()].unique()
        for name in twice:
            if rows.loc[:, rows.columns == name].nunique(axis=1).gt(1).any():
                raise self._unexpected(f"the column {name} comes twice with different values", "one value")
        return rows.loc[:, ~rows.columns.duplicated()].reset_index(drop=True)

    def _column(self, rows: pd.DataFrame, name: str) -> pd.Series:
        if name not in rows:
            found = f"no column {name}, but {', '.join(map(str, rows.columns[:20]))}"
            raise self._unexpected(found, f"a column {name}")
        return rows[name]

    def _typed(self, found: dict[str, pd.Series]) -> pd.DataFrame:
        frame = {name: self._of_type(found[name], column) for name, column in self.dataset.columns.items()}
        made = pd.DataFrame(frame)
        for name, constant in self.dataset.constants.items():
            made[name] = pd.Series(constant, index=made.index, dtype="str")
        return made.reset_index(drop=True)

    def _of_type(self, values: pd.Series, column: Column) -> pd.Series:
        if column.type == "number":
            return self._numbers(values, column)
        text = values.astype("str").str.strip() if len(values) else values.astype("str")
        if column.type == "text":
            if column.codes:
                codes = self.source.codes[column.codes]
                strange = sorted(set(text.dropna()) - set(codes))
                if strange:
                    found = f"the code {strange[0]!r} in {column.of}"
                    raise self._unexpected(found, f"one of {', '.join(list(codes)[:12])}")
                text = text.map(codes).astype("str")
            return text.fillna("").replace(column.replace)
        return self._all(text, _TIMES[column.type], column)

    def _all(self, text: pd.Series, read: Callable[[str], str | int | None], column: Column) -> pd.Series:
        """Return each text converted by `read`, distinct texts once; UnexpectedAnswer for one that can't be."""
        known = {one: read(str(one)) for one in text.unique()}
        if (strange := next((one for one, value in known.items() if value is None), None)) is not None:
            raise self._unexpected(f"{strange!r:.60} in {column.of}", f"a {column.type}")
        read_ = text.map(known)
        return read_.astype("str" if column.type in ("month", "date") else "int64")

    def _scaled(self, values: pd.Series, rows: pd.DataFrame, column: Column) -> pd.Series:
        """Return numbers converted to the unit of the column."""
        numbers = self._numbers(values, column)
        shift = pd.Series(float(column.shift), index=numbers.index)
        if column.power:
            power = self._column(rows, column.power.lstrip("-"))
            shift = shift + self._numbers(power, column).fillna(0) * (-1 if column.power[0] == "-" else 1)
        # Scaled down by division: a positive power of ten is exact as a float, a tenth is not.
        numbers = (numbers * 10.0 ** shift.clip(lower=0)) / 10.0 ** (-shift).clip(lower=0)
        return 1 / numbers if column.inverse else numbers

    def _numbers(self, values: pd.Series, column: Column) -> pd.Series:
        if pd.api.types.is_numeric_dtype(values):
            return values.astype("float64")
        text = values.astype("str").str.strip()
        absent = values.isna() | text.isin(self.source.missing)
        plain = text.mask(absent).str.replace(",", "", regex=False)
        numbers = pd.to_numeric(plain, errors="coerce").astype("float64")
        right = (numbers.notna() & np.isfinite(numbers.fillna(0))) | absent
        if not right.all():
            found = f"{text[~right].iloc[0]!r:.60} in {column.of}"
            raise self._unexpected(found, f"a number{_or(self.source.missing)}")
        return numbers

    def _unexpected(self, found: str, expected: str) -> UnexpectedAnswer:
        return UnexpectedAnswer(f"{self.source.title}, {self.dataset.id}: {found}", expected=expected)


def _month(text: str) -> str | None:
    return f"{found[1]}-{found[2]}" if (found := _MONTH.match(text)) else None


def _year(text: str) -> int | None:
    return int(found[1]) if (found := re.match(r"(\d{4})(?:$|[-Qq./M ])", text)) else None


def _quarter(text: str) -> int | None:
    found = re.fullmatch(r"\d{4}(?:[- ]?[Qq]([1-4]))?", text)
    return int(found[1] or 0) if found else None


def _date(text: str) -> str | None:
    # FRED's open ends, 1776-07-04 and 9999-12-31, are out of range for pandas; as text they compare correctly.
    return text if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None


_TIMES: dict[str, Callable[[str], str | int | None]] = {
    "month": _month,
    "year": _year,
    "quarter": _quarter,
    "date": _date,
}


def _or(marks: list[str]) -> str:
    return f", or one of the marks {', '.join(map(repr, marks))}" if marks else ""
