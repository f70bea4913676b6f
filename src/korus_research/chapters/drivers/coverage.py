"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without the partner's figures of the first full year under the agreement."""
    own, year = study.agreement.partner.iso3, study.agreement.first_full_year
    names = ("exchange_rates_monthly", "macro_annual", "import_demand_annual")
    tables = [study.load(name) for name in names]
    rates, macro, demand = (table[table["iso3"] == own] for table in tables)
    held = (rates["month"] == f"{year}-12", (macro["year"] == year) & ~macro["projection"], demand["year"] == year)
    return None if all(rows.any() for rows in held) else ("drivers", "figures")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last year that both hold of the partner."""
    iso3 = study.agreement.partner.iso3
    macro, rates = study.load("macro_annual"), study.load("exchange_rates_monthly")
    output = set(macro.loc[(macro["iso3"] == iso3) & ~macro["projection"], "year"])
    months = rates.loc[rates["iso3"] == iso3, "month"]
    whole = {int(month[:4]) for month in months if month.endswith("-12")}
    yield "output", ("macro_annual", "exchange_rates_monthly"), str(max(output & whole, default=""))
