"""Shared fixtures: the raw figures (skipped where absent) and studies of three editions."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import settings

# One thread a process, as in a chapter: test workers whose numerical libraries each take every core wait for one
# another (the gravity estimates take four times as long). Before anything imports numpy.
for _library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"):
    os.environ.setdefault(_library, "1")

# As in a chapter too: the workers, which start later, keep memory that arrays have left (run/kernels/kernel.py).
os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(32 << 20))
os.environ.setdefault("MALLOC_TRIM_THRESHOLD_", str(512 << 20))

# What collection imports stays: looking through it again and again took a fifth of it.
gc.disable()

# What is compiled stays compiled, for the workers and for the many processes that tests start.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

from korus_research.data.cache.code import read_source  # noqa: E402
from korus_research.run.kernels.imports import UNWANTED  # noqa: E402

# As a report does: a grammar of addresses takes more than a second to build, and no notebook has any.
for _name in UNWANTED:
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]

ROOT = Path(__file__).resolve().parents[1]
EXCERPT = ROOT / "tests" / "data" / "excerpt"  # made by tools/excerpt_collected.py

# No example is timed: on a busy machine it may take any time. `.ci/run` draws many.
settings.register_profile("few", deadline=None, max_examples=25)
settings.register_profile("many", deadline=None, max_examples=200)
settings.load_profile("few")


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One cache for all processes of this test run, never the user's: what one has computed the others need not."""
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if os.environ.get("PYTEST_XDIST_WORKER") else folder
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KORUS_CACHE", str(shared / "cache"))
        # The digests of our own files, which each empty cache would need again, are a function of their bytes.
        patch.setattr("korus_research.data.cache.code.read_source", cache(read_source))
        # No test cuts the power: waiting for the disk takes some 5 ms a file.
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture(autouse=True)
def _own_cache(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test that makes a report must make it, and not find what an earlier one left; chapters share their results.

    A test that changes code while it runs must neither find them nor leave any.
    """
    with pytest.MonkeyPatch.context() as patch:
        shares = "chapters" in request.path.relative_to(ROOT).parts or request.node.get_closest_marker("shared_results")
        if not shares or "monkeypatch" in request.fixturenames:
            # A folder that is made when something is kept: one for each test, listed for each new one, took seconds.
            patch.setenv("KORUS_CACHE", str(tmp_path_factory.getbasetemp() / "caches" / uuid4().hex))
        yield


def pytest_addoption(parser: pytest.Parser) -> None:
    # Here and not in tests/validation, whose conftest is read too late for options.
    group = parser.getgroup("validation")
    group.addoption("--write-validation", metavar="FILE", help="write what tests/validation measured to FILE")
    parser.getgroup("kills").addoption(
        "--kills", type=int, default=100, help="how often tests/editions/test_kill.py kills"
    )
    group.addoption("--large", action="store_true", help="simulations with many replications (minutes)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "raw_folder" in getattr(item, "fixturenames", ()):
            item.add_marker("figures")


def pytest_collection_finish() -> None:
    # A worker holds studies with all their tables: looked through whole each time that it has grown by a quarter, they
    # took a seventh of the suite. What collection made stays anyhow, and the rest is looked through ten times less often.
    gc.freeze()
    gc.set_threshold(2_000, 10, 50)
    gc.enable()


def pytest_sessionfinish() -> None:
    # At the end pytest looks through everything five times, and Python once more.
    gc.freeze()


@pytest.fixture(scope="session")
def collected_folder() -> Path:
    """The folder of collected figures, for tests that need all of them."""
    folder = Path(os.environ.get("KORUS_VALIDATION_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip("the collected figures are not here (set KORUS_VALIDATION_DATA)")
    return folder


@pytest.fixture(scope="session")
def raw_folder() -> Path:
    """Collected figures, for tests by another road: the collection where it is there, else the excerpt of it."""
    folder = Path(os.environ.get("KORUS_VALIDATION_DATA", ROOT.parent / "shared" / "data"))
    return folder if folder.is_dir() else EXCERPT


@pytest.fixture(scope="session")
def whole_collection(raw_folder: Path) -> bool:
    """Whether `raw_folder` is the whole collection, and not the excerpt."""
    return raw_folder != EXCERPT


@pytest.fixture(scope="session")
def study():
    """The newest edition."""
    import korus_research as kr

    return kr.open_study("korus")


@pytest.fixture(scope="session")
def column_study():
    """What January 2018 could know."""
    import korus_research as kr

    return kr.open_study("korus", as_of="2017-11")
