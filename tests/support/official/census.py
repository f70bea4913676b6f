"""The Census Bureau: time series as lists of lists, redirects where a key lacks, 204 where there is nothing."""

from __future__ import annotations

import re

import pandas as pd

from official.server import KEYS, Call, Official, Reply, as_json

PAGE = "<!DOCTYPE html><html><head><title>Missing Key</title></head><body>A valid key must be included.</body></html>"
VARIABLES = {
    "CTY_CODE",
    "CTY_NAME",
    *("ALL_VAL_MO", "GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO", "DUT_VAL_MO", "CON_VAL_YR", "CAL_DUT_YR"),
    *("E_COMMODITY", "I_COMMODITY", "NAICS", "COMM_LVL", "SUMMARY_LVL"),
}


def answer(call: Call, table: Official) -> Reply:
    """Answer a call of the time series, as recorded in 2026."""
    if call.path.endswith(("missing_key.html", "invalid_key.html")):
        return Reply(PAGE, headers={"Content-Type": "text/html"})
    if call.query.get("key") != KEYS["CENSUS_API_KEY"]:
        page = "invalid_key" if call.query.get("key") else "missing_key"
        headers = {"Location": f"https://api.census.gov/data/{page}.html", "X-DataWebAPI-KeyError": "1"}
        return Reply(b"", 302, headers)
    wanted = call.query["get"].split(",")
    if strange := [name for name in wanted if name not in VARIABLES]:
        return Reply(f"error: error: unknown variable '{strange[0]}'", 400, {"Content-Type": "text/plain"})
    first, last = span(call.query["time"])
    rows = _rows(call, table)
    rows = rows[(rows["time"] >= first) & (rows["time"] <= last)]
    predicates = [name for name, _ in call.pairs if name not in ("get", "time", "key")]
    for name in predicates:
        if name in rows and name != "COMM_LVL":
            rows = rows[rows[name] == call.query[name]]
    if rows.empty:
        return Reply(b"", 204)
    rows = rows.assign(**{name: call.query[name] for name in predicates}).sort_values(
        ["time", "CTY_CODE"], ascending=False
    )
    header = [*wanted, *predicates, "time"]  # a variable that is also a predicate comes twice
    texts = [rows[name].map(str, na_action="ignore").astype(object).where(rows[name].notna(), None) for name in header]
    body = [list(row) for row in zip(*texts, strict=True)]
    return as_json([header, *body])


def span(time: str) -> tuple[str, str]:
    """Return first and last month of a Census time: "2013-01", "from 2013-01 to 2013-06" or "2017"."""
    months = re.findall(r"\d{4}-\d{2}", time)
    return (months[0], months[-1]) if months else (f"{time}-01", f"{time}-12")


def _rows(call: Call, table: Official) -> pd.DataFrame:
    """Return the rows of a data set under the names of the source, all values text or int."""
    place = call.path.removeprefix("/data/timeseries/intltrade/")
    if place == "exports/hs" and call.query.get("COMM_LVL") == "HS2":
        return table.made(_chapters)
    if place == "imports/naics":
        return table.made(_industries)
    return table.made(_goods, place.split("/")[0])


def _goods(table: Official, flow: str) -> pd.DataFrame:
    goods = table("goods_trade_monthly")
    goods = goods[goods["flow"] == flow]
    named = table("partners").set_index("partner")["name"]
    rows = pd.DataFrame(
        {
            "time": goods["month"].to_numpy(),
            "CTY_CODE": goods["partner"].replace("0015", "-").to_numpy(),
            "CTY_NAME": goods["partner"].map(named).str.upper().replace("WORLD", "TOTAL FOR ALL COUNTRIES").to_numpy(),
            "ALL_VAL_MO": (goods["value_usd_mn"] * 1e6).round().astype("int64").to_numpy(),
        }
    )
    rows["GEN_VAL_MO"] = rows["ALL_VAL_MO"]
    asia = rows[rows["CTY_CODE"] == "5800"].assign(CTY_CODE="0014", CTY_NAME="ASIA")  # groups stand among the rows
    rows = pd.concat([rows, asia, asia.assign(CTY_CODE="5XXX")])
    if flow == "imports":
        early = table("realised_duties_monthly")
        duties = pd.concat([early[early["month"] < "2013"], table("partner_duties_monthly")])[
            ["month", "partner", "imports_usd", "duty_usd"]
        ].rename(columns={"month": "time", "imports_usd": "CON_VAL_MO", "duty_usd": "CAL_DUT_MO"})
        duties["CTY_CODE"] = duties["partner"].replace("0015", "-")
        # What is not embedded is null here, as the API sends for a value that it lacks; nothing is made up.
        rows = rows.merge(duties.drop(columns="partner"), on=["time", "CTY_CODE"], how="outer")
        names = ["ALL_VAL_MO", "GEN_VAL_MO", "CON_VAL_MO", "CAL_DUT_MO"]
        rows[names] = rows[names].astype("Int64").astype(object).where(rows[names].notna(), None)
        rows["CTY_NAME"] = rows["CTY_NAME"].fillna("")
    return rows


def _chapters(table: Official) -> pd.DataFrame:
    """Return exports by HS chapter and month: the embedded years in equal months, chapter 27 as its own months are."""
    rows = _by_month(table("sector_exports_annual"), ["value_usd"])
    energy = table("exports_energy_monthly").assign(code="27").rename(columns={"month": "time"})
    energy["own"] = (energy["value_usd_mn"] * 1e6).round().astype("int64")
    rows = rows.merge(energy[["time", "partner", "code", "own"]], how="left")
    value = rows["own"].fillna(rows["value_usd"]).astype("int64")
    code = rows["partner"].replace("0015", "-")
    return pd.DataFrame({"time": rows["time"], "CTY_CODE": code, "E_COMMODITY": rows["code"], "ALL_VAL_MO": value})


def _industries(table: Official) -> pd.DataFrame:
    """Return imports for consumption and duty by industry: months where they are embedded, else years in equal months."""
    months = table("sector_duties_monthly").rename(columns={"month": "time"})
    years = table("sector_imports_annual").merge(table("sector_duties_annual"), on=["partner", "code", "year"])
    years = years[~years["year"].isin(months["time"].str[:4].astype(int))].rename(columns={"value_usd": "imports_usd"})
    rows = pd.concat([_by_month(years, ["imports_usd", "duty_usd"]), months])
    return pd.DataFrame(
        {
            "time": rows["time"].to_numpy(),
            "CTY_CODE": rows["partner"].replace("0015", "-").to_numpy(),
            "NAICS": rows["code"].to_numpy(),
            "CON_VAL_MO": rows["imports_usd"].to_numpy(),
            "CAL_DUT_MO": rows["duty_usd"].to_numpy(),
        }
    )


def _by_month(years: pd.DataFrame, values: list[str]) -> pd.DataFrame:
    """Return rows of years as rows of months that add up to them, what is left over in January."""
    count = years["months"].to_numpy()
    rows = years.loc[years.index.repeat(count)].reset_index(drop=True)
    number = rows.groupby(["partner", "code", "year"]).cumcount()
    for name in values:
        share = rows[name] // rows["months"]
        rows[name] = share + (rows[name] - share * rows["months"]).where(number == 0, 0)
    return rows.assign(time=rows["year"].astype(str) + "-" + (number + 1).astype(str).str.zfill(2))


def file(call: Call, table: Official) -> Reply:
    """Answer a call for a file of the Census pages, which want no key."""
    from official.files import country_workbook, import_file

    if call.path.endswith("country.xlsx"):
        return Reply(country_workbook(table("goods_trade_monthly"), table("partners")))
    return import_file(call, table)
