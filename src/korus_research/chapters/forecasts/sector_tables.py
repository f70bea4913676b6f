"""Forecasts by sector beside what was traded, and the duty saved as it was published beside ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from korus_research.chapters.forecasts.figures import range_said
from korus_research.chapters.forecasts.measures import of as forecasts_of
from korus_research.chapters.forecasts.saved import saved_beside
from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.errors import MissingInput
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.words.prose import Prose, say

if TYPE_CHECKING:
    from korus_research.chapters.forecasts.rules import SectorLeftOut
    from korus_research.data.study import Study


def sector_forecasts(study: Study) -> Table | None:
    """Return forecasts by sector beside trade by sector; None where no two years of it are held by then.

    The years are those of the tables by code; a row with others has them in brackets.
    """
    result = forecasts_of(study)
    table = result.sectors[result.sectors["change"].notna()]
    if table.empty:
        return None
    by_code = table[~table["commission"]]
    years = {key: int((by_code if len(by_code) else table)[key].iloc[0]) for key in ("first_year", "year", "late_year")}
    first, year, late = years.values()
    datasets = (
        "forecasts",
        *(f"sector_{flow}_annual" for flow in dict.fromkeys(by_code["flow"])),
        *(("sector_exports_domestic",) if table["commission"].any() else ()),
    )

    def cell(row: dict[Any, Any], key: str, text: str) -> str:
        own = int(row[key])
        return text if own == years[key] or text == "\N{EN DASH}" else f"{text} ({own})"

    rows: list[dict[str, Cell]] = [
        {
            "sector": f"{r['flow'].capitalize()}: {r['label']} ({r['said_in']})",
            "expected": range_said(r["low"], r["high"]),
            "usd": _amounts(r["usd_low"], r["usd_high"]),
            "first": cell(r, "first_year", number(r["first"], 2)),
            "then": cell(r, "year", number(r["outcome"], 2)),
            "change": number(r["change"], 0, signed=True),
            **({"late": cell(r, "late_year", number(r["late_change"], 0, signed=True))} if late != year else {}),
        }
        for r in table.to_dict("records")
    ]
    found = result.findings()
    known = found.get("forecasts.sector.machinery_before.elsewhere")
    title = (
        "From {forecasts.sector.machinery_before.change@period} domestic exports of machinery {forecasts.sector.machinery_before.change:rose|fell|did not change} by {forecasts.sector.machinery_before.change:abs}, those to all others {forecasts.sector.machinery_before.elsewhere:rose|fell|did not change} by {forecasts.sector.machinery_before.elsewhere:abs}; the forecast for exports of machinery was {forecasts.sector.machinery.expected:range}"
        if known is not None and known.value is not None
        else "Forecasts by sector, and what was traded"
    )
    return Table(
        id="forecasts-sectors",
        title=say(result, title, keep=True),
        caption="Forecasts by sector at full implementation, with their year, and the nearest trade. Trade by code starts under the agreement; only domestic exports of machinery are held from before it. No change here has a counterfactual, so that none is an effect, or a test of the forecast.",
        source=source_line(study, datasets, str(late)),
        datasets=datasets,
        columns=[
            Column("sector", "Sector", align="left", width=2.2),
            Column("expected", "Forecast", "percent", align="right", width=1.4),
            Column("usd", "Forecast", "USD bn", align="right", width=1.6),
            Column("first", f"Trade in {first}", "USD bn", width=0.9),
            Column("then", f"Trade in {year}", "USD bn", width=0.9),
            Column("change", f"{first} to {year}", "percent", width=1),
            *((Column("late", f"{first} to {late}", "percent", width=1),) if late != year else ()),
        ],
        rows=rows,
        row_header="sector",
        data=result.sectors,
        made_by="korus_research.chapters.forecasts.sector_tables.sector_forecasts",
        last_period=str(late),
        notes=(
            *(f"{r['flow'].capitalize()}, {str(r['label']).lower()}: {r['note']}." for r in table.to_dict("records")),
            f"Forecasts that nothing is set beside: {'; '.join(_left_out(rule) for rule in result.left_out)}.",
        ),
        extra_findings=tuple(f for key, f in found.items() if key.startswith("forecasts.sector.")),
    )


def savings_beside(study: Study) -> Prose | None:
    """Return the duty saved as published beside our two readings; None where either is not held by then."""
    try:
        found = saved_beside(study.load("published_estimates"), tariffs_of(study), forecasts_of(study).own)
    except MissingInput:
        return None
    if found is None:
        return None
    return say(
        found,
        "{savings_by} puts the duty that {agreement} saved in {savings_year} at {forecasts.saved.published}, as the press reported it.",
        "On the imports of that year our reading by {partner}'s own earlier rate gives {forecasts.saved.base} ({forecasts.saved.base_gap:signed}), and the one by the rates of partners without an agreement {forecasts.saved.matched} ({forecasts.saved.matched_gap:signed}).",
        "Neither of ours is a count line by line: the first keeps the basket of the year before the agreement, the second takes whole industries. How theirs was counted we have not seen, so that we can't tell which of the three is nearest ([Chapter](#ch-tariffs)).",
    )


def _left_out(rule: SectorLeftOut) -> str:
    return f"'{rule.sector}' ({rule.why})"


def _amounts(low: float, high: float) -> str:
    if low != low:
        return "\N{EN DASH}"
    ends = [number(v, 2, signed=True) for v in (low, high)]
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"
