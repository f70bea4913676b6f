"""Answers of all sources, asked once in a session from the loopback server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from official import Official

from korus_research.data import sources
from korus_research.data.package.answers import Answers
from korus_research.data.package.asking import ask

MONTH = "2026-08"


@pytest.fixture(scope="session")
def official() -> Iterator[Official]:
    with Official() as server:
        yield server


@pytest.fixture(scope="session")
def heard(official: Official, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what every source said of the embedded tables, to be read only."""
    folder = tmp_path_factory.mktemp("heard") / "answers"
    with pytest.MonkeyPatch.context() as patch:
        for name, value in official.environment.items():
            patch.setenv(name, value)
        asked = ask(sources.names(), MONTH, Answers(folder, 1 << 30), lambda source, what: None)
    assert not asked.problems
    return folder


@pytest.fixture
def answers(heard: Path, tmp_path: Path) -> Answers:
    """A copy of what was heard."""
    return Answers(Path(shutil.copytree(heard, tmp_path / "answers")), 1 << 30)
