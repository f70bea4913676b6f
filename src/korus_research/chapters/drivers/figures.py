"""Figures of the drivers: predicted paths, the real exchange rate, import volume; and what other chapters say beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.errors import MissingInput
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show.declared import Value, made
from korus_research.show.shown import Picture, figure
from korus_research.show.theme import (
    EXPORTS,
    IMPORTS,
    INK,
    OTHERS,
    PARTNER,
    QUIET,
    bare,
    label_ends,
    mark_in_force,
    note,
    panels,
)
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    import matplotlib.figure
    from matplotlib.axes import Axes

    from korus_research.chapters.drivers.measures import Drivers
    from korus_research.data.study import Study
    from korus_research.show.words.prose import Prose

WORDS = Words("drivers")
TICKS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300)
EQUATION = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual")
COLOURS: dict[Flow, str] = {"exports": EXPORTS, "imports": IMPORTS}
DASHED: dict[str, Any] = {"linestyle": (0, (4, 2))}


def drivers_beside(study: Study) -> Prose | None:
    """Return how what the equation leaves over stands to the gap of the counterfactual; None where there is none."""
    drivers = drivers_of(study)
    left = drivers.findings()["drivers.exports.evaluation.unexplained"]
    year = drivers.evaluation_year
    try:
        effects = counterfactual_of(study)
    except MissingInput:
        return None
    paths = effects.main["exports"].paths
    if year is None or year not in paths.index or left.low is None or left.high is None:
        return None
    gap = float(paths["actual"].loc[year] - paths["synthetic"].loc[year]) / MN_PER_BN
    there = effects.findings()["counterfactual.exports.beyond_chance"]
    both = tuple(dict.fromkeys((*left.datasets, *there.datasets)))
    says = {"noun": WORDS.label("noun.exports", **drivers.study_names)}
    found = {"gap": gap, "room": min(gap - left.low, left.high - gap)}
    values = [Value(f"beside.{k}", v, str(year), says=says, basis=there.basis, tables=both) for k, v in found.items()]
    beside = made("drivers", values, drivers.findings().names)
    return WORDS.say("beside", [drivers, effects, beside])


@figure("path", tables=EQUATION, id="drivers")
def export_path(study: Study) -> Picture:
    """Return actual exports against the path that the partner's demand and the exchange rate predict."""
    return _path(study, "exports")


@figure("path", tables=EQUATION, id="drivers")
def import_path(study: Study) -> Picture:
    """Return actual imports against the path that the reporter's demand and the exchange rate predict."""
    return _path(study, "imports")


def _path(study: Study, flow: Flow) -> Picture:
    drivers = drivers_of(study)
    before, main = drivers.before, drivers.main(flow)
    actual = drivers.table[flow].loc[drivers.plan.sample.first_year :] / MN_PER_BN
    years, start = [before, *main.prediction.years], float(actual.loc[before])

    def from_start(path: Any) -> list[float]:
        return [start, *(path / MN_PER_BN)]

    paths = {
        e.specification.id: from_start(e.prediction.central) for e in drivers.of_demand(flow, "income") if e is not main
    }
    ends = {"predicted": main.prediction.central, "low": main.prediction.low, "high": main.prediction.high}
    predicted = pd.DataFrame({**{name: from_start(each) for name, each in ends.items()}, **paths}, index=years)

    def draw() -> matplotlib.figure.Figure:
        drawn, ax = panels(3.3)
        _draw_lines(ax, actual, predicted, list(paths), COLOURS[flow])
        mark_in_force(ax, study.agreement.dates.in_force)
        _name_lines(ax, actual, predicted, list(paths), COLOURS[flow])
        return drawn

    data = pd.DataFrame({"year": actual.index, "actual_usd_bn": actual.to_numpy()}).set_index("year")
    names = study.names
    whose = names["partner_adjective" if flow == "exports" else "reporter_adjective"]
    given = {"flow": flow, "whose": whose, "noun": WORDS.label(f"noun.{flow}", **names)}
    return Picture(
        of=drivers,
        data=data.join(predicted).reset_index(),
        draw=draw,
        last=str(years[-1]),
        given=given,
        suffix=f"-{flow}-path",
    )


def _draw_lines(ax: Axes, actual: pd.Series[float], predicted: pd.DataFrame, others: list[str], colour: str) -> None:
    from matplotlib.ticker import FixedLocator, NullLocator, StrMethodFormatter

    years, low, high = predicted.index, predicted["low"], predicted["high"]
    ax.fill_between(years, low, high, color=colour, alpha=0.13, linewidth=0)
    for name in others:
        ax.plot(years, predicted[name], color=OTHERS, linewidth=0.9, **DASHED)
    ax.plot(years, predicted["predicted"], color=colour, linewidth=1.8, **DASHED)
    ax.plot(actual.index, actual, color=colour, linewidth=2.3)
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(FixedLocator(TICKS))
    ax.yaxis.set_major_formatter(StrMethodFormatter("{x:.0f}"))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.set_ylim(min(*low, *actual) * 0.93, max(*high, *actual) * 1.06)
    bare(ax)
    first, last = int(actual.index[0]), int(years[-1])
    ax.set_xlim(first, last + (last - first) * 0.2)
    ax.set_xticks([y for y in actual.index if y % 5 == 0])
    ax.set_ylabel(WORDS.label("path_axis"))


def _name_lines(ax: Axes, actual: pd.Series[float], predicted: pd.DataFrame, others: list[str], colour: str) -> None:
    last, lines = float(predicted.index[-1]), WORDS.labels("lines")
    ends = [
        (last, float(actual.iloc[-1]), lines["actual"], colour),
        (last, float(predicted["predicted"].iloc[-1]), lines["predicted"], colour),
    ]
    if others:
        middle = sorted(predicted[others].iloc[-1])[len(others) // 2]
        ends.append((last, float(middle), lines["others"], QUIET))
    label_ends(ax, ends, x=last, strong=(lines["actual"], lines["predicted"]))


@figure("currency", tables=EQUATION[1:])
def real_exchange_rate(study: Study) -> Picture:
    """Return the real value of the partner's currency in dollars beside the others', year before entry = 100."""
    drivers = drivers_of(study)
    table, called = drivers.currencies.loc[drivers.plan.sample.first_year :], _called(study)

    def draw() -> matplotlib.figure.Figure:
        drawn, ax = panels(3.0)
        ends, own = [], drivers.iso3
        for iso3 in (*(c for c in table.columns if c != own), own):
            line, mine = table[iso3].dropna(), iso3 == own
            ax.plot(line.index, line, color=PARTNER if mine else OTHERS, linewidth=2.3 if mine else 1.1)
            last = (float(line.index[-1]), float(line.iloc[-1]))
            ends.append((*last, called.get(iso3, iso3), PARTNER if mine else QUIET))
        ax.axhline(100, color="#8A8A8A", linewidth=0.8)
        bare(ax)
        first, end = int(table.index[0]), int(table.index[-1])
        ax.set_xlim(first, end + (end - first) * 0.14)
        ax.set_xticks([y for y in table.index if y % 5 == 0])
        mark_in_force(ax, study.agreement.dates.in_force)
        ax.set_ylabel(WORDS.label("currency_axis", year=str(drivers.before)))
        label_ends(ax, ends, x=float(end), strong=(called[own],), size=8.5)
        return drawn

    return Picture(of=drivers, data=table.rename_axis("year").reset_index(), draw=draw, last=str(drivers.last))


def _called(study: Study) -> dict[str, str]:
    """Return how charts name economies, by code."""
    a = study.agreement
    short = {c.iso3: c.name for c in (*a.comparators, *a.context_partners)}
    return {**short, a.reporter.iso3: a.reporter.short, a.partner.iso3: a.partner.short}


@figure("volume", tables=EQUATION[2:])
def import_volume(study: Study) -> Picture:
    """Return average growth of import volume before and after entry into force, by economy."""
    drivers = drivers_of(study)
    end = drivers.evaluation_year or drivers.last
    table = drivers.growth(end).dropna(subset=["volume_before", "volume_after"]).sort_values("volume_after")

    def draw() -> matplotlib.figure.Figure:
        drawn, ax = panels(0.29 * len(table) + 0.75)
        _dumbbells(ax, table, drivers, _called(study))
        ax.set_xlabel(WORDS.label("pace_axis"), loc="left")
        return drawn

    return Picture(of=drivers, data=table.rename_axis("iso3").reset_index(), draw=draw, last=str(end))


def _dumbbells(ax: Axes, table: pd.DataFrame, drivers: Drivers, called: dict[str, str]) -> None:
    """Draw a line an economy from growth before (hollow) to growth after (filled), the spans named at the top."""
    spans = [drivers.findings()[f"drivers.volume.evaluation.{when}"].period for when in ("before", "after")]
    for place, (iso3, row) in enumerate(table.iterrows()):
        mine = iso3 == drivers.iso3
        colour = PARTNER if mine else QUIET
        then, now = float(row["volume_before"]), float(row["volume_after"])
        ax.plot([then, now], [place, place], color=PARTNER if mine else OTHERS, linewidth=2, zorder=1)
        ax.scatter(then, place, color="#FFFFFF", edgecolor=colour, s=42, linewidth=1.6, zorder=3)
        ax.scatter(now, place, color=colour, s=42, zorder=3)
        if place == len(table) - 1:
            for x, text in zip((then, now), spans, strict=True):
                side = "left" if x == max(then, now) else "right"
                note(ax, text, (x, place), (0, 8), edge=False, ha=side)
    ax.set_yticks(range(len(table)), [called.get(str(iso3), str(iso3)) for iso3 in table.index])
    ax.set_ylim(-0.6, len(table) - 0.2)
    for tick, iso3 in zip(ax.get_yticklabels(), table.index, strict=True):
        tick.set_color(PARTNER if iso3 == drivers.iso3 else INK)
    ax.axvline(0, color="#8A8A8A", linewidth=0.8)
    bare(ax, grid="x")
    ax.tick_params(axis="y", length=0)
