"""Figures of the duties calculated at entry: rates by month, and the duty saved beside the duty added."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.tariffs.added import OTHERS as ALL_OTHERS
from korus_research.chapters.tariffs.measures import MATCHED, Tariffs
from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.data.study import Study
from korus_research.methods.series import USD_PER_BN
from korus_research.show import theme
from korus_research.show.shown import Picture, figure
from korus_research.show.table import number
from korus_research.show.theme import BALANCE, IMPORTS, OTHERS, QUIET, STRONG, month_ends, on_axis
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WORDS = Words("tariffs")
LEAD_IN = 9  # months before the added duties in their panel
FAR = 1.6  # a peer whose rate goes further beyond all others than this would flatten them


@figure("rates", tables=("realised_duties_monthly", "partner_duties_monthly"))
def duty_rates(study: Study) -> Picture:
    """Show the realised duty by month: the partner, all other partners, and partners without an agreement."""
    tariffs = tariffs_of(study)
    added, before = tariffs.added, tariffs.rates.loc[: tariffs.last_before_added]
    recent = None if added is None else tariffs.rates.loc[added.since - LEAD_IN :]
    peers = _peers(tariffs, recent)

    def draw() -> Figure:
        ratios = [1] if added is None else [1.5, 1]
        drawn, axes = theme.panels(3.1, columns=len(ratios), width_ratios=ratios, squeeze=False)
        left = axes[0][0]
        _panel(left, tariffs, before, [])
        _years(left, before, room=0.27 if added is None else 0.04, step=2 if len(before) > 80 else 1)
        theme.mark_dates(left, _step_days(study, tariffs), level=1.0 if added is None else 0.97)
        left.set_ylabel(WORDS.label("rate_axis"))
        if added is None or recent is None:
            _named(left, tariffs, before, [MATCHED])
            return drawn
        right = axes[0][1]
        _panel(right, tariffs, recent, peers)
        _years(right, recent, room=0.75, step=1)
        _named(right, tariffs, recent, [MATCHED, *peers])
        theme.mark_dates(right, [(date(added.since.year, added.since.month, 1), "")])
        _inside(left, tariffs, before)
        left.set_title(WORDS.label("before_added"), fontsize=9.5)
        right.set_title(WORDS.label("since_added"), fontsize=9.5)
        return drawn

    called = {**tariffs.partner_names, **WORDS.labels("partners")}
    beyond = [] if recent is None else [called[c] for c in tariffs.peers if c not in peers and c in recent]
    data = tariffs.to_frame().assign(name=lambda frame: [called.get(code, code) for code in frame["partner"]])
    given = {"beyond_scale": beyond}
    return Picture(of=tariffs, data=data, last=tariffs.last_month, given=given, draw=draw)


def _panel(ax: Axes, tariffs: Tariffs, rates: pd.DataFrame, peers: list[str]) -> None:
    days = month_ends(rates.index)
    for code in (*peers, MATCHED):
        ax.plot(days, rates[code], color=OTHERS, linewidth=1.1)
    ax.plot(days, rates[ALL_OTHERS], color=BALANCE, linewidth=1.7)
    ax.plot(days, rates[tariffs.partner], color=IMPORTS, linewidth=2.3)
    top = rates[[tariffs.partner, ALL_OTHERS, MATCHED, *peers]].max().max()
    ax.set_ylim(0, float(top) * 1.08)
    theme.bare(ax)


def _years(ax: Axes, rates: pd.DataFrame, *, room: float, step: int) -> None:
    days = month_ends(rates.index)
    first, last = on_axis(days[0].date()), _end(rates)
    ax.set_xlim(first, last + (last - first) * room)
    theme.year_ticks(ax, days[0].year + 1, days[-1].year, step)


def _step_days(study: Study, tariffs: Tariffs) -> list[tuple[date, str]]:
    """Return the day of each step and its name for a hairline: `in force`, or the goods without whose they are."""
    dates = [step.date for step in tariffs.steps[1:]]
    later = [(date(step.month.year, step.month.month, 1), step.goods.partition(" from ")[0]) for step in dates]
    return [(study.agreement.dates.in_force, Words("show").label("in_force")), *later]


def _line_name(tariffs: Tariffs, code: str) -> str:
    return WORDS.labels("lines").get(code) or tariffs.partner_names.get(code, code)


def _named(ax: Axes, tariffs: Tariffs, rates: pd.DataFrame, quiet: list[str]) -> None:
    """Write the names at the right; a line that ends earlier gets a leader from its last point."""
    colours = {tariffs.partner: IMPORTS, ALL_OTHERS: BALANCE, **dict.fromkeys(quiet, QUIET)}
    held = {code: line for code in colours if len(line := rates[code].dropna())}
    ends = [(_end(line), float(line.iloc[-1]), _line_name(tariffs, c), colours[c]) for c, line in held.items()]
    strong = [_line_name(tariffs, code) for code in (tariffs.partner, ALL_OTHERS)]
    theme.label_ends(ax, ends, x=_end(rates), strong=strong, size=8.5)


def _end(rates: pd.DataFrame | pd.Series[float]) -> float:
    """Return where the last month of rates stands on the axis."""
    return on_axis(month_ends(rates.index)[-1].date())


def _inside(ax: Axes, tariffs: Tariffs, rates: pd.DataFrame) -> None:
    """Write the names beside the lines, where the end of the panel leaves no room for them."""
    own = rates[tariffs.partner].dropna()
    others, matched = rates[ALL_OTHERS].dropna(), rates[MATCHED].dropna()
    at = int(len(own) * 0.7)
    placed = [(own.index[at], float(own.iloc[at]), tariffs.partner, IMPORTS, "center")]
    if len(others):
        placed.append((others.idxmax(), float(others.max()), ALL_OTHERS, BALANCE, "left"))
    if len(matched):
        placed.append((matched.index[0], float(matched.iloc[:12].max()), MATCHED, QUIET, "left"))
    for month, y, code, colour, side in placed:
        x, weight = on_axis(date(month.year, month.month, 15)), STRONG if colour != QUIET else 400
        shift = (0, 3 if colour == BALANCE else 6)
        name = _line_name(tariffs, code)
        theme.note(ax, name, (x, y), shift, size=8.5, colour=colour, fontweight=weight, ha=side, va="bottom")


def _peers(tariffs: Tariffs, recent: pd.DataFrame | None) -> list[str]:
    """Return the peers that fit on the scale of the recent months."""
    if recent is None:
        return []
    top = float(recent[[tariffs.partner, ALL_OTHERS, MATCHED]].max().max())
    held = [code for code in tariffs.peers if code in recent and recent[code].notna().any()]
    return [code for code in held if float(recent[code].max()) <= FAR * top]


@figure("saved", tables=("realised_duties_monthly", "sector_imports_annual", "sector_duties_annual"))
def duty_saved(study: Study) -> Picture:
    """Show the duty saved by year in both readings, and the duty added since."""
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
    return Picture(of=tariffs, data=data, last=tariffs.last_month, draw=lambda: _bars(base, matched, more))


def _by_year(monthly: pd.Series[float]) -> tuple[pd.Series[float], pd.Series[int]]:
    """Return the sums by year, USD billion, and how many months are in each."""
    held = monthly.dropna() / USD_PER_BN
    years = held.groupby(pd.PeriodIndex(held.index, freq="M").year)
    return years.sum(), years.size()


def _bars(base: pd.Series[float], matched: pd.Series[float], more: pd.Series[float]) -> Figure:
    drawn, ax = theme.panels(2.9)
    ax.bar(base.index, base, color=QUIET, width=0.66)
    ax.scatter(matched.index, matched, color="white", edgecolor=BALANCE, s=26, zorder=3, linewidth=1.3)
    ax.bar(more.index, -more, color=IMPORTS, width=0.66)
    ax.axhline(0, color="#8A8A8A", linewidth=0.8)
    top = max(float(base.max()), float(matched.max()) if len(matched) else 0.0)
    reach = top + (float(more.max()) if len(more) else 0.0)
    # A part of a year under added duties would stand on the bar of the rest of it.
    for year, value in base.drop(more.index, errors="ignore").to_dict().items():
        high = max(value, matched.get(year, 0.0))
        ax.text(year, high + 0.03 * reach, f"{value:.1f}", ha="center", va="bottom", fontsize=8.5, color=QUIET)
    added = {"ha": "center", "va": "top", "fontsize": 8.5, "color": IMPORTS, "fontweight": STRONG}
    for year, value in more.to_dict().items():
        ax.text(year, -value - 0.02 * reach, WORDS.label("added_bar", amount=f"{value:.1f}"), **added)
    ax.set_ylim(-float(more.max()) * 1.13 if len(more) else 0, top + 0.12 * reach)
    years = [*base.index, *more.index]
    ax.set_xlim(min(years) - 0.7, max(years) + 0.9)
    ax.set_xticks(range(min(years), max(years) + 1, 2 if len(base) > 9 else 1))
    both = len(more) > 0  # a side of the axis each for what was saved and what was added
    ax.yaxis.set_major_formatter(lambda value, _: number(float(value), 0 if reach > 4 else 1, signed=both))
    ax.set_ylabel(WORDS.label("saved_axis"))
    theme.bare(ax)
    return drawn
