"""Sample executed notebooks that follow docs/architecture.md. Every figure in them is a toy and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from korus_research.publish.meta import ReportMeta

META = ReportMeta(
    title="Did the toy agreement deliver?",
    as_of="2026-07",
    subtitle="What was promised, what happened, and what can be said",
    agreement="toy",
    name="Toy agreement",
    name_ko="한미 자유무역협정",
    standfirst="All figures here are invented to try the layout.",
    vintage_note="All values are today's vintage, not what was published then.",
    version="0.0.0",
    left_out=(("Gravity", "The toy package holds no panel."),),
    parameters=(("as_of", "2026-07"), ("baseline_year", "2011")),
)


def provenance(name: str) -> Mapping[str, Any]:
    """Facts about a toy dataset."""
    return {
        "title": f"Toy {name}",
        "source": "Invented for tests",
        "vintage": "2026-11-23",
        "licence": "Public domain",
        "sha256": "ab" * 32,
    }


def finding(name: str, text: str, value: float | None = 1.5, **more: Any) -> dict[str, Any]:
    """Return a finding as the contract has it."""
    return {
        "id": name,
        "label": f"toy measure {name}",
        "value": value,
        "unit": "usd_bn",
        "decimals": 1,
        "low": None,
        "high": None,
        "interval": None,
        "period": "2016",
        "basis": "Toy basis",
        "datasets": ["toy_trade"],
        "reason": None,
        "text": text,
    } | more


def span(name: str, text: str) -> str:
    """Return the Markdown of a spoken number."""
    return f'[{text.replace("$", chr(92) + "$")}]{{.f data-f="{name}"}}'


def show(kind: str, payload: Mapping[str, Any]) -> Any:
    """Return a code cell that has run and shows one object of ours."""
    data = {f"application/vnd.korus.{kind}+json": {"kind": kind, **payload}, "text/html": "<p>JupyterLab's view</p>"}
    return new_code_cell(
        "kr.show()", execution_count=1, outputs=[new_output("execute_result", data=data, execution_count=1)]
    )


def say(markdown: str, *findings: Mapping[str, Any], role: str = "text") -> Any:
    """Return a cell that speaks."""
    return show("prose", {"role": role, "markdown": markdown, "sentences": [], "findings": list(findings)})


def svg(colour: str = "#0072B2", name: str = "line") -> str:
    """Return a small picture with what matplotlib's files have: prologue, metadata, page-wide style, ids that collide."""
    points = " ".join(f"L {40 + 11 * i} {180 - (i * i) % 97 - i}" for i in range(60))
    return (
        '<?xml version="1.0" encoding="utf-8" standalone="no"?>\n'
        '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n'
        '<svg xmlns:xlink="http://www.w3.org/1999/xlink" width="720pt" height="270pt" viewBox="0 0 720 270" '
        'xmlns="http://www.w3.org/2000/svg" version="1.1">\n'
        '<metadata><x xmlns="http://purl.org/dc/elements/1.1/">made elsewhere</x></metadata>\n'
        '<defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>\n'
        '<clipPath id="p1"><rect x="30" y="10" width="680" height="240"/></clipPath>'
        '<path id="dot" d="M -2 0 L 2 0 L 0 3 z"/></defs>\n'
        f'<g id="{name}" clip-path="url(#p1)"><path d="M 40 180 {points}" style="fill: none; stroke: {colour}; '
        'stroke-width: 2"/><use xlink:href="#dot" x="60" y="60"/></g>\n'
        '<path d="M 30 250 L 710 250" style="stroke: #555; stroke-width: 0.8"/>\n</svg>\n'
    )


def figure(name: str, **more: Any) -> Any:
    """Return a cell that shows a figure."""
    payload = {
        "id": name,
        "title": "Toy exports rose to $42.3 billion, and toy imports too",
        "subtitle": "12-month sums, billions of toy dollars",
        "alt": f'Toy line {name}: it climbs, dips & climbs again, "twice" < three times.',
        "caption": "The hairline marks entry into force; the band is invented.",
        "source": "Toy bureau, Census basis, vintage 2026-11-23",
        "datasets": ["toy_trade"],
        "made_by": "korus_research.chapters.toy.line",
        "last_period": "2026-07",
        "svg": svg(),
        "data_csv": "month,value\n2026-07,1.5\n",
        "findings": [],
        "width": "wide",
    }
    return show("figure", payload | more)


def table(name: str, count: int = 6, **more: Any) -> Any:
    """Return a cell that shows a table with text, numbers to line up, and tones."""
    payload = {
        "id": name,
        "title": "How the toy change depends on the first year",
        "caption": "Each row compares with another year.",
        "source": "Toy bureau, Census basis",
        "datasets": ["toy_trade"],
        "made_by": "korus_research.chapters.toy.grid",
        "last_period": "2026-07",
        "notes": ["Invented values.", "A dash is a year without data."],
        "columns": [
            {"key": "year", "label": "Baseline", "unit": "", "align": "left", "width": None},
            {"key": "x", "label": "Exports", "unit": "USD bn", "align": "decimal", "width": None},
            {"key": "m", "label": "Imports", "unit": "USD bn", "align": "decimal", "width": None},
            {"key": "word", "label": "Reading", "unit": "", "align": "left", "width": None},
        ],
        "row_header": "year",
        "rows": [
            {
                "year": str(2007 + i),
                "x": f"{(-1) ** i * 1.25 * i:.{i % 3}f}".replace("-", "\N{MINUS SIGN}"),
                "m": f"{1000.5 * i:,.1f}" if i else "–",
                "word": {"text": "▲ higher" if i % 2 else "▼ lower", "tone": "high" if i % 2 else "low"},
            }
            for i in range(count)
        ],
        "data_csv": "year,x,m\n2007,0,0\n",
        "findings": [],
    }
    return show("table", payload | more)


def formula() -> Any:
    """Return a cell that shows a formula."""
    return show(
        "formula", {"tex": r"B_t = X_t - \sum_{i=1}^{n} M_{it}", "alt": "Balance is exports less the sum of imports."}
    )


TONES = (
    ("Holds", "holds"),
    ("Depends on basis", "depends"),
    ("Does not hold", "fails"),
    ("Not testable", "untestable"),
)


def verdicts() -> Any:
    """Return a cell that shows claims judged, a line each, one a verdict."""
    rows = [
        {
            "number": str(i + 1),
            "said": f"toy claim {i + 1}",
            "verdict": verdict,
            "tone": tone,
            "href": f"#claim-{i + 1}",
        }
        for i, (verdict, tone) in enumerate(TONES)
    ]
    return show("verdicts", {"id": "toy", "rows": rows})


def cards() -> Any:
    """Return a cell that shows the claims ledger."""
    shown = [
        {
            "id": str(i + 1),
            "number": str(i + 1),
            "verdict": verdict,
            "tone": tone,
            "said": f"Toy claim {i + 1}: exports were below what they had been, by $5 & more.",
            "measured": f"Exports were {span('flows.end', '$42.3 billion')} against an invented figure.",
            "basis": "Toy basis, 2011 against 2016.",
            "why": "The stated sign is that of the measure.",
            "link": "#ch-flows",
            "link_text": None,
            "source": "Invented column, 2018",
        }
        for i, (verdict, tone) in enumerate(TONES)
    ]
    return show(
        "cards",
        {"id": "claims", "title": "Ledger", "cards": shown, "findings": [finding("flows.end", "$42.3 billion")]},
    )


def datasets(count: int = 5) -> Any:
    """Return a cell that shows the table of datasets."""
    entries = [
        {
            "name": "toy_trade" if not i else f"toy_{i}",
            "title": f"Toy trade number {i}",
            "basis": "Census basis",
            "coverage": "1985-01 to 2026-07",
            "last_period": "2026-07",
            "vintage": "2026-11-23",
            "licence": "Public domain",
            "sha256": "0123456789abcdef" * 4,
            "source": "Toy bureau of invented statistics",
            "address": "https://example.org/toy" if i % 2 else None,
            "rows": 12345,
        }
        for i in range(count)
    ]
    return show("datasets", {"id": "datasets", "title": "The toy datasets", "entries": entries})


def chapter(number: str, name: str, title: str, question: str, cells: Sequence[Any]) -> Any:
    """Return an executed chapter with its metadata."""
    notebook = new_notebook(cells=[new_markdown_cell(f"# {title}\n\n*{question}*\n"), *cells])
    notebook.metadata["korus"] = {"chapter": name, "number": number, "title": title, "question": question}
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    for index, cell in enumerate(notebook.cells):
        cell["id"] = f"{name}-{index}"
    nbformat.validate(notebook)
    return notebook


LOREM = (
    "Exports and imports are invented here. The text has the length of a paragraph of the report, so that the page can be "
    "judged: it runs over several lines, holds a reference to [Figure](#fig-flows-levels) and to [Table](#tbl-flows-grid), "
    "and goes on until the eye has something to rest on. See also [Chapter](#ch-claims)."
)


def report() -> list[Any]:
    """Return four toy chapters with everything a chapter may show."""
    end = finding("flows.end", "$42.3 billion")
    change = finding("flows.change", "\N{MINUS SIGN}2.8 percent", -2.8)
    spoken = (
        f"Toy exports were {span('flows.end', '$42.3 billion')}, a change of {span('flows.change', change['text'])}."
    )
    points = "\n".join(f"- {spoken} Sentence {i} says one thing." for i in range(5))
    return [
        chapter(
            "00",
            "summary",
            "Summary",
            "Did the toy deliver?",
            [
                say(spoken, end, change, role="answer"),
                say(points, end, change, role="points"),
                verdicts(),
                figure("summary-lead"),
                new_markdown_cell("## Limits\n\n" + LOREM),
                say("What is not known stays unknown.", role="note"),
            ],
        ),
        chapter(
            "01",
            "flows",
            "Flows",
            "What happened to toy trade?",
            [
                say(spoken, end, change, role="answer"),
                figure("flows-levels"),
                new_markdown_cell(
                    "## Levels\n\n" + LOREM + "[^a]\n\n[^a]: A note for the foot of the page, 자유무역.\n\n" + LOREM
                ),
                table("flows-grid"),
                new_markdown_cell("## Limits\n\nInline $x_i$ and more [@census-ft900].\n\n" + LOREM),
                formula(),
                figure("flows-balance", width="text"),
            ],
        ),
        chapter(
            "12",
            "claims",
            "Claims",
            "What was said, and does it hold?",
            [say("Four toy claims.", role="answer"), cards(), table("claims-long", count=40)],
        ),
        chapter(
            "13",
            "data",
            "Data and methods",
            "Where does each number come from?",
            [datasets(), new_markdown_cell("## Limits[^a]\n\n[^a]: Another note of the same name.\n\nText.")],
        ),
    ]
