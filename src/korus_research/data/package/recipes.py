"""From what sources said to rows of a table: one function a live table, named as the table.

Each takes what was heard (frames by "source.data set", the oldest answer first, with `answered`, the month of the
answer) and `held`, which gives any table of the package with what this refresh has brought so far. It returns the
table's columns; rows that it leaves out stay as they are held, and of two rows with one key the last counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

Heard = Mapping[str, "pd.DataFrame"]
Held = Callable[[str], "pd.DataFrame"]
Recipe = Callable[[Heard, Held], "pd.DataFrame"]

MILLION = 1e6


def goods_trade_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return exports and general imports by partner and month, in USD million, with the month of the answer."""
    rows = _all(heard, ["month", "partner", "flow", "value_usd", "answered"])
    return rows.assign(value_usd_mn=rows["value_usd"] / MILLION, vintage=rows["answered"])


def partner_duties_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return imports for consumption and calculated duty by partner and month, in whole USD."""
    return _whole(_all(heard, ["month", "partner", "imports_usd", "duty_usd"]), "imports_usd", "duty_usd")


def realised_duties_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return the duty on the partners of the table, by month; `source` names the interface."""
    return partner_duties_monthly(heard, held).assign(source="census-api")


def realised_duties_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return the sums of `partner_duties_monthly` over years that begin in January, with the months they hold."""
    monthly = held("partner_duties_monthly")
    return _years(monthly, ["partner"], ["imports_usd", "duty_usd"], complete=("partner",))


def exports_energy_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return exports of HS 27 by partner and month, in USD million."""
    rows = _all(heard, ["month", "partner", "code", "value_usd"])
    rows = rows[rows["code"] == "27"]
    return rows.assign(value_usd_mn=rows["value_usd"] / MILLION)


def sector_exports_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return exports by partner, HS chapter and year, in whole USD, with the months they hold."""
    return _years(_last(_all(heard, ["month", "partner", "code", "value_usd"])), ["partner", "code"], ["value_usd"])


def sector_imports_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return imports for consumption by partner, industry and year, in whole USD, with the months they hold."""
    rows = _last(_all(heard, ["month", "partner", "code", "imports_usd"])).rename(columns={"imports_usd": "value_usd"})
    return _years(rows, ["partner", "code"], ["value_usd"])


def sector_duties_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return calculated duty by partner, industry and year, for the months that `sector_imports_annual` holds."""
    rows = _last(_all(heard, ["month", "partner", "code", "duty_usd"]))
    years = _years(rows, ["partner", "code"], ["duty_usd"])
    months = held("sector_imports_annual").groupby("year")["months"].max()
    return years[years["months"] == years["year"].map(months)]


def sector_duties_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return imports for consumption and calculated duty by partner, industry and month, in whole USD."""
    rows = _all(heard, ["month", "partner", "code", "imports_usd", "duty_usd"])
    return _whole(rows, "imports_usd", "duty_usd")


def exchange_rates_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return monthly averages in units of the currency for a US dollar."""
    return _all(heard, ["month", "iso3", "lcu_per_usd"])


def currencies_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return averages of the years with twelve months; prices stay as they are held."""
    rates = _last(_all(heard, ["month", "iso3", "lcu_per_usd"]))
    rates = rates.assign(year=rates["month"].str[:4].astype("int64"))
    yearly = rates.groupby(["iso3", "year"])["lcu_per_usd"].agg(["mean", "size"]).reset_index()
    yearly = yearly[yearly["size"] == 12].rename(columns={"mean": "lcu_per_usd"})
    prices = held("currencies_annual")[["iso3", "year", "prices"]]
    return yearly.merge(prices, on=["iso3", "year"], how="left")


def macro_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return the series of the newest World Economic Outlook; `projection` as the source marks it."""
    return _all(heard, ["year", "iso3", "code", "value", "projection"])


def consumer_prices(heard: Heard, held: Held) -> pd.DataFrame:
    """Return indices of consumer prices by month, each with its base and source."""
    rows = _all(heard, ["month", "iso3", "index", "base", "source"])
    return rows.assign(year=rows["month"].str[:4].astype("int64"), month=rows["month"].str[5:].astype("int64"), note="")


def import_demand_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return a partner's imports from, and exports to, the world by year, in USD million."""
    rows = _all(heard, ["year", "iso3", "imports_usd", "exports_usd", "source", "status"])
    millions = {f"{flow}_usd_mn": rows[f"{flow}_usd"] / MILLION for flow in ("imports", "exports")}
    return rows.assign(**millions, note="")


def goods_services_bop(heard: Heard, held: Held) -> pd.DataFrame:
    """Return goods, services and their sum by partner and quarter (0: the year), in USD million."""
    import pandas as pd

    key = ["year", "quarter", "partner", "flow"]
    rows = _all(heard, [*key, "scope", "value_usd"])
    rows = rows.assign(value_usd_mn=rows["value_usd"] / MILLION).drop_duplicates([*key, "scope"], keep="last")
    parts = rows[rows["scope"] != "goods_services"].groupby(key)["value_usd_mn"].agg(["sum", "size"]).reset_index()
    both = parts[parts["size"] == 2].rename(columns={"sum": "value_usd_mn"}).assign(scope="goods_services")
    whole: pd.DataFrame = pd.concat([rows, both], ignore_index=True)
    return whole


RECIPES: dict[str, Recipe] = {
    made.__name__: made
    for made in (
        *(goods_trade_monthly, partner_duties_monthly, realised_duties_monthly, realised_duties_annual),
        *(exports_energy_monthly, sector_exports_annual, sector_imports_annual, sector_duties_annual),
        *(sector_duties_monthly, exchange_rates_monthly, currencies_annual, macro_annual, consumer_prices),
        *(import_demand_annual, goods_services_bop),
    )
}


def _all(heard: Heard, columns: list[str]) -> pd.DataFrame:
    """Return the rows of all frames that have these columns, without those in which one is missing."""
    import pandas as pd

    frames = [frame[columns] for frame in heard.values() if set(columns) <= set(frame.columns)]
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return pd.concat(frames, ignore_index=True).dropna()


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the last of the rows that differ in their values only."""
    key = [name for name in rows.columns if rows[name].dtype != "float64"]
    return rows.drop_duplicates(key, keep="last")


def _whole(rows: pd.DataFrame, *names: str) -> pd.DataFrame:
    return rows.assign(**{name: rows[name].round().astype("int64") for name in names})


def _years(rows: pd.DataFrame, by: list[str], values: list[str], *, complete: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return sums over each year whose months run from January without a gap, in whole numbers, and how many there are.

    Months are counted for each of `complete`, else over all rows: a sector without trade in a month has no row.
    """
    rows = rows.assign(year=rows["month"].str[:4].astype("int64"), number=rows["month"].str[5:].astype("int64"))
    counted = rows.groupby(["year", *complete])["number"].agg(months="nunique", last="max").reset_index()
    whole = counted[counted["months"] == counted["last"]].drop(columns="last")
    sums = rows.groupby(["year", *by])[values].sum().reset_index().merge(whole, on=["year", *complete])
    return _whole(sums, *values)
