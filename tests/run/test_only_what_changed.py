"""A chapter runs again when, and only when, something that its outputs depend on has changed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from runnable import Notebooks, prose

import korus_research
from korus_research.chapters.notebooks import notebooks_folder
from korus_research.data.cache.store import BOUND, FOLDER, TAG, Cache
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
from korus_research.editions.edition import Edition
from korus_research.editions.explain import Outlook, explain
from korus_research.run import dependencies
from korus_research.run.dependencies import build_inputs
from korus_research.run.progress import Progress

pytestmark = pytest.mark.slow  # makes reports, small ones (decision 37)

PACKAGE = Path(korus_research.__file__).parent
READS_BASELINE = 'agreement = "korus"\nas_of = None\nbaseline_year = None'
# What a chapter names is within its reach, whether it comes to it or not: nothing has to be imported here.
NAMED = "if False:\n    import korus_research as kr\n    kr.{}(study.{}())"
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
    made.add(
        "01_flows",
        f"base = baseline_year\n{NAMED.format('flows.flow_levels', 'flows')}",
        prose("Exports.", ("flows.exports", 42.3)),
        parameters=READS_BASELINE,
    )
    made.add(
        "02_comparators",
        NAMED.format("comparators.growth_table", "comparators"),
        prose("Shares.", ("comparators.share", 3.1)),
        parameters=READS_MONTH,
        tables=["partners"],
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
    defaults = build_inputs.__defaults__
    assert defaults is not None
    monkeypatch.setattr(dependencies.build_inputs, "__defaults__", (*defaults[:-1], copy))
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
        change_cell(notebooks, "02_comparators", 3, "Shares.", "Shares fell.")
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
    change_cell(notebooks, "02_comparators", 3, "3.1", "3.0")
    assert make()[0].ran == {"00", "02"}, "claims wait for flows only"


def change(package: Path, name: str, more: str = "added = 1") -> None:
    path = package / name
    path.write_text(f"{path.read_text()}\n{more}\n")


def test_comments_change_nothing(make: Callable[..., tuple[Ran, Edition]], package: Path) -> None:
    make()
    for name in ("chapters/flows/measures.py", "show/figure.py", "run/executed.py"):
        change(package, name, '# A comment.\n"""A string that stands by itself."""')
    for name in ("chapters/flows/findings.toml", "chapters/flows/words.toml"):
        change(package, name, "# A comment.")
    assert (make()[0].ran, make()[0].published) == (set(), False)


EVERY = {"00", "01", "02", "12"}


@pytest.mark.parametrize(
    ("name", "runs"),
    [
        ("chapters/flows/measures.py", {"01"}),
        ("chapters/flows/findings.py", {"01"}),
        ("chapters/flows/findings.toml", {"01"}),
        ("chapters/comparators/measures.py", {"02"}),
        ("methods/series.py", {"01", "02"}),
        ("show/figure.py", {"01", "02"}),
        ("data/catalog.py", {"01", "02"}),
        ("run/kernels/kernel.py", EVERY),
        ("__init__.py", EVERY),
        ("chapters/cars/measures.py", set()),
        ("chapters/claims/lexicon.toml", set()),
    ],
)
def test_code_runs_the_chapters_that_reach_it(
    make: Callable[..., tuple[Ran, Edition]], package: Path, name: str, runs: set[str]
) -> None:
    """Findings come out the same here, so those that take them are as they were."""
    make()
    change(package, name, "[added]\nlabel = 'added'\nunit = 'count'" if name.endswith("findings.toml") else "added = 1")
    assert make()[0].ran == runs


def test_words_are_published_and_not_executed(make: Callable[..., tuple[Ran, Edition]], package: Path) -> None:
    make()
    change(package, "chapters/flows/words.toml", '[say.added]\ntext = "Added."')
    ran, _ = make()
    assert (ran.ran, ran.published) == (set(), True)
    path = package / "chapters" / "flows" / "words.toml"
    text = path.read_text()
    path.write_text(text.replace("[labels", '[labels.added]\nname = "Added"\n\n[labels', 1))
    assert path.read_text() != text
    assert make()[0].ran == {"01"}, "labels stand in its pictures"


def test_how_a_report_is_set_is_no_part_of_a_chapter(make: Callable[..., tuple[Ran, Edition]], package: Path) -> None:
    make()
    change(package, "editions/index/page.py")
    ran, _ = make()
    assert (ran.ran, ran.published) == (set(), True)
    change(package, "cli/__init__.py")
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


@pytest.mark.parametrize("megabytes", ["0", "500"])
def test_a_run_leaves_no_more_in_the_cache_than_its_bound(
    make: Callable[..., tuple[Ran, Edition]], monkeypatch: pytest.MonkeyPatch, megabytes: str
) -> None:
    """Also what is put last: documents, the index, the key of the edition and what was found of each chapter."""
    monkeypatch.setenv(BOUND, megabytes)
    for _ in range(2):
        make()
        kept = [path for path in Path(os.environ[FOLDER]).rglob("*") if path.is_file() and path.name != TAG]
        assert bool(kept) == (megabytes != "0")


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
    told = reasons(notebooks, baseline_year=2010)  # a variant, with an edition of its own
    assert told["01"] == Outlook("01_flows", True, "it has not been made here")
    assert (told["02"].runs, told["12"].runs, told["00"].runs) == (False, None, None)
    change_cell(notebooks, "02_comparators", 3, "3.1", "3.0")
    assert reasons(notebooks)["02"].why == "cells"
    change(package, "chapters/flows/measures.py")
    assert reasons(notebooks)["01"].why == "chapters/flows/measures.py"
    assert reasons(notebooks)["02"].why == "cells"
    change(package, "methods/series.py")
    assert reasons(notebooks)["02"].why == "cells, methods/series.py"
    assert not [p for p in notebooks.folder.rglob("*") if p.name == "out"], "nothing was made"


def test_explain_tells_a_result_that_the_cache_has_lost(
    make: Callable[..., tuple[Ran, Edition]], notebooks: Notebooks
) -> None:
    from korus_research.data.cache.store import open_cache

    make()
    shutil.rmtree(open_cache().folder / "chapter")
    assert reasons(notebooks)["01"].why == "its result is no longer in the cache"


def test_every_file_of_the_package_is_in_some_key() -> None:
    """A file that is in no digest could change what a report says without its being made again."""
    inputs = build_inputs()
    folder = notebooks_folder()
    reached = {file for path in folder.glob("*.ipynb") for file in inputs.files(json.loads(path.read_text("utf-8")))}
    always = (*dependencies.PUBLISHES, *dependencies.SHARED, *dependencies.APART)
    rest = {name for name in inputs.package.sources if name not in reached and not name.startswith(always)}
    assert {name for name in rest if not name.endswith(("/words.toml", "/coverage.py"))} <= UNREACHED


# What a chapter opened alone computes; the command.
UNREACHED = {"chapters/notebooks.py", "__main__.py"}


def test_templates_and_references_count_when_a_report_is_published(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1 << 30)
    copy = tmp_path / "package"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "*.parquet", "*.csv", "notebooks"))
    before = build_inputs(cache, copy)
    templates = [path for path in (copy / "publish" / "templates").rglob("*") if path.is_file()]
    for path in [*templates, copy / "data" / "tables" / "references.json"]:
        content = path.read_bytes()
        path.write_bytes(content + b"\nadded = 1\n")
        now = build_inputs(cache, copy)
        assert (now.publishing, now.speaking) != (before.publishing, before.speaking), path.name
        path.write_bytes(content)
    assert build_inputs(cache, copy) == before
    for name in (
        "publish/templates/words.toml",
        "show/theme/palette.py",
    ):  # in pictures, headings and the print's words
        (copy / name).write_text(f"{(content := (copy / name).read_text())}\nadded = 1\n")
        assert build_inputs(cache, copy).publishing != before.publishing, name
        (copy / name).write_text(content)
    descriptor = copy / "data" / "tables" / "datapackage.json"
    descriptor.write_text(json.dumps(_with_more(json.loads(descriptor.read_text()))))
    assert build_inputs(cache, copy).tables != before.tables


def _with_more(content: Any) -> Any:
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
