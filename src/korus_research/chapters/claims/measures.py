"""The judge: a claim, its measure on every basis of the fixed list, the lexicon, and the verdict with its reason.

Verdicts (docs/methods/claims.md): a claim is *right* by the default way of counting, right *only on another reading*
of the fixed list, *wrong*, or *not tested*. The default decides first. A claim about causes or expectations is right,
wrong, or *can't be settled*, by the rules of the lexicon.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from korus_research.chapters.claims.kinds import drivers, expectations, flows, periods, vehicles
from korus_research.chapters.claims.kinds.meant import meant
from korus_research.chapters.claims.kinds.measured import Condition, Measured
from korus_research.chapters.claims.ledger import (
    OPEN,
    READING,
    RIGHT,
    UNTESTED,
    WRONG,
    Ledger,
    Tried,
    Verdict,
    VerdictWord,
    measured_finding,
)
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.chapters.claims.statements import Claim, ClaimSource, load_claims
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.chapters.flows.measures import LATEST, of as flows_of
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.data.study import Study, known
from korus_research.errors import InvalidClaim
from korus_research.show.declared import Result
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.text import Words

WORDS = Words("claims")


def of(study: Study, findings: Findings | None = None, *, only_featured: bool = False) -> Ledger:
    """Judge every claim about the study's agreement that had been made on the data of its `as_of`.

    Each is judged on the months that had been published when it was made (`data_through` of its source), whatever the
    edition, so that a verdict does not change with later trade. Forecasts are judged on the years that the main
    specification covers, by editions that reach them. Values are of today's vintage.

    Of `findings`, those of the report's other chapters, gravity is taken where its panel is the same. `only_featured`
    leaves out the claims of all other sources, as for the brief.

    Raises InvalidClaim: a claim file, the lexicon or the list of bases does not say what it must.
    """
    last = study.parameters.as_of
    studies: dict[str, Study] = {last: study}
    verdicts = []
    for source, claim in load_claims(study.agreement.id, as_of=last, own=study.agreement.claims):
        if only_featured and not source.featured:
            continue
        month = expectations.judged_month(study) if claim.forecast else source.data_through
        if month > last:
            needs = claim.needs or WORDS.label("needs.years", year=month[:4])
            verdicts.append(Verdict(source, claim, UNTESTED, needs=needs))
            continue
        then = studies.setdefault(month, study.as_known(month))
        values = measure(claim, source, then, findings)
        if claim.measure in _CAUSAL:
            verdict = causal_verdict(source, claim, values, _CAUSAL[claim.measure](claim, then) if values else ())
            if claim.measure == "expectation" and values:
                # Told in the ledger only: the same over this edition's years.
                own = () if only_featured else _own_years(claim, study, values, findings)
                verdict = replace(verdict, own_years=own, odds=expectations.odds(claim, then, values[0]))
        else:
            verdict = replace(verdict_of(source, claim, values), later=_later(claim, values, then, study))
        verdicts.append(replace(verdict, beside=_beside(claim, then, findings)))
    return Ledger(tuple(verdicts), dict(study.names), only_featured)


_MEASURES: dict[str, Callable[[Claim, Study], list[Measured]]] = {
    "flow-change": flows.flow_measures,
    "deficit-ratio": flows.flow_measures,
    "share": flows.share_measures,
    "allowance": vehicles.allowance_measures,
    "driver": drivers.driver_measures,
    "sector": periods.sector_measures,
    "change": periods.period_measures,
    "level": periods.period_measures,
    "record": periods.period_measures,
}
_CAUSAL: dict[str | None, Callable[[Claim, Study], tuple[Condition, ...]]] = {
    "allowance": vehicles.allowance_conditions,
    "driver": drivers.driver_conditions,
    "expectation": expectations.expectation_conditions,
}


def measure(claim: Claim, source: ClaimSource, study: Study, findings: Findings | None = None) -> list[Measured]:
    """Return the claim's measure on each basis, the default first; values in the claim's unit; none without a measure.

    `findings` are those of the report's other chapters, which spare estimates that would come out the same.

    Raises InvalidClaim: the claim names a flow, share or commitment that this study does not have.
    """
    if claim.measure is None:
        return []
    if claim.what not in (possible := meant(claim, source, study.agreement)):
        raise InvalidClaim(
            f"Claim '{claim.id}' measures '{claim.what}'",
            expected=f"one of {', '.join(possible)}",
            do="Correct `what` in the claim's file",
        )
    if claim.measure == "commitment":
        return flows.commitment_measures(claim, source, study)
    if claim.measure == "expectation":
        return expectations.expectation_measures(claim, study, findings)
    return _MEASURES[claim.measure](claim, study)


def _beside(claim: Claim, study: Study, findings: Findings | None) -> tuple[Finding, ...]:
    """Return the findings told beside a claim; those of an analysis that these months lack are left out."""
    analyses: dict[str, Callable[[Study], Result | None]] = {
        "drivers": drivers_of,
        "forecasts": lambda months: expectations.known_forecasts(months, findings),
        "sectors": sectors_of,
        "flows": flows_of,
    }
    made = [(id_, known(analyses[id_.partition(".")[0]], study)) for id_ in claim.beside]
    return tuple(result.findings()[id_] for id_, result in made if result is not None)


def _own_years(claim: Claim, study: Study, judged: Sequence[Measured], findings: Findings | None) -> Tried:
    """Return the comparisons of a claim about expectations over this edition's years, where it was judged on others."""
    values = expectations.expectation_measures(claim, study, findings)
    if not values or values[0].period == judged[0].period:
        return ()
    return tuple((m, m.right(claim)) for m in values)


def _later(claim: Claim, values: Sequence[Measured], then: Study, study: Study) -> Tried:
    """Return the measure of a flow or share to the latest months known then and known now, but not the default."""
    found: dict[str, tuple[Measured, bool]] = {}
    for months in (then, study) if claim.measure in flows.MEASURES else ():
        if claim.measure == "share":
            now = flows.share_measures(claim, months)[-1]
        else:
            now = flows.flow_measure(claim, flows_of(months), str(months.parameters.baseline_year), LATEST)
        if now.value is not None and now.basis != values[0].basis:
            found[now.basis] = now, now.right(claim)
    return tuple(found.values())


def verdict_of(source: ClaimSource, claim: Claim, values: Sequence[Measured]) -> Verdict:
    """Return the verdict on a claim about figures: right on the default basis, on another one only, or on none."""
    if claim.measure is None:
        return Verdict(source, claim, UNTESTED, needs=claim.needs)
    tried = tuple((m, m.right(claim)) for m in values if m.value is not None)
    needs, verdict = "", WRONG
    if values[0].value is None:
        verdict, needs = UNTESTED, WORDS.label("needs.figures", period=values[0].period)
    elif tried[0][1]:
        verdict = RIGHT
    elif any(right for _, right in tried):
        verdict = READING
    elif claim.elsewhere:
        # On a basis that the data do not hold, a miss may be the basis and not the claim (lexicon, [elsewhere]).
        verdict, needs = UNTESTED, WORDS.label("needs.own_basis", elsewhere=claim.elsewhere)
    return _judged(source, claim, verdict, values, tried, needs=needs)


def causal_verdict(
    source: ClaimSource, claim: Claim, values: Sequence[Measured], conditions: tuple[Condition, ...]
) -> Verdict:
    """Judge a claim about causes by the rule of the lexicon."""
    if not values:
        return Verdict(source, claim, UNTESTED, needs=WORDS.label("needs.estimates"))
    rule = load_lexicon().causal
    tried = tuple((m, m.right(claim)) for m in values)
    excluded = [m.excluded(claim) for m in values]
    decide = 1 if claim.measure == "expectation" else len(values)  # one comparison is declared for expectations
    failed = any(c.holds is False for c in conditions if c.premise)
    if failed or sum(excluded[:decide]) / decide >= rule.not_supported_from:
        verdict = WRONG
    elif sum(right for _, right in tried[:decide]) / decide >= rule.supported_from and all(c.holds for c in conditions):
        verdict = RIGHT
    else:
        verdict = OPEN
    return _judged(source, claim, verdict, values, tried, conditions=conditions, excluded_on=sum(excluded))


def _judged(
    source: ClaimSource, claim: Claim, word: VerdictWord, values: Sequence[Measured], tried: Tried, **more: Any
) -> Verdict:
    """Return a verdict with what the claim's word admits, and its measure on the default basis as a finding."""
    of_change = claim.admitted.of_change is not None
    band = claim.admitted.band(claim.stated - (claim.stated_before or 0.0) if of_change else claim.stated)
    # What is said of a few percent is right or wrong by tenths: then a hundredth counts.
    few = claim.measure in ("change", "level") and claim.unit == "percent" and abs(claim.stated) < 10
    measured = measured_finding(claim, values[0], fine=few or claim.what in periods.SHARES)
    return Verdict(source, claim, word, band, measured, tried, **more)
