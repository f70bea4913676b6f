"""What the duties chapter says: its answer, the steps, and the months under added duties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.methods.series import month_name
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.chapters.tariffs.result import Tariffs
    from korus_research.data.agreements.parts import Event
    from korus_research.data.study import Study
    from korus_research.show.finding import Findings


def duty_answer(study: Study) -> Prose:
    """Return the answer of the chapter: what was calculated at entry, what was saved, and what duties were added."""
    tariffs = tariffs_of(study)
    templates = [
        "In {tariffs.rate.before@period}, the last full year before {agreement}, the duty calculated at entry came to {tariffs.rate.before} of what was imported from {partner}, in {tariffs.rate.quiet@period} to {tariffs.rate.quiet}: on the imports that came that is {tariffs.saved.total:abs} {tariffs.saved.total:less|more|more or less} than at the earlier rate ({tariffs.saved.total@period}).",
    ]
    if tariffs.added is not None:
        told = "Duties added since come to {tariffs.added.total} in {tariffs.added.months:number} months, counted above {tariffs.added.prior}, the rate of the last whole year before them"
        told += "".join(
            f", in part under orders that a court ended on {e.date:%-d %B %Y}, and so open to refund"
            for e in _annulled(study)
        )
        if tariffs.added.margins:
            window = tariffs.findings().names["added_window"]
            told += f"; the margin over partners without an agreement, {{tariffs.added.margin.before:signed}} a year before, was {{tariffs.added.margin.after:signed}} in {window}"
        templates.append(f"{told}.")
    return say(tariffs, *templates, role="answer", keep=True)


def _annulled(study: Study) -> list[Event]:
    """Return the days until the study's month on which a court ended added duties."""
    return [e for e in study.agreement.events_until(study.parameters.as_of, kinds=["tariff"]) if e.annuls]


def duty_step_prose(study: Study) -> Prose:
    """Return a sentence or two on each step, with what the same difference is where nothing was to happen."""
    tariffs = tariffs_of(study)
    findings, templates = tariffs.findings(), []
    for place, step in enumerate(tariffs.steps):
        where, when = f"tariffs.step.{place}", month_name(step.date.month)
        what = "entry into force" if place == 0 else f"the step of the duty on {step.date.label}"
        spread = f" (interval {{{where}.change:range}})" if step.low is not None else ""
        templates.append(
            f"At {what} in {when} the mean monthly rate {{{where}.change:rose|fell|did not change}} by {{{where}.change:abs}}, from {{{where}.before}} to {{{where}.after}}{spread}."
        )
        if step.rank is not None:
            templates.append(
                f"Among {{{where}.partners:number}} other partners at the same date the fall ranks {{{where}.rank}}."
            )
        tried = [f"tariffs.step.{k}" for k in range(place + 1) if tariffs.steps[k].change is not None]
        # Steps tried at the same months say the same of them: one sentence, after the last.
        alike = len({_tried(findings, key) for key in tried}) == 1
        if step.change is not None and len(step.in_time) and (not alike or place == len(tariffs.steps) - 1):
            what = "at these steps" if alike and len(tried) > 1 else "here"
            templates.append(
                f"At {{{where}.placebos:number}} other months the same difference was at most {{{where}.largest}}, and as large as {what} at {{{where}.reached:count}} of them."
            )
        parts = tariffs.parts(step.date) if step.change is not None else None
        if parts is not None:
            code = str(parts["rates"].idxmin())
            name = tariffs.spec.sector_names.get(code, code).lower()
            templates.append(
                f"From {{{where}.rates@period}} rates within industries account for {{{where}.rates:signed}}, the basket of industries for {{{where}.basket:signed}}; {name} alone for {{{where}.top:signed}}."
            )
    return say(tariffs, *templates, keep=True)


def _tried(findings: Findings, where: str) -> tuple[float | None, ...]:
    """Return what a step is told of the other months: how many, the largest change there, how many reach the step's."""
    return tuple(findings[f"{where}.{name}"].rounded for name in ("placebos", "largest", "reached"))


def spared_industries(tariffs: Tariffs) -> str:
    """Return which industries are held at which year's rate, and before what: `primary metals held at that of 2017`."""
    spared = tariffs.spec.spared
    names = ", ".join(tariffs.spec.sector_names.get(code, code).lower() for code in spared)
    return f"{names} held at the rate of {min(spared.values(), default=0)}, before {tariffs.spec.spared_what}"


def duty_saved_prose(study: Study) -> Prose:
    """Return the sums of both readings, and what duties that spared the partner add to the second."""
    tariffs = tariffs_of(study)
    templates = [
        "Over base rates of the years before {agreement} the first reading goes from {tariffs.saved.total:range} ({tariffs.saved.total@period}).",
        "In the whole years {tariffs.saved.years.base@period} it is {tariffs.saved.years.base} by the first reading and {tariffs.saved.years.matched} by the second.",
    ]
    if "tariffs.saved.years.policy" in tariffs.findings():
        templates += [
            f"The second has {spared_industries(tariffs)}: at {{tariffs.spared.before}}, where the others' rate went to {{tariffs.spared.highest}} in {{tariffs.spared.highest@period}}.",
            "With all rates as they were the second reading would be {tariffs.saved.years.levied}, {tariffs.saved.years.policy:abs} {tariffs.saved.years.policy:more|less|more or less}; that is the policy on those goods and not {agreement}.",
        ]
    templates += [
        "In {tariffs.saved.last.base@period} the duty saved was {tariffs.saved.last.base}, {tariffs.saved.last.share} of the imports; by industry {tariffs.saved.last.matched}.",
        "The margin over partners without an agreement was {tariffs.margin.first:signed} in {tariffs.margin.first@period} and {tariffs.margin.last:signed} in {tariffs.margin.last@period}: their rates industry by industry, on the basket of imports from {partner}, less the rate on {partner}.",
    ]
    if "tariffs.margin.levied" in tariffs.findings():
        templates.append(
            "With all rates as they were it would be {tariffs.margin.levied:signed} in {tariffs.margin.levied@period}."
        )
    return say(tariffs, *templates)


def duty_added_prose(study: Study) -> Prose:
    """Return what the added duties come to and what imports did, or that there were none."""
    tariffs = tariffs_of(study)
    added = tariffs.added
    if added is None:
        none = "To {as_of} the agreement's file holds no duty with a rate that was added outside the agreement and had applied for a whole month."
        return say(tariffs, none)
    since = month_name(added.since)
    templates = [
        f"Duties were added from {since} on; measured against the rate of the last whole year before them, {{tariffs.added.prior}}, they come to {{tariffs.added.total}} to {month_name(tariffs.months.index[-1])}.",
    ]
    if added.missing:
        missing = ", ".join(month_name(m) for m in added.missing)
        templates.append(
            f"That is the sum of {{tariffs.added.months:number}} months; {{tariffs.added.missing:count}} more, {missing}, has no figure and is not in it."
        )
    if added.after is not None:
        window = tariffs.findings().names["added_window"]
        templates += [
            f"In {window} the rate was {{tariffs.added.own.rate_after}} on {{partner}} and {{tariffs.added.others.rate_after}} on all other partners, after {{tariffs.added.own.rate_before}} and {{tariffs.added.others.rate_before}} a year before the duties.",
            "Imports for consumption from {partner} {tariffs.added.own.change:rose|fell|did not change} by {tariffs.added.own.change:abs} between those months, {tariffs.added.change_gap:abs} {tariffs.added.change_gap:above|below|away from} the change of those from all others.",
            "The margin over partners without an agreement, industry by industry on the basket of imports from {partner}, went from {tariffs.added.margin.before:signed} to {tariffs.added.margin.after:signed}; within an industry the goods differ, so it compares industries and not like products.",
        ]
    templates += [
        f"On {e.date:%-d %B %Y}: {e.text}. What had been calculated under those orders is in these sums, and may be refunded."
        for e in _annulled(study)
    ]
    secondary = [e for e in study.agreement.events_until(study.parameters.as_of, kinds=["tariff"]) if e.secondary]
    if secondary:
        first = min(e.date for e in secondary)
        templates.append(
            f"Which duties applied when rests on secondary sources from {first:%-d %B %Y} on; the rates here are those calculated at entry, whatever the order."
        )
    return say(tariffs, *templates, keep=True)
