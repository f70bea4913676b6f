"""What else happened near the agreement: the confounders of its file, with what findings say of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.energy import energy_findings
from korus_research.chapters.counterfactual.findings import DATASETS
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.counterfactual.placebo_views import CHECKS
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.data.agreements.parts import PublishedFigure
    from korus_research.data.study import Study
    from korus_research.show.finding import Finding, Findings

BIAS = {"up": "upward", "down": "downward", "unclear": "either way", "none": "none"}
NO_MEASURE = "Nothing here can take it apart."
OUTSIDE = "Outside the years estimated."
NAMED = {name: label for name, label, _ in CHECKS}


def counterfactual_energy(study: Study) -> Findings:
    """Return the findings on energy in the exports of the post-period."""
    return energy_findings(counterfactual_of(study), flows_of(study))


def confounders_table(study: Study) -> Table | Prose:
    """Return what else happened, which way it bends the estimates and by how much, or that the file names nothing."""
    import pandas as pd

    confounders = study.agreement.confounders_until(study.parameters.as_of)
    effects = counterfactual_of(study)
    if not confounders:
        return say(
            effects,
            "The file of {agreement} lists nothing else that happened near it: what its estimates owe to other agreements of {partner}, to crises in the years of the fit and to trade taken from donors is not told apart here.",
        )
    findings = effects.findings() | counterfactual_energy(study)
    spoken: dict[str, Finding] = {}
    rows: list[dict[str, Cell]] = []
    data = []
    for each in confounders:
        known = [findings[key] for key in each.measures if key in findings and findings[key].value is not None]
        spoken |= {f.id: f for f in known}
        published = _published(study, each.published) if each.published else []
        told = _told(study, known) + published
        rows.append(
            {
                "what": each.what,
                "bias": f"{' and '.join(each.flows).capitalize()}: {BIAS[each.bias]}",
                "why": each.why + ".",
                "measured": " ".join(told) or (OUTSIDE if each.bias == "none" else NO_MEASURE),
            }
        )
        data.append(
            {
                "id": each.id,
                "what": each.what,
                "date": each.date.isoformat() if each.date else "",
                "flows": " ".join(each.flows),
                "bias": each.bias,
                "why": each.why,
                "measured": " ".join(told),
                "findings": " ".join(f.id for f in known),
                "source": each.source,
            }
        )
    datasets: tuple[str, ...] = (*DATASETS, "partner_agreements", "exports_energy_monthly")
    if any(each.published for each in confounders):
        datasets = (*datasets, "published_estimates")
    last = str(effects.main["exports"].spec.post[1])
    return Table(
        id="counterfactual-confounders",
        title="What else happened, which way it may bend the estimates, and what the data say of it",
        caption="Beside it, the main specification has "
        + " and ".join(
            f"{findings[f'counterfactual.{flow}.effect'].text('signed')} for {flow}" for flow in effects.main
        )
        + ".",
        source=source_line(study, datasets, last),
        datasets=datasets,
        columns=[
            Column("what", "What", align="left", width=1.7),
            Column("bias", "Likely bias", align="left", width=1.1),
            Column("why", "Why", align="left", width=3),
            Column("measured", "What the data say", align="left", width=2.3),
        ],
        rows=rows,
        row_header="what",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.counterfactual.confounder_tables.confounders_table",
        last_period=last,
        notes=(f"Sources: per row in agreements/{study.agreement.id}.toml and in the table's CSV.",),
        extra_findings=tuple(spoken.values()),
    )


def _told(study: Study, known: list[Finding]) -> list[str]:
    """Return a sentence for each variant that `known` gives an effect of, and one for each other finding."""
    variants = counterfactual_of(study).variants
    labels = {(str(row["choice"]), str(row["value"])): str(row["label"]) for row in variants.to_dict("records")}
    groups: dict[str, list[str]] = {}
    for finding in known:
        flow, name, value = (*finding.id.split(".", 3)[1:], "", "")[:3]
        label = labels.get((name, value)) or NAMED.get(name)
        if label is None:
            text = finding.text("" if finding.unit == "count" else "signed")
            groups.setdefault(f"{finding.label}, {finding.period}", []).append(text)
        else:
            groups.setdefault(label, []).append(f"{flow} {finding.text('signed')}")
    return [f"{label[:1].upper()}{label[1:]}: {', '.join(texts)}." for label, texts in groups.items()]


def _published(study: Study, figure: PublishedFigure) -> list[str]:
    table = study.load("published_estimates")
    rows = table[(table["study"] == figure.study) & (table["outcome"] == figure.outcome)]
    if rows.empty:
        return []
    values = ", ".join(f"{row['estimate']:g} {row['unit']} in {row['window']}" for row in rows.to_dict("records"))
    return [f"{figure.study}: {figure.outcome}, {values}."]


def partner_agreements_table(study: Study) -> Table | None:
    """Return the partner's agreements with others until the edition's month; None where the data hold none."""
    import pandas as pd

    table = study.load("partner_agreements")
    as_of = study.parameters.as_of
    own = table[(table["iso3"] == study.agreement.partner.iso3) & (table["in_force"].str[:7] <= as_of)]
    if own.empty:
        return None
    own = own.sort_values("in_force", kind="stable")
    rows = [
        {
            "other": str(row["other"]),
            "agreement": str(row["agreement"]),
            "in_force": _day(str(row["in_force"]), str(row["precision"])),
        }
        for row in own.to_dict("records")
    ]
    last = str(own["in_force"].iloc[-1])[:7]
    return Table(
        id="counterfactual-partner-agreements",
        title=say(
            counterfactual_of(study),
            "From {counterfactual.partner_agreements@period} {counterfactual.partner_agreements:count} agreements of {partner} with others entered into force; the table has all that are held",
        ),
        caption=f"Trade agreements of {study.names['partner']} with others, by the day they entered into force.",
        source=source_line(study, ("partner_agreements",), last),
        datasets=("partner_agreements",),
        columns=[
            Column("other", "With", align="left", width=1.4),
            Column("agreement", "Agreement", align="left", width=4),
            Column("in_force", "In force", align="left", width=1.3),
        ],
        rows=rows,
        row_header="other",
        data=pd.DataFrame(own),
        made_by="korus_research.chapters.counterfactual.confounder_tables.partner_agreements_table",
        last_period=last,
        notes=(
            "Sources: per row in the table's CSV. A date without a day is known to the month.",
            *study.catalog.describe("partner_agreements").gaps,
        ),
    )


def _day(in_force: str, precision: str) -> str:
    return in_force if precision == "day" else in_force[:7]


__all__ = ["confounders_table", "counterfactual_energy", "partner_agreements_table"]
