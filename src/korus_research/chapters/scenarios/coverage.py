"""What an edition must hold for the scenarios, and the last period of what they rest on."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data import Catalog
from korus_research.data.agreements import Agreement
from korus_research.data.study import Study


def lacks(agreement: Agreement, catalog: Catalog, as_of: str) -> tuple[str, str] | None:
    """Return what is missing where the baseline of that month does not hold both parties, and their goods."""
    parties = {agreement.reporter.iso3, agreement.partner.iso3}
    tables = (catalog.load(name, as_of=as_of) for name in ("wiod_baseline_2014", "wiod_goods_shares"))
    held = all(parties <= set(table["exporter"]) for table in tables)
    return None if held else ("scenarios", "baseline")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield the flows of the baseline with their year, where they hold both parties."""
    flows = study.load("wiod_baseline_2014")
    held = {study.agreement.reporter.iso3, study.agreement.partner.iso3} <= set(flows["exporter"])
    yield "baseline", ("wiod_baseline_2014",), str(flows["year"].max()) if held else ""
