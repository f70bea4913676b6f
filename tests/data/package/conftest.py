"""Answers of all sources, asked once in a session from the loopback server."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from official import Official

from korus_research.data.package import compile as compiling
from korus_research.data.package.answers import Answers
from korus_research.data.package.asking import ask
from korus_research.data.sources.answer import Answer

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


@pytest.fixture(autouse=True, scope="session")
def _each_answer_is_parsed_once() -> Iterator[None]:
    """Most tests compile the package from the same answers; what was parsed is copied."""
    parse, parsed = compiling.parse, dict[tuple[str, ...], pd.DataFrame]()

    def once(answer: Answer) -> pd.DataFrame:
        key = (answer.source, answer.dataset, answer.address, str(answer.status), answer.fetched, answer.sha256)
        if key not in parsed:
            parsed[key] = parse(answer)
        return parsed[key].copy()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiling, "parse", once)
        yield


@pytest.fixture
def answers(heard_rates: Path, tmp_path: Path) -> Answers:
    """A copy of what FRED said."""
    return Answers(Path(shutil.copytree(heard_rates, tmp_path / "answers")), 1 << 30)
