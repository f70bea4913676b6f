"""Figures and tables of a chapter: its code gives data and draws, its `words.toml` holds their words.

    @figure("makers", tables=("vehicle_points",))
    def maker_points(study: Study) -> Picture: ...

makes `cars-makers` with the words of `[figure.makers]` in chapters/cars/words.toml. A function that returns None shows
nothing in that edition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from korus_research.show.figure import Figure
from korus_research.show.finding import Finding
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.words.prose import Source
from korus_research.show.words.sentence import Names, capital
from korus_research.show.words.text import NOTHING, Words

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd

    from korus_research.data.study import Study

P = ParamSpec("P")


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What figures and tables have in common.

    Attributes
    ----------
    of : result, findings or several
        What the words speak of.
    data : DataFrame
        What is shown, published as CSV.
    last : str
        The last period in it, "2026-07" or "2024".
    given : mapping
        More names for the words, and what stands for their `<word>`.
    suffix : str
        Put behind the id where one function makes several.
    tables : tuple of str, optional
        Where they differ from those of the decorator.
    findings : tuple of Finding
        Findings shown but not spoken.
    """

    of: Source
    data: pd.DataFrame
    last: str
    given: Names = field(default_factory=dict)
    suffix: str = ""
    tables: tuple[str, ...] | None = None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture(_Given):
    """What a figure shows: `draw` returns the matplotlib figure and is called when the picture is first needed."""

    draw: Callable[[], matplotlib.figure.Figure]


@dataclass(frozen=True, kw_only=True)
class Rows(_Given):
    """What a table shows: one record a row, by column key, raw values or texts; `notes` besides those of the words."""

    rows: Sequence[Mapping[Any, Any]]
    notes: tuple[str, ...] = ()


def figure(
    name: str, *, tables: tuple[str, ...] = (), id: str = ""
) -> Callable[[Callable[Concatenate[Study, P], Picture | None]], Callable[Concatenate[Study, P], Figure | None]]:
    """Make a figure of a function that returns a `Picture`: its words are `[figure.NAME]` of the chapter's words."""

    def decorate(
        make: Callable[Concatenate[Study, P], Picture | None],
    ) -> Callable[Concatenate[Study, P], Figure | None]:
        @wraps(make)
        def shown(study: Study, /, *args: P.args, **options: P.kwargs) -> Figure | None:
            given = make(study, *args, **options)
            return None if given is None else _figure(_Place(make, "figure", name, id, tables), study, given)

        return shown

    return decorate


def table(
    name: str, *, tables: tuple[str, ...] = (), id: str = ""
) -> Callable[[Callable[Concatenate[Study, P], Rows | None]], Callable[Concatenate[Study, P], Table | None]]:
    """Make a table of a function that returns `Rows`: words and columns are `[table.NAME]` of the chapter's words."""

    def decorate(make: Callable[Concatenate[Study, P], Rows | None]) -> Callable[Concatenate[Study, P], Table | None]:
        @wraps(make)
        def shown(study: Study, /, *args: P.args, **options: P.kwargs) -> Table | None:
            given = make(study, *args, **options)
            return None if given is None else _table(_Place(make, "table", name, id, tables), study, given)

        return shown

    return decorate


@dataclass(frozen=True)
class _Place:
    """Which function makes what, and where its words stand."""

    make: Callable[..., Any]
    kind: str
    name: str
    id: str
    tables: tuple[str, ...]

    @property
    def chapter(self) -> str:
        """The folder of the function."""
        return str(self.make.__module__).rpartition(".")[0].rpartition(".")[2]

    def shared(self, study: Study, given: _Given) -> dict[str, Any]:
        """Return what figures and tables have in common."""
        words, at, datasets = Words(self.chapter), f"{self.kind}.{self.name}", given.tables or self.tables
        entry = words.entry(at)
        own = "source" in entry
        return {
            "id": (self.id or f"{self.chapter}-{self.name}") + given.suffix,
            "title": words.spoken(f"{at}.title", given.of, **given.given),
            "caption": words.text(f"{at}.caption", given.of, **given.given) if "caption" in entry else "",
            "source": words.text(f"{at}.source", given.of, **given.given)
            if own
            else source_line(study, datasets, given.last),
            "datasets": datasets,
            "data": given.data,
            "made_by": f"{self.make.__module__}.{self.make.__name__}",
            "last_period": given.last,
            "extra_findings": given.findings,
            "words": words.about(at, given.of, given.given),
        }


def _figure(place: _Place, study: Study, given: Picture) -> Figure:
    words, at = Words(place.chapter), f"figure.{place.name}"
    alt = words.spoken(f"{at}.alt", given.of, **given.given)
    subtitle = words.text(f"{at}.subtitle", given.of, **given.given)
    return Figure(**place.shared(study, given), subtitle=subtitle, alt=alt, draw=given.draw)


def _table(place: _Place, study: Study, given: Rows) -> Table:
    words, at = Words(place.chapter), f"table.{place.name}"
    entry = words.entry(at)
    heads = words.columns(at, given.of, **given.given)
    shared = place.shared(study, given)
    notes = words.lines(f"{at}.notes", given.of, **given.given) if "notes" in entry else ()
    shared["words"]["notes"] = list(given.notes)
    return Table(
        **shared,
        columns=columns_of(place.chapter, at, given.of, given.given),
        rows=[{c["key"]: cell(row[c["key"]], c) for c in heads} for row in given.rows],
        row_header=heads[0]["key"],
        notes=(*given.notes, *notes),
    )


def columns_of(chapter: str, at: str, of: Source = NOTHING, given: Names | None = None) -> list[Column]:
    """Return the columns that a table's words declare, their heads spoken."""
    return [
        Column(head["key"], head["label"], head.get("unit", ""), head.get("align", "decimal"), head.get("width"))
        for head in Words(chapter).columns(at, of, **(given or {}))
    ]


def cell(value: Any, column: Mapping[str, Any]) -> Cell:
    """Return a cell as its column declares it: texts and marked cells as they are, numbers with a true minus."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, str):
        text = capital(value) if "first" in column else value
        return text or column.get("empty", "")
    return number(value, column.get("decimals", 0), signed=bool(column.get("signed")))
