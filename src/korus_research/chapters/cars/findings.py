"""What the chapter's findings amount to; what each is stands in findings.toml."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from korus_research.chapters.cars.points import OF_ALL
from korus_research.methods.series import MN_PER_BN, USD_PER_BN, month_name
from korus_research.show.declared import Value

if TYPE_CHECKING:
    from korus_research.chapters.cars.measures import Cars, DutySeries

EDITION = "this edition"
PARTS = {"theirs": "cars", "ours": "cars", "trucks": "trucks"}  # into the partner; the others into the reporter


def names(cars: Cars) -> Mapping[str, str]:
    """Return the names that sentences about cars use; what each is stands in findings.toml."""
    single, near, worded = _single(cars), _near(cars), cars.worded_bounds
    ceilings, found = cars.maker_bounds["ceiling"], cars.raised
    several = near is not None and (single is None or single["share"] != near["share"])
    return {
        **cars.names,
        "bounds_noun": "counts" if not ceilings.any() else "ceilings" if ceilings.all() else "counts and ceilings",
        "single_maker": _text(single, "company"),
        "single_year": _text(single, "period"),
        "together": _and([_text(near, "company")]) if several else "",
        "nearest_year": _text(near, "period"),
        "newest_point": month_name(cars.last_point),
        "worded_makers": _and(worded["company"].iloc[:1]),
        "worded_units": ", ".join(f"{n:,.0f} in {y}" for y, n in zip(worded["period"], worded["units"], strict=True)),
        "raise_day": "" if found is None else f"{found.day:%-d %B %Y}",
        "expected_year": str(cars.expected["year"].max()) if len(cars.expected) else "",
        "added_duties": "added" if cars.added else "",
    }


def values(cars: Cars) -> Iterator[Value]:
    """Yield what every finding of the chapter amounts to."""
    for part in (_allowance, _nearest_counts, _worded, _raise, _back, _duties, _traded, _studies):
        yield from part(cars)


def _allowance(cars: Cars) -> Iterator[Value]:
    terms, makers = cars.allowance, cars.maker_bounds
    now = [t for t in terms if f"{t.start:%Y-%m}" <= cars.as_of][-1]
    for when, term in (("first", terms[0]), ("now", now)):
        yield Value(f"allowance.{when}", term.value, f"from {term.start:%-d %B %Y}")
    years = _and(sorted(set(makers["year"])), EDITION)
    yield Value("bounds", len(makers), years)
    yield Value("bounds.reached", makers["reached"].sum() if len(makers) else None, years)


def _nearest_counts(cars: Cars) -> Iterator[Value]:
    held, every = sorted(set(cars.maker_bounds["year"])), cars.bounds[cars.bounds["covers"] == OF_ALL]
    years, begun = _and(held, EDITION), cars.allowance[0].start.year
    single, near, most = _single(cars), _near(cars), _nearest(every)
    for name in ("units", "share", "allowance"):
        yield Value(f"single.{name}", _number(single, name), _text(single, "period") or years)
    lacking = [y for y in range(begun, int(cars.as_of[:4]) + (cars.as_of[5:] == "12")) if y not in held]
    yield Value("years.lacking", len(lacking), _and(lacking, EDITION))
    yield Value("nearest.share", _number(near, "share"), _text(near, "period") or years)
    period = _text(most, "period") or EDITION
    yield Value("all.units", _number(most, "units"), period)
    yield Value("all.times", None if most is None else most["units"] / most["allowance"], period)
    yield Value("all.reached", every["reached"].sum(), _and(sorted(set(every["year"])), EDITION))


def _worded(cars: Cars) -> Iterator[Value]:
    rows = cars.worded_bounds
    years = _and(sorted(set(rows["year"])), EDITION)
    yield Value("worded", len(rows), years)
    yield Value("worded.reached", rows["reached"].sum(), years)


def _raise(cars: Cars) -> Iterator[Value]:
    found = cars.raised
    if found is None:
        yield from (Value(f"raise.{name}", None) for name in ("change", "above", "partners", "others"))
        return
    period = f"{found.years[0]} to {found.years[1]}"
    yield Value("raise.change", found.change, period)
    yield Value("raise.above", found.above, period)
    yield Value("raise.partners", len(found.others), period)
    yield Value("raise.others", found.others.median(), period, (found.low, found.high))


def _back(cars: Cars) -> Iterator[Value]:
    """The newest count of all makers' vehicles going to the reporter, and of those that came in that year."""
    back, points = cars.back[cars.back["company"] == ""], cars.points
    year = int(back["year"].max()) if len(back) else None
    period = None if year is None else str(year)
    built = points[(points["counts"] == "us_built") & points["whole_year"] & (points["covers"] == OF_ALL)]
    yield Value("back.units", _first(back.loc[back["year"] == year, "units"]), period)
    yield Value("back.other_way", _first(built.loc[built["year"] == year, "units"]), period)


def _duties(cars: Cars) -> Iterator[Value]:
    """The duties on cars both ways and on trucks into the reporter, by the agreement's text."""
    for whose, word in PARTS.items():
        series = _duty(cars, whose)
        steps = series.steps if series else ()
        about = {"product": series.product if series else word}
        now = [t for t in steps if f"{t.start:%Y-%m}" <= cars.as_of]
        for when, terms in (("before", steps[:1]), ("now", now[-1:])):
            if (whose, when) != ("trucks", "before"):
                value = terms[0].value if terms else None
                decimals = 0 if value is None or value == int(value) else 1
                yield Value(f"duty.{whose}.{when}", value, says=about, decimals=decimals)
        if whose == "trucks":
            free = [t.start.year for t in steps if t.value == 0]
            yield Value("duty.trucks.free", min(free, default=None), EDITION, says=about)


def _traded(cars: Cars) -> Iterator[Value]:
    for flow, series in (("exports", cars.exports), ("imports", cars.imports)):
        first, last = series.index[0], series.index[-1]
        yield Value(f"{flow}.first", series[first] / USD_PER_BN, str(first))
        yield Value(f"{flow}.last", series[last] / USD_PER_BN, str(last))
        yield Value(f"{flow}.change", (series[last] - series[first]) / USD_PER_BN, f"{first} to {last}")
        own = cars.own_values(flow)
        for name, place in (("start", 0), ("end", -1)):
            row = own.iloc[place] if len(own) > 1 else None
            value = None if row is None else float(row["value_usd_mn"]) / MN_PER_BN
            yield Value(f"{flow}.cars_{name}", value, _text(row, "year") or None)


def _studies(cars: Cars) -> Iterator[Value]:
    rows = cars.expected
    barriers = rows[rows["metric"].str.contains("non-tariff") & (rows["unit"] == "USD mn")]
    low, high = (None if (end := _first(barriers[name])) is None else end / MN_PER_BN for name in ("low", "high"))
    yield Value("expected.barriers", high, _year(barriers), (low, high))
    trucks = rows[rows["sector"].str.startswith("light trucks") & (rows["unit"] == "vehicles")]
    for name, text in (("imports", "avoided increase"), ("production", "avoided fall")):
        found = trucks[trucks["metric"].str.startswith(text)]
        yield Value(f"trucks.{name}", _first(found["high"]), _year(found))


def _duty(cars: Cars, whose: str) -> DutySeries | None:
    """Return the duty on cars into the partner (`theirs`) or the reporter (`ours`), or on trucks into the latter."""
    theirs = whose == "theirs"
    fitting = (d for d in cars.duties if (d.importer == cars.partner_iso3) == theirs and PARTS[whose] in d.product)
    return next(fitting, None)


def _single(cars: Cars) -> pd.Series[Any] | None:
    """Return the count of one maker that comes nearest to its allowance."""
    makers = cars.maker_bounds
    return _nearest(makers[(makers["covers"] == "maker") & ~makers["ceiling"]])


def _near(cars: Cars) -> pd.Series[Any] | None:
    """Return the count of one maker, or of some together, that comes nearest to the allowance of one."""
    makers = cars.maker_bounds
    return _nearest(makers[~makers["ceiling"]])


def _nearest(rows: pd.DataFrame) -> pd.Series[Any] | None:
    return rows.sort_values("share").iloc[-1] if len(rows) else None


def _number(row: pd.Series[Any] | None, name: str) -> float | None:
    return None if row is None else float(row[name])


def _text(row: pd.Series[Any] | None, name: str) -> str:
    return "" if row is None else str(row[name])


def _first(column: pd.Series[Any]) -> float | None:
    return float(column.iloc[0]) if len(column) else None


def _year(rows: pd.DataFrame) -> str | None:
    return str(int(rows["year"].iloc[0])) if len(rows) else None


def _and(words: Iterable[object], otherwise: str = "") -> str:
    """Return `2016, 2017` or ["Ford, Chrysler"] as `2016 and 2017`, `Ford and Chrysler`."""
    first, _, last = ", ".join(map(str, words)).rpartition(", ")
    return f"{first} and {last}" if first else last or otherwise
