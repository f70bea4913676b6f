"""What to request from each official source and what its answers contain: one TOML file per source, in `asked/`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from korus_research.data.period import months_after
from korus_research.data.sources.answer import Request
from korus_research.data.sources.failures import UnknownSource
from korus_research.data.toml import load_toml
from korus_research.errors import did_you_mean, unknown

FOLDER = Path(__file__).parent / "asked"
ALL_MONTHS = 12 * 1000  # more than any source has

Known = Literal["recorded", "documented", "reported", "not confirmed"]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """A column that `parse` returns, made from the column `of` of the source.

    `codes` names a table that translates every code of the source; `replace` translates some of them. The type
    `quarter` gives 0 for a whole year. Numbers are multiplied by ten to the power in another column (`power`;
    "-SCALE": divided) and by ten to the `shift`, or inverted (`inverse`). `optional` columns may be missing.
    """

    of: str
    type: Literal["text", "number", "month", "year", "quarter", "date"] = "text"
    unit: str = ""
    codes: str = ""
    replace: dict[str, str] = {}
    power: str = ""
    shift: int = 0
    inverse: bool = False
    optional: bool = False


class Dataset(_Part):
    """One data set of a source: the request, the columns, and the embedded tables it feeds.

    `address`, `query` and `body` may contain {first} and {last} (2013-01), {first_month} (201301), {first_year} and so
    on, {key} in a path, and the names in `each`: every combination of their values is a request of its own. One request
    spans at most `months` months (0: any number). `vintages_of` are tables whose earlier values it has, `checks` tables
    that it may be compared with. A plain refresh asks for the data sets with `by_default`; one with `instead_of`
    replaces the named ones when there is no key. An answer must have every period between the first and last of each
    group of `without_gaps` (BEA has answered with half of the quarters requested).
    """

    id: str
    title: str
    address: str
    query: dict[str, str] = {}
    body: str = ""
    layout: str = ""
    each: dict[str, list[str]] = {}
    months: int = 0
    span: Literal["open", "whole", "month"] = "open"
    begins: Month = "2010-01"
    feeds: list[str] = []
    vintages_of: list[str] = []
    checks: list[str] = []
    by_default: bool = True
    needs_key: bool = True
    instead_of: list[str] = []
    megabytes: int = 64
    known: Known
    columns: dict[str, Column]
    constants: dict[str, str] = {}
    leave_out: dict[str, str] = {}
    without_gaps: list[str] = []
    fixed: dict[str, tuple[int, int]] = {}
    note: str = ""

    @property
    def apart(self) -> bool:
        """Whether it is requested only by name and feeds no table."""
        return not (self.by_default or self.feeds or self.vintages_of)


class Key(_Part):
    """The key to a source: its name, its place in a request, where to register for one."""

    name: str
    place: Literal["query", "path", "header"] = "query"
    parameter: str = ""
    register_at: str


class Limits(_Part):
    """Limits of a source: requests per minute, seconds without data, seconds for a complete answer."""

    calls_per_minute: int
    silent_seconds: float = 60
    whole_seconds: float = 300


class Confirm(_Part):
    """A point that the first run with keys must confirm: the assumption, its present evidence, how to check it."""

    point: str
    known: Known
    how: str


class Source(_Part):
    """An official source: its terms, key, limits and data sets, and what is not confirmed about it."""

    id: str
    title: str
    documentation: str
    terms: str
    notice: str = ""
    key: Key | None = None
    limits: Limits
    accept: str = "*/*"
    back: int = 1
    back_from_april: int = 0
    missing: list[str] = []
    missing_notes: dict[str, list[str]] = {}
    codes: dict[str, dict[str, str]] = {}
    dataset: list[Dataset]
    confirm: list[Confirm] = []

    def describe(self, dataset: str) -> Dataset:
        """Return the data set with that id; UnknownSource if there is none."""
        for one in self.dataset:
            if one.id == dataset:
                return one
        known = [one.id for one in self.dataset]
        raise unknown(UnknownSource, dataset, f"a data set of {self.id}", known, do="See `korus data sources`")

    def layout(self, dataset: str) -> str:
        """Return the module of `clients/` that reads the answers of a data set."""
        return self.describe(dataset).layout or self.id


def names() -> tuple[str, ...]:
    """Return the names of all sources, sorted."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def describe(source: str) -> Source:
    """Return the source of that name; UnknownSource if there is none."""
    if source not in names():
        every = [f"{one}.{dataset.id}" for one in names() for dataset in describe(one).dataset]
        found = f"{source!r} is not a source{did_you_mean(source, (*names(), *every))}"
        raise UnknownSource(found, expected=f"one of {', '.join(names())}", do="See `korus data sources`")
    return load_toml(FOLDER / f"{source}.toml", Source)


def chosen(asked: Iterable[str] = ()) -> list[tuple[str, tuple[str, ...] | None]]:
    """Return the sources named as "source" or "source.dataset", each with the data sets to request.

    None stands for the data sets of a plain refresh; without names every source is returned with None. A source without
    such data sets is asked for all it has. UnknownSource for an unknown name, with the closest one.
    """
    found: list[tuple[str, tuple[str, ...] | None]] = []
    for name in dict.fromkeys(asked):
        source, dot, dataset = name.partition(".")
        whole = describe(source)
        usual = any(one.by_default for one in whole.dataset)
        ids = (whole.describe(dataset).id,) if dot else tuple(one.id for one in whole.dataset)
        found.append((source, None if usual and not dot else ids))
    return found or [(name, None) for name in names()]


def key_names() -> dict[str, str]:
    """Return the source of each key, by the name of the key."""
    return {key.name: one for one in names() if (key := describe(one).key)}


def requests(
    source: str,
    *,
    through: str,
    since: str | None = None,
    datasets: tuple[str, ...] | None = None,
    has_key: bool = True,
) -> tuple[Request, ...]:
    """Return the requests that update the data sets of a source to a month.

    Parameters
    ----------
    source : str
    through : str
        Last month, "2026-08".
    since : str, optional
        First month; default: January of the earliest year still open to revision.
    datasets : tuple of str, optional
        Ids; default: those of a plain refresh, or their replacements if there is no key.
    has_key : bool
        Whether there is a key for the source.
    """
    whole = describe(source)
    chosen = [whole.describe(one) for one in datasets] if datasets else _chosen(whole, has_key)
    return tuple(call for dataset in chosen for call in _calls(whole, dataset, through, since))


def _chosen(source: Source, has_key: bool) -> list[Dataset]:
    keyless = not has_key and source.key is not None
    chosen = [one for one in source.dataset if one.by_default and not (keyless and one.needs_key)]
    if not keyless:
        return chosen
    replacing = [one for one in source.dataset if one.instead_of]
    # Without a key and without a replacement the requests are made all the same: the error names the missing key.
    return [*chosen, *replacing] or [one for one in source.dataset if one.by_default]


def _calls(source: Source, dataset: Dataset, through: str, since: str | None) -> list[Request]:
    year, month = int(through[:4]), int(through[5:])
    back = max(source.back, source.back_from_april if month >= 4 else 0)
    first = since or (dataset.begins if dataset.span == "whole" else f"{year - back}-01")
    first = max(first, dataset.begins)
    months = 1 if dataset.span == "month" else dataset.months
    calls = []
    for begin, end in _pieces(first, through, months):
        for values in product(*dataset.each.values()):
            words = {**dict(zip(dataset.each, values, strict=True)), **_dates(begin, end), "key": "{key}"}
            query = tuple((name, value.format(**words)) for name, value in dataset.query.items())
            address = dataset.address.format(**words)
            body = dataset.body
            for name, value in words.items():
                body = body.replace(f"<{name}>", value)
            calls.append(Request(source.id, dataset.id, address, query, body))
    return list(dict.fromkeys(calls))


def _pieces(first: str, last: str, months: int) -> list[tuple[str, str]]:
    """Split a span into pieces of at most `months` months (0: one piece); return the first and last month of each."""
    pieces, step = [], months or ALL_MONTHS
    while first <= last:
        pieces.append((first, min(months_after(first, step - 1), last)))
        first = months_after(first, step)
    return pieces


def _dates(first: str, last: str) -> dict[str, str]:
    """Return the placeholders for the two months in addresses, queries and bodies."""
    dates: dict[str, str] = {}
    for name, month in (("first", first), ("last", last)):
        year, number = month.split("-")
        dates |= {name: month, f"{name}_month": year + number, f"{name}_year": year, f"{name}_short": year[2:] + number}
    return dates
