"""What the scenarios say, in sentences that are left out together with their scenario (its box says so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.present.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.study import Study


def effects_reading(study: Study) -> Prose | None:
    """Return the intervals of the effects that the first scenario takes out, and whether they include zero."""
    if "undone" in study.scenarios().lacking:
        return None
    return say(
        study.scenarios(),
        "By the estimates of [Chapter](#ch-gravity), the effect of {agreement} on goods exports to {partner} has an interval from {scenarios.effect.exports_low:number} to {scenarios.effect.exports_high} and {scenarios.effect.exports_side:lies above zero|lies below zero|includes zero}; that on goods imports goes from {scenarios.effect.imports_low:number} to {scenarios.effect.imports_high} and {scenarios.effect.imports_side:lies above zero|lies below zero|includes zero}.",
    )


def undone_reading(study: Study) -> Prose | None:
    """Return what ending the agreement moves: flows, cents in a hundred dollars, third economies."""
    if "undone" in study.scenarios().lacking:
        return None
    return say(
        study.scenarios(),
        "With the effects taken out, US exports of goods and services to {partner} would move by between {scenarios.undone.flow.exports_low:number} and {scenarios.undone.flow.exports_high}, imports by between {scenarios.undone.flow.imports_low:number} and {scenarios.undone.flow.imports_high}.",
        "In a hundred dollars of income that is between {scenarios.undone.cents.partner_low:number} and {scenarios.undone.cents.partner_high:number} cents in {partner} and between {scenarios.undone.cents.reporter_low:number} and {scenarios.undone.cents.reporter_high:number} cents in the United States.",
        "Of the other economies, {third_undone} moves furthest, by {scenarios.undone.third_most}.",
    )


def mfn_reading(study: Study) -> Prose | None:
    """Return what the duties before the agreement move."""
    if "mfn" in study.scenarios().lacking:
        return None
    return say(
        study.scenarios(),
        "With both parties' duties back, US exports to {partner} would {scenarios.mfn.flow.exports:rise|fall|stay as they are} by {scenarios.mfn.flow.exports:abs} and imports from {partner} would {scenarios.mfn.flow.imports:rise|fall|stay as they are} by {scenarios.mfn.flow.imports:abs}.",
        "Real income would move by {scenarios.mfn.real_income.reporter} in the United States (from {scenarios.mfn.real_income.reporter_low:number} to {scenarios.mfn.real_income.reporter_high:number} over the cases tried) and by {scenarios.mfn.real_income.partner} in {partner} (from {scenarios.mfn.real_income.partner_low:number} to {scenarios.mfn.real_income.partner_high:number}).",
    )


def duties_reading(study: Study) -> Prose | None:
    """Return what the new duties do, in points."""
    if "duties_all" in study.scenarios().lacking:
        return None
    return say(
        study.scenarios(),
        "**On {partner} alone.** The new duties would move {partner}'s real income by {scenarios.duties_partner.real_income.partner} (from {scenarios.duties_partner.real_income.partner_low:number} to {scenarios.duties_partner.real_income.partner_high:number} by the elasticity), {scenarios.duties_partner.cents.partner:number} cents in a hundred dollars, and that of the United States by {scenarios.duties_partner.real_income.reporter}.",
        "US imports from {partner} would {scenarios.duties_partner.flow.imports:rise|fall|stay as they are} by {scenarios.duties_partner.flow.imports:abs}.",
        "**On all partners.** {partner}'s real income would move by {scenarios.duties_all.real_income.partner}, that of the United States by {scenarios.duties_all.real_income.reporter} (from {scenarios.duties_all.real_income.reporter_low:number} to {scenarios.duties_all.real_income.reporter_high:number}), that of all economies together by {scenarios.duties_all.world}.",
        "Of the other economies, {scenarios.duties_all.third_up:count} would gain and {scenarios.duties_all.third_down:count} would lose.",
        "**The margin.** With the others' duties as they are, {partner}'s duty of {scenarios.rate.partner_after} instead of the {scenarios.rate.kept} that would keep its margin moves its real income by {scenarios.duties_margin.real_income.partner} and US imports from it by {scenarios.duties_margin.flow.imports}.",
        "**Against what was seen.** US goods imports from {partner} {scenarios.observed.imports:rose|fell|did not change} by {scenarios.observed.imports:abs} ({scenarios.observed.imports@period}); the model, on all partners, has {scenarios.duties_all.flow.imports} for goods and services once everything has adjusted.",
        role="points",
    )


def duties_caveats(study: Study) -> Prose | None:
    """Return how to take the scenarios of new duties."""
    if "duties_all" in study.scenarios().lacking:
        return None
    return say(
        study.scenarios(),
        "What was seen in {scenarios.observed.imports@period} is no test of the model: demand and the mix of goods moved too ({scenarios.observed.imports:signed} is the sum of all that), the average duty holds months before the new duties, and a long-run elasticity is slow to show.",
        "If the United States gains from its own duties ({scenarios.duties_all.real_income.reporter:signed} at the main elasticity), it is the gain of the textbook: a large buyer can press the prices it pays below what the duty adds. It is at the sellers' expense, lasts only as long as nobody answers in kind, and depends on the trade elasticity, as [Table](#tbl-scenarios-elasticity) shows.",
    )
