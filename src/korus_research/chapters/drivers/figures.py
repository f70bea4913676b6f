"""Figures of the drivers: predicted paths, exchange rate, import volume, accounting."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.drivers.findings import EQUATION, flow_names
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.data.study import Study, known
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show.declared import Value, made
from korus_research.show.shown import Picture, Prose, Words, figure, number, theme

WORDS = Words("drivers")
TICKS = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300)
VOLUME, PRICE, WHOLE = theme.QUIET, theme.LEADER, theme.AXIS
MIDDLE = (0.1, 0.9)  # of the other currencies, drawn as a band
DASHED: dict[str, Any] = {"linestyle": (0, (4, 2))}


def drivers_beside(study: Study) -> Prose | None:
    """Return the equation's unexplained part beside the counterfactual's gap in words; None without either."""
    drivers, effects = drivers_of(study), known(counterfactual_of, study)
    if effects is None:
        return None
    left = drivers.findings()["drivers.exports.evaluation.unexplained"]
    year, paths = drivers.evaluation_year, effects.main["exports"].paths
    if year is None or year not in paths.index or left.low is None or left.high is None:
        return None
    gap = float(paths["actual"].loc[year] - paths["synthetic"].loc[year]) / MN_PER_BN
    there = effects.findings()["counterfactual.exports.beyond_chance"]
    both, says = tuple(dict.fromkeys((*left.datasets, *there.datasets))), flow_names(drivers, "exports")
    found = {"gap": gap, "room": min(gap - left.low, left.high - gap)}
    values = [Value(f"beside.{k}", v, str(year), says=says, basis=there.basis, tables=both) for k, v in found.items()]
    return WORDS.say("beside", [drivers, effects, made("drivers", values, drivers.findings().names)])


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
    main, actual = drivers.main(flow), drivers.table[flow].loc[drivers.plan.sample.first_year :] / MN_PER_BN
    years = [drivers.before, *main.prediction.years]
    others = {e.specification.id: e.prediction.central for e in drivers.of_demand(flow, "income") if e is not main}
    lines = {"predicted": main.prediction.central, "low": main.prediction.low, "high": main.prediction.high, **others}
    start = float(actual.loc[drivers.before])
    predicted = pd.DataFrame({name: [start, *(line / MN_PER_BN)] for name, line in lines.items()}, index=years)

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(3.3)
        colour, low, high = theme.COLOURS[flow], predicted["low"], predicted["high"]
        ax.fill_between(years, low, high, color=colour, alpha=0.13, linewidth=0)
        for name in others:
            ax.plot(years, predicted[name], color=theme.OTHERS, linewidth=0.9, **DASHED)
        names = WORDS.labels("lines")
        ax.plot(years, predicted["predicted"], color=colour, linewidth=1.8, label=names["predicted"], **DASHED)
        ax.plot(actual.index, actual, color=colour, linewidth=2.3, label=names["actual"])
        theme.log_axis(ax, TICKS)
        ax.set_ylim(min(*low, *actual) * 0.93, max(*high, *actual) * 1.06)
        _year_axis(ax, actual.index, years[-1], room=0.2)
        ax.set_ylabel(WORDS.label("path_axis"))
        theme.mark_in_force(ax, study.agreement.dates.in_force)
        last = float(years[-1])
        ends = [(last, float(actual.iloc[-1]), names["actual"], colour)]
        ends += [(last, float(predicted["predicted"].iloc[-1]), names["predicted"], colour)]
        if others:
            middle = sorted(predicted[list(others)].iloc[-1])[len(others) // 2]
            ends.append((last, float(middle), names["others"], theme.QUIET))
        theme.label_ends(ax, ends, x=last, strong=(names["actual"], names["predicted"]))
        return drawn

    return Picture(
        of=drivers,
        data=actual.rename("actual_usd_bn").rename_axis("year").to_frame().join(predicted).reset_index(),
        draw=draw,
        last=str(years[-1]),
        given=flow_names(drivers, flow),
        suffix=f"-{flow}-path",
    )


def _year_axis(ax: theme.Axes, years: pd.Index[int], last: int, *, room: float) -> None:
    """Set ticks every five years, with `room` (a share of the axis) at the end for line labels."""
    theme.bare(ax)
    ax.set_xlim(years[0], last + (last - years[0]) * room)
    theme.year_ticks(ax, int(years[0]), last, 5, dates=False)


@figure("currency", tables=(*EQUATION[1:], "currencies_annual"))
def real_exchange_rate(study: Study) -> Picture | None:
    """Return the real value of the currency in dollars beside all others and their median, year before entry = 100."""
    drivers = drivers_of(study)
    real, own = drivers.beside["real"], drivers.iso3
    if own not in real or drivers.before not in real.index:
        return None
    table = 100 * real / real.loc[drivers.before]
    table = table.loc[: drivers.last]
    others, name = table.drop(columns=own), study.names["currency"]
    median = others.median(axis=1)

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(3.0)
        last, text = float(table.index[-1]), WORDS.label("median")
        low, high = others.quantile(MIDDLE, axis=1).to_numpy()
        ax.fill_between(table.index, low, high, color=theme.BAND, linewidth=0, zorder=0)
        ax.plot(median.index, median, color=theme.INK, linewidth=1.6, label=text, **DASHED)
        ax.plot(table.index, table[own], color=theme.PARTNER, linewidth=2.4, label=name)
        ax.axhline(100, color=theme.AXIS, linewidth=0.8)
        _year_axis(ax, table.index, int(last), room=0.24)
        theme.mark_in_force(ax, study.agreement.dates.in_force)
        ax.set_ylabel(WORDS.label("currency_axis", year=str(drivers.before)))
        ends = [
            (last, float(table[own].iloc[-1]), name, theme.PARTNER),
            (last, float(median.iloc[-1]), text, theme.INK),
            (last, float(low[-1]), WORDS.label("middle"), theme.QUIET),
        ]
        theme.label_ends(ax, ends, x=last, strong=(name,), size=8.5)
        return drawn

    data = table.assign(median_of_others=median).rename_axis("year").reset_index()
    return Picture(of=drivers, data=data, draw=draw, last=str(drivers.last))


@figure("volume", tables=EQUATION[2:])
def import_volume(study: Study) -> Picture:
    """Return average growth of import volume before and after entry into force, by economy."""
    drivers = drivers_of(study)
    end = drivers.evaluation_year or drivers.last
    table = drivers.growth(end).dropna(subset=["volume_before", "volume_after"]).sort_values("volume_after")

    called, findings = drivers.called, drivers.findings()

    def draw() -> theme.Figure:
        drawn, ax = theme.panels(0.29 * len(table) + 0.75)
        # A line an economy from growth before (hollow) to growth after (filled), the spans named at the top.
        ends = zip(table.index, table["volume_before"], table["volume_after"], strict=True)
        for place, (iso3, *pace) in enumerate(ends):
            mine = iso3 == drivers.iso3
            colour = theme.PARTNER if mine else theme.QUIET
            ax.plot(pace, [place, place], color=theme.PARTNER if mine else theme.OTHERS, linewidth=2, zorder=1)
            ax.scatter(pace[0], place, color=theme.PAPER, edgecolor=colour, s=42, linewidth=1.6, zorder=3)
            ax.scatter(pace[1], place, color=colour, s=42, zorder=3)
        for x, when in zip(pace, ("before", "after"), strict=True):
            text = findings[f"drivers.volume.evaluation.{when}"].period
            theme.note(ax, text, (x, place), (0, 8), edge=False, ha="left" if x == max(pace) else "right")
        ax.set_yticks(range(len(table)), [called.get(str(iso3), str(iso3)) for iso3 in table.index])
        ax.set_ylim(-0.6, len(table) - 0.2)
        for tick, iso3 in zip(ax.get_yticklabels(), table.index, strict=True):
            tick.set_color(theme.PARTNER if iso3 == drivers.iso3 else theme.INK)
        theme.value_axis(ax)
        ax.set_xlabel(WORDS.label("pace_axis"), loc="left")
        return drawn

    return Picture(of=drivers, data=table.rename_axis("iso3").reset_index(), draw=draw, last=str(end))


@figure("accounting", tables=("goods_trade_monthly", "import_demand_annual", "macro_annual"))
def accounting_bars(study: Study) -> Picture:
    """Return the exact split of the change of exports by span: the partner's import volume and prices, the US share."""
    return _bars(study, "exports", held=_held_as(drivers_of(study).accounts["exports"]))


@figure("import-accounting", tables=("goods_trade_monthly", "macro_annual"))
def import_accounting_bars(study: Study) -> Picture:
    """Return the exact split of the change of imports by span: US import volume and prices, the partner's share."""
    return _bars(study, "imports")


def _held_as(table: pd.DataFrame) -> str:
    """Return in words which years of the buyer's total imports are not final, or missing; empty for none."""
    known, years, status = WORDS.labels("status"), table.index, table["status"].str.partition("_")[0]
    found = {one: [str(year) for year in years[status == one]] for one in status.unique() if one in known}
    found["missing"] = [str(year) for year in range(years[0], years[-1]) if year not in years]
    return ", ".join(WORDS.label(f"status.{one}", years=held) for one, held in found.items() if held)


def _bars(study: Study, flow: Flow, **given: str) -> Picture:
    drivers = drivers_of(study)
    table, first, end = drivers.accounts[flow], drivers.baseline_year, drivers.accounting_last(flow)
    held = table.index[table["volume"].notna()].tolist()
    wanted = {first, drivers.evaluation_year, *held[-1:], end}
    stops = sorted(year for year in wanted if year is not None and year in table.index and year >= first)
    splits = {span: drivers.split(*span, flow) for span in pairwise(stops)}
    own = theme.COLOURS[flow]
    colours = {"volume": VOLUME, "price": PRICE, "imports_total": WHOLE, "share": own, flow: theme.INK}
    shown = {span: _shown(split["usd_mn"] / MN_PER_BN, list(colours)) for span, split in splits.items()}

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(2.3, columns=len(shown), sharex=True, sharey=True, squeeze=False)
        rows = [part for part in colours if any(part in found for found in shown.values())]
        names = [WORDS.label(f"parts.{flow}.{part}", **study.names) for part in rows]
        values = [value for found in shown.values() for value in found.values()]
        reach = max(abs(value) for value in values)
        for ax, (span, found) in zip(axes[0], shown.items(), strict=True):
            for part, value in found.items():
                place = len(rows) - rows.index(part)
                ax.barh(place, value, color=colours[part], height=0.62)
                text = number(value, 1, signed=True)
                theme.beyond(ax, value, place, text, 0.02 * reach, fontsize=8.5, color=theme.INK)
            theme.value_axis(ax)
            ax.set_title(WORDS.label("span", first=str(span[0]), last=str(span[1])), fontsize=9.5)
            ax.set_xlim(min(0.0, *values) - 0.5 * reach, max(0.0, *values) + 0.4 * reach)
            ax.set_yticks([len(rows) - place for place in range(len(rows))], names)
        axes[0][-1 if theme.narrow() else 0].set_xlabel(WORDS.label("usd"), loc="left")
        return drawn

    parts = [split.assign(first=a, last=b).rename_axis("part").reset_index() for (a, b), split in splits.items()]
    return Picture(of=drivers, data=pd.concat(parts, ignore_index=True), draw=draw, last=str(end), given=given)


def _shown(split: pd.Series[float], parts: list[str]) -> dict[str, float]:
    """Return the parts that are drawn: total imports as one only where volume and price are not held."""
    whole = split.isna().any()
    return {k: float(split[k]) for k in parts if k in split.dropna() and (k != "imports_total" or whole)}
