"""Figures and tables of a chapter: its code gives data and draws, its `words.toml` holds their words.

    @figure("makers", tables=("vehicle_points",))
    def maker_points(study: Study) -> Picture: ...

makes `cars-makers` with the words of `[figure.makers]` in chapters/cars/words.toml. A function that returns None, or a
table without a row, shows nothing in that edition.

What such functions are written with can be imported from here too: words, numbers in cells, the theme.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from korus_research.data.period import day_text
from korus_research.data.study import Study
from korus_research.methods.series import month_name
from korus_research.show import theme
from korus_research.show.contract import Column
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import DASH, Cell, Table, amount, number, number_range
from korus_research.show.words.prose import Prose, Source
from korus_research.show.words.sentence import Names, capital
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

__all__ = [  # noqa: RUF022
    "Picture", "Rows", "figure", "table",
    "Cell", "DASH", "Table", "amount", "number", "number_range",
    "Prose", "Words", "capital", "theme",
    "cell", "milestone_note", "period_name", "shown_milestones", "source_line",
]  # fmt: skip
P = ParamSpec("P")
T = TypeVar("T")
Given = TypeVar("Given", bound="_Given")
Made = TypeVar("Made", Figure, Table)
Makes = Callable[Concatenate[Study, P], T | None]
WORDS = Words("show")


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What figures and tables have in common.

    The words speak `of` results or findings, with names `given` to them beside those of the findings. `data` is
    published as CSV; `last` is the last period in it ("2026-07", "2024"), by default the month of the study. `suffix`
    follows the id where one function makes several, `tables` replace those of the decorator (`<agreement>` in a name is
    that of the study), `findings` are shown but not spoken.
    """

    of: Source = field(default_factory=Findings)
    data: pd.DataFrame | None = None
    last: str | None = None
    given: Names = field(default_factory=dict)
    suffix: str = ""
    tables: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture(_Given):
    """What a figure shows; `draw` makes the matplotlib figure and is called when a picture is first needed."""

    draw: Callable[[], matplotlib.figure.Figure]


@dataclass(frozen=True, kw_only=True)
class Rows(_Given):
    """What a table shows: one record a row, by column key, raw values or texts; `notes` besides those of the words.

    Without `data` the CSV holds the rows.
    """

    rows: Sequence[Mapping[Any, Any]]
    notes: tuple[str, ...] = ()


def figure(name: str, *, tables: tuple[str, ...] = (), id: str = "") -> Callable[[Makes[P, Picture]], Makes[P, Figure]]:
    """Turn a function that returns a `Picture` into one that returns a figure, with the words `[figure.NAME]`."""

    def finished(given: Picture, said: dict[str, Any], shared: dict[str, Any]) -> Figure:
        return Figure(**shared, subtitle=said["subtitle"], alt=said["alt"], draw=given.draw)

    return lambda make: _shown(make, f"figure.{name}", tables, id, finished)


def table(name: str, *, tables: tuple[str, ...] = (), id: str = "") -> Callable[[Makes[P, Rows]], Makes[P, Table]]:
    """Turn a function that returns `Rows` into one that returns a table, with words and columns `[table.NAME]`."""

    def finished(given: Rows, said: dict[str, Any], shared: dict[str, Any]) -> Table:
        shared["words"]["notes"] = list(given.notes)
        if given.data is None:
            shared["data"] = _frame(given.rows)
        heads = said["columns"]
        return Table(
            **shared,
            columns=[Column(**{"align": "decimal"} | {k: c[k] for k in Column.model_fields if k in c}) for c in heads],
            rows=[{c["key"]: cell(row[c["key"]], c) for c in heads} for row in given.rows],
            row_header=heads[0]["key"],
            notes=(*given.notes, *said.get("notes", ())),
        )

    return lambda make: _shown(make, f"table.{name}", tables, id, finished)


def _shown(
    make: Makes[P, Given],
    at: str,
    tables: tuple[str, ...],
    id: str,
    finished: Callable[[Given, dict[str, Any], dict[str, Any]], Made],
) -> Makes[P, Made]:
    """Return `make` wrapped: its result with the words at `at`, made a figure or a table by `finished`."""

    @wraps(make)
    def shown(study: Study, /, *args: P.args, **options: P.kwargs) -> Made | None:
        given = make(study, *args, **options)
        if given is None or (isinstance(given, Rows) and not given.rows):
            return None
        chapter, last = make.__module__.split(".")[-2], study.parameters.as_of if given.last is None else given.last
        datasets = tuple(name.replace("<agreement>", study.agreement.id) for name in given.tables or tables)
        words, name = Words(chapter), at.partition(".")[2]
        said = words.parts(at, given.of, **given.given)
        shared = {
            "id": (id or f"{chapter}-{name}") + given.suffix,
            "title": said["title"],
            "caption": said.get("caption", ""),
            "source": said["source"] if "source" in said else source_line(study, datasets, last),
            "datasets": datasets,
            "data": given.data,
            "made_by": f"{make.__module__}.{make.__name__}",
            "last_period": last,
            "extra_findings": given.findings,
            "words": words.about(at, given.of, given.given),
        }
        return finished(given, said, shared)

    # What `?` shows: not what `make` returns, which nobody sees.
    returns = f"{at.partition('.')[0].capitalize()} | None"
    shown.__signature__ = signature(make).replace(return_annotation=returns)  # type: ignore[attr-defined]
    return shown


def _frame(rows: Sequence[Mapping[Any, Any]]) -> pd.DataFrame:
    """Return rows as a frame, marked cells by their text."""
    import pandas as pd

    return pd.DataFrame(
        [{key: value["text"] if isinstance(value, Mapping) else value for key, value in row.items()} for row in rows]
    )


def cell(value: Any, column: Mapping[str, Any]) -> Cell:
    """Return a cell as its column declares it: texts and marked cells as they are, numbers with a true minus."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        text = capital(value) if "first" in column else value
        return text or column.get("empty", "")
    return number(value, column.get("decimals", 0), signed=bool(column.get("signed")))


def source_line(study: Study, datasets: tuple[str, ...], last_period: str) -> str:
    """Return `Source: US Census Bureau; our calculations. Data to July 2026.` for the datasets of a figure or table."""
    agencies = dict.fromkeys(agency for name in datasets for agency in study.catalog.describe(name).agencies)
    return str(WORDS.entry("labels.source")).format(agencies=", ".join(agencies), last=period_name(last_period))


def period_name(period: str) -> str:
    """Return `2026-07` as `July 2026`; a year or a quarter stays as it is."""
    return month_name(period) if len(period) == 7 and period[4] == "-" and period[5] != "Q" else period


def shown_milestones(study: Study) -> list[tuple[date, str]]:
    """Return the dates of the agreement that charts mark, with their labels, to the last month of the study."""
    return [(m.date, m.label) for m in study.agreement.milestones_until(study.parameters.as_of) if m.shown]


def milestone_note(study: Study) -> str:
    """Return the sentence that explains the dates marked in a chart; empty without any."""
    marks = [f"{label} {day_text(day)}" for day, label in shown_milestones(study)]
    return str(WORDS.entry("labels.milestones")).format(marks="; ".join(marks)) if marks else ""
