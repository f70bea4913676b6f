"""The official sources on this machine, one server for all tests of a process, and a door to them that waits for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from official import KEYS, Official

from korus_research.data import sources
from korus_research.data.sources import spec
from korus_research.data.sources.keys import Keys
from korus_research.data.sources.web import Patience, Web

QUICK = Patience(attempts=3, backoff=0.01, longest=0.5, paced=False)


@pytest.fixture(scope="session")
def _official() -> Iterator[Official]:
    with Official() as server:
        yield server


@pytest.fixture
def official(_official: Official) -> Official:
    """The server, as if nobody had called yet."""
    _official.calls.clear()
    _official.forget()
    return _official


@pytest.fixture
def web(official: Official) -> Iterator[Web]:
    """A door to the server, with a key for every source."""
    with Web(official.address, keys=Keys(spec.key_names(), KEYS), patience=QUICK) as door:
        yield door


@pytest.fixture
def ask(web: Web) -> Callable[..., list[sources.Answer]]:
    """Ask a data set for a span and return all answers."""

    def asked(source: str, dataset: str, since: str = "2025-01", through: str = "2025-12") -> list[sources.Answer]:
        calls = spec.requests(source, through=through, since=since, datasets=(dataset,))
        return [answer for call in calls for answer in web.ask(call)]

    return asked


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change the limits, or with `megabytes` the size bound, of the Census in this test."""
    whole = spec.describe("census")

    def change(megabytes: int | None = None, **limits: float) -> None:
        parts = whole.dataset
        if megabytes is not None:
            parts = [one.model_copy(update={"megabytes": megabytes}) for one in parts]
        changed = whole.model_copy(update={"limits": whole.limits.model_copy(update=limits), "dataset": parts})
        original = spec.describe
        monkeypatch.setattr(spec, "describe", lambda name: changed if name == "census" else original(name))

    return change
