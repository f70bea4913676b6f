"""Findings on what goes into the scenarios, and on what was seen since the new duties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.terms import DUTIES, EFFECTS, NEW_LEAD, USED
from korus_research.methods.series import FLOWS
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.scenarios.analyse import Scenarios

RATES = "realised duty: calculated duty over imports for consumption"
AVERAGES = (
    "average ad valorem equivalent on all goods in the study, dated by its publication, weighted by its trade flows"
)
NO_FIRST_DAY = "what the first day left is not among the data"
NO_RATES = "realised duties by partner are not among its data for a year of the new duties"


def add_inputs(scenarios: Scenarios, maker: Maker, called: dict[str, str]) -> None:
    """Add what goes into the model: effects, rates, shares, choices."""
    spec, d, base = scenarios.spec, scenarios.duties, scenarios.baseline
    for own, estimate in spec.estimates.items():
        for flow in FLOWS:
            effect = estimate.effects[flow]
            low, middle, high = (100 * math.expm1(x) for x in (effect.low, effect.estimate, effect.high))
            label = f"the agreement's effect on goods {flow} by {estimate.name}"
            kind = f"{100 * effect.level:.0f} % interval"
            maker.add(
                f"effect.{own}.{flow}",
                label,
                middle,
                "percent",
                decimals=0,
                bounds=(low, high),
                interval=kind,
                period=estimate.period or None,
                basis=f"{estimate.chapter} chapter, effect on goods at given prices and incomes",
                datasets=estimate.datasets or EFFECTS[own],
            )
    for flow in FLOWS:
        share = 100 * d.goods[flow]
        maker.add(f"goods.{flow}", f"goods share of {flow}", share, "percent", decimals=0, period=str(d.goods_year))
    before, after = d.years
    partner = spec.partner
    on_partner = f"{called['reporter']} duty on {called['country']}"
    on_others = f"{called['reporter']} duty on all other partners"
    added = d.added
    kept = None if added is None else added.kept_margin(partner)
    for key, label, rate, year in (
        ("partner_before", on_partner, _of(d.before, partner), before),
        ("others_before", on_others, None if added is None else added.others_before, before),
        ("partner_after", on_partner, None if added is None else _of(added.after, partner), after),
        ("others_after", on_others, None if added is None else added.others_after, after),
        ("kept", f"the duty on {called['country']} that keeps its margin", kept, after),
    ):
        value = None if rate is None else 100 * rate
        gone, again = (NO_RATES, NEW_LEAD) if rate is None else (None, None)
        maker.add(
            f"rate.{key}",
            label,
            value,
            "percent",
            period=str(year),
            basis=RATES,
            datasets=DUTIES[:1],
            reason=gone,
            repeats=again,
        )
    _since(scenarios, maker, called)
    _former(scenarios, maker, called)
    us, them = base.place(spec.reporter), base.place(partner)
    weights = {
        "weight.reporter": (f"{called['reporter']} purchases that come from {called['country']}", them, us),
        "weight.partner": (f"{called['partner']} purchases that come from the other party", us, them),
        "home.reporter": (f"{called['reporter']} purchases made at home", us, us),
        "home.partner": (f"{called['partner']} purchases made at home", them, them),
    }
    for key, (label, i, j) in weights.items():
        share = 100 * float(base.flows[i, j] / base.absorption[j])
        maker.add(key, f"share of {label}", share, "percent", decimals=2 if key.startswith("weight") else 0)
    maker.add("model.economies", "economies in the model", float(len(base.economies)), "count")
    maker.add("model.draws", "draws from the interval", float(spec.draws), "count")
    maker.add("model.elasticity", "trade elasticity", spec.elasticity, "index")
    maker.add("model.elasticity_low", "lowest trade elasticity tried", min(spec.elasticities), "index")
    maker.add("model.elasticity_high", "highest trade elasticity tried", max(spec.elasticities), "index")


def _former(scenarios: Scenarios, maker: Maker, called: dict[str, str]) -> None:
    """The duties before the agreement: the reporter's as realised, both parties' as the study averages them."""
    former, gone = scenarios.duties.former, scenarios.lacking.get("mfn")
    us, them = (f"{called[who]} average duty on the other party" for who in ("reporter", "partner"))
    year, study = ("", "") if former is None else (str(former.year), str(former.study_year))
    before = (None, None) if former is None else former.before
    left = (None, None) if former is None or former.first_day is None else former.first_day
    realised_duty = None if former is None else former.realised
    duty = f"{called['reporter']} duty on {called['country']} before the agreement"
    monthly, averages = ("realised_duties_monthly",), ("average_tariffs",)
    for key, label, rate, period, basis, datasets in (
        ("reporter_mfn", duty, realised_duty, year, RATES, monthly),
        ("reporter_average", f"{us} before the agreement", before[0], study, AVERAGES, averages),
        ("partner_mfn", f"{them} before the agreement", before[1], study, AVERAGES, averages),
        ("reporter_first_day", f"{us} that the agreement's first day left", left[0], study, AVERAGES, averages),
        ("partner_first_day", f"{them} that the agreement's first day left", left[1], study, AVERAGES, averages),
    ):
        value = None if rate is None else 100 * rate
        maker.add(f"rate.{key}", label, value, "percent", period, basis, datasets, reason=gone or NO_FIRST_DAY)


def _since(scenarios: Scenarios, maker: Maker, called: dict[str, str]) -> None:
    """What was seen since the new duties: the partner's duty by month, imports from it, and the model beside them."""
    d = scenarios.duties
    rates, them = d.by_month, called["country"]
    peak = None if rates.empty else rates.index[int(rates.to_numpy().argmax())]
    last = None if rates.empty else rates.index[-1]
    duty = f"{called['reporter']} duty on {them}"
    monthly = ("realised_duties_monthly",)
    for key, label, month in (("peak", f"the highest {duty} in a month", peak), ("latest", duty, last)):
        value = None if month is None else 100 * float(rates[month])
        period = "" if month is None else f"{month:%B %Y}"
        gone, again = (None, None) if value is not None else (NO_RATES, NEW_LEAD)
        maker.add(
            f"rate.{key}",
            label,
            value,
            "percent",
            period=period,
            basis=RATES,
            datasets=monthly,
            reason=gone,
            repeats=again,
        )
    if d.latest is not None:
        label = f"{duty} in the latest months"
        maker.add(
            "rate.months", label, 100 * d.latest, "percent", period=d.latest_months, basis=RATES, datasets=monthly
        )
    seen = None if d.observed is None else 100 * d.observed
    outcome = scenarios.outcomes.get("duties_all")
    gap: tuple[float | None, ...] = (None, None, None)
    if seen is not None and outcome is not None:  # the higher the model's end, the smaller the gap
        gap = tuple(seen - float(outcome.flows.at["imports", end]) for end in ("percent", "high", "low"))  # type: ignore[arg-type]
    change = f"the change of {called['reporter']} goods imports from {them}"
    seen_in = ("goods_trade_monthly",)
    for key, label, value, bounds, unit, datasets in (
        ("observed.imports", change, seen, None, "percent", seen_in),
        (
            "observed.gap",
            f"{change} less what the model has",
            gap[0],
            (gap[1], gap[2]),
            "points",
            (*seen_in, *USED["duties_all"]),
        ),
    ):
        gone, again = (None, None) if value is not None else (NO_RATES, NEW_LEAD)
        maker.add(
            key,
            label,
            value,
            unit,  # type: ignore[arg-type]
            bounds=bounds,
            interval=None if outcome is None or bounds is None else outcome.interval,
            period=d.observed_months,
            basis="general imports, customs value",
            datasets=datasets,
            reason=gone,
            repeats=again,
        )


def _of(rates: object, partner: str) -> float | None:
    return None if rates is None else float(rates[partner])  # type: ignore[index]
