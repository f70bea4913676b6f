"""A table: formatted cells with a caption, units in the header, and the figures behind it as CSV."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from korus_research.errors import InvalidFigure, did_you_mean
from korus_research.show.contract import Column
from korus_research.show.figure import OWN, Described, heading, named
from korus_research.show.finding import MINUS
from korus_research.show.scale import Scale
from korus_research.show.words.prose import Prose
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import pandas as pd

DASH = "\N{EN DASH}"  # of a cell without a value
MOST = 9  # columns that a page has room for
Cell = str | Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Table(Described):
    """One table and its words; the cells of the column `row_header` head their rows.

    InvalidFigure without title, source or datasets, with a row that lacks a column, or with more than nine columns.
    """

    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    row_header: str
    notes: tuple[str, ...] = ()

    NEEDED = (*Described.NEEDED, "columns", "rows")

    def __post_init__(self) -> None:
        super().__post_init__()
        keys = [column.key for column in self.columns]
        found, expected = "", "a cell a column: fill a gap with a sign"
        if self.row_header not in keys or len(keys) > MOST:
            found = f"{len(keys)} columns and the row header '{self.row_header}'"
            expected = f"at most {MOST} columns and a row header among them"
        elif missing := [key for row in self.rows for key in keys if key not in row]:
            found = f"a row without {missing[0]}"
        if found:
            do = "Correct it where the table is made"
            raise InvalidFigure(f"Table '{self.id}' has {found}", expected=expected, do=do)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        title: str,
        source: str,
        caption: str = "",
        notes: Sequence[str] = (),
        labels: Mapping[Any, str] | None = None,
        units: Mapping[Any, str] | None = None,
        decimals: int | Mapping[Any, int] = 1,
        id: str = "",
        datasets: tuple[str, ...] = (),
    ) -> Table:
        """Return a frame of the user's as a table with words around it, as in the report.

        The index, where it says more than the row's number, or else the first column, heads the rows. `labels` and
        `units` are by column, `decimals` of numbers too; texts stay, and what is missing is a dash.

        InvalidFigure without a title, source or row, with more than nine columns, or where one named isn't there.
        """
        import pandas as pd

        if not isinstance(frame, pd.DataFrame):
            found, do = f"{type(frame).__name__} in place of a frame", "Make one of it: pandas.DataFrame(...)"
            raise InvalidFigure(found, expected="a pandas DataFrame", do=do)
        counted = isinstance(frame.index, pd.RangeIndex) and frame.index.name is None
        flat = frame if counted else frame.rename_axis(index=_index_names(frame)).reset_index()
        keys = [" ".join(map(str, key)).strip() if isinstance(key, tuple) else str(key) for key in flat.columns]
        _check_named(keys, labels, units, decimals)
        said, measured = ({str(k): v for k, v in (given or {}).items()} for given in (labels, units))
        asked, other = (
            ({str(k): v for k, v in decimals.items()}, 1) if isinstance(decimals, Mapping) else ({}, decimals)
        )
        columns, texts = [], []
        for place, key in enumerate(keys):
            values = flat.iloc[:, place]
            numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
            digits = asked.get(key, 0 if pd.api.types.is_integer_dtype(values) else other)
            align: Literal["decimal", "left"] = "decimal" if numeric and place else "left"
            columns.append(Column(key=key, label=said.get(key, key), unit=measured.get(key, ""), align=align))
            texts.append([_own_cell(value, digits if numeric and place else None) for value in values])
        return cls(
            id=id or named(title),
            title=title,
            caption=caption,
            source=source,
            datasets=datasets,
            data=flat.set_axis(keys, axis=1),
            made_by=OWN,
            last_period="",
            columns=columns,
            rows=[dict(zip(keys, row, strict=True)) for row in zip(*texts, strict=True)],
            row_header=keys[0] if keys else "",
            notes=tuple(notes),
        )

    def __repr__(self) -> str:
        return f"Table({self.id}: {self.title}; {len(self.rows)} rows)"

    def to_json(self) -> dict[str, Any]:
        """Return the data that the publisher reads (show/contract.py)."""
        return {
            **super().to_json(),
            "notes": list(self.notes),
            "columns": [column.model_dump() for column in self.columns],
            "row_header": self.row_header,
            "rows": [dict(row) for row in self.rows],
        }

    def _html(self, data: Mapping[str, Any]) -> str:
        return table_html(data, self.title)


def table_html(data: Mapping[str, Any], title: Prose | str) -> str:
    """Return the JSON of a table as HTML; `title` may carry findings."""
    columns = data["columns"]

    def head(column: Mapping[str, Any]) -> str:
        unit = html.escape(column["unit"])
        return f'<th scope="col">{html.escape(column["label"])}{f"<br><small>{unit}</small>" if unit else ""}</th>'

    def cell(row: Mapping[str, Cell], column: Mapping[str, Any]) -> str:
        given = row[column["key"]]
        text = html.escape(given if isinstance(given, str) else given["text"])
        if column["key"] == data["row_header"]:
            return f'<th scope="row" style="text-align:left">{text}</th>'
        return f'<td style="text-align:{"left" if column["align"] == "left" else "right"}">{text}</td>'

    body = "".join("<tr>" + "".join(cell(row, column) for column in columns) + "</tr>" for row in data["rows"])
    notes = "".join(f"<br>{html.escape(n)}" for n in data["notes"])
    return (
        f'<table id="tbl-{data["id"]}"><caption style="text-align:left">{heading(data, title)}</caption>'
        f"<thead><tr>{''.join(map(head, columns))}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
        f"<p><small>{html.escape(data['caption'])} {html.escape(data['source'])}{notes}</small></p>"
    )


def _check_named(keys: Sequence[str], *given: object) -> None:
    asked = {str(key) for each in given if isinstance(each, Mapping) for key in each}
    if unknown := sorted(asked - set(keys)):
        found = f"'{unknown[0]}' is no column of the frame{did_you_mean(unknown[0], keys)}"
        raise InvalidFigure(found, expected=f"one of {', '.join(keys)}", do="Correct labels, units or decimals")


def _index_names(frame: pd.DataFrame) -> list[str]:
    names = list(frame.index.names)
    return [
        str(name) if name is not None else "index" if len(names) == 1 else f"level {n}" for n, name in enumerate(names)
    ]


def _own_cell(value: Any, decimals: int | None) -> str:
    if value is None or value != value or str(value) in ("", "<NA>", "NaT"):
        return number(None)
    return str(value) if decimals is None else number(float(value), decimals)


def number(value: float | None, decimals: int = 1, *, signed: bool = False) -> str:
    """Return a number as text for a cell, with a true minus sign; a dash for None and NaN."""
    if value is None or value != value:
        return DASH
    rounded = round(float(value), decimals) + 0.0  # NumPy's own floats round 0.925 to 0.92
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{decimals}f}"


def number_range(low: float | None, high: float | None, decimals: int = 1, *, signed: bool = False) -> str:
    """Return `1.0 to 2.5`; a single number where both ends read the same, a dash where both are missing."""
    ends = {"low": number(low, decimals, signed=signed), "high": number(high, decimals, signed=signed)}
    return ends["low"] if ends["low"] == ends["high"] else Words("show").label("range", **ends)


def amount(value: float | None, scale: Scale, *, signed: bool = False) -> str:
    """Return an amount in USD billion for a cell, in the unit and with the decimals of `scale`."""
    return number(None if value is None else value * scale.factor, scale.shown, signed=signed)
