"""Figures and tables of the gravity estimates."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.analysis.gravity.findings import WHOLE
from korus_research.analysis.gravity.result import MAIN, percent
from korus_research.analysis.series import FLOWS
from korus_research.present.figure import Figure
from korus_research.present.prose import say
from korus_research.present.sourcing import source_line
from korus_research.present.table import Column, Table, number
from korus_research.present.theme import EXPORTS, IMPORTS, INK, OTHERS, QUIET, bare

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.analysis.gravity.result import Gravity
    from korus_research.study import Study

DATA = ("gravity_panel",)
COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
TICKS = (-90, -75, -50, -25, 0, 50, 100, 200, 400, 900)
WIDEST = 1.5  # logs shown either side of zero; placebos beyond stand at the edge


def placebo_distribution(study: Study) -> Figure:
    """Return the agreement's estimates among those of comparable pairs, one dot for each flow of a pair."""
    result = study.gravity()
    main, level = result.main, result.spec.level
    effects = main.placebos["effect"]
    reach = main.test.reach(level)

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 3.1), layout="constrained")
        edge = min(WIDEST, max(float(effects.abs().max()), *(abs(main.effects[flow]) for flow in FLOWS)) + 0.05)
        width = edge / 30
        stacks: dict[int, int] = {}
        xs, ys = [], []
        for effect in sorted(effects):
            bin_ = round(max(-edge, min(edge, effect)) / width)
            stacks[bin_] = stacks.get(bin_, 0) + 1
            xs.append(bin_ * width)
            ys.append(stacks[bin_])
        top = max(ys)
        ax.axvspan(-reach, reach, color="#F1EFEA", zorder=0)
        ax.scatter(xs, ys, s=13, color=OTHERS, linewidths=0, zorder=2)
        ax.axvline(0, color="#8A8A8A", linewidth=0.8, zorder=1)
        # The higher label belongs to the estimate on the left, so that two that lie close stay apart.
        ordered = sorted(FLOWS, key=lambda flow: main.effects[flow])
        for step, flow in enumerate(ordered):
            x, height = main.effects[flow], top * (1.42 - 0.2 * step)
            ax.plot([x, x], [0, height], color=COLOURS[flow], linewidth=2.2, zorder=3)
            ax.annotate(
                f"{flow.capitalize()} {number(percent(x), WHOLE, signed=True)} %",
                (x, height),
                xytext=(-5 if step == 0 else 5, 0),
                textcoords="offset points",
                ha="right" if step == 0 else "left",
                va="top",
                color=COLOURS[flow],
                fontweight=700,
                fontsize=9.5,
            )
        middle = ax.get_xaxis_transform()
        ax.text(0, 1.0, f"{level:.0%} of the dots", transform=middle, color=QUIET, fontsize=8, ha="center", va="bottom")
        ax.set_xlim(-edge - width, edge + width)
        ax.set_ylim(0, top * 1.48)
        bare(ax, grid="")
        _percent_axis(ax, "x")
        ax.set_yticks([])
        ax.set_xlabel("percent, logarithmic")
        return figure

    last = str(main.years[-1])
    note = "Those further out stand at the edge." if float(effects.abs().max()) > WIDEST else ""
    return Figure(
        id="gravity-placebos",
        title=say(
            result,
            "Without any new agreement, {gravity.exports.beyond} of {gravity.placebos} comparable flows moved as far as exports, "
            "{gravity.imports.beyond} as far as imports",
        ),
        subtitle=f"Effects in the gravity model on the flows of {study.names['agreement']} and, for comparison, on those of pairs without a change of agreement, percent",
        alt=say(
            result,
            "A heap of grey dots around zero, one for each of {gravity.placebos} flows between comparable pairs.",
            "The line for exports stands at {gravity.exports.effect}, {gravity.exports.inside:within|outside|at the edge of} the shaded middle; "
            "that for imports at {gravity.imports.effect}, {gravity.imports.inside:within|outside|at the edge of} it.",
        ),
        caption="Each dot is the same model with the agreement's dummy given to a flow of another pair: positive trade both ways in every year, no agreement that begins or ends, "
        f"a size like that of the studied pair. The shaded range holds {level:.0%} of the dots. {note}".strip(),
        source=source_line(study, DATA, last),
        datasets=DATA,
        data=_placebo_data(result),
        draw=draw,
        made_by="korus_research.present.gravity.placebo_distribution",
        last_period=last,
    )


def yearly_path(study: Study) -> Figure:
    """Return two panels, exports and imports: the pair's flow by year relative to the last year before the agreement."""
    result = study.gravity()
    path = result.path

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 2.9), sharey=True, layout="constrained")
        for ax, flow in zip(axes, FLOWS, strict=True):
            rows = path[path["flow"] == flow]
            years, effects, reach = (rows[c].to_numpy() for c in ("year", "effect", "reach"))
            ax.fill_between(years, -reach, reach, color="#E9E7E2", linewidth=0, zorder=0)
            ax.axhline(0, color="#8A8A8A", linewidth=0.8)
            ax.plot(years, effects, color=COLOURS[flow], marker="o", markersize=4.5, zorder=3)
            ax.plot(
                [result.reference_year], [0], marker="o", markersize=4.5, color="white", markeredgecolor=INK, zorder=4
            )
            day = study.agreement.dates.in_force
            x = day.year + (day.month - 1) / 12 - 0.5
            ax.axvline(x, color="#777777", linewidth=0.7, linestyle=(0, (3, 2)), zorder=1)
            ax.text(x, 1.0, " in force", transform=ax.get_xaxis_transform(), fontsize=8, color=QUIET, va="bottom")
            ax.set_title(flow.capitalize(), color=COLOURS[flow], pad=16)
            ax.set_xticks(years)
            ax.margins(x=0.04)
            bare(ax)
        _percent_axis(axes[0], "y")
        axes[0].set_ylabel(f"percent, {result.reference_year} = 0, logarithmic")
        return figure

    last = str(result.main.years[-1])
    return Figure(
        id="gravity-path",
        title=say(
            result,
            "Relative to {gravity.reference}, the model has exports at {gravity.exports.earliest:signed} in {gravity.exports.earliest@period} and {gravity.exports.last:signed} in {gravity.exports.last@period}, "
            "imports at {gravity.imports.earliest:signed} and {gravity.imports.last:signed}",
            keep=True,
        ),
        subtitle=f"Trade of {study.names['partner']} with the {study.agreement.reporter.short} beyond what each trades with everybody, by year, relative to {result.reference_year}, percent",
        alt=say(
            result,
            "Two panels of points joined by lines, zero in {gravity.reference}, the last year of the panel before the agreement; a grey band spreads from that year.",
            "Exports stand at {gravity.exports.earliest} in {gravity.exports.earliest@period}, {gravity.exports.earliest_inside:within|outside|at the edge of} the band, and at {gravity.exports.last} in {gravity.exports.last@period}, {gravity.exports.last_inside:within|outside|at the edge of} it.",
            "Imports stand at {gravity.imports.earliest}, {gravity.imports.earliest_inside:within|outside|at the edge of} the band, and at {gravity.imports.last}, {gravity.imports.last_inside:within|outside|at the edge of} it.",
            keep=True,
        ),
        caption=f"Each year has a dummy of its own; the hollow point is the year compared with. The grey band is where {result.spec.level:.0%} of the comparable flows lie. "
        f"The hairline marks entry into force, {study.names['in_force']}.",
        source=source_line(study, DATA, last),
        datasets=DATA,
        data=path.assign(
            percent=path["effect"].map(percent),
            band_low=(-path["reach"]).map(percent),
            band_high=path["reach"].map(percent),
        ),
        draw=draw,
        made_by="korus_research.present.gravity.yearly_path",
        last_period=last,
    )


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
        source=source_line(study, DATA, last),
        datasets=DATA,
        columns=columns,
        rows=rows,
        row_header="window",
        data=frame,
        made_by="korus_research.present.gravity.gravity_windows",
        last_period=last,
        notes=(
            f"The smallest p-value that the placebo flows of the main fit allow is {number(result.main.test.floor, 3)}. The average agreement leaves the studied pair out.",
            *_clustered(result),
        ),
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
        source=source_line(study, DATA, last),
        datasets=DATA,
        columns=columns,
        rows=rows,
        row_header="year",
        data=path,
        made_by="korus_research.present.gravity.gravity_phases",
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
    periods = (", ".join(map(str, after)), str(after[-1]), findings["counterfactual.exports.effect"].period)
    for (id_, method, against), period in zip(lines, periods, strict=True):
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
    datasets = tuple(dict.fromkeys((*DATA, *findings["counterfactual.exports.effect"].datasets)))
    return Table(
        id="gravity-beside-counterfactual",
        title=say(
            (gravity, other),
            "For exports gravity gives {gravity.exports.effect:signed}, or {gravity.exports.last:signed} against {gravity.reference} alone, the synthetic control {counterfactual.exports.effect:signed}; "
            "for imports {gravity.imports.effect:signed}, {gravity.imports.last:signed} and {counterfactual.imports.effect:signed}",
            keep=True,
        ),
        caption="Effects on the same two flows by two methods, percent.",
        source=source_line(study, datasets, last),
        datasets=datasets,
        columns=columns,
        rows=rows,
        row_header="method",
        data=pd.DataFrame(data),
        made_by="korus_research.present.gravity.gravity_beside_counterfactual",
        last_period=last,
        notes=(
            _even(gravity),
            f"Intervals at {gravity.spec.level:.0%}, each by its own placebos. The bases differ: UN Comtrade every fourth year here, Census figures of every year there.",
        ),
    )


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
    """Return the note that takes the panel's changing coverage out of the last year's effects."""
    return say(
        result,
        "Of the change in exports from {gravity.reference} to {gravity.exports.last@period}, {gravity.exports.coverage.tilt:signed} is the panel's changing coverage; "
        "without it they stand at {gravity.exports.last_even:signed}.",
        "For imports it is {gravity.imports.coverage.tilt:signed}, and without it {gravity.imports.last_even:signed}.",
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


def _placebo_data(result: Gravity) -> pd.DataFrame:
    """Return placebos and the studied flows in one frame."""
    import pandas as pd

    placebos = result.main.placebos.reset_index().assign(studied=False)
    own = [
        {"exporter": pair[0], "importer": pair[1], "effect": result.main.effects[flow], "studied": True}
        for flow in FLOWS
        for pair in (result.directed(flow),)
    ]
    frame = pd.concat([pd.DataFrame(own), placebos], ignore_index=True)
    return frame.assign(percent=frame["effect"].map(percent))


def _percent_axis(ax: Axes, which: str) -> None:
    """Label an axis of logs in percent."""
    low, high = ax.get_xlim() if which == "x" else ax.get_ylim()
    shown = [tick for tick in TICKS if low <= math.log1p(tick / 100) <= high]
    places, texts = [math.log1p(tick / 100) for tick in shown], [number(float(tick), 0, signed=True) for tick in shown]
    if which == "x":
        ax.set_xticks(places, texts)
    else:
        ax.set_yticks(places, texts)
