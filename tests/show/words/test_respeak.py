"""What a chapter showed, spoken again with today's words, is to the letter what it would show if it ran now."""

from __future__ import annotations

import json
import shutil

import pytest

import korus_research as kr
from korus_research.errors import UnknownFinding
from korus_research.show.words import file, lab
from korus_research.show.words.respeak import respoken


@pytest.fixture(scope="module")
def study():
    return kr.open_study("korus", as_of="2017-11")


def shown(study):
    """The outputs of some cells, as a notebook that is published holds them: without the plain text."""
    context = study.context()
    made = [
        kr.context.say("share", context),
        kr.context.timeline(study),
        kr.context.commitments_table(study),
        kr.context.events_table(study, "security", "politics"),
    ]
    outputs = [json.loads(json.dumps(block._repr_mimebundle_())) for block in made]
    return [{mime: content for mime, content in one.items() if mime != "text/plain"} for one in outputs]


@pytest.fixture(scope="module")
def blocks(study):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KORUS_PICTURES", "svg")
        yield dict(study.context().findings()), shown(study)


def block(data):
    """What an output says to the publisher."""
    return next(content for mime, content in data.items() if mime.startswith("application/vnd.korus."))


def test_with_the_same_words_every_output_is_the_same(blocks):
    known, outputs = blocks
    for data in outputs:
        assert respoken(data, known) is data


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


def test_a_changed_title_caption_head_and_sentence_are_spoken(study, blocks, edited):
    """As the chapter's code speaks them when it is executed again: block and HTML."""
    known, outputs = blocks
    edited("How the terms of US trade with {partner} changed", "In all, {partner}: what happened")
    edited('label = "Importer"', 'label = "Who levies it"')
    edited("Rests on secondary", "Built on secondary")
    edited("{partner} accounted for", "{partner} made up")
    again = [respoken(data, known) for data in outputs]
    assert again == shown(study)
    answer, figure, commitments, events = map(block, again)
    assert figure["title"].startswith("In all, Korea: what happened")
    assert "<title>In all, Korea: what happened</title>" in figure["svg"]
    assert "In all, Korea: what happened" in again[1]["text/html"]
    assert [c["label"] for c in commitments["columns"]][1] == "Who levies it"
    assert events["rows"] == block(outputs[3])["rows"]
    assert "made up [3.1 percent]" in answer["markdown"]


def test_a_caption_that_is_taken_out_is_gone(study, blocks, edited):
    known, outputs = blocks
    assert block(outputs[2])["caption"].startswith("As laid down")
    edited('caption = "As laid down', '# "As laid down')
    again = [respoken(data, known) for data in outputs]
    assert again == shown(study)
    assert block(again[2])["caption"] == ""


def test_what_is_shown_and_no_longer_spoken_stays_a_finding(blocks, edited):
    known, (_, _, commitments, *_) = blocks
    shown = next(iter(known))
    mime, data = "application/vnd.korus.table+json", block(commitments)
    held = {**data, "words": {**data["words"], "extra": [shown]}, "findings": [known[shown].to_json()]}
    edited('label = "Importer"', 'label = "Who levies it"')
    again = respoken({mime: held, "text/html": ""}, known)
    assert shown in {finding["id"] for finding in again[mime]["findings"]}


def test_an_author_that_is_named_otherwise_now_is_so_in_the_notebook(study, blocks, edited, monkeypatch):
    known, outputs = blocks
    edited("{partner} accounted for", "[@census] {partner} accounted for")
    cited = [respoken(data, known) for data in outputs]
    monkeypatch.setattr(lab, "_references", lambda: {"census": {"title": "Trade", "author": [{"literal": "Bureau"}]}})
    again = [respoken(data, known) for data in cited]
    assert again == shown(study)
    assert [before["text/html"] != now["text/html"] for before, now in zip(cited, again, strict=True)].count(True) == 1


def test_a_finding_that_nobody_made_is_refused(blocks, edited):
    known, (answer, *_) = blocks
    edited("{partner} accounted for", "{context.share.nobody.latest}")
    with pytest.raises(UnknownFinding, match=r"context\.share\.nobody\.latest"):
        respoken(answer, known)


def test_what_a_notebook_spoke_by_itself_is_left(blocks):
    known, (answer, *_) = blocks
    plain = {"application/vnd.korus.prose+json": {k: v for k, v in block(answer).items() if k != "words"}}
    assert respoken(plain, known) is plain
