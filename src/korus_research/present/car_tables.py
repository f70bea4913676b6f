"""Tables of vehicles: what each count bounds, what studies expected; and the sentences that an edition may lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.cars.points import OF_ALL
from korus_research.present.cars import COUNTED, POINTS
from korus_research.present.prose import Prose, say
from korus_research.present.sourcing import source_line
from korus_research.present.table import Cell, Column, Table, number

if TYPE_CHECKING:
    from korus_research.study import Study

FORECASTS = ("forecasts",)


def maker_bounds(study: Study) -> Table:
    """Return every count over a whole year under the allowance, and what lifting it could have added."""
    cars = study.cars()
    rows: list[dict[str, Cell]] = []
    for row in cars.bounds.to_dict("records"):
        every = row["covers"] == OF_ALL
        told = "not known" if row["reached"] else "none"
        rows.append(
            {
                "period": str(row["period"]),
                "maker": "All makers" if every else str(row["company"]).replace(", ", " and "),
                "counts": COUNTED[str(row["counts"])],
                "units": number(float(row["units"]), 0),
                "allowance": number(float(row["allowance"]), 0),
                "share": number(float(row["share"]), 0),
                "addition": told,
            }
        )
    return Table(
        id="cars-bounds",
        title=say(
            cars,
            "Of {cars.bounds:count} counts of makers' cars {cars.bounds.reached:count} reach the allowance; of those of all makers together, {cars.all.reached:count} reach that of one",
            keep=True,
        ),
        caption="Whole years under the allowance. All makers: all that build in the United States, in one sum, which can't tell what any of them ships. A count of all the cars of a maker, or of some makers together, is at least what each ships under the allowance. Two counts of one year are two definitions, not two makers.",
        source=source_line(study, POINTS, cars.last_point),
        datasets=POINTS,
        columns=[
            Column("period", "Year", align="left", width=1),
            Column("maker", "Makers", align="left", width=1.4),
            Column("counts", "What is counted", align="left", width=2.5),
            Column("units", "Count", "vehicles", align="right"),
            Column("allowance", "Allowance of one", "vehicles", align="right"),
            Column("share", "Share", "percent", align="right", width=0.8),
            Column("addition", "Lifting it could add", align="left", width=1.1),
        ],
        rows=rows,
        row_header="period",
        data=cars.to_frame(),
        made_by="korus_research.present.car_tables.maker_bounds",
        last_period=cars.last_point,
        notes=("The CSV holds every point, with its source, its definition in full and our reading of it.",),
    )


def cars_expected(study: Study) -> Table | None:
    """Return what studies expected for vehicles; None where none had been published."""
    cars = study.cars()
    table = cars.expected
    if table.empty:
        return None
    rows = []
    for row in table.to_dict("records"):
        low, high = float(row["low"]), float(row["high"])
        rows.append(
            {
                "study": str(row["study"]),
                "what": f"{str(row['metric'])[:1].upper()}{str(row['metric'])[1:]}",
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
        made_by="korus_research.present.car_tables.cars_expected",
        last_period=year,
    )


def raised_allowance(study: Study) -> Prose:
    """Return what exports did when the allowance was raised, or that it can't be told yet."""
    cars = study.cars()
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
        "The chapter holds parts, and one year is short, so a small effect would not show.",
    )


def truck_study(study: Study) -> Prose:
    """Return the duty on trucks into the reporter and what a study expected of keeping it, as far as published."""
    cars = study.cars()
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
