"""Tables of vehicles: what each count bounds, what came the other way, what studies expected."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from korus_research.chapters.cars.measures import Cars
from korus_research.chapters.cars.measures import of as cars_of
from korus_research.chapters.cars.points import OF_ALL
from korus_research.data.study import Study
from korus_research.show.shown import Rows, table
from korus_research.show.table import number, number_range
from korus_research.show.words.sentence import capital
from korus_research.show.words.text import Words

WORDS = Words("cars")


@table("bounds", tables=("vehicle_points",))
def maker_bounds(study: Study) -> Rows:
    """Return every count over a whole year, and whether it shows that the allowance was not used up."""
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
    """Yield the rows of the bounds that are read by us, or whose sources conflict, each with the note on them."""
    worded = [place for place, words in enumerate(cars.bounds["worded"]) if words]
    if worded:
        yield worded, WORDS.label("two_readings", cars)
    for place, row in enumerate(cars.bounds.to_dict("records")):
        if row["why"] and place not in worded:
            said = "; ".join(str(row[key]) for key in ("why", "note") if row[key])
            said = said.replace(". CONFLICT with", "; conflicts with").replace("CONFLICT:", "conflict:")
            yield [place], f"{capital(said)}."


@table("units-back", tables=("vehicle_points", "forecasts"))
def units_back(study: Study) -> Rows | None:
    """Return the single figures of vehicles going from the partner to the reporter; None where none are held."""
    cars = cars_of(study)
    if cars.back.empty:
        return None
    rows = cars.back.rename(columns={"company": "maker"}).astype({"year": str}).to_dict("records")
    return Rows(of=cars, data=cars.back, last=rows[-1]["year"], rows=rows)


@table("expected", tables=("forecasts",))
def cars_expected(study: Study) -> Rows | None:
    """Return what studies expected for vehicles; None where none had been published."""
    cars = cars_of(study)
    if cars.expected.empty:
        return None
    said = cars.expected.rename(columns={"metric": "what", "sector": "scope"}).to_dict("records")
    rows = [{**row, "value": number_range(float(row["low"]), float(row["high"]), 0)} for row in said]
    return Rows(of=cars, data=cars.expected, last=str(cars.expected["year"].max()), rows=rows)
