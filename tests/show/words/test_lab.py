"""Prose as JupyterLab shows it, read by an HTML parser; citations against the bibliography."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from lxml import html

from korus_research.show.finding import Finding, Findings
from korus_research.show.words.lab import inline
from korus_research.show.words.prose import say

MADE = Finding("x.change", 'the "change" in x', -1.0, "usd_bn", "2011 to 2016", "a basis <b>", ())


def read(shown: str):
    return html.fragment_fromstring(f"<div>{shown}</div>")


def test_numbers_say_what_they_are_and_bold_is_bold():
    prose = say(Findings((MADE,)), "**It** {x.change:rose|fell|stayed} by {x.change:abs} <i>there</i>.", role="text")
    page = read(prose._repr_mimebundle_()["text/html"])
    (number,) = page.iter("span")
    assert number.text == "$1.0 billion"
    assert number.get("title") == 'the "change" in x · 2011 to 2016 · a basis <b>'
    assert [each.text for each in page.iter("strong")] == ["It"]
    assert "<i>there</i>" in page.text_content(), "markup in words stays words"
    assert page.text_content() == "It fell by $1.0 billion <i>there</i>."


def test_references_are_named_as_figures_name_themselves(study):
    import korus_research as kr

    figure = kr.cars.maker_points(study)
    name, id_ = "cars-makers", figure.id
    assert id_ == name
    (link,) = read(inline(f"See [Figure](#fig-{id_}).")).iter("a")
    (shown,) = (each for each in read(figure.html).iter("figure") if each.get("id") == link.get("href").lstrip("#"))
    assert link.text == next(shown.iter("small")).text
    assert read(inline("[Chapter](#ch-claims), [here](#sec-trade)")).text_content() == "Chapter claims, here"


def test_citations_are_author_and_year_with_their_page():
    works = json.loads((files("korus_research") / "data" / "tables" / "references.json").read_text("utf-8"))
    for work in works:
        page = read(inline(f"As said [@{work['id']}, p. 3]."))
        (link,) = page.iter("a")
        assert link.get("title") == work["title"]
        year = work.get("issued", {}).get("date-parts", [[""]])[0][0]
        assert str(year) in link.text
        first = (work.get("author") or [{"literal": work["title"]}])[0]
        assert (first.get("family") or first.get("literal")) in link.text
        assert link.get("href") == work.get("URL", link.get("href"))
        assert page.text_content().endswith(", p. 3).")
    assert "[@nobody]" in read(inline("No [@nobody].")).text_content()


@pytest.mark.parametrize("text", [r"\$5 \* 3 \[x\]", "a < b & c", 'say "so"', r"\\", "한국"])
def test_text_reads_as_it_is_written(text):
    import re

    assert read(inline(text)).text_content() == re.sub(r"\\(.)", r"\1", text)
