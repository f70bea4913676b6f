"""Tables of the comparison: growth by partner, and the partner's share and rank."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.comparators.measures import RECENT, REST, of as comparators_of
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS, WORLD
from korus_research.show.shown import Rows, Words, number, table

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


@table("rank", tables=(*TABLES, "goods_trade_replaced"))
def rank_table(study: Study) -> Rows:
    """Return the partner's share and rank at the baseline, evaluation and last years and in the latest 12 months."""
    result = comparators_of(study)
    data = result.shares.join(result.ranks.add_prefix("rank_")).loc[list(result.years)]
    data.index = data.index.astype(str)
    if result.recent is not None:
        recent = result.recent
        data.loc[RECENT] = pd.concat([recent["share"], recent["rank"].add_prefix("rank_")])
    rows = [
        {"what": name}
        | {f"share_{year}": number(share, result.share_decimals) for year, share in data[flow].items()}
        | {f"rank_{year}": "" if pd.isna(rank) else f"{rank:.0f}" for year, rank in data[f"rank_{flow}"].items()}
        for flow, name in WORDS.labels("trade").items()
    ]
    last = str(result.years[-1]) if result.recent is None else result.recent_end
    return Rows(of=result, data=data.rename_axis("period").reset_index(), rows=rows, last=last)
