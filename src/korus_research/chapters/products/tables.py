"""Tables and the figure's data of the preference line by line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pandas as pd

from korus_research.chapters.products.measures import Products, of as products_of
from korus_research.data.study import Study
from korus_research.methods.series import USD_PER_BN
from korus_research.show.shown import Rows, Words, table

WORDS = Words("products")
CHAPTERS = 6
MN = USD_PER_BN / 1000
AMOUNTS = {"imports": "imports_usd", "usual": "usual_usd", "paid": "duty_usd", "saved": "saved_usd"}


def group_names(ends: Sequence[float], kind: str, scale: float) -> list[str]:
    """Return the names of groups by their upper ends, from the lowest."""
    said = [f"{end / scale:g}" for end in ends]
    middle = [WORDS.label(f"{kind}.middle", low=a, high=b) for a, b in pairwise(said)]
    return [WORDS.label(f"{kind}.low", high=said[0]), *middle, WORDS.label(f"{kind}.high", low=said[-1])]


def groups(result: Products) -> pd.DataFrame:
    """Return use and sums by size and by rate: group, name, lines, imports, saved (USD million), use (percent)."""
    choices, frames = result.choices, []
    for kind, column, ends, scale in (
        ("size", "imports_usd", choices.sizes_usd, MN),
        ("rate", "usual_pct", choices.rates_pct, 1.0),
    ):
        found = result.preference.by(column, ends)
        amounts = {key: found[AMOUNTS[key]] / MN for key in ("imports", "saved")}
        frames.append(found.assign(kind=kind, name=group_names(ends, kind, scale), **amounts))
    return pd.concat(frames, ignore_index=True)[["kind", "name", "lines", "imports", "saved", "use"]]


@table("groups", tables=("preference_lines",))
def use_by_group(study: Study) -> Rows:
    """Return the use of the preference by size of the line and by the duty that others paid."""
    result = products_of(study)
    data = groups(result)
    rows = [
        {**row, "name": WORDS.label(f"row.{row['kind']}", name=row["name"]), "lines": int(row["lines"])}
        for row in data.dropna().to_dict("records")
    ]
    return Rows(of=result, data=data, last=str(result.preference.year), rows=rows)


@table("chapters", tables=("preference_lines",))
def saved_by_chapter(study: Study) -> Rows:
    """Return the chapters of the tariff on which most was saved."""
    result = products_of(study)
    found = result.preference.by_chapter().rename_axis("chapter").reset_index()
    names = WORDS.labels("chapters")
    data = found.assign(name=[names.get(code, code) for code in found["chapter"]])
    rows = [
        {"name": row["name"], "use": row["use"]} | {key: row[column] / MN for key, column in AMOUNTS.items()}
        for row in data.head(CHAPTERS).to_dict("records")
    ]
    return Rows(of=result, data=data, last=str(result.preference.year), rows=rows)
