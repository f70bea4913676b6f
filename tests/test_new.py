"""`korus new` in a copy of the checkout: what it writes is like what is there, runs, and passes its own tests at once."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from korus_research import open_catalog

pytestmark = pytest.mark.slow  # makes reports, small ones (decision 37)

ROOT = Path(__file__).resolve().parents[1]
REPORT = """
import re, sys
from pathlib import Path
import korus_research
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report, chapters_of
root = Path(sys.argv[1])
assert Path(korus_research.__file__).is_relative_to(root)
assert "harvest" in dir(korus_research)
assert [chapter.key for chapter in chapters_of(root / "notebooks")][-1] == "harvest"
alone = root / "notebooks" / "chapters.toml"
lines = [l for l in alone.read_text().splitlines() if re.search('file = "(01_flows|.._harvest)', l)]
alone.write_text('chapter = [' + "\\n".join(lines) + ']')
build_report(ReportParameters.parse({"as_of": "2016-12"}), out=root / "out", formats=("html",), notebooks=alone.parent)
"""
JUDGED = """
import korus_research as kr
from korus_research.chapters.claims.measures import measure, verdict_of
from korus_research.chapters.claims.statements import load_claims
study = kr.open_study()
[(source, claim)] = [pair for pair in load_claims("korus", as_of=study.parameters.as_of) if pair[0].id == "mine-2026"]
values = measure(claim, source, study)
print(claim.number, claim.first, claim.last, verdict_of(source, claim, values).word)
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with a new chapter, a new measure and a new claim."""
    root = tmp_path_factory.mktemp("copy-with-something-new")
    for name in ("src", "notebooks", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    for path in ("tests/conftest.py", "pyproject.toml"):
        (root / path).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / path, root / path)
    asked = (
        ("chapter", "harvest", "--title", "Harvests", "--question", 'What is "sown"?'),
        ("measure", "flows", "peak"),
        ("claim", "mine-2026"),
    )
    for words in asked:
        done = korus(root, "new", *words)
        assert done.returncode == 0, done.stderr
        for name in done.stdout.splitlines():
            assert (root / name).is_file()
    return root


def korus(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return python(root, "-m", "korus_research", *words)


def python(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {**os.environ, "PYTHONPATH": str(root / "src"), "KORUS_CACHE": str(root / "cache")}
    return subprocess.run(
        [sys.executable, *words], cwd=root, env=kept, capture_output=True, text=True, timeout=180, check=False
    )


def test_a_new_chapter_and_a_new_measure_run_in_a_report(copy: Path) -> None:
    listed = (copy / "notebooks" / "chapters.toml").read_text(encoding="utf-8")
    done = python(copy, "-c", REPORT, str(copy))
    (copy / "notebooks" / "chapters.toml").write_text(listed, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    edition = copy / "out" / "korus" / "2016-12"
    page = (edition / "annex.html").read_text(encoding="utf-8") + (edition / "report.html").read_text(encoding="utf-8")
    assert "Harvests" in page
    assert "What is “sown”?" in page or "What is &quot;sown&quot;?" in page
    assert "US exports to Korea were largest in" in page.replace("\n", " ")
    found = {finding["id"]: finding for finding in json.loads((edition / "findings.json").read_text(encoding="utf-8"))}
    assert found["harvest.exports.change"]["period"] == "2011 to 2016"
    assert found["flows.peak.exports"]["unit"] == "usd_bn"
    assert (edition / "figures" / "harvest-years.svg").is_file()


def test_a_question_is_written_as_it_was_asked(copy: Path) -> None:
    page = (copy / "docs" / "methods" / "harvest.md").read_text(encoding="utf-8")
    assert page.splitlines()[2] == 'What is "sown"?'
    assert "[[" not in page
    cells = json.loads(next((copy / "notebooks").glob("*_harvest.ipynb")).read_text(encoding="utf-8"))["cells"]
    assert "".join(cells[0]["source"]) == '# Harvests\n\n*What is "sown"?*'


def test_what_is_written_passes_its_own_tests(copy: Path) -> None:
    done = python(
        copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/chapters/harvest", "tests/chapters/flows/test_peak.py"
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_new_claim_is_judged(copy: Path) -> None:
    done = python(copy, "-c", JUDGED)
    assert done.returncode == 0, done.stderr
    number, first, last, verdict = done.stdout.split()
    lines = [line for path in (ROOT / "src").rglob("sources/*.toml") for line in path.read_text("utf-8").splitlines()]
    assert int(number) == 1 + max(int(line.partition("=")[2]) for line in lines if line.startswith("number ="))
    # More than 10 percent, by another road.
    trade = open_catalog().load("goods_trade_monthly").query("partner == '5800' and flow == 'exports'")
    years = trade.groupby(trade["month"].str[:4])["value_usd_mn"].sum()
    assert verdict == ("Right" if years[last] / years[first] > 1.1 else "Wrong")


def test_what_is_written_is_as_the_house_wants_it(copy: Path) -> None:
    places = [copy / "src" / "korus_research" / "chapters", copy / "tests"]
    bin_ = Path(sys.executable).parent
    for command in (["ruff", "check"], ["ruff", "format", "--check"]):
        done = subprocess.run(
            [bin_ / command[0], *command[1:], *places], cwd=copy, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert not [line for line in done.stdout.splitlines() if "harvest" in line or "peak" in line], done.stdout
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "check_house.py", places[0].parent, "--all"],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(copy / "src")},
    )  # fmt: skip
    assert "harvest" not in done.stdout
    assert "peak" not in done.stdout


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("chapter harvest", "InvalidChapter: 'harvest' is taken"),
        ("chapter cars", "InvalidChapter: 'cars' is taken"),
        ("chapter methods", "InvalidChapter: 'methods' is taken"),
        ("chapter say", "InvalidChapter: 'say' is taken"),
        ("chapter Rye", "InvalidChapter: 'Rye' can't be a name here"),
        ("chapter rye-wheat", "InvalidChapter: 'rye-wheat' can't be a name here"),
        ("chapter class", "InvalidChapter: 'class' can't be a name here"),
        ("measure flows class", "InvalidChapter: 'class' can't be a name here"),
        ("measure flows print", "InvalidChapter: 'print' can't be a name here"),
        ("measure flows peak", "InvalidChapter: 'peak' is taken"),
        ("measure flow peak", "InvalidChapter: 'flow' is not a chapter with findings (did you mean 'flows'?)"),
        ("measure flows Peak", "InvalidChapter: 'Peak' can't be a name here"),
        ("claim mine-2026", "OutputFolder: src/korus_research/chapters/claims/sources/mine-2026.toml exists"),
        ("claim Mine", "InvalidClaim: 'Mine' can't be a name here"),
        ("claim other --agreement kurus", "UnknownAgreement: 'kurus' is not an agreement (did you mean 'korus'?)"),
    ],
)
def test_a_name_that_can_not_be_one_is_refused_and_nothing_written(copy: Path, words: str, found: str) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and "cache" not in path.parts}
    done = korus(copy, "new", *words.split())
    assert done.returncode == 1
    assert done.stderr.startswith(found)
    after = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file() and "cache" not in path.parts}
    assert {p.name for p in after.keys() ^ before.keys() if p.suffix != ".pyc"} == set()
    assert [path for path in before if path.suffix != ".pyc" and before[path] != after.get(path)] == []


def test_outside_a_checkout_there_is_nothing_to_add_to(tmp_path: Path) -> None:
    for words in (("chapter", "harvest"), ("claim", "a"), ("measure", "flows", "peak")):
        done = korus(tmp_path, "new", *words)
        assert done.returncode == 1
        assert "is not in a checkout" in done.stderr
    assert not [path for path in tmp_path.iterdir() if path.name != "cache"]
