"""What the scenarios say, in sentences that are left out together with their scenario (its box says so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.scenarios.measures import of as scenarios_of
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.data.study import Study


def undone_reading(study: Study) -> Prose | None:
    """Return what the ranges of income with the agreement undone are in money."""
    result = scenarios_of(study)
    if "undone" in result.lacking:
        return None
    return say(
        result,
        "What each estimate moves stands in [Table](#tbl-scenarios-income) and [Table](#tbl-scenarios-flows).",
        "In a hundred dollars of income the ranges together go from {scenarios.undone.cents.partner_low:number} to {scenarios.undone.cents.partner_high:number} cents in {partner}, and from {scenarios.undone.cents.reporter_low:number} to {scenarios.undone.cents.reporter_high:number} cents in the United States.",
    )


def standard_reading(study: Study) -> Prose | None:
    """Return what the gravity chapter's test says of the years that its main estimate compares with."""
    result = scenarios_of(study)
    if not {"gravity.flows_drift_within", "gravity.first_year"} <= set(result.sources):
        return None
    return say(
        (result, result.sources),
        "[Chapter](#ch-gravity) tests whether the two had moved with each other before the agreement as comparable pairs do: over all years before {gravity.reference} exports {gravity.exports.drift_within:within=did|outside=did not|edge=are at the edge} (p-value {gravity.exports.drift}), imports {gravity.imports.drift_within:within=did|outside=did not|edge=are at the edge} ({gravity.imports.drift}).",
        "So the test rules out the mean of all earlier years as what to compare with {gravity.flows_drift_within:both=for neither flow|neither=for both flows|one=for one of the two flows}; in {gravity.first_year} alone exports lie {gravity.exports.earliest_within:within=within|outside=outside|edge=at the edge of} what comparable flows show, imports {gravity.imports.earliest_within:within=within|outside=outside|edge=at the edge of} it.",
        keep=True,
    )


def limits_reading(study: Study) -> Prose | None:
    """Return what the duties that the baseline lacks would change."""
    result = scenarios_of(study)
    if not result.tested:
        return None
    return say(
        result,
        "Others' duties can be tried for one economy: with {partner}'s average duty of before the agreement, {scenarios.rate.partner_mfn}, in force on its imports from everybody else too, the former duties back would move its real income by {scenarios.elsewhere.mfn:signed} ({scenarios.elsewhere.mfn:range}) instead of {scenarios.mfn.real_income.partner:signed} ({scenarios.mfn.real_income.partner:range}).",
        "The new duties on it alone would move it by {scenarios.elsewhere.duties_partner:signed} ({scenarios.elsewhere.duties_partner:range}) instead of {scenarios.duties_partner.real_income.partner:signed} ({scenarios.duties_partner.real_income.partner:range}), those on all partners by {scenarios.elsewhere.duties_all:signed} ({scenarios.elsewhere.duties_all:range}) instead of {scenarios.duties_all.real_income.partner:signed} ({scenarios.duties_all.real_income.partner:range}).",
        optional=True,
    )


def mfn_reading(study: Study) -> Prose | None:
    """Return what the duties before the agreement move, and why the first scenario may say otherwise."""
    result = scenarios_of(study)
    if "mfn" in result.lacking:
        return None
    return say(
        result,
        "With both parties' duties back, US exports to {partner} would {scenarios.mfn.flow.exports:rise|fall|stay as they are} by {scenarios.mfn.flow.exports:abs} ({scenarios.mfn.flow.exports:range} over the cases tried).",
        "Imports from {partner} would {scenarios.mfn.flow.imports:rise|fall|stay as they are} by {scenarios.mfn.flow.imports:abs} ({scenarios.mfn.flow.imports:range}).",
        "The range of real income goes from {scenarios.mfn.real_income.reporter:range} in the United States and {scenarios.mfn.real_income.reporter_side:lies above zero|lies below zero|includes zero}; in {partner} it goes from {scenarios.mfn.real_income.partner:range} and {scenarios.mfn.real_income.partner_side:lies above zero|lies below zero|includes zero}.",
        "In a hundred dollars of income that is {scenarios.mfn.cents.partner:range} cents in {partner} and {scenarios.mfn.cents.reporter:range} cents in the United States.",
        "The first scenario takes out an estimate, this one only puts duties back: by {scenarios.undone.opposite:count} of the {scenarios.undone.estimates:count} point estimates US exports move the other way than here{scenarios.undone.opposite:, so such an estimate is not that of duties alone|, so such an estimate is not that of duties alone|, which doesn't make them estimates of duties alone}.",
        optional=True,
    )


def duties_reading(study: Study) -> Prose | None:
    """Return what the new duties do, in points."""
    result = scenarios_of(study)
    if "duties_all" in result.lacking:
        return None
    return say(
        result,
        "**The duty itself.** The duty realised on {partner} was highest at {scenarios.rate.peak} in {scenarios.rate.peak@period}; in {scenarios.rate.latest@period} it was {scenarios.rate.latest}.",
        "**On {partner} alone.** The new duties would move {partner}'s real income by {scenarios.duties_partner.real_income.partner:signed} ({scenarios.duties_partner.real_income.partner:range} by the elasticity) and that of the United States by {scenarios.duties_partner.real_income.reporter:signed} ({scenarios.duties_partner.real_income.reporter:range}).",
        "US imports from {partner} would move by {scenarios.duties_partner.flow.imports:signed} ({scenarios.duties_partner.flow.imports:range}).",
        "At the {scenarios.rate.months} of {scenarios.rate.months@period}, {partner}'s real income would move by {scenarios.duties_latest.real_income.partner:signed} ({scenarios.duties_latest.real_income.partner:range}) and US imports from {partner} by {scenarios.duties_latest.flow.imports:signed} ({scenarios.duties_latest.flow.imports:range}).",
        "**On all partners.** {partner}'s real income would move by {scenarios.duties_all.real_income.partner:signed} ({scenarios.duties_all.real_income.partner:range}), that of the United States by {scenarios.duties_all.real_income.reporter:signed} ({scenarios.duties_all.real_income.reporter:range}), that of all economies together by {scenarios.duties_all.world:signed} ({scenarios.duties_all.world:range}).",
        "Of the {scenarios.duties_all.third:count} other economies with duties of their own in the data, {scenarios.duties_all.third_up:count} would gain and {scenarios.duties_all.third_down:count} lose over the whole range.",
        "**The margin.** With the others' duties as they are, {partner}'s duty of {scenarios.rate.partner_after} instead of the {scenarios.rate.kept} that would keep its margin moves its real income by {scenarios.duties_margin.real_income.partner:signed} ({scenarios.duties_margin.real_income.partner:range}) and US imports from it by {scenarios.duties_margin.flow.imports:signed} ({scenarios.duties_margin.flow.imports:range}).",
        "**Against what was seen.** US general imports of goods from {partner} in {scenarios.observed.imports@period} stood at {scenarios.observed.imports:signed} against {duties_before}; the model, on all partners, has {scenarios.duties_all.flow.imports:signed} ({scenarios.duties_all.flow.imports:range}).",
        "What was seen is {scenarios.observed.gap:abs} {scenarios.observed.gap:above the model|below the model|on the model} (by the elasticity, {scenarios.observed.gap:range}): {scenarios.observed.gap:demand worked against the duties, or they have yet to work, or the model or its elasticity is wrong|something besides the duties held imports down, or the model or its elasticity is wrong|chance alone may do that}; this is no test.",
        "[Chapter](#ch-tariffs) counts otherwise: imports for consumption, in the first months of the new duties against the same months of the year before.",
        role="points",
        optional=True,
    )


def duties_caveats(study: Study) -> Prose | None:
    """Return how to take the scenarios of new duties."""
    result = scenarios_of(study)
    if "duties_all" in result.lacking:
        return None
    return say(
        result,
        "Demand and the mix of goods moved too, and a long-run elasticity is slow to show.",
        "The average duty of {duties_after}, on which the scenarios rest, holds the months before the new duties; those of other partners are not in the data for later months.",
        "A gain from one's own duties is that of the textbook: a large buyer can press the prices it pays below what the duty adds.",
        "It is at the sellers' expense and lasts only as long as nobody answers in kind; [Table](#tbl-scenarios-elasticity) shows how it depends on the elasticity.",
    )
