"""Goods trade of one release: in a share of the world's the partner's figures must be as old as the world's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.methods.series import WORLD

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.study import Study

TRADE, REPLACED = "goods_trade_monthly", "goods_trade_replaced"


def of_one_release(study: Study) -> pd.DataFrame:
    """Return `goods_trade_monthly` with the partner's figures of the release that the world's of each month are of.

    They are looked for among today's figures and those that newer ones replaced: a study of values as published then
    may have them for the partner alone. Where neither holds them, the partner's figures stay.
    """
    import pandas as pd

    trade, own = study.load(TRADE), study.agreement.partner.census_code
    world = trade.loc[trade["partner"] == WORLD].drop_duplicates("month").set_index("month")["vintage"]
    held = pd.concat([study.catalog.load(name, as_of=study.parameters.as_of) for name in (TRADE, REPLACED)])
    same = held[(held["partner"] == own) & (held["vintage"] == held["month"].map(world))]
    values = same.set_index(["month", "flow"])["value_usd_mn"]
    rows = trade["partner"] == own
    keys = pd.MultiIndex.from_frame(trade.loc[rows, ["month", "flow"]])
    found = pd.Series(values.reindex(keys).to_numpy(), trade.index[rows])
    return trade.assign(value_usd_mn=found.reindex(trade.index).fillna(trade["value_usd_mn"]))
