"""The text kept of a chapter is that which would be made, whatever else of the publication has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sample
import two_pages
from nbformat.v4 import new_markdown_cell

from korus_research.data.cache.store import Cache
from korus_research.errors import PublishFailed
from korus_research.publish.converters.piece import NO_CACHE, PieceCache
from korus_research.publish.manuscript import Manuscript, PageManuscript, PrintManuscript
from korus_research.publish.meta import Provenance, ReportMeta
from korus_research.publish.report import Report, read_report
from korus_research.publish.storyboard.parts import Section, arranged

COMPLETE = replace(sample.META, left_out=())
REFERENCES = (
    "See [Figure](#fig-others-index), [the picture](#fig-far), [Chapter](#ch-gone), [Chapter](#ch-missing) "
    "and [the numbers](#numbers)."
)
Made = list[tuple[str, tuple[str, ...]]]


def report() -> Report:
    """A document whose first chapter refers to all that can change around it: REFERENCES, a number, a claim."""
    spoken = f"Exports were {sample.span('flows.end', '$42.3 billion')}."
    flows = [
        sample.say(spoken, sample.finding("flows.end", "$42.3 billion")),
        new_markdown_cell(REFERENCES),
        sample.verdicts(),
        sample.figure("flows-levels"),
    ]
    read = read_report(
        [
            sample.chapter("01", "flows", "Flows", "What?", flows),
            sample.chapter("02", "others", "Others", "Who?", [sample.figure("others-index"), sample.cards()]),
            sample.chapter("03", "again", "The same words again", "What?", [flows[1]]),
            sample.chapter("04", "more", "And more", "What?", [flows[1]]),
        ]
    )
    return replace(read, part="annex", elsewhere={"fig-far": "report"}, moved={"ch-gone": "sec-trade"})


def made(
    report: Report,
    known: PieceCache = NO_CACHE,
    *,
    kind: type[Manuscript] = PageManuscript,
    meta: ReportMeta = sample.META,
    provenance: Provenance = sample.provenance,
    whole: bool = True,
) -> Made:
    """The texts of a manuscript, or why it is refused."""
    try:
        pieces = kind(report, meta, provenance, whole=whole, known=known).pieces
    except PublishFailed as error:
        return [(str(error), ())]
    return [(piece.words, piece.raw_blocks) for piece in pieces]


def _renamed(report: Report) -> Report:
    flows, others, *more = report.chapters
    new = replace(others, title="Another title")
    blocks = tuple(replace(block, chapter=new) if block.chapter == others else block for block in report.blocks)
    return replace(report, chapters=(flows, new, *more), blocks=blocks)


def _without_cards(report: Report) -> Report:
    return replace(report, blocks=tuple(block for block in report.blocks if block.kind != "cards"))


def _relabelled(report: Report) -> Report:
    return replace(report, labels={**report.labels, "fig-others-index": "Figure 9"})


def _reworded(report: Report) -> Report:
    said, *more = report.blocks
    data = said.data.model_copy(update={"markdown": "Another word."})
    return replace(report, blocks=(replace(said, data=data, payload={}), *more))


def _same(report: Report) -> Report:
    return report


@pytest.mark.parametrize(
    ("change", "how"),
    [
        pytest.param(_same, {"kind": PrintManuscript}, id="target"),
        pytest.param(lambda report: replace(report, part="report"), {}, id="document"),
        pytest.param(_same, {"whole": False}, id="a chapter by itself"),
        pytest.param(_same, {"meta": COMPLETE}, id="no chapter left out"),
        pytest.param(_same, {"provenance": lambda name: {**sample.provenance(name), "source": "Another"}}, id="source"),
        pytest.param(_reworded, {}, id="its own words"),
        pytest.param(_renamed, {}, id="title of the next chapter"),
        pytest.param(_relabelled, {}, id="label"),
        pytest.param(lambda report: replace(report, elsewhere={"fig-far": "brief"}), {}, id="in another document"),
        pytest.param(lambda report: replace(report, moved={"ch-gone": "sec-cars"}), {}, id="in another section"),
        pytest.param(_without_cards, {}, id="claims without cards"),
        pytest.param(lambda report: replace(report, findings={}), {}, id="no finding"),
    ],
)
def test_one_change_around_a_chapter_is_seen_in_its_text(
    tmp_path: Path, change: Callable[[Report], Report], how: dict[str, Any]
) -> None:
    known = PieceCache(Cache(tmp_path, 1 << 20), "a publisher")
    before, after = report(), change(report())
    first = made(before, known)
    assert made(before, known) == first == made(before), "with nothing changed"
    fresh = made(after, **how)
    assert fresh[0] != first[0], "the change is one of the first chapter's text"
    assert made(after, known, **how) == fresh


def _placed(places: dict[str, Sequence[str]]) -> tuple[Section, ...]:
    return tuple(replace(one, blocks=tuple(places.get(one.id, one.blocks))) for one in two_pages.SECTIONS)


@pytest.mark.parametrize("kind", [PageManuscript, PrintManuscript])
@pytest.mark.parametrize(
    "places",
    [
        pytest.param({"trade": ["tbl-flows-grid"], "cars": ["fig-flows-levels"]}, id="between sections"),
        pytest.param({"trade": ["fig-flows-levels", "fig-flows-more"]}, id="from annex to report"),
        pytest.param({"trade": [], "cars": ["tbl-flows-grid"]}, id="from report to annex"),
    ],
)
def test_a_block_that_moves_changes_what_leads_to_it(
    tmp_path: Path, kind: type[Manuscript], places: dict[str, Sequence[str]]
) -> None:
    known = PieceCache(Cache(tmp_path, 1 << 20), "a publisher")
    whole = read_report(two_pages.chapters())
    before, after = arranged(whole, two_pages.SECTIONS), arranged(whole, _placed(places))
    for name, document in before.items():
        made(document, known, kind=kind)
        assert made(after[name], NO_CACHE, kind=kind) != made(document, NO_CACHE, kind=kind)
    for document in after.values():
        assert made(document, known, kind=kind) == made(document, NO_CACHE, kind=kind)
