"""A toy publication of two pages: a report with a figure and a wide table, and an annex with the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import sample
from nbformat.v4 import new_markdown_cell
from publishing import publish

from korus_research.publish.storyboard.parts import Section

WORD = "Zinc toys"  # stands in a picture and nowhere else
BESIDE = ("report.html", "annex.html", "report.pdf", "claims.csv", "../../index.html")


def chapters() -> list[Any]:
    """Return two chapters of which the report shows a figure and a table each."""
    end = sample.finding("flows.end", "$42.3 billion", 42.3, low=40.0, high=44.5, interval="90 percent range")
    spoken = f"Exports were {sample.span('flows.end', '$42.3 billion')} in the toy year."
    picture = sample.svg().replace("</svg>", f'<text x="90" y="90" style="font-size: 12px">{WORD}</text></svg>')
    columns = [{"key": f"c{i}", "label": f"Column {i} of the toys", "align": "left"} for i in range(9)]
    wide = {"columns": columns, "row_header": "c0", "rows": [{f"c{i}": f"Toy words number {i}" for i in range(9)}] * 3}
    paragraphs = [sample.say(f"Tin soldier {i}. {sample.LOREM}") for i in range(6)]
    return [
        sample.chapter(
            "01",
            "flows",
            "Flows",
            "What?",
            [
                sample.figure("flows-levels", caption=spoken, findings=[end], svg=picture),
                sample.table("flows-grid", **wide),
                new_markdown_cell("## In the annex"),
                sample.say(spoken, end),
                sample.figure("flows-more", title="Copper kettles of the annex"),
                *paragraphs,
            ],
        ),
        sample.chapter("12", "claims", "Claims", "Who?", [sample.table("claims-long", count=40), sample.datasets()]),
    ]


SECTIONS = (
    Section("trade", "1", "What happened to toys?", ("## A heading", "fig-flows-levels")),
    Section("cars", "2", "Who gained toys?", ("tbl-flows-grid",)),
    Section("said", "3", "What was said of toys?", ("tbl-claims-long",)),
)


def published(folder: Path) -> Path:
    """Publish both pages and return their folder."""
    meta = replace(sample.META, published="2026-11-28", beside=BESIDE)
    publish(chapters(), meta, ("html",), folder, sections=SECTIONS, provenance=sample.provenance)
    return folder
