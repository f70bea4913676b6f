"""Figures of the duties calculated at entry: rates by month, and the duty saved beside the duty added."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from korus_research.chapters.tariffs.added import OTHERS as ALL_OTHERS
from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.chapters.tariffs.result import MATCHED
from korus_research.chapters.tariffs.sentences import spared_industries
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.figure import Figure
from korus_research.show.sourcing import source_line
from korus_research.show.table import number
from korus_research.show.theme import (
    BALANCE,
    IMPORTS,
    OTHERS,
    QUIET,
    STRONG,
    bare,
    halo,
    label_ends,
    mark_dates,
    month_ends,
    on_axis,
    year_ticks,
)
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import matplotlib.figure
    import pandas as pd
    from matplotlib.axes import Axes

    from korus_research.chapters.tariffs.result import Tariffs
    from korus_research.data.study import Study

RATES = ("realised_duties_monthly", "partner_duties_monthly")
SAVED = ("realised_duties_monthly", "sector_imports_annual", "sector_duties_annual")
LEAD_IN = 9  # months before the added duties in their panel
_RATE = "The duty calculated at entry on imports from {partner} was {tariffs.rate.before} in {tariffs.rate.before@period}, {tariffs.rate.quiet} in {tariffs.rate.quiet@period} and {tariffs.rate.now} in {tariffs.rate.now@period}"
_RATE_SO_FAR = "The duty calculated at entry on imports from {partner} was {tariffs.rate.before} in {tariffs.rate.before@period} and {tariffs.rate.now} in {tariffs.rate.now@period}"
FAR = 1.6  # a peer whose rate goes further beyond all others than this would flatten them


def duty_rates(study: Study) -> Figure:
    """Return the realised duty by month: the partner, all other partners, and partners without an agreement."""
    tariffs = tariffs_of(study)
    added = tariffs.added
    quiet = tariffs.rates.loc[: tariffs.quiet_end]
    recent = None if added is None else tariffs.rates.loc[added.since - LEAD_IN :]
    peers = _peers(tariffs, recent)

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        ratios = [1] if recent is None else [1.5, 1]
        figure, axes = plt.subplots(
            1, len(ratios), figsize=(8.6, 3.1), width_ratios=ratios, squeeze=False, layout="constrained"
        )
        _panel(axes[0][0], tariffs, quiet, [])
        _years(axes[0][0], quiet, room=0.04 if recent is not None else 0.27, step=2 if len(quiet) > 80 else 1)
        days = [
            (_first_day(study, step.date.month, place), _called(step.date.label))
            for place, step in enumerate(tariffs.steps)
        ]
        mark_dates(axes[0][0], days, level=1.0 if recent is None else 0.97)
        axes[0][0].set_ylabel("percent of customs value")
        if recent is None:
            _named(axes[0][0], tariffs, quiet, [MATCHED])
        elif added is not None:
            ax = axes[0][1]
            _panel(ax, tariffs, recent, peers)
            _years(ax, recent, room=0.75, step=1)
            _named(ax, tariffs, recent, [MATCHED, *peers])
            mark_dates(ax, [(date(added.since.year, added.since.month, 1), "")])
            _inside(axes[0][0], tariffs, quiet)
            axes[0][0].set_title("Before duties were added", fontsize=9.5)
            ax.set_title("Since, on another scale", fontsize=9.5)
        return figure

    left_out = [
        tariffs.name(code) for code in tariffs.spec.peers if recent is not None and code not in peers and code in recent
    ]
    beyond = f" {' and '.join(left_out)}: beyond the scale, not drawn." if left_out else ""
    gaps = ", ".join(month_name(gap) for gap in tariffs.gaps)
    return Figure(
        id="tariffs-rates",
        title=say(tariffs, _RATE if added is not None else _RATE_SO_FAR, keep=True),
        subtitle="Calculated duty over imports for consumption, percent, by month",
        alt=say(
            tariffs,
            "Lines by month.",
            "The rate on imports from {partner} is {tariffs.rate.before} in {tariffs.rate.before@period}, {tariffs.rate.quiet} in {tariffs.rate.quiet@period} and {tariffs.rate.now} in {tariffs.rate.now@period}.",
            "In {tariffs.rate.both.gap@period} it is {tariffs.rate.both.gap:abs} {tariffs.rate.both.gap:above|below|away from} that on all other partners.",
        ),
        caption=(
            f"Other partners are held from {tariffs.rates[ALL_OTHERS].dropna().index[0].year} on. Partners without an agreement: those with no US agreement and no duties aimed at them."
            + _spared(tariffs)
            + _rounded(study)
            + (f" No figure: {gaps}; the line breaks there." if gaps else "")
            + beyond
        ),
        source=source_line(study, RATES, tariffs.last_month),
        datasets=RATES,
        data=tariffs.to_frame().assign(name=lambda f: [tariffs.name(c) for c in f["partner"]]),
        draw=draw,
        made_by="korus_research.chapters.tariffs.figures.duty_rates",
        last_period=tariffs.last_month,
    )


def _panel(ax: Axes, tariffs: Tariffs, rates: pd.DataFrame, peers: list[str]) -> None:
    days = month_ends(rates.index)
    for code in (*peers, MATCHED):
        ax.plot(days, rates[code], color=OTHERS, linewidth=1.1)
    ax.plot(days, rates[ALL_OTHERS], color=BALANCE, linewidth=1.7)
    ax.plot(days, rates[tariffs.spec.partner], color=IMPORTS, linewidth=2.3)
    top = rates[[tariffs.spec.partner, ALL_OTHERS, MATCHED, *peers]].max().max()
    ax.set_ylim(0, float(top) * 1.08)
    bare(ax)


def _years(ax: Axes, rates: pd.DataFrame, *, room: float, step: int) -> None:
    days = month_ends(rates.index)
    first, last = on_axis(days[0].date()), on_axis(days[-1].date())
    ax.set_xlim(first, last + (last - first) * room)
    year_ticks(ax, days[0].year + 1, days[-1].year, step)


def _named(ax: Axes, tariffs: Tariffs, rates: pd.DataFrame, quiet: list[str]) -> None:
    """Write the names at the right; a line that ends earlier gets a leader from its last point."""
    own = tariffs.spec.partner
    colours = {own: IMPORTS, ALL_OTHERS: BALANCE, **dict.fromkeys(quiet, QUIET)}
    ends = []
    for code, colour in colours.items():
        held = rates[code].dropna()
        if len(held):
            x = on_axis(month_ends(held.index)[-1].date())
            ends.append((x, float(held.iloc[-1]), _short(tariffs.name(code)), colour))
    last = on_axis(month_ends(rates.index)[-1].date())
    label_ends(ax, ends, x=last, strong=(tariffs.name(own), "All others"), size=8.5)


def _inside(ax: Axes, tariffs: Tariffs, rates: pd.DataFrame) -> None:
    """Write the names beside the lines, where the end of the panel leaves no room for them."""
    own = rates[tariffs.spec.partner].dropna()
    others, matched = rates[ALL_OTHERS].dropna(), rates[MATCHED].dropna()
    at = int(len(own) * 0.7)
    placed = [(own.index[at], float(own.iloc[at]), tariffs.name(tariffs.spec.partner), IMPORTS, "center")]
    if len(others):
        placed.append((others.idxmax(), float(others.max()), "All others", BALANCE, "left"))
    if len(matched):
        placed.append((matched.index[0], float(matched.iloc[:12].max()), "Without agreement", QUIET, "left"))
    for month, y, name, colour, side in placed:
        x = on_axis(date(month.year, month.month, 15))
        ax.annotate(
            name,
            (x, y),
            xytext=(0, 3 if colour == BALANCE else 6),
            textcoords="offset points",
            color=colour,
            fontsize=8.5,
            fontweight=STRONG if colour != QUIET else 400,
            ha=side,
            va="bottom",
            path_effects=halo(),
        )


def _short(name: str) -> str:
    return {"All other partners": "All others", "Partners without an agreement": "Without agreement"}.get(name, name)


def _called(label: str) -> str:
    """Return the label of a step for a hairline: `in force`, or the goods without whose they are."""
    return "in force" if label.startswith("entry") else label.partition(" from ")[0]


def _first_day(study: Study, month: pd.Period, place: int) -> date:
    return study.agreement.dates.in_force if place == 0 else date(month.year, month.month, 1)


def _rounded(study: Study) -> str:
    """Return a sentence on the months whose duty is a rounded rate times imports; nothing without any."""
    duties = study.load("realised_duties_monthly")
    own = duties["partner"] == study.agreement.partner.census_code
    months = duties.loc[own & duties["source"].str.endswith("derived"), "month"]
    if months.empty:
        return ""
    return f" {month_name(months.min())} to {month_name(months.max())}: a rounded rate times imports."


def _spared(tariffs: Tariffs) -> str:
    """Return a sentence on the duties in the others' rate that spared the partner; nothing before them."""
    if not tariffs.spec.spared:
        return ""
    year = min(tariffs.spec.spared.values()) + 1
    return f" From {year} their rate holds {tariffs.spec.spared_what}."


def _peers(tariffs: Tariffs, recent: pd.DataFrame | None) -> list[str]:
    """Return the peers that fit on the scale of the recent months."""
    if recent is None:
        return []
    top = float(recent[[tariffs.spec.partner, ALL_OTHERS, MATCHED]].max().max())
    held = [code for code in tariffs.spec.peers if code in recent and recent[code].notna().any()]
    return [code for code in held if float(recent[code].max()) <= FAR * top]


def duty_saved(study: Study) -> Figure:
    """Return the duty saved by year in both readings, and the duty added since."""
    import pandas as pd

    tariffs = tariffs_of(study)
    saved, added = tariffs.savings, tariffs.added
    start = saved.monthly.index[0]
    quiet = saved.monthly.loc[: tariffs.quiet_end].dropna() / USD_PER_BN
    base = quiet.groupby(pd.PeriodIndex(quiet.index).year).sum()
    months = quiet.groupby(pd.PeriodIndex(quiet.index).year).size()
    matched, all_rates = (
        (saved.annual[column].loc[start.year + 1 : tariffs.quiet_year] / USD_PER_BN).dropna()
        for column in ("matched_usd", "levied_usd")
    )
    more = pd.Series(dtype=float)
    more_months = pd.Series(dtype=int)
    if added is not None:
        monthly = added.monthly.dropna() / USD_PER_BN
        more = monthly.groupby(pd.PeriodIndex(monthly.index).year).sum()
        more_months = monthly.groupby(pd.PeriodIndex(monthly.index).year).size()

    def draw() -> matplotlib.figure.Figure:
        import matplotlib.pyplot as plt

        figure, ax = plt.subplots(figsize=(8.6, 2.9), layout="constrained")
        ax.bar(base.index, base, color=QUIET, width=0.66)
        ax.scatter(matched.index, matched, color="white", edgecolor=BALANCE, s=26, zorder=3, linewidth=1.3)
        ax.bar(more.index, -more, color=IMPORTS, width=0.66)
        ax.axhline(0, color="#8A8A8A", linewidth=0.8)
        top = max(float(base.max()), float(matched.max()) if len(matched) else 0.0)
        reach = top + (float(more.max()) if len(more) else 0.0)
        for year, value in zip(base.index.tolist(), base.tolist(), strict=True):
            # A part of a year under added duties would stand on the bar of the rest of it.
            if year not in more.index:
                high = max(float(value), float(matched.get(year, 0.0)))
                ax.text(year, high + 0.03 * reach, f"{value:.1f}", ha="center", va="bottom", fontsize=8.5, color=QUIET)
        for year, value in zip(more.index.tolist(), more.tolist(), strict=True):
            ax.text(
                year,
                -float(value) - 0.02 * reach,
                f"{value:.1f} added",
                ha="center",
                va="top",
                fontsize=8.5,
                color=IMPORTS,
                fontweight=STRONG,
            )
        ax.set_ylim(-float(more.max()) * 1.13 if len(more) else 0, top + 0.12 * reach)
        years = [*base.index, *more.index]
        ax.set_xlim(min(years) - 0.7, max(years) + 0.9)
        ax.set_xticks(range(min(years), max(years) + 1, 2 if len(base) > 9 else 1))
        both = len(more) > 0  # a side of the axis each for what was saved and what was added
        ax.yaxis.set_major_formatter(lambda value, _: number(float(value), 0 if reach > 4 else 1, signed=both))
        ax.set_ylabel("USD billion")
        bare(ax)
        return figure

    rows = pd.DataFrame({"saved_usd_bn": base, "months": months, "saved_by_industry_usd_bn": matched})
    rows["saved_by_industry_at_all_rates_usd_bn"] = all_rates
    rows = rows.join(pd.DataFrame({"added_usd_bn": more, "added_months": more_months}), how="outer")
    title = "At the rate before {agreement} the duty would have been {tariffs.saved.total:abs} {tariffs.saved.total:more|less|more or less}, {tariffs.saved.total@period}"
    if added is not None:
        title += "; duties added since come to {tariffs.added.total} in {tariffs.added.months:number} months"
    gaps = ", ".join(month_name(gap) for gap in tariffs.gaps)
    return Figure(
        id="tariffs-saved",
        title=say(tariffs, title, keep=True),
        subtitle="Duty calculated on the actual imports, USD billion a year: saved against the rate before the agreement (+), added above the rate before the added duties (\N{MINUS SIGN})"
        if added is not None
        else "Duty calculated on the actual imports, USD billion a year: saved against the rate before the agreement",
        alt=say(
            tariffs,
            "Bars by year.",
            "Upwards the duty saved, in all {tariffs.saved.total}; in {tariffs.saved.last.base@period} it is {tariffs.saved.last.base}, by industry {tariffs.saved.last.matched}.",
            *(
                ["Downwards the duty added, in all {tariffs.added.total} in {tariffs.added.months:number} months."]
                if added is not None
                else []
            ),
        ),
        caption=(
            f"Bars: against the realised rate on imports from {study.names['partner']} in the last full year before entry into force. Circles: against the rates of partners without an agreement, industry by industry, in whole years"
            + (f", {spared_industries(tariffs)}. " if tariffs.spec.spared else ". ")
            + f"Counted from {month_name(start)}; a year that is not whole holds the months there are."
            + (f" No figure for {gaps}: its duty is in no bar." if gaps else "")
        ),
        source=source_line(study, SAVED, tariffs.last_month),
        datasets=SAVED,
        data=rows.rename_axis("year").reset_index(),
        draw=draw,
        made_by="korus_research.chapters.tariffs.figures.duty_saved",
        last_period=tariffs.last_month,
    )
