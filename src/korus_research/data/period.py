"""Periods of a table's rows: which had ended by a month, and the first and last one."""

from __future__ import annotations

import calendar
import re
from datetime import date as Date
from typing import TYPE_CHECKING

from korus_research.errors import InvalidParameter

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.schema import Time

MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")


def parse_month(text: object, name: str = "as_of") -> str:
    """Return `text` if it is a month such as "2016-12"; InvalidParameter about `name` otherwise."""
    if not isinstance(text, str) or MONTH.fullmatch(text) is None:
        raise InvalidParameter(
            f"{name} is {text!r}", expected='a month written "YYYY-MM"', do='Write for example "2016-12"'
        )
    return text


def month_end(month: str) -> Date:
    """Return the last day of a month "YYYY-MM"; ValueError for anything else."""
    year, number = int(month[:4]), int(month[5:])
    return Date(year, number, calendar.monthrange(year, number)[1])


def day_text(day: Date) -> str:
    """Return a day as "March 15, 2012"; Windows lacks `%-d`."""
    return f"{day:%B} {day.day}, {day.year}"


def months_after(month: str, count: int) -> str:
    """Return the month `count` months after "YYYY-MM"."""
    return month_of(_count(month) + count)


def month_of(count: int) -> str:
    """Return the month "YYYY-MM" for a month number, 12 * year + month."""
    return f"{(count - 1) // 12}-{(count - 1) % 12 + 1:02d}"


def last_months(frame: pd.DataFrame, time: Time) -> pd.Series[int]:
    """Return the last month of each row's period as a month number, 12 * year + month."""
    if time.frequency == "month" and not time.within:
        return frame[time.field].map({text: _count(text) for text in frame[time.field].unique()}).astype("int64")
    return _ordinal(frame, time)


def rows_until(frame: pd.DataFrame, time: Time, as_of: str) -> pd.Series[bool]:
    """Return which rows' period had ended by the end of the month `as_of`.

    A year counts from its December on, a quarter from its last month on; a row dated by its publication year counts
    from January of that year on (methods, rule 4).
    """
    month = parse_month(as_of)
    if time.frequency == "publication-year":
        return frame[time.field] <= int(month[:4])
    if time.frequency == "month" and not time.within:
        return frame[time.field] <= month  # months written YYYY-MM sort as text
    return _ordinal(frame, time) <= int(month[:4]) * 12 + int(month[5:])


def last_period(frame: pd.DataFrame, time: Time) -> str:
    """Return the last period of `frame`: "2026-07", "2024-Q4" or "2024"; "" without rows.

    If a year has both annual and finer rows, the finer period is returned.
    """
    return _edge(frame, time, first=False)


def first_period(frame: pd.DataFrame, time: Time) -> str:
    """Return the first period of `frame`, in the form of `last_period`."""
    return _edge(frame, time, first=True)


def _edge(frame: pd.DataFrame, time: Time, *, first: bool) -> str:
    if frame.empty:
        return ""
    if not time.within:
        return str(frame[time.field].min() if first else frame[time.field].max())
    ends = _ordinal(frame, time)
    edge = frame[ends == (ends.min() if first else ends.max())]
    year, part = int(edge[time.field].iloc[0]), int(edge[time.within].max())
    if part == 0:
        return str(year)
    return f"{year}-Q{part}" if time.frequency == "quarter" else f"{year}-{part:02d}"


def _ordinal(frame: pd.DataFrame, time: Time) -> pd.Series[int]:
    """Return the last month of each row's period, dated by year, as a month number."""
    if not time.within:
        return frame[time.field] * 12 + 12
    months = 3 if time.frequency == "quarter" else 1
    return frame[time.field] * 12 + (frame[time.within] * months).replace(0, 12)


def _count(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:7])
