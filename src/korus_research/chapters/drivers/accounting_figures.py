"""Accounting of both flows: bars that add up exactly, by span."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.words.text import Words

WORDS = Words("drivers")
VOLUME, PRICE, WHOLE = "#5E5E5E", "#B9B6AF", "#8A8A8A"


@figure("accounting", tables=("goods_trade_monthly", "import_demand_annual", "macro_annual"))
def accounting_bars(study: Study) -> Picture:
    """Return the exact split of the change of exports by span: the partner's import volume and prices, the US share."""
    return _bars(study, "exports", held=_held_as(drivers_of(study).accounts["exports"]))


@figure("import-accounting", tables=("goods_trade_monthly", "macro_annual"))
def import_accounting_bars(study: Study) -> Picture:
    """Return the exact split of the change of imports by span: US import volume and prices, the partner's share."""
    return _bars(study, "imports")


def _held_as(table: pd.DataFrame) -> str:
    """Return which years of the buyer's total imports are not final or are missing, from the data; empty for none."""
    known, years = WORDS.labels("status"), [int(year) for year in table.index]
    by_status: dict[str, list[str]] = {}
    for year, status in zip(years, table["status"].str.partition("_")[0], strict=True):
        if status in known:
            by_status.setdefault(status, []).append(str(year))
    if missing := [str(year) for year in range(min(years), max(years)) if year not in years]:
        by_status["missing"] = missing
    return ", ".join(WORDS.label(f"status.{status}", years=found) for status, found in by_status.items())


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
        axes[0][0].set_xlabel(WORDS.label("usd"), loc="left")
        return drawn

    parts = [split.assign(first=a, last=b).rename_axis("part").reset_index() for (a, b), split in splits.items()]
    return Picture(of=drivers, data=pd.concat(parts, ignore_index=True), draw=draw, last=str(end), given=given)


def _shown(split: pd.Series[float], parts: list[str]) -> dict[str, float]:
    """Return the parts that are drawn: total imports as one only where volume and price are not held."""
    whole = split.isna().any()
    return {k: float(split[k]) for k in parts if k in split.dropna() and (k != "imports_total" or whole)}
