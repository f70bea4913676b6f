"""Brief, report and annex of one run: each block in one place, and links that lead from one document to the others."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import lxml.html
import pytest
import sample
from nbformat.v4 import new_markdown_cell
from publishing import publish

from korus_research.errors import KorusError
from korus_research.publish.report import read_report
from korus_research.publish.storyboard.parts import Section, arranged, name_of, storyboard


def chapters() -> list[Any]:
    """Return two chapters: what the brief and the report show, and what is left for the annex."""
    spoken = (
        f"Exports were {sample.span('flows.end', '$42.3 billion')} ([Table](#tbl-flows-grid), [Chapter](#ch-flows))."
    )
    about = {"chapter": "flows", "at": "formula.balance", "names": {}, "given": {}}
    flows = [
        sample.say(spoken, sample.finding("flows.end", "$42.3 billion")),
        sample.figure("flows-levels"),
        new_markdown_cell("## Only in the report"),
        sample.figure("flows-more"),
        new_markdown_cell("## In both"),
        sample.table("flows-grid"),
        sample.say("See [Figure](#fig-flows-levels), [Section](#sec-trade) and [Chapter](#ch-others)."),
    ]
    others = [
        sample.show("formula", {"tex": "a = b", "alt": "a equals b", "findings": [], "words": about}),
        sample.figure("others-index"),
    ]
    return [
        sample.chapter("01", "flows", "Flows", "What?", flows),
        sample.chapter("02", "others", "Others", "Who?", others),
    ]


SECTIONS = (
    Section("brief", "", "Did it?", ("fig-flows-levels",)),
    Section("trade", "1", "What happened?", ("flows.formula.balance", "## More", "fig-flows-more", "## Nothing")),
    Section("cars", "2", "And cars?", ("## Cars", "fig-cars-units")),
    Section("rest", "3", "And the rest?", ("fig-others-index",)),
)


def shown(report: Any) -> list[str]:
    return [block.anchor or getattr(block.data, "markdown", "") for block in report.blocks if block.kind != "findings"]


@pytest.fixture(scope="module")
def parts():
    return arranged(read_report(chapters()), SECTIONS)


def test_every_block_is_in_exactly_one_place(parts):
    whole = read_report(chapters())
    told = [
        anchor for name in ("report", "annex") for anchor in shown(parts[name]) if anchor.startswith(("fig", "tbl"))
    ]
    assert sorted(told) == sorted(block.anchor for block in whole.blocks if block.anchor)
    assert shown(parts["brief"]) == ["fig-flows-levels"]
    assert shown(parts["report"])[0] == "fig-flows-levels", "the report begins with the brief"


def test_sections_without_blocks_and_headings_of_nothing_are_left_out(parts):
    assert [chapter.anchor for chapter in parts["report"].chapters] == ["brief", "sec-trade", "sec-rest"]
    assert "## More" in shown(parts["report"])
    assert "## Nothing" not in shown(parts["report"])
    texts = shown(parts["annex"])
    assert "## Only in the report" not in texts
    assert "## In both" in texts
    assert [chapter.anchor for chapter in parts["annex"].chapters] == ["ch-flows"], "of the other nothing is left"


def test_labels_say_in_which_document_a_thing_is(parts):
    labels = parts["annex"].labels
    assert labels["fig-flows-levels"] == "Figure\xa01"
    assert labels["fig-others-index"] == "Figure\xa03"
    assert labels["tbl-flows-grid"] == "Table\xa0A1"
    assert labels["ch-flows"] == "Annex\xa01"
    assert labels["ch-others"] == labels["sec-trade"] == "Section\xa01", "most of the chapter is there"


def test_links_lead_to_the_document_that_has_the_thing(tmp_path):
    folder = publish(
        chapters(), sample.META, ("html", "pdf"), tmp_path, sections=SECTIONS, provenance=sample.provenance
    ).folder
    files = sorted(path.name for path in folder.glob("*.*"))
    assert files == ["annex.html", "annex.pdf", "brief.pdf", "report.html", "report.pdf"]
    pages = {name: lxml.html.fromstring((folder / f"{name}.html").read_text("utf-8")) for name in ("report", "annex")}
    said = {a.text_content(): a.get("href") for a in pages["annex"].xpath("//main//p//a")}
    assert said["Figure\xa01"] == "report.html#fig-flows-levels"
    assert said["Section\xa01"] == "report.html#sec-trade"
    assert said["Table\xa0A1"] == "#tbl-flows-grid"
    for name, page in pages.items():
        ids = {other: set(pages[other].xpath("//*/@id")) for other in pages}
        for href in page.xpath("//main//a/@href"):
            file, _, anchor = href.partition("#")
            assert not anchor or anchor in ids[file.removesuffix(".html") or name], href


def test_what_was_found_says_where_the_report_shows_it(parts):
    (flows,) = parts["annex"].chapters
    assert set(flows.belongs) == {"brief", "sec-trade"}


CONDITIONAL = "[if flows.end] What was sold?\n[unless flows.end] What was bought?"


def test_title_and_blocks_of_a_section_may_depend_on_what_the_edition_has():
    section = Section("trade", "1", CONDITIONAL, ("fig-others-index",))
    whole = read_report(chapters())
    without = replace(whole, findings={id_: f for id_, f in whole.findings.items() if id_ != "flows.end"})
    titles = [arranged(report, [section])["report"].chapters[0].title for report in (whole, without)]
    assert titles == ["What was sold?", "What was bought?"]
    cars = Section("cars", "2", "And cars?", ("[unless flows.end] fig-others-index", "tbl-flows-grid"))
    assert [shown(arranged(report, [cars])["report"]) for report in (whole, without)] == [
        ["tbl-flows-grid"],
        ["fig-others-index", "tbl-flows-grid"],
    ]
    with pytest.raises(KorusError, match="Section trade: it has no title"):
        arranged(without, [replace(section, title="[if flows.end] What was sold?")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('blocks = ["a.say.b"]', "title"),
        ('title = "[if ] What?"\nblocks = []', "condition"),
        ('title = "What?"\nblocks = "a.say.b"', "blocks"),
        ('title = "What?"\nblocks = []\nmore = 1', "more is no field here"),
        ('title = "What?"\nblocks = ["fig-one"]', "which 1_one.toml has too"),
        ("title = ", "2_two.toml"),
    ],
)
def test_a_storyboard_that_can_not_be_names_its_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "1_one.toml").write_text('title = "One?"\nblocks = ["fig-one"]\n')
    (tmp_path / "2_two.toml").write_text(text)
    with pytest.raises(KorusError, match=said) as caught:
        storyboard(tmp_path)
    assert "2_two.toml" in str(caught.value)


def test_the_storyboard_of_the_project_names_what_words_files_have():
    from korus_research.chapters.topic import topics
    from korus_research.show.words.file import load, place

    for section in storyboard():
        for name in (name for name in section.names if name.count(".") >= 2):
            chapter, kind, key = name.split(".", 2)
            assert chapter in topics(), name
            assert key in load(place(chapter))[kind], f"{section.id}: {name}"
    assert name_of(read_report(chapters()).blocks[1]) == "fig-flows-levels"
