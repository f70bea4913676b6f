"""Tables of sectors as others define them: every definition of machinery and transport, the Commission's sectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import PUBLISHED, PUBLISHED_ENERGY
from korus_research.show.shown import Rows, table
from korus_research.show.table import amount, number
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from korus_research.chapters.sectors.measures import Sectors
    from korus_research.data.study import Study

WORDS = Words("sectors")


@table("definitions")
def sector_definitions(study: Study) -> Rows:
    """Return machinery and transport equipment by every definition held: years, values, change."""
    sectors = sectors_of(study)
    found, scale = sectors.findings(), sectors.scale
    rows: list[dict[str, str]] = []
    data: list[dict[str, object]] = []
    used: list[str] = []
    for definition in WORDS.entry("labels.definitions").values():
        where, said = definition["finding"], WORDS.label("defined", **definition)
        start, last, change, percent = (
            found[f"sectors.{where}.{part}"] for part in ("start", "end", "change", "change_pct")
        )
        if change.value is None:
            continue
        rows.append(
            {
                "what": said,
                "flow": definition["flow"],
                "period": change.period.replace(" to ", "\N{EN DASH}"),
                "start": amount(start.value, scale),
                "end": amount(last.value, scale),
                "change": amount(change.value, scale, signed=True),
                "percent": number(percent.value, 1, signed=True),
            }
        )
        about = {key: definition[key] for key in ("what", "definition", "flow")}
        values = {"start": start.value, "end": last.value, "change": change.value, "percent": percent.value}
        data.append({**about, "period": change.period, **values})
        used += [name for name in change.datasets if name not in used]
    return Rows(
        of=sectors,
        rows=rows,
        data=pd.DataFrame(data),
        last=str(sectors.end),
        tables=tuple(used),
        given={
            "commission": ", ".join(
                name for name in used if name in ("sector_exports_usitc", "sector_exports_domestic")
            )
        },
    )


@table("published", tables=("sector_exports_usitc", "sector_exports_annual"))
def sector_published(study: Study) -> Rows | None:
    """Return exports by all of the Commission's sectors with contributions to their own sum; None without its table."""
    sectors = sectors_of(study)
    scale, first = sectors.scale, sectors.first
    last = int(sectors.published.index[-1]) if len(sectors.published) else first
    made = {end: sectors.published_contributions(end) for end in dict.fromkeys((sectors.end, last))}
    held = {end: found for end, found in made.items() if found is not None}
    if not held:
        return None
    rows: list[dict[str, str]] = []
    for label, members in _published_lines(next(iter(held.values()))):
        start = next(iter(held.values())).loc[members, "start"].sum()
        row = {"sector": label, "start": amount(float(start), scale)}
        for end, found in held.items():
            change, points = (float(found.loc[members, column].sum()) for column in ("change", "points"))
            row[f"change_{end}"] = amount(change, scale, signed=True)
            row[f"points_{end}"] = number(points, 1, signed=True)
        rows.append(row)
    data = pd.concat([found.assign(first=first, last=end) for end, found in held.items()])
    return Rows(
        of=sectors,
        rows=[*rows, _chapters_beside(sectors, list(held))],
        data=data.rename_axis("sector").reset_index(),
        last=str(max(held)),
        given={"years": [str(year) for year in held]},
    )


def _published_lines(found: pd.DataFrame) -> list[tuple[str, list[str]]]:
    """Return label and sectors of each row: those spoken of first, sums last."""
    names, sums = [str(name) for name in found.index], WORDS.labels("sums")
    leading = [name for name in PUBLISHED.values() if name in names]
    order = [*leading, *(name for name in names if name not in leading)]
    without = [name for name in names if name != PUBLISHED_ENERGY]
    return [*((name, [name]) for name in order), (sums["all"], names), (sums["all_without_energy"], without)]


def _chapters_beside(sectors: Sectors, ends: list[int]) -> dict[str, str]:
    """Return the row of all HS chapters, which are no part of the Commission's total."""
    chapters, scale = sectors.trade["exports"].total(), sectors.scale
    start = float(chapters.loc[sectors.first])
    row = {"sector": WORDS.labels("sums")["chapters"], "start": amount(start, scale)}
    for end in ends:
        change = float(chapters.loc[end]) - start
        row[f"change_{end}"] = amount(change, scale, signed=True)
        row[f"points_{end}"] = number(100 * change / start, 1, signed=True)
    return row
