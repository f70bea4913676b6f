"""Why each chapter of an edition would run again or not, by content, never by time (decision 39)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from korus_research.data.cache.store import open_cache
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import chapters_of
from korus_research.run.chapter_cache import ChapterCache
from korus_research.run.chapters import read_notebook
from korus_research.run.dependencies import build_inputs
from korus_research.run.executed import Executed
from korus_research.run.plan import planned
from korus_research.run.run import given_to, needs_of


@dataclass(frozen=True)
class Outlook:
    """What the next run would do with a chapter; `runs` is None if that depends on the findings of other chapters."""

    chapter: str
    runs: bool | None
    why: str


def explain(parameters: ReportParameters, *, notebooks: Path | None = None) -> list[Outlook]:
    """Return the outlook of every chapter of an edition, in the order of the report; nothing is executed.

    Errors as in `build_report`: UnknownAgreement, InvalidParameter, InvalidChapter.
    """
    cache = open_cache()
    inputs = build_inputs(cache)
    chapters = chapters_of(notebooks)
    plan = planned(parameters, cache, inputs)
    memory = ChapterCache(cache, inputs, plan.edition, own=plan.own)
    present = plan.present(chapters)
    done: dict[str, Executed] = {}
    outlooks: dict[str, Outlook] = {}
    for chapter in sorted(present, key=lambda c: c.wave):
        stem, needs = chapter.stem, needs_of(chapter, present)
        open_ends = [need.stem for need in needs if need.stem not in done]
        if open_ends and chapter.reads_findings:
            outlooks[stem] = Outlook(stem, None, f"if other findings come from {', '.join(open_ends)}")
            continue
        source, given = read_notebook(chapter.path), given_to(chapter, dict(plan.resolved))
        depends = memory.dependencies(chapter, source, given, [done[n.stem] for n in needs if n.stem in done])
        if (kept := memory.get(chapter, source)) is not None:
            done[stem] = Executed(chapter, *kept)
            outlooks[stem] = Outlook(stem, False, "nothing that it depends on has changed")
            continue
        why = "it has not been made here"
        if (last := memory.last(chapter)) is not None:
            why = ", ".join(depends.changed(last)) or "its result is no longer in the cache"
        outlooks[stem] = Outlook(stem, True, why)
    return [outlooks[chapter.stem] for chapter in present]
