"""Kernels of small chapters: they import nothing heavy, so nothing heavy is imported for them."""

from __future__ import annotations

import pytest
from runnable import light_kernels


@pytest.fixture(autouse=True)
def _light_kernels(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("warm") is None:
        light_kernels(monkeypatch)
