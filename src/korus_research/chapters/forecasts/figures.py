"""Figures and tables of the comparison with forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from korus_research.chapters.forecasts.measures import of as forecasts_of
from korus_research.chapters.summary.methods import method_findings
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.finding import MINUS
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.theme import BALANCE, EXPORTS, IMPORTS, INK, OTHERS, QUIET, STRONG, bare, halo
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.counterfactual.measures import Effects
    from korus_research.chapters.forecasts.result import Forecasts
    from korus_research.data.study import Study

COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
REACH = (-65.0, 110.0)  # percent shown; a range that goes further ends in an arrow
GROUPS = {
    "forecast": "Forecast before it",
    "published": "Published after it",
    "ours": "Our estimates",
    "raw change": "Raw change: no effect",
}
REACHES_IN = "reaches in"
BOTH = ("forecasts", "published_estimates", "goods_trade_monthly")


def compared_forecasts(study: Study, findings_file: str = "") -> Forecasts:
    """Return the comparison, with gravity and the specification curve from `findings_file` where the run wrote one.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    MissingFigures
        No forecast of this agreement is held.
    """
    if not findings_file:
        return forecasts_of(study)
    from korus_research.chapters.gathered import gathered

    return forecasts_of(study, gathered(study, findings_file))


def forecast_answer(forecasts: Forecasts, effects: Effects) -> Prose:
    """Return what was forecast, what we estimate, where that leaves the forecast, and what the verdict rests on."""
    promised = (
        "For the agreement fully in force, {forecaster} expected {forecasts.exports.reference_usd:range} a year for US goods exports to {partner} (by our reckoning {forecasts.exports.reference:range} of those of {forecasts.exports.reference_base}) "
        "and {forecasts.imports.reference_usd:range} for imports ({forecasts.imports.reference:range})."
    )
    ours = "By our main estimates for {estimated}, {counterfactual.exports.effect:signed} ({counterfactual.exports.effect:range}) and {counterfactual.imports.effect:signed} ({counterfactual.imports.effect:range}), what the agreement did"
    findings = forecasts.findings() | effects.findings()
    others = {
        "forecasts.exports.curve_room": "the main estimate for exports lies {forecasts.exports.curve_room:inside|outside|on the edge of} the middle nine tenths of our own combinations of choices, ",
        "forecasts.exports.gravity_side": "gravity's interval ({forecasts.exports.gravity:range}) {forecasts.exports.gravity_side:lies above|lies below|includes} the forecast of exports, and ",
    }
    # What the edition has no estimate of is left out of the sentence, and not the sentence.
    rests = "".join(said for key, said in others.items() if key in findings)
    return say(
        findings | method_findings(findings),
        promised,
        f"{ours} to exports and to imports {{methods.both.side:is more than was promised|fell short of what was promised|can't be told from what was promised}}.",
        f"{ours} to exports {{methods.exports.side:is more than was promised|fell short of what was promised|can't be told from what was promised}}, and to imports {{methods.imports.side:is more than that|fell short of it|can't be told from it}}.",
        f"That rests on the main intervals alone: {rests}over all forecasts of exports our intervals lie wholly below in {{forecasts.exports.below:number}} of {{forecasts.exports.comparisons:number}} comparisons and wholly above in {{forecasts.exports.above:number}}.",
        role="answer",
        optional=True,
    )


def forecast_forest(study: Study) -> Figure:
    """Return the forest plot: forecasts, published evaluations, our estimates and, apart, raw changes, by flow."""
    result = forecasts_of(study)
    data = result.to_frame()
    rows = _rows(result, data)
    ours = result.ours["id"].tolist()
    datasets = (*BOTH, "donor_status", "us_agreements", *(("gravity_panel",) if "gravity" in ours else ()))

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(
            1, 2, figsize=(8.6, 0.6 + 0.235 * len(rows)), sharex=True, sharey=True, layout="constrained"
        )
        for ax, flow in zip(axes, FLOWS, strict=True):
            _panel(ax, data[data["flow"] == flow], rows, result, flow)
        heads = [label for group, label in rows if group == label]
        axes[0].set_yticks(range(len(rows)), [_short(label) for _, label in rows][::-1])
        for text in axes[0].get_yticklabels():
            if text.get_text() in heads:
                text.set(fontweight=STRONG, color=INK)
        return figure

    return Figure(
        id="forecasts-forest",
        title=say(
            result.findings() | method_findings(result.findings()),
            "The forecast of {forecaster} was {forecasts.exports.reference:range} for exports and {forecasts.imports.reference:range} for imports; the intervals of our main estimates {methods.both.side:lie above them|lie below them|include them}",
            "The forecast of {forecaster} was {forecasts.exports.reference:range} for exports and {forecasts.imports.reference:range} for imports; the interval of our main estimate "
            "{methods.exports.side:lies above|lies below|includes} the first and {methods.imports.side:lies above|lies below|includes} the second",
            keep=True,
            optional=True,
        ),
        subtitle=f"Change of US goods trade with {study.names['partner']}: expected at full implementation, attributed to {study.names['agreement']} afterwards, estimated here, and seen; percent",
        alt=say(
            result,
            "Two panels, exports and imports, of points and ranges in four groups, zero marked and the reference forecast as a band.",
            "Forecasts of exports go from {forecasts.exports.lowest} to {forecasts.exports.highest}, of imports from {forecasts.imports.lowest} to {forecasts.imports.highest}.",
            "Our main estimate is {forecasts.exports.gap:signed} from the band for exports and {forecasts.imports.gap:signed} for imports.",
            keep=True,
        ),
        caption=f"Band: the forecast that comes first. {_reckoned(result)}Ranges of our estimates are placebo intervals"
        + (", the dashed one the middle of all specifications" if (result.ours["range"] == "spread").any() else "")
        + ("; a range that goes beyond the picture ends in an arrow" if (data["high"] > REACH[1] - 4).any() else "")
        + ". The groups differ in text, stage, economy and basis: see the table. A raw change holds all that happened in those years.",
        source=source_line(study, datasets, str(result.post_years[1])),
        datasets=datasets,
        data=data,
        draw=draw,
        made_by="korus_research.chapters.forecasts.figures.forecast_forest",
        last_period=str(result.post_years[1]),
    )


def _reckoned(result: Forecasts) -> str:
    """Return which forecasts printed dollars, so that their percentages are ours, and by the trade of which year."""
    ours = result.expected[result.expected["base_year"] > 0]
    if ours.empty:
        return "Percentages of forecasts are as printed. "
    who = ", ".join(dict.fromkeys(result.said(row["study"], row["year"]) for row in ours.to_dict("records")))
    years = " and ".join(str(year) for year in sorted(ours["base_year"].unique()))
    others = "; other forecasts printed percent" if len(ours) < len(result.expected) else ""
    return f"Forecasts in dollars ({who}) are in percent by us, of the Census total of {years}{others}. Amounts of published evaluations are turned into percent likewise. "


def _rows(result: Forecasts, data: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the rows of the picture from top to bottom as (group, label); a heading is its own group."""
    rows: list[tuple[str, str]] = []
    for group, heading in GROUPS.items():
        labels = list(dict.fromkeys(data.loc[data["group"] == group, "label"]))
        if group == "raw change":
            # To the years of our estimate where these are more than one, so that the groups end alike.
            means = [label for label in labels if "mean" in label]
            labels = means or labels
        if labels:
            rows += [(heading, heading), *((group, label) for label in labels)]
    return rows


def _panel(ax: Axes, data: pd.DataFrame, rows: list[tuple[str, str]], result: Forecasts, flow: Any) -> None:
    reference = result.reference(flow)
    if reference is not None:
        ax.axvspan(reference["low"], reference["high"], color="#EADFC8", linewidth=0, zorder=0)
    ax.axvline(0, color="#8A8A8A", linewidth=0.9, zorder=1)
    places = {row: len(rows) - 1 - i for i, row in enumerate(rows)}
    spreads = set(result.ours.loc[result.ours["range"] == "spread", "label"])
    for row in data.to_dict("records"):
        place = places.get((row["group"], row["label"]))
        if place is not None:
            _draw(ax, place, row, COLOURS[flow], spread=row["label"] in spreads)
    ax.set_title(flow.capitalize(), color=COLOURS[flow])
    bare(ax, grid="x")
    ax.set_xlim(*REACH)
    ax.set_ylim(-0.7, len(rows) - 0.4)
    ax.set_xticks([-50, 0, 50, 100], [f"{MINUS}50", "0", "+50", "+100"])
    ax.set_xlabel("percent")


def _draw(ax: Axes, y: int, row: dict[Any, Any], colour: str, *, spread: bool) -> None:
    group = row["group"]
    shade = {"forecast": BALANCE, "published": QUIET, "raw change": OTHERS}.get(group, colour)
    marker = {"forecast": "D", "published": "s", "raw change": "X"}.get(group, "D" if spread else "o")
    low, high, value = row["low"], row["high"], row["value"]
    if low == low:
        ends = max(low, REACH[0] + 3), min(high, REACH[1] - 4)
        style = (0, (2, 1.5)) if spread else "-"
        ax.plot(
            ends, [y, y], color=shade, linewidth=3.2 if group in ("forecast", "published") else 1.6, linestyle=style
        )
        if ends[1] < high:
            ax.plot([ends[1]], [y], marker=">", color=shade, markersize=5)
    middle = (low + high) / 2 if value != value else value
    ax.plot([middle], [y], marker=marker, color=shade, markersize=5.5, zorder=3)
    text = range_said(low, high) if value != value else number(value, 0, signed=True)
    right = max(middle, high if high == high and group != "ours" else middle)
    above = group == "ours"
    ax.annotate(
        text, (middle if above else right, y), xytext=(0, 3.5) if above else (7, 0), textcoords="offset points",
        ha="center" if above else "left", va="bottom" if above else "center", fontsize=7.5, color=QUIET,
        path_effects=halo(),
    )  # fmt: skip


def range_said(low: float, high: float) -> str:
    """Return both ends of a range with their signs, or the one where they are the same."""
    ends = [number(v, 0, signed=True) for v in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def _short(label: str) -> str:
    """Return a label for the axis: a long name of a study cut at its first comma or bracket, the year kept."""
    name, _, year = label.rpartition(", ")
    if len(label) <= 44 or not year.isdigit():
        return label
    return f"{name.split(' (')[0].split(', ')[0].split(' implementation')[0]}, {year}"


def likeness_table(study: Study) -> Table:
    """Return how the forecast and our estimate differ, aspect by aspect."""
    import pandas as pd

    result = forecasts_of(study)
    words = {"years": result.post, **study.names}
    rows: list[dict[str, Cell]] = [
        {"aspect": like.aspect, "forecast": like.forecast.format(**words), "ours": like.ours.format(**words)}
        for like in result.own.likeness
    ]
    data = pd.DataFrame([{**row, "source": like.source} for row, like in zip(rows, result.own.likeness, strict=True)])
    return Table(
        id="forecasts-likeness",
        title="The forecast and our estimate are not the same question",
        caption=f"Forecast: {result.own.reference_said}. Ours: the main estimate of the counterfactual.",
        source=source_line(study, ("forecasts",), newest(study, "forecasts")),
        datasets=("forecasts",),
        columns=[
            Column("aspect", "Aspect", align="left", width=1),
            Column("forecast", "Forecast", align="left", width=2.3),
            Column("ours", "Our estimate", align="left", width=2.3),
        ],
        rows=rows,
        row_header="aspect",
        data=data,
        made_by="korus_research.chapters.forecasts.figures.likeness_table",
        last_period=newest(study, "forecasts"),
        notes=("The source of each row stands in the CSV.",),
    )


def newest(study: Study, dataset: str) -> str:
    """Return the year of the newest study in a dataset that the edition knows."""
    return study.catalog.last_period(dataset, as_of=study.parameters.as_of)


def held_table(study: Study) -> Table:
    """Return our intervals held against the forecasts: a row a flow and forecast, a column an estimate."""
    result = forecasts_of(study)
    held = result.held
    estimates = list(dict.fromkeys(held["estimate"]))
    labels = dict(zip(held["estimate"], held["label"], strict=True))
    rows: list[dict[str, Cell]] = []
    for flow in FLOWS:
        for theirs in result.expected[result.expected["flow"] == flow].to_dict("records"):
            row: dict[str, Cell] = {
                "study": f"{flow.capitalize()}: {result.said(theirs['study'], theirs['year'])}",
                "forecast": range_said(theirs["low"], theirs["high"]),
            }
            mine = held[(held["flow"] == flow) & (held["study"] == theirs["study"])]
            for estimate in estimates:
                sides = set(mine.loc[mine["estimate"] == estimate, "side"])
                word = sides.pop() if len(sides) == 1 else REACHES_IN if sides else ""
                tone = {"below": "low", "above": "high"}.get(word)
                row[estimate] = {"text": word, "tone": tone} if tone else word or "\N{EN DASH}"
            rows.append(row)
    datasets = (*BOTH, "donor_status", "us_agreements", *(("gravity_panel",) if "gravity" in estimates else ()))
    return Table(
        id="forecasts-held",
        title=say(
            result,
            "The whole interval lies below the forecast of exports in {forecasts.exports.below:number} of {forecasts.exports.comparisons:number} comparisons and above it in {forecasts.exports.above:number}; "
            "of {forecasts.imports.comparisons:number} for imports, in {forecasts.imports.below:number} and {forecasts.imports.above:number}",
            keep=True,
        ),
        caption="Where the interval of each of our estimates lies beside each forecast. A range counts as two comparisons, one for each end.",
        source=source_line(study, datasets, str(result.post_years[1])),
        datasets=datasets,
        columns=[
            Column("study", "Forecast", align="left", width=2.6),
            Column("forecast", "Expected", "percent", align="right", width=1),
            *(Column(e, labels[e].removesuffix(" (main)"), align="left", width=1.2) for e in estimates),
        ],
        rows=rows,
        row_header="study",
        data=held,
        made_by="korus_research.chapters.forecasts.figures.held_table",
        last_period=str(result.post_years[1]),
        notes=(
            "The comparisons are not independent: forecasts share models and data, estimates share the trade figures. Their count is no probability.",
            "'Includes': the forecast lies in the interval, so that the estimate can tell neither that it was reached nor that it was missed."
            + (
                f" '{REACHES_IN.capitalize()}': one end of the forecast's range lies in the interval."
                if any(REACHES_IN in row.values() for row in rows)
                else ""
            ),
        ),
    )


def published_table(study: Study) -> Table:
    """Return what became of every published figure: comparable ones, and how many are left out for which reason."""
    result = forecasts_of(study)
    rows: list[dict[str, Cell]] = [
        {
            "what": f"{r['study']}: {r['flow']}, {r['window']}",
            "rows": number(float(((result.judged["study"] == r["study"]) & (result.judged["flow"] == r["flow"]) & result.judged["comparable"]).sum()), 0),
            "percent": range_said(r["low"], r["high"]),
            "verdict": "beside ours",
        }
        for r in result.published.to_dict("records")
    ]  # fmt: skip
    rows += [
        {
            "what": f"{r['why'][:1].upper()}{r['why'][1:]}",
            "rows": number(float(r["rows"]), 0),
            "percent": "\N{EN DASH}",
            "verdict": "left out",
        }
        for r in result.reasons.to_dict("records")
    ]
    marked = result.judged[result.judged["marked"]]
    where = sorted(set(marked["source_address"].str.extract(r"https?://(?:www\.)?([^/]+)")[0].dropna()))
    year = newest(study, "published_estimates")
    return Table(
        id="forecasts-published",
        title=say(
            result,
            "Of {forecasts.published.rows:number} published figures, {forecasts.published.comparable:count} can stand beside ours; {forecasts.published.marked:count} repeat a forecast as if it were a finding",
            keep=True,
        ),
        caption="Published figures by what the declared rules make of them. Amounts are turned into percent of what the flow would have been without them (Census basis, mean of the study's later years).",
        source=source_line(study, ("published_estimates", "goods_trade_monthly"), year),
        datasets=("published_estimates", "goods_trade_monthly"),
        columns=[
            Column("what", "Figure, or reason for leaving out", align="left", width=4),
            Column("rows", "Figures", align="right", width=0.8),
            Column("percent", "Effect", "percent", align="right", width=1),
            Column("verdict", "Here", align="left", width=1),
        ],
        rows=rows,
        row_header="what",
        data=result.judged,
        made_by="korus_research.chapters.forecasts.figures.published_table",
        last_period=year,
        notes=(
            "The rules are those of analysis/forecasts/rules.toml; the CSV holds every figure with its reason.",
            *((f"Figures that repeat the forecast as a finding were read at {', '.join(where)}.",) if where else ()),
        ),
    )
