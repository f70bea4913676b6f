"""KernelPool of small chapters, forked from one light process; tests about that process have one of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from forking import Server, use_light


@pytest.fixture(scope="session")
def shared_server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture(autouse=True)
def _light_kernels(request: pytest.FixtureRequest, shared_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    marks = {mark.name for mark in request.node.iter_markers()}
    if "warm" not in marks:
        use_light(monkeypatch, None if "own_server" in marks else shared_server)
