"""What the findings of the scenarios have in common: datasets, the side of zero of a range, names of months."""

from __future__ import annotations

from korus_research.chapters.scenarios.duties import Duties
from korus_research.chapters.scenarios.model import UNDONE, Key

MODEL = ("wiod_baseline_2014", "wiod_goods_shares")
DUTIES = ("realised_duties_annual", "goods_services_bop")
EFFECTS: dict[Key, tuple[str, ...]] = {  # behind each estimate of the agreement's effect
    "undone_gravity": ("gravity_panel",),
    "undone_last": ("gravity_panel",),
    "undone_control": ("goods_trade_monthly", "donor_status", "us_agreements"),
}
# The realised duties of the reporter are in force in the baseline of every scenario.
USED: dict[Key, tuple[str, ...]] = {
    **{key: (*MODEL, *DUTIES, *effect) for key, effect in EFFECTS.items()},
    "mfn": (*MODEL, *DUTIES, "realised_duties_monthly", "average_tariffs"),
    "duties_partner": (*MODEL, *DUTIES),
    "duties_latest": (*MODEL, *DUTIES, "realised_duties_monthly"),
    "duties_all": (*MODEL, *DUTIES),
    "duties_margin": (*MODEL, *DUTIES),
}
NEW_LEAD = "scenarios.duties_partner.real_income.reporter"


def side(low: float, high: float, decimals: int) -> float:
    """Return 1 for a range above zero, -1 for one below, 0 for one that includes it, by the digits that are printed."""
    return float(int(round(low, decimals) > 0) - int(round(high, decimals) < 0))


def months_of(duties: Duties) -> str:
    """Return the months whose duties stand for the new ones, `January to November 2025`."""
    if duties.months in (0, 12):
        return str(duties.years[1])
    from calendar import month_name

    first, last = month_name[1], month_name[duties.months]
    return f"{first} to {last} {duties.years[1]}" if duties.months > 1 else f"{first} {duties.years[1]}"


def is_undone(key: Key) -> bool:
    """Return whether a scenario undoes the agreement."""
    return key in UNDONE
