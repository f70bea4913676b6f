"""What the chapter's findings amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from korus_research.chapters.evidence.agreements import RAW, SCALED
from korus_research.chapters.evidence.measures import GRAVITY, Evidence, percent
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("evidence")
LED = "led"
OFTEN = 0.5  # a forecast found in at least half of the cases is found often
SHARES = ("power", "reached", "above")
# Made alike for both flows and for all methods; nothing speaks, draws or judges these.
UNASKED = frozenset(
    [
        *(f"{flow}.highest.{key}" for flow in FLOWS for key in ("detectable", "detectable_fall")),
        *(f"{flow}.lowest.detectable_fall" for flow in FLOWS),
        *("exports.led.seen", "imports.lowest.detectable", "imports.methods"),
        *(f"imports.led.{key}" for key in ("attained", "rose")),
        *(f"pooled.{flow}.raw.{end}" for flow in FLOWS for end in ("low", "high")),
        *("pooled.imports.count", "pooled.imports.raw.p_value", "pooled.imports.scaled.p_value"),
    ]
)


def values(evidence: Evidence) -> Iterator[Value]:
    """Yield what each method can see, the leading one and the range over all, and the agreements together."""
    frame = evidence.to_frame()
    yield Value("power_level", 100 * evidence.choices.power, "")
    yield Value("range_level", 100 * evidence.level, "")
    yield Value("chance_level", 100 * (1 - evidence.level), "")
    for flow in FLOWS:
        rows = frame[frame["flow"] == flow].set_index("method")
        for value in (*_flow(evidence, flow, rows), *_methods(evidence, flow, rows)):
            if f"{flow}.{value.id}" in UNASKED:
                continue
            says = {"noun": WORDS.label(f"noun.{flow}", **evidence.names), **value.says}
            period = evidence.years if value.period is None and not value.id.startswith("forecast") else value.period
            yield value._replace(id=f"{flow}.{value.id}", period=period, says=says)
        yield from _pooled(evidence, flow)


def names(evidence: Evidence) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences of the chapter use."""
    methods = WORDS.labels("named")
    tested = {flow: tuple(evidence.of(flow)) for flow in FLOWS}
    each = evidence.agreements[evidence.agreements["method"] == evidence.pool_method]
    lacking, known = each[each["reason"] != ""], each[each["reason"] == ""]
    first = evidence.choices.pool.methods[0]
    return {
        **evidence.names,
        "leading_method": methods[evidence.leading],
        "pool_method": methods[evidence.pool_method],
        "pool_first": methods[first] if first != evidence.pool_method else "",
        "forecaster": evidence.forecaster,
        "estimated": evidence.years,
        "gravity": methods[GRAVITY] if evidence.gravity else "",
        **{
            f"untested_{flow}": tuple(methods[m] for m in evidence.estimated if m not in tested[flow]) for flow in FLOWS
        },
        **{f"unpooled_{flow}": tuple(lacking.loc[lacking["flow"] == flow, "label"]) for flow in FLOWS},
        **{f"above_{flow}": _partners(known, (known["flow"] == flow) & (known["low"] > 0)) for flow in FLOWS},
        **{f"below_{flow}": _partners(known, (known["flow"] == flow) & (known["high"] < 0)) for flow in FLOWS},
        "pooled_exports": _partners(known, known["flow"] == "exports"),
        "none_apart": "" if ((known["low"] > 0) | (known["high"] < 0)).any() else "yes",
    }


def _partners(each: pd.DataFrame, rows: pd.Series) -> tuple[str, ...]:
    """Return the partners of agreements, whose labels end with the year."""
    return tuple(str(label).rsplit(" ", 1)[0] for label in each.loc[rows, "label"])


def _flow(evidence: Evidence, flow: Flow, rows: pd.DataFrame) -> Iterator[Value]:
    """Yield the forecast, and how many methods could be relied on to find it."""
    ends = evidence.forecasts.get(flow)
    low, high = (None, None) if ends is None else (percent(ends[0]), percent(ends[1]))
    middle = None if low is None or high is None else (low + high) / 2
    yield Value("forecast", middle, bounds=(low, high))
    able = (rows["power"] >= evidence.choices.power).sum() if ends else None
    yield Value("able", able, reason=WORDS.label("no_forecast"))
    yield Value("methods", len(rows))
    yield Value("apart", int(((rows["low"] > 0) | (rows["high"] < 0)).sum()))


def _methods(evidence: Evidence, flow: Flow, rows: pd.DataFrame) -> Iterator[Value]:
    """Yield what each method can see; of the leading one in words too; the lowest and highest of all."""
    labels = WORDS.labels("named")
    for method, row in rows.to_dict(orient="index").items():
        yield from _one(str(method), row, labels[str(method)])
    led: dict[Any, Any] = rows.loc[evidence.leading].to_dict() if evidence.leading in rows.index else {}
    yield from _one(LED, led, labels[evidence.leading])
    chances = evidence.choices.chances
    yield Value("led.rose", chances.word(led["above"]) if led else None)
    reached = led.get("reached", math.nan)
    yield Value("led.attained", None if math.isnan(reached) else chances.word(reached))
    yield Value("led.seen", _seen(led.get("power", math.nan), evidence.choices.power))
    for name, of in (("lowest", rows.min(numeric_only=True)), ("highest", rows.max(numeric_only=True))):
        by = WORDS.label(f"over.{name}")
        yield Value(f"{name}.effect", of["effect"], says={"by": by})
        yield from _one(name, of.to_dict(), by)


def _one(name: str, row: Mapping[Any, Any], by: str) -> Iterator[Value]:
    says, unknown = {"by": by}, math.nan
    for key in ("detectable", "detectable_fall"):
        reason = WORDS.label("found_by_none") if row else None
        yield Value(f"{name}.{key}", row.get(key, unknown), says=says, reason=reason)
    for key in SHARES:
        bounds = (100 * row[f"{key}_low"], 100 * row[f"{key}_high"]) if f"{key}_low" in row else (None, None)
        yield Value(f"{name}.{key}", 100 * row.get(key, unknown), bounds=bounds, says=says)


def _seen(power: float, relied_on: float) -> str | None:
    if math.isnan(power):
        return None
    return "reliably" if power >= relied_on else "often" if power >= OFTEN else "seldom"


def _pooled(evidence: Evidence, flow: Flow) -> Iterator[Value]:
    """Yield the agreements together: both scales, without this agreement, and by the method declared first."""
    level, years = f"{100 * evidence.level:.0f}", WORDS.label("own_years")
    scaled = evidence.pool(flow, SCALED)
    values = [Value("count", scaled.get("count"))]
    for scale in (RAW, SCALED):
        row, says = evidence.pool(flow, scale), {"scaled": WORDS.label(f"scales.{scale}")}
        values.append(Value(f"{scale}.effect", row.get("effect"), bounds=_bounds(row), says=says))
        values += [Value(f"{scale}.{key}", row.get(key), says=says) for key in ("low", "high", "p_value")]
    values.append(Value("above", None if not scaled else 100 * scaled["above"]))
    values.append(Value("detectable", scaled.get("detectable")))
    without, first = evidence.pool(flow, SCALED, own=False), evidence.choices.pool.methods[0]
    values.append(Value("without", without.get("effect"), bounds=_bounds(without)))
    if first != evidence.pool_method:
        row = evidence.pool(flow, SCALED, method=first)
        by = WORDS.label(f"named.{first}")
        values.append(Value("first", row.get("effect"), bounds=_bounds(row), says={"first": by}))
    for value in values:
        if f"pooled.{flow}.{value.id}" in UNASKED:
            continue
        says = {"level": level, **value.says}
        yield value._replace(id=f"pooled.{flow}.{value.id}", period=years, says=says)


def _bounds(row: Mapping[str, float]) -> tuple[float | None, float | None]:
    return row.get("low"), row.get("high")
