"""The two pages of the brief: two whatever the edition has to say, areas as the storyboard has them, links that end."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import Any

import pikepdf
import pytest
import sample
from brief import budget, said
from lxml import html

from korus_research.publish.documents import MANUSCRIPTS, body_of, document
from korus_research.publish.report import read_report
from korus_research.publish.storyboard.parts import Section, arranged
from korus_research.show import contract

SENTENCE = "Toy exports rose by less than had been said of them before the toy agreement."
ROWS = [
    {
        "number": str(n),
        "said": f"Toy claim {n} of the column",
        "verdict": "Right",
        "tone": "holds",
        "deciding": f"{n}.5",
    }
    for n in range(1, 13)
]


def cells(much: int) -> list[Any]:
    """Return what a brief shows: each paragraph has `much` sentences, and a brief with little has no claims."""
    text = " ".join([SENTENCE] * much)
    tiles = "\n".join(f"- **Tile {n}** *{n} percent more* {SENTENCE}" for n in range(1, min(much, 3) + 1))
    return [
        sample.say("Toy after 5 years", role="kicker"),
        sample.say(SENTENCE, role="standfirst"),
        sample.say(text, role="lede"),
        sample.say(tiles, role="tiles"),
        sample.figure("trade"),
        *([sample.show("verdicts", {"id": "column", "rows": ROWS})] if much > 1 else []),
        sample.say(text),
        sample.say(f"- **Toy goods** {SENTENCE}\n- **More** {SENTENCE}", role="aside"),
        sample.figure("duties"),
        sample.say(f"{text} See [@usitc-4614]."),
    ]


def documents(much: int) -> dict[str, Any]:
    """Return the documents of a report whose storyboard knows its blocks by their words."""
    report = read_report([sample.chapter("00", "toy", "Toy", "Toy?", cells(much))])
    names = [f"toy.say.{place}" for place, _ in enumerate(report.blocks)]
    for block, name in zip(report.blocks, names, strict=True):
        if block.kind == "prose":
            about = contract.Words(chapter="toy", at=name.removeprefix("toy."), given={}, names={})
            object.__setattr__(block, "data", block.data.model_copy(update={"words": about}))
    order = [
        b.anchor or ("verdicts-column" if b.kind == "verdicts" else n)
        for b, n in zip(report.blocks, names, strict=True)
    ]
    at = 6 if much > 1 else 5
    shown = [*order[:5], "## Said", *order[5:at], "## Left", *order[at : at + 2], *order[at + 2 :]]
    areas = (("Said", "wide"), ("Left", "left"), ("fig-duties", "right"))
    return arranged(report, [Section("brief", "", "Did the toy deliver?", tuple(shown), areas)])


def made(much: int, target: str) -> bytes:
    found = documents(much)["brief" if target == "pdf" else "report"]
    manuscript = MANUSCRIPTS[target](found, sample.META, sample.provenance)
    return document(body_of(manuscript), manuscript)


@pytest.mark.parametrize("much", [1, 2, 4])
def test_a_brief_has_two_pages_with_little_to_say_and_with_much(much, tmp_path):
    pdf = made(much, "pdf")
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 2
        assert b"pdfuaid" in opened.Root.Metadata.read_bytes()
    if not (tool := shutil.which("pdftotext")):
        pytest.skip("pdftotext is not installed")
    (tmp_path / "brief.pdf").write_bytes(pdf)
    text = subprocess.run([tool, tmp_path / "brief.pdf", "-"], capture_output=True, text=True, check=True)
    first, second = (" ".join(page.split()) for page in text.stdout.split("\f")[:2])
    assert "Tile 1" in first
    assert ("Toy claim 12" in second) == (much > 1)
    assert "U.S. International Trade Commission" in second, "what it cites is named, though the list is in the report"


def test_the_page_has_its_areas_and_each_heading_its_part():
    page = html.fromstring(made(2, "html"))
    (brief,) = page.xpath("//section[@class='brief']")
    assert brief.xpath("string(.//h2)") == sample.META.subtitle
    assert brief.xpath("string(.//*[contains(@class,'kicker')])").strip() == "Toy after 5 years"
    assert [node.get("class") for node in brief.xpath("./div[not(@class='kicker' or @class='headed')]")][:3] == [
        "front",
        "wide",
        "columns",
    ]
    assert brief.xpath("string(.//*[@class='wide']//h3)") == "Said"
    assert len(brief.xpath(".//*[@class='columns']/*[@class='right']//figure")) == 1
    assert len(brief.xpath(".//ol[contains(@class,'verdicts')]/li")) == len(ROWS)
    assert [li.xpath("string(span[@class='deciding'])") for li in brief.xpath(".//ol/li")] == [
        row["deciding"] for row in ROWS
    ]


def test_the_budget_counts_words_and_numbers_but_no_years_days_or_labels():
    text = "Figure 2 By January 8, 2018 exports rose 3.5 percent to $1,200 million in 2017."
    assert budget(text) == (15, 2)
    page = html.fromstring(made(2, "html"))
    words = said(page)
    assert "Toy claim" not in words
    assert "Tile 1" in words
