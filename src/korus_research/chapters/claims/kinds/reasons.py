"""The words of a card: the number that decides, and the reason for the verdict in a sentence or two."""

from __future__ import annotations

import math
from dataclasses import replace

from korus_research.chapters.claims.ledger import OPEN, READING, RIGHT, UNTESTED, WRONG, Verdict
from korus_research.show.finding import Finding, Findings, counted
from korus_research.show.words.sentence import Names, listed
from korus_research.show.words.text import Words

WORDS = Words("claims")
STATES = {RIGHT: "right", READING: "reading", WRONG: "wrong", OPEN: "open", UNTESTED: "untested"}
_CHANGES = ("flow-change", "driver", "change", "expectation")


def reason(v: Verdict, names: Names) -> str:
    """Return in a sentence or two why the claim has its verdict."""
    if v.value is None:
        return WORDS.label("reason.untested", needs=v.needs.removesuffix("."))
    shown, told = numbers(v, names), said(v, names)
    first = WORDS.label(f"reason.{_kind(v)}", shown, **told)
    if v.claim.measure in ("driver", "allowance", "expectation", "commitment"):
        return first
    return f"{first} {WORDS.label('reason.so', shown, **told)}".strip()


def deciding(v: Verdict, names: Names) -> str:
    """Return the number that decides, in a few words, or what is missing."""
    if v.value is None:
        return WORDS.label("deciding.untested")
    return WORDS.label(f"deciding.{_kind(v)}", numbers(v, names), **said(v, names))


def numbers(v: Verdict, names: Names) -> Findings:
    """Return the findings that the words of a card speak: the measure, its range and ends, and its conditions.

    Their ids are claims.value.measured and so on: value, low and high of the measure that decides, before (the level it
    starts from), least and most (over all ways of counting), forecast (of expectations, percent).
    """
    first = v.first
    values: dict[str, float | None] = {"value": v.value}
    if first is not None:
        values |= {"low": first.low, "high": first.high, "before": first.before}
    if v.values:
        values |= {"least": min(v.values), "most": max(v.values)}
    own = [amount(v, key, value) for key, value in values.items()]
    if first is not None and first.forecast is not None:
        own.append(replace(amount(v, "forecast", first.forecast), unit="percent", decimals=0))
    told = {f.id: f for condition in v.conditions for f in condition.told}
    points = [f for f in told.values() if f.unit == "points"][:1]
    own += [replace(f, id="claims.points.measured", unit="index", decimals=1) for f in points]
    return Findings((*own, *told.values()), names)


def said(v: Verdict, names: Names) -> dict[str, str]:
    """Return the names that the words of a card use beside its numbers."""
    first, period = v.first, v.first.period if v.first else ""
    start, end = ends_of(period)
    gone = next((m for m, ok in v.later if not ok), None) if v.word == RIGHT else None
    tests = [c for c in v.conditions if not c.premise]
    return {
        "verdict": STATES[v.word],
        "subject": subject(v, names),
        "start": start,
        "end": end,
        "band": band(v),
        "right": counted(v.right_on),
        "right_many": "yes" if v.right_on > 1 else "",
        "tried": counted(len(v.tried)),
        "all": "yes" if v.tried and v.right_on == len(v.tried) else "",
        "several": "yes" if len(v.tried) > 1 else "",
        "gone": ends_of(gone.period)[1] if gone else "",
        "gone_value": moved(v, gone.value) if gone else "",
        "elsewhere": v.claim.elsewhere,
        "readings": listed([f"{m.basis} ({moved(v, m.value)})" for m, ok in v.tried if ok]),
        "makers": listed(v.claim.makers),
        "counts": "; ".join(m.counted for m, _ in v.tried if m.counted),
        "counted": first.counted if first else "",
        "years": listed(list(dict.fromkeys(m.period for m, _ in v.tried))),
        "powerless": "yes" if any(c.holds is None for c in tests) else "",
        "refuted": "yes" if any(c.holds is False for c in tests) else "",
        "premise": "yes" if any(c.holds for c in v.conditions if c.premise) else "",
        "forecast_of": first.theirs if first else "",
        "chance": f"{v.odds.reached:.0f}" if v.odds else "",
        "flow": v.claim.what,
        "period": period,
    }


def subject(v: Verdict, names: Names) -> str:
    """Return what was measured: "US goods exports to Korea"."""
    if v.claim.measure == "sector" and v.first:
        return v.first.basis.removesuffix(f", {v.first.period}")
    services = "_services" if v.claim.measure not in ("flow-change", "deficit-ratio") else ""
    table = f"subject{services if 'services' in v.claim.series[0] else ''}"
    known = WORDS.labels(table)
    return WORDS.label(f"{table}.{v.claim.what}", Findings((), names)) if v.claim.what in known else ""


def amount(v: Verdict, key: str, value: float | None) -> Finding:
    """Return a value in the unit and with the decimals of the claim's measure, as a finding of a card."""
    decimals = 0 if v.claim.unit == "points" else v.measured.decimals if v.measured else -1
    return Finding(f"claims.{key}.measured", "a value", value, v.claim.unit, "", "", (), decimals=decimals)


def moved(v: Verdict, value: float | None) -> str:
    """Return a value in the unit of the claim, without a sign: of a change which way it went."""
    shown = Findings((amount(v, "value", value),))
    return WORDS.label("amount.change" if changes(v) else "amount.level", shown)


def changes(v: Verdict) -> bool:
    """Return whether the measure is a change, which has a direction."""
    change = v.claim.measure in _CHANGES or (v.claim.measure == "sector" and v.claim.stated_before is None)
    return change and v.claim.unit != "times"


def band(v: Verdict) -> str:
    """Return in words which values the wording allows: "a rise of $18.0 billion to just under $20.0 billion"."""
    if v.band is None:
        return ""
    (low, high), word = v.band, v.claim.admitted
    of_change = word.of_change is not None
    change = changes(v) or of_change
    if low == high:
        key = "only"
    elif math.isinf(low):
        key = "any_fall" if change and high == 0 else "less"
    elif math.isinf(high):
        key = "any_rise" if change and low == 0 else "more"
    else:
        key = "closed" if word.closed else "open"
    if change and high <= 0 and not math.isinf(low):
        low, high = high, low  # of a fall the smaller size first
    ends = {name: _end(v, end, of_change=of_change) for name, end in (("low", low), ("high", high))}
    kind = "" if not change else "fall" if max(low, high) <= 0 else "rise" if min(low, high) >= 0 else ""
    return WORDS.label(f"band.{key}", kind=kind, **ends)


def _end(v: Verdict, end: float, *, of_change: bool) -> str:
    if math.isinf(end):
        return ""
    shown = amount(v, "value", end)
    return (replace(shown, unit="points", decimals=2) if of_change else shown).text("abs")


def ends_of(period: str) -> tuple[str, str]:
    """Return the start and end of a measure's period, "2011" and "the 12 months to July 2017"; no start of one span."""
    start, to, end = period.partition(" to ")
    return (start, end) if to and not period.startswith("the ") else ("", period)


def _kind(v: Verdict) -> str:
    """Return the key of the words that say a verdict."""
    match v.claim.measure:
        case "driver":
            return f"driver_{v.claim.what}"
        case "expectation":
            return "promise" if v.claim.unit == "usd_bn" else "expectation"
        case "flow-change":
            return "change"
        case "deficit-ratio":
            return "ratio"
        case "change" | "sector" | "level" if v.claim.stated_before is not None:
            return "level"
        case "change" | "sector" | "level":
            return "ratio" if v.claim.unit == "times" else "yearly" if v.claim.yearly else "change"
    return str(v.claim.measure)
