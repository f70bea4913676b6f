"""The findings of the duties added outside the agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from korus_research.chapters.tariffs.added import OTHERS
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.finding import Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.chapters.tariffs.added import Added
    from korus_research.chapters.tariffs.result import Tariffs

MONTHLY = ("realised_duties_monthly",)
WINDOWS = ("partner_duties_monthly", "sector_duties_monthly")
NOT_YET = "the months that it needs are not held to this edition"
NO_ADDED = "no duties outside the agreement had been added, or no whole month under them is held"
SECTORS_TOLD = 3


class Put(Protocol):
    """A function that makes one finding of the added duties."""

    def __call__(
        self,
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        when: str = ...,
        datasets: tuple[str, ...] = ...,
        decimals: int = ...,
    ) -> None:
        """Make it."""


def added_findings(tariffs: Tariffs, maker: Maker) -> dict[str, str]:
    """Make the findings of the months under added duties; return the names of the windows and the industries."""
    added = tariffs.added
    partner = tariffs.spec.names.get("partner", tariffs.spec.partner)
    since = None if added is None else f"{month_name(added.since)} to {month_name(tariffs.months.index[-1])}"
    period = since or "under added duties"

    def put(
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        when: str = period,
        datasets: tuple[str, ...] = MONTHLY,
        decimals: int = -1,
    ) -> None:
        maker.add(f"added.{id_}", label, value, unit, when, datasets=datasets, decimals=decimals, reason=NO_ADDED)

    total = None if added is None else added.total / USD_PER_BN
    put("total", f"duty on imports from {partner} above the rate before the added duties", total, "usd_bn")
    put("months", "months held under added duties", None if added is None else float(added.months), "count")
    put(
        "missing",
        "months under added duties without a figure",
        None if added is None else float(len(added.missing)),
        "count",
    )
    put(
        "prior",
        "the realised duty in the last whole year before the added duties",
        None if added is None else added.prior_rate,
        "percent",
        decimals=2,
    )
    names = {
        "added_since": "",
        "added_window": "",
        "added_before": "",
        **{f"sector_{i + 1}": "" for i in range(SECTORS_TOLD)},
    }
    if added is not None:
        names["added_since"] = month_name(added.since)
    if added is not None and added.after is not None and added.before is not None:
        names["added_window"], names["added_before"] = (_span(*window) for window in (added.after, added.before))
    _compared(tariffs, added, put, names)
    return names


def _compared(tariffs: Tariffs, added: Added | None, put: Put, names: dict[str, str]) -> None:
    """Make the findings of the windows: the partner beside all others, and its industries that weigh most."""
    window = names["added_window"] or "under added duties"
    earlier = names["added_before"] or "before them"
    table = None if added is None else added.partners
    whose = {"own": _row(table, tariffs.spec.partner), "others": _row(table, OTHERS)}
    for who, row in whose.items():
        for column, label, decimals in (
            ("rate_before", "the realised duty a year before the added duties", 2),
            ("rate_after", "the realised duty under added duties", -1),
            ("change", "the change of imports for consumption", -1),
        ):
            when = earlier if column == "rate_before" else window
            put(f"{who}.{column}", label, row.get(column), "percent", when, WINDOWS, decimals)
    both = whose["own"].get("change"), whose["others"].get("change")
    gap = None if both[0] is None or both[1] is None else both[0] - both[1]
    put("change_gap", "the change of imports less that of all other partners", gap, "points", window, WINDOWS)
    margins = {} if added is None else added.margins
    label = "the preference margin over partners without an agreement"
    for key, when in (("before", earlier), ("after", window)):
        put(f"margin.{key}", label, margins.get(key), "points", when, WINDOWS, 2)
    codes = [] if added is None else [str(code) for code in added.sectors.index[:SECTORS_TOLD]]
    for place in range(SECTORS_TOLD):
        row = {}
        if added is not None and place < len(codes):
            row = _row(added.sectors, codes[place])
            names[f"sector_{place + 1}"] = tariffs.spec.sector_names.get(codes[place], codes[place])
        for column, label in (
            ("rate_after", "its realised duty under added duties"),
            ("change", "the change of its imports"),
            ("change_others", "the change of its imports from all other partners"),
            ("rate_after_others", "its realised duty on all other partners"),
        ):
            put(f"sector{place + 1}.{column}", label, row.get(column), "percent", window, WINDOWS)


def _row(table: pd.DataFrame | None, key: str) -> dict[str, float]:
    """Return a row of a table as numbers by column; empty where there is none."""
    if table is None or key not in table.index:
        return {}
    return {str(column): float(table[column].loc[key]) for column in table}


def _span(first: pd.Period, last: pd.Period) -> str:
    """Return `April to November 2025`, with both years where they differ."""
    start = f"{first:%B}" if first.year == last.year else month_name(first)
    return month_name(first) if first == last else f"{start} to {month_name(last)}"
