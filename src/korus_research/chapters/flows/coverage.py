"""Where the figures of the flows end; every edition has them, since its month is one of the partner's trade."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study

RESTS_ON = {"trade": "goods_trade_monthly", "energy": "exports_energy_monthly", "services": "goods_services_bop"}


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the key of what the chapter rests on, its tables, and the last period; empty where there is none."""
    from korus_research.errors import MissingPartner

    code, as_of = study.agreement.partner.census_code, study.parameters.as_of
    for key, table in RESTS_ON.items():
        try:
            yield key, (table,), study.catalog.last_period(table, as_of=as_of, partner=code)
        except MissingPartner:
            yield key, (table,), ""
