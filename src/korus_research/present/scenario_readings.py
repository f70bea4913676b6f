"""What the scenarios say, in sentences that are left out together with their scenario (its box says so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.present.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.study import Study


def effects_reading(study: Study) -> Prose | None:
    """Return the intervals of the estimates that the first scenario takes out."""
    result = study.scenarios()
    if "undone" in result.lacking:
        return None
    return say(
        result,
        *(
            f"By {estimate.name} ([Chapter](#ch-{estimate.chapter})), the effect of {{agreement}} on goods exports to {{partner}} is {{scenarios.effect.{key}.exports:signed}}, with an interval from {{scenarios.effect.{key}.exports:range}}; on goods imports it is {{scenarios.effect.{key}.imports:signed}}, from {{scenarios.effect.{key}.imports:range}}."
            for key, estimate in result.spec.estimates.items()
        ),
    )


def undone_reading(study: Study) -> Prose | None:
    """Return what ending the agreement moves by each estimate, and how that stands beside the duties put back."""
    result = study.scenarios()
    if "undone" in result.lacking:
        return None
    return say(
        result,
        *(
            f"With the estimate by {estimate.name} taken out, US exports of goods and services to {{partner}} would move by {{scenarios.{key}.flow.exports:signed}} ({{scenarios.{key}.flow.exports:range}}), imports by {{scenarios.{key}.flow.imports:signed}} ({{scenarios.{key}.flow.imports:range}})."
            for key, estimate in result.spec.estimates.items()
        ),
        "In a hundred dollars of income that is between {scenarios.undone.cents.partner_low:number} and {scenarios.undone.cents.partner_high:number} cents in {partner}, and between {scenarios.undone.cents.reporter_low:number} and {scenarios.undone.cents.reporter_high:number} cents in the United States.",
    )


def standard_reading(study: Study) -> Prose | None:
    """Return what the gravity chapter's test says of the years that its main estimate compares with."""
    result = study.scenarios()
    if not {"gravity.drift_both", "gravity.first_year"} <= set(result.sources):
        return None
    return say(
        (result, result.sources),
        "[Chapter](#ch-gravity) tests whether the two had moved with each other before the agreement as comparable pairs do: over all years before {gravity.reference} exports {gravity.exports.drift_usual:did|did not|are at the edge} (p-value {gravity.exports.drift}), imports {gravity.imports.drift_usual:did|did not|are at the edge} ({gravity.imports.drift}).",
        "So the test rules out the mean of all earlier years as what to compare with {gravity.drift_both:for neither flow|for both flows|for one of the two flows}; in {gravity.first_year} alone exports lie {gravity.exports.earliest_inside:within|outside|at the edge of} what comparable flows show, imports {gravity.imports.earliest_inside:within|outside|at the edge of} it.",
        keep=True,
    )


def limits_reading(study: Study) -> Prose | None:
    """Return what the duties that the baseline lacks would change."""
    result = study.scenarios()
    if not result.tested:
        return None
    return say(
        result,
        "With {partner}'s average duty of before the agreement, {scenarios.rate.partner_mfn}, in force on its imports from everybody else too, the former duties back would move its real income by {scenarios.elsewhere.mfn:signed} ({scenarios.elsewhere.mfn:range}) instead of {scenarios.mfn.real_income.partner:signed} ({scenarios.mfn.real_income.partner:range}).",
        "The new duties on it alone would move it by {scenarios.elsewhere.duties_partner:signed} ({scenarios.elsewhere.duties_partner:range}) instead of {scenarios.duties_partner.real_income.partner:signed} ({scenarios.duties_partner.real_income.partner:range}), those on all partners by {scenarios.elsewhere.duties_all:signed} instead of {scenarios.duties_all.real_income.partner:signed}.",
        optional=True,
    )


def mfn_reading(study: Study) -> Prose | None:
    """Return what the duties before the agreement move, and why the first scenario may say otherwise."""
    result = study.scenarios()
    if "mfn" in result.lacking:
        return None
    return say(
        result,
        "With both parties' duties back, US exports to {partner} would {scenarios.mfn.flow.exports:rise|fall|stay as they are} by {scenarios.mfn.flow.exports:abs} ({scenarios.mfn.flow.exports:range} over the cases tried).",
        "Imports from {partner} would {scenarios.mfn.flow.imports:rise|fall|stay as they are} by {scenarios.mfn.flow.imports:abs} ({scenarios.mfn.flow.imports:range}).",
        "The range of real income goes from {scenarios.mfn.real_income.reporter:range} in the United States and {scenarios.mfn.real_income.reporter_side:lies above zero|lies below zero|includes zero}; in {partner} it goes from {scenarios.mfn.real_income.partner:range} and {scenarios.mfn.real_income.partner_side:lies above zero|lies below zero|includes zero}.",
        "In a hundred dollars of income that is {scenarios.mfn.cents.partner:range} cents in {partner} and {scenarios.mfn.cents.reporter:range} cents in the United States.",
        "The first scenario takes out an estimate, this one only puts duties back: by {scenarios.undone.opposite:count} of the {scenarios.undone.estimates:count} estimates US exports move the other way than here{scenarios.undone.opposite:, so such an estimate is not that of duties alone|, so such an estimate is not that of duties alone|, which doesn't make them estimates of duties alone}.",
        optional=True,
    )


def duties_reading(study: Study) -> Prose | None:
    """Return what the new duties do, in points."""
    result = study.scenarios()
    if "duties_all" in result.lacking:
        return None
    return say(
        result,
        "**The duty itself.** The duty realised on {partner} was highest at {scenarios.rate.peak} in {scenarios.rate.peak@period}; in {scenarios.rate.latest@period} it was {scenarios.rate.latest}.",
        "**On {partner} alone.** The new duties would move {partner}'s real income by {scenarios.duties_partner.real_income.partner} ({scenarios.duties_partner.real_income.partner:range} by the elasticity), {scenarios.duties_partner.cents.partner:number} cents in a hundred dollars, and that of the United States by {scenarios.duties_partner.real_income.reporter}.",
        "US imports from {partner} would {scenarios.duties_partner.flow.imports:rise|fall|stay as they are} by {scenarios.duties_partner.flow.imports:abs}.",
        "At the {scenarios.rate.months} of {scenarios.rate.months@period}, {partner}'s real income would move by {scenarios.duties_latest.real_income.partner} and US imports from {partner} by {scenarios.duties_latest.flow.imports}.",
        "**On all partners.** {partner}'s real income would move by {scenarios.duties_all.real_income.partner} ({scenarios.duties_all.real_income.partner:range}), that of the United States by anything from {scenarios.duties_all.real_income.reporter:range}, that of all economies together by {scenarios.duties_all.world}.",
        "Of the {scenarios.duties_all.third:count} other economies with duties of their own in the data, {scenarios.duties_all.third_up:count} would gain and {scenarios.duties_all.third_down:count} would lose.",
        "**The margin.** With the others' duties as they are, {partner}'s duty of {scenarios.rate.partner_after} instead of the {scenarios.rate.kept} that would keep its margin moves its real income by {scenarios.duties_margin.real_income.partner} and US imports from it by {scenarios.duties_margin.flow.imports}.",
        "**Against what was seen.** US goods imports from {partner} in {scenarios.observed.imports@period} stood at {scenarios.observed.imports:signed} against {duties_before}; the model, on all partners, has {scenarios.duties_all.flow.imports:signed}.",
        "What was seen is {scenarios.observed.gap:abs} {scenarios.observed.gap:above the model: demand worked against the duties, or they have yet to work|below the model: something besides the duties held imports down|on the model, which may be chance}; this is no test.",
        role="points",
        optional=True,
    )


def duties_caveats(study: Study) -> Prose | None:
    """Return how to take the scenarios of new duties."""
    result = study.scenarios()
    if "duties_all" in result.lacking:
        return None
    return say(
        result,
        "Demand and the mix of goods moved too, and a long-run elasticity is slow to show.",
        "The average duty of {duties_after}, on which the scenarios rest, holds the months before the new duties; those of other partners are not in the data for later months.",
        "For the United States the range over elasticities, on all partners, goes from {scenarios.duties_all.real_income.reporter:range} and {scenarios.duties_all.real_income.reporter_side:lies above zero|lies below zero|includes zero}.",
        "A gain from one's own duties is that of the textbook: a large buyer can press the prices it pays below what the duty adds.",
        "It is at the sellers' expense and lasts only as long as nobody answers in kind; [Table](#tbl-scenarios-elasticity) shows how it depends on the elasticity.",
    )
