"""The gravity estimates beside those of the synthetic control: where two methods agree and where not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.gravity.beside import beside_findings
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.chapters.gravity.tables import interval_text
from korus_research.chapters.gravity.terms import DATASETS
from korus_research.methods.series import FLOWS
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.chapters.gravity.result import Gravity
    from korus_research.data.study import Study


def gravity_beside_counterfactual(study: Study) -> Table:
    """Return the effects of this chapter and of the counterfactual chapter side by side, with what differs in method."""
    import pandas as pd

    gravity, other = gravity_of(study), counterfactual_of(study)
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
            row[f"{flow}_range"] = interval_text(found.low, found.high, found.decimals)
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
            "For exports the point estimates of gravity and the synthetic control {gravity.beside.exports.signs:have the same sign|differ in sign|do not both have a sign}, for imports they {gravity.beside.imports.signs:have the same sign|differ in sign|do not both have a sign}",
            keep=True,
        ),
        caption="Effects on the same two flows by two methods, percent.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        columns=columns,
        rows=rows,
        row_header="method",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.gravity.beside_tables.gravity_beside_counterfactual",
        last_period=last,
        notes=(
            f"Intervals at {gravity.spec.level:.0%}, each by its own placebos: the same question asked where there was no such agreement. The bases differ: UN Comtrade every fourth year here, Census figures of every year there.",
        ),
    )


def disagreement(study: Study) -> Prose:
    """Return where the two methods differ and how far that goes, flow by flow."""
    gravity, other = gravity_of(study), counterfactual_of(study)
    return say(
        (gravity, other, beside_findings(gravity.findings(), other.findings())),
        *(
            part
            for flow in FLOWS
            for part in (
                f"For {flow} gravity over all years gives {{gravity.{flow}.effect:signed}} and the synthetic control {{counterfactual.{flow}.effect:signed}}: "
                f"{{gravity.beside.{flow}.signs:the same sign|opposite signs|no sign in one of them}}, a difference of {{gravity.beside.{flow}.gap:signed}}.",
                f"The intervals, {{gravity.{flow}.effect:range}} and {{counterfactual.{flow}.effect:range}}, {{gravity.beside.{flow}.overlap:overlap|do not overlap|touch}}; {{gravity.beside.{flow}.zero:both include|neither includes|one of them includes}} zero.",
            )
        ),
        "Against years nearer to the agreement, as the synthetic control takes them, gravity has exports at {gravity.exports.from_2000:signed} (from {gravity.short_start}; interval {gravity.exports.from_2000:range}) and {gravity.exports.last:signed} (against {gravity.reference}; {gravity.exports.last:range}), imports at {gravity.imports.from_2000:signed} ({gravity.imports.from_2000:range}) and {gravity.imports.last:signed} ({gravity.imports.last:range}).",
        keep=True,
    )


def _short(result: Gravity) -> list[tuple[str, str, str]]:
    """The line of the shorter window, where the panel has it."""
    if "from_2000" not in result.estimates:
        return []
    first = result.estimates["from_2000"].years[0]
    return [("gravity.{}.from_2000", "Gravity, fewer years", f"the mean of {first} to {result.reference_year}")]
