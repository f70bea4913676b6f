"""Tables of the bilateral flows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.flows.measures import of as flows_of
from korus_research.show.finding import MINUS
from korus_research.show.sourcing import source_line
from korus_research.show.table import Column, Table, number
from korus_research.show.words.prose import say

if TYPE_CHECKING:
    from korus_research.data.study import Study
    from korus_research.show.scale import Scale

_NAMES = {"exports": "Exports", "imports": "Imports", "balance": "Balance"}
_SERIES = {"bop_goods": "Goods", "bop_services": "Services", "bop_goods_services": "Goods and services"}


def levels_table(study: Study) -> Table:
    """Return exports, imports and balance before the agreement, in the evaluation year and in the latest 12 months."""
    import pandas as pd

    flows = flows_of(study)
    baseline = str(flows.spec.baseline_year)
    evaluation = str(flows.evaluation_year) if flows.evaluation_year else None
    scale, prior = flows.scale, ["prior12"] if "prior12" in flows.starts else []
    periods = [baseline, *prior, *([evaluation] if evaluation else [])]
    periods += [] if flows.latest_is_evaluation else ["latest12"]
    labels = {"prior12": flows.span("prior12"), "latest12": flows.span("latest12")}
    short = {p: labels.get(p, p).removeprefix("the ").replace("12 months to ", "12 months to ") for p in periods}
    columns = [Column("what", "US goods trade", align="left", width=1.3)]
    columns += [Column(p, _capital(short[p]), scale.short) for p in periods]
    ends = [p for p in periods if p not in (baseline, "prior12")]
    columns += [
        Column(f"change_{p}", f"Change {baseline} to {'latest' if p == 'latest12' else p}", scale.short) for p in ends
    ]
    before = (
        f"The {short['prior12']} are the last before {study.names['agreement']} entered into force. " if prior else ""
    )
    rows, data = [], []
    for what, name in _NAMES.items():
        row = {"what": name, **{p: amount(flows.level(what, p), scale) for p in periods}}
        row |= {f"change_{p}": amount(flows.change(what, baseline, p), scale, signed=True) for p in ends}
        rows.append(row)
        data += [{"what": what, "period": labels.get(p, p), "usd_bn": flows.level(what, p)} for p in periods]
    return Table(
        id="flows-table",
        title=say(
            flows,
            "From {baseline} to {evaluation} exports {flows.exports.evaluation.change:rose|fell|changed} by {flows.exports.evaluation.change:abs}, imports {flows.imports.evaluation.change:rose|fell|changed} by {flows.imports.evaluation.change:abs}",
        ),
        caption=f"US goods trade with {study.names['partner']}, Census basis, nominal, not seasonally adjusted.",
        source=source_line(study, ("goods_trade_monthly",), flows.last_month),
        datasets=("goods_trade_monthly",),
        columns=columns,
        rows=rows,
        row_header="what",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.flows.tables.levels_table",
        last_period=flows.last_month,
        notes=(f"{before}{MINUS} marks a deficit or a fall. Parts may differ from totals by rounding.",),
    )


def services_table(study: Study) -> Table | None:
    """Return goods, services and both on the BOP basis, baseline and evaluation year; None without such data."""
    import pandas as pd

    flows = flows_of(study)
    if flows.level("balance", "latest12", "bop_goods_services") is None:
        return None
    baseline = str(flows.spec.baseline_year)
    latest = None if flows.latest_is_evaluation else "latest12"
    ends = [p for p in (str(flows.evaluation_year) if flows.evaluation_year else None, latest) if p]
    scale = flows.scale
    columns = [Column("what", "Trade", align="left", width=2), Column("base", baseline, scale.short)]
    data, rows = [], []
    last = ""
    for p in ends:
        label = p if p.isdigit() else "Latest four quarters"
        columns += [
            Column(f"level_{p}", label, scale.short),
            Column(f"change_{p}", f"Change {baseline} to {'latest' if p == 'latest12' else p}", scale.short),
        ]
        last = flows.span(p if p.isdigit() else f"bop_goods_services:{p}")
    for series, name in _SERIES.items():
        for what in _NAMES:
            row = {"what": f"{name}, {what}", "base": amount(flows.level(what, baseline, series), scale)}  # type: ignore[arg-type]
            for p in ends:
                row[f"level_{p}"] = amount(flows.level(what, p, series), scale)  # type: ignore[arg-type]
                row[f"change_{p}"] = amount(flows.change(what, baseline, p, series), scale, signed=True)  # type: ignore[arg-type]
                data.append({"series": series, "flow": what, "period": p, "usd_bn": flows.level(what, p, series)})  # type: ignore[arg-type]
            rows.append(row)
    period = study.catalog.last_period("goods_services_bop", as_of=study.parameters.as_of, partner=flows.spec.partner)
    return Table(
        id="flows-services-table",
        title=say(
            flows,
            "The services balance moved by {flows.bop_services.balance.evaluation.change:signed} from {baseline} to {evaluation}, the goods balance on the same basis by "
            "{flows.bop_goods.balance.evaluation.change:signed}",
        ),
        caption=f"US trade with {study.names['partner']}, balance-of-payments basis, nominal.",
        source=source_line(study, ("goods_services_bop",), period),
        datasets=("goods_services_bop",),
        columns=columns,
        rows=rows,
        row_header="what",
        data=pd.DataFrame(data),
        made_by="korus_research.chapters.flows.tables.services_table",
        last_period=period,
        notes=(
            *(
                (f"The latest four quarters are {last}, seasonally adjusted; years are annual figures.",)
                if latest
                else ()
            ),
            f"Values of the vintage {study.catalog.describe('goods_services_bop').vintage}; services are revised often. Parts may differ from totals by rounding.",
        ),
    )


def amount(value: float | None, scale: Scale, *, signed: bool = False) -> str:
    """Return an amount in USD billion for a cell, in the unit and with the decimals of `scale`."""
    return number(None if value is None else value * scale.factor, scale.shown, signed=signed)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
