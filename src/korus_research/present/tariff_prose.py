"""What the duties chapter says: its answer, the steps, and the months under added duties."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.analysis.series import month_name
from korus_research.present.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.analysis.tariffs import Tariffs
    from korus_research.study import Study


def duty_answer(study: Study) -> Prose:
    """Return the answer of the chapter: what was levied, what was not, and what added duties levied."""
    tariffs = study.tariffs()
    templates = [
        "In {tariffs.rate.before@period}, the last full year before {agreement}, duty came to {tariffs.rate.before} of what was imported from {partner}, in {tariffs.rate.quiet@period} to {tariffs.rate.quiet}; against the earlier rate {tariffs.saved.total} was not levied on the imports that came ({tariffs.saved.total@period}).",
    ]
    if tariffs.added is not None:
        told = "Duties added since levied {tariffs.added.total} in {tariffs.added.months:number} months, {tariffs.added.gap:abs} {tariffs.added.gap:more than|less than|away from} that"
        if tariffs.added.margins:
            window = tariffs.findings().names["added_window"]
            told += f", and the margin over partners without an agreement, {{tariffs.added.margin.before:signed}} a year before, was {{tariffs.added.margin.after:signed}} in {window}"
        templates.append(f"{told}.")
    return say(tariffs, *templates, role="answer", keep=True)


def duty_step_prose(study: Study) -> Prose:
    """Return a sentence or two on each step, with what the same difference is where nothing was to happen."""
    tariffs = study.tariffs()
    templates = []
    for place, step in enumerate(tariffs.steps):
        where, when = f"tariffs.step.{place}", month_name(step.date.month)
        what = "entry into force" if place == 0 else f"the step of the duty on {step.date.label}"
        spread = f" (interval {{{where}.change:range}})" if step.low is not None else ""
        templates.append(
            f"At {what} in {when} the mean monthly rate {{{where}.change:rose|fell|did not change}} by {{{where}.change:abs}}, from {{{where}.before}} to {{{where}.after}}{spread}."
        )
        if step.change is not None and len(step.in_time):
            templates.append(
                f"At {{{where}.placebos:number}} other months the same difference was at most {{{where}.largest}}, and as large as here at {{{where}.reached:count}} of them."
            )
        if step.rank is not None:
            templates.append(
                f"Among {{{where}.partners:number}} other partners at the same date the fall ranks {{{where}.rank}}."
            )
        parts = tariffs.parts(step.date) if step.change is not None else None
        if parts is not None:
            code = str(parts["rates"].idxmin())
            name = tariffs.spec.sector_names.get(code, code).lower()
            templates.append(
                f"From {{{where}.rates@period}} rates within industries account for {{{where}.rates:signed}}, the basket of industries for {{{where}.basket:signed}}; {name} alone for {{{where}.top:signed}}."
            )
    return say(tariffs, *templates, keep=True)


def spared_industries(tariffs: Tariffs) -> str:
    """Return which industries are held at which year's rate, and before what: `primary metals held at that of 2017`."""
    spared = tariffs.spec.spared
    names = ", ".join(tariffs.spec.sector_names.get(code, code).lower() for code in spared)
    return f"{names} held at the rate of {min(spared.values(), default=0)}, before {tariffs.spec.spared_what}"


def duty_saved_prose(study: Study) -> Prose:
    """Return the sums of both readings, and what duties that spared the partner add to the second."""
    tariffs = study.tariffs()
    templates = [
        "Over base rates of the years before {agreement} the first reading goes from {tariffs.saved.total:range} ({tariffs.saved.total@period}).",
        "In the whole years {tariffs.saved.years.base@period} it is {tariffs.saved.years.base} by the first reading and {tariffs.saved.years.matched} by the second.",
    ]
    if "tariffs.saved.years.policy" in tariffs.findings():
        templates += [
            f"The second has {spared_industries(tariffs)}: at {{tariffs.spared.before}}, where the others' rate as levied went to {{tariffs.spared.highest}} in {{tariffs.spared.highest@period}}.",
            "With all rates as levied the second reading would be {tariffs.saved.years.levied}, {tariffs.saved.years.policy:abs} {tariffs.saved.years.policy:more|less|more or less}; that is the policy on those goods and not {agreement}.",
        ]
    templates += [
        "In {tariffs.saved.last.base@period} the duty not levied was {tariffs.saved.last.base}, {tariffs.saved.last.share} of the imports; by industry {tariffs.saved.last.matched}.",
        "The margin over partners without an agreement was {tariffs.margin.first:signed} in {tariffs.margin.first@period} and {tariffs.margin.last:signed} in {tariffs.margin.last@period}: their rates industry by industry, on the partner's basket, less the partner's own.",
    ]
    if "tariffs.margin.levied" in tariffs.findings():
        templates.append(
            "With all rates as levied it would be {tariffs.margin.levied:signed} in {tariffs.margin.levied@period}."
        )
    return say(tariffs, *templates)


def duty_added_prose(study: Study) -> Prose:
    """Return what the added duties levied and what imports did, or that there were none."""
    tariffs = study.tariffs()
    added = tariffs.added
    if added is None:
        none = "To {as_of} the agreement's file holds no duty with a rate that was added outside the agreement and had applied for a whole month."
        return say(tariffs, none)
    since = month_name(added.since)
    templates = [
        f"Duties were added from {since} on; measured against the rate of the last whole year before them, {{tariffs.added.prior}}, they levied {{tariffs.added.total}} to {month_name(tariffs.months.index[-1])}.",
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
            "The margin over partners without an agreement, industry by industry on the partner's basket, went from {tariffs.added.margin.before:signed} to {tariffs.added.margin.after:signed}; within an industry the goods differ, so it compares industries and not like products.",
        ]
    secondary = [e for e in study.agreement.events_until(study.parameters.as_of, kinds=["tariff"]) if e.secondary]
    if secondary:
        first = min(e.date for e in secondary)
        templates.append(
            f"Which duties applied when rests on secondary sources from {first:%-d %B %Y} on; the rates here are those collected, whatever the order."
        )
    return say(tariffs, *templates, keep=True)
