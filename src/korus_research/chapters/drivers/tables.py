"""Tables of the drivers: elasticities by specification, and flows had a driver gone another way."""

from __future__ import annotations

from math import nan
from typing import Any

import pandas as pd

from korus_research.chapters.drivers.estimated import Estimated
from korus_research.chapters.drivers.findings import EQUATION, flow_names
from korus_research.chapters.drivers.measures import Drivers, of as drivers_of
from korus_research.data.study import Study
from korus_research.methods.demand.equation import DRIVERS
from korus_research.methods.series import Flow
from korus_research.show.shown import Rows, Words, number, number_range, table

WORDS = Words("drivers")
WHAT_IFS = (
    "income.same_value",
    "income.same_pace",
    "income.others_pace",
    "volume.same_pace",
    "volume.others_pace",
    "income.no_trend",
    "unexplained",
)


@table("equations", tables=EQUATION, id="drivers")
def export_equations(study: Study) -> Rows:
    """Return the elasticities of exports by specification, with intervals and what each predicts."""
    return _equations(study, "exports")


@table("equations", tables=EQUATION, id="drivers")
def import_equations(study: Study) -> Rows:
    """Return the elasticities of imports by specification, with intervals and what each predicts."""
    return _equations(study, "imports")


def _equations(study: Study, flow: Flow) -> Rows:
    drivers = drivers_of(study)
    year, found = drivers.evaluation_year or drivers.last, drivers.of_flow(flow)
    numbers = [_numbers(drivers, e, year) for e in found]
    rows = []
    for n in numbers:
        ranges: dict[str, Any] = {d: _ranged(n[d], n[f"{d}_low"], n[f"{d}_high"], 2) for d in DRIVERS}
        rows.append({**n, **ranges, "equation": n["label"], "predicted": n["predicted_usd_bn"]})
    given = {**flow_names(drivers, flow), "year": str(year), "long_run": _long_run(drivers, found)}
    data = pd.DataFrame(numbers)
    return Rows(of=drivers, rows=rows, data=data, last=str(year), given=given, suffix=f"-{flow}-equations")


def _numbers(drivers: Drivers, e: Estimated, year: int) -> dict[str, Any]:
    """Return the figures of one equation, as the CSV has them."""
    none = drivers.no_long_run(e)
    row: dict[str, Any] = {
        "specification": e.specification.id,
        "label": e.specification.label,
        "no_long_run": WORDS.label(f"no_long_run.{none}") if none else "",
    }
    for driver in DRIVERS:
        estimate, low, high = (nan, nan, nan) if none else drivers.elasticity(e, driver)
        row |= {driver: estimate, f"{driver}_low": low, f"{driver}_high": high}
    row |= {"years": float(len(e.equation.years)), "df": float(e.equation.df), "sd_log": e.equation.sd}
    ends = zip(("", "_low", "_high"), e.prediction.at(year), strict=True)
    return row | {f"predicted{name}_usd_bn": value for name, value in ends}


def _long_run(drivers: Drivers, found: tuple[Estimated, ...]) -> str:
    """Return the note on long-run elasticities: why there are none, or what bounds their draws."""
    why = [drivers.no_long_run(e) for e in found if e.specification.form == "levels"]
    reasons = [WORDS.label(f"no_long_run.{reason}") for reason in dict.fromkeys(why) if reason]
    parts = [WORDS.label("no_long_run.dash", reasons=reasons)] if reasons else []
    if None in why:
        parts.append(WORDS.label("no_long_run.corrected", slowest=f"{100 * drivers.plan.levels.slowest_return:g}"))
    return "; ".join(parts)


@table("amounts", tables=EQUATION, id="drivers")
def driver_amounts(study: Study) -> Rows:
    """Return predicted exports had the currency or demand gone another way, and the part left unexplained."""
    return _amounts(study, "exports")


@table("amounts", tables=EQUATION, id="drivers-imports")
def import_amounts(study: Study) -> Rows:
    """Return the same for imports: the reporter's demand, and the same currency."""
    return _amounts(study, "imports")


def _amounts(study: Study, flow: Flow) -> Rows:
    drivers = drivers_of(study)
    findings = drivers.findings()
    ends = {str(drivers.evaluation_year or drivers.last): "evaluation"}
    ends.setdefault(str(drivers.last), "latest")
    rows: list[dict[str, str]] = []
    data: list[dict[str, Any]] = []
    for what in WHAT_IFS:
        label = WORDS.label(f"what_if.{what}", before=str(drivers.before))
        row = {"what": label}
        numbers: dict[str, Any] = {"driver": what, "label": label}
        for year, name in ends.items():
            where = f"drivers.{flow}.{name}.{what}"
            found, lowest, highest = (findings[f"{where}{end}"] for end in ("", "_lowest", "_highest"))
            row[f"value_{year}"] = _ranged(found.value, found.low, found.high, 1)
            row[f"range_{year}"] = number_range(lowest.value, highest.value, 1, signed=True)
            numbers |= {f"value_{year}": found.value, f"low_{year}": found.low, f"high_{year}": found.high}
            numbers |= {f"lowest_{year}": lowest.value, f"highest_{year}": highest.value}
        rows.append(row)
        data.append(numbers)
    given = {**flow_names(drivers, flow), "years": list(ends), "imports": "" if flow == "exports" else flow}
    return Rows(of=drivers, rows=rows, data=pd.DataFrame(data), last=max(ends), given=given, suffix="-amounts")


def _ranged(value: float | None, low: float | None, high: float | None, decimals: int) -> str:
    """Return an estimate with its interval, signed; a dash where there is none."""
    shown = number(value, decimals, signed=True)
    known = value is not None and value == value
    return f"{shown} ({number_range(low, high, decimals, signed=True)})" if known else shown
