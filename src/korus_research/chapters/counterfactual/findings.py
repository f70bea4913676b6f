"""Values of the findings on the main specification and its variants; `findings.toml` describes each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from korus_research.chapters.counterfactual.estimates.methods import placebo_error
from korus_research.chapters.counterfactual.estimates.second_shown import both_findings, second_findings
from korus_research.chapters.counterfactual.estimates.variants import span
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("counterfactual")


def values(effects: Effects) -> Iterator[Value]:
    """Yield every finding of the main specification and its variants."""
    window, chance = effects.window, effects.choices.chance
    years = span(*window.post)
    yield Value("interval_level", 100 * effects.main["exports"].level, years)
    yield Value("chance_level", 100 * chance, years)
    for flow in FLOWS:
        says = {"noun": WORDS.label(f"noun.{flow}", **effects.names)}
        for part in (_main, _methods, second_findings, _checks, _times, _variants, _agreements):
            yield from (value.below(flow, period=years, says=says) for value in part(effects, flow))
    # Where both flows read the same, one sentence says it of both.
    for name, estimates in (("both.chance", effects.main), ("both.leading", effects.led)):
        beyond = {_beyond(effects, found) for found in estimates.values()}
        if len(beyond) == 1 and None not in beyond:
            yield Value(name, beyond.pop(), years)
    yield from both_findings(effects)
    yield Value("older_agreements", len(effects.older_agreements), span(*window.pre))
    first, last, days = window.pre[1] + 1, window.post[1], effects.partner_agreements
    count = None if days is None else sum(first <= int(day[:4]) <= last for day in days)
    yield Value("partner_agreements", count, span(first, last))


def names(effects: Effects) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences about the effects."""
    window = effects.window
    between = range(window.pre[1] + 1, window.post[0])
    bounded = tuple(flow for flow, found in effects.main.items() if found.interval_log is not None)
    return {
        **effects.names,
        "chance": f"{effects.choices.chance:.2f}",
        "older_agreements": effects.older_agreements,
        "pre_first": str(window.pre[0]),
        "pre_last": str(window.pre[1]),
        "post_first": str(window.post[0]),
        "post_last": str(window.post[1]),
        "between": WORDS.label("span", years=[str(year) for year in between[:: max(1, len(between) - 1)]]),
        "threshold": f"{window.threshold / MN_PER_BN:g}",
        "bounded": bounded,
        **{f"bounded_{flow}": flow if flow in bounded else "" for flow in FLOWS},
        "unbounded": tuple(flow for flow in FLOWS if flow not in bounded),
        **{f"exact_{flow}": _exact(effects, flow) for flow in FLOWS},
        **{f"path_{flow}": tuple(map(effects.panel.name, effects.main[flow].weights.index)) for flow in FLOWS},
        **{f"apart_{flow}": _apart(effects, flow) for flow in FLOWS},
        "leading_method": WORDS.label(f"methods.{effects.leading}"),
        "declared_method": WORDS.label(f"methods.{effects.choices.first_method}"),
        "led_by_declared": "yes" if effects.leading == effects.choices.first_method else "",
        "methods": tuple(WORDS.label(f"methods.{name}") for name in dict.fromkeys(name for _, name in effects.methods)),
        "panel_last": str(effects.calendar.last_year),
        "tie": f"{100 * effects.choices.leading.tie:.0f}",
        "unit": effects.scale.unit,
        "unit_short": effects.scale.short,
    }


def _beyond(effects: Effects, found: Counterfactual) -> str | None:
    """Return whether the effect is `beyond` or `within` chance, by its rounded p-value; None without one."""
    if found.p_value != found.p_value:
        return None
    return "beyond" if round(effects.choices.chance - found.p_value, 2) > 0 else "within"


def _apart(effects: Effects, flow: Flow) -> tuple[str, ...]:
    """Return the agreements whose effect on a flow is beyond chance."""
    rows = effects.agreements.loc[effects.agreements["flow"] == flow]
    return tuple(rows.loc[rows["p_value"] < effects.choices.chance, "label"])


def _exact(effects: Effects, flow: Flow) -> tuple[str, ...]:
    """Return the names of the donors that are copied almost exactly as placebos of the main specification."""
    found = effects.main[flow]
    exact = found.exactness.exact(found.fits.rmspe)[1:]
    return tuple(effects.panel.name(code) for code, out in zip(found.pool.donors, exact, strict=True) if out)


def _methods(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the effect by each method with its error over placebos, the range, and the one that leads."""
    shown = []
    for name in effects.choices.methods:
        found, says = effects.methods.get((flow, name)), {"method": WORDS.label(f"methods.{name}")}
        error = None if found is None else 100 * placebo_error(effects.methods, name, flow)
        yield from _estimate(f"method.{name}", effects, found, says)
        yield Value(f"method.{name}.error", error, says=says)
        shown += [] if found is None else [found.effect_percent]
    yield Value("methods.low", min(shown))
    yield Value("methods.high", max(shown))
    yield Value("methods.spread", max(shown) - min(shown))
    says = {"method": WORDS.label(f"methods.{effects.leading}")}
    yield from _estimate("leading", effects, effects.led[flow], says)
    usd, money = effects.scale.decimals, effects.led[flow].interval_usd_bn or (None, None)
    own = {**says, "level": f"{100 * effects.led[flow].level:.0f}"}
    yield Value("leading.usd", effects.led[flow].effect_usd_bn, bounds=money, says=own, decimals=usd)
    yield Value("leading.beyond_chance", effects.choices.chance - effects.led[flow].p_value, says=says)
    yield from _gaps("leading.", effects.led[flow], says)


def _gaps(place: str, found: Counterfactual, says: Mapping[str, str]) -> Iterator[Value]:
    """Yield the gaps of actual trade to its synthetic path, before entry into force and in three years after."""
    gap, (first, last) = 100 * found.paths["actual"].div(found.paths["synthetic"]).sub(1), found.spec.post
    years = {"before": found.spec.treated_from - 1, "first": first, "middle": (first + last) // 2, "last": last}
    for name, year in years.items():
        yield Value(f"{place}gap_{name}", float(gap[year]), f"{year}", says=says)


def _estimate(id_: str, effects: Effects, found: Counterfactual | None, says: Mapping[str, str]) -> Iterator[Value]:
    """Yield an effect with its interval, the ends of that, and its p-value."""
    bounds = (None, None) if found is None else found.interval_percent or (None, None)
    level, count = effects.main["exports"].level, 0 if found is None else int(found.kept.sum()) - 1
    says = {**says, "level": f"{100 * level:.0f}", "count": str(count)}
    yield Value(id_, None if found is None else found.effect_percent, bounds=bounds, says=says)
    yield Value(f"{id_}.p_value", None if found is None else found.p_value, says=says)
    if id_ == "leading":
        yield Value("leading.low", bounds[0], says=says, reason=WORDS.label("no_bounds"))
        yield Value("leading.high", bounds[1], says=says, reason=WORDS.label("no_bounds"))


def _main(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the effect in three units with its interval, the paths and the placebo test."""
    found, usd = effects.main[flow], effects.scale.decimals
    says = {"level": f"{100 * found.level:.0f}", "count": str(int(found.kept.sum()) - 1)}
    nothing = (None, None)
    log = tuple(100 * end for end in found.interval_log or ())
    effects_in = (
        Value("effect", found.effect_percent, bounds=found.interval_percent or nothing),
        Value("effect_usd", found.effect_usd_bn, bounds=found.interval_usd_bn or nothing, decimals=usd),
        Value("effect_log", 100 * found.effect_log, bounds=(log[0], log[1]) if log else nothing),
    )
    yield from (value._replace(says=says) for value in effects_in)
    actual = float(found.paths.loc[found.spec.post_years, "actual"].mean()) / MN_PER_BN
    yield Value("actual", actual, decimals=usd)
    yield Value("synthetic", actual - found.effect_usd_bn, decimals=usd)
    yield Value("p_value", found.p_value)
    yield Value("p_floor", found.p_floor)
    yield Value("beyond_chance", effects.choices.chance - found.p_value)
    yield Value("donors", len(found.pool.donors))
    yield Value("placebos", int(found.kept.sum()) - 1)
    yield Value("weighted", found.weights.size)
    yield Value("larger", found.p_value / found.p_floor - 1)


def _checks(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the quality of the fit, the gaps around entry into force, and the effect without single donors."""
    found, spec = effects.main[flow], effects.main[flow].spec
    before, rmspe, ratios = span(*spec.pre), found.fits.rmspe, found.rmspe_ratios[found.kept]
    yield Value("rmspe", 100 * float(rmspe[0]), before)
    yield Value("rmspe_placebos", 100 * float(pd.Series(rmspe[1:]).median()), before)
    yield Value("rmspe_ratio", None if found.exact else found.rmspe_ratio)
    yield Value("rmspe_ratio_p", None if found.exact else float((ratios >= ratios[0]).mean()))
    yield from _gaps("", found, {})
    without = effects.without_donor[flow]
    yield Value("without_donor_low", float(without.min()))
    yield Value("without_donor_high", float(without.max()))


def _times(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the placebos in time, each also with energy exporters among the donors and by the method that leads.

    The last is the one furthest from zero, of these and of all methods': the harshest is the one to quote.
    """
    first, tried = effects.in_time[flow], list[Counterfactual]()
    for name, found in (("in_time", first), ("before_signature", effects.before_signature[flow])):
        same = name != "in_time" and found is not None and first is not None and found.spec == first.spec
        kept = None if found is None else effects.with_energy(found)
        led = None if found is None else effects.by_method(found, effects.leading)
        words = WORDS.label(f"times.{name}")
        period = words if found is None else span(*found.spec.post)
        for suffix, each in (("", found), ("_energy", kept), ("_leading", led)):
            says = {"time": words, "donors": WORDS.label(f"among.{suffix}") if suffix else ""}
            again = f"{flow}.in_time{suffix}" if same else None
            value, p = (None, None) if each is None else (each.effect_percent, each.p_value)
            yield Value(f"{name}{suffix}", value, period, says=says, repeats=again)
            reason = WORDS.label("reach") if each is None else None
            again = again and f"{again}_p"
            yield Value(f"{name}{suffix}_p", p, period, says=says, reason=reason, repeats=again)
            tried += [] if each is None else [each]
    tried += [each for (own, _, _), each in effects.earlier.items() if own == flow]
    # Of those that read the same, the one on the main donors.
    worst = max(tried, key=lambda each: round(abs(each.effect_percent)), default=None)
    if worst is None:
        yield Value("harshest", None, repeats=f"{flow}.in_time")
        yield Value("harshest_p", None, repeats=f"{flow}.in_time_p")
        yield Value("harshest_over", None, repeats=f"{flow}.in_time")
    else:
        period = span(*worst.spec.post)
        yield Value("harshest_p", worst.p_value, period)
        yield Value("harshest", worst.effect_percent, period)
        yield Value("harshest_over", abs(worst.effect_percent) - abs(effects.main[flow].effect_percent), period)


def _variants(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield effect and p-value of each variant, their range, and how many are beyond chance."""
    rows = effects.variants.loc[effects.variants["flow"] == flow]
    years = f"{effects.main[flow].spec.post[0]} to {max(int(each[-4:]) for each in rows['years'])}"
    yield Value("variants.low", float(rows["effect_percent"].min()), years)
    yield Value("variants.high", float(rows["effect_percent"].max()), years)
    yield Value("variants.count", len(rows) - 1, years)
    yield Value("variants.significant", int((rows["p_value"] < effects.choices.chance).sum()), years)
    for row in rows.loc[rows["choice"] != "main"].to_dict("records"):
        id_, own, says = f"{row['choice']}.{row['value']}", str(row["years"]), {"variant": str(row["label"])}
        bounds = (None, None) if row["low"] != row["low"] else (float(row["low"]), float(row["high"]))
        yield Value(id_, float(row["effect_percent"]), own, bounds=bounds, says=says)
        yield Value(f"{id_}.p", float(row["p_value"]), own, says=says)


def _agreements(effects: Effects, flow: Flow) -> Iterator[Value]:
    """Yield the distribution of the effects of all agreements, and how many are beyond chance."""
    table, chance = effects.agreements, effects.choices.chance
    rows = table.loc[(table["flow"] == flow) & table["effect_percent"].notna()]
    clear = rows["p_value"] < chance
    found = {
        "count": len(rows),
        "median": rows["effect_percent"].median(),
        "clear": clear.sum(),
        "by_chance": chance * int(rows["p_value"].notna().sum()),
        "energy_median": rows["with_energy_percent"].median(),
    }
    for name, value in found.items():
        yield Value(f"agreements.{name}", float(value), WORDS.label("own_years"))
