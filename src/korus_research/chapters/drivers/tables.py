"""Tables of the drivers: elasticities by specification, and exports had a driver gone another way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.drivers.findings import EQUATION
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    from korus_research.chapters.drivers.estimated import Estimated
    from korus_research.chapters.drivers.result import Drivers
    from korus_research.data.study import Study


_NONE = "\N{EN DASH}"


def export_equations(study: Study) -> Table:
    """Return the elasticities of exports by specification, with intervals and what each predicts."""
    return _equations(study, "exports")


def import_equations(study: Study) -> Table:
    """Return the elasticities of imports by specification, with intervals and what each predicts."""
    return _equations(study, "imports")


def _equations(study: Study, flow: Flow) -> Table:
    drivers = drivers_of(study)
    year = drivers.evaluation_year or drivers.last
    found = [e for (f, _), e in drivers.estimated.items() if f == flow]
    numbers = [_numbers(drivers, e, year) for e in found]
    rows: list[dict[str, Cell]] = [
        {
            "equation": e.specification.label,
            "demand": _ranged(n["demand"], n["demand_low"], n["demand_high"], 2),
            "value": _ranged(n["value"], n["value_low"], n["value_high"], 2),
            "years": str(len(e.equation.years)),
            "df": str(e.equation.df),
            "predicted": number(float(n["predicted_usd_bn"]), 1),
        }
        for e, n in zip(found, numbers, strict=True)
    ]
    crisis = drivers.plan.crisis
    level = f"{100 * drivers.plan.uncertainty.level:.0f} percent"
    buyer = study.names["partner_adjective" if flow == "exports" else "reporter_adjective"]
    return Table(
        id=f"drivers-{flow}-equations",
        title=say(
            drivers,
            f"With {{drivers.points}} years and {{drivers.df}} degrees of freedom, the elasticity of {flow} to output is {{drivers.{flow}.elasticity.demand:signed}} ({{drivers.{flow}.elasticity.demand:range}})",
        ),
        caption=f"Elasticities of US goods {flow}, each with its {level} interval, by specification; and {flow} predicted for {year}.",
        source=source_line(study, EQUATION, str(year)),
        datasets=EQUATION,
        columns=[
            Column("equation", "Equation", align="left", width=2.3),
            Column("demand", "To demand", "elasticity", align="right", width=1.6),
            Column("value", "To the currency", "elasticity", align="right", width=1.6),
            Column("years", "Years", align="right", width=0.6),
            Column("df", "Degrees of freedom", align="right", width=0.8),
            Column("predicted", f"Predicted {year}", "USD billion", align="right", width=1),
        ],
        rows=rows,
        row_header="equation",
        data=pd.DataFrame(numbers),
        made_by=f"korus_research.chapters.drivers.tables.{'export' if flow == 'exports' else 'import'}_equations",
        last_period=str(year),
        notes=(
            f"Demand is {buyer} real output, or {buyer} import volume where the name says so; the currency is the real value of the {study.names['currency']} in dollars. "
            f"Crisis years: {' and '.join(str(y) for y in crisis.years)} ({crisis.reason}). "
            f"In levels the elasticities are those of the long run{_long_run(drivers, found)}. Flows are deflated by US consumer prices, as purchasing power, unless the name says current dollars.",
            "The first is the main equation; all are declared in analysis/drivers/drivers.toml.",
        ),
    )


def _numbers(drivers: Drivers, e: Estimated, year: int) -> dict[str, float | str]:
    import numpy as np

    tail = (1 - drivers.plan.uncertainty.level) / 2
    row: dict[str, float | str] = {"specification": e.specification.id, "label": e.specification.label}
    row["no_long_run"] = drivers.no_long_run(e) or ""
    for driver in ("demand", "value"):
        if row["no_long_run"]:
            row |= dict.fromkeys((driver, f"{driver}_low", f"{driver}_high"), float("nan"))
            continue
        draws = e.equation.elasticity(driver, e.equation.draws)
        low, high = np.quantile(draws, [tail, 1 - tail])
        row |= {
            driver: float(e.equation.elasticity(driver)[0]),
            f"{driver}_low": float(low),
            f"{driver}_high": float(high),
        }
    place = e.prediction.years.index(year)
    row |= {"years": float(len(e.equation.years)), "df": float(e.equation.df), "sd_log": e.equation.sd}
    ends = {"": e.prediction.central, "_low": e.prediction.low, "_high": e.prediction.high}
    return row | {f"predicted{name}_usd_bn": float(each[place]) / MN_PER_BN for name, each in ends.items()}


def _long_run(drivers: Drivers, found: list[Estimated]) -> str:
    """Return what the note says of long-run elasticities: why there are none, or what bounds their draws."""
    levels = [e for e in found if e.specification.form == "levels"]
    reasons = dict.fromkeys(reason for e in levels if (reason := drivers.no_long_run(e)))
    slowest = f"{100 * drivers.plan.levels.slowest_return:g}"
    parts = [f"a dash: {' or '.join(reasons)}"] if reasons else []
    if any(drivers.no_long_run(e) is None for e in levels):
        parts.append(
            f"draws are corrected for bias only while they return by {slowest} percent of their distance a year"
        )
    return f" ({'; '.join(parts)})" if parts else ""


def _ranged(value: float | str, low: float | str, high: float | str, decimals: int) -> str:
    if value != value:
        return _NONE
    middle, first, last = (number(float(v), decimals, signed=True) for v in (value, low, high))
    return f"{middle} ({first} to {last})"


def driver_amounts(study: Study) -> Table:
    """Return what equations put exports at had the currency or demand gone another way, and what they leave over."""
    return _amounts(study, "exports")


def import_amounts(study: Study) -> Table:
    """Return the same for imports: the reporter's demand, and the same currency."""
    return _amounts(study, "imports")


def _amounts(study: Study, flow: Flow) -> Table:
    drivers = drivers_of(study)
    findings = drivers.findings()
    ends = {"evaluation": drivers.evaluation_year or drivers.last, "latest": drivers.last}
    if ends["evaluation"] == ends["latest"]:
        del ends["latest"]
    names = {
        "income.same_value": f"Had the currency kept its real value of {drivers.spec.before}",
        "income.same_pace": "Had output kept its earlier pace",
        "income.others_pace": "Had output kept its earlier pace, moved by the others' change",
        "volume.same_pace": "Had import volume kept its earlier pace",
        "volume.others_pace": "Had import volume kept its earlier pace, moved by the others' change",
        "income.no_trend": "Without the equation's trend",
        "unexplained": "Everything else: actual less predicted",
    }
    columns = [Column("what", "What if", align="left", width=2.4)]
    rows: list[dict[str, Cell]] = [{"what": label} for label in names.values()]
    data: list[dict[str, float | str | None]] = [{"driver": key, "label": label} for key, label in names.items()]
    for name, year in ends.items():
        columns += [
            Column(f"value_{year}", str(year), "and interval", align="right", width=1.7),
            Column(f"range_{year}", "By equation", "estimates", align="right", width=1.3),
        ]
        for row, numbers, key in zip(rows, data, names, strict=True):
            where = f"drivers.{flow}.{name}.{key}"
            found = findings[where]
            lowest, highest = (findings[f"{where}_{end}"].value for end in ("lowest", "highest"))
            value, between = _signed(found.value), f"{_signed(found.low)} to {_signed(found.high)}"
            row[f"value_{year}"] = _NONE if found.value is None else f"{value} ({between})"
            row[f"range_{year}"] = _NONE if lowest is None else f"{_signed(lowest)} to {_signed(highest)}"
            numbers |= {f"value_{year}": found.value, f"low_{year}": found.low, f"high_{year}": found.high}
            numbers |= {f"lowest_{year}": lowest, f"highest_{year}": highest}
    last = str(max(ends.values()))
    level = f"{100 * drivers.plan.uncertainty.level:.0f} percent"
    spec = drivers.spec
    where = f"drivers.{flow}.evaluation.income"
    whose = "" if flow == "exports" else "US "
    return Table(
        id="drivers-amounts" if flow == "exports" else "drivers-imports-amounts",
        title=say(
            drivers,
            f"The equation puts {flow} of {{evaluation}} {{{where}.same_value:abs}} {{{where}.same_value:higher|lower|away}} had the {{currency}} kept its real value, {{{where}.same_pace:abs}} {{{where}.same_pace:higher|lower|away}} had {whose}output kept its earlier pace",
        ),
        caption=f"US goods {flow} {'to' if flow == 'exports' else 'from'} {study.names['partner']}, USD billion: what equations put them at under each what-if, less what they predict, with its {level} interval; and what the prediction leaves over.",
        source=source_line(study, EQUATION, last),
        datasets=EQUATION,
        columns=columns,
        rows=rows,
        row_header="what",
        data=pd.DataFrame(data),
        made_by=f"korus_research.chapters.drivers.tables.{'driver' if flow == 'exports' else 'import'}_amounts",
        last_period=last,
        notes=(
            *(
                (
                    "The currency's row is not read as an effect: a dearer one lowers what is bought and raises its dollar price.",
                )
                if flow == "imports"
                else ()
            ),
            f"The earlier pace: that of the {drivers.plan.benchmark.years} years to {spec.before}; moved, where the row says so, by the median change of growth of the other economies. "
            f"Output and import volume are {study.names['partner_adjective' if flow == 'exports' else 'reporter_adjective']}. Rows are alternatives to each other, not parts: they don't add up.",
            "Intervals of what-ifs are those of the coefficients alone; that of everything else holds the shocks too and is widened to the backtest. "
            "By equation: estimates of the equations on output or on import volume, as the row says; of those that have a trend; in the last row, of all.",
        ),
    )


def _signed(value: float | None) -> str:
    return number(value, 1, signed=True)


__all__ = ["driver_amounts", "export_equations", "import_amounts", "import_equations"]
