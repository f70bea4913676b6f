"""Figures of vehicles: makers' points beside the allowance, duties by date, values by year."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from korus_research.chapters.cars.measures import of as cars_of
from korus_research.chapters.cars.points import OF_ALL, OF_ONE_MAKER
from korus_research.methods.series import MN_PER_BN, USD_PER_BN
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import number
from korus_research.show.theme import (
    BALANCE,
    EXPORTS,
    IMPORTS,
    INK,
    QUIET,
    STRONG,
    bare,
    halo,
    label_ends,
    mark_in_force,
    on_axis,
    year_ticks,
)
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.chapters.cars.result import Cars
    from korus_research.data.study import Study

POINTS = ("vehicle_points",)
VALUES = ("sector_exports_annual", "sector_imports_annual", "car_values")
MARKS = {"us_built": "^", "us_made": "o", "brand": "s", "exported": "D", "ceiling": "v"}
COUNTED = {
    "us_built": "built in the US, imported",
    "us_made": "made in the US, sold",
    "brand": "sold under the brand, wherever built",
    "exported": "exported from the US",
    "allowance": "brought in under the allowance",
}
CEILING = "at most: a ceiling that was named"
NAMED_FROM = 25.0  # percent of the allowance: smaller points that bound nothing go without a name
THOUSAND = 1000.0
NEAR = 0.6, 8.0  # years and thousands within which a point above leaves no room for a name


def maker_points(study: Study) -> Figure:
    """Return every point of makers' vehicles beside the allowance: markers by definition, and no line through them."""
    cars = cars_of(study)
    end = int(study.parameters.as_of[:4]) + 1
    start = study.agreement.dates.in_force.year - 1
    findings = cars.findings()
    nearest, names = findings["cars.nearest.share"], findings.names
    alone = f"{names['single_maker']} in {names['single_year']}"
    told = f"{alone}, is {{cars.single.share}} of it"
    if nearest.value != findings["cars.single.share"].value:
        together = f"{names['nearest_makers']} together in {names['nearest_year']}"
        told = f"{together}, is {{cars.nearest.share}} of it, that of one maker, {alone}, {{cars.single.share}}"

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, (left, right) = plt.subplots(
            1, 2, figsize=(8.6, 3.7), width_ratios=[1.75, 1], sharey=True, layout="constrained"
        )
        groups = {left: [*OF_ONE_MAKER, "part"], right: [OF_ALL]}
        for ax, covers in groups.items():
            ax.set_xlim(start, end)
            _points(ax, cars, covers)
            _allowance(ax, cars, end, named=ax is left)
            bare(ax)
            year_ticks(ax, start + 1, end, 2 if end - start < 9 else 4 if ax is right else 2, dates=False)
        left.set_ylim(0, None)
        left.set_ylabel("thousand vehicles")
        left.set_title("One maker, or some together", fontsize=9.5)
        right.set_title("All makers that build there", fontsize=9.5)
        _legend(figure, cars)
        return figure

    return Figure(
        id="cars-makers",
        title=say(
            cars,
            f"Of {{cars.bounds:count}} {counts_noun(cars)} of makers' cars over a whole year, {{cars.bounds.reached:count}} {reach(cars, 'cars.bounds.reached')} the allowance; the nearest, {told}",
            keep=True,
        ),
        subtitle=f"Vehicles going to {study.names['partner']} by maker, thousand: single figures, each with its own definition",
        alt=say(
            cars,
            "Markers without lines, by year and definition, and the allowance as steps.",
            f"Nearest to it of one maker is {names['single_maker']} in {{cars.single.units@period}} with {{cars.single.units}} where {{cars.single.allowance}} are allowed.",
            "All makers that build in the United States together reach {cars.all.units} in {cars.all.units@period}.",
        ),
        caption=(
            "Steps: what each maker may ship in a year under US standards. Filled: all the cars of a maker, or of some together, over a whole year, which is at least what it ships under the allowance. "
            "Open: part of a year, some models only, or a ceiling above the allowance, which bounds nothing. Points of different definitions must not be joined or added."
        ),
        source=source_line(study, POINTS, cars.last_point),
        datasets=POINTS,
        data=cars.to_frame(),
        draw=draw,
        made_by="korus_research.chapters.cars.figures.maker_points",
        last_period=cars.last_point,
    )


def counts_noun(cars: Cars) -> str:
    """Return what the bounds by maker are in this edition: counts, ceilings, or both."""
    ceilings = cars.maker_bounds["ceiling"]
    return "counts" if not ceilings.any() else "ceilings" if ceilings.all() else "counts and ceilings"


def reach(cars: Cars, key: str) -> str:
    """Return the verb that agrees with a count: one and none reaches, more reach."""
    return "reaches" if cars.findings()[key].rounded in (0, 1) else "reach"


def _points(ax: Axes, cars: Cars, covers: list[str]) -> None:
    bounded = {tuple(row) for row in cars.bounds[["period", "definition", "units"]].itertuples(index=False)}
    named: set[tuple[str, int]] = set()
    first, last = ax.get_xlim()
    rows = cars.points[cars.points["covers"].isin(covers)].sort_values("units", ascending=False)
    places = [(_middle(row), row["units"] / THOUSAND) for row in rows.to_dict("records")]
    for row in rows.to_dict("records"):
        bounds = (row["period"], row["definition"], row["units"]) in bounded
        colour = QUIET if row["covers"] == OF_ALL else EXPORTS
        mark = MARKS["ceiling" if row["ceiling"] else row["counts"]]
        x, y = _middle(row), row["units"] / THOUSAND
        filled = bounds or (row["covers"] == OF_ALL and row["whole_year"] and not row["ceiling"])
        ax.scatter(
            x,
            y,
            marker=mark,
            s=34,
            color=colour if filled else "white",
            edgecolor=colour,
            linewidth=1.1,
            zorder=3,
            clip_on=not first <= x <= last,  # a mark near zero stands over the axis
        )
        key = (str(row["company"]), int(row["year"]))
        tall = 100 * row["units"] >= NAMED_FROM * _allowed(cars, int(row["year"]))
        if row["covers"] != OF_ALL and (bounds or tall) and key not in named:
            named.add(key)
            under = any(abs(x - a) < NEAR[0] and 0 < b - y < NEAR[1] for a, b in places)
            side = "left" if bounds and row["covers"] != "maker" else "right" if under else "center"
            ax.annotate(
                "each: at most" if row["ceiling"] else row["company"],
                (x, y),
                xytext={"left": (5, 0), "right": (-5, 0), "center": (0, 5)}[side],
                textcoords="offset points",
                fontsize=7.5,
                color=QUIET,
                va="bottom" if side == "center" else "center",
                ha=side,
                path_effects=halo(),
            )


def _allowed(cars: Cars, year: int) -> float:
    """Return the allowance of a year for deciding on a name; the first one for years before it."""
    terms = cars.spec.allowance
    return next((t.value for t in reversed(terms) if t.start.year <= year), terms[0].value)


def _middle(row: Mapping[Hashable, object]) -> float:
    """Return where a point stands on an axis of years: the middle of its period."""
    end = str(row["period_end"])
    return int(end[:4]) + (int(end[5:]) - int(str(row["months"])) / 2) / 12


def _allowance(ax: Axes, cars: Cars, end: int, *, named: bool) -> None:
    for place, term in enumerate(cars.spec.allowance):
        first = _year(term.start)
        last = min(_year(term.end) if term.end else float(end), float(end))
        if first >= last:
            continue
        level = term.value / THOUSAND
        ax.plot([first, last], [level, level], color=BALANCE, linewidth=2, solid_capstyle="butt", zorder=2)
        if not named and place == 0:
            ax.annotate(
                "allowance of one",
                (first, level),
                xytext=(2, -3),
                textcoords="offset points",
                fontsize=8,
                color=BALANCE,
                va="top",
                path_effects=halo(),
            )
        if named:
            what = "allowance of each maker" if place == 0 else "raised"
            ax.annotate(
                f"{what}: {level:,.0f}",
                (first, level),
                xytext=(2, 3),
                textcoords="offset points",
                fontsize=8,
                color=BALANCE,
                va="bottom",
                fontweight=STRONG,
                path_effects=halo(),
            )


def _year(day: date) -> float:
    return day.year + (day.timetuple().tm_yday - 1) / 365.25


def _legend(figure: matplotlib.figure.Figure, cars: Cars) -> None:
    from matplotlib.lines import Line2D

    drawn = cars.points[cars.points["year"] >= cars.spec.allowance[0].start.year - 1]
    shown = set(drawn.loc[~drawn["ceiling"], "counts"]) | ({"ceiling"} if drawn["ceiling"].any() else set())
    handles = [
        Line2D(
            [], [], marker=mark, linestyle="", color=QUIET, markersize=5.5, label={**COUNTED, "ceiling": CEILING}[key]
        )
        for key, mark in MARKS.items()
        if key in shown
    ]
    figure.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=8, handletextpad=0.1)


def car_duties(study: Study) -> Figure:
    """Return the duties on vehicles both ways by date, and those added to cars outside the agreement."""
    import pandas as pd

    cars = cars_of(study)
    last = pd.Period(study.parameters.as_of, freq="M").to_timestamp(how="end").date()
    first = date(study.agreement.dates.in_force.year - 2, 1, 1)
    series = {s.product: _steps([(t.start, t.value) for t in s.steps], first, last) for s in cars.spec.duties}
    colours = {s.product: IMPORTS if s.importer == study.agreement.reporter.iso3 else EXPORTS for s in cars.spec.duties}
    added = _steps(list(cars.spec.added), first, last) if cars.spec.added else []
    partner, reporter = study.names["partner"], study.agreement.reporter.short

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 2.9), layout="constrained")
        ends = []
        for product, steps in series.items():
            days, values = [on_axis(d) for d, _ in steps], [v for _, v in steps]
            wide = 2.2 if "truck" not in product else 1.2
            ax.step(days, values, where="post", color=colours[product], linewidth=wide)
            name = product.replace(f" from {partner}", " into the US").replace(
                f" from the {reporter}", f" into {partner}"
            )
            ends.append((days[-1], values[-1], name[:1].upper() + name[1:], colours[product]))
        if added:
            days, values = [on_axis(d) for d, _ in added], [v for _, v in added]
            ax.step(days, values, where="post", color=IMPORTS, linewidth=1.6, linestyle=(0, (1, 1.2)))
            ends.append((days[-1], values[-1], "Added: cars into the US", IMPORTS))
        ax.set_ylim(-0.6, None)
        bare(ax)
        end = on_axis(last)
        ax.set_xlim(on_axis(first), end + (end - on_axis(first)) * 0.33)
        year_ticks(ax, first.year, last.year, 2)
        ax.axvline(on_axis(study.agreement.dates.in_force), color="#777777", linewidth=0.7, linestyle=(0, (3, 2)))
        ax.text(
            on_axis(study.agreement.dates.in_force),
            1.0,
            " in force",
            transform=ax.get_xaxis_transform(),
            fontsize=8,
            color=QUIET,
            va="bottom",
        )
        ax.set_ylabel("percent ad valorem")
        label_ends(ax, ends, x=end, size=8.5)
        return figure

    rows = [(p, d.isoformat(), v) for p, steps in series.items() for d, v in steps[:-1]]
    rows += [("added to cars", d.isoformat(), v) for d, v in added[:-1]]
    return Figure(
        id="cars-duties",
        title=say(
            cars,
            f"Duty on cars into {partner}: {{cars.duty.theirs.before}} before {{agreement}}, {{cars.duty.theirs.now}} in {{as_of}} by its text; into the United States {{cars.duty.ours.before}} and {{cars.duty.ours.now}}",
            keep=True,
        ),
        subtitle="Duties on vehicles by the day they apply, percent ad valorem",
        alt=say(
            cars,
            "Step lines by product and direction.",
            f"Cars into {partner} go from {{cars.duty.theirs.before}} to {{cars.duty.theirs.now}}, cars into the United States from {{cars.duty.ours.before}} to {{cars.duty.ours.now}}, trucks into the United States stand at {{cars.duty.trucks.now}}.",
        ),
        caption="As laid down in the agreement and known in this edition."
        + (" Dotted: the duty added to cars outside the agreement, by the events of this edition." if added else ""),
        source=f"Source: agreements/{study.agreement.id}.toml, commitments and events, each with its source.",
        datasets=(f"agreements/{study.agreement.id}",),
        data=pd.DataFrame(rows, columns=["product", "from", "percent"]),
        draw=draw,
        made_by="korus_research.chapters.cars.figures.car_duties",
        last_period=study.parameters.as_of,
    )


def _steps(terms: list[tuple[date, float]], first: date, last: date) -> list[tuple[date, float]]:
    """Return the steps within a span, the value at its start first and the last one repeated at its end."""
    known = [(day, value) for day, value in terms if day <= last]
    before = [value for day, value in known if day <= first]
    steps = ([(first, before[-1])] if before else []) + [(day, value) for day, value in known if day > first]
    return [*steps, (last, steps[-1][1])] if steps else []


def car_values(study: Study) -> Figure:
    """Return exports of road vehicles and imports of transport equipment by year, with the single values of cars."""
    import pandas as pd

    cars = cars_of(study)
    flows = {"exports": (cars.exports, EXPORTS), "imports": (cars.imports, IMPORTS)}
    own = cars.values[(cars.values["partner"] == cars.spec.partner) & (cars.values["counted_by"] == "US")]

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(8.6, 3.0), sharey=True, layout="constrained")
        first = min(int(own["year"].min()) if len(own) else 9999, *(int(s.index[0]) for s, _ in flows.values()))
        for ax, (flow, (series, colour)) in zip(axes, flows.items(), strict=True):
            ax.bar(series.index, series / USD_PER_BN, color=colour, width=0.66, alpha=0.8)
            for place in (0, int(series.to_numpy().argmax()), -1):
                year, value = int(series.index[place]), float(series.iloc[place]) / USD_PER_BN
                ax.text(year, value, number(value, 1), ha="center", va="bottom", fontsize=8.5, color=INK)
            points = own[own["flow"] == flow]
            ax.scatter(
                points["year"],
                points["value_usd_mn"] / MN_PER_BN,
                color="white",
                edgecolor=INK,
                s=18,
                zorder=3,
                linewidth=1.3,
                clip_on=False,
            )
            for row in points.sort_values("year").head(1).to_dict("records"):
                ax.annotate(
                    f"cars\nalone\n{row['value_usd_mn'] / MN_PER_BN:.1f}",
                    (row["year"], row["value_usd_mn"] / MN_PER_BN),
                    xytext=(0, 5),
                    textcoords="offset points",
                    fontsize=7.8,
                    color=QUIET,
                    ha="center",
                    va="bottom",
                )
            ax.set_title(
                {"exports": "Exports of road vehicles", "imports": "Imports of transport equipment"}[flow],
                fontsize=9.5,
                pad=14,
            )
            ax.set_xlim(first - 0.7, int(series.index[-1]) + 0.7)
            year_ticks(ax, first, int(series.index[-1]), 2, dates=False)
            mark_in_force(ax, study.agreement.dates.in_force)
            bare(ax)
        axes[0].set_ylabel("USD billion")
        return figure

    table = pd.DataFrame({flow: series / USD_PER_BN for flow, (series, _) in flows.items()})
    single = own.pivot_table(index="year", columns="flow", values="value_usd_mn") / MN_PER_BN
    table = table.join(single.add_suffix("_passenger_cars"), how="outer")
    last = str(max(int(s.index[-1]) for s, _ in flows.values()))
    return Figure(
        id="cars-values",
        title=say(
            cars,
            "Exports of road vehicles to {partner} were {cars.exports.last} in {cars.exports.last@period} after {cars.exports.first} in {cars.exports.first@period}, imports of transport equipment {cars.imports.last} in {cars.imports.last@period} after {cars.imports.first}",
            keep=True,
        ),
        subtitle="USD billion a year; exports by chapter of the Harmonized System, imports for consumption by industry; one scale",
        alt=say(
            cars,
            "Bars by year, one panel a flow, and circles for cars alone.",
            "Exports change by {cars.exports.change:signed} ({cars.exports.change@period}), imports by {cars.imports.change:signed} ({cars.imports.change@period}).",
        ),
        caption="Bars hold parts, and those of imports aircraft and ships too. Circles: passenger cars alone as reported, in the years for which a figure was found.",
        source=source_line(study, VALUES, last),
        datasets=VALUES,
        data=table.rename_axis("year").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.cars.figures.car_values",
        last_period=last,
    )
