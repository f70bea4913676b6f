"""Tooltips: the value of a mark as a `<title>` in the SVG, without a script.

Axes for which a chapter gives none get them by themselves: of every bar, every marker, and of lines the last point of
each year. The name is the `label` the mark was drawn with.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    import matplotlib.artist
    import matplotlib.axes
    import matplotlib.axis
    import matplotlib.figure
    import matplotlib.lines

MINUS = "\N{MINUS SIGN}"
REACH = 5.0  # points around a point that answer for it
_NUMBER = re.compile(r"[\d.,\s%$+\N{MINUS SIGN}-]*")
FEW = 45  # points of a line that each have their own


class Mark(NamedTuple):
    """A box in display units, from the bottom (a point where it has no size), and its tooltip."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass
class _Asked:
    """The tooltips that a chapter asked for on one axes."""

    unit: str | None = None
    decimals: int | None = None
    artists: list[tuple[matplotlib.artist.Artist, str]] = field(default_factory=list)
    points: list[tuple[Any, Any, str]] = field(default_factory=list)


_ASKED: WeakKeyDictionary[Any, _Asked] = WeakKeyDictionary()


def tips(ax: matplotlib.axes.Axes, *, unit: str | None = None, decimals: int | None = None) -> None:
    """Set the unit (None: that of the axis label) and decimals of the automatic tooltips of `ax`."""
    asked = _ASKED.setdefault(ax, _Asked())
    asked.unit, asked.decimals = unit, decimals


def tip(artist: matplotlib.artist.Artist, text: str) -> None:
    """Give a bar, patch or text a tooltip; its axes then get no automatic ones."""
    _ASKED.setdefault(artist.axes, _Asked()).artists.append((artist, text))


def tip_at(ax: matplotlib.axes.Axes, x: Any, y: Any, text: str) -> None:
    """Give the point (x, y), in data units, a tooltip; the axes then get no automatic ones."""
    _ASKED.setdefault(ax, _Asked()).points.append((x, y, text))


def tipped(figure: matplotlib.figure.Figure) -> str:
    """Return the tooltips of a laid-out figure as SVG; empty without any."""
    high = figure.bbox.height
    shapes = []
    for ax in figure.axes:
        for mark in _marks(ax, _ASKED.get(ax, _Asked())):
            x, y = mark.x, high - mark.y - mark.height
            shape = f'circle cx="{x:.1f}" cy="{y:.1f}" r="{REACH:g}"'
            if mark.width or mark.height:
                shape = f'rect x="{x:.1f}" y="{y:.1f}" width="{mark.width:.1f}" height="{mark.height:.1f}"'
            name = shape.partition(" ")[0]
            shapes.append(f"<{shape}><title>{escape(mark.text, quote=False)}</title></{name}>")
    return "\n".join(('<g class="tips" fill="none" pointer-events="all">', *shapes, "</g>\n")) if shapes else ""


def _marks(ax: matplotlib.axes.Axes, asked: _Asked) -> Iterator[Mark]:
    for artist, text in asked.artists:
        yield _box(artist, text)
    for x, y, text in asked.points:
        yield _point(ax, _units(ax.xaxis, x), _units(ax.yaxis, y), text)
    if not asked.artists and not asked.points:
        yield from _bars(ax, asked)
        yield from _lines(ax, asked)
        yield from _dots(ax, asked)


def _bars(ax: matplotlib.axes.Axes, asked: _Asked) -> Iterator[Mark]:
    from matplotlib.container import BarContainer

    for bars in ax.containers:
        if not isinstance(bars, BarContainer):
            continue
        lying = bars.orientation == "horizontal"
        for bar in bars.patches:
            place = bar.get_y() + bar.get_height() / 2 if lying else bar.get_x() + bar.get_width() / 2
            size = bar.get_width() if lying else bar.get_height()
            if size == size and size:
                axes = (ax.yaxis, ax.xaxis) if lying else (ax.xaxis, ax.yaxis)
                yield _box(bar, _text(bars.get_label(), axes[0], place, axes[1], size, asked))


def _lines(ax: matplotlib.axes.Axes, asked: _Asked) -> Iterator[Mark]:
    for line in ax.lines:
        marked = line.get_marker() not in (None, "", " ", "None", "none")
        points: Any = line.get_xydata()
        xs, ys = [float(x) for x in points[:, 0]], [float(y) for y in points[:, 1]]
        if line.get_transform() != ax.transData or not (marked or len(xs) > 2):
            continue  # a hairline, a leader, a range
        yield from _valued(ax, line.get_label(), [(xs[number], ys[number]) for number in _shown(ax, xs)], asked)


def _dots(ax: matplotlib.axes.Axes, asked: _Asked) -> Iterator[Mark]:
    import numpy as np
    from matplotlib.collections import PathCollection

    for dots in ax.collections:
        if isinstance(dots, PathCollection) and dots.get_offset_transform() == ax.transData:
            offsets: Any = np.ma.filled(dots.get_offsets(), np.nan)  # masked where there is no value
            yield from _valued(ax, dots.get_label(), [(float(x), float(y)) for x, y in offsets], asked)


def _valued(ax: matplotlib.axes.Axes, name: Any, points: list[tuple[float, float]], asked: _Asked) -> Iterator[Mark]:
    lying = bool(names(ax.yaxis)) or (_of_years(ax.yaxis) and not _of_years(ax.xaxis))
    of, values = (ax.yaxis, ax.xaxis) if lying else (ax.xaxis, ax.yaxis)
    valued, dated = lying or bool(_labels(values)), _dated(of)  # once: ticks are made anew for each question
    for x, y in points:
        if x != x or y != y:
            continue
        place, value = (y, x) if lying else (x, y)
        if valued:
            text = _text(name, of, place, values, value, asked)
        elif dated:  # of marks in lanes or piles only the place says something
            text = ", ".join(filter(None, (_name(name), _at(of, place))))
        else:
            text = _text(name, values, value, of, place, asked, named=False)
        yield _point(ax, x, y, text)


def _shown(ax: matplotlib.axes.Axes, xs: Sequence[float]) -> list[int]:
    """Return which points of a line get a tooltip: all of a few, else the last of each year, or evenly spaced ones."""
    if len(xs) <= FEW:
        return list(range(len(xs)))
    if _dated(ax.xaxis):
        return list({_day(x).year: number for number, x in enumerate(xs)}.values())
    return list(range(0, len(xs), -(-len(xs) // FEW)))


def _text(
    name: Any,
    of: matplotlib.axis.Axis,
    place: float,
    values: matplotlib.axis.Axis,
    value: float,
    asked: _Asked,
    *,
    named: bool = True,
) -> str:
    most = max(map(abs, values.get_view_interval()))
    decimals = asked.decimals if asked.decimals is not None else 0 if most >= 300 else 1 if most >= 12 else 2
    sign = MINUS if round(value, decimals) < 0 else ""
    amount = f"{sign}{abs(value):,.{decimals}f} {_unit(values) if asked.unit is None else asked.unit}".strip()
    said = ", ".join(filter(None, (_name(name), _at(of, place) if named else "")))
    return f"{said}: {amount}" if said else amount


def _name(label: Any) -> str:
    """Return the label of a mark; those that matplotlib makes up begin with an underscore."""
    return "" if str(label).startswith("_") else " ".join(str(label).split())


def _unit(axis: matplotlib.axis.Axis) -> str:
    """Return the unit in the label of an axis, or of a panel that shares it; empty for an index."""
    texts = [(ax.xaxis if _across(axis) else ax.yaxis).get_label_text() for ax in axis.axes.figure.axes]
    text = axis.get_label_text() or next(filter(None, texts), "")
    unit = " ".join(re.split("[,;]", text)[0].split())
    return "" if "=" in text and "percent" not in text else unit


def _across(axis: matplotlib.axis.Axis) -> bool:
    return axis is axis.axes.xaxis


def _labels(axis: matplotlib.axis.Axis) -> list[str]:
    """Return the tick labels of an axis, also where a panel that shares them shows them."""
    sharing = (axis.axes.get_shared_x_axes if _across(axis) else axis.axes.get_shared_y_axes)().get_siblings(axis.axes)
    alike = [ax.xaxis if _across(axis) else ax.yaxis for ax in sharing]
    places = [float(place) for place in axis.get_majorticklocs()]
    shown = any(tick.label1.get_visible() for each in alike for tick in each.get_major_ticks())
    return [text for text in axis.get_major_formatter().format_ticks(places) if text] if shown else []


def _of_years(axis: matplotlib.axis.Axis) -> bool:
    labels = [] if _dated(axis) else _labels(axis)
    return bool(labels) and all(re.fullmatch(r"(19|20)\d\d", text) for text in labels)


def _at(axis: matplotlib.axis.Axis, place: float) -> str:
    """Return the label at a coordinate: a name, month, year or number."""
    if named := names(axis):
        return next((" ".join(text.split()) for where, text in named.items() if abs(where - place) < 0.25), "")
    if _dated(axis):
        return f"{_day(place):%B %Y}"
    return f"{place:g}"


def names(axis: matplotlib.axis.Axis) -> dict[float, str]:
    """Return the names on a categorical axis by coordinate; none on one of numbers, years or days."""
    if _dated(axis):
        return {}
    places = [float(place) for place in axis.get_majorticklocs()]
    named = dict(zip(places, axis.get_major_formatter().format_ticks(places), strict=True))
    return {} if all(_NUMBER.fullmatch(text) for text in named.values()) else named


def _dated(axis: matplotlib.axis.Axis) -> bool:
    from matplotlib.dates import DateConverter, _SwitchableDateConverter

    converter = axis.get_converter()
    return isinstance(converter, DateConverter | _SwitchableDateConverter)


def _day(place: float) -> datetime:
    from matplotlib.dates import num2date

    day: datetime = num2date(place)  # type: ignore[no-untyped-call]
    return day


def _units(axis: matplotlib.axis.Axis, value: Any) -> float:
    return float(axis.convert_units(value))  # type: ignore[no-untyped-call]


def _box(artist: matplotlib.artist.Artist, text: str) -> Mark:
    box = artist.get_window_extent()
    return Mark(box.x0, box.y0, max(box.width, 2.0), max(box.height, 2.0), text)


def _point(ax: matplotlib.axes.Axes, x: float, y: float, text: str) -> Mark:
    across, up = ax.transData.transform((x, y))
    return Mark(float(across), float(up), 0.0, 0.0, text)
