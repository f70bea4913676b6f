"""The figure of vehicles: makers' counts of cars against the cap."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.cars.measures import of as cars_of
from korus_research.data.study import Study
from korus_research.show.shown import Picture, Words, capital, figure, theme

WORDS = Words("cars")
THOUSAND = 1000.0
ROW = 0.3  # inches a count


@figure("makers", tables=("vehicle_points",))
def maker_points(study: Study) -> Picture:
    """Return makers' yearly counts of cars as bars, against the cap of each year as a step line."""
    cars = cars_of(study)
    rows, counts = cars.counted, cars.counted.to_dict("records")

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(ROW * len(rows) + 0.75, narrow=1.3 * ROW * len(rows) + 0.9)
        for place, row in enumerate(counts):
            _bar(ax, place, row)
        _cap(ax, rows)
        theme.value_axis(ax)
        names = (WORDS.label("row", maker=_maker(r), year=str(r["year"]), count=_count(r)) for r in counts)
        ax.set_yticks(range(len(rows)), [theme.wrapped(name, 24) for name in names])
        ax.set_ylim(len(rows) - 0.5, -1.2)
        ax.set_xlim(0, 1.12 * float(max(rows["allowance"].max(), rows["units"].max())) / THOUSAND)
        ax.set_xlabel(WORDS.label("vehicles_axis"), loc="left")
        return drawn

    return Picture(of=cars, data=cars.to_frame(), last=cars.last_point, draw=draw)


def _maker(row: dict[Any, Any]) -> str:
    """Return the maker of a row, with the models counted where these are not all."""
    name = capital(str(row["company"]).replace(", ", " and "))
    if row["kind"] == "models":
        return f"{name} ({row['why']})"
    return WORDS.label("together", makers=name) if row["covers"] == "together" else name


def _count(row: dict[Any, Any]) -> str:
    return WORDS.label(f"bar.{'ceiling' if row['ceiling'] else row['kind']}", figure=f"{row['units']:,.0f}")


def _bar(ax: theme.Axes, place: int, row: dict[Any, Any]) -> None:
    known = row["kind"] != "at_most"
    face = {"whole": theme.EXPORTS, "models": theme.EXPORTS_TINT, "at_most": theme.PAPER}[row["kind"]]
    style: dict[str, Any] = {"linestyle": "-" if known else (0, (2, 1.5)), "linewidth": 1.1}
    bars = ax.barh(place, row["units"] / THOUSAND, height=0.62, color=face, edgecolor=theme.EXPORTS, **style)
    counted = WORDS.labels("counted")[row["counts"]]
    theme.tip(bars[0], WORDS.label("tip", maker=_maker(row), year=row["period"], count=_count(row), counted=counted))


def _cap(ax: theme.Axes, rows: pd.DataFrame) -> None:
    """Draw the cap of each row's year as one line, with a step where it was raised."""
    named: dict[str, Any] = {"colour": theme.BALANCE, "ha": "center", "va": "bottom", "fontweight": theme.STRONG}
    levels = (rows["allowance"] / THOUSAND).tolist()
    xs = [level for level in levels for _ in (0, 1)]
    ys = [place + half for place in range(len(levels)) for half in (-0.5, 0.5)]
    ax.plot(xs, ys, color=theme.BALANCE, linewidth=2, zorder=4, solid_capstyle="butt")
    for place, level in enumerate(levels):
        if place == 0 or level != levels[place - 1]:
            text = WORDS.label("cap" if place == 0 else "cap_raised", level=f"{level * THOUSAND:,.0f}")
            theme.note(ax, text, (level, place - 0.55), (0, 2), **named)
