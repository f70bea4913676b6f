"""The findings of the scenarios: what a model implies, with its range."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.finding import Finding, Findings, Unit
from korus_research.analysis.scenario_model import KEYS, Key, Outcome, kept_margin
from korus_research.analysis.series import FLOWS

if TYPE_CHECKING:
    from korus_research.analysis.scenarios import Scenarios

MODEL = ("wiod_baseline_2014", "wiod_goods_shares")
DUTIES = ("realised_duties_annual", "goods_services_bop")
USED: dict[Key, tuple[str, ...]] = {
    "undone": MODEL,
    "mfn": (*MODEL, *DUTIES, "realised_duties_monthly", "average_tariffs"),
    "duties_partner": (*MODEL, *DUTIES),
    "duties_all": (*MODEL, *DUTIES),
    "duties_margin": (*MODEL, *DUTIES),
}
NAMED = {
    "undone": "with the agreement undone",
    "mfn": "with duties back at those before the agreement",
    "duties_partner": "with the new duties on {country} alone",
    "duties_all": "with the new duties on all partners",
    "duties_margin": "with the margin of {country} lost",
}
MEASURED = {
    "real_income": "real income",
    "real_gdp": "real GDP",
    "exports": "exports to all others",
    "imports": "imports from all others",
}
BASIS = "structural gravity model on input-output tables of {year}, goods and services, one-off change of level"
RATES = "realised duty: calculated duty over imports for consumption"
NEW_LEAD = "scenarios.duties_partner.real_income.reporter"
NOTICEABLE = 0.001  # percent: the last digit that is printed


def scenario_findings(scenarios: Scenarios) -> Findings:
    """Return every finding of the scenarios, with ids `scenarios.*`, and names that sentences about them use."""
    spec = scenarios.spec
    names = {
        **spec.names,
        "model_year": str(spec.baseline_year),
        "duties_before": str(scenarios.duties.years[0]),
        "duties_after": _months(scenarios),
        "goods_year": str(scenarios.duties.goods_year),
    }
    basis = BASIS.format(year=spec.baseline_year)
    parties = {"reporter": spec.reporter, "partner": spec.partner}
    called = {
        "reporter": names.get("reporter_adjective", spec.reporter),
        "partner": names.get("partner_adjective", spec.partner),
        "country": names.get("partner", spec.partner),
    }
    made: list[Finding] = []

    def add(
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        *,
        decimals: int = -1,
        bounds: tuple[float, float, str] | None = None,
        period: str = str(spec.baseline_year),
        basis: str = basis,
        datasets: tuple[str, ...] = MODEL,
        reason: str | None = None,
        repeats: str | None = None,
    ) -> None:
        low, high, interval = bounds or (None, None, None)
        made.append(
            Finding(
                f"scenarios.{id_}",
                label,
                value,
                unit,
                period,
                basis,
                datasets,
                decimals=decimals,
                low=low,
                high=high,
                interval=interval,
                reason=reason,
                repeats=repeats,
            )
        )

    for key in KEYS:
        outcome = scenarios.outcomes.get(key)
        reason = scenarios.lacking.get(key)
        # One sentence tells why the scenarios of new duties are left out; the others about them are not spoken.
        lead = NEW_LEAD if reason and key.startswith("duties") else None
        for what, label, unit, decimals, triple in _numbers(outcome, parties, called):
            value, low, high = triple
            said = f"the change of {label} {NAMED[key].format(**called)}"
            own = f"{key}.{what}"
            again = None if lead in (None, f"scenarios.{own}") else lead
            bounds = None if outcome is None or low is None or high is None else (low, high, outcome.interval)
            add(
                own,
                said,
                value,
                unit,
                decimals=decimals,
                bounds=bounds,
                datasets=USED[key],
                reason=reason,
                repeats=again,
            )
            if what in _RANGED:
                for end, bound in (("low", low), ("high", high)):
                    text = f"the {'lower' if end == 'low' else 'upper'} end of {said}"
                    add(
                        f"{own}_{end}",
                        text,
                        bound,
                        unit,
                        decimals=decimals,
                        datasets=USED[key],
                        reason=reason,
                        repeats=lead,
                    )
                side = None if low is None or high is None else _side(low, high, decimals)
                add(
                    f"{own}_side",
                    f"the side of zero on which the range of {said} lies",
                    side,
                    "index",
                    datasets=USED[key],
                    reason=reason,
                    repeats=lead,
                )
        names |= _third(scenarios, key, outcome, add, reason, lead)
    _inputs(scenarios, add, called)
    return Findings(tuple(made), names)


_RANGED = {
    *(f"{what}.{who}" for what in ("real_income", "cents") for who in ("reporter", "partner")),
    *(f"flow.{flow}" for flow in FLOWS),
    "world",
}
_Triple = tuple[float | None, float | None, float | None]


def _numbers(
    outcome: Outcome | None, parties: dict[str, str], called: dict[str, str]
) -> list[tuple[str, str, Unit, int, _Triple]]:
    """What is measured of one scenario: id, label, unit, decimals, (value, low, high)."""
    nothing: _Triple = (None, None, None)
    out: list[tuple[str, str, Unit, int, _Triple]] = []
    for who, code in parties.items():
        for measure, label in MEASURED.items():
            triple = nothing
            if outcome is not None:
                triple = (
                    float(outcome.changes.at[code, measure]),  # type: ignore[arg-type]
                    float(outcome.low.at[code, measure]),  # type: ignore[arg-type]
                    float(outcome.high.at[code, measure]),  # type: ignore[arg-type]
                )
            decimals = 3 if measure.startswith("real") else 2
            out.append((f"{measure}.{who}", f"{called[who]} {label}", "percent", decimals, triple))
            if measure == "real_income":
                # A hundredth of a percent is a cent in a hundred dollars.
                cents: _Triple = nothing if triple[0] is None else tuple(100 * v for v in triple if v is not None)  # type: ignore[assignment]
                out.append((f"cents.{who}", f"a hundred dollars of {called[who]} income", "index", 1, cents))
    for flow in FLOWS:
        label = f"{called['reporter']} {flow} {'to' if flow == 'exports' else 'from'} {called['country']}"
        triple = nothing
        dollars: _Triple = nothing
        if outcome is not None:
            value, low, high, base = outcome.flows.loc[flow, ["percent", "low", "high", "baseline_usd_bn"]].to_numpy(
                float
            )
            triple = (float(value), float(low), float(high))
            dollars = (float(base * value / 100), float(base * low / 100), float(base * high / 100))
        out.append((f"flow.{flow}", label, "percent", 1, triple))
        out.append((f"dollars.{flow}", label, "usd_bn", 1, dollars))
    out.append(("world", "real income of all economies together", "percent", 3, outcome.world if outcome else nothing))
    return out


def _third(
    scenarios: Scenarios, key: Key, outcome: Outcome | None, add: _Add, reason: str | None, lead: str | None
) -> dict[str, str]:
    """Third economies: how many gain and lose what can be printed, and the one that moves furthest."""
    spec = scenarios.spec
    up = down = furthest = None
    name = "no economy"
    if outcome is not None:
        rest = outcome.changes["real_income"].drop([spec.reporter, spec.partner])
        up, down = float((rest >= NOTICEABLE / 2).sum()), float((rest <= -NOTICEABLE / 2).sum())
        code = str(rest.abs().idxmax())
        furthest, name = float(rest[code]), scenarios.economies[code]
    for what, label, value, unit, decimals in (
        ("third_up", "how many other economies gain", up, "count", 0),
        ("third_down", "how many other economies lose", down, "count", 0),
        ("third_most", "the change of real income of the other economy that moves furthest", furthest, "percent", 3),
    ):
        add(f"{key}.{what}", label, value, unit, decimals=decimals, datasets=USED[key], reason=reason, repeats=lead)  # type: ignore[arg-type]
    return {f"third_{key}": name}


def _inputs(scenarios: Scenarios, add: _Add, called: dict[str, str]) -> None:
    """What goes into the model: effects, rates, shares, choices."""
    spec, d, base = scenarios.spec, scenarios.duties, scenarios.baseline
    for flow in FLOWS:
        effect = spec.effects[flow] if spec.effects else None
        label = f"the agreement's estimated effect on goods {flow}"
        value = None if effect is None else _percent(effect.estimate)
        bounds = (
            None
            if effect is None
            else (
                _percent(effect.low),
                _percent(effect.high),
                f"{100 * effect.level:.0f} % interval",
            )
        )
        gone = None if effect else spec.no_effects
        add(f"effect.{flow}", label, value, "percent", bounds=bounds, reason=gone)
        ends = (None, None) if bounds is None else bounds[:2]
        for end, bound in zip(("low", "high"), ends, strict=True):
            add(f"effect.{flow}_{end}", f"{end} end of {label}", bound, "percent", reason=gone)
        side = None if bounds is None else _side(bounds[0], bounds[1], 1)
        add(f"effect.{flow}_side", f"the side of zero of {label}", side, "index", reason=gone)
        share = 100 * d.goods[flow]
        add(f"goods.{flow}", f"goods share of {flow}", share, "percent", decimals=0, period=str(d.goods_year))
    before, after = d.years
    partner = spec.partner
    new = "realised duties by partner are not among its data for a year of the new duties"
    lead = NEW_LEAD
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
        gone, again = (new, lead) if rate is None else (None, None)
        add(
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
    add(
        "observed.imports",
        f"the observed change of {called['reporter']} goods imports from {called['country']}",
        None if d.observed is None else 100 * d.observed,
        "percent",
        period=f"{_months(scenarios)} against the same months of {before}",
        basis="imports for consumption, customs value",
        datasets=("realised_duties_monthly",),
        reason=None if d.observed is not None else new,
        repeats=None if d.observed is not None else lead,
    )
    for key, label, rate, name in (
        ("reporter_mfn", f"{called['reporter']} duty before the agreement", d.reporter_mfn, "realised_duties_monthly"),
        ("partner_mfn", f"{called['partner']} average duty before the agreement", d.partner_mfn, "average_tariffs"),
        ("partner_first_day", "what its first day left of it", d.partner_first_day, "average_tariffs"),
    ):
        why = "the duties before the agreement are not among the data"
        gone = why if rate is None else None
        value = None if rate is None else 100 * rate
        add(f"rate.{key}", label, value, "percent", basis="average duty", datasets=(name,), reason=gone)
    us, them = base.place(spec.reporter), base.place(partner)
    weights = {
        "weight.reporter": (f"{called['reporter']} purchases that come from {called['country']}", them, us),
        "weight.partner": (f"{called['partner']} purchases that come from the other party", us, them),
        "home.reporter": (f"{called['reporter']} purchases made at home", us, us),
        "home.partner": (f"{called['partner']} purchases made at home", them, them),
    }
    for key, (label, i, j) in weights.items():
        share = 100 * float(base.flows[i, j] / base.absorption[j])
        add(key, f"share of {label}", share, "percent", decimals=2 if key.startswith("weight") else 0)
    add("model.economies", "economies in the model", float(len(base.economies)), "count")
    add("model.draws", "draws from the interval", float(spec.draws), "count")
    add("model.elasticity", "trade elasticity", spec.elasticity, "index")
    add("model.elasticity_low", "lowest trade elasticity tried", min(spec.elasticities), "index")
    add("model.elasticity_high", "highest trade elasticity tried", max(spec.elasticities), "index")


def _side(low: float, high: float, decimals: int) -> float:
    """1 for a range above zero, -1 for one below, 0 for one that includes it, by the digits that are printed."""
    return float((round(low, decimals) > 0) - (round(high, decimals) < 0))


def _of(rates: object, partner: str) -> float | None:
    return None if rates is None else float(rates[partner])  # type: ignore[index]


def _percent(log_points: float) -> float:
    from math import expm1

    return 100 * expm1(log_points)


def _months(scenarios: Scenarios) -> str:
    d = scenarios.duties
    if d.months in (0, 12):
        return str(d.years[1])
    from calendar import month_name

    return f"January to {month_name[d.months]} {d.years[1]}"


if TYPE_CHECKING:
    from typing import Protocol

    class _Add(Protocol):
        def __call__(
            self,
            id_: str,
            label: str,
            value: float | None,
            unit: Unit,
            *,
            decimals: int = -1,
            bounds: tuple[float, float, str] | None = None,
            period: str = "",
            basis: str = "",
            datasets: tuple[str, ...] = MODEL,
            reason: str | None = None,
            repeats: str | None = None,
        ) -> None: ...
