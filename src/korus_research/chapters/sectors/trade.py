"""Trade of one flow by sector: from long annual tables to complete years, codes and groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from korus_research.errors import MissingPartner
from korus_research.methods.series import MN_PER_BN, MONTHS_A_YEAR, USD_PER_BN, WORLD, Flow

MACHINERY, TRANSPORT, ENERGY, REST = "machinery", "transport", "energy", "other"
BLOCKS = (MACHINERY, TRANSPORT, ENERGY, REST)
MAIN = (MACHINERY, TRANSPORT)
CLASSIFICATION: dict[Flow, str] = {"exports": "hs2", "imports": "naics3"}
# The sectors of the US International Trade Commission that findings and claims speak of.
PUBLISHED = {"machinery": "Machinery", "electronics": "Electronic products", "transport": "Transportation equipment"}


@dataclass(frozen=True)
class SectorTrade:
    """Exports by HS chapter (f.a.s.) or imports by NAICS industry (for consumption), each on its own basis."""

    # Years by code, USD billion: trade with the partner, and with the world less the partner. Only years that are
    # complete for both; a sector without trade in such a year is zero.
    own: pd.DataFrame
    elsewhere: pd.DataFrame
    months: pd.Series[int]  # held of the partner's years; below 12 is a gap
    groups: pd.DataFrame  # by code: label, group, group_name, block

    @property
    def years(self) -> list[int]:
        """Complete years, in order."""
        return [int(year) for year in self.own.index.tolist()]

    @property
    def gaps(self) -> dict[int, int]:
        """Years of the table that are not complete, with the months they hold."""
        return {int(str(year)): int(held) for year, held in self.months.items() if year not in self.own.index}

    def codes(self, block: str) -> list[str]:
        """Return the codes of a block."""
        return [str(code) for code in self.groups.index[self.groups["block"] == block] if code in self.own]

    def block(self, block: str) -> pd.Series[float]:
        """Return trade with the partner in one block by complete year, USD billion."""
        return self.own[self.codes(block)].sum(axis=1)

    def total(self, *, energy: bool = True) -> pd.Series[float]:
        """Return trade with the partner in all sectors by complete year, with or without energy, USD billion."""
        return self.chosen(self.own, energy=energy).sum(axis=1)

    def chosen(self, table: pd.DataFrame, *, energy: bool) -> pd.DataFrame:
        """Return a table of codes with or without those of the energy block."""
        return table if energy else table.drop(columns=self.codes(ENERGY))


def sector_trade(table: pd.DataFrame, groups: pd.DataFrame, *, partner: str, flow: Flow) -> SectorTrade:
    """Return one flow with `partner` (Census code) by sector, of `sector_exports_annual` or `sector_imports_annual`.

    MissingPartner where the table has no rows for the partner or for the world; `groups` is `sector_groups`.
    """
    rows = {code: table[table["partner"] == code] for code in (partner, WORLD)}
    if lacking := [code for code, held in rows.items() if held.empty]:
        raise MissingPartner(
            f"The table of sectors has no rows for partner '{lacking[0]}'",
            expected="one of the partners collected by sector, and a month after its first whole year there",
            do="Choose a later month as as_of, or an agreement with one of them",
        )
    months = {code: held.groupby("year")["months"].min() for code, held in rows.items()}
    years = [year for year, held in months[partner].items() if held == months[WORLD].get(year) == MONTHS_A_YEAR]
    world = _by_code(rows[WORLD], years)
    own = _by_code(rows[partner], years).reindex(columns=world.columns, fill_value=0.0)
    about = groups[groups["classification"] == CLASSIFICATION[flow]].set_index("code").drop(columns="classification")
    return SectorTrade(own=own, elsewhere=world - own, months=months[partner], groups=about)


def _by_code(rows: pd.DataFrame, years: Sequence[object]) -> pd.DataFrame:
    """Return years by code, USD billion."""
    held = rows[rows["year"].isin(years)].pivot(index="year", columns="code", values="value_usd")
    return held.fillna(0.0).rename_axis(columns=None) / USD_PER_BN


def domestic_exports(table: pd.DataFrame, sector: str, partner: str) -> pd.Series[float]:
    """Return domestic exports in one of the Commission's sectors by year, USD billion, as its newest edition has them.

    `table` is `sector_exports_domestic`: what the Commission's yearly reviews print, from before other tables begin.
    """
    rows = table[(table["sector"] == sector) & (table["partner"] == partner)]
    newest = rows.sort_values("edition").drop_duplicates("year", keep="last")
    return (newest.set_index("year")["value_usd_mn"] / MN_PER_BN).sort_index()
