"""Tables of vehicles: what each count bounds, what studies expected; and the sentences that an edition may lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.cars.figures import COUNTED, POINTS, counts_noun, reach
from korus_research.chapters.cars.measures import of as cars_of
from korus_research.chapters.cars.points import OF_ALL
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.chapters.cars.result import Cars
    from korus_research.data.study import Study

BACK = ("vehicle_points", "forecasts")
FORECASTS = ("forecasts",)


def maker_bounds(study: Study) -> Table:
    """Return every count over a whole year under the allowance, and whether it shows that the allowance was not used up."""
    cars = cars_of(study)
    rows: list[dict[str, Cell]] = []
    notes = _readings(cars)
    for place, row in enumerate(cars.bounds.to_dict("records")):
        every = row["covers"] == OF_ALL
        told = "not known" if row["reached"] else "no"
        maker = "All makers" if every else _capital(str(row["company"]).replace(", ", " and "))
        below = "below " if row["ceiling"] else ""
        rows.append(
            {
                "period": str(row["period"]),
                "maker": maker + "".join(f" ({mark})" for mark, (places, _) in notes.items() if place in places),
                "counts": COUNTED[str(row["counts"])],
                "units": below + number(float(row["units"]), 0),
                "allowance": number(float(row["allowance"]), 0),
                "share": below + number(float(row["share"]), 0),
                "used_up": told,
            }
        )
    return Table(
        id="cars-bounds",
        title=say(
            cars,
            f"Of {{cars.bounds:count}} {counts_noun(cars)} of makers' cars {{cars.bounds.reached:count}} {reach(cars, 'cars.bounds.reached')} the allowance; of the counts of all makers together, {{cars.all.reached:count}} {reach(cars, 'cars.all.reached')} that of one",
            keep=True,
        ),
        caption="Whole years under the allowance. All makers: all that build in the United States, in one sum, which can't tell what any of them ships. A count of all the cars of a maker, or of some makers together, is at least what each ships under the allowance. Below: a ceiling that somebody named, which can't tell that anything was reached. Two figures of one year are two definitions, not two makers. Used up: no, where the count lies below the allowance; whether the allowance held a maker, or its plans, back is not known in any row.",
        source=source_line(study, POINTS, cars.last_point),
        datasets=POINTS,
        columns=[
            Column("period", "Year", align="left", width=1),
            Column("maker", "Makers", align="left", width=1.4),
            Column("counts", "What is counted", align="left", width=2.5),
            Column("units", "Count", "vehicles", align="right"),
            Column("allowance", "Allowance of one", "vehicles", align="right"),
            Column("share", "Share", "percent", align="right", width=0.8),
            Column("used_up", "Used up", align="left", width=0.9),
        ],
        rows=rows,
        row_header="period",
        data=cars.to_frame(),
        made_by="korus_research.chapters.cars.tables.maker_bounds",
        last_period=cars.last_point,
        notes=(
            *(f"({mark}) {text}" for mark, (_, text) in notes.items()),
            "A ceiling above the allowance of one says nothing and is left out. The CSV holds every point, with its source, its definition in full and our reading of it.",
        ),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _readings(cars: Cars) -> dict[str, tuple[list[int], str]]:
    """Return by letter the rows of the bounds that are read by us, or whose sources conflict, and the note on them."""
    found: list[tuple[list[int], str]] = []
    worded = [k for k, words in enumerate(cars.bounds["worded"]) if words]
    if worded:
        found.append((worded, _worded(cars)))
    for place, row in enumerate(cars.bounds.to_dict("records")):
        if row["why"] and place not in worded:
            said = "; ".join(str(row[key]) for key in ("why", "note") if row[key])
            said = said.replace(". CONFLICT with", "; conflicts with").replace("CONFLICT:", "conflict:")
            found.append(([place], f"{_capital(said)}."))
    return {chr(ord("a") + k): each for k, each in enumerate(found)}


def _worded(cars: Cars) -> str:
    """Return the note on points that are read against their words, with both readings."""
    rows, findings = cars.worded_bounds, cars.findings()
    units = ", ".join(f"{number(float(n), 0)} in {year}" for year, n in zip(rows["period"], rows["units"], strict=True))
    makers = findings.names["worded_makers"]
    reached, all_ = (findings[key].text("count") for key in ("cars.worded.reached", "cars.worded"))
    return (
        f"Two readings. The source words some figures as sales of {makers} ({units}). They carry on a series of cars built in the United States by any maker, and brand sales were far lower, so they stand here under all makers. "
        f"As worded they would be counts of makers together, and {reached} of {all_} would reach the allowance of one."
    )


def car_answer(study: Study) -> Prose:
    """Return the answer of the chapter in two sentences, the second on the reading of its points that it rests on."""
    cars = cars_of(study)
    templates = [
        f"Of {{cars.bounds:count}} {counts_noun(cars)} of makers' cars over a whole year ({{cars.bounds@period}}), {{cars.bounds.reached:count}} {reach(cars, 'cars.bounds.reached')} what each maker may ship under {{reporter_adjective}} standards: {{cars.bounds.reached:it may have been exhausted|it may have been exhausted|those makers did not exhaust it}}; whether it held others, or plans, back can't be told.",
    ]
    lacking = "for {cars.years.lacking:count} of the years under the allowance no such count is held."
    if not cars.worded_bounds.empty:
        makers = cars.findings().names["worded_makers"]
        lacking = f"Of {{cars.worded:count}} more figures ({{cars.worded@period}}), worded as sales of {makers} and read here as cars of any maker, {{cars.worded.reached:count}} would reach it as worded; {lacking}"
    templates.append(_capital(lacking))
    return say(cars, *templates, role="answer")


def units_back(study: Study) -> Table | None:
    """Return the single figures of vehicles going from the partner to the reporter; None where none are held."""
    cars = cars_of(study)
    if cars.back.empty:
        return None
    rows = [
        {
            "year": str(row["year"]),
            "maker": str(row["company"]) or "All makers",
            "definition": _capital(str(row["definition"])),
            "units": number(float(row["units"]), 0),
            "source": str(row["source"]),
        }
        for row in cars.back.to_dict("records")
    ]
    year, partner, reporter = str(cars.back["year"].max()), study.names["partner"], study.agreement.reporter.short
    return Table(
        id="cars-units-back",
        title=say(
            cars,
            f"{{cars.back.units}} built in {partner} were exported to the {reporter} in {{cars.back.units@period}}; {{cars.back.other_way}} built there were imported into {partner}",
            keep=True,
        ),
        caption=f"Single figures of vehicles from {partner} to the {reporter}, each with its definition as worded. Makers' figures are parts of those of all makers only where one source counted both; nothing here may be added or joined.",
        source=source_line(study, BACK, year),
        datasets=BACK,
        columns=[
            Column("year", "Year", align="left", width=0.6),
            Column("maker", "Makers", align="left", width=1),
            Column("definition", "What is counted", align="left", width=2.4),
            Column("units", "Count", "vehicles", align="right", width=1),
            Column("source", "Source", align="left", width=2),
        ],
        rows=rows,
        row_header="year",
        data=cars.back,
        made_by="korus_research.chapters.cars.tables.units_back",
        last_period=year,
    )


def cars_expected(study: Study) -> Table | None:
    """Return what studies expected for vehicles; None where none had been published."""
    cars = cars_of(study)
    table = cars.expected
    if table.empty:
        return None
    rows = []
    for row in table.to_dict("records"):
        low, high = float(row["low"]), float(row["high"])
        rows.append(
            {
                "study": str(row["study"]),
                "what": _capital(str(row["metric"])),
                "scope": str(row["sector"]),
                "value": number(high, 0) if low == high else f"{number(low, 0)} to {number(high, 0)}",
                "unit": str(row["unit"]),
            }
        )
    year = str(int(table["year"].max()))
    return Table(
        id="cars-expected",
        title=f"What studies expected for vehicles, to {year}",
        caption="Changes against a model's baseline, not against an earlier year. Percent and dollars of one study may rest on different bases.",
        source=source_line(study, FORECASTS, year),
        datasets=FORECASTS,
        columns=[
            Column("study", "Study", align="left", width=2),
            Column("what", "What", align="left", width=2),
            Column("scope", "Scope", align="left", width=2),
            Column("value", "Expected", align="right", width=1),
            Column("unit", "Unit", align="left", width=0.8),
        ],
        rows=rows,
        row_header="study",
        data=table,
        made_by="korus_research.chapters.cars.tables.cars_expected",
        last_period=year,
    )


def raised_allowance(study: Study) -> Prose:
    """Return what exports did when the allowance was raised, or that it can't be told yet."""
    cars = cars_of(study)
    if cars.raised is None:
        return say(
            cars,
            "A raise of the allowance would be a test: a limit that binds lets exports jump when it is lifted. To {as_of} there was none with a whole year of figures after it.",
        )
    day = cars.findings().names["raise_day"]
    return say(
        cars,
        f"On {day} the allowance of each maker went to {{cars.allowance.now}}. A limit that had bound would have let exports jump.",
        "From {cars.raise.change@period} exports of road vehicles to {partner} {cars.raise.change:rose|fell|did not change} by {cars.raise.change:abs}; the median over {cars.raise.partners:number} other partners {cars.raise.others:rose|fell|did not change} by {cars.raise.others:abs} (half of them from {cars.raise.others:range}); for {cars.raise.above:number} of them it was higher.",
        "HS 87 includes parts, and one year is short, so a small effect would not show.",
    )


def truck_study(study: Study) -> Prose:
    """Return the duty on trucks into the reporter and what a study expected of keeping it, as far as published."""
    cars = cars_of(study)
    findings = cars.findings()
    templates = []
    if findings["cars.duty.trucks.now"].value is not None:
        templates.append(
            "By the text known in {as_of} the duty on light trucks from {partner} into the United States is {cars.duty.trucks.now}"
            + (
                ", and stays to {cars.duty.trucks.free}."
                if findings["cars.duty.trucks.free"].value is not None
                else "."
            )
        )
    if findings["cars.trucks.imports"].value is not None:
        templates.append(
            "A study of {cars.trucks.imports@period} expected that keeping it would avoid imports of {cars.trucks.imports} and keep {cars.trucks.production} in production, supposing that makers had shipped them: a model's scenario, and nothing that was seen."
        )
    return say(cars, *templates)
