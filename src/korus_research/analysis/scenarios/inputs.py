"""Findings on what goes into the scenarios, and on what was seen since the new duties."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.analysis.making import Maker
from korus_research.analysis.scenarios.model import kept_margin
from korus_research.analysis.scenarios.terms import DUTIES, NEW_LEAD, USED
from korus_research.analysis.series import FLOWS

if TYPE_CHECKING:
    from korus_research.analysis.scenarios.analyse import Scenarios

RATES = "realised duty: calculated duty over imports for consumption"
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
                datasets=USED[own],
            )
    for flow in FLOWS:
        share = 100 * d.goods[flow]
        maker.add(f"goods.{flow}", f"goods share of {flow}", share, "percent", decimals=0, period=str(d.goods_year))
    before, after = d.years
    partner = spec.partner
    on_partner = f"{called['reporter']} duty on {called['country']}"
    on_others = f"{called['reporter']} duty on all other partners"
    kept = None if d.after is None else kept_margin(d, partner)
    for key, label, rate, year in (
        ("partner_before", on_partner, _of(d.before, partner), before),
        ("others_before", on_others, d.others_before, before),
        ("partner_after", on_partner, _of(d.after, partner), after),
        ("others_after", on_others, d.others_after, after),
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
    for key, label, rate, name in (
        ("reporter_mfn", f"{called['reporter']} duty before the agreement", d.reporter_mfn, "realised_duties_monthly"),
        ("partner_mfn", f"{called['partner']} average duty before the agreement", d.partner_mfn, "average_tariffs"),
        ("partner_first_day", "what its first day left of it", d.partner_first_day, "average_tariffs"),
    ):
        why = "the duties before the agreement are not among the data"
        gone = why if rate is None else None
        value = None if rate is None else 100 * rate
        maker.add(f"rate.{key}", label, value, "percent", basis="average duty", datasets=(name,), reason=gone)
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
    gap = None if seen is None or outcome is None else seen - float(outcome.flows.at["imports", "percent"])  # type: ignore[arg-type]
    change = f"the change of {called['reporter']} goods imports from {them}"
    for key, label, value, unit in (
        ("observed.imports", change, seen, "percent"),
        ("observed.gap", f"{change} less what the model has", gap, "points"),
    ):
        gone, again = (None, None) if value is not None else (NO_RATES, NEW_LEAD)
        maker.add(
            key,
            label,
            value,
            unit,  # type: ignore[arg-type]
            period=d.observed_months,
            basis="general imports, customs value",
            datasets=("goods_trade_monthly",),
            reason=gone,
            repeats=again,
        )


def _of(rates: object, partner: str) -> float | None:
    return None if rates is None else float(rates[partner])  # type: ignore[index]
