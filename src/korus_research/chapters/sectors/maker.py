"""The maker of findings by sector: the basis, the table and the wording of each flow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.methods.series import Flow
from korus_research.show.finding import Unit
from korus_research.show.making import Maker

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.chapters.sectors.result import Sectors

TABLE: dict[Flow, str] = {"exports": "sector_exports_annual", "imports": "sector_imports_annual"}
BASIS: dict[Flow, str] = {
    "exports": "Census basis, total exports f.a.s. by HS chapter, nominal",
    "imports": "imports for consumption, customs value by NAICS industry, nominal",
}
NOUN: dict[Flow, str] = {"exports": "US goods exports to", "imports": "US goods imports for consumption from"}


class SectorMaker(Maker):
    """Collects findings about one partner's sectors; those of the latest year repeat the main comparison's if alike."""

    def __init__(self, sectors: Sectors) -> None:
        same = sectors.end == sectors.last

        def repeats(id_: str) -> str | None:
            return f"sectors.{id_.replace('latest', 'evaluation')}" if same and ".latest" in f".{id_}" else None

        super().__init__(
            "sectors",
            reason="the data hold no such trade",
            decimals={"usd_bn": sectors.scale.decimals},
            repeats=repeats,
        )
        self.sectors = sectors
        self.partner = sectors.spec.names.get("partner", sectors.spec.partner)

    def flow(self, id_: str, label: str, value: float | None, unit: Unit, period: str, flow: Flow) -> None:
        """Add a finding on the basis of a flow's own table."""
        self.add(id_, label, value, unit, period, basis=BASIS[flow], datasets=(TABLE[flow], "sector_groups"))

    def change(self, id_: str, what: str, series: pd.Series[float], end: int, flow: Flow) -> None:
        """Add start, end, change and percent change of a yearly series, USD billion, from the first year to `end`."""
        first = self.sectors.first
        noun, period = f"{NOUN[flow]} {self.partner}{what}", f"{first} to {end}"
        start, last = (float(series.loc[year]) for year in (first, end))
        self.flow(f"{id_}.start", f"{noun} in {first}", start, "usd_bn", str(first), flow)
        self.flow(f"{id_}.end", f"{noun} in {end}", last, "usd_bn", str(end), flow)
        self.flow(f"{id_}.change", f"the change in {noun}", last - start, "usd_bn", period, flow)
        percent = 100 * (last - start) / start if start else None
        self.flow(f"{id_}.change_pct", f"the percent change in {noun}", percent, "percent", period, flow)
