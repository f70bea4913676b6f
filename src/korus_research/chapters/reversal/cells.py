"""The cells of the estimate: a partner's imports of an industry in a month, against the same month a year before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.chapters.reversal.choices import Choices
from korus_research.methods.series import WORLD

KEYS = ["partner", "code"]
USD_PER_TH = 1_000.0


def monthly_imports(late: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Return imports for consumption by (partner, code), a column a month ("YYYY-MM"), US dollars; NaN for no row.

    `late` is `sector_duties_monthly`, `earlier` `sector_imports_earlier`.
    """
    before = earlier.assign(imports_usd=earlier["imports_usd_th"] * USD_PER_TH)
    both = pd.concat([before[[*KEYS, "month", "imports_usd"]], late[[*KEYS, "month", "imports_usd"]]])
    wide = both.pivot(index=KEYS, columns="month", values="imports_usd").astype(float)
    return wide.drop(index=WORLD, level="partner", errors="ignore")


def growth(imports: pd.DataFrame, year: int, choices: Choices) -> pd.DataFrame:
    """Return partner, code, month and `growth`, the change of the log of imports from a year before.

    A partner and industry is in it where every month of both years is held and at least `smallest_usd`, so that each
    has the same months.
    """
    now, then = (_months(imports, of, choices.months) for of in (year, year - 1))
    kept = (now >= choices.smallest_usd).all(axis=1) & (then >= choices.smallest_usd).all(axis=1)
    kept &= ~now.index.get_level_values("code").isin(choices.left_out)
    changes = now[kept].apply(np.log) - then[kept].apply(np.log)
    return _long(changes, "growth")


def _months(table: pd.DataFrame, year: int, months: int) -> pd.DataFrame:
    names = [f"{year}-{month:02d}" for month in range(1, months + 1)]
    return table.reindex(columns=names).set_axis(range(1, months + 1), axis=1)


def _long(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table.rename_axis("month", axis=1).reset_index().melt(KEYS, var_name="month", value_name=name)


def duty_changes(late: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return partner, code, month and `duty`: the change in a year of the log of one plus the realised duty."""
    sums = late[late["partner"] != WORLD].pivot(index=KEYS, columns="month", values=["imports_usd", "duty_usd"])
    duty, imports = (pd.DataFrame(sums[name]).astype(float) for name in ("duty_usd", "imports_usd"))
    paid = (duty / imports).apply(np.log1p)
    now, then = (_months(paid, of, choices.months) for of in (choices.year, choices.year - 1))
    return _long(now - then, "duty")


def added_by_law(statutory: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return partner, month and `law`: the duty added by orders, the mean of the days of the month, share of value."""
    by_day = statutory.pivot(index="date", columns="partner", values="added_pct")
    by_day.index = pd.DatetimeIndex(by_day.index)
    days = pd.date_range(f"{choices.year}-01-01", f"{choices.year}-12-31")
    daily = by_day.reindex(by_day.index.union(days)).ffill().reindex(days).fillna(0.0) / 100
    monthly = daily.groupby(days.month).mean().loc[: choices.months]
    return monthly.rename_axis("month").reset_index().melt("month", var_name="partner", value_name="law")


def cells(imports: pd.DataFrame, late: pd.DataFrame, statutory: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    """Return the rows of the estimate: partner, code, month, growth, duty, law, base (imports a year before)."""
    rows = growth(imports, choices.year, choices).merge(duty_changes(late, choices), on=[*KEYS, "month"])
    rows = rows.merge(added_by_law(statutory, choices), on=["partner", "month"]).dropna()
    base = _long(_months(imports, choices.year - 1, choices.months), "base")
    return rows.merge(base, on=[*KEYS, "month"]).sort_values([*KEYS, "month"], ignore_index=True)


def as_revised(late: pd.DataFrame, now: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Return `late` with duty and imports of each partner and month in proportion to its revised totals.

    `now` and `first` are all goods by partner and month, as revised and as first published.
    """
    both = now.merge(first, on=["month", "partner"], suffixes=("_now", "_first"))
    joined = late.merge(both, on=["month", "partner"], how="left")
    scaled = {
        name: joined[name] * (joined[f"{name}_now"] / joined[f"{name}_first"]).fillna(1.0)
        for name in ("imports_usd", "duty_usd")
    }
    return late.assign(**{name: values.to_numpy() for name, values in scaled.items()})
