"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking where the baseline does not hold both parties and their goods."""
    held = _held(study, "wiod_baseline_2014") and _held(study, "wiod_goods_shares")
    return None if held else ("scenarios", "baseline")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the flows of the baseline with their year, where they hold both parties."""
    last = str(study.load("wiod_baseline_2014")["year"].max()) if _held(study, "wiod_baseline_2014") else ""
    yield "baseline", ("wiod_baseline_2014",), last


def _held(study: Study, table: str) -> bool:
    """Return whether a table holds exports of both parties."""
    return {study.agreement.reporter.iso3, study.agreement.partner.iso3} <= set(study.load(table)["exporter"])
