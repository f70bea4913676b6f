"""Input that nobody would write on purpose ends in one clear error or in a right result, never in another exception.

Sixty seconds in all, the same examples each time; `KORUS_FUZZ_SECONDS=600` looks for new ones. What failed once stays in
`corpus/`, a folder a kind, and is tried first.
"""

from __future__ import annotations

import json
import os
import shutil
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sample
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from mutated import VALUES, documents, spelled, texts

from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.chapters.claims.statements import SOURCES, load_claims
from korus_research.chapters.notebooks import notebooks_folder
from korus_research.cli.data import list_rows, show_text
from korus_research.data import open_catalog
from korus_research.data.agreements import HOME, load_agreement
from korus_research.data.parameters import ReportParameters
from korus_research.data.schema import DESCRIPTOR
from korus_research.editions.content import report_meta
from korus_research.editions.edition import open_edition
from korus_research.errors import KorusError
from korus_research.publish.report import read_report
from korus_research.run.chapters import load_chapters, read_notebook
from korus_research.run.dependencies import cells_digest
from korus_research.show.declared import _read as read_declared
from korus_research.show.words.file import load as load_words

pytestmark = pytest.mark.slow  # a minute; `make break-test`

CORPUS = Path(__file__).with_name("corpus")
CHAPTERS = SOURCES.parents[1]
ASKED = os.environ.get("KORUS_FUZZ_SECONDS")
KINDS = 10
SECONDS = float(ASKED or 55) / KINDS
CHAPTER = notebooks_folder() / "01_flows.ipynb"
PARTNERS = open_catalog().describe("partners")


def agreement(folder: Path, text: str) -> None:
    path = written(folder / "a.toml", text)
    loaded = load_agreement(path)
    report_meta(loaded, ReportParameters(as_of="2016-12").resolve(loaded))


def claims(folder: Path, text: str) -> None:
    written(folder / "a.toml", text)
    load_claims("korus", as_of="2026-08", folder=folder)


def lexicon(folder: Path, text: str) -> None:
    load_lexicon(written(folder / "a.toml", text))


def words(folder: Path, text: str) -> None:
    load_words(written(folder / "words.toml", text))


def findings(folder: Path, text: str) -> None:
    read_declared(written(folder / "findings.toml", text), 0, 0)


def package(folder: Path, text: str) -> None:
    written(folder / DESCRIPTOR, text)
    shutil.copy(PARTNERS.path, folder)
    catalog = open_catalog(folder)
    list_rows(catalog)
    for name in catalog.names:
        show_text(catalog, name)
        catalog.load(name)


def notebook(folder: Path, text: str) -> None:
    written(folder / CHAPTER.name, text)
    written(folder / "chapters.toml", f'chapter = [{{ file = "{CHAPTER.name}", wave = 1 }}]')
    load_chapters(folder, parameters=tuple(ReportParameters.model_fields))
    cells_digest(read_notebook(folder / CHAPTER.name))


def executed(folder: Path, text: str) -> None:
    read_report([json.loads(text)])


def manifest(folder: Path, text: str) -> None:
    from korus_research.editions.index import write_index

    written(folder / "korus" / "2016-12" / "manifest.json", text)
    open_edition(folder / "korus" / "2016-12")
    write_index(folder)


def parameters(folder: Path, text: str) -> None:
    ReportParameters.parse(json.loads(text)).resolve()


def written(path: Path, text: str) -> Path:
    """Write a text; a letter that UTF-8 has not (half a pair) becomes bytes that are none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # a file that is emptied and filled again, ext4 puts on the disk at once: 4 ms each
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path


def clear(use: Callable[[Path, str], None], folder: Path, text: str) -> None:
    """Use a text; an error must be one of ours, with what was found and on one line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            use(folder, text)
    except KorusError as error:
        if not error.found or "\n" in str(error):
            raise AssertionError(f"not one clear line: {error}") from error


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def small_package() -> dict[str, Any]:
    whole = json.loads(read(open_catalog().folder / DESCRIPTOR))
    return {**whole, "resources": [r for r in whole["resources"] if r["name"] == "partners"]}


def published() -> dict[str, Any]:
    finding = sample.finding("flows.balance.latest.end", "1")
    front = {
        "title": "T",
        "answer": "A",
        "picture": "figures/x.svg",
        "published": "May 1, 2027",
        "verdicts": {"a": ["s", "Right"]},
    }
    about = {"agreement": "korus", "as_of": "2016-12", "edition": "E", "name": "N", "name_ko": "", "front": front}
    more = {
        "parameters": {"baseline_year": 2011},
        "outputs": {"report.html": "0" * 64},
        "compared": {finding["id"]: finding},
    }
    return {"kind": "korus-research edition 1", **about, **more}


def sampled() -> dict[str, Any]:
    cells = [sample.say("Toy exports rose."), sample.figure("a"), sample.table("t", count=1), sample.cards()]
    return json.loads(json.dumps(sample.chapter("01", "flows", "Flows", "What?", cells)))


PARAMETER = st.sampled_from(VALUES) | st.text(max_size=8) | st.from_regex(r"-?[0-9]{1,5}(-[0-9]{1,3})?", fullmatch=True)
NAMES = ("agreement", "as_of", "baseline_year", "comparators", "asof", "")
KNOWN = st.sampled_from(("korus", "colombia", "2016-12", "2017-11", 2011, "5880", "5880,5830", ["5880"], [5880]))
TRIED: dict[Callable[[Path, str], None], st.SearchStrategy[str]] = {
    agreement: st.one_of(*(texts(read(HOME / f"{name}.toml")) for name in ("korus", "colombia"))),
    claims: texts(read(SOURCES / "trump-2017-07.toml")) | texts(read(SOURCES / "epi-2013.toml")),
    lexicon: texts(read(CHAPTERS / "claims" / "lexicon.toml")),
    words: st.one_of(*(texts(read(CHAPTERS / name / "words.toml")) for name in ("cars", "flows", "products"))),
    findings: st.one_of(*(texts(read(CHAPTERS / name / "findings.toml")) for name in ("cars", "flows", "claims"))),
    package: documents(small_package()).map(spelled) | texts(json.dumps(small_package(), indent=1)),
    notebook: documents(json.loads(read(CHAPTER))).map(spelled) | texts(read(CHAPTER)),
    executed: documents(sampled()).map(spelled),
    manifest: documents(published()).map(spelled) | texts(json.dumps(published(), indent=1)),
    parameters: st.dictionaries(st.sampled_from(NAMES), PARAMETER | KNOWN, max_size=4).map(spelled),
}


@pytest.mark.parametrize("use", TRIED, ids=lambda use: use.__name__)
def test_input_that_nobody_would_write(
    use: Callable[[Path, str], None], tmp_path_factory: pytest.TempPathFactory
) -> None:
    end = time.monotonic() + SECONDS

    @settings(
        max_examples=100_000 if ASKED else 400,
        derandomize=not ASKED,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    @given(text=TRIED[use])
    def tried(text: str) -> None:
        if time.monotonic() < end:
            folder = tmp_path_factory.mktemp(use.__name__)
            clear(use, folder, text)
            shutil.rmtree(folder)

    tried()


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_failed_once(path: Path, tmp_path: Path) -> None:
    use = {use.__name__: use for use in TRIED}[path.parent.name]
    clear(use, tmp_path, path.read_bytes().decode("utf-8", "surrogatepass"))
