"""Duties added outside the agreement: their yield, and imports before and after them beside other partners.

Description. The added duties differed by product and changed within months; goods were brought forward before them;
other partners had added duties of their own. What imports did after them is not what they did to imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.tariffs.rates import USD, pooled, pooled_year, rate, together
from korus_research.chapters.tariffs.savings import by_industry, duty_at, holding
from korus_research.methods.series import MONTHS_A_YEAR, WORLD, percent_change

OTHERS = "others"
Window = tuple[pd.Period, pd.Period]


@dataclass(frozen=True)
class Added:
    """The months under added duties."""

    since: pd.Period  # month in which the first of them began; the windows leave it out
    prior_rate: float  # realised rate of the last whole year before them, percent
    monthly: pd.Series[float]  # duty above that rate, US dollars, from `since` on; NaN in a month without figures
    # First and last month compared with the same months of the year before: as far as other partners are held, and 11
    # at most, so that no month of the year before is under added duties.
    after: Window
    # By partner code and `others` (the other partners held throughout): rate_before, rate_after (percent),
    # imports_before, imports_after (US dollars), change (percent).
    partners: pd.DataFrame
    # The same as far as industries are held, which end earlier and are of an earlier publication; None without them.
    sectors_after: Window | None
    # By industry code: the same as of partners for the partner, and change_others, rate_after_others (the world less
    # the partner); sorted by imports before.
    sectors: pd.DataFrame
    # `before` and `after`: the rate of the matched partners on the partner's basket less the partner's own, points, in
    # the windows of industries.
    # Before, industries in which the partner had been spared are held; after, everybody's duties are as levied.
    margins: dict[str, float]

    @property
    def missing(self) -> list[pd.Period]:
        """Return the months without figures."""
        return list(self.monthly.index[self.monthly.isna()])

    @property
    def total(self) -> float:
        """Return the duty above the prior rate over the months held, US dollars."""
        return float(self.monthly.sum())

    @property
    def months(self) -> int:
        """Return how many months that is."""
        return int(self.monthly.notna().sum())


def added_duties(
    own: pd.DataFrame,
    held: Mapping[str, pd.DataFrame],
    sectors: pd.DataFrame,
    since: pd.Period | None,
    partner: str,
    *,
    shown: tuple[str, ...],
    matched: tuple[str, ...],
    fixed: Mapping[str, float],
) -> Added | None:
    """Return the months under added duties; None without any, or before a whole month under them is held.

    Parameters
    ----------
    own, held
        The partner's imports_usd and duty_usd by month; the same for all partners, by code.
    sectors
        `sector_duties_monthly`.
    since
        Month in which the first added duty began.
    shown
        Other partners to compare with, beside the rest of the world.
    fixed
        Rate at which an industry in which the partner had been spared is held before the added duties, percent.
    """
    if since is None or own.index[-1] <= since or (prior := pooled_year(own, since.year - 1)) is None:
        return None
    span = own.loc[since:]
    monthly, after = span["duty_usd"] - prior / 100 * span["imports_usd"], _window(since, own.index[-1])
    partners = _partners(held, dict.fromkeys((partner, *shown)), after)
    until = pd.Period(sectors["month"].max(), freq="M") if len(sectors) else since
    if until <= since:
        return Added(since, prior, monthly, after, partners, None, pd.DataFrame(), {})
    sums = _spans(sectors, s_after := _window(since, until))
    margins = _margins(sums, partner, matched, fixed)
    return Added(since, prior, monthly, after, partners, s_after, _sectors(sums, partner), margins)


def _window(since: pd.Period, last: pd.Period) -> Window:
    """Return the first and the last month after `since` to `last`, 11 months at most."""
    return since + 1, min(last, since + MONTHS_A_YEAR - 1)


def year_before(window: Window) -> Window:
    """Return the same months of the year before."""
    return window[0] - MONTHS_A_YEAR, window[1] - MONTHS_A_YEAR


def _partners(held: Mapping[str, pd.DataFrame], shown: Mapping[str, object], after: Window) -> pd.DataFrame:
    """Return rates, imports and their change: of the partner, the first shown, of others, and of all others held."""
    series = {code: held[code] for code in shown if code in held}
    series[OTHERS] = together(held, whole(held, besides=next(iter(shown))))
    rows, windows = {}, (year_before(after), after)
    for code, months in series.items():
        rates = [pooled(months, *window) for window in windows]
        sums = [float(months.loc[first:last, "imports_usd"].sum()) for first, last in windows]
        if None not in rates:
            rows[code] = (*rates, *sums, percent_change(*sums))
    columns = ["rate_before", "rate_after", "imports_before", "imports_after", "change"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def whole(held: Mapping[str, pd.DataFrame], *, besides: str) -> tuple[str, ...]:
    """Return the codes of the other partners held in every month, so that their sum is comparable over time."""
    return tuple(code for code, of in held.items() if code not in (WORLD, besides) and not of.isna().any(axis=None))


def _spans(sectors: pd.DataFrame, after: Window) -> pd.DataFrame:
    """Return the sums of a window and of the year before by partner and industry; `span` is `before` or `after`."""
    windows = {"before": year_before(after), "after": after}
    rows = {name: sectors[sectors["month"].between(str(first), str(last))] for name, (first, last) in windows.items()}
    sums = pd.concat(rows, names=["span"]).groupby(["span", "partner", "code"], sort=False)[list(USD)].sum()
    return sums.reset_index()


def _sectors(sums: pd.DataFrame, partner: str) -> pd.DataFrame:
    """Return the partner's industries in both windows beside all others, most imports before first."""
    by_code = {key: rows.set_index("code")[list(USD)].astype(float) for key, rows in sums.groupby(["span", "partner"])}
    own = {span: by_code[span, partner] for span in ("before", "after")}
    others = {span: (by_code[span, WORLD] - own[span]).reindex(own["before"].index) for span in own}
    table = pd.DataFrame(
        {
            **{f"imports_{span}": rows["imports_usd"] for span, rows in own.items()},
            **{f"rate_{span}": rate(rows) for span, rows in own.items()},
            "change": _change(own),
            "change_others": _change(others),
            "rate_after_others": rate(others["after"]),
        }
    )
    return table.sort_values("imports_before", ascending=False)


def _change(of: Mapping[str, pd.DataFrame]) -> pd.Series[float]:
    value: pd.Series[float] = 100 * (of["after"]["imports_usd"] / of["before"]["imports_usd"] - 1)
    return value


def _margins(
    sums: pd.DataFrame, partner: str, matched: tuple[str, ...], fixed: Mapping[str, float]
) -> dict[str, float]:
    table = by_industry(sums, partner=partner, matched=matched, period="span")
    table = holding(table, {("before", code): held for code, held in fixed.items()})
    own = table.groupby(level="span")[list(USD)].sum()
    margin = 100 * (duty_at(table, "matched_rate") - own["duty_usd"]) / own["imports_usd"]
    return {str(span): float(value) for span, value in margin.items()}
