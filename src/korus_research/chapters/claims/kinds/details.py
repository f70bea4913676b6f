"""The details behind a verdict: ways of counting, conditions, later figures, and data that would allow a test."""

from __future__ import annotations

from korus_research.chapters.claims.kinds.reasons import WORDS, band, ends_of, moved, numbers, said
from korus_research.chapters.claims.ledger import RIGHT, Ledger, Verdict
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.show.finding import Finding, Findings, counted
from korus_research.show.words.sentence import Names, capital

_HOLDS = {True: "yes", False: "no", None: "unknown"}


def details(v: Verdict, ledger: Ledger) -> str:
    """Return the details behind a verdict in sentences; empty where the reason says all."""
    names: Names = ledger.names
    if v.claim.measure == "expectation":
        parts = _expected(v, names)
    elif v.conditions:
        leading = v.claim.measure != "allowance"
        parts = [*_conditions(v), WORDS.label("why.main", numbers(v, names), **said(v, names)) if leading else ""]
    else:
        parts = _counted(v)
    return " ".join(capital(part) for part in (*parts, v.claim.caveat, *_more(v, ledger)) if part)


def _counted(v: Verdict) -> list[str]:
    """Return what the wording allows, the range over all ways of counting, and the measure to later months."""
    if not v.tried or v.band is None:
        return []
    exact = v.band[0] == v.band[1]
    parts = [] if exact or v.word != RIGHT else [WORDS.label("why.allows", band=band(v))]
    if len(v.tried) > 1:
        ends = [moved(v, end(v.values)) for end in (min, max)]
        parts.append(WORDS.label("why.ways", tried=counted(len(v.tried)), least=ends[0], most=ends[1]))
    for m, ok in v.later:
        right = "yes" if ok else ""
        parts.append(WORDS.label("why.later", period=ends_of(m.period)[1], value=moved(v, m.value), right=right))
    return parts


def _expected(v: Verdict, names: Names) -> list[str]:
    """Return which comparison decides, the odds, all comparisons, and the check on earlier years."""
    if not v.tried:
        return []
    told, shown = said(v, names), numbers(v, names)
    parts = [WORDS.label("why.judged", shown, **told, forecast="yes" if v.claim.forecast else "")]
    if (odds := v.odds) is not None:
        figures = {name: f"{getattr(odds, name):.0f}" for name in ("reached", "power", "forecast")}
        parts.append(WORDS.label("why.odds", **figures))
    parts.append(WORDS.label("why.robust", **told, excluded=counted(v.excluded_on)))
    parts += _conditions(v)
    if own := v.own_years:
        ends = [moved(v, x) for x in (own[0][0].value, own[0][0].low, own[0][0].high)]
        values = dict(zip(("value", "low", "high"), ends, strict=True))
        parts.append(WORDS.label("why.own_years", period=own[0][0].period, **values))
    return parts


def _conditions(v: Verdict) -> list[str]:
    """Return the premises of a claim about causes, grouped by whether they hold, then its test."""
    premises = [(key, [c.says for c in v.conditions if c.premise and c.holds is key]) for key in _HOLDS]
    told = [WORDS.label("why.premise", says="; ".join(says), holds=_HOLDS[key]) for key, says in premises if says]
    return [*told, *(c.says for c in v.conditions if not c.premise)]


def _more(v: Verdict, ledger: Ledger) -> list[str]:
    """Return data that would allow a test, figures for comparison, related claims, and changes to the verdict."""
    parts = []
    if v.freed_by:
        file = load_lexicon().file[v.freed_by]
        parts.append(WORDS.label("why.file", says=file.says, source=file.source))
    if beside := [told(f) for f in v.beside if f.value is not None]:
        parts.append(WORDS.label("why.beside", told="; ".join(beside)))
    for other in (o for o in ledger.verdicts if o.claim.id == v.claim.see):
        span = {"first": str(other.claim.first), "last": str(other.claim.last)}
        parts.append(WORDS.label("why.see", number=str(other.claim.number), **span, verdict=other.word))
    if v.claim.changed:
        parts.append(WORDS.label("why.changed", was=v.claim.changed.was, why=v.claim.changed.why))
    return parts


def told(f: Finding) -> str:
    """Return a finding for comparison in words, with its period unless its label names it."""
    period = "" if f.period in f.label else f.period
    shown = Findings((Finding("claims.value.measured", f.label, f.value, f.unit, "", "", (), decimals=f.decimals),))
    kind = "moved" if f.unit in ("percent", "points") else "balance" if f.unit == "usd_bn" else "level"
    return WORDS.label("why.told", label=f.label, period=period, value=WORDS.label(f"amount.{kind}", shown))
