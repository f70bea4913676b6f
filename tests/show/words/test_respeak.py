"""A block that is published is spoken again from today's words: equal where they have not changed, new where they have."""

from __future__ import annotations

import shutil

import pytest

import korus_research as kr
from korus_research.errors import UnknownFinding
from korus_research.show.words import file
from korus_research.show.words.respeak import respoken

KINDS = {"prose": "prose", "figure": "figure", "table": "table"}


@pytest.fixture(scope="module")
def blocks():
    study = kr.open_study("korus", as_of="2017-11")
    context = study.context()
    made = [
        kr.context.say("share", context),
        kr.context.timeline(study),
        kr.context.commitments_table(study),
        kr.context.events_table(study, "security", "politics"),
    ]
    return dict(context.findings()), [block.to_json() for block in made]


def test_with_the_same_words_every_block_is_the_same(blocks):
    known, payloads = blocks
    for payload in payloads:
        assert respoken(payload["kind"], payload, known) == payload


@pytest.fixture
def edited(monkeypatch, tmp_path):
    """The words of the chapter as a file that the test may change."""
    own = tmp_path / "words.toml"
    shutil.copy(file.place("context"), own)
    monkeypatch.setattr(file, "place", lambda chapter: own)

    def edit(old: str, new: str) -> None:
        text = own.read_text("utf-8")
        assert old in text
        own.write_text(text.replace(old, new), "utf-8")

    return edit


def test_a_changed_title_caption_head_and_sentence_are_spoken(blocks, edited):
    known, (answer, timeline, commitments, events) = blocks
    edited("How the terms of US trade with {partner} changed", "In all, {partner}: what happened")
    edited('label = "Importer"', 'label = "Who levies it"')
    edited("Rests on secondary", "Built on secondary")
    edited("{partner} accounted for", "{partner} made up")
    figure = respoken("figure", timeline, known)
    assert figure["title"].startswith("In all, Korea: what happened")
    assert figure["svg"] == timeline["svg"]
    ids = {finding["id"] for finding in figure["findings"]}
    assert ids == {key for sentence in figure["sentences"] for key in sentence["findings"]}
    assert [c["label"] for c in respoken("table", commitments, known)["columns"]][1] == "Who levies it"
    assert respoken("table", events, known)["rows"] == events["rows"]
    assert "made up [3.1 percent]" in respoken("prose", answer, known)["markdown"]


def test_a_finding_that_nobody_made_is_refused(blocks, edited):
    known, (answer, *_) = blocks
    edited("{partner} accounted for", "{context.share.nobody.latest}")
    with pytest.raises(UnknownFinding, match=r"context\.share\.nobody\.latest"):
        respoken("prose", answer, known)


def test_what_a_notebook_spoke_by_itself_is_left(blocks):
    known, (answer, *_) = blocks
    plain = {key: value for key, value in answer.items() if key != "words"}
    assert respoken("prose", plain, known) == plain
