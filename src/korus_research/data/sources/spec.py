"""What to ask of each official source and what its answers are made of: read from a TOML file a source in `asked/`."""

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
from korus_research.errors import did_you_mean

FOLDER = Path(__file__).parent / "asked"
ALL_MONTHS = 12 * 1000  # more than any source has

Known = Literal["recorded", "documented", "reported", "not confirmed"]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(_Part):
    """A column that `parse` gives: of which column of the source, as what.

    `codes` names a table of codes by which the source's are replaced, each of them; `replace` replaces some of them.
    `quarter` gives 0 for a year. Numbers are raised by ten to the `power` that another column holds ("-SCALE": lowered)
    and by ten to the `shift`, or turned over (`inverse`). `optional` columns may be absent from an answer.
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
    """One data set of a source: the call, the columns, the embedded tables it feeds.

    In `address`, `query` and `body` stand {first} and {last} (2013-01), {first_month} (201301), {first_year} and so on,
    {key} in a path, and the names of `each`, every combination of whose values is a call of its own. `months` is how
    many of them one call may span (0: any number). `vintages_of` are tables of which older values come, `checks` those
    beside which the figures may be held. `by_default` data sets are asked by a plain refresh; `instead_of` are asked
    where there is no key for those named. An answer must have every period between the first and the last one of each
    group of `without_gaps` (BEA has answered with half of the quarters asked for).
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
        """Whether it is asked by name only, and no table is made of it."""
        return not (self.by_default or self.feeds or self.vintages_of)


class Key(_Part):
    """The key to a source: its name, where it stands in a call, where a person gets one."""

    name: str
    place: Literal["query", "path", "header"] = "query"
    parameter: str = ""
    register_at: str


class Limits(_Part):
    """How a source may be asked: calls a minute, seconds without a byte, seconds for a whole answer."""

    calls_per_minute: int
    silent_seconds: float = 60
    whole_seconds: float = 300


class Confirm(_Part):
    """A point that a first run with keys must confirm: what is assumed, how it is known so far, how to see it."""

    point: str
    known: Known
    how: str


class Source(_Part):
    """An official source: its terms, its key, its limits, its data sets, and what is not confirmed about it."""

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
        """Return a data set by its id; UnknownSource where there is none."""
        for one in self.dataset:
            if one.id == dataset:
                return one
        known = [one.id for one in self.dataset]
        found = f"{dataset!r} is no data set of {self.id}{did_you_mean(dataset, known)}"
        raise UnknownSource(found, expected=f"one of {', '.join(known)}", do="See `korus data sources`")

    def layout(self, dataset: str) -> str:
        """Return the name of the module of `clients/` that reads the answers of a data set."""
        return self.describe(dataset).layout or self.id


def names() -> tuple[str, ...]:
    """Return the names of all sources, in order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def describe(source: str) -> Source:
    """Return what is known of a source; UnknownSource where there is none of that name."""
    if source not in names():
        every = [f"{one}.{dataset.id}" for one in names() for dataset in describe(one).dataset]
        found = f"{source!r} is no source{did_you_mean(source, (*names(), *every))}"
        raise UnknownSource(found, expected=f"one of {', '.join(names())}", do="See `korus data sources`")
    return load_toml(FOLDER / f"{source}.toml", Source)


def chosen(asked: Iterable[str] = ()) -> list[tuple[str, tuple[str, ...] | None]]:
    """Return the sources that are asked for as "source" or "source.dataset", each with the data sets to ask it for.

    None stands for those of a plain refresh, which are asked of every source where no name is given. A source that has
    none of those is asked for all that it has. UnknownSource for a name that is none, with the nearest one.
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
    """Return the names of the keys, each with the source it is for."""
    return {key.name: one for one in names() if (key := describe(one).key)}


def requests(
    source: str,
    *,
    through: str,
    since: str | None = None,
    datasets: tuple[str, ...] | None = None,
    has_key: bool = True,
) -> tuple[Request, ...]:
    """Return the calls that bring the data sets of a source up to a month.

    Parameters
    ----------
    source : str
    through : str
        Last month wanted, "2026-08".
    since : str, optional
        First month; of a source that revises, else, January of the earliest year still open to revision.
    datasets : tuple of str, optional
        Ids; without, those that a plain refresh asks, or, without a key, those asked instead.
    has_key : bool
        Whether a key of the source is known.
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
    # Without a key and without another road, the calls are made all the same: asking says which key is missing.
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
    """Return the first and last month of pieces of a span, of so many months at most; 0: in one piece."""
    pieces, step = [], months or ALL_MONTHS
    while first <= last:
        pieces.append((first, min(months_after(first, step - 1), last)))
        first = months_after(first, step)
    return pieces


def _dates(first: str, last: str) -> dict[str, str]:
    """Return the words for the two months that addresses, queries and bodies may have."""
    dates: dict[str, str] = {}
    for name, month in (("first", first), ("last", last)):
        year, number = month.split("-")
        dates |= {name: month, f"{name}_month": year + number, f"{name}_year": year, f"{name}_short": year[2:] + number}
    return dates
