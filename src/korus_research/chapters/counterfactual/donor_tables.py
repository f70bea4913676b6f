"""Who is no donor, and why: the reasons with their dates and notes, from data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.counterfactual.figures import REASONS
from korus_research.chapters.counterfactual.findings import DATASETS
from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.methods.series import FLOWS, MN_PER_BN
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.chapters.counterfactual.effects import Effects
    from korus_research.data.study import Study

MOST = 25  # rows that a reader will look through; the CSV has the others


def dropped_table(study: Study) -> Table:
    """Return the partners large enough to be donors that the main rule leaves out, each with reason and source."""
    import pandas as pd

    effects = counterfactual_of(study)
    spec = effects.main["exports"].spec
    dropped = {flow: found.pool.dropped for flow, found in effects.main.items()}
    codes = sorted({code for each in dropped.values() for code in each}, key=lambda code: -_size(effects, code))
    rows: list[dict[str, Cell]] = []
    data = []
    for code in codes:
        reason = next(each[code] for each in dropped.values() if code in each)
        flows = [flow for flow in FLOWS if code in dropped[flow]]
        found = _status(effects, code, reason)
        begins = found["from_year"].min() if len(found) else float("nan")
        since = "" if begins != begins else f"{begins:.0f}" if begins > spec.pre[0] else "throughout"
        note = "; ".join(dict.fromkeys(found["note"].astype(str))) if len(found) else ""
        rows.append(
            {
                "partner": effects.panel.name(code),
                "reason": REASONS.get(reason, reason),
                "since": since or "\N{EN DASH}",
                "flows": flows[0] if len(flows) == 1 else "both",
                "note": note or "\N{EN DASH}",
            }
        )
        data += [
            {"partner": code, "name": effects.panel.name(code), "flows": " ".join(flows), **row}
            for row in (
                found[["reason", "from_year", "to_year", "note", "source"]].to_dict("records") or [{"reason": reason}]
            )
        ]
    kept = ", ".join(effects.older_agreements)
    return Table(
        id="counterfactual-dropped",
        title=say(
            effects,
            "Left to compare with are {counterfactual.exports.donors} partners for exports and {counterfactual.imports.donors} for imports; others as large are left out by rule",
        ),
        caption="Partners with enough trade to be donors that the main rule leaves out, by size of trade.",
        source=source_line(study, DATASETS, str(spec.post[1])),
        datasets=DATASETS,
        columns=[
            Column("partner", "Partner", align="left", width=1.9),
            Column("reason", "Reason", align="left", width=1.4),
            Column("since", "Since", align="left", width=1.2),
            Column("flows", "Flow", align="left", width=1),
            Column("note", "Why", align="left", width=4.6),
        ],
        rows=rows[:MOST],
        row_header="partner",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.counterfactual.donor_tables.dropped_table",
        last_period=str(spec.post[1]),
        notes=(
            "The CSV has the source of each row"
            + (f" and the {len(rows) - MOST} partners not shown." if len(rows) > MOST else "."),
            f"A reason counts if it holds in a year from {spec.pre[0]} to {spec.post[1]}; an agreement, if it entered into force from {spec.pre[0] - effects.spec.choices.lead} on.",
            *((f"Kept, because their agreements are older: {kept}.",) if kept else ()),
        ),
    )


def _size(effects: Effects, code: str) -> float:
    """Return a partner's trade in the pre-period, both flows, USD billion a year."""
    spec = effects.main["exports"].spec
    means = (
        effects.panel.flows[flow][code].loc[spec.pre[0] : spec.pre[1]].mean()
        for flow in FLOWS
        if code in effects.panel.flows[flow]
    )
    return sum(float(mean) for mean in means if mean == mean) / MN_PER_BN


def _status(effects: Effects, code: str, reason: str) -> pd.DataFrame:
    status = effects.status
    table = status.table
    chosen = (table["partner"] == code) & (table["reason"] == reason) & status.about(effects.spec.treated.partner)
    return table.loc[chosen]
