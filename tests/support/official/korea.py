"""Korean sources: the Bank of Korea (key in the path), KOSIS (object or list), the customs service (XML)."""

from __future__ import annotations

from urllib.parse import unquote

import pandas as pd

from official.server import KEYS, Call, Official, Reply, as_json


def ecos(call: Call, table: Official) -> Reply:
    """Answer a call for a series of the Bank of Korea, at most a thousand rows of it."""
    _, _, _, key, _, _, first, last, code, _, begin, end, *_ = call.path.split("/")
    if unquote(key) != KEYS["ECOS_API_KEY"]:
        return as_json({"RESULT": {"CODE": "INFO-100", "MESSAGE": f"인증키가 유효하지 않습니다. {key}"}})
    rows = _prices(table)
    rows = rows[rows["time"].between(begin, end)]
    if code != "901Y009" or rows.empty:
        return as_json({"RESULT": {"CODE": "INFO-200", "MESSAGE": "해당하는 데이터가 없습니다."}})
    found = [
        {
            "STAT_CODE": code,
            "STAT_NAME": "4.2.1. Consumer price indices",
            "ITEM_CODE1": "0",
            "ITEM_NAME1": "All items",
            "UNIT_NAME": row.base,
            "TIME": row.time,
            "DATA_VALUE": row.index_,
        }
        for row in rows.iloc[int(first) - 1 : int(last)].itertuples()
    ]
    return as_json({"StatisticSearch": {"list_total_count": len(rows), "row": found}})


def kosis(call: Call, table: Official) -> Reply:
    """Answer a call for a table of Statistics Korea."""
    if call.query.get("apiKey") != KEYS["KOSIS_API_KEY"]:
        return as_json({"err": "11", "errMsg": "유효하지않은 인증KEY입니다."})
    if call.query.get("tblId") != "DT_1J22003":
        return as_json({"err": "21", "errMsg": "해당 통계표가 존재하지 않습니다."})
    rows = _prices(table)
    rows = rows[rows["time"].between(call.query["startPrdDe"], call.query["endPrdDe"])]
    if rows.empty:
        return as_json({"err": "30", "errMsg": "데이터가 존재하지 않습니다."})
    found = [
        {"C1_NM": "전국", "ITM_NM": "총지수", "PRD_DE": r.time, "DT": r.index_, "UNIT_NM": r.base}
        for r in rows.itertuples()
    ]
    reply = as_json(found)
    if call.query.get("jsonVD") != "Y":  # names of fields then come without quotes, which is no JSON
        return Reply(reply.body.decode().replace('"PRD_DE"', "PRD_DE"))
    return reply


def customs(call: Call, table: Official) -> Reply:
    """Answer a call for Korean trade by month, twelve of them at most."""
    if call.query.get("serviceKey") != KEYS["DATA_GO_KR_KEY"]:
        return portal("SERVICE_KEY_IS_NOT_REGISTERED_ERROR", 30)
    first, last = call.query["strtYymm"], call.query["endYymm"]
    if (int(last[:4]) - int(first[:4])) * 12 + int(last[4:]) - int(first[4:]) >= 12:
        return _xml("<header><resultCode>99</resultCode><resultMsg>12 months at most</resultMsg></header>")
    items, sums = [], [0, 0]
    for row in table("import_demand_annual").itertuples():
        if pd.isna(row.imports_usd_mn) or pd.isna(row.exports_usd_mn):
            continue
        for month in range(1, 13):
            if first <= f"{row.year}{month:02d}" <= last:
                values = [_part(row.exports_usd_mn, month), _part(row.imports_usd_mn, month)]
                sums = [a + b for a, b in zip(sums, values, strict=True)]
                items.append(_item(f"{row.year}.{month:02d}", *values))
    inside = "".join([*items, _item("총계", *sums)])
    head = "<header><resultCode>00</resultCode><resultMsg>정상서비스.</resultMsg></header>"
    return _xml(f"{head}<body><items>{inside}</items></body>")


def portal(message: str, code: int) -> Reply:
    """Return an error of the portal itself, under a root of its own."""
    inside = f"<errMsg>SERVICE ERROR</errMsg><returnAuthMsg>{message}</returnAuthMsg>"
    inside += f"<returnReasonCode>{code}</returnReasonCode>"
    body = f"<OpenAPI_ServiceResponse><cmmMsgHeader>{inside}</cmmMsgHeader></OpenAPI_ServiceResponse>"
    return Reply(body, headers={"Content-Type": "text/xml"})


def _prices(table: Official) -> pd.DataFrame:
    prices = table("consumer_prices")
    prices = prices[(prices["iso3"] == "KOR") & (prices["month"] > 0)].sort_values(["year", "month"])
    time = prices["year"].astype(str) + prices["month"].astype(str).str.zfill(2)
    return pd.DataFrame({"time": time, "index_": prices["index"].map(repr), "base": prices["base"]})


def _part(year: float, month: int) -> int:
    whole = round(year * 1e6)
    return whole // 12 + (whole % 12 if month == 12 else 0)


def _item(year: str, exports: int, imports: int) -> str:
    values = {
        "balPayments": exports - imports,
        "expCnt": 1,
        "expDlr": exports,
        "impCnt": 1,
        "impDlr": imports,
        "year": year,
    }
    return f"<item>{''.join(f'<{name}>{value}</{name}>' for name, value in values.items())}</item>"


def _xml(inside: str) -> Reply:
    whole = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><response>{inside}</response>'
    return Reply(whole, headers={"Content-Type": "text/xml;charset=utf-8"})
