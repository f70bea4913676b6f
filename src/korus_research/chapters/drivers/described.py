"""Findings of the drivers that rest on no estimate: accounting, the currency's value, growth of demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from korus_research.chapters.drivers.accounting import PARTS
from korus_research.chapters.drivers.growth import slowdown
from korus_research.methods.series import MN_PER_BN, Flow
from korus_research.show.finding import Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.drivers.result import Drivers

ACCOUNTS: tuple[str, ...] = ("goods_trade_monthly", "import_demand_annual", "macro_annual")
NOT_YET = "the figures do not reach the first full year under the agreement"
NO_VOLUME = "no import volume is held for the year"
SAME_ACCOUNTS: tuple[str, ...] = ("goods_trade_monthly", "macro_annual")
SAME = "general imports at customs value, Census basis, from the partner over those from the world"
MIXED = "exports f.a.s., Census basis, over the partner's imports c.i.f., its own statistics"
OUTLOOK = "IMF World Economic Outlook, April 2024, years that are no projections"


def accounting_findings(drivers: Drivers, maker: Maker, flow: Flow, name: str, end: int | None) -> None:
    """Add what the split of a flow from the baseline year to `end` says; `name` is that of the end.

    Ids begin with `accounting` for exports and with `import_accounting` for imports.
    """
    spec, table = drivers.spec, drivers.accounts(flow)
    first, held = spec.baseline_year, table.index
    known = end is not None and first in held and end in held
    partner = spec.names.get("partner", spec.iso3)
    adjective = spec.names.get("partner_adjective", spec.iso3)
    if flow == "exports":
        prefix, basis, datasets, seller, whose = "accounting", MIXED, ACCOUNTS, "US", f"of {partner}"
    else:
        prefix, basis, datasets, seller, whose = "import_accounting", SAME, SAME_ACCOUNTS, adjective, "of the US"
    reason = NOT_YET if end is None else f"the total imports {whose} of {first} or {end} are not held"
    parts = drivers.split(first, end, flow) if known and end is not None else None
    period = f"{first} to {end}" if end else f"from {first}"
    trade = f"US goods {flow} {'to' if flow == 'exports' else 'from'} {partner}"
    noun = {
        flow: trade,
        "imports_total": f"total goods imports {whose}",
        "volume": f"volume of total imports {whose}",
        "price": f"dollar price of total imports {whose}",
        "share": f"{seller} share of total imports {whose}",
    }

    def put(what: str, label: str, value: float | None, unit: Unit, decimals: int = -1, why: str = reason) -> None:
        maker.add(
            f"{prefix}.{name}.{what}",
            label,
            value,
            unit,
            period,
            basis=basis,
            datasets=datasets,
            decimals=decimals,
            reason=why,
        )

    for what in (flow, "imports_total", *PARTS):
        why = NO_VOLUME if known and what in ("volume", "price") else reason
        dollars = None if parts is None else float(parts["usd_mn"].loc[what]) / MN_PER_BN
        change = f"the change of {trade}"
        label = change if what == flow else f"what the {noun[what]} contributes to {change}"
        put(f"{what}_part", label, dollars, "usd_bn", why=why)
        if what != "share":
            grown = None if parts is None else float(parts["percent"].loc[what])
            put(f"{what}_growth", f"growth of {noun[what]}", grown, "percent", why=why)
    shares = 100 * table["share"]
    start, last = (float(shares[y]) if known and y is not None else None for y in (first, end))
    put("share_start", f"{seller} share of the imports {whose} at the start", start, "percent", 2)
    put("share_end", f"{seller} share of the imports {whose} at the end", last, "percent", 2)
    moved = None if start is None or last is None else last - start
    put("share_change", f"change of the {seller} share of the imports {whose}", moved, "points", 2)


def currency_findings(drivers: Drivers, maker: Maker, name: str, end: int | None) -> None:
    """Add how the currency's value changed from the year before entry into force to `end`."""
    spec = drivers.spec
    first = spec.before
    period = f"{first} to {end}" if end else f"from {first}"
    partner = spec.names.get("partner", spec.iso3)
    values = drivers.currencies
    own = others = nominal = None
    if end is not None and end in values.index:
        change = (100 * (values.loc[end] / values.loc[first] - 1)).dropna().to_dict()
        own = float(change.pop(spec.iso3))
        others = float(np.median(list(change.values()))) if change else None
        rates = drivers.nominal.to_dict()
        nominal = 100 * (rates[first] / rates[end] - 1)
    prices = ("exchange_rates_monthly", "macro_annual")
    basis = "yearly average, deflated by consumer prices of both sides"
    whose = f"the currency of {partner} in dollars"
    maker.add(
        f"currency.{name}.real",
        f"change of the real value of {whose}",
        own,
        "percent",
        period,
        basis=basis,
        datasets=prices,
    )
    maker.add(
        f"currency.{name}.nominal",
        f"change of the nominal value of {whose}",
        nominal,
        "percent",
        period,
        basis="yearly average",
        datasets=prices[:1],
    )
    maker.add(
        f"currency.{name}.others",
        "median change of the real value of the other currencies in dollars",
        others,
        "percent",
        period,
        basis=basis,
        datasets=prices,
    )
    gap = None if own is None or others is None else own - others
    label = f"change of the real value of {whose} less the others' median"
    maker.add(f"currency.{name}.gap", label, gap, "points", period, basis=basis, datasets=prices)


def growth_findings(drivers: Drivers, maker: Maker, name: str, end: int | None) -> None:
    """Add growth of import volume and output to `end`, beside the years before and the other economies."""
    spec = drivers.spec
    partner = spec.names.get("partner", spec.iso3)
    table = drivers.growth(end or spec.before + 1)
    after, years = f"{spec.before + 1} to {end}", drivers.plan.benchmark.years
    before = f"{spec.before - years + 1} to {spec.before}"
    nouns = {"volume": "the volume of goods imports", "income": "real output"}
    for measure, noun in nouns.items():
        others = table.drop(index=spec.iso3)
        then, now = (float(table[f"{measure}_{when}"].loc[spec.iso3]) for when in ("before", "after"))
        rest = float(others[f"{measure}_after"].dropna().median())
        rest_then = float(others[f"{measure}_before"].dropna().median())
        slower = slowdown(table, measure, spec.iso3)
        rows: list[tuple[str, str, float, Unit, str]] = [
            ("after", f"average growth of {noun} of {partner} a year", now, "percent", after),
            ("before", f"average growth of {noun} of {partner} a year", then, "percent", before),
            ("others", f"median of the other economies' average growth of {noun} a year", rest, "percent", after),
            ("others_before", f"median of the other economies' average growth of {noun}", rest_then, "percent", before),
            ("gap_past", f"average growth of {noun} of {partner} after less before", now - then, "points", after),
            (
                "gap_others",
                f"average growth of {noun} of {partner} less the others' median",
                now - rest,
                "points",
                after,
            ),
            ("others_change", f"median change of the others' average growth of {noun}", slower, "points", after),
            (
                "gap_both",
                f"change of average growth of {noun} of {partner} less the others' median change",
                now - then - slower,
                "points",
                after,
            ),
        ]
        for what, label, value, unit, period in rows:
            maker.add(
                f"{measure}.{name}.{what}",
                label,
                None if end is None else value,
                unit,
                period if end else f"from {spec.before + 1}",
                basis=OUTLOOK,
                datasets=("macro_annual",),
                reason=NOT_YET if end is None else NO_VOLUME,
            )
