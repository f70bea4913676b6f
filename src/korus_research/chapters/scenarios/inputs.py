"""Values of the findings on the model's inputs, and on trade observed since the new duties."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from korus_research.chapters.scenarios.measures import Scenarios
from korus_research.chapters.scenarios.model.choices import USED
from korus_research.chapters.scenarios.ranges import NEW_LEAD, WORDS, range_kind
from korus_research.methods.series import FLOWS
from korus_research.show.declared import Value


def values(result: Scenarios) -> Iterator[Value]:
    """Yield the model's inputs (effects, rates, shares, choices), and trade observed since the new duties."""
    spec, base = result.spec, result.baseline
    yield from _effects(result)
    for flow in FLOWS:
        yield Value(f"goods.{flow}", 100 * result.duties.goods[flow], str(result.duties.goods_year))
    yield from _rates(result)
    yield from _since(result)
    yield from _former(result)
    us, them = base.place(spec.reporter), base.place(spec.partner)
    places = {"weight.reporter": (them, us), "weight.partner": (us, them), "home.reporter": (us, us)}
    for key, (i, j) in {**places, "home.partner": (them, them)}.items():
        yield Value(key, 100 * float(base.flows[i, j] / base.absorption[j]))
    yield Value("model.economies", len(base.economies))
    yield Value("model.draws", spec.draws)
    yield Value("model.elasticity", spec.elasticity)
    yield Value("model.elasticity_low", min(spec.elasticities))
    yield Value("model.elasticity_high", max(spec.elasticities))


def method(result: Scenarios, key: str) -> str:
    """Return the name of an estimate of the agreement's effect: `gravity against 2008`."""
    return WORDS.label(f"method.{key}", reference=result.spec.estimates[key].reference)  # type: ignore[index]


def _effects(result: Scenarios) -> Iterator[Value]:
    for key, estimate in result.spec.estimates.items():
        for flow, effect in estimate.effects.items():
            low, middle, high = (100 * math.expm1(x) for x in (effect.low, effect.estimate, effect.high))
            yield Value(
                f"effect.{key}.{flow}",
                middle,
                estimate.period or None,
                (low, high),
                says={"method": method(result, key), "chapter": estimate.chapter},
                tables=estimate.datasets or USED[key],
                interval=WORDS.label("range.effect", level=f"{100 * effect.level:.0f}"),
            )


def _rates(result: Scenarios) -> Iterator[Value]:
    """Yield the reporter's realised duties in the years before and of the new ones."""
    d, partner = result.duties, result.spec.partner
    (before, after), added = d.years, d.added
    own = None if d.before is None else float(d.before[partner])
    yield from _rate("partner_before", own, str(before))
    yield from _rate("others_before", None if added is None else added.others_before, str(before))
    if added is not None:  # an edition from before the new duties has no rate under them
        yield from _rate("partner_after", float(added.after[partner]), str(after))
        yield from _rate("others_after", added.others_after, str(after))
        yield from _rate("kept", added.kept_margin(partner), str(after))


def _rate(key: str, rate: float | None, period: str) -> Iterator[Value]:
    """Yield a realised duty; without one it repeats the finding whose sentence says why."""
    yield Value(f"rate.{key}", None if rate is None else 100 * rate, period, repeats=NEW_LEAD if rate is None else None)


def _former(result: Scenarios) -> Iterator[Value]:
    """Yield the duties before the agreement: the reporter's as realised, both parties' as the study averages them."""
    former = result.duties.former
    if former is None:
        for key in ("reporter_mfn", "reporter_average", "partner_mfn", "reporter_first_day", "partner_first_day"):
            yield Value(f"rate.{key}", None, "")
        return
    study, left = str(former.study_year), former.first_day or (None, None)
    yield Value("rate.reporter_mfn", 100 * former.realised, str(former.year))
    yield Value("rate.reporter_average", 100 * former.before[0], study)
    yield Value("rate.partner_mfn", 100 * former.before[1], study)
    for who, rate in zip(("reporter", "partner"), left, strict=True):
        yield Value(f"rate.{who}_first_day", None if rate is None else 100 * rate, study)


def _since(result: Scenarios) -> Iterator[Value]:
    """Yield the partner's duty by month since the new duties, imports from it, and their gap to the model."""
    d = result.duties
    rates = d.by_month
    for key in ("peak", "latest"):
        if rates.empty:
            yield from _rate(key, None, "")
            continue
        place = int(rates.to_numpy().argmax()) if key == "peak" else -1
        yield from _rate(key, float(rates.iloc[place]), f"{rates.index[place]:%B %Y}")
    if d.latest is not None:
        yield from _rate("months", d.latest, d.latest_months)
    seen, outcome = math.nan if d.observed is None else 100 * d.observed, result.outcomes.get("duties_all")
    yield Value("observed.imports", seen, d.observed_months, repeats=NEW_LEAD if d.observed is None else None)
    value, low, high = (math.nan,) * 3 if outcome is None else outcome.flow("imports")
    gap, bounds = seen - value, (seen - high, seen - low)  # the higher the model's end, the smaller the gap
    about: dict[str, Any] = {
        "period": d.observed_months,
        "repeats": NEW_LEAD if math.isnan(gap) else None,
        "tables": ("goods_trade_monthly", *USED["duties_all"]),
    }
    yield Value("observed.gap", gap, bounds=bounds, interval=range_kind(result, "duties_all"), **about)
    yield Value("observed.gap_low", bounds[0], **about)
    yield Value("observed.gap_high", bounds[1], **about)
