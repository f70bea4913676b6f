"""Placebos: how the partner's effect stands among those of partners without the agreement, and other checks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.figures import COLOURS
from korus_research.chapters.counterfactual.findings import DATASETS
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table
from korus_research.show.theme import OTHERS, QUIET, STRONG, bare, halo
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import numpy as np
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from korus_research.data.study import Study
    from korus_research.methods.synthetic.estimate import Counterfactual

WIDE = 25.0  # standardised effects beyond are drawn at the edge: their fit before is nearly perfect


def standardised_effects(study: Study) -> Figure:
    """Return the standardised effects of the partner and of every placebo, a row a flow."""
    import pandas as pd

    effects = counterfactual_of(study)
    partner = study.names["partner"]
    frames = [
        found.placebos.assign(flow=flow, name=lambda t: [effects.panel.name(str(c)) for c in t.index]).reset_index()
        for flow, found in effects.main.items()
    ]
    data = pd.concat(frames, ignore_index=True)
    main = effects.main["exports"]
    beyond = int((data["standardised"].abs() > WIDE).sum())

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(2, 1, figsize=(8.6, 3.5), sharex=True, layout="constrained")
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            _strip(ax, found, COLOURS[flow], partner)
            ax.set_title(flow.capitalize(), color=COLOURS[flow], pad=4)
        axes[1].set_xlabel("effect over the size of the gap before entry into force", loc="left")
        return figure

    level = f"{100 * main.level:.0f} percent"
    return Figure(
        id="counterfactual-placebos",
        title=say(
            effects,
            "Without the agreement, {counterfactual.exports.larger} of {counterfactual.exports.donors} partners moved as far from their path in exports as {partner} did, "
            "and {counterfactual.imports.larger} of {counterfactual.imports.donors} in imports",
        ),
        subtitle="Effects over the root mean square of the unit's own gap before entry into force; one dot a partner",
        alt=say(
            effects,
            "Two rows of dots along an axis through zero, one dot a placebo, {partner} larger and in colour.",
            "The p-value is {counterfactual.exports.p_value} for exports and {counterfactual.imports.p_value} for imports; the lowest possible are {counterfactual.exports.p_floor} and {counterfactual.imports.p_floor}.",
        ),
        caption=f"Each donor in its turn is treated as if it had the agreement; {partner} is never among the donors. Beyond the dotted lines lie the units outside the {level} "
        "that set the interval."
        + (
            " Triangles stand beyond the axis: units that others copy almost exactly before, so that any gap after is many times it."
            if beyond
            else ""
        ),
        source=source_line(study, DATASETS, str(main.spec.post[1])),
        datasets=DATASETS,
        data=data,
        draw=draw,
        made_by="korus_research.chapters.counterfactual.placebo_views.standardised_effects",
        last_period=str(main.spec.post[1]),
    )


def _strip(ax: Axes, found: Counterfactual, colour: str, partner: str) -> None:
    import math

    import numpy as np

    values = found.fits.standardised
    inside, heights = np.clip(values, -WIDE, WIDE), _stacked(np.clip(values, -WIDE, WIDE))
    shown = np.abs(values) <= WIDE
    ax.scatter(inside[1:][shown[1:]], heights[1:][shown[1:]], s=30, color=OTHERS, linewidth=0, zorder=2)
    for side, marker in ((-1, "<"), (1, ">")):
        out = ~shown & (np.sign(values) == side)
        out[0] = False
        ax.scatter(inside[out], heights[out], s=34, color=OTHERS, marker=marker, linewidth=0, zorder=2)
    own = (float(inside[0]), float(heights[0]))
    ax.scatter(*own, s=64, color=colour, zorder=4)
    rank = math.ceil(found.level * values.size)
    if rank < values.size:
        bound = float(np.sort(np.abs(values[1:]))[rank - 1])
        for side in (-1, 1):
            if bound <= WIDE:
                ax.axvline(side * bound, color="#777777", linewidth=0.8, linestyle=(0, (1, 2)))
    ax.annotate(
        partner,
        own,
        xytext=(7, 0),
        textcoords="offset points",
        va="center",
        fontsize=9,
        color=colour,
        fontweight=STRONG,
        path_effects=halo(),
    )
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
    bare(ax, grid="x")
    ax.set_xlim(-WIDE * 1.04, WIDE * 1.04)
    ax.set_ylim(-0.7, max(3.5, float(heights.max()) + 0.8))
    ax.set_yticks([])
    ax.tick_params(axis="x", colors=QUIET)


def _stacked(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a height for each dot: the first has the lowest to itself, others that would touch stand on each other."""
    import numpy as np

    apart = WIDE / 32
    heights = np.zeros(len(values))
    for k in range(1, len(values)):
        near = np.abs(values[1:k] - values[k]) < apart
        taken = set(heights[1:k][near])
        heights[k] = next(level for level in range(1, len(values) + 1) if level not in taken)
    return heights


CHECKS = (
    ("p_value", "Placebo p-value", ""),
    ("p_floor", "Smallest p-value these placebos can give", ""),
    ("rmspe", "Gap before entry into force, root mean square", ""),
    ("rmspe_placebos", "The same, median of the placebos", ""),
    ("rmspe_ratio", "Gap after over gap before", ""),
    ("rmspe_ratio_p", "Share of units with that ratio as large", ""),
    ("without_donor", "Effect when one donor is left out: smallest and largest", "range"),
    ("gap_before", "Gap in the year before entry into force", "signed"),
    ("in_time", "Effect in a time before entry into force", "signed"),
    ("in_time_p", "Placebo p-value of that", ""),
    ("in_time_energy", "The same with energy exporters among the donors", "signed"),
    ("before_signature", "Effect in a time before the year of signature", "signed"),
    ("before_signature_p", "Placebo p-value of that", ""),
    ("before_signature_energy", "The same with energy exporters among the donors", "signed"),
)


def checks_table(study: Study) -> Table:
    """Return what each check of the main specification gives, for both flows."""
    import pandas as pd

    effects = counterfactual_of(study)
    findings = effects.findings()
    rows: list[dict[str, Cell]] = []
    data = []
    known = [check for check in CHECKS if not findings[_first(check)].repeats]
    for name, label, style in known:
        row: dict[str, Cell] = {"check": label}
        for flow in FLOWS:
            key = f"counterfactual.{flow}.{name}"
            found = [findings[f"{key}_low"], findings[f"{key}_high"]] if style == "range" else [findings[key]]
            row[flow] = " to ".join(_written(f, "signed" if style else "") for f in found)
            data += [{"check": f.id, "flow": flow, "value": f.value, "unit": f.unit, "period": f.period} for f in found]
        rows.append(row)
    last = str(effects.main["exports"].spec.post[1])
    return Table(
        id="counterfactual-checks",
        title="Checks on the main estimate",
        caption="What the placebo tests, the fit and the donors left out one at a time say of the main specification.",
        source=source_line(study, DATASETS, last),
        datasets=DATASETS,
        columns=[
            Column("check", "Check", align="left", width=3),
            *(Column(flow, flow.capitalize(), align="right", width=1.2) for flow in FLOWS),
        ],
        rows=rows,
        row_header="check",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.counterfactual.placebo_views.checks_table",
        last_period=last,
        notes=(
            *_times(study),
            "A gap in the year before entry into force is no effect of duties that were not yet cut; it may be one of the announcement, or of something else.",
        ),
    )


def _first(check: tuple[str, str, str]) -> str:
    return f"counterfactual.{FLOWS[0]}.{check[0]}{'_low' if check[2] == 'range' else ''}"


def _times(study: Study) -> list[str]:
    """Return the note that says which years the placebos in time are of, and what they may hold of the agreement."""
    effects = counterfactual_of(study)
    first, second = effects.in_time[FLOWS[0]], effects.before_signature[FLOWS[0]]
    if first is None:
        return []
    windows, when = [_windows(first)], f"{study.names['agreement']} was signed in {study.names['signed']}"
    if first.spec.post[1] < effects.spec.treated.signed:
        held = f"It ends before {when}."
    elif second is None:
        held = f"{when}, so that it may hold what was expected of it; too few years are left to ask of an earlier time."
    else:
        windows.append(_windows(second))
        held = f"{when}, so that the first may hold what was expected of it; the second ends before that year."
    return [
        f"A time before: the main specification moved back, {', and further back, '.join(windows)}. {held[:1].upper()}{held[1:]} "
        "Such a test has little power: few years, and only donors that were large enough then."
    ]


def _windows(found: Counterfactual) -> str:
    spec = found.spec
    return f"fitted on {spec.pre[0]} to {spec.pre[1]} with the effect over {spec.post[0]} to {spec.post[1]}"


def _written(finding: Finding, style: str) -> str:
    if finding.value is None:
        return "\N{EN DASH}"
    return finding.text("signed" if style == "signed" else "")
