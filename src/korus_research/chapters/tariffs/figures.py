"""Figures of the duties calculated at entry: rates by month, and the duty saved beside the duty added."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from korus_research.chapters.tariffs.added import OTHERS as ALL_OTHERS
from korus_research.chapters.tariffs.measures import MATCHED, Tariffs, of as tariffs_of
from korus_research.data.study import Study
from korus_research.methods.series import USD_PER_BN
from korus_research.show.shown import Picture, Words, figure, number, theme
from korus_research.show.theme import BALANCE, IMPORTS, OTHERS, QUIET, STRONG, month_ends, on_axis

WORDS = Words("tariffs")
LEAD_IN = 9  # months before the added duties in their panel


@figure("rates", tables=("realised_duties_monthly", "partner_duties_monthly"))
def duty_rates(study: Study) -> Picture:
    """Return realised duties by month: the partner, all other partners, and partners without an agreement."""
    tariffs = tariffs_of(study)
    added, before = tariffs.added, tariffs.rates.loc[: tariffs.last_before_added]
    recent = None if added is None else tariffs.rates.loc[added.since - LEAD_IN :]

    def draw() -> theme.Figure:
        ratios = [1] if added is None else [1.6, 1]
        drawn, axes = theme.panels(
            2.9, columns=len(ratios), narrow=2.45 * len(ratios), width_ratios=ratios, squeeze=False
        )
        left = axes[0][0]
        _panel(left, tariffs, before)
        _years(left, before, room=0.27 if added is None else 0.02, step=4 if len(before) > 80 else 1)
        theme.mark_dates(left, _step_days(study, tariffs))
        left.set_ylabel(WORDS.label("rate_axis"))
        if added is None or recent is None:
            _named(left, tariffs, before)
            return drawn
        right = axes[0][1]
        _panel(right, tariffs, recent)
        _years(right, recent, room=0.1, step=1)
        _named(right, tariffs, recent)
        theme.mark_dates(right, [(date(added.since.year, added.since.month, 1), "")])
        _inside(left, tariffs, before)
        left.set_title(WORDS.label("before_added"), pad=16)
        right.set_title(WORDS.label("since_added"), pad=16)
        return drawn

    called = {**tariffs.partner_names, **WORDS.labels("partners")}
    data = tariffs.to_frame().assign(name=lambda frame: [called.get(code, code) for code in frame["partner"]])
    return Picture(of=tariffs, data=data, last=tariffs.last_month, draw=draw)


def _panel(ax: theme.Axes, tariffs: Tariffs, rates: pd.DataFrame) -> None:
    days = month_ends(rates.index)
    for code, colour, width in ((MATCHED, OTHERS, 1.2), (ALL_OTHERS, BALANCE, 1.6), (tariffs.partner, IMPORTS, 2.3)):
        name = WORDS.labels("partners").get(code) or tariffs.partner_names[code]
        ax.plot(days, rates[code], color=colour, linewidth=width, label=name)
    theme.tips(ax, unit=WORDS.label("percent"), decimals=1)
    ax.set_ylim(
        0, float(rates[[tariffs.partner, ALL_OTHERS, MATCHED]].max().max()) * (1.25 if theme.narrow() else 1.15)
    )
    theme.bare(ax)


def _years(ax: theme.Axes, rates: pd.DataFrame, *, room: float, step: int) -> None:
    days = month_ends(rates.index)
    first, last = on_axis(days[0].date()), _end(rates)
    ax.set_xlim(first, last + (last - first) * room)
    theme.year_ticks(ax, days[0].year + 1, days[-1].year, step)


def _step_days(study: Study, tariffs: Tariffs) -> list[tuple[date, str]]:
    """Return the day of each step with the label of its hairline: `in force`, or the goods."""
    dates = [step.date for step in tariffs.steps[1:]]
    later = [(date(step.month.year, step.month.month, 1), step.goods.partition(" from ")[0]) for step in dates]
    return [(study.agreement.dates.in_force, Words("show").label("in_force")), *later]


def _line_name(tariffs: Tariffs, code: str) -> str:
    return WORDS.labels("lines").get(code) or tariffs.partner_names.get(code, code)


def _named(ax: theme.Axes, tariffs: Tariffs, rates: pd.DataFrame) -> None:
    """Write the names at the right; a line that ends earlier gets a leader from its last point."""
    colours = {tariffs.partner: IMPORTS, ALL_OTHERS: BALANCE, MATCHED: QUIET}
    held = {code: line for code in colours if len(line := rates[code].dropna())}
    ends = [(_end(line), float(line.iloc[-1]), _line_name(tariffs, c), colours[c]) for c, line in held.items()]
    strong = [_line_name(tariffs, code) for code in (tariffs.partner, ALL_OTHERS)]
    theme.label_ends(ax, ends, x=_end(rates), strong=strong)


def _end(rates: pd.DataFrame | pd.Series[float]) -> float:
    """Return where the last month of rates stands on the axis."""
    return on_axis(month_ends(rates.index)[-1].date())


def _inside(ax: theme.Axes, tariffs: Tariffs, rates: pd.DataFrame) -> None:
    """Write the names beside the lines, where the end of the panel leaves no room for them."""
    own = rates[tariffs.partner].dropna()
    others, matched = rates[ALL_OTHERS].dropna(), rates[MATCHED].dropna()
    at = int(len(own) * 0.75)
    placed = [(own.index[at], float(own.iloc[at : at + 24].max()), tariffs.partner, IMPORTS, "center")]
    if len(others):
        placed.append((others.idxmax(), float(others.max()), ALL_OTHERS, BALANCE, "center"))
    if len(matched):
        placed.append((matched.index[6], float(matched.iloc[:40].max()), MATCHED, QUIET, "left"))
    for month, y, code, colour, side in placed:
        x, weight = on_axis(date(month.year, month.month, 15)), STRONG if colour != QUIET else 400
        name = _line_name(tariffs, code)
        theme.note(ax, name, (x, y), (0, 4), size=8.5, colour=colour, fontweight=weight, ha=side, va="bottom")


@figure("saved", tables=("realised_duties_monthly", "sector_imports_annual", "sector_duties_annual"))
def duty_saved(study: Study) -> Picture:
    """Return the duty saved by year in both readings, and the duty added since."""
    tariffs = tariffs_of(study)
    annual, monthly, added = tariffs.savings.annual, tariffs.savings.monthly, tariffs.added
    base, months = _by_year(monthly.loc[: tariffs.last_before_added])
    first = monthly.index[0].year + 1
    matched, all_rates = (
        (annual[column].loc[first : tariffs.year_before_added] / USD_PER_BN).dropna()
        for column in ("matched_usd", "levied_usd")
    )
    more, more_months = _by_year(monthly.iloc[:0] if added is None else added.monthly)
    rows = pd.DataFrame({"saved_usd_bn": base, "months": months, "saved_by_industry_usd_bn": matched})
    rows["saved_by_industry_at_all_rates_usd_bn"] = all_rates
    rows = rows.join(pd.DataFrame({"added_usd_bn": more, "added_months": more_months}), how="outer")
    data = rows.rename_axis("year").reset_index()
    totals = [WORDS.label(f"{kind}_total", tariffs) for kind in ("saved", "added")[: 1 + (added is not None)]]
    return Picture(of=tariffs, data=data, last=tariffs.last_month, draw=lambda: _bars(base, more, totals))


def _by_year(monthly: pd.Series[float]) -> tuple[pd.Series[float], pd.Series[int]]:
    """Return the sums by year, USD billion, and how many months are in each."""
    held = monthly.dropna() / USD_PER_BN
    years = held.groupby(pd.PeriodIndex(held.index, freq="M").year)
    return years.sum(), years.size()


def _bars(base: pd.Series[float], more: pd.Series[float], totals: list[str]) -> theme.Figure:
    drawn, ax = theme.panels(2.7, narrow=2.9)
    kinds = {"saved": (base, QUIET, 1.0), "added": (more, IMPORTS, -1.0)}
    for (years, colour, side), total in zip(kinds.values(), totals, strict=False):
        ax.bar(years.index, years * side, color=colour, width=0.7, label=total.partition(",")[0])
    theme.tips(ax, unit=WORDS.label("saved_axis"), decimals=1)
    ax.axhline(0, color=theme.AXIS, linewidth=0.8)
    top, low = float(base.max()), float(more.max()) if len(more) else 0.0
    style: dict[str, Any] = {"fontsize": 10, "fontweight": STRONG, "color": BALANCE}
    width = 28 if theme.narrow() else 60
    ax.text(base.index[0] - 0.35, top * 1.2, theme.wrapped(totals[0], width), va="bottom", ha="left", **style)
    if len(more):
        style |= {"color": IMPORTS}
        ax.text(more.index[0] - 0.6, -low * 0.6, theme.wrapped(totals[1], width), va="center", ha="right", **style)
    ax.set_ylim(-low * 1.06, top + 0.25 * (top + low))
    shown = [int(year) for year in (*base.index, *more.index)]
    ax.set_xlim(min(shown) - 0.6, max(shown) + 0.6)
    theme.year_ticks(ax, min(shown), max(shown), 2 if len(base) > 9 else 1, dates=False)
    ax.yaxis.set_major_formatter(lambda value, _: number(abs(float(value)), 0 if top + low > 4 else 1))
    ax.set_ylabel(WORDS.label("saved_axis"))
    theme.bare(ax)
    return drawn
