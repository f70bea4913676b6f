"""Tables of vehicles: passenger cars in trade, what each count bounds, what was expected."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from korus_research.chapters.cars.measures import Cars, of as cars_of
from korus_research.chapters.cars.points import OF_ALL
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN, WORLD
from korus_research.show.shown import Prose, Rows, Words, capital, number, number_range, table

WORDS = Words("cars")
FIRST_BRAND = "2019"  # the first year of a brand's count; totals are known before


def brands(study: Study) -> Prose | None:
    """Return the sentence that introduces cars registered by brand; None where that table is not shown."""
    shown = cars_registered(study)
    return WORDS.say("registered", cars_of(study), last_brands=shown.last_period[:4]) if shown else None


@table("bounds", tables=("vehicle_points",))
def maker_bounds(study: Study) -> Rows:
    """Return the counts over whole years, and whether each shows that the allowance was not used up."""
    cars, counted = cars_of(study), WORDS.labels("counted")
    notes = [(chr(ord("a") + place), *each) for place, each in enumerate(_readings(cars))]
    rows: list[dict[Any, Any]] = []
    for place, row in enumerate(cars.bounds.to_dict("records")):
        every = row["covers"] == OF_ALL
        maker = WORDS.label("all_makers") if every else capital(str(row["company"]).replace(", ", " and "))
        shown = {key: number(float(row[key]), 0) for key in ("units", "share")}
        if row["ceiling"]:
            shown = {key: WORDS.label("below", figure=figure) for key, figure in shown.items()}
        shown["maker"] = maker + "".join(f" ({mark})" for mark, places, _ in notes if place in places)
        used_up = WORDS.label("used_up_unknown" if row["reached"] else "used_up")
        rows.append({**row, **shown, "counts": counted[str(row["counts"])], "used_up": used_up})
    printed = tuple(f"({mark}) {text}" for mark, _, text in notes)
    return Rows(of=cars, data=cars.to_frame(), last=cars.last_point, rows=rows, notes=printed)


def _readings(cars: Cars) -> Iterator[tuple[list[int], str]]:
    """Yield rows of the bounds that we read against their wording, or whose sources conflict, with a note."""
    worded = [place for place, words in enumerate(cars.bounds["worded"]) if words]
    if worded:
        yield worded, WORDS.label("two_readings", cars)
    for place, row in enumerate(cars.bounds.to_dict("records")):
        if row["why"] and place not in worded:
            said = "; ".join(str(row[key]) for key in ("why", "note") if row[key])
            said = said.replace(". CONFLICT with", "; conflicts with").replace("CONFLICT:", "conflict:")
            yield [place], f"{capital(said)}."


@table("alone", tables=("car_values", "partners"))
def cars_alone(study: Study) -> Rows | None:
    """Return the known values of passenger cars by flow and partner, a column a year; None without any."""
    cars = cars_of(study)
    values = cars.values[(cars.values["counted_by"] == "US")].astype({"year": str})
    if values.empty:
        return None
    wide = values.pivot(index=["flow", "partner"], columns="year", values="value_usd_mn") / MN_PER_BN
    called = study.load("partners").set_index("partner")["name"].to_dict()
    called |= {WORLD: WORDS.label("all_countries"), cars.partner: study.names["partner"]}
    order = sorted(wide.index, key=lambda at: (at[0], at[1] != cars.partner, at[1] == WORLD, called[at[1]]))
    shown = wide.to_dict("index")
    rows = [{"what": WORDS.label(f"alone.{at[0]}", country=called[at[1]]), **shown[at]} for at in order]
    return Rows(of=cars, data=values, last=str(wide.columns[-1]), rows=rows, given={"years": [*map(str, wide)]})


@table("registered", tables=("car_registrations",))
def cars_registered(study: Study) -> Rows | None:
    """Return cars registered in the partner by brand and whole year; None with fewer than two years."""
    held = study.load("car_registrations")
    whole = held[held["period"].str.fullmatch(r"\d{4}") & held["unit"].eq("vehicles") & (held["period"] >= FIRST_BRAND)]
    wide = whole.pivot(index="brand", columns="period", values="units")
    # They are of one agreement only: the table has no column for it.
    if study.agreement.partner.iso3 != "KOR" or len(wide.columns) < 2:
        return None
    shown, brands = wide.to_dict("index"), WORDS.labels("brands")
    rows = [{"brand": called, **shown[brand]} for brand, called in brands.items() if brand in shown]
    last = str(whole["period_end"].max())
    return Rows(of=cars_of(study), data=whole, last=last, rows=rows, given={"years": [*map(str, wide)]})


@table("expected", tables=("forecasts",))
def cars_expected(study: Study) -> Rows | None:
    """Return what studies expected for vehicles; None before any was published."""
    cars = cars_of(study)
    if cars.expected.empty:
        return None
    said, units = cars.expected.rename(columns={"metric": "what", "sector": "scope"}), WORDS.labels("expected_units")
    rows = said.assign(
        study=said["study"].map(_study),
        value=[number_range(low, high, 0) for low, high in zip(said["low"], said["high"], strict=True)],
        unit=said["unit"].replace(dict(units)),
    ).to_dict("records")
    return Rows(of=cars, data=cars.expected, last=str(cars.expected["year"].max()), rows=rows)


def _study(name: str) -> str:
    """Return the full name of a publication of the Commission, or another study as the dataset names it."""
    found = re.search(r"USITC Pub\. (\d+)", name)
    return WORDS.label("publication", number=found[1]) if found else name
