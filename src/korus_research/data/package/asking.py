"""Asking the sources in turn and storing what they say, so that one that fails loses nothing of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from korus_research.data.period import months_after
from korus_research.data.sources import SourceFailed, Web, describe, requests
from korus_research.data.sources.failures import KeyRefused, NoKey, QuotaUsed, Unreachable

if TYPE_CHECKING:
    from korus_research.data.package.answers import Answers
    from korus_research.errors import KorusError

# After these a source has nothing more to say; after another failure its other data sets are asked all the same.
_LEFT = (NoKey, KeyRefused, QuotaUsed, Unreachable)


@dataclass
class Asked:
    """What became of asking: how many calls, how many answers were new, what failed."""

    calls: int = 0
    stored: int = 0
    problems: list[KorusError] = field(default_factory=list)


def last_ended() -> str:
    """Return the last month that has ended, "YYYY-MM", by the clock in UTC."""
    return months_after(f"{datetime.now(UTC):%Y-%m}", -1)


def ask(sources: Iterable[str], through: str, store: Answers, told: Callable[[str, str], None]) -> Asked:
    """Ask each source for its data sets up to the month `through`, and store every answer at once.

    `told` is called with the source and what it is asked for. UnknownSource for a name that is none, before anything is
    asked; OutputFolder where answers can't be stored. What a source fails in is among the problems.
    """
    names = list(dict.fromkeys(sources))
    for name in names:
        describe(name)
    asked = Asked()
    with Web(on_progress=lambda state: told(state.source, f"{state.dataset}, {state.stage}")) as web:
        for name in names:
            for request in requests(name, through=through, has_key=web.has_key(name)):
                asked.calls += 1
                try:
                    asked.stored += sum(store.put(answer) for answer in web.ask(request))
                except SourceFailed as problem:
                    asked.problems.append(problem)
                    if isinstance(problem, _LEFT):
                        break
    return asked
