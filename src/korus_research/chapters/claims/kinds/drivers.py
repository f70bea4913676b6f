"""Claims that blame a driver: the contribution of the currency or of demand, in every declared specification."""

from __future__ import annotations

from korus_research.chapters.claims.kinds.measured import Condition, Measured
from korus_research.chapters.claims.statements import Claim
from korus_research.chapters.drivers.estimated import Held
from korus_research.chapters.drivers.findings import EQUATION
from korus_research.chapters.drivers.measures import Drivers, of as drivers_of
from korus_research.data.study import Study, known
from korus_research.methods.demand.equation import Driver
from korus_research.show.finding import Findings
from korus_research.show.words.text import Words

WORDS = Words("claims")
# Every declared specification, for both (decision 53). Those on import volume hold fixed what a currency does to it:
# there its amount is the part that runs through the share alone. Demand: both measures of it, against both
# benchmarks.
_BASES: dict[str, tuple[tuple[str, Held, str], ...]] = {
    "currency": (("income", "value", "currency"), ("volume", "value", "currency_volume")),
    "demand": (
        ("income", "past", "income_past"),
        ("income", "both", "income_both"),
        ("volume", "past", "volume_past"),
        ("volume", "both", "volume_both"),
    ),
}
DRIVERS = tuple(_BASES)


def driver_measures(claim: Claim, study: Study) -> list[Measured]:
    """Return a driver's contribution to exports in the evaluation year, USD billion, the main specification first.

    Empty where the study has no figures for demand equations, or no full year under the agreement.
    """
    drivers = known(drivers_of, study)
    if drivers is None or drivers.evaluation_year is None:
        return []
    interval = WORDS.label("drivers.interval", level=f"{100 * drivers.plan.uncertainty.level:.0f}")
    measures = []
    for demand, held, against in _BASES[claim.what]:
        for found in drivers.of_demand("exports", demand):
            basis = f"{found.specification.label}; {WORDS.label(f'drivers.against.{against}')}"
            central, low, high = found.contributions[held].at(drivers.evaluation_year)
            measures.append(Measured(central, basis, str(drivers.evaluation_year), interval, EQUATION, low, high))
    return measures


def driver_conditions(claim: Claim, study: Study) -> tuple[Condition, ...]:
    """Return the premises of a claim about a driver and its falsification test.

    Both: exports fell; next year's driver has nothing to say in the main equation (`_lead`). Currency: its real value
    fell. Demand: import volume grew more slowly than before, and slowed by more than that of the other economies.
    """
    drivers = known(drivers_of, study)
    if drivers is None:
        return ()
    findings = drivers.findings()

    def fell(key: str, *ids: str) -> Condition:
        told = tuple(findings[f"drivers.{id_}"] for id_ in ids)
        says = WORDS.label(f"drivers.{key}", Findings(told, findings.names))
        return Condition(says, told[0].direction < 0, premise=True, told=told)

    exports = fell("exports", "exports.evaluation.change")
    if claim.what == "currency":
        of = ("real", "real_median", "real_lower", "real_compared")
        return exports, fell("currency", *(f"currency.evaluation.{key}" for key in of)), _lead(drivers, "value")
    slower = fell("volume", "volume.evaluation.gap_past", "volume.evaluation.others_change")
    return exports, slower, fell("volume_others", "volume.evaluation.gap_both"), _lead(drivers, "demand")


def _lead(drivers: Drivers, driver: Driver) -> Condition:
    """Return the falsification test. It has power only if its interval leaves out this year's own coefficient."""
    _, low, high = drivers.leads["exports"][driver]
    own = float(drivers.main("exports").equation.elasticity(driver)[0])
    nothing, powerless = low <= 0 <= high, low <= own <= high
    says = WORDS.label(
        "drivers.test",
        driver=WORDS.label(f"drivers.names.{driver}"),
        nothing="yes" if nothing else "",
        powerless="yes" if nothing and powerless else "",
    )
    return Condition(says, None if nothing and powerless else nothing, premise=False)
