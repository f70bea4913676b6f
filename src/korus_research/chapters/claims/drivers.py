"""Claims that a driver is to blame: what the currency or demand amounts to, on every specification declared for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.claims.measures import Condition, Measured, unknown
from korus_research.chapters.claims.model import Claim
from korus_research.chapters.drivers.findings import EQUATION
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.errors import MissingFigures, MissingPartner
from korus_research.methods.series import MN_PER_BN
from korus_research.show.finding import MINUS, Finding

if TYPE_CHECKING:
    from korus_research.chapters.drivers.estimated import Estimated, Held
    from korus_research.chapters.drivers.result import Drivers
    from korus_research.data.study import Study
    from korus_research.methods.demand.equation import Driver

# Every declared specification, for both. Those on import volume hold fixed what a currency does to it: there its amount
# is the part that runs through the share alone. Demand: both measures of it, against both benchmarks.
_BASES: dict[str, tuple[tuple[str, Held, str], ...]] = {
    "currency": (
        ("income", "value", "against its value before"),
        ("volume", "value", "against its value before, import volume held fixed"),
    ),
    "demand": (
        ("income", "past", "income against its own past"),
        ("income", "both", "income against its past moved by the others' change"),
        ("volume", "past", "import volume against its own past"),
        ("volume", "both", "import volume against its past moved by the others' change"),
    ),
}


def driver_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return what a driver amounts to in exports in the evaluation year, USD billion, the main specification first.

    Empty where the study has no figures for demand equations, or no full year under the agreement.

    Raises
    ------
    InvalidClaim
        The claim names another driver than currency or demand.
    """
    if claim.what not in _BASES:
        raise unknown(claim, f"one of {', '.join(_BASES)}")
    drivers = _drivers(study)
    if drivers is None or drivers.evaluation_year is None:
        return []
    year = drivers.evaluation_year
    return [
        _one(drivers, found, held, said, year)
        for demand, held, said in _BASES[claim.what]
        for found in drivers.of_demand("exports", demand)
    ]


def _one(drivers: Drivers, found: Estimated, held: Held, said: str, year: int) -> Measured:
    central, low, high = (v / MN_PER_BN for v in found.at(held, year))
    level = 100 * drivers.plan.uncertainty.level
    return Measured(
        central,
        f"{found.specification.label}; {said}",
        str(year),
        f"{level:.0f} percent interval of the coefficients, drawn again",
        EQUATION,
        low,
        high,
    )


def driver_conditions(claim: Claim, study: Study) -> tuple[Condition, ...]:
    """Return the premises of a claim about a driver and its falsification test.

    Both: exports fell; next year's driver has nothing to say in the main equation (`_lead`). Currency: its real value
    fell.
    Demand: import volume grew more slowly than before, and slowed by more than that of the other economies.
    """
    drivers = _drivers(study)
    if drivers is None:
        return ()
    findings = drivers.findings()

    def fell(id_: str, beside: str = "") -> Condition:
        found: Finding = findings[f"drivers.{id_}"]
        other = f" ({findings[f'drivers.{beside}'].text('signed')}, the median of the others)" if beside else ""
        says = f"{found.label}, {found.period}, {found.text('signed')}{other}"
        return Condition(says, found.direction < 0, premise=True)

    premises = [fell("exports.evaluation.change")]
    driver: Driver = "value" if claim.what == "currency" else "demand"
    if driver == "value":
        premises += [fell("currency.evaluation.real", "currency.evaluation.others")]
    else:
        premises += [fell("volume.evaluation.gap_past", "volume.evaluation.others_change")]
        premises += [fell("volume.evaluation.gap_both")]
    return (*premises, _lead(drivers, driver))


def _lead(drivers: Drivers, driver: Driver) -> Condition:
    """Return the falsification test. It has power only if its interval leaves out this year's own coefficient."""
    value, low, high = drivers.leads["exports"][driver]
    own = float(drivers.main("exports").equation.elasticity(driver)[0])
    nothing, powerless = low <= 0 <= high, low <= own <= high
    noun = "exchange rate" if driver == "value" else "demand"
    says = (
        f"next year's {noun} has {'nothing' if nothing else 'something'} to say in the equation "
        f"(coefficient {_plain(value)}, interval {_plain(low)} to {_plain(high)})"
    )
    if nothing and powerless:
        says += (
            f", but that interval holds this year's own {_plain(own)} too: a test without power, not counted as passed"
        )
    return Condition(says, None if nothing and powerless else nothing, premise=False)


def _plain(value: float) -> str:
    return f"{value:.2f}".replace("-", MINUS)


def _drivers(study: Study) -> Drivers | None:
    try:
        return drivers_of(study)
    except (MissingFigures, MissingPartner):
        return None
