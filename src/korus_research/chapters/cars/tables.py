"""Tables of vehicles: what each count bounds, what came the other way, what studies expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.cars.measures import of as cars_of
from korus_research.chapters.cars.points import OF_ALL
from korus_research.show.shown import Rows, table
from korus_research.show.table import number, number_range
from korus_research.show.words.sentence import capital
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from korus_research.chapters.cars.measures import Cars
    from korus_research.data.study import Study

WORDS = Words("cars")


@table("bounds", tables=("vehicle_points",))
def maker_bounds(study: Study) -> Rows:
    """Return every count over a whole year, and whether it shows that the allowance was not used up."""
    cars, counted = cars_of(study), WORDS.labels("counted")
    notes = {chr(ord("a") + place): each for place, each in enumerate(_readings(cars))}
    rows = []
    for place, row in enumerate(cars.bounds.to_dict("records")):
        every = row["covers"] == OF_ALL
        maker = WORDS.label("all_makers") if every else capital(str(row["company"]).replace(", ", " and "))
        marks = "".join(f" ({mark})" for mark, (places, _) in notes.items() if place in places)
        units, share = (number(float(row[key]), 0) for key in ("units", "share"))
        rows.append(
            {
                **row,
                "maker": maker + marks,
                "counts": counted[str(row["counts"])],
                "units": WORDS.label("below", figure=units) if row["ceiling"] else units,
                "share": WORDS.label("below", figure=share) if row["ceiling"] else share,
                "used_up": WORDS.label("used_up_unknown" if row["reached"] else "used_up"),
            }
        )
    printed = tuple(f"({mark}) {text}" for mark, (_, text) in notes.items())
    return Rows(of=cars, data=cars.to_frame(), last=cars.last_point, rows=rows, notes=printed)


def _readings(cars: Cars) -> list[tuple[list[int], str]]:
    """Return the rows of the bounds that are read by us, or whose sources conflict, each with the note on them."""
    worded = [place for place, words in enumerate(cars.bounds["worded"]) if words]
    found = [(worded, WORDS.label("two_readings", cars))] if worded else []
    for place, row in enumerate(cars.bounds.to_dict("records")):
        if row["why"] and place not in worded:
            said = "; ".join(str(row[key]) for key in ("why", "note") if row[key])
            said = said.replace(". CONFLICT with", "; conflicts with").replace("CONFLICT:", "conflict:")
            found.append(([place], f"{capital(said)}."))
    return found


@table("units-back", tables=("vehicle_points", "forecasts"))
def units_back(study: Study) -> Rows | None:
    """Return the single figures of vehicles going from the partner to the reporter; None where none are held."""
    cars = cars_of(study)
    if cars.back.empty:
        return None
    rows = cars.back.rename(columns={"company": "maker"}).astype({"year": str}).to_dict("records")
    return Rows(of=cars, data=cars.back, last=str(rows[-1]["year"]), rows=rows)


@table("expected", tables=("forecasts",))
def cars_expected(study: Study) -> Rows | None:
    """Return what studies expected for vehicles; None where none had been published."""
    cars = cars_of(study)
    if cars.expected.empty:
        return None
    rows = [
        {**row, "value": number_range(float(row["low"]), float(row["high"]), 0)}
        for row in cars.expected.rename(columns={"metric": "what", "sector": "scope"}).to_dict("records")
    ]
    return Rows(of=cars, data=cars.expected, last=str(cars.expected["year"].max()), rows=rows)
