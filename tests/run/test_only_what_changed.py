"""A chapter runs again when, and only when, something that its outputs depend on has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runnable import Notebooks, prose

import korus_research
from korus_research.data.cache.store import Cache
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
from korus_research.editions.edition import Edition
from korus_research.editions.explain import Outlook, explain
from korus_research.run import dependencies as ingredients
from korus_research.run.dependencies import meaning, surroundings
from korus_research.run.progress import Progress

PACKAGE = Path(korus_research.__file__).parent
READS_BASELINE = 'agreement = "korus"\nas_of = None\nbaseline_year = None'
READS_MONTH = 'agreement = "korus"\nas_of = None'


class Ran(Progress):
    """Remembers what ran, what did not, and whether anything was published."""

    def __init__(self) -> None:
        self.ran: set[str] = set()
        self.kept: set[str] = set()
        self.published = False

    def done(self, name: str) -> None:
        self.ran.add(name[:2])

    def unchanged(self, name: str) -> None:
        self.kept.add(name[:2])

    def step(self, text: str) -> None:
        self.published |= text.startswith("publishing")


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    """Summary after claims after flows; comparators by themselves. Only flows reads the baseline."""
    made = Notebooks(tmp_path / "notebooks")
    read = "import json; found = {f['id']: f['value'] for f in json.load(open(findings_file))}"
    show = prose("Claims.").removesuffix(", raw=True)")
    made.add("00_summary", read, prose("In short."), wave=3, parameters=f'{READS_MONTH}\nfindings_file = ""')
    made.add("01_flows", "base = baseline_year", prose("Exports.", ("flows.exports", 42.3)), parameters=READS_BASELINE)
    made.add(
        "02_comparators", prose("Shares.", ("comparators.share", 3.1)), parameters=READS_MONTH, tables=["partners"]
    )
    made.add(
        "12_claims",
        read,
        f"{show}, raw=True)",
        wave=2,
        after=["01_flows"],
        parameters=f'{READS_MONTH}\nfindings_file = ""',
    )
    return made


@pytest.fixture
def make(notebooks: Notebooks, tmp_path: Path) -> Callable[..., tuple[Ran, Edition]]:
    def build(*, force: bool = False, out: Path = tmp_path / "out", **values: Any) -> tuple[Ran, Edition]:
        ran = Ran()
        parameters = ReportParameters.parse({"as_of": "2016-12", **values})
        edition = build_report(
            parameters, out=out, formats=("html",), notebooks=notebooks.folder, progress=ran, force=force
        )
        assert edition.problems() == []
        assert len(ran.ran) + len(ran.kept) == 4
        return ran, edition

    return build


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package's files, of which the keys are made; what runs is the package itself."""
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.parquet", "*.csv"))
    defaults = surroundings.__defaults__
    assert defaults is not None
    monkeypatch.setattr(ingredients.surroundings, "__defaults__", (*defaults[:-1], copy))
    return copy


def change_cell(notebooks: Notebooks, stem: str, number: int, old: str, new: str) -> None:
    notebook = notebooks.read(stem)
    assert old in notebook["cells"][number]["source"]
    notebook["cells"][number]["source"] = notebook["cells"][number]["source"].replace(old, new)
    notebooks.save(stem, notebook)


def test_nothing_changed_so_nothing_runs_and_nothing_is_published(make: Callable[..., tuple[Ran, Edition]]) -> None:
    first, one = make()
    assert first.ran == {"00", "01", "02", "12"}
    before = {path: path.stat().st_mtime_ns for path in one.folder.rglob("*")}
    second, two = make()
    assert (second.ran, second.published) == (set(), False)
    assert two.manifest == one.manifest
    assert {path: path.stat().st_mtime_ns for path in two.folder.rglob("*")} == before, "not a file was touched"


def test_force_runs_everything_and_gives_the_same(make: Callable[..., tuple[Ran, Edition]]) -> None:
    _, one = make()
    ran, two = make(force=True)
    assert ran.ran == {"00", "01", "02", "12"}
    assert two.manifest == one.manifest


def test_prose_is_published_and_not_executed(make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks) -> None:
    make()
    notebook = notebooks.read("01_flows")
    aside = {"cell_type": "markdown", "id": "aside", "metadata": {}, "source": "By the way."}
    notebook["cells"].insert(2, aside)
    notebooks.save("01_flows", notebook)
    ran, edition = make()
    assert (ran.ran, ran.published) == (set(), True)
    assert "By the way." in (edition.folder / "report.html").read_text()


@pytest.mark.parametrize("change", ["a word of prose", "a cell", "nothing"])
def test_what_is_taken_from_the_cache_is_what_a_run_would_give(
    make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks, tmp_path: Path, change: str
) -> None:
    make()
    if change == "a word of prose":
        notebook = notebooks.read("01_flows")
        notebook["cells"][0]["source"] = "# Flows\n\n*What?*\n\nA word."
        notebooks.save("01_flows", notebook)
    if change == "a cell":
        change_cell(notebooks, "02_comparators", 2, "Shares.", "Shares fell.")
    _, edition = make(out=tmp_path / "cached")
    _, fresh = make(out=tmp_path / "fresh", force=True)
    assert edition.manifest == fresh.manifest, "which holds the hash of every file"


def test_one_parameter_runs_the_chapters_that_read_it(make: Callable[..., tuple[Ran, Edition]]) -> None:
    make(baseline_year=2011)
    ran, edition = make(baseline_year=2010)
    assert ran.ran == {"01"}, "its findings came out the same, so the chapters that take them are as they were"
    assert ran.published
    assert edition.manifest["parameters"]["baseline_year"] == 2010
    assert make(baseline_year=2011)[0].ran == set(), "and back again"
    assert make(as_of="2015-12")[0].ran == {"00", "01", "02", "12"}


def test_a_cell_that_gives_other_findings_runs_what_takes_them_and_no_more(
    make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks
) -> None:
    make()
    change_cell(notebooks, "01_flows", 3, "42.3", "41.0")
    assert make()[0].ran == {"00", "01", "12"}
    change_cell(notebooks, "01_flows", 3, "Exports.", "Exports!")
    assert make()[0].ran == {"01"}, "the words are no finding"
    change_cell(notebooks, "02_comparators", 2, "3.1", "3.0")
    assert make()[0].ran == {"00", "02"}, "claims wait for flows only"


def test_code_counts_and_comments_do_not(make: Callable[..., tuple[Ran, Edition]], package: Path) -> None:
    make()
    for name in ("chapters/flows/measures.py", "show/theme.py", "run/executed.py"):
        path = package / name
        path.write_text(path.read_text() + '\n# A comment.\n"""A string that stands by itself."""\n')
    assert (make()[0].ran, make()[0].published) == (set(), False)
    for name in (
        "chapters/flows/measures.py",
        "show/theme.py",
        "run/kernels/kernel.py",
        "chapters/claims/lexicon.toml",
        "__init__.py",
    ):
        path = package / name
        path.write_text(path.read_text() + "\nadded = 1\n")
        assert make()[0].ran >= {"01", "02"}, name
    path = package / "editions" / "index.py"
    path.write_text(path.read_text() + "\nadded = 1\n")
    ran, _ = make()
    assert (ran.ran, ran.published) == (set(), True), "how a report is set is no ingredient of a chapter"
    path = package / "cli" / "__init__.py"
    path.write_text(path.read_text() + "\nadded = 1\n")
    assert (make()[0].ran, make()[0].published) == (set(), False)


def test_a_table_runs_the_chapters_that_declare_it(make: Callable[..., tuple[Ran, Edition]], package: Path) -> None:
    make()
    path = package / "data" / "tables" / "datapackage.json"
    described = json.loads(path.read_text())
    for table in described["resources"]:
        if table["name"] == "consumer_prices":
            table["title"] += " (revised)"
    path.write_text(json.dumps(described))
    assert make()[0].ran == {"00", "01", "12"}, "those that declare all; comparators declare the partners only"


def test_an_output_that_was_damaged_is_made_again(make: Callable[..., tuple[Ran, Edition]]) -> None:
    _, edition = make()
    (edition.folder / "findings.json").write_text("[]")
    ran, again = make()
    assert (ran.ran, ran.published) == (set(), True)
    assert again.manifest == edition.manifest


def test_an_empty_or_damaged_cache_costs_time_only(make: Callable[..., tuple[Ran, Edition]]) -> None:
    from korus_research.data.cache.store import open_cache

    _, edition = make()
    for path in open_cache().folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"garbage")
    ran, again = make()
    assert ran.ran == {"00", "01", "02", "12"}
    assert again.manifest == edition.manifest


def test_a_failed_run_keeps_what_was_done(make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks) -> None:
    from korus_research.errors import ChapterFailed

    change_cell(notebooks, "00_summary", 2, "import json;", "1 / 0;")
    with pytest.raises(ChapterFailed):
        make()
    change_cell(notebooks, "00_summary", 2, "1 / 0;", "import json;")
    assert make()[0].ran == {"00"}


def reasons(notebooks: Notebooks, **values: Any) -> dict[str, Outlook]:
    found = explain(ReportParameters.parse({"as_of": "2016-12", **values}), notebooks=notebooks.folder)
    return {one.chapter[:2]: one for one in found}


def test_explain_says_what_the_next_run_would_do_and_why(
    make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks, package: Path
) -> None:
    assert {one.why for key, one in reasons(notebooks).items() if key in ("01", "02")} == {"it has not been made here"}
    assert reasons(notebooks)["12"] == Outlook("12_claims", None, "if other findings come from 01_flows")
    make(baseline_year=2011)
    assert {one.runs for one in reasons(notebooks).values()} == {False}
    told = reasons(notebooks, baseline_year=2010)
    assert told["01"] == Outlook("01_flows", True, "parameter baseline_year: 2010, was 2011")
    assert (told["02"].runs, told["12"].runs, told["00"].runs) == (False, None, None)
    change_cell(notebooks, "02_comparators", 2, "3.1", "3.0")
    assert reasons(notebooks)["02"].why == "cells"
    path = package / "chapters" / "claims" / "judge.py"
    path.write_text(path.read_text() + "\nadded = 1\n")
    assert reasons(notebooks)["01"].why == "code of chapters"
    assert reasons(notebooks)["02"].why == "cells, code of chapters"
    assert not [p for p in notebooks.folder.rglob("*") if p.name == "out"], "nothing was made"


def test_explain_tells_a_result_that_the_cache_has_lost(
    make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks
) -> None:
    from korus_research.data.cache.store import open_cache

    make()
    shutil.rmtree(open_cache().folder / "chapter")
    assert reasons(notebooks)["01"].why == "its result is no longer in the cache"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 1\n", "x = 1  # why\n", True),
        ("def f():\n    '''A.'''\n    return 1\n", "def f():\n    '''B.'''\n    return 1\n", True),
        ("class C:\n    x = 1\n", 'class C:\n    """D."""\n\n    x = 1\n', True),
        ("x = 'a'\n", "x = 'b'\n", False),
        ("x = 1\ny = 2\n", "y = 2\nx = 1\n", False),
        ("def f(a): return a\n", "def f(b): return b\n", False),
        ("x = (", "x = (", True),
        ("x = (", "x = [", False),
    ],
)
def test_the_meaning_of_code(one: str, other: str, same: bool) -> None:
    assert (meaning("a.py", one.encode()) == meaning("a.py", other.encode())) is same


def test_the_meaning_of_a_declaration() -> None:
    assert meaning("a.toml", b"x = 1 # why") == meaning("a.toml", b"x = 1")
    assert meaning("a.toml", b"x = 1") != meaning("a.toml", b"x = 1.0")


def test_every_file_of_the_package_is_an_ingredient_of_something(tmp_path: Path) -> None:
    """A file that is in no digest could change what a report says without its being made again."""
    cache = Cache(tmp_path / "cache", 1 << 30)
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.parquet", "*.csv", "notebooks"))
    before = surroundings(cache, copy)
    for path in sorted(copy.rglob("*")):
        name = path.relative_to(copy).as_posix()
        if not path.is_file() or name in (*ingredients.APART, "py.typed"):
            continue
        content = path.read_bytes()
        if path.suffix == ".json":
            path.write_text(json.dumps(_with_more(json.loads(content))))
        else:
            path.write_bytes(content + b"\nadded = 1\n")
        assert surroundings(cache, copy) != before, name
        path.write_bytes(content)
    assert surroundings(cache, copy) == before


def _with_more(content: Any) -> Any:
    if isinstance(content, list):
        return [*content, {}]
    if "resources" not in content:
        return {**content, "added": 1}
    first, *rest = content["resources"]
    return {**content, "resources": [{**first, "title": "Another"}, *rest]}


def test_a_table_that_is_not_declared_is_out_of_reach(notebooks: Notebooks, tmp_path: Path) -> None:
    from korus_research.errors import ChapterFailed

    load = "import korus_research as kr; kr.open_catalog().load('partners'); kr.open_catalog().load('{}').shape"
    notebooks.add("13_data", load.format("partners"), parameters=READS_MONTH, tables=["partners"])
    notebooks.add("14_more", load.format("forecasts"), parameters=READS_MONTH, tables=["partners"])
    with pytest.raises(ChapterFailed, match=r"14_more.*UndeclaredTable: The chapter uses the table 'forecasts'"):
        build_report(
            ReportParameters.parse({"as_of": "2016-12"}),
            out=tmp_path / "out",
            formats=("html",),
            notebooks=notebooks.folder,
        )
