"""Tables of sectors as others define them: every definition of machinery and transport, the Commission's sectors."""

from __future__ import annotations

from typing import Any

import pandas as pd

from korus_research.chapters.sectors.measures import Sectors
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import PUBLISHED, PUBLISHED_ENERGY
from korus_research.data.study import Study
from korus_research.show.shown import Rows, table
from korus_research.show.table import amount
from korus_research.show.words.text import Words

WORDS = Words("sectors")
COMMISSION = ("sector_exports_usitc", "sector_exports_domestic")


@table("definitions")
def sector_definitions(study: Study) -> Rows:
    """Return machinery and transport equipment by every definition held: years, values, change."""
    sectors = sectors_of(study)
    found, scale = sectors.findings(), sectors.scale
    rows: list[dict[str, Any]] = []
    data: list[dict[str, Any]] = []
    used: list[str] = []
    for definition in WORDS.entry("labels.definitions").values():
        parts = {part: found[f"sectors.{definition['finding']}.{part}"] for part in ("start", "end", "change")}
        change, percent = parts["change"], found[f"sectors.{definition['finding']}.change_pct"].value
        if change.value is None:
            continue
        values = {part: each.value for part, each in parts.items()}
        shown = {part: amount(value, scale, signed=part == "change") for part, value in values.items()}
        about = {key: definition[key] for key in ("what", "definition", "flow")}
        period = change.period.replace(" to ", "\N{EN DASH}")
        said = WORDS.label("defined", **definition)
        rows.append({**about, "what": said, "period": period, **shown, "percent": percent})
        data.append({**about, "period": change.period, **values, "percent": percent})
        used += [name for name in change.datasets if name not in used]
    return Rows(
        of=sectors,
        rows=rows,
        data=pd.DataFrame(data),
        last=str(sectors.end),
        tables=tuple(used),
        given={"commission": [name for name in used if name in COMMISSION]},
    )


@table("published", tables=("sector_exports_usitc", "sector_exports_annual"))
def sector_published(study: Study) -> Rows | None:
    """Return exports by all of the Commission's sectors with contributions to their own sum; None without its table.

    All HS chapters stand below, which are no part of the Commission's total.
    """
    sectors = sectors_of(study)
    ends = dict.fromkeys((sectors.end, *(int(year) for year in sectors.published.index[-1:])))
    made = {end: sectors.published_contributions(end) for end in ends}
    held = {end: found for end, found in made.items() if found is not None}
    if not held:
        return None
    order = next(iter(held.values())).index
    lines = {end: _lines(sectors, end, found.loc[order]) for end, found in held.items()}
    rows = []
    for label, (start, _, _) in next(iter(lines.values())).items():
        row: dict[str, Any] = {"sector": label, "start": amount(start, sectors.scale)}
        for end, found in lines.items():
            row[f"change_{end}"] = amount(found[label][1], sectors.scale, signed=True)
            row[f"points_{end}"] = found[label][2]
        rows.append(row)
    data = pd.concat([found.assign(first=sectors.first, last=end) for end, found in held.items()])
    return Rows(
        of=sectors,
        rows=rows,
        data=data.rename_axis("sector").reset_index(),
        last=str(max(held)),
        given={"years": [str(year) for year in held]},
    )


def _lines(sectors: Sectors, end: int, found: pd.DataFrame) -> dict[str, tuple[float, float, float]]:
    """Return start, change and points of each row: the sectors spoken of first, then sums and the HS chapters."""
    names, sums = [str(name) for name in found.index], WORDS.labels("sums")
    members = {name: [name] for name in (*(name for name in PUBLISHED.values() if name in names), *names)}
    without = [name for name in names if name != PUBLISHED_ENERGY]
    members |= {sums["all"]: names, sums["all_without_energy"]: without}
    lines = {}
    for label, own in members.items():
        start, change, points = (float(found.loc[own, column].sum()) for column in ("start", "change", "points"))
        lines[label] = (start, change, points)
    chapters = sectors.trade["exports"].total()
    first, last = float(chapters.loc[sectors.first]), float(chapters.loc[end])
    return {**lines, sums["chapters"]: (first, last - first, 100 * (last - first) / first)}
