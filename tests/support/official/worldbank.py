"""The World Bank: head and rows, in pages, numbers as numbers; one unknown economy refuses the call."""

from __future__ import annotations

import re

from official.server import Call, Official, Reply, as_json

ALPHA2 = {"CAN": "CA", "CHN": "CN", "DEU": "DE", "JPN": "JP", "KOR": "KR", "MEX": "MX", "USA": "US"}


def answer(call: Call, table: Official) -> Reply:
    """Answer a call for gross domestic product, made of the outlook's."""
    economies = re.search(r"/country/([^/]+)/", call.path)[1].split(";")
    if any(economy not in ALPHA2 for economy in economies):
        wrong = {"id": "120", "key": "Invalid value", "value": "The provided parameter value is not valid"}
        return as_json([{"message": [wrong]}])
    first, last = (int(year) for year in call.query["date"].split(":"))
    rows = table("macro_annual")
    rows = rows[(rows["code"] == "NGDPD") & rows["iso3"].isin(economies) & rows["year"].between(first, last)]
    rows = rows.sort_values(["iso3", "year"], ascending=[True, False])
    indicator = {"id": "NY.GDP.MKTP.CD", "value": "GDP (current US$)"}
    body = [
        {
            "indicator": indicator,
            "country": {"id": ALPHA2[row.iso3], "value": row.iso3},
            "countryiso3code": row.iso3,
            "date": str(row.year),
            "value": None if row.projection else row.value * 1e9,
            "unit": "",
            "obs_status": "",
            "decimal": 0,
        }
        for row in rows.itertuples()
    ]
    each, page = int(call.query.get("per_page", 50)), int(call.query.get("page", 1))
    head = {"page": page, "pages": -(-len(body) // each) or 1, "per_page": each, "total": len(body), "sourceid": "2"}
    return as_json([{**head, "lastupdated": "2026-10-07"}, body[(page - 1) * each : page * each]])
