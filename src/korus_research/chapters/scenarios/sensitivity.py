"""Findings on what the model leaves out of duties: those of other economies, and that a duty is on goods alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.terms import NEW_LEAD, USED, side
from korus_research.methods.series import Flow
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.scenarios.analyse import Scenarios
    from korus_research.chapters.scenarios.model import Key

NO_STUDY = "the average duties before the agreement are not among the data"


def add_tests(scenarios: Scenarios, maker: Maker, called: dict[str, str]) -> None:
    """Add real income with the partner's duties on others in the baseline, and flows with a duty on goods alone."""
    for key in ("mfn", "duties_partner", "duties_all"):
        _elsewhere(scenarios, maker, called, key)
    former, added, goods = scenarios.duties.former, scenarios.duties.added, scenarios.duties.goods
    code = scenarios.spec.partner
    exports = None if former is None else (0.0, former.before[1])
    imports = None if added is None else (float(added.before[code]), float(added.after[code]))
    _levied(scenarios, maker, called, "exports", "mfn", exports, goods["exports"])
    _levied(scenarios, maker, called, "imports", "duties_partner", imports, goods["imports"])


def _elsewhere(scenarios: Scenarios, maker: Maker, called: dict[str, str], key: Key) -> None:
    outcome, place = scenarios.tested.get(key), (scenarios.spec.partner, "real_income")
    triple: tuple[float | None, float | None, float | None] = (None, None, None)
    where = None
    if outcome is not None:
        triple = tuple(float(t.at[place]) for t in (outcome.changes, outcome.low, outcome.high))  # type: ignore[assignment,arg-type]
        where = side(float(outcome.low.at[place]), float(outcome.high.at[place]), 3)  # type: ignore[arg-type]
    label = f"the change of {called['partner']} real income, with its former duty on imports from all others in force"
    reason, again = (scenarios.lacking.get(key, NO_STUDY), None)
    if outcome is None and key.startswith("duties"):
        again = NEW_LEAD if key in scenarios.lacking else None
    maker.add(
        f"elsewhere.{key}",
        label,
        triple[0],
        "percent",
        decimals=3,
        bounds=triple[1:],
        interval=None if outcome is None else outcome.interval,
        datasets=tuple(dict.fromkeys((*USED[key], "average_tariffs"))),
        reason=reason,
        repeats=again,
    )
    what = f"the side of zero on which the range of {label} lies"
    maker.add(f"elsewhere.{key}_side", what, where, "index", datasets=USED[key], reason=reason, repeats=again)


def _levied(
    scenarios: Scenarios,
    maker: Maker,
    called: dict[str, str],
    flow: Flow,
    key: Key,
    rates: tuple[float, float] | None,
    share: float,
) -> None:
    """The flow at given prices and the main elasticity: the duty times the goods share on all of it, and on goods."""
    power = -(1 + scenarios.spec.elasticity)
    whole = alone = None
    if rates is not None:
        old, new = rates
        whole = 100 * (((1 + share * new) / (1 + share * old)) ** power - 1)
        alone = 100 * share * (((1 + new) / (1 + old)) ** power - 1)
    said = f"the change of {called['reporter']} {flow} at given prices, the duty levied on"
    again = NEW_LEAD if key in scenarios.lacking and key.startswith("duties") else None
    for what, label, value in (("whole", "goods and services alike", whole), ("goods", "goods alone", alone)):
        maker.add(
            f"levied.{flow}.{what}",
            f"{said} {label}",
            value,
            "percent",
            decimals=1,
            datasets=USED[key],
            reason=scenarios.lacking.get(key, NO_STUDY),
            repeats=again,
        )
