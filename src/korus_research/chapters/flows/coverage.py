"""Where the figures of the flows end; every edition has them, since its month is one of the partner's trade."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study

RESTS_ON = {"trade": "goods_trade_monthly", "energy": "exports_energy_monthly", "services": "goods_services_bop"}


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period; empty where there is none."""
    for key, table in RESTS_ON.items():
        yield key, (table,), study.last_period(table, partner=study.agreement.partner.census_code)
