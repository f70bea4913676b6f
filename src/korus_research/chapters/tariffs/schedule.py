"""The reporter's duties by the agreement and the events around it: steps, exemptions, added duties, rulings."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.tariffs.steps import StepDate
from korus_research.data.agreements import Agreement
from korus_research.data.period import day_text


def schedule_steps(agreement: Agreement, as_of: str) -> tuple[StepDate, ...]:
    """Return entry into force and every later date on which a duty of the reporter steps down, until `as_of`."""
    in_force = agreement.dates.in_force
    found = {in_force: ""}
    last: dict[str, float] = {}
    for term in agreement.commitments_until(as_of):
        if term.kind != "duty" or term.importer != agreement.reporter.iso3:
            continue
        fell = term.id in last and term.value < last[term.id]
        last[term.id] = term.value
        if fell and term.from_ > in_force and f"{term.from_:%Y-%m}" <= as_of:
            found.setdefault(term.from_, term.product)
    return tuple(StepDate(pd.Period(day, freq="M"), day.day > 1, goods) for day, goods in sorted(found.items()))


def exempt_industries(agreement: Agreement, as_of: str) -> dict[str, int]:
    """Return the industries in which duties began that spared the partner, with the last whole year before them."""
    found: dict[str, int] = {}
    for event in agreement.events_until(as_of, kinds=["tariff"]):
        for code in event.spared.industries if event.spared else ():
            found.setdefault(code, event.date.year - 1)
    return found


def exempt_goods(agreement: Agreement, as_of: str) -> str:
    """Return the goods and the countries that those duties spared, in words; empty before any."""
    return "; ".join(event.spared.what for event in agreement.events_until(as_of) if event.spared)


def added_since(agreement: Agreement, as_of: str) -> pd.Period | None:
    """Return the month of the first duty with a rate among the tariff events after entry into force; None without."""
    days = [e.date for e in agreement.events_until(as_of, kinds=["tariff"]) if e.rate_pct]
    later = [day for day in days if day > agreement.dates.in_force]
    return pd.Period(min(later), freq="M") if later else None


def order_names(agreement: Agreement, as_of: str) -> dict[str, str | list[str]]:
    """Return names for sentences on the orders behind added duties: court rulings, and where sources are secondary."""
    events = agreement.events_until(as_of, kinds=["tariff"])
    annulled = [event for event in events if event.annuls]
    secondary = [event.date for event in events if event.secondary]
    return {
        "annulled_days": [day_text(event.date) for event in annulled],
        "rulings": [f"{day_text(event.date)}: {event.text}" for event in annulled],
        "secondary_since": day_text(min(secondary)) if secondary else "",
    }


def sector_names(groups: pd.DataFrame) -> dict[str, str]:
    """Return a name for each code of one classification in `sector_groups`: its group's if alone there."""
    alone = ~groups["group"].duplicated(keep=False)
    label = (
        groups["label"]
        .str.capitalize()
        .str.removesuffix(", nesoi")
        .str.replace(" mfg", " manufactures")
        .str.replace(" & ", " and ")
    )
    return dict(zip(groups["code"], groups["group_name"].where(alone, label), strict=True))
