"""FRED and ALFRED: observations as texts, "." for what is missing, spans of days where vintages are asked for."""

from __future__ import annotations

import pandas as pd

from official.server import KEYS, SAID, Call, Official, Reply, as_json

NEWEST = ("9999-12-31",)
INVERSE = {"EXUSEU": "EUR", "EXUSUK": "GBR", "EXUSAL": "AUS", "EXUSNZ": "NZL"}
DIRECT = dict(
    pair.split(":")
    for pair in [
        "EXKOUS:KOR",
        "EXCAUS:CAN",
        "EXCHUS:CHN",
        "EXJPUS:JPN",
        "EXMXUS:MEX",
        "EXTAUS:TWN",
        "EXBZUS:BRA",
        "EXSZUS:CHE",
        "EXDNUS:DNK",
        "EXHKUS:HKG",
        "EXINUS:IND",
        "EXSLUS:LKA",
        "EXMAUS:MYS",
        "EXNOUS:NOR",
        "EXSIUS:SGP",
        "EXSDUS:SWE",
        "EXTHUS:THA",
        "EXVZUS:VEN",
        "EXSFUS:ZAF",
    ]
)


def answer(call: Call, table: Official) -> Reply:
    """Answer a call for the observations of a series."""
    if call.query.get("api_key") != KEYS["FRED_API_KEY"]:
        said = "Bad Request.  The value for variable api_key is not registered."
        return Reply(f'{{"error_code":400,"error_message":"{said}"}}', 400)
    series = call.query["series_id"]
    rows = _series(series, table)
    if rows is None:
        return Reply('{"error_code":400,"error_message":"Bad Request.  The series does not exist."}', 400)
    rows = rows[rows["date"] >= call.query.get("observation_start", "")]
    if "realtime_start" not in call.query:
        rows = rows[rows["realtime_end"] == "9999-12-31"].assign(realtime_start=SAID, realtime_end=SAID)
    offset, limit = int(call.query.get("offset", 0)), int(call.query.get("limit", 100000))
    head = {
        "realtime_start": call.query.get("realtime_start", SAID),
        "realtime_end": call.query.get("realtime_end", SAID),
        "units": "lin",
        "count": len(rows),
        "offset": offset,
        "limit": limit,
    }
    found = rows[["realtime_start", "realtime_end", "date", "value"]].iloc[offset : offset + limit]
    reply = as_json({**head, "observations": found.to_dict("records")})
    return Reply(reply.content, headers={"Last-Modified": "Fri, 20 Nov 2026 13:01:00 GMT"})


def _series(series: str, table: Official) -> pd.DataFrame | None:
    if series in INVERSE:
        return _rates(INVERSE[series], table, inverse=True)
    if series in DIRECT:
        return _rates(DIRECT[series], table, inverse=False)
    if series == "CPIAUCNS":
        prices = table("consumer_prices")
        prices = prices[(prices["iso3"] == "USA") & (prices["month"] > 0)]
        return _standing(prices["year"].astype(str) + "-" + prices["month"].astype(str).str.zfill(2), prices["index"])
    if series in ("EXPKR", "IMPKR"):
        return _vintages("exports" if series == "EXPKR" else "imports", table)
    return None


def _rates(iso3: str, table: Official, *, inverse: bool) -> pd.DataFrame:
    """Return monthly rates; of currencies of which only years are embedded, each month the mean of its year."""
    months = table("exchange_rates_monthly")
    months = months[months["iso3"] == iso3]
    years = table("currencies_annual")
    years = years[(years["iso3"] == iso3) & years["lcu_per_usd"].notna()]
    if months.empty:
        names = [f"{year}-{month:02d}" for year in years["year"] for month in range(1, 13)]
        months = pd.DataFrame({"month": names, "lcu_per_usd": years["lcu_per_usd"].repeat(12).to_numpy()})
    return _standing(months["month"], 1 / months["lcu_per_usd"] if inverse else months["lcu_per_usd"])


def _standing(months: pd.Series, values: pd.Series) -> pd.DataFrame:
    frame = {
        "date": (months + "-01").to_numpy(),
        "value": ["." if pd.isna(value) else repr(float(value)) for value in values],
        "realtime_start": SAID,
        "realtime_end": "9999-12-31",
    }
    return pd.DataFrame(frame)


def _vintages(flow: str, table: Official) -> pd.DataFrame:
    """Return trade with South Korea: each older value until the day before the next one stood."""
    now = table("goods_trade_monthly")
    both = pd.concat([table("goods_trade_replaced"), now])
    both = both[(both["partner"] == "5800") & (both["flow"] == flow)].sort_values(["month", "vintage"])
    both["realtime_start"] = both["vintage"] + "-05"
    after = both.groupby("month")["realtime_start"].shift(-1)
    day_before = pd.to_datetime(after) - pd.Timedelta(days=1)
    both["realtime_end"] = day_before.dt.strftime("%Y-%m-%d").fillna("9999-12-31")
    both["date"] = both["month"] + "-01"
    both["value"] = [repr(float(value)) for value in both["value_usd_mn"]]
    return both
