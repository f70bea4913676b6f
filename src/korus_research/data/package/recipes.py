"""From the answers of sources to rows of a table: one function for each table that is updated, named after it.

Each takes `heard`, the answers as frames by "source.dataset" (oldest answer first, with its month in `answered`), and
`held`, which returns any table of the package with the updates made so far. It returns the table's columns. Rows that
it leaves out stay as they are; of two rows with one key the last counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from korus_research.data.sources.spec import describe

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
    """Return imports for consumption and calculated duty by partner and month with imports, in whole USD."""
    rows = _all(heard, ["month", "partner", "imports_usd", "duty_usd"])
    return _whole(rows[rows["imports_usd"] > 0], "imports_usd", "duty_usd")


def realised_duties_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return the duty on the partners of the table, by month; `source` names the interface."""
    return partner_duties_monthly(heard, held).assign(source="census-api")


def realised_duties_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return the sums of `partner_duties_monthly` over years that begin in January, with the months they hold."""
    monthly = held("partner_duties_monthly")
    return _years(monthly, ["partner"], ["imports_usd", "duty_usd"], complete=("partner",))


def exports_energy_monthly(heard: Heard, held: Held) -> pd.DataFrame:
    """Return exports of HS 27 by partner and month, in USD million."""
    rows = _last(_all(heard, ["month", "partner", "code", "value_usd"]))
    energy = rows.loc[rows["code"] == "27", ["month", "partner", "value_usd"]]
    # The source has no row for a chapter without exports: a month with other chapters but without this one is a zero.
    months = rows[["month", "partner"]].drop_duplicates().merge(energy, on=["month", "partner"], how="left")
    return months.assign(value_usd_mn=(months["value_usd"].fillna(0) / MILLION).round(6))


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
    """Return averages over complete years, and prices that are not forecasts; values without an answer are kept."""
    rates = _last(_all(heard, ["month", "iso3", "lcu_per_usd"]))
    rates = rates.assign(year=rates["month"].str[:4].astype("int64"))
    yearly = rates.groupby(["iso3", "year"])["lcu_per_usd"].agg(["mean", "size"]).query("size == 12")[["mean"]]
    weo = _all(heard, ["year", "iso3", "code", "value", "answered"])
    weo = weo[(weo["code"] == "PCPI") & (weo["year"] < _edition(heard, weo))]
    prices = weo.groupby(["iso3", "year"])[["value"]].last()
    now = held("currencies_annual").set_index(["iso3", "year"])
    new = yearly.join(prices, how="outer").set_axis(["lcu_per_usd", "prices"], axis=1)
    return new.combine_first(now).loc[new.index].reset_index()


def macro_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return the series of the newest World Economic Outlook, projections from the year of the edition on."""
    rows = _all(heard, ["year", "iso3", "code", "value", "answered"])
    return rows.assign(projection=rows["year"] >= _edition(heard, rows))


def consumer_prices(heard: Heard, held: Held) -> pd.DataFrame:
    """Return consumer price indices by month; base and source are the table's where the answer has none."""
    import pandas as pd

    months = held("consumer_prices").query("month > 0").groupby("iso3")[["base", "source"]].last().reset_index()
    frames = []
    for name, frame in heard.items():
        if not {"month", "iso3", "index"} <= set(frame.columns) or frame.empty:
            continue
        rows = frame.dropna(subset="index").merge(months, on="iso3", how="left", suffixes=("", "_held"))
        if "base" in frame:
            rows = rows.assign(source=describe(name.partition(".")[0]).title)
        frames.append(rows[["month", "iso3", "index", "base", "source"]])
    rows = pd.concat([_empty("month", "iso3", "index", "base", "source"), *frames], ignore_index=True)
    return rows.assign(year=rows["month"].str[:4].astype("int64"), month=rows["month"].str[5:].astype("int64"), note="")


def import_demand_annual(heard: Heard, held: Held) -> pd.DataFrame:
    """Return a partner's imports from and exports to the world in complete years, in USD million.

    The last year is preliminary: the customs service closes a year in the following one.
    """
    flows = ["imports_usd", "exports_usd"]
    years = _years(_last(_all(heard, ["month", "iso3", *flows])), ["iso3"], flows)
    years = years[years["months"] == 12]
    millions = {f"{flow}_mn": years[flow] / MILLION for flow in flows}
    status = (years["year"] == years["year"].max()).map({True: "preliminary", False: "final"})
    return years.assign(**millions, source=describe("kcs").title, status=status, note="")


def goods_services_bop(heard: Heard, held: Held) -> pd.DataFrame:
    """Return goods, services and their sum by partner and quarter (0: the year), in USD million."""
    import pandas as pd

    key = ["year", "quarter", "partner", "flow"]
    rows = _all(heard, [*key, "scope", "value_usd_mn"]).drop_duplicates([*key, "scope"], keep="last")
    # The source publishes the sum too, rounded separately; it is computed here only if one of its parts has changed.
    before = held("goods_services_bop").rename(columns={"value_usd_mn": "before"})
    moved = rows.merge(before, on=[*key, "scope"], how="left").query("value_usd_mn != before")[key].drop_duplicates()
    parts = rows.merge(moved, on=key).groupby(key)["value_usd_mn"].agg(["sum", "size"]).reset_index()
    both = parts[parts["size"] == 2].rename(columns={"sum": "value_usd_mn"}).assign(scope="goods_services")
    return pd.concat([rows, both], ignore_index=True)


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
    """Return the rows of all frames that have these columns, without rows with a missing value."""
    import pandas as pd

    frames = [frame[columns] for frame in heard.values() if set(columns) <= set(frame.columns)]
    return pd.concat([_empty(*columns), *frames], ignore_index=True).dropna()


def _empty(*columns: str) -> pd.DataFrame:
    """Return an empty frame with these columns, typed."""
    import pandas as pd

    kinds = {"year": "int64", "quarter": "int64", **dict.fromkeys(("index", "value", "lcu_per_usd"), "float64")}
    kinds |= {name: "float64" for name in columns if "_usd" in name}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in columns})


def _edition(heard: Heard, rows: pd.DataFrame) -> int:
    """Return the year of the newest Outlook: by its version, else by the date of the answer."""
    versions = heard.get("imf.weo-version")
    dates = versions["last_updated"] if versions is not None and len(versions) else rows["answered"]
    return int(dates.max()[:4]) if len(dates) else 0


def _last(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the last of rows that differ only in their values."""
    key = [name for name in rows.columns if rows[name].dtype != "float64"]
    return rows.drop_duplicates(key, keep="last")


def _whole(rows: pd.DataFrame, *names: str) -> pd.DataFrame:
    return rows.assign(**{name: rows[name].round().astype("int64") for name in names})


def _years(rows: pd.DataFrame, by: list[str], values: list[str], *, complete: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return sums over the years whose months run from January without a gap, as integers, and the number of months.

    Months are counted for each of `complete`, else over all rows: a sector without trade in a month has no row.
    """
    rows = rows.assign(year=rows["month"].str[:4].astype("int64"), number=rows["month"].str[5:].astype("int64"))
    counted = rows.groupby(["year", *complete])["number"].agg(months="nunique", last="max").reset_index()
    whole = counted[counted["months"] == counted["last"]].drop(columns="last")
    sums = rows.groupby(["year", *by])[values].sum().reset_index().merge(whole, on=["year", *complete])
    return _whole(sums, *values)
