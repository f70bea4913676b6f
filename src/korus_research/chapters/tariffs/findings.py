"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import pandas as pd

from korus_research.chapters.tariffs import schedule
from korus_research.chapters.tariffs.added import OTHERS, year_before
from korus_research.chapters.tariffs.measures import ORIGINS, Tariffs, applied_by_origin
from korus_research.chapters.tariffs.rates import pooled_year
from korus_research.chapters.tariffs.steps import Step
from korus_research.methods.series import USD_PER_BN, month_name, months_text
from korus_research.show.declared import Value

READINGS = {"base": "base_usd", "matched": "matched_usd"}  # columns of `Savings.annual`


def names(tariffs: Tariffs) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences about tariffs; `findings.toml` describes each."""
    agreement, as_of, exempt = tariffs.agreement, tariffs.as_of, tariffs.exempt
    fixed = min(exempt.values(), default=0)
    others = tariffs.rates[OTHERS].dropna()
    return {
        **tariffs.names,
        "reporter": agreement.reporter.short,
        **schedule.order_names(agreement, as_of),
        "gaps": [month_name(month) for month in tariffs.gaps],
        "newest_month": month_name(tariffs.months.index[-1]),
        "others_since": str(others.index[0].year),
        "others_count": str(len(tariffs.others)),
        "saved_since": month_name(tariffs.savings.monthly.index[0]),
        "exempt_industries": [tariffs.sector(code).lower() for code in exempt],
        "exempt_goods": schedule.exempt_goods(agreement, as_of),
        "exempt_year": str(fixed) if exempt else "",
        "exempt_since": str(fixed + 1) if exempt else "",
        **_step_names(tariffs),
        **_added_names(tariffs),
    }


def _step_names(tariffs: Tariffs) -> Mapping[str, str | Sequence[str]]:
    found: dict[str, str | Sequence[str]] = {"steps": [str(place) for place in range(len(tariffs.steps))]}
    for place, step in enumerate(tariffs.steps):
        tried, alike, spoken = _spoken(tariffs, place)
        parts = tariffs.parts(step.date) if step.change is not None else None
        found |= {
            f"step_{place}_goods": step.date.goods,
            f"step_{place}_interval": "" if step.low is None else "given",
            f"step_{place}_tried": "tried" if spoken else "",
            f"step_{place}_alike": "alike" if alike and len(tried) > 1 else "",
            f"step_{place}_industry": "" if parts is None else tariffs.sector(str(parts["rates"].idxmin())).lower(),
        }
    return found


def _spoken(tariffs: Tariffs, place: int) -> tuple[list[tuple[int, float | None, int | None]], bool, bool]:
    """Return the placebo results of the steps so far, whether they are alike, and whether to tell them here.

    Steps tried at the same months say the same of them: one sentence, after the last.
    """
    step = tariffs.steps[place]
    tried = [_tried(each) for each in tariffs.steps[: place + 1] if each.change is not None]
    alike = len(set(tried)) == 1
    said = step.change is not None and len(step.in_time) and (not alike or place == len(tariffs.steps) - 1)
    return tried, alike, bool(said)


def _added_names(tariffs: Tariffs) -> Mapping[str, str | Sequence[str]]:
    added = tariffs.added
    windows = {"added": added and added.after, "sector": added and added.sectors_after}
    return {
        "added_since": month_name(added.since) if added else "",
        "added_missing": [month_name(month) for month in added.missing] if added else "",
        "top_sector": "".join(tariffs.sector(str(code)).lower() for code in added.sectors.index[:1]) if added else "",
        **{f"{what}_window": months_text(*window) if window else "" for what, window in windows.items()},
        **{f"{what}_before": months_text(*year_before(window)) if window else "" for what, window in windows.items()},
    }


def values(tariffs: Tariffs) -> Iterator[Value]:
    """Yield the value of every finding of the chapter."""
    trade = (_rates, _steps, _saved, _exempt, _last_year, _margins, _averages)
    for part in (*trade, _added, _compared, _revised, _applied):
        yield from part(tariffs)


def _rates(tariffs: Tariffs) -> Iterator[Value]:
    for name, year in (("before", tariffs.steps[0].date.month.year - 1), ("quiet", tariffs.year_before_added)):
        yield Value(f"rate.{name}", pooled_year(tariffs.months, year), str(year))
    own = tariffs.rates[tariffs.partner].dropna()
    yield Value("rate.now", own.iloc[-1], month_name(own.index[-1]))
    gap = (own - tariffs.rates[OTHERS]).dropna()
    yield Value("rate.both.gap", gap.iloc[-1], month_name(gap.index[-1]))


def _steps(tariffs: Tariffs) -> Iterator[Value]:
    for place, step in enumerate(tariffs.steps):
        date, where = step.date, f"step.{place}"
        when = month_name(date.month)
        about: dict[str, Any] = {"period": when, "says": {"when": when}}
        for side, rate in (("before", step.before), ("after", step.after)):
            yield Value(f"{where}.{side}", rate, f"12 months {side} {when}", says={"when": when})
        yield Value(f"{where}.change", step.change, bounds=(step.low, step.high), **about)
        if _spoken(tariffs, place)[2]:
            for name, value in zip(("placebos", "largest", "reached"), _tried(step), strict=True):
                yield Value(f"{where}.{name}", value, **about)
        if step.rank is not None:
            yield Value(f"{where}.rank", step.rank, **about)
            yield Value(f"{where}.partners", len(step.in_space), **about)
        parts = tariffs.parts(date) if step.change is not None else None
        if parts is not None:
            about["period"] = f"{date.month.year - 1} to {date.month.year}"
            amounts = {"rates": parts["rates"].sum(), "basket": parts["basket"].sum(), "top": parts["rates"].min()}
            yield from (Value(f"{where}.{name}", value, **about) for name, value in amounts.items())


def _tried(step: Step) -> tuple[int, float | None, int | None]:
    """Return the placebos in time: their number, the largest change, and how many reach that of the step."""
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
    """Yield the second reading as levied, where the rate of some industry is held; nothing elsewhere."""
    years, span = _whole_years(tariffs)
    exempt = {code: year for code, year in tariffs.exempt.items() if len(years) and year < int(years.index[-1])}
    if not exempt:
        return
    levied, held = (float(years[column].sum()) / USD_PER_BN for column in ("levied_usd", "matched_usd"))
    yield Value("saved.years.levied", levied, span)
    yield Value("saved.years.policy", levied - held, span)
    rates: dict[Any, float] = tariffs.industries["levied_rate"].to_dict()
    year, code = max((key for key in rates if key[1] in exempt and key[0] > exempt[key[1]]), key=lambda key: rates[key])
    yield Value("spared.before", rates[exempt[code], code], str(exempt[code]))
    yield Value("spared.highest", rates[year, code], str(year))
    yield Value("margin.levied", years["levied_margin"].iloc[-1], str(years.index[-1]))


def _last_year(tariffs: Tariffs) -> Iterator[Value]:
    """Yield the savings of the last whole year before any added duty."""
    annual, year = tariffs.savings.annual, tariffs.year_before_added
    last = annual.reindex([year]).iloc[0]
    for key, column in READINGS.items():
        yield Value(f"saved.last.{key}", last[column] / USD_PER_BN, str(year))
    yield Value("saved.last.share", 100 * last["base_usd"] / last["imports_usd"], str(year))


def _margins(tariffs: Tariffs) -> Iterator[Value]:
    margins = tariffs.savings.annual["margin"].loc[: tariffs.year_before_added].dropna()
    for name, found in (("first", margins[:1]), ("last", margins[-1:])):
        yield Value(f"margin.{name}", *((found.iloc[0], str(found.index[0])) if len(found) else (None,)))


def _averages(tariffs: Tariffs) -> Iterator[Value]:
    """Yield the average duties before the agreement, both ways, as a study counted them."""
    agreement, table = tariffs.agreement, tariffs.averages
    parties = {"theirs": agreement.partner.iso3, "ours": agreement.reporter.iso3}
    between = table[table["exporter"].isin(parties.values())].to_dict("records")
    rates = {(row["importer"], row["stage"]): row["rate_pct"] for row in between}
    for (whose, importer), stage in product(parties.items(), ("before", "first_day")):
        yield Value(f"average.{whose}.{stage}", rates.get((importer, stage)))


def _added(tariffs: Tariffs) -> Iterator[Value]:
    added = tariffs.added
    if added is None:
        yield from (Value(f"added.{name}", None) for name in ("total", "months", "prior"))
        return
    period = f"{month_name(added.since)} to {month_name(tariffs.months.index[-1])}"
    yield Value("added.total", added.total / USD_PER_BN, period)
    saved = float(tariffs.savings.monthly.loc[: tariffs.last_before_added].sum())
    yield Value("added.excess", (added.total - saved) / USD_PER_BN, period)
    yield Value("added.months", added.months, period)
    if added.missing:
        yield Value("added.missing", len(added.missing), period)
    yield Value("added.prior", added.prior_rate, period)


def _compared(tariffs: Tariffs) -> Iterator[Value]:
    """Yield the months under added duties: the partner beside all others, margins, and the largest industry."""
    added, called = tariffs.added, _added_names(tariffs)
    keys = ("added_window", "added_before", "sector_window", "sector_before")
    window, earlier, s_window, s_earlier = (str(called[key]) or None for key in keys)
    empty = pd.DataFrame(columns=["rate_before", "rate_after", "change", "rate_after_others"])
    partners, sectors, margins = (added.partners, added.sectors, added.margins) if added else (empty, empty, {})
    shown = partners.reindex(index=[tariffs.partner, OTHERS], columns=empty.columns[:3]).astype(float)
    for who, row in zip(("own", "others"), shown.to_dict("records"), strict=True):
        yield Value(f"added.{who}.rate_before", row["rate_before"], earlier)
        yield Value(f"added.{who}.rate_after", row["rate_after"], window)
        if who == "own":
            yield Value("added.own.change", row["change"], window)
    yield Value("added.change_gap", -shown["change"].diff().iloc[-1], window)
    yield Value("added.margin.before", margins.get("before"), s_earlier)
    yield Value("added.margin.after", margins.get("after"), s_window)
    for column in ("rate_after", "rate_after_others"):
        yield Value(f"added.sector1.{column}", sectors[column].iloc[0] if len(sectors) else None, s_window)


def _revised(tariffs: Tariffs) -> Iterator[Value]:
    """Yield the month whose rate was revised most, as first published and now."""
    revision = tariffs.revision
    tables = {} if revision is None else {"rate": revision.rates, "gap": revision.gaps}
    when = None if revision is None else month_name(revision.month)
    for what, name in product(("rate", "gap"), ("first", "now")):
        yield Value(f"revised.{what}.{name}", tables[what][name].to_dict()[revision.month] if revision else None, when)


def _applied(tariffs: Tariffs) -> Iterator[Value]:
    """Yield the partner's applied tariff on the reporter's goods in the first and last year held, and on others."""
    table = applied_by_origin(tariffs)
    own, none = (table[table["origin"] == ORIGINS[key]] for key in ("own", "none"))
    for name, rows in (("first", own[:1]), ("last", own[-1:]), ("none", none[none["year"].isin(own["year"][-1:])])):
        value, year = rows.iloc[0][["value", "year"]] if len(rows) else (None, None)
        yield Value(f"applied.{name}", value, None if year is None else str(int(year)))
