"""Confounders: what else happened near the agreement, and what findings say of each."""

from __future__ import annotations

from datetime import date

import pandas as pd

from korus_research.chapters.counterfactual.energy import Energy, of as energy_of
from korus_research.chapters.counterfactual.figures import TABLES
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.data.agreements.parts import Confounder
from korus_research.data.period import day_text
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, month_name
from korus_research.show.finding import Finding
from korus_research.show.shown import Prose, Rows, Table, Words, capital, table

WORDS = Words("counterfactual")


def energy_in_exports(study: Study) -> Energy:
    """Return exports with and without energy under the agreement."""
    return energy_of(study)


def confounders(study: Study) -> Table | Prose:
    """Return the table of confounders, or a sentence that the agreement's file names none."""
    return confounders_table(study) or WORDS.say("no_confounders", counterfactual_of(study))


def what_else(study: Study) -> Prose:
    """Return a paragraph on confounders, by the direction in which they bias each flow's effect."""
    listed = study.agreement.confounders_until(study.parameters.as_of)
    by_bias = {
        f"{bias}_{flow}": [each.what for each in listed if each.bias == bias and flow in each.flows]
        for bias in ("up", "down")
        for flow in FLOWS
    }
    return WORDS.say("else", counterfactual_of(study), listed=[each.what for each in listed], **by_bias)


@table("confounders")
def confounders_table(study: Study) -> Rows | None:
    """Return the confounders of the agreement's file: the direction of their bias, and measures of its size."""
    listed = study.agreement.confounders_until(study.parameters.as_of)
    if not listed:
        return None
    effects = counterfactual_of(study)
    findings = effects.findings() | energy_of(study).findings()
    known = {
        each.id: [findings[key] for key in each.measures if key in findings and findings[key].value is not None]
        for each in listed
    }
    measured = {each.id: [*_sentences(study, known[each.id]), *_published(study, each)] for each in listed}
    published = ("published_estimates",) if any(each.published for each in listed) else ()
    return Rows(
        of=findings,
        rows=[_row(each, measured[each.id]) for each in listed],
        data=pd.DataFrame([_record(each, measured[each.id], known[each.id]) for each in listed]),
        last=str(effects.window.post[1]),
        tables=(*TABLES, "partner_agreements", "exports_energy_monthly", *published),
        findings=tuple({f.id: f for each in known.values() for f in each}.values()),
    )


def _row(each: Confounder, sentences: list[str]) -> dict[str, str]:
    flows = WORDS.label("span", years=list(each.flows)).capitalize()
    nothing = WORDS.label("outside" if each.bias == "none" else "no_measure")
    return {
        "what": capital(each.what),
        "bias": WORDS.label("bias_of", flows=flows, bias=WORDS.label(f"bias.{each.bias}")),
        "why": f"{each.why}.",
        "measured": " ".join(sentences) or nothing,
    }


def _record(each: Confounder, sentences: list[str], known: list[Finding]) -> dict[str, str]:
    return {
        "id": each.id,
        "what": each.what,
        "date": each.date.isoformat() if each.date else "",
        "flows": " ".join(each.flows),
        "bias": each.bias,
        "why": each.why,
        "measured": " ".join(sentences),
        "findings": " ".join(f.id for f in known),
        "source": each.source,
    }


def _sentences(study: Study, known: list[Finding]) -> list[str]:
    """Return a sentence for each variant that `known` gives an effect of, and one for each other finding."""
    variants = counterfactual_of(study).variants
    labels = {(str(row["choice"]), str(row["value"])): str(row["label"]) for row in variants.to_dict("records")}
    groups: dict[str, list[str]] = {}
    for finding in known:
        flow, name, value = (*finding.id.split(".", 3)[1:], "", "")[:3]
        label = labels.get((name, value)) or WORDS.labels("checks").get(name)
        if label is None:
            label = WORDS.label("measured_in", label=finding.label, period=finding.period)
            groups.setdefault(label, []).append(finding.text("" if finding.unit == "count" else "signed"))
        else:
            groups.setdefault(label, []).append(WORDS.label("of_flow", flow=flow, value=finding.text("signed")))
    return [WORDS.label("measured", label=label, values=texts) for label, texts in groups.items()]


def _published(study: Study, each: Confounder) -> list[str]:
    """Return a sentence with the published estimates of a confounder, where its file names some that are held."""
    if each.published is None:
        return []
    of, estimates = each.published, study.load("published_estimates")
    rows = estimates[(estimates["study"] == of.study) & (estimates["outcome"] == of.outcome)].to_dict("records")
    values = [
        WORDS.label(
            "printed_usd" if row["unit"] == "USD bn" else "printed",
            estimate=f"{row['estimate']:g}",
            unit=str(row["unit"]),
            window=str(row["window"]),
        )
        for row in rows
    ]
    return [WORDS.label("published", study=of.study, outcome=of.outcome, values=values)] if rows else []


@table("partner-agreements", tables=("partner_agreements",))
def partner_agreements_table(study: Study) -> Rows | None:
    """Return the partner's agreements with others until the edition's month; None where the data hold none."""
    listed, as_of = study.load("partner_agreements"), study.parameters.as_of
    own = listed[(listed["iso3"] == study.agreement.partner.iso3) & (listed["in_force"].str[:7] <= as_of)]
    if own.empty:
        return None
    own = own.sort_values("in_force", kind="stable")
    days = [
        day_text(date.fromisoformat(day)) if precision == "day" else month_name(day[:7])
        for day, precision in zip(own["in_force"], own["precision"], strict=True)
    ]
    rows = own[["other", "agreement"]].assign(in_force=days).to_dict("records")
    gaps, last = list(study.catalog.describe("partner_agreements").gaps), str(own["in_force"].iloc[-1])[:7]
    return Rows(of=counterfactual_of(study), rows=rows, data=own, last=last, given={"gaps": gaps})
