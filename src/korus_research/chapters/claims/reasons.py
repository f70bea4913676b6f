"""Why a claim has its verdict, in words: what the wording admits, what was tried, what decides."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from korus_research.chapters.claims.ledger import Verdict
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.show.finding import Finding

if TYPE_CHECKING:
    from korus_research.chapters.claims.measures import Measured

_HELD = {True: "as said", False: "not as said", None: "can't be established"}
_SIGNED = ("flow-change", "driver", "change", "expectation")


def told(f: Finding) -> str:
    """Return a finding that is told beside a verdict, with its period unless its label names it."""
    when = "" if f.period in f.label else f", {f.period},"
    return f"{f.label}{when} was {f.text('signed')}"


def style(v: Verdict) -> str:
    """Return the style of the measured value: with its sign where it is a change."""
    changed = v.claim.measure in _SIGNED or (v.claim.measure == "sector" and v.claim.stated_before is None)
    return ":signed" if changed and v.claim.unit != "times" else ""


def why_judged(v: Verdict) -> str:
    """Return the reason in words: what the wording admits, on how many bases it is right, and what came after."""
    if v.claim.word is None or v.claim.stated is None or v.claim.unit is None:
        return ""
    word = load_lexicon()[v.claim.word]
    if v.claim.measure == "expectation":
        return _why_expected(v)
    if v.claim.measure == "allowance":
        return _why_allowance(v)
    if v.conditions:
        return _why_causal(v)
    two = v.claim.stated_before is not None and word.of_change is None
    of_both = ", and as near to the level it starts from" if two else ""
    parts = [f"'{word.words[0][:1].upper()}{word.words[0][1:]}' admits {band_said(v)}{of_both}."]
    if len(v.tried) > 1:
        low, high = as_said(v, min(v.values)), as_said(v, max(v.values))
        parts.append(f"Right on {v.right_on} of {len(v.tried)} bases; over all of them from {low} to {high}.")
        if v.word == "depends on basis":
            right = "; ".join(f"{m.basis} ({as_said(v, m.value)})" for m, ok in v.tried if ok)
            parts.append(f"Right only on: {right}.")
    for m, ok in v.later:
        span = "a longer span than the claim's, so no test of it" if v.claim.span_years else _is(ok=ok)
        parts.append(f"{m.basis}: {as_said(v, m.value)}, {span}.")
    if v.claim.elsewhere and v.word == "holds":
        parts.append(f"The claim rests on another basis, {v.claim.elsewhere}, which these data do not hold.")
    if v.claim.caveat:
        parts.append(v.claim.caveat)
    return " ".join(parts)


def narrowly(v: Verdict) -> str:
    """Return the end of what was said, with on how few bases it is right, and whether no longer, where that is so."""
    told = []
    if not v.conditions and v.word in ("holds", "depends on basis") and v.right_on < len(v.tried):
        told.append(f"right on {v.right_on} of {len(v.tried)} bases")
    gone = [m for m, ok in v.later if not ok]
    if v.word == "holds" and v.claim.measure == "flow-change" and gone:
        told.append(f"no longer in {gone[0].period.partition(' to ')[2]}")
    return f" ({'; '.join(told)})." if told else "."


def _why_causal(v: Verdict) -> str:
    """Return why a claim about causes has its verdict: premise, bases, falsification test."""
    premises = "; ".join(f"{c.says} ({_HELD[c.holds]})" for c in v.conditions if c.premise)
    tests = "; ".join(c.says for c in v.conditions if not c.premise)
    parts = [f"Premise: {premises}.", f"Falsification test: {tests}."]
    low, high = as_said(v, min(v.values)), as_said(v, max(v.values))
    first = v.tried[0][0]
    parts.append(
        f"Main estimate {as_said(v, first.value)}, interval {as_said(v, first.low)} to {as_said(v, first.high)}; the "
        f"whole interval is as said on {v.right_on} of {len(v.tried)} specifications, whose estimates go from {low} to "
        f"{high}; it rules out what was said on {v.excluded_on or 'none'}."
    )
    return " ".join([*parts, v.claim.caveat]).strip()


def _why_allowance(v: Verdict) -> str:
    """Return why a claim about lifting an allowance has its verdict: the premise, what each count admits, the test."""
    open_ = sum(m.value is None for m, _ in v.tried)
    parts = [f"Premise: {c.says} ({_HELD[c.holds]})." for c in v.conditions if c.premise]
    parts.append(
        f"On {len(v.values)} of {len(v.tried)} counts lifting it could have added "
        f"{as_said(v, max(v.values, default=None))} at most; {open_} that reach it, as sums over all makers do, can't "
        f"tell. It is sure to be more than nothing on {v.right_on or 'none'}."
    )
    parts += [f"Falsification test: {c.says}." for c in v.conditions if not c.premise]
    return " ".join([*parts, v.claim.caveat]).strip()


def _why_expected(v: Verdict) -> str:
    """Return why a claim about expectations has its verdict: main comparison, all of them, falsification test."""
    known = "the years that the main estimate covers" if v.claim.forecast else "the full years known when it was said"
    parts = [
        f"Judged on {v.tried[0][0].period}, {known}: {_compared(v, v.tried)}; it rules out what was said on "
        f"{v.excluded_on or 'none'}.",
        *(f"Falsification test: {c.says}." for c in v.conditions),
    ]
    if v.own_years:
        parts.append(
            f"Over {v.own_years[0][0].period}, the years of this edition's chapter on forecasts and no part of the "
            f"verdict: {_compared(v, v.own_years)}."
        )
    return " ".join([*parts, v.claim.caveat]).strip()


def _compared(v: Verdict, tried: tuple[tuple[Measured, bool], ...]) -> str:
    """Return the main comparison, and how many of all are as said."""
    first = tried[0][0]
    return (
        f"main comparison {as_said(v, first.value)}, interval {as_said(v, first.low)} to {as_said(v, first.high)}; the "
        f"whole interval is as said on {sum(right for _, right in tried)} of {len(tried)}"
    )


def _is(*, ok: bool) -> str:
    return "right there too" if ok else "not right there"


def as_said(v: Verdict, value: float | None) -> str:
    """Return a value in the unit of the claim, with its sign where it is a change."""
    unit = v.claim.unit
    if unit is None or value is None:
        return "\N{EN DASH}"
    decimals = -1 if v.measured is None else v.measured.decimals
    shown = Finding("claims.shown", "a value", value, unit, "", "", (), decimals=decimals)
    return shown.text("signed" if style(v) else "")


def band_said(v: Verdict) -> str:
    """Return in words which values the wording admits."""
    low, high = v.band or (math.nan, math.nan)
    word = load_lexicon()[v.claim.word or ""]
    if word.of_change is not None:
        ends = [Finding("claims.shown", "a change", end, "points", "", "", (), decimals=2) for end in (low, high)]
        return f"a change of {' to '.join(end.text('signed') for end in ends)}"
    if low == high:
        return f"{as_said(v, low)} only"
    if math.isinf(low):
        return "a change under zero" if high == 0 else f"anything less than {as_said(v, high)}"
    if math.isinf(high):
        return "a change over zero" if low == 0 else f"anything more than {as_said(v, low)}"
    if word.closed:
        return f"{as_said(v, low)} to {as_said(v, high)}"
    return f"{as_said(v, low)} up to, not including, {as_said(v, high)}"
