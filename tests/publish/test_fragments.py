"""Pieces of a manuscript that are set by themselves make the document that one text would, and only new ones are set."""

from __future__ import annotations

import copy
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import lxml.html
import pytest
import sample
from nbformat.v4 import new_markdown_cell

from korus_research.data.cache.store import Cache
from korus_research.errors import PublishFailed
from korus_research.publish import documents
from korus_research.publish.converters import bibliography, pandoc as converter
from korus_research.publish.converters.fragments import joined
from korus_research.publish.converters.piece import NO_CACHE, Piece, PieceCache
from korus_research.publish.publish import typeset

META = replace(sample.META, standfirst="")  # which isn't of a manuscript


@pytest.fixture
def set_words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has gone through pandoc."""
    seen: list[str] = []
    pandoc = converter.pandoc

    def watched(words: str, *arguments: Any, **more: Any) -> str:
        seen.append(words)
        return pandoc(words, *arguments, **more)

    monkeypatch.setattr(converter, "pandoc", watched)
    return seen


@pytest.fixture
def known(tmp_path: Path) -> PieceCache:
    return cached(tmp_path / "cache")


def made(notebooks: list[Any], format: str, known: PieceCache = NO_CACHE) -> bytes:
    files: dict[str, bytes] = {}
    typeset(notebooks, META, (format,), files.__setitem__, provenance=sample.provenance, known=known)
    return files[f"report.{format}"]


def html(notebooks: list[Any], known: PieceCache = NO_CACHE) -> bytes:
    return made(notebooks, "html", known)


def chapters(*texts: str) -> list[Any]:
    return [
        sample.chapter(f"{i:02}", f"part{i}", f"Part {i}", "What?", [new_markdown_cell(text)])
        for i, text in enumerate(texts, start=1)
    ]


@pytest.fixture
def bibliography_of_kim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    works = [
        {"id": f"kim-{title}", "type": "book", "title": title, "author": [{"family": "Kim"}],
         "issued": {"date-parts": [[2012]]}}
        for title in ("apples", "barley", "cotton")
    ]  # fmt: skip
    path = tmp_path / "references.json"
    path.write_text(json.dumps(works))
    monkeypatch.setattr(bibliography, "REFERENCES", path)


def test_a_word_of_prose_sets_its_chapter_and_no_other(known: PieceCache, set_words: list[str]) -> None:
    before = sample.report()
    first = html(before, known)
    assert len(set_words) == len(before) + 1, "a piece for each chapter, and what follows"
    set_words.clear()
    assert html(before, known) == first
    assert not set_words
    after = copy.deepcopy(before)
    cell = next(cell for cell in after[1].cells if cell.cell_type == "markdown" and "## Levels" in cell.source)
    cell.source += "\n\nA word more."
    changed = html(after, known)
    assert len(set_words) == 1
    assert "A word more." in set_words[0]
    assert changed == html(after), "what is remembered is what would be made"


def _figure_more(notebooks: list[Any]) -> None:
    notebooks[0].cells.insert(2, sample.figure("more"))


def _titled(notebooks: list[Any]) -> None:
    notebooks[2].cells[0].source = "# Another title\n\n*What?*\n"


def _left_out(notebooks: list[Any]) -> None:
    del notebooks[1].cells[1:]
    for notebook in notebooks:
        for cell in notebook.cells:
            if cell.cell_type == "markdown":
                cell.source = re.sub(r"\[(\w+)\]\(#[\w-]+\)", r"\1", cell.source)


def _judged(notebooks: list[Any]) -> None:
    shown = (output.data for notebook in notebooks for cell in notebook.cells for output in cell.get("outputs", ()))
    for data in shown:
        for finding in next(iter(data.values())).get("findings", ()):
            finding["label"] = "what is toyed with"


def files(notebooks: list[Any], known: PieceCache, source: str) -> dict[str, bytes]:
    said: dict[str, bytes] = {}
    facts = {**sample.provenance("toy_trade"), "source": source}
    typeset(notebooks, META, ("html", "pdf"), said.__setitem__, provenance=lambda _: facts, known=known)
    return said


def cached(folder: Path) -> PieceCache:
    return PieceCache(Cache(folder, 1 << 20), "a publisher")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """The cache that setting a report leaves, to be copied, and the report's files."""
    folder = tmp_path_factory.mktemp("kept") / "cache"
    first = files(sample.report(), cached(folder), "A bureau")
    assert files(sample.report(), cached(folder), "A bureau") == first
    return folder, first


@pytest.mark.parametrize("change", [_figure_more, _titled, _left_out, _judged, None])
def test_what_is_kept_of_a_chapter_is_what_would_be_made(
    kept: tuple[Path, dict[str, bytes]], tmp_path: Path, change: Callable[[list[Any]], None] | None
) -> None:
    """Also where the change is in another chapter: in numbers of exhibits, titles, places, or in a table's source."""
    folder, first = kept
    known = cached(Path(shutil.copytree(folder, tmp_path / "cache")))
    after = copy.deepcopy(sample.report())
    source = "A bureau" if change else "Another bureau"
    if change:
        change(after)
    assert files(after, known, source) == (fresh := files(after, NO_CACHE, source))
    assert fresh["report.html"] != first["report.html"]


@pytest.mark.parametrize(
    "other", [lambda s: PieceCache(s.cache, "another publisher"), lambda s: PieceCache(s.cache, s.publisher, True)]
)
def test_other_code_or_force_sets_everything(
    known: PieceCache, set_words: list[str], other: Callable[[PieceCache], PieceCache]
) -> None:
    html(chapters("One.", "Two."), known)
    count = len(set_words)
    html(chapters("One.", "Two."), other(known))
    assert len(set_words) == 2 * count


def test_a_pdf_is_set_again_only_where_its_source_has_changed(
    known: PieceCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[str] = []
    compiled = documents.compiled
    monkeypatch.setattr(documents, "compiled", lambda *a, **k: (times.append(k["part"]), compiled(*a, **k))[1])
    one, two = (made(chapters(text), "pdf", known) for text in ("One.", "Two."))
    assert [made(chapters(text), "pdf", known) for text in ("One.", "Two.")] == [one, two]
    assert len(times) == 2
    known.cache.put(known._key("a source"), b"what is no PDF, with the right checksum")
    assert known.pdf(lambda: one, "a source") == one


def test_a_damaged_piece_is_set_again(known: PieceCache) -> None:
    first = html(chapters("One.", "Two."), known)
    for path in (known.cache.folder / "piece").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-3])
    assert html(chapters("One.", "Two."), known) == first


@pytest.mark.usefixtures("bibliography_of_kim")
def test_works_of_one_author_and_year_are_told_apart_through_the_report() -> None:
    page = lxml.html.fromstring(html(chapters("First [@kim-barley].", "Then [@kim-apples], again [@kim-barley].")))
    links = page.xpath("//*[@class='citation']//a")
    assert [(link.text, link.get("href")) for link in links] == [
        ("Kim 2012b", "#ref-kim-barley"),
        ("Kim 2012a", "#ref-kim-apples"),
        ("Kim 2012b", "#ref-kim-barley"),
    ]
    listed = page.xpath("//section[@id='references']//*[contains(@class,'csl-entry')]/@id")
    assert listed == ["ref-kim-apples", "ref-kim-barley"], "what is cited, once, and nothing else"


@pytest.mark.usefixtures("bibliography_of_kim")
def test_a_new_citation_sets_every_piece_that_cites(known: PieceCache, set_words: list[str]) -> None:
    html(chapters("First [@kim-barley].", "Nothing cited.", "Third."), known)
    set_words.clear()
    page = html(chapters("First [@kim-barley].", "Nothing cited.", "Third [@kim-apples]."), known).decode()
    assert len(set_words) == 3, "the first, whose letter has changed; the third; the references"
    assert not any("Nothing cited" in words for words in set_words)
    assert ">Kim 2012b</a>" in page


def test_notes_of_two_chapters_have_names_of_their_own() -> None:
    text = "A word.[^a] Another.[^b]\n\n[^a]: Note one.\n\n[^b]: Note two."
    page = lxml.html.fromstring(html(chapters(text, text)))
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for link in page.xpath("//a[contains(@class,'footnote')]/@href"):
        assert page.get_element_by_id(link[1:]) is not None
    references = page.xpath("//a[@class='footnote-ref']")
    backs = page.xpath("//a[@class='footnote-back']/@href")
    assert [f"#{link.get('id')}" for link in references] == backs, "each note leads back to its own word"


def test_the_pdf_is_the_same_from_remembered_pieces(known: PieceCache) -> None:
    remembered = [made(sample.report(), "pdf", known) for _ in range(2)]
    assert remembered == [made(sample.report(), "pdf")] * 2


def test_files_are_handed_over_before_the_report_and_the_page_before_the_pdf() -> None:
    taken: list[str] = []
    typeset(
        sample.report(),
        META,
        ("html", "pdf"),
        lambda path, content: taken.append(path),
        provenance=sample.provenance,
        meanwhile=lambda: taken.append("(meanwhile)"),
    )
    assert taken[-3:] == ["(meanwhile)", "report.html", "report.pdf"]
    assert {Path(path).suffix for path in taken[:-3]} == {".svg", ".csv"}


def test_chapters_of_the_same_words_are_set_once(known: PieceCache, set_words: list[str]) -> None:
    page = html(chapters(*["The same."] * 6), known).decode()
    assert page.count("<p>The same.</p>") == 6
    assert len(set_words) == 2, "the chapters, and what follows"


def test_one_piece_may_be_kept_by_many_at_once(known: PieceCache) -> None:
    failed: list[BaseException] = []
    start = Barrier(4)

    def keep() -> None:
        start.wait()
        try:
            for number in range(50):
                known.put("text", number)
        except BaseException as error:
            failed.append(error)

    threads = [Thread(target=keep) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert all(known.get(number) == "text" for number in range(50))


def test_a_cache_that_cannot_be_written_does_not_keep_a_report_from_being_made(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    assert html(chapters("One."), PieceCache(Cache(tmp_path / "taken", 1 << 20), "a publisher"))


@pytest.mark.parametrize("format", ["html", "pdf"])
def test_an_id_in_two_chapters_is_refused(format: str) -> None:
    assert made(chapters("## One\n\nText.", "## One\n\nText."), format), "these are named by their chapters"
    with pytest.raises(PublishFailed, match="'same' is used in two chapters"):
        made(chapters("## A {#same}\n\nText.", "## B {#same}\n\nText."), format)


def test_headings_have_the_ids_that_we_give_them_and_no_others() -> None:
    page = lxml.html.fromstring(html(chapters("Method\n------\n\nText.", "Method\n------\n\nText.")))
    assert not page.xpath("//h3/@id")


@pytest.mark.usefixtures("bibliography_of_kim")
@pytest.mark.parametrize(
    ("words", "keys"),
    [
        ("[@kim-barley; see @kim-apples, p. 3]", {"kim-barley", "kim-apples"}),
        ("@kim-barley says, and [-@kim-apples]", {"kim-barley", "kim-apples"}),
        ("@{kim-barley}, (@kim-apples).", {"kim-barley", "kim-apples"}),
        ("as@kim-barley.org and \\@kim-apples", set()),
        ("`@kim-barley`, [x](https://example.org/@kim-apples), <https://example.org/@kim-cotton>", set()),
        ("```\n@kim-barley\n```\n\n@kim-cotton---no doubt---", {"kim-cotton"}),
        ("@kim-barley2", set()),
    ],
)
def test_what_is_cited_is_what_pandoc_cites(words: str, keys: set[str], tmp_path: Path) -> None:
    assert bibliography.cited_in(words) == keys
    cited = tmp_path / "cited.json"
    cited.write_text(bibliography.part({"kim-apples", "kim-barley", "kim-cotton"}))
    if "barley2" in words:
        with pytest.raises(PublishFailed, match="barley2"):
            converter.pandoc(words, "html", cited=cited)
        return
    page = lxml.html.fromstring(f"<main>{converter.pandoc(words, 'html', cited=cited)}</main>")
    assert {key for cites in page.xpath("//@data-cites") for key in cites.split()} == keys


@pytest.mark.usefixtures("bibliography_of_kim")
def test_a_place_for_references_in_prose_is_no_list_of_them() -> None:
    page = lxml.html.fromstring(html(chapters("As [@kim-apples]; the class `{#refs}`.", "And so on.")))
    assert len(page.xpath("//*[@id='ref-kim-apples']")) == 1


def test_a_missing_bibliography_is_an_error_only_for_who_cites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bibliography, "REFERENCES", tmp_path / "missing.json")
    assert html(chapters("Nothing cited."))
    with pytest.raises(PublishFailed, match="no bibliography"):
        html(chapters("As [@kim-apples]."))


def test_notes_stand_in_their_chapter() -> None:
    page = lxml.html.fromstring(html(chapters("A word.[^a]\n\n[^a]: Note one.", "Another.[^a]\n\n[^a]: Note two.")))
    for number, said in ((1, "Note one."), (2, "Note two.")):
        (notes,) = page.xpath(f"//section[@id='ch-part{number}']/section[@role='doc-endnotes']")
        assert said in notes.text_content()
        assert notes.get("aria-label") == f"Notes to Part {number}"


def test_the_pandoc_is_ours_and_reads_nothing_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "bin" / "pandoc"
    other.parent.mkdir()
    other.write_text("#!/bin/sh\ncase $1 in --version) echo pandoc 99.9;; *) echo wrong;; esac\n")
    other.chmod(0o755)
    (tmp_path / "data" / "pandoc").mkdir(parents=True)
    (tmp_path / "data" / "pandoc" / "abbreviations").write_text("Foo.\n")
    monkeypatch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYPANDOC_PANDOC", str(other))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = converter.pandoc("Foo. bar Mr. Smith", "html")
    assert made == "<p>Foo. bar Mr.\N{NO-BREAK SPACE}Smith</p>\n"


def test_a_temporary_folder_may_have_a_percent_sign_in_its_name(tmp_path, monkeypatch):
    """Pandoc takes the path of a bibliography for an address."""
    folder = tmp_path / "a%20b 100%"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    pieces = [Piece.of("Said [@census-ft900]."), Piece.of("::: {#refs}\n:::", lists=True)]
    for target in ("html", "typst"):
        assert "Census" in joined(target, pieces, {"census-ft900"})


def test_our_style_of_references_says_what_the_chicago_manual_says() -> None:
    """Pandoc's own style is the manual's. Ours differs for treaties, of which the manual makes no entries, and speeches."""
    works = json.loads(bibliography.REFERENCES.read_text("utf-8"))
    text = "\n\n".join(f"[@{work['id']}]; @{work['id']}." for work in works) + "\n\n::: {#refs}\n:::\n"
    program, folder = str(converter._bundled()), converter.FILTERS
    shared = [program, "--citeproc", f"--bibliography={bibliography.REFERENCES}", "--to=plain", "--wrap=none"]
    shared += ["--metadata=link-citations:true", f"--metadata-file={folder / 'citations.json'}"]
    told = [
        subprocess.run([*shared, *style], input=text.encode(), capture_output=True, check=True).stdout.decode()
        for style in ([], [f"--csl={folder / 'references.csl'}"])
    ]
    theirs, ours = ([line for line in one.splitlines() if line] for one in told)
    assert len(theirs) == len(ours) == 2 * len(works)
    assert theirs[: len(works)] == ours[: len(works)], "citations"
    differing = [one for one, other in zip(theirs[len(works) :], ours[len(works) :], strict=True) if one != other]
    apart = [work for work in works if work["type"] in ("treaty", "speech", "article")]
    assert all(any(work["title"].lower() in one.lower() for work in apart) for one in differing)
