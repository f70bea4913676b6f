"""Tables of the gravity estimates: by years fitted on, by comparable pairs, by year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.chapters.gravity.result import MAIN, percent
from korus_research.chapters.gravity.terms import DATASETS, WHOLE
from korus_research.methods.series import FLOWS
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    from korus_research.chapters.gravity.result import Gravity
    from korus_research.data.study import Study


def gravity_windows(study: Study) -> Table:
    """Return the effects on every window with their intervals by randomisation, the average agreement beside them."""
    result = gravity_of(study)
    frame = result.to_frame()
    columns = [
        Column("window", "Years fitted on", align="left", width=2.3),
        Column("flow", "Flow", align="left"),
        Column("effect", "Effect", "percent"),
        Column("range", f"{result.spec.level:.0%} interval", "percent", align="right", width=1.4),
        Column("p", "p-value", align="decimal", width=0.9),
        Column("average", "Average agreement (clustered)", "percent", align="right", width=1.6),
        Column("placebos", "Placebo flows", align="right"),
    ]
    rows = [
        {
            "window": _window_name(result, str(line["window"])),
            "flow": str(line["flow"]).capitalize(),
            "effect": number(percent(line["effect"]), WHOLE, signed=True),
            "range": interval_text(percent(line["low"]), percent(line["high"])),
            "p": number(line["p"], 2),
            "average": _average(result, float(line["average"]), float(line["average_error"])),
            "placebos": str(line["placebos"]),
        }
        for _, line in frame.iterrows()
    ]
    last = str(result.main.years[-1])
    return Table(
        id="gravity-windows",
        title=say(
            result,
            "{gravity.intervals:Every interval includes|No interval includes|Not every interval includes} zero, whichever years the model is fitted on",
        ),
        caption=f"Partial effects of {study.names['agreement']} in the gravity model by years fitted on; intervals and p-values by randomisation over comparable pairs.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        columns=columns,
        rows=rows,
        row_header="window",
        data=frame,
        made_by="korus_research.chapters.gravity.tables.gravity_windows",
        last_period=last,
        notes=_windows_notes(study, result),
    )


def gravity_parts(study: Study) -> Table:
    """Return the intervals among parts of the comparable pairs: without an agreement, under a lasting one, the large ones."""
    import pandas as pd

    result = gravity_of(study)
    found = result.findings()
    level = f"{result.spec.level:.0%}"
    columns = [
        Column("part", "Compared with", align="left", width=2.6),
        Column("pairs", "Pairs", align="right", width=0.8),
    ]
    for flow in FLOWS:
        columns += [
            Column(f"{flow}_range", f"{flow.capitalize()}, {level} interval", "percent", align="right", width=1.5),
            Column(f"{flow}_p", "p-value", align="decimal", width=0.9),
        ]
    large = found["gravity.size.large"].text()
    names = {
        "": "All comparable pairs",
        "_never": "Without an agreement in any year",
        "_always": "Under one agreement in all years",
        "_large": f"Smaller flow at least {large} of that with {study.names['partner']}",
    }
    rows, data = [], []
    for part, label in names.items():
        row = {"part": label, "pairs": found[f"gravity.pairs{part}"].text()}
        line: dict[str, object] = {"part": part.strip("_") or "all", "pairs": found[f"gravity.pairs{part}"].value}
        for flow in FLOWS:
            key = f"gravity.{flow}.{part.strip('_') or 'effect'}"
            effect, p = found[key], found[f"{key}_p" if part else f"gravity.{flow}.p"]
            row[f"{flow}_range"] = interval_text(effect.low, effect.high)
            row[f"{flow}_p"] = number(p.value, 2)
            line |= {f"{flow}_low": effect.low, f"{flow}_high": effect.high, f"{flow}_p": p.value}
        rows.append(row)
        data.append(line)
    last = str(result.main.years[-1])
    return Table(
        id="gravity-parts",
        title=say(
            result,
            "Beside pairs without any agreement the interval for exports runs from {gravity.exports.never:range}, beside those under a lasting one from {gravity.exports.always:range}",
        ),
        caption="The main estimates with intervals and p-values by randomisation over parts of the comparable pairs. The estimates themselves are the same in every row.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        columns=columns,
        rows=rows,
        row_header="part",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.gravity.tables.gravity_parts",
        last_period=last,
    )


def gravity_phases(study: Study) -> Table:
    """Return the yearly effects under the agreement relative to the last year of the panel before it."""
    result = gravity_of(study)
    path = result.path[result.path["year"] >= result.spec.entry_year]
    level = f"{result.spec.level:.0%}"
    columns = [Column("year", "Year", align="left", width=2.3)]
    for flow in FLOWS:
        columns += [
            Column(f"{flow}_effect", flow.capitalize(), "percent"),
            Column(f"{flow}_range", f"{level} interval", "percent", align="right", width=1.5),
            Column(f"{flow}_p", "p-value", align="decimal", width=0.9),
        ]
    rows = []
    for year, part in path.groupby("year"):
        partly = year == study.agreement.dates.in_force.year
        row = {"year": f"{year} (in force from {study.agreement.dates.in_force:%B})" if partly else str(year)}
        for _, line in part.iterrows():
            flow, effect, reach = line["flow"], line["effect"], line["reach"]
            row[f"{flow}_effect"] = number(percent(effect), WHOLE, signed=True)
            row[f"{flow}_range"] = interval_text(percent(effect - reach), percent(effect + reach))
            row[f"{flow}_p"] = number(line["p"], 2)
        rows.append(row)
    last = str(result.main.years[-1])
    return Table(
        id="gravity-phase",
        title=say(
            result,
            "From {gravity.reference} to {gravity.exports.last@period}, exports moved by {gravity.exports.last:signed} ({gravity.exports.last:range}) and imports by {gravity.imports.last:signed} ({gravity.imports.last:range}) beyond what each country traded with everybody",
            keep=True,
        ),
        caption=f"Effects by year relative to {result.reference_year}, the last year of the panel before the agreement.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        columns=columns,
        rows=rows,
        row_header="year",
        data=path,
        made_by="korus_research.chapters.gravity.tables.gravity_phases",
        last_period=last,
    )


def _average(result: Gravity, logs: float, error: float) -> str:
    """Return the average agreement's effect with its interval, as in a cell of a table."""
    from statistics import NormalDist

    reach = NormalDist().inv_cdf(0.5 + result.spec.level / 2) * error
    ends = interval_text(percent(logs - reach), percent(logs + reach))
    return f"{number(percent(logs), WHOLE, signed=True)} ({ends})"


def _windows_notes(study: Study, result: Gravity) -> tuple[str, ...]:
    """Return what is left out where: the pair of the agreement, and where there is such a row, the year of entry."""
    without = [e for e in result.estimates.values() if e.window.without_entry]
    parties = f"the {study.agreement.reporter.short} and {study.names['partner']}"
    return (
        f"Placebo flows are those of comparable pairs, asked what {study.names['agreement']} did to them. The average agreement leaves out trade between {parties}.",
        *(
            f"In {result.spec.entry_year} {study.names['agreement']} was in force for a part of the year; the last rows are without it."
            for _ in without
        ),
    )


def _window_name(result: Gravity, key: str) -> str:
    years = result.estimates[key].years
    name = f"{years[0]} to {years[-1]}"
    if key == MAIN:
        return f"{name} (main)"
    return f"{name} without {result.spec.entry_year}" if result.estimates[key].window.without_entry else name


def interval_text(low: float | None, high: float | None, decimals: int = WHOLE) -> str:
    """Return both ends of an interval, as in a cell of a table."""
    return f"{number(low, decimals, signed=True)} to {number(high, decimals, signed=True)}"
