"""Asking the sources in turn and storing what they say, so that one that fails loses nothing of the others."""

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

# After these a source has nothing more to say; after another failure its other data sets are asked all the same.
_LEFT = (QuotaUsed, Unreachable)
_KEYLESS = (NoKey, KeyRefused)  # after these, those of its data sets that need a key


@dataclass
class Asked:
    """What became of asking: how many calls, how many answers were new, what failed.

    `apart` is how many rows came of each data set, as "source.dataset", of which no table is made.
    """

    calls: int = 0
    stored: int = 0
    apart: dict[str, int] = field(default_factory=dict)
    problems: list[KorusError] = field(default_factory=list)


def last_ended() -> str:
    """Return the last month that has ended, "YYYY-MM", by the clock in UTC."""
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

    Without any, what a plain refresh asks of each source; `since` is the first month, where that is not what is open to
    revision. `told` is called with the source and what it is asked for. Before anything is asked: UnknownSource for a
    name that is none, InvalidParameter where data sets begin after `through`. OutputFolder where answers can't be
    stored. What a source fails in is among the problems.
    """
    parts, asked, left, keyless = chosen(asked_for), Asked(), set[str](), set[str]()
    _check_begun(parts, through)
    with Web(on_progress=lambda state: told(state.source, f"{state.dataset}, {state.stage}")) as web:
        calls = (
            requests(source, through=through, since=since, datasets=datasets, has_key=web.has_key(source))
            for source, datasets in parts
        )
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


def _check_begun(parts: Sequence[tuple[str, tuple[str, ...] | None]], through: str) -> None:
    """Return if something of each source that is asked has begun by a month; InvalidParameter where it has not."""
    for name, datasets in parts:
        source = describe(name)
        begins = {one.id: one.begins for one in source.dataset if datasets is None or one.id in datasets}
        if min(begins.values()) > through:
            of = ", ".join(f"{name}.{one} begins in {first}" for one, first in begins.items())
            raise InvalidParameter(
                f"Nothing is asked of {name} to {through}: {of}",
                expected=f"a month from {min(begins.values())} on",
                do="Choose a later --through",
            )
