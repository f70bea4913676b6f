"""Duties added outside the agreement: what they levied, and imports before and after them beside other partners.

Description. The added duties differed by product and changed within months; goods were brought forward before them;
other partners had added duties of their own. What imports did after them is not what they did to imports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.tariffs.rates import gaps, pooled, pooled_year
from korus_research.chapters.tariffs.savings import by_industry, duty_at, holding
from korus_research.methods.series import MONTHS_A_YEAR, WORLD

OTHERS = "others"


@dataclass(frozen=True)
class Added:
    """The months under added duties.

    Attributes
    ----------
    since : Period
        Month in which the first of them began; the windows leave it out.
    prior_rate : float
        Realised rate of the last whole year before them, percent.
    monthly : Series
        Duty above that rate, US dollars, from `since` on; NaN in a month without figures.
    missing : tuple of Period
        Those months.
    after, before : (Period, Period) or None
        First and last month after, as far as other partners are held (12 at most), and the same months a year before
        the duties; None where nobody else is held.
    partners : DataFrame
        By partner code and `others` (the world less the partner): rate_before, rate_after (percent), imports_before,
        imports_after (US dollars), change (percent).
    sectors : DataFrame
        By industry code: the same for the partner, and change_others, rate_after_others; sorted by imports before.
    margins : dict
        `before` and `after`: the rate of the matched partners on the partner's basket less the partner's own, points.
        Before, industries in which the partner had been spared are held; after, everybody's duties are as levied.
    """

    since: pd.Period
    prior_rate: float
    monthly: pd.Series[float]
    missing: tuple[pd.Period, ...]
    after: tuple[pd.Period, pd.Period] | None
    before: tuple[pd.Period, pd.Period] | None
    partners: pd.DataFrame
    sectors: pd.DataFrame
    margins: dict[str, float]

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
    *,
    since: pd.Period | None,
    partner: str,
    shown: tuple[str, ...],
    matched: tuple[str, ...],
    fixed: Mapping[str, float],
) -> Added | None:
    """Return the months under added duties; None without any, or before a whole month under them is held.

    Parameters
    ----------
    own : DataFrame
        The partner's imports_usd and duty_usd by month.
    held : mapping of str to DataFrame
        The same for all partners, by code, from `partner_duties_monthly`.
    sectors : DataFrame
        `sector_duties_monthly`.
    since : Period or None
        Month in which the first added duty began.
    shown : tuple of str
        Other partners to compare with, beside the rest of the world.
    fixed : mapping of str to float
        Rate at which an industry in which the partner had been spared is held before the added duties, percent.
    """
    if since is None or own.index[-1] <= since:
        return None
    prior = pooled_year(own, since.year - 1)
    if prior is None:
        return None
    span = own.loc[since:]
    monthly = span["duty_usd"] - prior / 100 * span["imports_usd"]
    after = _window(held[WORLD].dropna().index[-1], since)
    before = None if after is None else _years_earlier(after, since)
    empty = pd.DataFrame()
    if after is None or before is None:
        return Added(since, prior, monthly, tuple(gaps(span)), None, None, empty, empty, {})
    return Added(
        since,
        prior,
        monthly,
        tuple(gaps(span)),
        after,
        before,
        _partners(held, partner, shown, before, after),
        _sectors(sectors, partner, before, after),
        _margins(sectors, partner, matched, before, after, fixed),
    )


def _window(last: pd.Period, since: pd.Period) -> tuple[pd.Period, pd.Period] | None:
    """Return the whole months after `since` until the world's last month, 12 at most."""
    return None if last <= since else (since + 1, min(last, since + MONTHS_A_YEAR))


def _years_earlier(after: tuple[pd.Period, pd.Period], since: pd.Period) -> tuple[pd.Period, pd.Period]:
    """Return the same months in the year before the added duties."""
    shift = MONTHS_A_YEAR * (after[0].year - since.year + 1)
    return after[0] - shift, after[1] - shift


def _partners(
    held: Mapping[str, pd.DataFrame],
    partner: str,
    shown: tuple[str, ...],
    before: tuple[pd.Period, pd.Period],
    after: tuple[pd.Period, pd.Period],
) -> pd.DataFrame:
    series = {code: held[code] for code in dict.fromkeys((partner, *shown)) if code in held}
    series[OTHERS] = held[WORLD] - held[partner]
    rows = {}
    for code, months in series.items():
        rates = pooled(months, *before), pooled(months, *after)
        sums = [float(months.loc[a:b, "imports_usd"].sum()) for a, b in (before, after)]
        if None not in rates:
            rows[code] = (*rates, *sums, 100 * (sums[1] / sums[0] - 1))
    columns = ["rate_before", "rate_after", "imports_before", "imports_after", "change"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _spans(
    sectors: pd.DataFrame, before: tuple[pd.Period, pd.Period], after: tuple[pd.Period, pd.Period]
) -> pd.DataFrame:
    """Return the sums of both windows by partner and industry, with the window in the column `span`."""
    parts = []
    for name, (first, last) in (("before", before), ("after", after)):
        rows = sectors[sectors["month"].between(str(first), str(last))]
        sums = rows.groupby(["partner", "code"])[["imports_usd", "duty_usd"]].sum().reset_index()
        parts.append(sums.assign(span=name))
    return pd.concat(parts, ignore_index=True)


def _sectors(
    sectors: pd.DataFrame, partner: str, before: tuple[pd.Period, pd.Period], after: tuple[pd.Period, pd.Period]
) -> pd.DataFrame:
    sums = _spans(sectors, before, after)

    def span_of(who: str, span: str) -> pd.DataFrame:
        rows = sums[(sums["partner"] == who) & (sums["span"] == span)].set_index("code")
        return rows[["imports_usd", "duty_usd"]].astype(float)

    own = {span: span_of(partner, span) for span in ("before", "after")}
    others = {span: (span_of(WORLD, span) - own[span]).reindex(own["before"].index) for span in own}

    def rates(of: pd.DataFrame) -> pd.Series[float]:
        value: pd.Series[float] = 100 * of["duty_usd"] / of["imports_usd"]
        return value

    def change(of: dict[str, pd.DataFrame]) -> pd.Series[float]:
        value: pd.Series[float] = 100 * (of["after"]["imports_usd"] / of["before"]["imports_usd"] - 1)
        return value

    table = pd.DataFrame(
        {
            "imports_before": own["before"]["imports_usd"],
            "imports_after": own["after"]["imports_usd"],
            "rate_before": rates(own["before"]),
            "rate_after": rates(own["after"]),
            "change": change(own),
            "change_others": change(others),
            "rate_after_others": rates(others["after"]),
        }
    )
    return table.sort_values("imports_before", ascending=False)


def _margins(
    sectors: pd.DataFrame,
    partner: str,
    matched: tuple[str, ...],
    before: tuple[pd.Period, pd.Period],
    after: tuple[pd.Period, pd.Period],
    fixed: Mapping[str, float],
) -> dict[str, float]:
    table = by_industry(_spans(sectors, before, after), partner=partner, matched=matched, period="span")
    table = holding(table, {("before", code): rate for code, rate in fixed.items()})
    sums = table.groupby(level="span")[["imports_usd", "duty_usd"]].sum()
    margin = 100 * (duty_at(table, "matched_rate") - sums["duty_usd"]) / sums["imports_usd"]
    return {str(span): float(value) for span, value in margin.items()}
