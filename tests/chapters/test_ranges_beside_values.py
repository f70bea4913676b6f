"""Chapters 05 and 10: no central value stands without its range, in a paragraph, a title with its alt text, or a box."""

from __future__ import annotations

import re

import pytest
from chapter_objects import cells, notebook, shown

from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import Table
from korus_research.show.words.prose import Prose, say

pytestmark = pytest.mark.slow  # runs two chapters whole

CHAPTERS = (notebook("gravity"), notebook("scenarios"))
FIELD = re.compile(r"\{([a-z0-9_.]+\.[a-z0-9_.]+)(?::([a-z]*))?\}")  # a value: no period asked for, no words chosen


@pytest.fixture(scope="module", params=CHAPTERS)
def objects(request) -> tuple[str, list]:
    return request.param, shown(request.param)


def bare(prose: Prose) -> set[str]:
    """The findings with an interval whose value is spoken in a text that does not speak the interval."""
    values, ranges = set(), set()
    for sentence in prose.sentences:
        for key, style in FIELD.findall(sentence.template):
            (ranges if style == "range" else values).add(key)
    told = {
        f.id for f in prose.findings if {f"{f.id.removesuffix('.effect')}.{end}" for end in ("low", "high")} <= values
    }
    ends = {key for s in prose.sentences for key in re.findall(r"\{([a-z0-9_.-]+)@(?:low|high):abs\}", s.template)}
    return {f.id for f in prose.findings if f.low is not None and f.id in values - ranges - told - ends}


def test_a_value_is_spoken_with_its_range(objects):
    items = objects[1]
    texts = [item for item in items if isinstance(item, Prose)]
    texts += [part for item in items if isinstance(item, Figure) for part in (item.title, item.alt) if isinstance(part, Prose)]  # fmt: skip
    texts += [item.title for item in items if isinstance(item, Table)]
    assert len(texts) > 15
    assert [found for text in texts if (found := bare(text))] == []


def test_a_value_without_its_range_is_caught():
    found = Findings((Finding("a.b", "x", 1.0, "percent", "", "", (), low=-1.0, high=2.0),))
    assert bare(say(found, "It moves by {a.b:signed}.")) == {"a.b"}
    assert (
        bare(say(found, "It moves by {a.b:signed} ({a.b:range}).")) == bare(say(found, "{a.b:up|down|level}")) == set()
    )


def test_the_answer_is_three_sentences_at_most(objects):
    (answer,) = (item for item in objects[1] if isinstance(item, Prose) and item.role == "answer")
    assert len(answer.sentences) <= 3


def test_parties_have_names(objects):
    name, items = objects
    said = [item.plain for item in items if isinstance(item, Prose)] + cells(name, "markdown")
    said += [f"{item.title} {item.caption}" for item in items if isinstance(item, Figure | Table)]
    said += [note for item in items if isinstance(item, Table) for note in item.notes]
    assert not [text for text in said if re.search(r"\b[Tt]he (partner|reporter|studied pair)\b", text)]
