"""The judge: a claim, its measure on every basis of the fixed list, the lexicon, and the verdict with its reason.

Verdicts (docs/methods/claims.md): a claim is *right* by the default way of counting, right *only on another reading*
of the fixed list, *wrong*, or *not tested*. The default decides first. A claim about causes or expectations is right,
wrong, or *can't be settled*, by the rules of the lexicon.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from korus_research.chapters.claims.kinds import drivers, expectations, flows, periods, sectors, vehicles
from korus_research.chapters.claims.kinds.measured import Condition, Measured, known
from korus_research.chapters.claims.ledger import (
    OPEN,
    READING,
    RIGHT,
    UNTESTED,
    WRONG,
    Ledger,
    Verdict,
    VerdictWord,
    measured_finding,
)
from korus_research.chapters.claims.lexicon import Bases, Word, load_lexicon
from korus_research.chapters.claims.statements import Claim, ClaimSource, load_claims
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.data.study import Study
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
    lexicon, last = load_lexicon(), study.parameters.as_of
    words = lexicon.words
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
        values = measure(claim, source, then, lexicon.bases, findings)
        if claim.measure in _CAUSAL:
            conditions = _CAUSAL[claim.measure](claim, then) if values else ()
            verdict = causal_verdict(source, claim, values, words, conditions)
            if claim.measure == "expectation" and verdict.tried:
                # Told in the ledger only: the same over this edition's years.
                own = () if only_featured else _own_years(claim, study, words, values, findings)
                odds = expectations.odds(claim, then, words[str(claim.word)], values[0])
                verdict = replace(verdict, own_years=own, odds=odds)
        else:
            shown = {m.basis for m in values[:1]}
            later = {m.basis: (m, right) for known in (then, study) for m, right in _latest(claim, known, words)}
            told = tuple(pair for basis, pair in later.items() if basis not in shown)
            verdict = verdict_of(source, claim, values, words, told)
        verdicts.append(replace(verdict, beside=_beside(claim, then, findings)))
    return Ledger(tuple(verdicts), dict(study.names), only_featured)


def measure(
    claim: Claim, source: ClaimSource, study: Study, bases: Bases, findings: Findings | None = None
) -> list[Measured]:
    """Return the claim's measure on each basis, the default first; values in the claim's unit.

    `findings` are those of the report's other chapters, which spare estimates that would come out the same.

    Raises InvalidClaim: the claim names a flow, share or commitment that this study does not have.
    """
    kinds: dict[str | None, Callable[[], list[Measured]]] = {
        "flow-change": lambda: flows.flow_measures(claim, study, bases),
        "deficit-ratio": lambda: flows.flow_measures(claim, study, bases),
        "share": lambda: flows.share_measures(claim, study),
        "commitment": lambda: flows.commitment_measures(claim, source, study),
        "allowance": lambda: vehicles.allowance_measures(claim, study),
        "driver": lambda: drivers.driver_measures(claim, study),
        "sector": lambda: sectors.sector_measures(claim, study),
        "expectation": lambda: expectations.expectation_measures(claim, study, findings),
        **dict.fromkeys(("change", "level", "record"), lambda: periods.period_measures(claim, study, bases)),
    }
    return kinds[claim.measure]() if claim.measure in kinds else []


_CAUSAL: dict[str | None, Callable[[Claim, Study], tuple[Condition, ...]]] = {
    "allowance": vehicles.allowance_conditions,
    "driver": drivers.driver_conditions,
    "expectation": expectations.expectation_conditions,
}


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


def _own_years(
    claim: Claim, study: Study, words: dict[str, Word], known: list[Measured], findings: Findings | None
) -> tuple[tuple[Measured, bool], ...]:
    """Return the comparisons of a claim about expectations over this edition's years, where it was judged on others."""
    if claim.measure != "expectation" or not known or claim.word is None or claim.stated is None:
        return ()
    values = expectations.expectation_measures(claim, study, findings)
    if not values or values[0].period == known[0].period:
        return ()
    return tuple((m, m.right(words[claim.word], claim.stated)) for m in values)


def _latest(claim: Claim, study: Study, words: dict[str, Word]) -> tuple[tuple[Measured, bool], ...]:
    if claim.measure not in ("flow-change", "deficit-ratio", "share") or claim.word is None or claim.stated is None:
        return ()
    if claim.measure == "share":
        now = flows.share_measures(claim, study)[-1]
    else:
        now = flows.flow_measure(claim, flows_of(study), str(study.parameters.baseline_year), "latest12")
    return () if now.value is None else ((now, words[claim.word].admits(now.value, claim.stated)),)


def verdict_of(
    source: ClaimSource,
    claim: Claim,
    values: list[Measured],
    words: dict[str, Word],
    later: tuple[tuple[Measured, bool], ...],
) -> Verdict:
    """Return the verdict on a claim about figures: right on the default basis, on another one only, or on none."""
    if claim.word is None or claim.stated is None or claim.unit is None:
        return Verdict(source, claim, UNTESTED, needs=claim.needs or "")
    word, stated = words[claim.word], claim.stated
    tried = tuple((m, m.right(word, stated, claim.stated_before)) for m in values if m.value is not None)
    default = values[0]
    measured = measured_finding(claim, default, fine=_fine(claim))
    needs = ""
    if default.value is None:
        verdict: VerdictWord = UNTESTED
        needs = WORDS.label("needs.figures", period=default.period)
    elif tried[0][1]:
        verdict = RIGHT
    elif any(right for _, right in tried):
        verdict = READING
    else:
        # On a basis that the data do not hold, a miss may be the basis and not the claim (lexicon, [elsewhere]).
        verdict = UNTESTED if claim.elsewhere else WRONG
        needs = WORDS.label("needs.own_basis", elsewhere=claim.elsewhere) if claim.elsewhere else ""
    of_change = word.of_change is not None and claim.stated_before is not None
    band = word.band(stated - (claim.stated_before or 0.0) if of_change else stated)
    return Verdict(source, claim, verdict, band, measured, tried, later, needs=needs)


def causal_verdict(
    source: ClaimSource,
    claim: Claim,
    values: list[Measured],
    words: dict[str, Word],
    conditions: tuple[Condition, ...],
) -> Verdict:
    """Judge a claim about causes by the rule of the lexicon."""
    if not values or claim.word is None or claim.stated is None:
        needs = claim.needs or WORDS.label("needs.estimates")
        return Verdict(source, claim, UNTESTED, needs=needs)
    word, stated, rule = words[claim.word], claim.stated, load_lexicon().causal
    tried = tuple((m, m.right(word, stated)) for m in values)
    decide = values[:1] if claim.measure == "expectation" else values  # one comparison is declared for expectations
    right = sum(m.right(word, stated) for m in decide)
    excluded = sum(m.excluded(word, stated) for m in values)
    out = sum(m.excluded(word, stated) for m in decide)
    failed = any(c.holds is False for c in conditions if c.premise)
    if failed or out / len(decide) >= rule.not_supported_from:
        verdict: VerdictWord = WRONG
    elif right / len(decide) >= rule.supported_from and all(c.holds for c in conditions):
        verdict = RIGHT
    else:
        verdict = OPEN
    band, measured = word.band(stated), measured_finding(claim, values[0], fine=_fine(claim))
    return Verdict(source, claim, verdict, band, measured, tried, (), conditions, excluded_on=excluded)


def _fine(claim: Claim) -> bool:
    """Whether a hundredth counts: what is said of a few percent is right or wrong by tenths."""
    few = claim.measure in ("change", "level") and claim.unit == "percent" and abs(claim.stated or 0.0) < 10
    return few or claim.what in periods.SHARES
