"""What a notebook shows is read against one contract, which the schema in docs/ says too; what breaks it is one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import sample

from korus_research.errors import InvalidFigure, InvalidWords, PublishFailed
from korus_research.publish.exporters import KorusHTMLExporter
from korus_research.publish.report import read_report
from korus_research.show import contract
from korus_research.show.blocks import Block, formula
from korus_research.show.words import respeak

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "contract.schema.json").read_text(encoding="utf-8"))


def payloads(notebooks: list[Any]) -> list[dict[str, Any]]:
    outputs = (o for n in notebooks for c in n.cells if c.cell_type == "code" for o in c.outputs)
    return [dict(shown) for o in outputs for mime, shown in o.data.items() if contract.MIME.fullmatch(mime)]


def one(*cells: Any) -> list[Any]:
    return [sample.chapter("01", "flows", "Flows", "What happened?", cells)]


def test_the_schema_in_the_docs_is_that_of_the_models():
    assert contract.schema() == SCHEMA, "write it anew: python tools/contract_schema.py"


def test_another_reader_finds_the_sample_within_the_schema():
    shown = payloads(sample.report())
    assert {p["kind"] for p in shown} >= {"prose", "figure", "table", "formula", "cards", "verdicts", "datasets"}
    for payload in shown:
        jsonschema.validate(json.loads(json.dumps(payload)), SCHEMA)


@pytest.mark.parametrize("change", [{"titel": "x"}, {"svg": 5}, {"width": "huge"}, {"alt": ""}])
def test_both_readers_refuse_the_same(change):
    payload = payloads(one(sample.figure("lead", **change)))[0]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(payload, SCHEMA)
    with pytest.raises(InvalidFigure):
        contract.read("figure", payload)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (sample.figure("lead", titel="x"), "a figure 'lead' with an unknown titel (did you mean 'title'?)"),
        (sample.figure("lead", width="huge"), "figure 'lead': width is 'huge'. Expected 'wide' or 'text'"),
        (sample.table("t", notes="one"), "table 't': notes is 'one'"),
        (sample.table("t", rows=[]), "a table 't' without rows"),
        (sample.say("A.", sample.finding("flows.end", "1", "much")), "findings[0].value is 'much'"),
        (sample.say("A.", {"id": "flows.end"}), "a prose without findings[0].label"),
        (sample.say("A.", role="shout"), "prose: role is 'shout'. Expected 'text', 'answer', 'note', 'points'"),
        (
            sample.show("cards", {"id": "c", "cards": [{"id": "1", "tone": "loud"}]}),
            "a cards 'c' without cards[0].number",
        ),
    ],
)
def test_what_breaks_the_contract_names_chapter_cell_and_field(cell, said):
    with pytest.raises(PublishFailed) as caught:
        read_report(one(cell))
    message = str(caught.value)
    assert message.startswith("Chapter flows, cell 2: ")
    assert said in message
    assert caught.value.do


def test_a_finding_has_one_state_in_the_whole_report():
    def choice(state: str) -> Any:
        given = {"unit": "choice", "value": None, "state": state, "states": ["open", "closed"]}
        return sample.say("A.", sample.finding("flows.mood", state) | given)

    assert read_report(one(choice("open"), choice("open"))).findings["flows.mood"]["state"] == "open"
    with pytest.raises(PublishFailed, match="'flows.mood' is closed here and open in an earlier block"):
        read_report(one(choice("open"), choice("closed")))


WORDS = {"chapter": "cars", "at": "say.nowhere", "given": {}, "names": {}}


def test_what_is_spoken_again_has_the_findings_of_all_chapters(monkeypatch):
    asked = []

    def again(data: dict[str, Any], known: dict[str, Any], **_: bool) -> dict[str, Any]:
        asked.append(set(known))
        (mime,) = (mime for mime in data if contract.MIME.fullmatch(mime))
        text = data[mime].get("markdown", "")
        return {**data, mime: {**data[mime], "markdown": text.replace("Old", "New")}} if "Old words" in text else data

    monkeypatch.setattr(respeak, "respoken", again)
    other = sample.chapter("02", "cars", "Cars", "What else?", [sample.say("B.", sample.finding("cars.end", "$1"))])
    notebooks = [*one(sample.say("Old words."), sample.say("Old too.")), other]
    known = respeak.carried(notebooks)
    now = [respeak.spoken_again(notebook, known) for notebook in notebooks]
    assert [b.data.markdown for b in read_report(now).blocks] == ["New words.", "Old too.", "B."]
    assert now[1] is notebooks[1], "one that says the same"
    assert asked == [{"cars.end"}] * 3


def test_words_that_cannot_be_spoken_name_chapter_and_cell():
    cell = sample.show("prose", {"role": "text", "markdown": "Old.", "words": WORDS})
    with pytest.raises(InvalidWords, match=r"In chapter flows, cell 2: .*nowhere"):
        respeak.spoken_again(one(cell)[0], {})


def test_a_notebook_published_alone_says_what_it_said_when_it_ran():
    """By itself it doesn't hold every finding that a condition of its words may ask for."""
    cell = sample.show("prose", {"role": "text", "markdown": "As it ran.", "words": WORDS})
    page, _ = KorusHTMLExporter().from_notebook_node(one(cell)[0])
    assert "As it ran." in page


def test_what_code_shows_is_checked_where_it_is_made():
    assert formula("a", alt="a").alt == "a"
    with pytest.raises(InvalidFigure, match="a verdicts 'x' without rows"):
        Block("verdicts", {"id": "x", "rows": []}, "")
