"""Figures of vehicles: makers' points beside the allowance, duties by date, values by year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from korus_research.chapters.cars.measures import Cars
from korus_research.chapters.cars.measures import of as cars_of
from korus_research.chapters.cars.points import OF_ALL, OF_ONE_MAKER
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN, USD_PER_BN
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.theme import BALANCE, EXPORTS, IMPORTS, INK, QUIET
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = Words("cars")
MARKS = {"us_built": "^", "us_made": "o", "brand": "s", "brand_abroad": "X", "exported": "D", "ceiling": "v"}
NAMED_FROM = 25.0  # percent of the allowance: smaller points that bound nothing go without a name
THOUSAND = 1000.0
NEAR = 0.6, 8.0  # years and thousands within which a point above leaves no room for a name


@figure("makers", tables=("vehicle_points",))
def maker_points(study: Study) -> Picture:
    """Show every point of makers' vehicles beside the allowance: markers by definition, and no line through them."""
    cars = cars_of(study)
    start, end = study.agreement.dates.in_force.year - 1, int(study.parameters.as_of[:4]) + 1

    def draw() -> Figure:
        drawn, (left, right) = theme.panels(3.7, columns=2, width_ratios=[1.75, 1], sharey=True)
        for ax, covers, title in ((left, [*OF_ONE_MAKER, "part"], "one_maker"), (right, [OF_ALL], "every_maker")):
            ax.set_xlim(start, end)
            _points(ax, cars, covers)
            _allowance(ax, cars, end, named=ax is left)
            theme.bare(ax)
            theme.year_ticks(ax, start + 1, end, 2 if end - start < 9 or ax is left else 4, dates=False)
            ax.set_title(WORDS.label(title), fontsize=9.5)
        left.set_ylim(0, None)
        left.set_ylabel(WORDS.label("vehicles_axis"))
        _legend(drawn, cars)
        return drawn

    return Picture(of=cars, data=cars.to_frame(), last=cars.last_point, draw=draw)


def _points(ax: Axes, cars: Cars, covers: list[str]) -> None:
    built_there = cars.bounds[cars.bounds["built_there"]]
    bounded = {tuple(row) for row in built_there[["period", "definition", "units"]].itertuples(index=False)}
    rows = cars.points[cars.points["covers"].isin(covers)].sort_values("units", ascending=False).to_dict("records")
    places = [(_middle(row), row["units"] / THOUSAND) for row in rows]
    terms, named, (first, last) = cars.allowance, set[tuple[str, int]](), ax.get_xlim()
    for row, (x, y) in zip(rows, places, strict=True):
        bounds, of_all = (row["period"], row["definition"], row["units"]) in bounded, row["covers"] == OF_ALL
        colour = QUIET if of_all else EXPORTS
        filled = bounds or (of_all and row["whole_year"] and not row["ceiling"])
        about: dict[str, Any] = {"marker": MARKS["ceiling" if row["ceiling"] else row["counts"]], "s": 34, "zorder": 3}
        about |= {"color": colour if filled else "white", "edgecolor": colour, "linewidth": 1.1}
        ax.scatter(x, y, clip_on=not first <= x <= last, **about)  # a mark near zero stands over the axis
        key = (str(row["company"]), int(row["year"]))
        # Before the agreement the first allowance decides on a name.
        allowed = next((t.value for t in reversed(terms) if t.start.year <= row["year"]), terms[0].value)
        tall = 100 * row["units"] >= NAMED_FROM * allowed
        if not of_all and (bounds or tall) and key not in named:
            named.add(key)
            crowded = any(abs(x - a) < NEAR[0] and 0 < b - y < NEAR[1] for a, b in places)
            side = "left" if bounds and row["covers"] != "maker" else "right" if crowded else "center"
            shift, va = {"left": ((5, 0), "center"), "right": ((-5, 0), "center"), "center": ((0, 5), "bottom")}[side]
            name = WORDS.label("at_most_each") if row["ceiling"] else row["company"]
            theme.note(ax, name, (x, y), shift, size=7.5, va=va, ha=side)


def _middle(row: dict[Any, Any]) -> float:
    """Return where a point stands on an axis of years: the middle of its period."""
    return int(row["period_end"][:4]) + (int(row["period_end"][5:]) - int(row["months"]) / 2) / 12


def _allowance(ax: Axes, cars: Cars, end: int, *, named: bool) -> None:
    for place, term in enumerate(cars.allowance):
        first, last = _year(term.start), min(_year(term.end) if term.end else float(end), float(end))
        if first >= last:
            continue
        at = (first, term.value / THOUSAND)
        ax.plot([first, last], [at[1], at[1]], color=BALANCE, linewidth=2, solid_capstyle="butt", zorder=2)
        if named:
            text = WORDS.label("allowance_raised" if place else "allowance_each", level=f"{at[1]:,.0f}")
            theme.note(ax, text, at, (2, 3), colour=BALANCE, va="bottom", fontweight=theme.STRONG)
        elif place == 0:
            theme.note(ax, WORDS.label("allowance_one"), at, (2, -3), colour=BALANCE, va="top")


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def _legend(drawn: Figure, cars: Cars) -> None:
    from matplotlib.lines import Line2D

    rows = cars.points[cars.points["year"] >= cars.allowance[0].start.year - 1]
    shown, counted = set(rows["counts"].mask(rows["ceiling"], "ceiling")), WORDS.labels("counted")
    about: dict[str, Any] = {"linestyle": "", "color": QUIET, "markersize": 5.5}
    handles = [Line2D([], [], marker=MARKS[key], label=counted[key], **about) for key in MARKS if key in shown]
    drawn.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=8, handletextpad=0.1)


@figure("duties")
def car_duties(study: Study) -> Picture:
    """Show the duties on vehicles both ways by date, and those added outside the agreement."""
    cars, agreement = cars_of(study), study.agreement
    last = pd.Period(study.parameters.as_of, freq="M").to_timestamp(how="end").date()
    first = date(agreement.dates.in_force.year - 2, 1, 1)
    series = {s.product: _steps([(t.start, t.value) for t in s.steps], first, last) for s in cars.duties}
    ours = {s.product for s in cars.duties if s.importer == agreement.reporter.iso3}
    added = {s.product: _steps([(t.start, t.value) for t in s.steps], first, last) for s in cars.added}

    def line(ax: Axes, steps: list[tuple[date, float]], name: str, colour: str, **style: Any) -> tuple[Any, ...]:
        days, values = [theme.on_axis(d) for d, _ in steps], [v for _, v in steps]
        ax.step(days, values, where="post", color=colour, **style)
        return days[-1], values[-1], name, colour

    def draw() -> Figure:
        drawn, ax = theme.panels(2.9)
        ends = []
        for product, steps in series.items():
            into, colour = ("into_reporter", IMPORTS) if product in ours else ("into_partner", EXPORTS)
            name = WORDS.label(into, cars, product=product.partition(" from ")[0])
            ends.append(line(ax, steps, name, colour, linewidth=1.2 if "truck" in product else 2.2))
        for product, steps in added.items():
            name = WORDS.label("added", product=product.partition(" from ")[0])
            width = 1.2 if "truck" in product else 2.2
            ends.append(line(ax, steps, name, IMPORTS, linewidth=width, linestyle=(0, (1, 1.2))))
        ax.set_ylim(-0.6, None)
        theme.bare(ax)
        end = theme.on_axis(last)
        ax.set_xlim(theme.on_axis(first), end + (end - theme.on_axis(first)) * 0.33)
        theme.year_ticks(ax, first.year, last.year, 2)
        theme.in_force_line(ax, theme.on_axis(agreement.dates.in_force), zorder=2)
        ax.set_ylabel(WORDS.label("duty_axis"))
        theme.label_ends(ax, ends, x=end, size=8.5)
        return drawn

    shown = {**series, **{WORDS.label("added_row", product=product): steps for product, steps in added.items()}}
    rows = [(product, day.isoformat(), value) for product, steps in shown.items() for day, value in steps[:-1]]
    data, tables = pd.DataFrame(rows, columns=["product", "from", "percent"]), (f"agreements/{agreement.id}",)
    return Picture(of=cars, data=data, last=study.parameters.as_of, tables=tables, draw=draw)


def _steps(terms: list[tuple[date, float]], first: date, last: date) -> list[tuple[date, float]]:
    """Return the steps within a span, the value at its start first and the last one repeated at its end."""
    known = [(day, value) for day, value in terms if day <= last]
    before = [value for day, value in known if day <= first]
    steps = ([(first, before[-1])] if before else []) + [(day, value) for day, value in known if day > first]
    return [*steps, (last, steps[-1][1])] if steps else []


@figure("values", tables=("sector_exports_annual", "sector_imports_annual", "car_values"))
def car_values(study: Study) -> Picture:
    """Show exports of road vehicles and imports of transport equipment by year, with the single values of cars."""
    cars = cars_of(study)
    flows = {"exports": cars.exports / USD_PER_BN, "imports": cars.imports / USD_PER_BN}
    single = {flow: cars.own_values(flow).set_index("year")["value_usd_mn"] / MN_PER_BN for flow in flows}
    first = min(int(s.index[0]) for s in (*flows.values(), *single.values()) if len(s))

    def draw() -> Figure:
        drawn, axes = theme.panels(3.0, columns=2, sharey=True)
        for ax, (flow, series), colour in zip(axes, flows.items(), (EXPORTS, IMPORTS), strict=True):
            ax.bar(series.index, series, color=colour, width=0.66, alpha=0.8)
            years = [int(year) for year in series.index]
            for year in (years[0], years[int(series.to_numpy().argmax())], years[-1]):
                ax.text(year, series[year], number(series[year], 1), ha="center", va="bottom", fontsize=8.5, color=INK)
            alone = single[flow]
            ax.scatter(alone.index, alone, color="white", edgecolor=INK, s=18, zorder=3, linewidth=1.3, clip_on=False)
            for at in alone.iloc[:1].items():
                text = f"{WORDS.label('cars_alone')} {at[1]:.1f}".replace(" ", "\n")
                theme.note(ax, text, at, (0, 5), size=7.8, edge=False, ha="center", va="bottom")
            ax.set_title(WORDS.labels("flows")[flow], fontsize=9.5, pad=14)
            ax.set_xlim(first - 0.7, years[-1] + 0.7)
            theme.year_ticks(ax, first, years[-1], 2, dates=False)
            theme.mark_in_force(ax, study.agreement.dates.in_force)
            theme.bare(ax)
        axes[0].set_ylabel(WORDS.label("value_axis"))
        return drawn

    data = pd.DataFrame(flows).join(pd.DataFrame(single).add_suffix("_passenger_cars"), how="outer")
    last = str(max(int(s.index[-1]) for s in flows.values()))
    return Picture(of=cars, data=data.rename_axis("year").reset_index(), last=last, draw=draw)
