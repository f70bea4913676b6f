"""Tables of the gravity estimates: by years fitted on, by comparable pairs, by year, and beside the synthetic control."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.gravity.beside import beside_findings
from korus_research.analysis.gravity.result import MAIN, percent
from korus_research.analysis.gravity.terms import DATASETS, WHOLE
from korus_research.analysis.series import FLOWS
from korus_research.present.prose import Prose, say
from korus_research.present.sourcing import source_line
from korus_research.present.table import Column, Table, number

if TYPE_CHECKING:
    from korus_research.analysis.gravity.result import Gravity
    from korus_research.study import Study


def gravity_windows(study: Study) -> Table:
    """Return the effects on every window with their intervals by randomisation, the average agreement beside them."""
    result = study.gravity()
    frame = result.to_frame()
    columns = [
        Column("window", "Years fitted on", align="left", width=2.3),
        Column("flow", "Flow", align="left"),
        Column("effect", "Effect", "percent"),
        Column("range", f"{result.spec.level:.0%} interval", "percent", align="right", width=1.4),
        Column("p", "p-value", align="decimal", width=0.9),
        Column("average", "Average agreement", "percent"),
        Column("placebos", "Placebo flows", align="right"),
    ]
    rows = [
        {
            "window": _window_name(result, str(line["window"])),
            "flow": str(line["flow"]).capitalize(),
            "effect": number(percent(line["effect"]), WHOLE, signed=True),
            "range": _range(percent(line["low"]), percent(line["high"])),
            "p": number(line["p"], 2),
            "average": number(percent(line["average"]), WHOLE, signed=True),
            "placebos": str(line["placebos"]),
        }
        for _, line in frame.iterrows()
    ]
    last = str(result.main.years[-1])
    return Table(
        id="gravity-windows",
        title=say(
            result,
            "From {gravity.exports.from_2000@period}, exports are at {gravity.exports.from_2000:signed} and imports at {gravity.imports.from_2000:signed}; "
            "on all years at {gravity.exports.effect:signed} and {gravity.imports.effect:signed}",
        ),
        caption=f"Partial effects of {study.names['agreement']} in the gravity model by years fitted on; intervals and p-values by randomisation over comparable pairs.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        columns=columns,
        rows=rows,
        row_header="window",
        data=frame,
        made_by="korus_research.present.gravity_tables.gravity_windows",
        last_period=last,
        notes=(
            f"The smallest p-value that the placebo flows of the main fit allow is {number(result.main.test.floor, 3)}. The average agreement leaves the studied pair out.",
            *_clustered(result),
        ),
    )


def gravity_parts(study: Study) -> Table:
    """Return the intervals among parts of the comparable pairs: without an agreement, under a lasting one, the large ones."""
    import pandas as pd

    result = study.gravity()
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
        "_large": f"Smaller flow at least {large} of the studied pair's",
    }
    rows, data = [], []
    for part, label in names.items():
        row = {"part": label, "pairs": found[f"gravity.pairs{part}"].text()}
        line: dict[str, object] = {"part": part.strip("_") or "all", "pairs": found[f"gravity.pairs{part}"].value}
        for flow in FLOWS:
            key = f"gravity.{flow}.{part.strip('_') or 'effect'}"
            effect, p = found[key], found[f"{key}_p" if part else f"gravity.{flow}.p"]
            row[f"{flow}_range"] = _range(effect.low, effect.high)
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
        made_by="korus_research.present.gravity_tables.gravity_parts",
        last_period=last,
    )


def gravity_phases(study: Study) -> Table:
    """Return the yearly effects under the agreement relative to the last year of the panel before it."""
    result = study.gravity()
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
            row[f"{flow}_range"] = _range(percent(effect - reach), percent(effect + reach))
            row[f"{flow}_p"] = number(line["p"], 2)
        rows.append(row)
    last = str(result.main.years[-1])
    return Table(
        id="gravity-phase",
        title=say(
            result,
            "From {gravity.reference} to {gravity.exports.last@period}, exports moved by {gravity.exports.last:signed} and imports by {gravity.imports.last:signed} beyond what each country traded with everybody",
            keep=True,
        ),
        caption=f"Effects by year relative to {result.reference_year}, the last year of the panel before the agreement.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        columns=columns,
        rows=rows,
        row_header="year",
        data=path,
        made_by="korus_research.present.gravity_tables.gravity_phases",
        last_period=last,
        notes=(_even(result),),
    )


def gravity_beside_counterfactual(study: Study) -> Table:
    """Return the effects of this chapter and of the counterfactual chapter side by side, with what differs in method."""
    import pandas as pd

    gravity, other = study.gravity(), study.counterfactual()
    findings = {**gravity.findings(), **other.findings()}
    lines = [
        ("gravity.{}.effect", "Gravity, all years", f"the mean of {gravity.main.years[0]} to {gravity.reference_year}"),
        *_short(gravity),
        ("gravity.{}.last", "Gravity, by year", str(gravity.reference_year)),
        ("counterfactual.{}.effect", "Synthetic control", "a weighted mean of other partners"),
    ]
    columns = [
        Column("method", "Method", align="left", width=1.7),
        Column("against", "Compared with", align="left", width=2.0),
        Column("period", "Years under it", align="left", width=1.3),
    ]
    for flow in FLOWS:
        columns += [
            Column(flow, flow.capitalize(), "percent"),
            Column(f"{flow}_range", "Interval", "percent", align="right", width=1.4),
        ]
    rows, data = [], []
    after = [year for year in gravity.main.years if year >= gravity.spec.entry_year]
    periods = {
        "gravity.{}.last": str(after[-1]),
        "counterfactual.{}.effect": findings["counterfactual.exports.effect"].period,
    }
    for id_, method, against in lines:
        period = periods.get(id_, ", ".join(map(str, after)))
        row = {"method": method, "against": against, "period": period}
        for flow in FLOWS:
            found = findings[id_.format(flow)]
            row[flow] = number(found.value, found.decimals, signed=True)
            row[f"{flow}_range"] = _range(found.low, found.high, found.decimals)
            data.append(
                {"finding": found.id, "flow": flow, "percent": found.value, "low": found.low, "high": found.high,
                 "interval": found.interval, "period": period, "basis": found.basis}
            )  # fmt: skip
        rows.append(row)
    last = str(gravity.main.years[-1])
    datasets = tuple(dict.fromkeys((*DATASETS, *findings["counterfactual.exports.effect"].datasets)))
    return Table(
        id="gravity-beside-counterfactual",
        title=say(
            (gravity, other, beside_findings(gravity.findings(), other.findings())),
            "For exports gravity and the synthetic control {gravity.beside.exports.signs:have the same sign|differ in sign|do not both have a sign}, for imports they {gravity.beside.imports.signs:have the same sign|differ in sign|do not both have a sign}",
            keep=True,
        ),
        caption="Effects on the same two flows by two methods, percent.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        columns=columns,
        rows=rows,
        row_header="method",
        data=pd.DataFrame(data),
        made_by="korus_research.present.gravity_tables.gravity_beside_counterfactual",
        last_period=last,
        notes=(
            f"Intervals at {gravity.spec.level:.0%}, each by its own placebos. The bases differ: UN Comtrade every fourth year here, Census figures of every year there.",
        ),
    )


def disagreement(study: Study) -> Prose:
    """Return where the two methods differ and how far that goes, flow by flow."""
    gravity, other = study.gravity(), study.counterfactual()
    return say(
        (gravity, other, beside_findings(gravity.findings(), other.findings())),
        *(
            part
            for flow in FLOWS
            for part in (
                f"For {flow} gravity over all years gives {{gravity.{flow}.effect:signed}} and the synthetic control {{counterfactual.{flow}.effect:signed}}: "
                f"{{gravity.beside.{flow}.signs:the same sign|opposite signs|no sign in one of them}}, a difference of {{gravity.beside.{flow}.gap:signed}}.",
                f"The two intervals for {flow} {{gravity.beside.{flow}.overlap:overlap|do not overlap|touch}}, and {{gravity.beside.{flow}.zero:both include|neither includes|one of them includes}} zero.",
            )
        ),
        "Against years nearer to the agreement, as the synthetic control takes them, gravity has exports at {gravity.exports.from_2000:signed} (from {gravity.short_start}) and {gravity.exports.last:signed} (against {gravity.reference}), imports at {gravity.imports.from_2000:signed} and {gravity.imports.last:signed}.",
        keep=True,
    )


def _short(result: Gravity) -> list[tuple[str, str, str]]:
    """The line of the shorter window, where the panel has it."""
    if "from_2000" not in result.estimates:
        return []
    first = result.estimates["from_2000"].years[0]
    return [("gravity.{}.from_2000", "Gravity, fewer years", f"the mean of {first} to {result.reference_year}")]


def _clustered(result: Gravity) -> tuple[str, ...]:
    """Return a note with the intervals that the usual errors would give."""
    texts = []
    for flow in FLOWS:
        found = result.findings()[f"gravity.{flow}.clustered"]
        texts.append(f"{flow} {_range(found.low, found.high)}")
    return (
        f"With errors clustered by pair, as is usual, the {result.spec.level:.0%} intervals of the main fit would be, in percent: {'; '.join(texts)}. "
        "One pair is no sample, and they are not used.",
    )


def _even(result: Gravity) -> str:
    """Return the note on what the panel's changing coverage of exports could do to the last year's effect."""
    return say(
        result,
        "The panel's share of Census exports moved by {gravity.exports.coverage.tilt:signed} beside that of other partners; if the coverage of this pair alone changed, exports in {gravity.exports.last_even@period} would stand at {gravity.exports.last_even:signed}.",
        keep=True,
    ).plain


def _window_name(result: Gravity, key: str) -> str:
    years = result.estimates[key].years
    name = f"{years[0]} to {years[-1]}"
    if key == MAIN:
        return f"{name} (main)"
    return f"{name} without {result.spec.entry_year}" if result.estimates[key].window.without_entry else name


def _range(low: float | None, high: float | None, decimals: int = WHOLE) -> str:
    return f"{number(low, decimals, signed=True)} to {number(high, decimals, signed=True)}"
