"""The forest plot: forecasts, published evaluations, our estimates and, apart, raw changes, by flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from korus_research.chapters.forecasts.measures import Forecasts
from korus_research.chapters.forecasts.measures import of as forecasts_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.finding import MINUS
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number, number_range
from korus_research.show.theme import BALANCE, EXPORTS, IMPORTS, INK, OTHERS, QUIET, STRONG, bare, note, panels
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = Words("forecasts")
COLOURS = {"exports": EXPORTS, "imports": IMPORTS}
REACH = (-65.0, 110.0)  # percent shown; a range that goes further ends in an arrow
GROUPS = ("forecast", "published", "ours", "raw change")
DATASETS = ("forecasts", "published_estimates", "goods_trade_monthly", "donor_status", "us_agreements")
LONGEST = 44  # letters of a study's name on the axis


@figure("forest")
def forecast_forest(study: Study) -> Picture:
    """Show all that is set side by side, a row a study or estimate, a panel a flow."""
    result = forecasts_of(study)
    data = result.to_frame()
    rows = _rows(data)

    def draw() -> Figure:
        drawn, axes = panels(0.6 + 0.235 * len(rows), columns=2, sharex=True, sharey=True)
        for ax, flow in zip(axes, FLOWS, strict=True):
            _panel(ax, data[data["flow"] == flow], rows, result, flow)
        heads = [label for group, label in rows if group == label]
        axes[0].set_yticks(range(len(rows)), [_short(label) for _, label in rows][::-1])
        for text in axes[0].get_yticklabels():
            if text.get_text() in heads:
                text.set(fontweight=STRONG, color=INK)
        return drawn

    tables = (*DATASETS, "gravity_panel") if (result.ours["id"] == "gravity").any() else DATASETS
    drawn = {"spread": (result.ours["range"] == "spread").any(), "beyond": (data["high"] > REACH[1] - 4).any()}
    given = _in_dollars(result) | {key: "drawn" if there else "" for key, there in drawn.items()}
    return Picture(of=result, data=data, last=str(result.post_years[1]), tables=tables, given=given, draw=draw)


def _in_dollars(result: Forecasts) -> dict[str, str | list[str]]:
    """Return which forecasts printed dollars, the years of the trade they are a part of, and whether others did not."""
    ours = result.expected[result.expected["base_year"] > 0]
    who = [result.said(row["study"], row["year"]) for row in ours.to_dict("records")]
    return {
        "dollars_by": list(dict.fromkeys(who)),
        "dollar_years": [str(year) for year in sorted(ours["base_year"].unique())],
        "others_in_percent": "some" if len(ours) < len(result.expected) else "",
    }


def _rows(data: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the rows of the picture from top to bottom as (group, label); a heading is its own group."""
    rows: list[tuple[str, str]] = []
    for group in GROUPS:
        labels = list(dict.fromkeys(data.loc[data["group"] == group, "label"]))
        if group == "raw change":
            # To the years of our estimate where these are more than one, so that the groups end alike.
            labels = [label for label in labels if "mean" in label] or labels
        if labels:
            heading = WORDS.labels("groups")[group.replace(" ", "_")]
            rows += [(heading, heading), *((group, label) for label in labels)]
    return rows


def _panel(ax: Axes, data: pd.DataFrame, rows: list[tuple[str, str]], result: Forecasts, flow: Flow) -> None:
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
    ax.set_title(WORDS.labels("flows")[flow], color=COLOURS[flow])
    bare(ax, grid="x")
    ax.set_xlim(*REACH)
    ax.set_ylim(-0.7, len(rows) - 0.4)
    ax.set_xticks([-50, 0, 50, 100], [f"{MINUS}50", "0", "+50", "+100"])
    ax.set_xlabel(WORDS.label("axis"))


def _draw(ax: Axes, y: int, row: dict[Any, Any], colour: str, *, spread: bool) -> None:
    group = row["group"]
    shade = {"forecast": BALANCE, "published": QUIET, "raw change": OTHERS}.get(group, colour)
    marker = {"forecast": "D", "published": "s", "raw change": "X"}.get(group, "D" if spread else "o")
    low, high, value = row["low"], row["high"], row["value"]
    if low == low:
        ends = max(low, REACH[0] + 3), min(high, REACH[1] - 4)
        wide, style = 3.2 if group in ("forecast", "published") else 1.6, (0, (2, 1.5)) if spread else "-"
        ax.plot(ends, [y, y], color=shade, linewidth=wide, linestyle=style)
        if ends[1] < high:
            ax.plot([ends[1]], [y], marker=">", color=shade, markersize=5)
    middle = (low + high) / 2 if value != value else value
    ax.plot([middle], [y], marker=marker, color=shade, markersize=5.5, zorder=3)
    text = number_range(low, high, 0, signed=True) if value != value else number(value, 0, signed=True)
    if group == "ours":
        note(ax, text, (middle, y), (0, 3.5), size=7.5, ha="center", va="bottom")
    else:
        right = max(middle, high if high == high else middle)
        note(ax, text, (right, y), (7, 0), size=7.5, ha="left", va="center")


def _short(label: str) -> str:
    """Return a label for the axis: a long name of a study cut at its first comma or bracket, the year kept."""
    name, _, year = label.rpartition(", ")
    if len(label) <= LONGEST or not year.isdigit():
        return label
    return f"{name.split(' (')[0].split(', ')[0].split(' implementation')[0]}, {year}"
