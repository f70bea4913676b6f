"""What the chapter's findings amount to; what each is stands in findings.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from korus_research.chapters.tariffs.added import OTHERS
from korus_research.chapters.tariffs.rates import pooled_year
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.declared import Value

if TYPE_CHECKING:
    from korus_research.chapters.tariffs.measures import Tariffs
    from korus_research.chapters.tariffs.steps import Step

READINGS = {"base": "base_usd", "matched": "matched_usd"}  # columns of `Savings.annual`


def names(tariffs: Tariffs) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences about tariffs use; what each is stands in findings.toml."""
    fixed = min(tariffs.exempt.values(), default=0)
    others = tariffs.rates[OTHERS].dropna()
    return {
        **tariffs.names,
        "gaps": [month_name(month) for month in tariffs.gaps],
        "newest_month": month_name(tariffs.months.index[-1]),
        "others_since": str(others.index[0].year),
        "saved_since": month_name(tariffs.savings.monthly.index[0]),
        "exempt_industries": [tariffs.sector(code).lower() for code in tariffs.exempt],
        "exempt_goods": tariffs.exempt_goods,
        "exempt_year": str(fixed) if tariffs.exempt else "",
        "exempt_since": str(fixed + 1) if tariffs.exempt else "",
        **_step_names(tariffs),
        **_added_names(tariffs),
    }


def _step_names(tariffs: Tariffs) -> Mapping[str, str | Sequence[str]]:
    found: dict[str, str | Sequence[str]] = {"steps": [str(place) for place in range(len(tariffs.steps))]}
    for place, step in enumerate(tariffs.steps):
        tried = [_tried(each) for each in tariffs.steps[: place + 1] if each.change is not None]
        # Steps tried at the same months say the same of them: one sentence, after the last.
        alike = len(set(tried)) == 1
        spoken = step.change is not None and len(step.in_time) and (not alike or place == len(tariffs.steps) - 1)
        parts = tariffs.parts(step.date) if step.change is not None else None
        found |= {
            f"step_{place}_goods": step.date.goods,
            f"step_{place}_interval": "" if step.low is None else "given",
            f"step_{place}_tried": "tried" if spoken else "",
            f"step_{place}_alike": "alike" if alike and len(tried) > 1 else "",
            f"step_{place}_industry": "" if parts is None else tariffs.sector(str(parts["rates"].idxmin())).lower(),
        }
    return found


def _added_names(tariffs: Tariffs) -> Mapping[str, str | Sequence[str]]:
    added = tariffs.added
    windows = [None, None] if added is None else [added.after, added.before]
    sectors = [] if added is None else list(added.sectors.index[:1])
    return {
        "added_since": "" if added is None else month_name(added.since),
        "added_window": _span(*windows[0]) if windows[0] else "",
        "added_before": _span(*windows[1]) if windows[1] else "",
        "added_missing": [] if added is None else [month_name(month) for month in added.missing],
        "top_sector": tariffs.sector(str(sectors[0])).lower() if sectors else "",
    }


def values(tariffs: Tariffs) -> Iterator[Value]:
    """Yield what every finding of the chapter amounts to."""
    for part in (_rates, _steps, _saved, _exempt, _last_year, _margins, _averages, _added, _compared):
        yield from part(tariffs)


def _rates(tariffs: Tariffs) -> Iterator[Value]:
    for name, year in (("before", tariffs.steps[0].date.month.year - 1), ("quiet", tariffs.year_before_added)):
        yield Value(f"rate.{name}", pooled_year(tariffs.months, year), str(year))
    both = tariffs.rates[[tariffs.partner, OTHERS]].dropna()
    own = tariffs.rates[tariffs.partner].dropna()
    yield Value("rate.now", own.iloc[-1], month_name(own.index[-1]))
    last = both.iloc[-1]
    yield Value("rate.both.gap", last[tariffs.partner] - last[OTHERS], month_name(both.index[-1]))


def _steps(tariffs: Tariffs) -> Iterator[Value]:
    for place, step in enumerate(tariffs.steps):
        date, where = step.date, f"step.{place}"
        when = month_name(date.month)
        about: dict[str, Any] = {"period": when, "says": {"when": when}}
        for side, rate in (("before", step.before), ("after", step.after)):
            yield Value(f"{where}.{side}", rate, f"12 months {side} {when}", says={"when": when})
        yield Value(f"{where}.change", step.change, bounds=(step.low, step.high), **about)
        count, largest, reached = _tried(step)
        yield Value(f"{where}.placebos", count, **about)
        yield Value(f"{where}.largest", largest, **about)
        yield Value(f"{where}.reached", reached, **about)
        if step.rank is not None:
            yield Value(f"{where}.rank", step.rank, **about)
            yield Value(f"{where}.partners", len(step.in_space), **about)
        parts = tariffs.parts(date) if step.change is not None else None
        if parts is not None:
            about["period"] = f"{date.month.year - 1} to {date.month.year}"
            yield Value(f"{where}.rates", parts["rates"].sum(), **about)
            yield Value(f"{where}.basket", parts["basket"].sum(), **about)
            yield Value(f"{where}.top", parts["rates"].min(), **about)


def _tried(step: Step) -> tuple[int, float | None, int | None]:
    """Return what is said of other months: how many, the largest change there, how many reach that of the step."""
    if step.change is None or step.in_time.empty:
        return 0, None, None
    sizes = step.in_time.abs()
    return len(sizes), float(sizes.max()), int((sizes >= abs(step.change)).sum())


def _saved(tariffs: Tariffs) -> Iterator[Value]:
    saved, last = tariffs.savings, tariffs.last_before_added
    first = saved.monthly.index[0]
    totals = {k: saved.between(first, last, rate, tariffs.months) / USD_PER_BN for k, rate in saved.base_rates.items()}
    bounds = (min(totals.values()), max(totals.values()))
    yield Value("saved.total", totals["before"], f"{month_name(first)} to {month_name(last)}", bounds)
    years, span = _whole_years(tariffs)
    for key, column in READINGS.items():
        yield Value(f"saved.years.{key}", years[column].sum() / USD_PER_BN if len(years) else None, span)


def _whole_years(tariffs: Tariffs) -> tuple[pd.DataFrame, str | None]:
    """Return the whole years under the agreement before any added duty for which both readings are held."""
    first = tariffs.savings.monthly.index[0].year + 1
    years = tariffs.savings.annual.loc[first : tariffs.year_before_added].dropna(subset=["matched_usd"])
    return years, f"{years.index[0]} to {years.index[-1]}" if len(years) else None


def _exempt(tariffs: Tariffs) -> Iterator[Value]:
    """The second reading as levied, where an industry of it is held; nothing without such duties."""
    years, span = _whole_years(tariffs)
    exempt = {code: year for code, year in tariffs.exempt.items() if len(years) and year < int(years.index[-1])}
    if not exempt:
        return
    levied, held = (float(years[column].sum()) / USD_PER_BN for column in ("levied_usd", "matched_usd"))
    yield Value("saved.years.levied", levied, span)
    yield Value("saved.years.policy", levied - held, span)
    levied_rates = tariffs.industries["levied_rate"]
    rates = {(int(y), str(code)): rate for (y, code), rate in zip(levied_rates.index, levied_rates, strict=True)}
    year, code = max((key for key in rates if key[1] in exempt and key[0] > exempt[key[1]]), key=lambda key: rates[key])
    yield Value("spared.before", rates[exempt[code], code], str(exempt[code]))
    yield Value("spared.highest", rates[year, code], str(year))
    last = int(years.index[-1])
    yield Value("margin.levied", tariffs.savings.annual["levied_margin"].loc[last], str(last))


def _last_year(tariffs: Tariffs) -> Iterator[Value]:
    """What was saved in the last whole year before any added duty."""
    annual, year = tariffs.savings.annual, tariffs.year_before_added
    for key, column in READINGS.items():
        usd = annual[column].get(year)
        yield Value(f"saved.last.{key}", None if usd is None else usd / USD_PER_BN, str(year))
    share = 100 * annual["base_usd"] / annual["imports_usd"]
    yield Value("saved.last.share", share.get(year), str(year))


def _margins(tariffs: Tariffs) -> Iterator[Value]:
    margins = tariffs.savings.annual["margin"].loc[: tariffs.year_before_added].dropna()
    for name, place in (("first", slice(1)), ("last", slice(-1, None))):
        found = margins.iloc[place]
        yield Value(f"margin.{name}", *((found.iloc[0], str(found.index[0])) if len(found) else (None,)))


def _averages(tariffs: Tariffs) -> Iterator[Value]:
    """The average duties that a study counted before the agreement, both ways."""
    table, parties = tariffs.averages, tariffs.parties
    for whose, importer in parties.items():
        rows = table[(table["importer"] == importer) & table["exporter"].isin(list(parties.values()))]
        by_stage = dict(zip(rows["stage"].astype(str), rows["rate_pct"].astype(float), strict=True))
        for stage in ("before", "first_day"):
            yield Value(f"average.{whose}.{stage}", by_stage.get(stage))


def _added(tariffs: Tariffs) -> Iterator[Value]:
    added = tariffs.added
    period = None if added is None else f"{month_name(added.since)} to {month_name(tariffs.months.index[-1])}"
    yield Value("added.total", None if added is None else added.total / USD_PER_BN, period)
    yield Value("added.months", None if added is None else added.months, period)
    yield Value("added.missing", None if added is None else len(added.missing), period)
    yield Value("added.prior", None if added is None else added.prior_rate, period)


def _compared(tariffs: Tariffs) -> Iterator[Value]:
    """The months under added duties: the partner beside all others, the margins, and the industry that weighs most."""
    added, called = tariffs.added, _added_names(tariffs)
    window, earlier = str(called["added_window"]) or None, str(called["added_before"]) or None
    table = None if added is None else added.partners
    whose = {"own": _row(table, tariffs.partner), "others": _row(table, OTHERS)}
    for who, row in whose.items():
        yield Value(f"added.{who}.rate_before", row.get("rate_before"), earlier)
        yield Value(f"added.{who}.rate_after", row.get("rate_after"), window)
        yield Value(f"added.{who}.change", row.get("change"), window)
    own, others = (row.get("change") for row in whose.values())
    yield Value("added.change_gap", None if own is None or others is None else own - others, window)
    margins = {} if added is None else added.margins
    yield Value("added.margin.before", margins.get("before"), earlier)
    yield Value("added.margin.after", margins.get("after"), window)
    top = {} if added is None or added.sectors.empty else _row(added.sectors, str(added.sectors.index[0]))
    yield Value("added.sector1.rate_after", top.get("rate_after"), window)
    yield Value("added.sector1.rate_after_others", top.get("rate_after_others"), window)


def _row(table: pd.DataFrame | None, key: str) -> dict[str, float]:
    """Return a row of a table as numbers by column; empty where there is none."""
    if table is None or key not in table.index:
        return {}
    return {str(column): float(table[column].loc[key]) for column in table}


def _span(first: pd.Period, last: pd.Period) -> str:
    """Return `April to November 2025`, with both years where they differ."""
    start = f"{first:%B}" if first.year == last.year else month_name(first)
    return month_name(first) if first == last else f"{start} to {month_name(last)}"
