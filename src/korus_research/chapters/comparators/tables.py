"""Tables of the comparison: growth by partner, and the partner's share and rank."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.comparators.measures import REST
from korus_research.chapters.comparators.measures import of as comparators_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, WORLD
from korus_research.show.shown import Rows, table
from korus_research.show.table import number
from korus_research.show.words.text import Words

WORDS = Words("comparators")
TABLES = ("goods_trade_monthly", "partners")


@table("growth", tables=(*TABLES, "us_agreements"))
def growth_table(study: Study) -> Rows | None:
    """Return growth by partner from the baseline to the evaluation year and to the last; None without a later year."""
    result = comparators_of(study)
    if not result.ends:
        return None
    growth = pd.DataFrame(
        {f"{flow}_{end}": result.growth(flow, end) for end in result.ends for flow in FLOWS},
        index=[result.partner, *result.peers, REST, WORLD],
    )
    names = [result.name(code) for code in growth.index]
    return Rows(
        of=result,
        data=growth.rename_axis("partner").reset_index().assign(name=names)[["partner", "name", *growth]],
        rows=[{"partner": name, **row} for name, row in zip(names, growth.to_dict("records"), strict=True)],
        last=str(result.last_year),
    )


@table("rank", tables=TABLES)
def rank_table(study: Study) -> Rows:
    """Return the partner's share and rank in the reporter's trade at the baseline, evaluation and last years."""
    result, years = comparators_of(study), list(comparators_of(study).years)
    rows = [
        {
            "what": name,
            **{f"share_{y}": number(float(result.shares[flow].loc[y]), result.share_decimals) for y in years},
            **{f"rank_{y}": str(int(result.ranks[flow].loc[y])) for y in years},
        }
        for flow, name in WORDS.labels("trade").items()
    ]
    data = result.shares.join(result.ranks.add_prefix("rank_")).loc[years].rename_axis("year").reset_index()
    return Rows(of=result, data=data, rows=rows, last=str(years[-1]))
