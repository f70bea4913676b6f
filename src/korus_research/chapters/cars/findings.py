"""The findings of the cars chapter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from korus_research.chapters.cars.points import OF_ALL
from korus_research.methods.series import USD_PER_BN, month_name
from korus_research.show.finding import Findings, Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.cars.result import Cars

POINTS = ("vehicle_points",)
EXPORTS = ("sector_exports_annual",)
IMPORTS = ("sector_imports_annual",)
AS_REPORTED = "single figures as reported, each with its definition"
TERMS = "text of the agreement"
CHAPTER = "total exports f.a.s. of HS chapter 87, nominal"
INDUSTRY = "imports for consumption of NAICS 336, customs value, nominal"
NO_RAISE = "the allowance had not been raised, or no whole year after it is held"
NO_BOUND = "no count of all the cars of a maker over a whole year is held"
NO_STUDY = "no such study had been published"
NOT_HELD = "no such figure is held"


def car_findings(cars: Cars) -> Findings:
    """Return every finding of the chapter, with ids `cars.*`."""
    maker = Maker("cars", basis=AS_REPORTED, datasets=POINTS, reason=NOT_HELD)
    names = dict(cars.spec.names)
    names |= _allowance(cars, maker)
    names |= _worded(cars, maker)
    names |= _raise(cars, maker)
    _back(cars, maker)
    _duties(cars, maker)
    _values(cars, maker)
    _expected(cars, maker)
    return maker.findings(names)


def _allowance(cars: Cars, maker: Maker) -> dict[str, str]:
    """Make the findings of the bounds; return the names of the maker that comes nearest, and its year."""
    terms = cars.spec.allowance
    first, now = terms[0], [t for t in terms if f"{t.start:%Y-%m}" <= cars.spec.as_of][-1]
    for name, term in (("first", first), ("now", now)):
        whose = cars.spec.names.get("reporter_adjective", "US")
        label = f"vehicles that each maker may ship in a year under {whose} standards"
        maker.add(f"allowance.{name}", label, term.value, "vehicles", f"from {term.start:%-d %B %Y}", TERMS, ())
    makers, every = cars.maker_bounds, cars.bounds[cars.bounds["covers"] == OF_ALL]
    years = _years(makers["year"])
    counts = float(len(makers))
    maker.add("bounds", "counts and ceilings that bound a maker's use of the allowance", counts, "count", years)
    reached = float(makers["reached"].sum()) if len(makers) else None
    maker.add("bounds.reached", "of these, those that reach the allowance", reached, "count", years, reason=NO_BOUND)
    single = _nearest(makers[(makers["covers"] == "maker") & ~makers["ceiling"]])
    period = years if single is None else str(single["period"])
    found = {k: None if single is None else float(single[k]) for k in ("units", "share", "allowance")}
    text = "the count of one maker that comes nearest to the allowance"
    maker.add("single.units", text, found["units"], "vehicles", period, reason=NO_BOUND)
    maker.add("single.share", f"{text}, over it", found["share"], "percent", period, decimals=0, reason=NO_BOUND)
    text = "the allowance of that year"
    maker.add("single.allowance", text, found["allowance"], "vehicles", period, TERMS, (), reason=NO_BOUND)
    begun = range(terms[0].start.year, int(cars.spec.as_of[:4]) + (cars.spec.as_of[5:] == "12"))
    lacking = sorted(set(begun) - set(makers["year"]))
    label = "years under the allowance for which no count of all the cars of a maker is held"
    maker.add("years.lacking", label, float(len(lacking)), "count", _years(pd.Series(lacking, dtype=int)))
    near = _nearest(makers[~makers["ceiling"]])
    maker.add(
        "nearest.share",
        "the count of a maker, or of some together, that comes nearest to the allowance of one, over it",
        None if near is None else float(near["share"]),
        "percent",
        years if near is None else str(near["period"]),
        decimals=0,
        reason=NO_BOUND,
    )
    total = _nearest(every)
    period = "this edition" if total is None else str(total["period"])
    units = None if total is None else float(total["units"])
    maker.add(
        "all.units",
        "the count of all makers that build in the United States together, most above the allowance of one",
        units,
        "vehicles",
        period,
    )
    over = None if total is None else float(total["units"] / total["allowance"])
    maker.add("all.times", "that count over the allowance of one maker", over, "times", period, decimals=1)
    maker.add(
        "all.reached",
        "counts of all makers together that reach the allowance of one",
        float(every["reached"].sum()),
        "count",
        _years(every["year"]),
    )
    return {
        "single_maker": "" if single is None else str(single["company"]),
        "single_year": "" if single is None else str(single["period"]),
        "nearest_makers": "" if near is None else _who(str(near["company"])),
        "nearest_year": "" if near is None else str(near["period"]),
        "newest_point": month_name(cars.last_point),
    }


def _worded(cars: Cars, maker: Maker) -> dict[str, str]:
    """Make the findings of the points that are read against their words; return the makers that the words name."""
    rows = cars.worded_bounds
    years = _years(rows["year"])
    label = "figures worded as sales of some makers together and read as cars of any maker"
    maker.add("worded", label, float(len(rows)), "count", years)
    label = "of these, counts that would reach the allowance as worded"
    maker.add("worded.reached", label, float(rows["reached"].sum()), "count", years)
    return {"worded_makers": _who(str(rows["company"].iloc[0])) if len(rows) else ""}


def _back(cars: Cars, maker: Maker) -> None:
    """Make the findings of the newest count of all makers' vehicles going to the reporter, and of those that came."""
    back = cars.back[cars.back["company"] == ""]
    partner = cars.spec.names.get("partner", cars.spec.partner)
    year = int(back["year"].max()) if len(back) else None
    period = "a year before this edition" if year is None else str(year)
    units = None if year is None else float(back.loc[back["year"] == year, "units"].iloc[0])
    maker.add("back.units", f"vehicles built in {partner} and exported", units, "vehicles", period)
    built = cars.points[(cars.points["counts"] == "us_built") & cars.points["whole_year"]]
    same = built.loc[(built["year"] == year) & (built["covers"] == OF_ALL), "units"]
    label = f"vehicles built in the United States and imported into {partner} in that year"
    maker.add("back.other_way", label, float(same.iloc[0]) if len(same) else None, "vehicles", period)


def _nearest(rows: pd.DataFrame) -> pd.Series[Any] | None:
    """Return the row that comes nearest to its allowance; None without rows."""
    return rows.sort_values("share").iloc[-1] if len(rows) else None


def _years(years: pd.Series[int]) -> str:
    """Return the years listed: `2016, 2017 and 2020`."""
    return _who(", ".join(map(str, sorted(set(years))))) if len(years) else "this edition"


def _who(companies: str) -> str:
    """Return `Ford, Chrysler` as `Ford and Chrysler`."""
    first, _, last = companies.rpartition(", ")
    return f"{first} and {last}" if first else last


def _raise(cars: Cars, maker: Maker) -> dict[str, str]:
    found = cars.raised
    period = "around the raise" if found is None else f"{found.years[0]} to {found.years[1]}"
    median = None if found is None else float(found.others.median())
    change = None if found is None else found.change
    values: tuple[tuple[str, str, float | None, Unit], ...] = (
        ("change", "the change of exports of road vehicles in the year of the raised allowance", change, "percent"),
        (
            "above",
            "other partners to which exports changed by more",
            None if found is None else float(found.above),
            "count",
        ),
        ("partners", "other partners compared", None if found is None else float(len(found.others)), "count"),
    )
    for name, label, value, unit in values:
        maker.add(f"raise.{name}", label, value, unit, period, CHAPTER, EXPORTS, reason=NO_RAISE)
    maker.add(
        "raise.others",
        "the median change of exports of road vehicles to other partners",
        median,
        "percent",
        period,
        CHAPTER,
        EXPORTS,
        bounds=None if found is None else (found.low, found.high),
        interval="quartiles over other partners",
        reason=NO_RAISE,
    )
    return {"raise_day": "" if found is None else f"{pd.Timestamp(found.day):%-d %B %Y}"}


def _duties(cars: Cars, maker: Maker) -> None:
    """Make the findings of the duties on cars both ways and on trucks into the reporter, by the agreement's text."""
    spec = cars.spec
    for id_, theirs, word in (("theirs", True, "cars"), ("ours", False, "cars"), ("trucks", False, "trucks")):
        series = [d for d in spec.duties if (d.importer == spec.partner_iso3) == theirs and word in d.product]
        steps = series[0].steps if series else ()
        now = [t for t in steps if f"{t.start:%Y-%m}" <= spec.as_of]
        product = series[0].product if series else word
        for name, term in (("before", steps[0] if steps else None), ("now", now[-1] if now else None)):
            when = "before the agreement" if name == "before" else "in this edition, by the text"
            value = None if term is None else term.value
            decimals = 0 if value is None or value == int(value) else 1
            label = f"the duty on {product} {when}"
            maker.add(f"duty.{id_}.{name}", label, value, "percent", when, TERMS, (), decimals=decimals)
        later = [t.start.year for t in steps if t.value == 0]
        end = float(min(later)) if later else None
        maker.add(
            f"duty.{id_}.free",
            f"the year from which {product} are free of duty",
            end,
            "year",
            "this edition",
            TERMS,
            (),
        )


def _values(cars: Cars, maker: Maker) -> None:
    partner = cars.spec.names.get("partner", cars.spec.partner)
    for flow, series, noun, basis, data in (
        ("exports", cars.exports, f"exports of road vehicles and parts to {partner}", CHAPTER, EXPORTS),
        ("imports", cars.imports, f"imports of transport equipment from {partner}", INDUSTRY, IMPORTS),
    ):
        first, last = int(series.index[0]), int(series.index[-1])
        for name, year in (("first", first), ("last", last)):
            value = float(series.loc[year]) / USD_PER_BN
            maker.add(f"{flow}.{name}", f"{noun} in {year}", value, "usd_bn", str(year), basis, data)
        change = float(series.loc[last] - series.loc[first]) / USD_PER_BN
        maker.add(f"{flow}.change", f"change of {noun}", change, "usd_bn", f"{first} to {last}", basis, data)
        rows = cars.values
        own = rows[(rows["partner"] == cars.spec.partner) & (rows["flow"] == flow) & (rows["counted_by"] == "US")]
        own = own.sort_values("year")
        for name, place in (("start", 0), ("end", -1)):
            held = len(own) > 1
            year_text = str(int(own["year"].iloc[place])) if held else "two years"
            amount = float(own["value_usd_mn"].iloc[place]) / 1000 if held else None
            label = f"passenger cars alone: {flow} in {year_text}, as reported"
            maker.add(
                f"{flow}.cars_{name}",
                label,
                amount,
                "usd_bn",
                year_text,
                "passenger cars, US statistics as reported",
                ("car_values",),
            )


def _expected(cars: Cars, maker: Maker) -> None:
    rows = cars.expected
    barriers = rows[rows["metric"].str.contains("non-tariff") & (rows["unit"] == "USD mn")]
    low, high = (
        (float(barriers["low"].iloc[0]) / 1000, float(barriers["high"].iloc[0]) / 1000)
        if len(barriers)
        else (None, None)
    )
    maker.add(
        "expected.barriers",
        "what a study expected of removing all non-tariff measures on passenger vehicles",
        high,
        "usd_bn",
        str(int(barriers["year"].iloc[0])) if len(barriers) else "before the agreement",
        "model of the US International Trade Commission, second hand",
        ("forecasts",),
        decimals=3,
        bounds=(low, high),
        interval="range of the study" if len(barriers) else None,
        reason=NO_STUDY,
    )
    trucks = rows[rows["sector"].str.startswith("light trucks") & (rows["unit"] == "vehicles")]
    for name, text in (("imports", "avoided increase"), ("production", "avoided fall")):
        found = trucks[trucks["metric"].str.startswith(text)]
        value = float(found["high"].iloc[0]) if len(found) else None
        maker.add(
            f"trucks.{name}",
            f"the {text} that a study expected of the truck duty that stays",
            value,
            "vehicles",
            str(int(found["year"].iloc[0])) if len(found) else "after the amendments",
            "model of the US International Trade Commission, most likely scenario",
            ("forecasts",),
            reason=NO_STUDY,
        )
