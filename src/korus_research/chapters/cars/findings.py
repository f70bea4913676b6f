"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date as Date
from math import nan
from typing import Any

import pandas as pd

from korus_research.chapters.cars.measures import Cars
from korus_research.chapters.cars.points import ABROAD, OF_ALL
from korus_research.data.agreements.parts import Commitment
from korus_research.data.period import day_text
from korus_research.methods.series import MN_PER_BN, WORLD, month_name
from korus_research.show.declared import Value
from korus_research.show.words.sentence import listed


def names(cars: Cars) -> Mapping[str, str | list[str]]:
    """Return the names used in sentences about cars; `findings.toml` describes each."""
    single, brand, worded = _single(cars), _brand(cars), cars.worded_bounds
    abroad = cars.points[cars.points["counts"] == ABROAD]
    trucks, cars_free = _free_from(cars, "trucks"), _free_from(cars, "cars")
    agreement, amended = cars.agreement, cars.agreement.dates.amendments_signed
    replaced = [c for c in agreement.replaced_until(cars.as_of) if c.kind == "duty" and "trucks" in c.product]
    free_then = [term.from_ for term in replaced if not term.value]  # as laid down before the agreement was amended
    return {
        **cars.study_names,
        "reporter": agreement.reporter.short,
        "amended_year": str(amended.year) if amended else "",
        "single_maker": single.get("company", ""),
        "single_year": single.get("period", ""),
        "brand_makers": brand["company"].split(", ") if brand else "",
        "brand_year": brand.get("period", ""),
        "abroad": list(dict.fromkeys(abroad["company"])),
        "abroad_years": _years(abroad["year"]) or "",
        "newest_point": month_name(cars.last_point),
        "worded_makers": [maker for named in worded["company"].iloc[:1] for maker in named.split(", ")],
        "worded_units": ", ".join(f"{n:,.0f} in {y}" for y, n in zip(worded["period"], worded["units"], strict=True)),
        "raise_day": day_text(cars.raised.day) if cars.raised else "",
        "ending_day": day_text(cars.ending) if cars.ending else "",
        "expected_year": str(cars.expected["year"].max()) if len(cars.expected) else "",
        "trucks_free": f"{trucks.year}" if trucks else "",
        "cars_free_day": day_text(cars_free) if cars_free and f"{cars_free:%Y-%m}" <= cars.as_of else "",
        "car_wordings": _wordings(cars),
        "trucks_then": str(free_then[-1].year) if free_then else "",
    }


def _wordings(cars: Cars) -> list[str]:
    """Return how sources word values of cars that stand in one row, each with its years; empty where they are alike."""
    found: list[str] = []
    for _, row in cars.values[cars.values["counted_by"] == "US"].groupby(["flow", "partner"]):
        years = {str(wording): _years(of["year"]) for wording, of in row.groupby("wording", sort=False)}
        found += [f"{wording} ({when})" for wording, when in years.items()] if len(years) > 1 else []
    return found


def values(cars: Cars) -> Iterator[Value]:
    """Yield the value of every finding of the chapter."""
    for part in (_allowance, _bounds, _raise, _back, _duties, _traded, _studies):
        yield from part(cars)


def _allowance(cars: Cars) -> Iterator[Value]:
    for when, term in (("first", cars.allowance[0]), ("now", _begun(cars, cars.allowance)[-1])):
        yield Value(f"allowance.{when}", term.value, f"from {day_text(term.from_)}")


def _begun(cars: Cars, terms: Sequence[Commitment]) -> list[Commitment]:
    return [term for term in terms if f"{term.from_:%Y-%m}" <= cars.as_of]


def _bounds(cars: Cars) -> Iterator[Value]:
    """Yield the bounds on use of the allowance: counts of US-built cars, of brands, of all makers, and as worded."""
    makers, worded, every = cars.built_there, cars.worded_bounds, cars.bounds[cars.bounds["covers"] == OF_ALL]
    brands = cars.maker_bounds[~cars.maker_bounds["built_there"]]
    single, brand, most = _single(cars), _brand(cars), _nearest(every)
    held, of_brands = _years(makers["year"]), _years(brands["year"])
    yield Value("bounds", len(makers), held)
    yield Value("bounds.reached", makers["reached"].sum() if len(makers) else None, held)
    for name in ("units", "share", "allowance"):
        yield Value(f"single.{name}", single.get(name), single.get("period", held))
    under = range(cars.allowance[0].from_.year, int(cars.as_of[:4]) + (cars.as_of[5:] == "12"))
    lacking = set(under) - set(makers["year"])
    yield Value("years.lacking", len(lacking), _years(lacking))
    yield Value("brand", len(brands), of_brands)
    yield Value("brand.reached", brands["reached"].sum(), of_brands)
    yield Value("brand.share", brand.get("share"), brand.get("period", of_brands))
    yield Value("all.times", most["units"] / most["allowance"] if most else None, most.get("period"))
    yield Value("worded", len(worded), _years(worded["year"]))
    yield Value("worded.reached", worded["reached"].sum(), _years(worded["year"]))


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
    """Yield the newest count of all vehicles exported to the reporter, and of those imported in that year."""
    back, points = cars.back[cars.back["company"] == ""], cars.points
    year = back["year"].max() if len(back) else None
    built = points[(points["counts"] == "us_built") & points["whole_year"] & (points["covers"] == OF_ALL)]
    for name, rows in (("units", back), ("other_way", built)):
        yield Value(f"back.{name}", _first(rows[rows["year"] == year], "units"), None if year is None else str(year))


def _duties(cars: Cars) -> Iterator[Value]:
    """Yield the duties in the agreement's text: on cars both ways, and on trucks into the reporter."""
    for whose, word in {"theirs": "cars", "ours": "cars", "trucks": "trucks"}.items():
        steps = cars.duties(word, into_partner=whose == "theirs")
        says = {"product": steps[0].product if steps else word}
        for when, terms in (("before", steps[:1]), ("now", _begun(cars, steps)[-1:])):
            if (whose, when) != ("trucks", "before"):
                value = terms[0].value if terms else None
                yield Value(f"duty.{whose}.{when}", value, says=says, decimals=int(bool(value and value % 1)))


def _free_from(cars: Cars, product: str) -> Date | None:
    """Return the day from which the text frees a product of the reporter's duty; None without one."""
    return next((term.from_ for term in cars.duties(product, into_partner=False) if not term.value), None)


def _traded(cars: Cars) -> Iterator[Value]:
    """Yield the first and last known value of passenger cars, and the partner's share in the reporter's imports."""
    own, world = cars.value_of("imports", cars.partner), cars.value_of("imports", WORLD)
    for flow, series in (("exports", cars.value_of("exports", cars.partner)), ("imports", own)):
        for name, at in (("start", 0), ("end", -1)):
            year = str(series.index[at]) if len(series) > 1 else None
            yield Value(f"{flow}.cars_{name}", series.iloc[at] if year else None, year)
    both = own.index.intersection(world.index)
    several = len(both) > 1
    for name, at in (("start", 0), ("end", -1)):
        share = 100 * own[both[at]] / world[both[at]] if several else None
        yield Value(f"imports.share_{name}", share, str(both[at]) if len(both) else None)
    for name, series in (("own_growth", own), ("world_growth", world)):
        growth = 100 * (series[both[-1]] / series[both[0]] - 1) if several else None
        yield Value(f"imports.{name}", growth, f"{both[0]} to {both[-1]}" if len(both) else None)


def _studies(cars: Cars) -> Iterator[Value]:
    rows = cars.expected
    barriers = rows[rows["metric"].str.contains("non-tariff") & (rows["unit"] == "USD mn")]
    low, high = (_first(barriers, name) / MN_PER_BN for name in ("low", "high"))
    yield Value("expected.barriers", high, _years(barriers["year"][:1]), (low, high))
    trucks = rows[rows["sector"].str.startswith("light trucks") & (rows["unit"] == "vehicles")]
    for name, text in (("imports", "avoided increase"), ("production", "avoided fall")):
        found = trucks[trucks["metric"].str.startswith(text)]
        yield Value(f"trucks.{name}", _first(found, "high"), _years(found["year"][:1]))


def _single(cars: Cars) -> dict[str, Any]:
    """Return the count of one maker's cars built in the reporter's country that comes nearest to its allowance."""
    return _nearest(cars.built_there.query("covers == 'maker' and not ceiling"))


def _brand(cars: Cars) -> dict[str, Any]:
    """Return the count of brands wherever built, of one maker or some, that comes nearest to the allowance of one."""
    return _nearest(cars.maker_bounds.query("not built_there and not ceiling"))


def _nearest(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the row of the largest share, empty where there is none."""
    return {str(key): value for row in rows.sort_values("share").to_dict("records")[-1:] for key, value in row.items()}


def _first(rows: pd.DataFrame, column: str) -> float:
    return float(rows[column].iloc[0]) if len(rows) else nan


def _years(years: Iterable[object]) -> str | None:
    """Return years as `2013, 2016 and 2017`; None, for the period that is declared, where there are none."""
    return listed([str(year) for year in sorted(set(years), key=str)]) or None
