"""Print every test that was skipped, and end with 1 if one of them is not expected to be.

    python tools/check_skips.py .ci/skips.txt RESULTS.xml [RESULTS.xml ...]

A line of the list is `test id pattern | part of the reason`; both must fit. Lines with # are comments. The results are
pytest's JUnit XML; an expected failure counts as skipped. The last line printed counts all tests.
"""

from __future__ import annotations

import argparse
import fnmatch
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree


@dataclass(frozen=True)
class Skip:
    """A test that did not run, and why."""

    test: str
    reason: str


@dataclass(frozen=True)
class Expected:
    """A line of the list."""

    pattern: str
    reason: str

    def fits(self, skip: Skip) -> bool:
        """Return whether the line speaks of this skip."""
        return fnmatch.fnmatchcase(skip.test, self.pattern) and self.reason in skip.reason


def read_list(path: Path) -> list[Expected]:
    """Return the lines of the list; a line without a reason is an error."""
    expected = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        pattern, bar, reason = (part.strip() for part in line.partition("|"))
        if not (pattern and bar and reason):
            sys.exit(f"{path}, line {number}: found '{line}', expected 'test id pattern | part of the reason'")
        expected.append(Expected(pattern, reason))
    return expected


def read_results(paths: Iterable[Path]) -> tuple[dict[str, int], list[Skip]]:
    """Return how many tests passed, failed and were skipped, and the skipped ones."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    skips: list[Skip] = []
    for path in paths:
        for case in ElementTree.parse(path).iter("testcase"):
            outcome = _outcome(case)
            counts[outcome] += 1
            if outcome == "skipped":
                skips.append(_skip(case))
    return counts, skips


def _outcome(case: ElementTree.Element) -> str:
    if any(case.find(tag) is not None for tag in ("failure", "error")):
        return "failed"
    return "skipped" if case.find("skipped") is not None else "passed"


def _skip(case: ElementTree.Element) -> Skip:
    element = case.find("skipped")
    assert element is not None
    # A module that skips itself has no class, and its name in the place of a test's.
    test = "::".join(part for part in (case.get("classname"), case.get("name")) if part)
    return Skip(test, " ".join(f"{element.get('message', '')} {element.text or ''}".split()))


def report(counts: dict[str, int], skips: list[Skip], expected: list[Expected]) -> Iterator[str]:
    """Yield a line for each skipped test; one that no line of the list fits is marked."""
    for skip in sorted(skips, key=lambda s: s.test):
        known = any(line.fits(skip) for line in expected)
        yield f"{'skipped' if known else 'SKIPPED, NOT IN THE LIST'}: {skip.test}: {skip.reason}"
    yield f"tests: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped"


def main() -> None:
    """Read, print, and end with 1 where a skip is not in the list or nothing ran."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("list", type=Path)
    parser.add_argument("results", type=Path, nargs="+")
    chosen = parser.parse_args()
    expected = read_list(chosen.list)
    counts, skips = read_results(chosen.results)
    print("\n".join(report(counts, skips, expected)))
    if counts["failed"] or not counts["passed"] or any(not any(e.fits(s) for e in expected) for s in skips):
        sys.exit(1)


if __name__ == "__main__":
    main()
