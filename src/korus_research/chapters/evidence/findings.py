"""Values of the chapter's findings; `findings.toml` describes each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from korus_research.chapters.evidence.agreements import RAW, SCALED, percent
from korus_research.chapters.evidence.measures import GRAVITY, Evidence
from korus_research.methods.series import FLOWS, Flow
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("evidence")
LED = "led"
OFTEN = 0.5  # a forecast found in at least half of the cases is found often
SHARES = ("power", "reached", "above")
# Computed alike for both flows and all methods, but asked for by no sentence, figure, table or claim.
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
    """Yield what each method can detect, the leading one and the range over all, and the agreements together."""
    return (value for value in _values(evidence) if value.id not in UNASKED)


def _values(evidence: Evidence) -> Iterator[Value]:
    frame = evidence.to_frame()
    yield Value("power_level", 100 * evidence.choices.power, "")
    yield Value("range_level", 100 * evidence.level, "")
    yield Value("chance_level", 100 * (1 - evidence.level), "")
    level, own_years = {"level": f"{100 * evidence.level:.0f}"}, WORDS.label("own_years")
    for flow in FLOWS:
        rows = frame[frame["flow"] == flow].set_index("method")
        says = {"noun": WORDS.label(f"noun.{flow}", **evidence.names)}
        yield _forecast(evidence, flow).below(flow, says=says)
        for value in (*_counts(evidence, flow, rows), *_methods(evidence, flow, rows)):
            yield value.below(flow, period=evidence.years, says=says)
        yield from (v.below(f"pooled.{flow}", period=own_years, says=level) for v in _pooled(evidence, flow))


def names(evidence: Evidence) -> Mapping[str, str | Sequence[str]]:
    """Return the names used in sentences of the chapter."""
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
        "raw_apart": "yes" if _apart(evidence, RAW) and not _apart(evidence, SCALED) else "",
        "none_apart": "" if ((known["low"] > 0) | (known["high"] < 0)).any() else "yes",
    }


def _partners(each: pd.DataFrame, rows: pd.Series) -> tuple[str, ...]:
    """Return the partners of agreements, whose labels end with the year."""
    return tuple(str(label).rsplit(" ", 1)[0] for label in each.loc[rows, "label"])


def _apart(evidence: Evidence, scale: str) -> bool:
    """Return whether the range of the agreements together leaves out zero, for exports; False where there is none."""
    row = evidence.pool("exports", scale)
    return bool(row) and (row["low"] > 0 or row["high"] < 0)


def _forecast(evidence: Evidence, flow: Flow) -> Value:
    """Return the middle of the official forecast, percent, with its ends."""
    low, high = (percent(end) for end in evidence.forecasts.get(flow, (math.nan, math.nan)))
    return Value("forecast", (low + high) / 2, bounds=(low, high))


def _counts(evidence: Evidence, flow: Flow, rows: pd.DataFrame) -> Iterator[Value]:
    """Yield how many methods could be relied on to find the forecast, how many there are, how many exclude zero."""
    able = (rows["power"] >= evidence.choices.power).sum() if flow in evidence.forecasts else None
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
    scaled = evidence.pool(flow, SCALED)
    yield Value("count", scaled.get("count"))
    for scale in (RAW, SCALED):
        row, says = evidence.pool(flow, scale), {"scaled": WORDS.label(f"scales.{scale}")}
        yield _pool(f"{scale}.effect", row, says)
        yield from (Value(f"{scale}.{key}", row.get(key), says=says) for key in ("low", "high", "p_value"))
    yield Value("above", 100 * scaled.get("above", math.nan))
    yield Value("detectable", scaled.get("detectable"))
    yield _pool("without", evidence.pool(flow, SCALED, own=False))
    first = evidence.choices.pool.methods[0]
    if first != evidence.pool_method:
        yield _pool("first", evidence.pool(flow, SCALED, method=first), {"first": WORDS.label(f"named.{first}")})


def _pool(id_: str, row: Mapping[str, float], says: Mapping[str, str] = {}) -> Value:
    return Value(id_, row.get("effect"), bounds=(row.get("low"), row.get("high")), says=says)
