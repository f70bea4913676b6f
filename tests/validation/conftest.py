"""Validation: our numbers beside others'. `make validate` runs these tests large and writes docs/validation.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs" / "validation.md"
HEADER = """# Validation

Written by `make validate`; do not edit. Each row is a test in `tests/validation/`: what was computed here, what it was held against, how
far the two may be apart, and where the other number comes from. Published numbers are on the same data; "second engine" is another
package or a general solver on the same problem; "planted" is a simulation in which the truth is known. Reasons for a tolerance stand in
the test.
"""


@dataclass(frozen=True)
class Row:
    """One line of the document."""

    section: str
    what: str
    ours: str
    held: str
    tolerance: str
    source: str


ROWS = pytest.StashKey[list[Row]]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("validation")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[ROWS] = []


@pytest.fixture(scope="session")
def raw_folder(collected_folder: Path) -> Path:
    """The collected figures: what others published is held against the whole of them."""
    return collected_folder


@pytest.fixture(scope="session")
def large(request: pytest.FixtureRequest) -> bool:
    """Whether simulations run with many replications."""
    return bool(request.config.getoption("--large"))


class Record:
    """Holds a number against another, and keeps the line for the document."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def against(
        self, section: str, what: str, ours: float, theirs: float, *, tolerance: float, source: str, form: str = ".5f"
    ) -> None:
        """Assert that `ours` is within `tolerance` of `theirs`."""
        self._keep(Row(section, what, format(ours, form), format(theirs, form), f"{tolerance:g}", source))
        assert abs(ours - theirs) <= tolerance, f"{what}: {ours!r} here, {theirs!r} in {source}"

    def measured(self, section: str, what: str, value: str, *, bound: str, source: str, holds: bool) -> None:
        """Assert that a measured quantity, told in `value`, keeps its stated `bound`."""
        self._keep(Row(section, what, value, bound, "", source))
        assert holds, f"{what}: {value}, expected {bound}"

    def _keep(self, row: Row) -> None:
        self._config.stash[ROWS].append(row)
        if self._config.getoption("--write-validation"):
            return
        lines = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.is_file() else ""
        assert f"| {row.what} |" in lines, f"{DOCUMENT.name} has no line '{row.what}'; run `make validate`"


@pytest.fixture(scope="session")
def record(pytestconfig: pytest.Config) -> Record:
    """How a test holds its number against another one."""
    return Record(pytestconfig)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    target = session.config.getoption("--write-validation")
    if not target or exitstatus != 0:
        return
    path = Path(target)
    aside = path.with_suffix(".part")
    aside.write_text(_document(session.config.stash[ROWS]), encoding="utf-8")
    aside.replace(path)


def _document(rows: Iterable[Row]) -> str:
    parts = [HEADER]
    sections: dict[str, list[Row]] = {}
    for row in rows:
        sections.setdefault(row.section, []).append(row)
    for section, lines in sorted(sections.items()):
        parts.append(f"\n## {section}\n\n| what | here | held against | tolerance | source |\n|---|---|---|---|---|\n")
        parts += [f"| {r.what} | {r.ours} | {r.held} | {r.tolerance} | {r.source} |\n" for r in lines]
    return "".join(parts)
