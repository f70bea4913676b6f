"""Ask the sources in turn and store their answers at once, so that a failing source costs nothing of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from korus_research.data.period import months_after
from korus_research.data.sources import SourceFailed, Web, describe, parse, requests
from korus_research.data.sources.failures import KeyRefused, NoKey, QuotaUsed, Unreachable
from korus_research.data.sources.spec import chosen
from korus_research.errors import InvalidParameter

if TYPE_CHECKING:
    from korus_research.data.package.answers import Answers
    from korus_research.errors import KorusError

# After these a source is not asked again; after another failure its other data sets still are.
_LEFT = (QuotaUsed, Unreachable)
_KEYLESS = (NoKey, KeyRefused)  # after these, its data sets that need a key are not asked


@dataclass
class Asked:
    """The outcome of a refresh: the number of requests, of new answers, and the failures.

    `apart` counts the rows received for data sets that feed no table, by "source.dataset".
    """

    calls: int = 0
    stored: int = 0
    apart: dict[str, int] = field(default_factory=dict)
    problems: list[KorusError] = field(default_factory=list)


def last_ended() -> str:
    """Return the last month that has ended (UTC), "YYYY-MM"."""
    return months_after(f"{datetime.now(UTC):%Y-%m}", -1)


def ask(
    asked_for: Iterable[str],
    through: str,
    store: Answers,
    told: Callable[[str, str], None],
    *,
    since: str | None = None,
) -> Asked:
    """Ask sources ("census") or single data sets ("census.import-files") up to a month, and store every answer at once.

    Without names, every source is asked for its usual data sets; `since` is the first month (default: the earliest
    open to revision). `told` is called with the source and what it is asked for. UnknownSource for an unknown name and
    InvalidParameter if a source that is named, or every source, has no data up to `through`, before anything is asked;
    OutputFolder if answers can't be stored. Failures of sources are among the `problems`.
    """
    named = tuple(asked_for)
    parts, asked, left, keyless = chosen(named), Asked(), set[str](), set[str]()
    with Web(on_progress=lambda state: told(state.source, f"{state.dataset}, {state.stage}")) as web:
        calls = [
            requests(source, through=through, since=since, datasets=datasets, has_key=web.has_key(source))
            for source, datasets in parts
        ]
        empty = [part for part, its in zip(parts, calls, strict=True) if not its]
        if empty and (named or len(empty) == len(parts)):
            raise _not_begun(empty, through)
        for call in dict.fromkeys(chain.from_iterable(calls)):
            source = describe(call.source)
            if call.source in left or (call.source in keyless and source.describe(call.dataset).needs_key):
                continue
            asked.calls += 1
            try:
                for answer in web.ask(call):
                    asked.stored += store.put(answer)
                    if source.describe(call.dataset).apart:
                        name = f"{call.source}.{call.dataset}"
                        asked.apart[name] = asked.apart.get(name, 0) + len(parse(answer))
            except SourceFailed as problem:
                asked.problems.append(problem)
                if isinstance(problem, _LEFT):
                    left.add(call.source)
                elif isinstance(problem, _KEYLESS):
                    keyless.add(call.source)
    return asked


def _not_begun(parts: Sequence[tuple[str, tuple[str, ...] | None]], through: str) -> InvalidParameter:
    """Return the error for sources and their data sets (None: the usual ones) of which none begins by a month."""
    begins = {
        f"{name}.{one.id}": one.begins
        for name, datasets in parts
        for one in describe(name).dataset
        if (one.by_default if datasets is None else one.id in datasets)
    }
    told = ", ".join(f"{name} begins in {first}" for name, first in begins.items())
    return InvalidParameter(
        f"There are no data up to {through}: {told}",
        expected=f"a month from {min(begins.values())} on",
        do="Choose a later --through",
    )
