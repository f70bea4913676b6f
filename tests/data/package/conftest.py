"""Answers of all sources, asked once in a session from the loopback server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from official import Official

from korus_research.data.package.answers import Answers
from korus_research.data.package.asking import ask

MONTH = "2026-08"


@pytest.fixture(scope="session")
def official() -> Iterator[Official]:
    with Official() as server:
        yield server


def asked(official: Official, folder: Path, names: tuple[str, ...]) -> Path:
    """Ask sources for the embedded tables, and return the folder of what they said."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in official.environment.items():
            patch.setenv(name, value)
        done = ask(names, MONTH, Answers(folder, 1 << 30), lambda source, what: None)
    assert not done.problems
    return folder


@pytest.fixture(scope="session")
def heard(official: Official, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what every source said of the embedded tables, to be read only."""
    official.forget()
    return asked(official, tmp_path_factory.mktemp("heard") / "answers", ())


@pytest.fixture(scope="session")
def heard_rates(official: Official, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what FRED said, to be read only."""
    official.forget()
    return asked(official, tmp_path_factory.mktemp("rates") / "answers", ("fred",))


@pytest.fixture
def answers(heard_rates: Path, tmp_path: Path) -> Answers:
    """A copy of what FRED said."""
    return Answers(Path(shutil.copytree(heard_rates, tmp_path / "answers")), 1 << 30)
