"""The Bureau of Economic Analysis: the request echoed in capitals with its key, errors with status 200."""

from __future__ import annotations

import pandas as pd

from official.server import KEYS, Call, Official, Reply, as_json

AREAS = {
    "AllCountries": "0000",
    **{"Canada": "1220", "Mexico": "2010", "Brazil": "3510", "UnitedKingdom": "4120", "Ireland": "4190"},
    **{"Netherlands": "4210", "Belgium": "4231", "France": "4279", "Germany": "4280", "Switzerland": "4419"},
    **{"Italy": "4759", "Israel": "5081", "SaudiArabia": "5170", "India": "5330", "Vietnam": "5520"},
    **{"Malaysia": "5570", "Singapore": "5590", "China": "5700", "SouthKorea": "5800", "HongKong": "5820"},
    **{"Taiwan": "5830", "Japan": "5880", "Australia": "6021"},
}
INDICATORS = {
    (flow, scope): f"{flow[:3].capitalize()}{part}"
    for flow in ("exports", "imports")
    for scope, part in (("goods", "Gds"), ("services", "Serv"), ("goods_services", "GdsServ"))
}


def answer(call: Call, table: Official) -> Reply:
    """Answer a call for international transactions."""
    query = {name.lower(): value for name, value in call.pairs}
    if query.get("userid", "").upper() != KEYS["BEA_API_KEY"]:
        return said(
            call, {"Error": {"APIErrorCode": "1", "APIErrorDescription": "Invalid Request - Invalid API UserId."}}
        )
    if query["areaorcountry"] not in AREAS:
        wrong = {"APIErrorCode": "204", "APIErrorDescription": "The parameter value of AreaOrCountry is invalid."}
        return said(call, {"Error": wrong})
    rows = table("goods_services_bop")
    rows = rows[rows["partner"] == AREAS[query["areaorcountry"]]]
    data = []
    for row in rows.itertuples():
        indicator = INDICATORS[row.flow, row.scope]
        frequency = "QSA" if row.quarter else "A"
        missing = pd.isna(row.value_usd_mn)
        data.append(
            {
                "Indicator": indicator,
                "AreaOrCountry": query["areaorcountry"],
                "Frequency": frequency,
                "Year": str(row.year),
                "TimeSeriesId": f"TSI_Ita{indicator}_{frequency}",
                "TimeSeriesDescription": indicator,
                "TimePeriod": f"{row.year}Q{row.quarter}" if row.quarter else str(row.year),
                "CL_UNIT": "USD",
                "UNIT_MULT": "6",
                "DataValue": "" if missing else f"{row.value_usd_mn:.0f}",
                "NoteRef": "n.a." if missing else " ",
            }
        )
    results = {
        "Statistic": "International transactions",
        "UTCProductionTime": "2026-11-29T12:00:00.000",
        "Dimensions": [{"Name": name, "DataType": "string", "IsValue": "0"} for name in data[0]],
        "Data": data,
        "Notes": [{"NoteRef": " ", "NoteText": "Last updated: September 24, 2026"}],
    }
    return said(call, results)


def said(call: Call, results: object) -> Reply:
    """Return results after the request as it is echoed: names and values in capitals, the key among them."""
    echo = [{"ParameterName": name.upper(), "ParameterValue": value.upper()} for name, value in call.pairs]
    return as_json({"BEAAPI": {"Request": {"RequestParam": echo}, "Results": results}})
