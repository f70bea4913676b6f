"""The IMF: SDMX-JSON 2.0 with series and observations by number; 204 for a data set that it doesn't have."""

from __future__ import annotations

import pandas as pd

from official.server import Call, Official, Reply, as_json

BILLIONS = {"NGDPD", "NGDP_R"}


def answer(call: Call, table: Official) -> Reply:
    """Answer a call for the World Economic Outlook or for its version."""
    if "json" not in call.headers.get("accept", ""):
        return Reply("<message:Structure/>", headers={"Content-Type": "application/vnd.sdmx.structure+xml"})
    parts = call.path.split("/")
    if "WEO" not in parts:
        return Reply(b"", 204)
    if "structure" in parts:
        notes = [{"id": "lastUpdatedAt", "value": "2024-04-16T13:00:00.000000Z"}]
        flow = {
            "annotations": notes,
            "id": "WEO",
            "name": "World Economic Outlook",
            "version": "11.0.0",
            "agencyID": "IMF.RES",
        }
        return as_json({"data": {"dataflows": [flow]}, "meta": {}})
    economies, codes, _ = (part.split("+") for part in parts[-1].split("."))
    rows = table("macro_annual")
    prices = table("currencies_annual").rename(columns={"prices": "value"}).assign(code="PCPI")
    own = set(rows["iso3"])
    rows = pd.concat([rows, prices[~prices["iso3"].isin(own)]])
    rows = rows[rows["iso3"].isin(economies) & rows["code"].isin(codes)]
    return as_json(sdmx(rows))


def sdmx(rows: pd.DataFrame) -> dict[str, object]:
    """Return rows of iso3, code, year, value as the IMF writes them: texts in plain units, null and NP for none."""
    economies, codes = sorted(rows["iso3"].unique()), sorted(rows["code"].unique())
    years = sorted(rows["year"].unique())
    series = {}
    for (iso3, code), part in rows.groupby(["iso3", "code"]):
        factor = 1_000_000_000 if code in BILLIONS else 1
        observations = {
            str(years.index(row.year)): [None, "NP"] if pd.isna(row.value) else [repr(row.value * factor), None]
            for row in part.itertuples()
        }
        key = f"{economies.index(iso3)}:{codes.index(code)}:0"
        series[key] = {"attributes": [1 if code in BILLIONS else 0], "observations": observations}
    dimension = lambda name, at, values: {"id": name, "keyPosition": at, "roles": [], "values": values}  # noqa: E731
    structure = {
        "dataSets": [0],
        "links": [
            {"urn": "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=IMF.RES:WEO(11.0.0)", "title": "Dataflow"}
        ],
        "dimensions": {
            "series": [
                dimension("COUNTRY", 0, [{"id": one} for one in economies]),
                dimension("INDICATOR", 1, [{"id": one} for one in codes]),
                dimension("FREQUENCY", 2, [{"id": "A"}]),
            ],
            "observation": [dimension("TIME_PERIOD", 3, [{"value": str(year)} for year in years])],
        },
        "measures": {"observation": [{"id": "OBS_VALUE", "roles": []}]},
        "attributes": {
            "dimensionGroup": [],
            "series": [{"id": "SCALE", "roles": [], "values": [{"id": "0"}, {"id": "9"}]}],
            "observation": [{"id": "BASES_OF_RECORDING_GROSS_NET", "roles": [], "values": []}],
        },
    }
    data: dict[str, object] = {"structure": 0, "action": "Replace"}
    if series:
        data["series"] = series
    return {"meta": {}, "data": {"dataSets": [data], "structures": [structure]}}
