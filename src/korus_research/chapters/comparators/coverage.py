"""Where the data of the chapter end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period in this edition."""
    yield "world", ("goods_trade_monthly",), study.names["last_year"]
