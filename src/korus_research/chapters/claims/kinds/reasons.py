"""Why a claim has its verdict, in words: what the wording admits, what was tried, what decides."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from korus_research.chapters.claims.kinds.measured import Measured
from korus_research.chapters.claims.ledger import Verdict
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.show.finding import Finding
from korus_research.show.words.sentence import capital
from korus_research.show.words.text import Words

WORDS = Words("claims")
_SIGNED = ("flow-change", "driver", "change", "expectation")
_HOLDS = {True: "yes", False: "no", None: "unknown"}


def told(f: Finding) -> str:
    """Return a finding that is told beside a verdict, with its period unless its label names it."""
    period = "" if f.period in f.label else f.period
    return WORDS.label("why.told", label=f.label, period=period, value=f.text("signed"))


def style(v: Verdict) -> str:
    """Return the style of the measured value: with its sign where it is a change."""
    changed = v.claim.measure in _SIGNED or (v.claim.measure == "sector" and v.claim.stated_before is None)
    return ":signed" if changed and v.claim.unit != "times" else ""


def why_judged(v: Verdict) -> str:
    """Return the reason in words: what the wording admits, on how many bases it is right, and what came after."""
    if v.claim.word is None or v.claim.stated is None or v.claim.unit is None:
        return ""
    if v.claim.measure == "expectation":
        parts = _why_expected(v)
    elif v.claim.measure == "allowance":
        said = {**_counted(v, v.tried), "right": _count(v.right_on)}
        parts = [_premise(v), WORDS.label("causal.counts", **said), _test(v)]
    elif v.conditions:
        parts = [_premise(v), _test(v), WORDS.label("causal.main", **_counted(v, v.tried))]
    else:
        parts = _why_measured(v)
    return " ".join(part for part in (*parts, v.claim.caveat) if part)


def narrowly(v: Verdict) -> str:
    """Return the end of what was said, on how few measures it is right, and whether no longer, where that is so."""
    parts = []
    if not v.conditions and v.word in ("holds", "depends on basis") and v.right_on < len(v.tried):
        parts.append(WORDS.label("why.right_on", right=str(v.right_on), tried=str(len(v.tried))))
    gone = [m for m, ok in v.later if not ok]
    if v.word == "holds" and gone:
        parts.append(WORDS.label("why.no_longer", period=gone[0].period.partition(" to ")[2] or gone[0].period))
    return f" ({'; '.join(parts)})." if parts else "."


def _why_measured(v: Verdict) -> list[str]:
    """Return what the wording admits, what all bases give, and what came after."""
    word = load_lexicon().words[v.claim.word or ""]
    two = v.claim.stated_before is not None and word.of_change is None
    parts = [WORDS.label("why.admits", word=capital(word.words[0]), band=band_said(v), two="yes" if two else "")]
    if len(v.tried) > 1:
        parts.append(WORDS.label("why.bases", **_counted(v, v.tried)))
        if v.word == "depends on basis":
            right_on = (WORDS.label("why.basis", basis=m.basis, value=as_said(v, m.value)) for m, ok in v.tried if ok)
            parts.append(WORDS.label("why.only", bases="; ".join(right_on)))
    for m, ok in v.later:
        value, right = as_said(v, m.value), "yes" if ok else ""
        parts.append(WORDS.label("why.later", basis=m.basis, value=value, right=right))
    if v.claim.elsewhere and v.word == "holds":
        parts.append(WORDS.label("why.elsewhere", elsewhere=v.claim.elsewhere))
    return parts


def _why_expected(v: Verdict) -> list[str]:
    """Return why a claim about expectations has its verdict: what decides, the odds, all comparisons, the test."""
    said = _counted(v, v.tried)
    decisive = v.tried[0][0]
    told = {"period": decisive.period, "basis": decisive.basis, "forecast": "yes" if v.claim.forecast else ""}
    parts = [WORDS.label("expected.judged", **told, **said)]
    if (odds := v.odds) is not None:
        figures = {name: f"{getattr(odds, name):.0f}" for name in ("reached", "power", "forecast")}
        parts.append(WORDS.label("expected.odds", **figures))
    parts.append(WORDS.label("expected.robust", **said))
    parts += [_test(v)] if v.conditions else []
    if own := v.own_years:
        parts.append(WORDS.label("expected.own_years", period=own[0][0].period, **_counted(v, own)))
    return parts


def _premise(v: Verdict) -> str:
    holds = WORDS.labels("causal.holds")
    premises = [(c.says, holds[_HOLDS[c.holds]]) for c in v.conditions if c.premise]
    said = "; ".join(WORDS.label("causal.condition", says=says, holds=word) for says, word in premises)
    return WORDS.label("causal.premise", says=said)


def _test(v: Verdict) -> str:
    return WORDS.label("causal.test", says="; ".join(c.says for c in v.conditions if not c.premise))


def _counted(v: Verdict, tried: Sequence[tuple[Measured, bool]]) -> dict[str, str]:
    """Return what words say of all bases: the first with its interval, the ends of all, and how many are as said."""
    first, known = tried[0][0], [m.value for m, _ in tried if m.value is not None]
    least, most = min(known, default=None), max(known, default=None)
    ends = {"value": first.value, "low": first.low, "high": first.high, "least": least, "most": most}
    counts = {"right": sum(ok for _, ok in tried), "tried": len(tried), "counts": len(known)}
    counts["open"] = len(tried) - len(known)
    said = {name: as_said(v, value) for name, value in ends.items()}
    return said | {name: str(count) for name, count in counts.items()} | {"excluded": _count(v.excluded_on)}


def _count(number: int) -> str:
    return str(number) if number else WORDS.label("why.none")


def as_said(v: Verdict, value: float | None) -> str:
    """Return a value in the unit of the claim, with its sign where it is a change."""
    if v.claim.unit is None or value is None:
        return "\N{EN DASH}"
    decimals = -1 if v.measured is None else v.measured.decimals
    shown = Finding("claims.shown", "a value", value, v.claim.unit, "", "", (), decimals=decimals)
    return shown.text("signed" if style(v) else "")


def band_said(v: Verdict) -> str:
    """Return in words which values the wording admits."""
    low, high = v.band or (math.nan, math.nan)
    word = load_lexicon().words[v.claim.word or ""]
    if word.of_change is not None:
        change = Finding("claims.shown", "a change", low, "points", "", "", (), decimals=2)
        ends = [replace(change, value=end).text("signed") for end in (low, high)]
        return WORDS.label("band.change", low=ends[0], high=ends[1])
    if low == high:
        key = "only"
    elif math.isinf(low):
        key = "under_zero" if high == 0 else "less"
    elif math.isinf(high):
        key = "over_zero" if low == 0 else "more"
    else:
        key = "closed" if word.closed else "open"
    said = {name: "" if math.isinf(end) else as_said(v, end) for name, end in (("low", low), ("high", high))}
    return WORDS.label(f"band.{key}", **said)
