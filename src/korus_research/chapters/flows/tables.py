"""Tables of the bilateral flows."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.flows.measures import BOP_SERIES, LATEST, of as flows_of
from korus_research.data.study import Study
from korus_research.show.shown import Rows, Words, amount, table

WORDS = Words("flows")


@table("levels", tables=("goods_trade_monthly",), id="flows-table")
def levels_table(study: Study) -> Rows:
    """Return exports, imports and balance before the agreement, in the evaluation year and in the latest 12 months."""
    flows = flows_of(study)
    names, scale, baseline = flows.findings().names, flows.scale, str(flows.baseline_year)
    rows, data = [], []
    for what, name in WORDS.labels("flows").items():
        row = {"what": name, **{p: amount(flows.level(what, p), scale) for p in names["periods"]}}
        changes = {f"change_{p}": flows.change(what, baseline, p) for p in names["ends"]}
        rows.append(row | {key: amount(change, scale, signed=True) for key, change in changes.items()})
        data += [{"what": what, "period": flows.span(p), "usd_bn": flows.level(what, p)} for p in names["periods"]]
    return Rows(of=flows, rows=rows, data=pd.DataFrame(data), last=flows.last_month)


@table("services", tables=("goods_services_bop",), id="flows-services-table")
def services_table(study: Study) -> Rows | None:
    """Return goods, services and both on the BOP basis, baseline and evaluation year; None without such data."""
    flows = flows_of(study)
    if flows.level("balance", LATEST, "bop_goods_services") is None:
        return None
    scale, baseline, ends = flows.scale, str(flows.baseline_year), flows.findings().names["ends"]
    rows, data = [], []
    for series in BOP_SERIES:
        for what in WORDS.labels("flows"):
            name = WORDS.label("series_flow", series=WORDS.labels("series")[series], flow=what)
            row = {"what": name, "base": amount(flows.level(what, baseline, series), scale)}
            for p in ends:
                level = flows.level(what, p, series)
                row[f"level_{p}"] = amount(level, scale)
                row[f"change_{p}"] = amount(flows.change(what, baseline, p, series), scale, signed=True)
                data.append({"series": series, "flow": what, "period": p, "usd_bn": level})
            rows.append(row)
    last = study.last_period("goods_services_bop", partner=flows.agreement.partner.census_code)
    vintage = str(study.catalog.describe("goods_services_bop").vintage)
    return Rows(of=flows, rows=rows, data=pd.DataFrame(data), last=last, given={"vintage": vintage})
