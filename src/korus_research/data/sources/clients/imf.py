"""IMF, SDMX-JSON 2.0: series and observations are keyed by index into the lists of dimension values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from korus_research.data.sources.answer import Answer
from korus_research.data.sources.clients import common
from korus_research.data.sources.clients.common import load, unlike
from korus_research.data.sources.spec import Dataset


class Client(common.Client):
    """Reads SDMX-JSON; the IMF answers an unknown data set with 204, "no content", and not with an error."""

    def rows(self, answer: Answer, dataset: Dataset) -> pd.DataFrame:
        """Return one row per observation: its dimensions, OBS_VALUE and its attributes (SCALE, STATUS ...) by id.

        No rows where nothing matches the request: the key `series` is absent then.
        """
        content = load(answer)
        data = content.get("data") if isinstance(content, dict) else None
        if not isinstance(data, dict):
            raise unlike(answer, "no data", "an object data")
        if "dataflows" in data:
            return pd.DataFrame([_flow(flow) for flow in data["dataflows"]], dtype=object)
        structure = data["structures"][0]
        found = [row for part in data["dataSets"] for row in _observations(part, structure)]
        return pd.DataFrame(found, dtype=object)

    def mark(self, answer: Answer) -> str:
        """Return the data set and version that answered, "IMF.RES:WEO(9.0.0)", with the last update if it is given."""
        text = answer.content.decode("utf-8", "replace")
        if named := re.search(r"Dataflow=([\w.]+:\w+\([\d.]+\))", text):
            return named[1]
        content = load(answer)
        flows = content.get("data", {}).get("dataflows", []) if isinstance(content, dict) else []
        return " ".join(
            f"{row['agencyID']}:{row['id']}({row['version']}) {row['lastUpdatedAt']}" for row in map(_flow, flows[:1])
        )


def _flow(flow: Mapping[str, Any]) -> dict[str, str]:
    notes = {note.get("id"): note.get("value", "") for note in flow.get("annotations", [])}
    told = {name: str(flow.get(name, "")) for name in ("agencyID", "id", "version")}
    return {**told, "lastUpdatedAt": str(notes.get("lastUpdatedAt", ""))}


def _observations(part: Mapping[str, Any], structure: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    dimensions, attributes = structure["dimensions"], structure.get("attributes", {})
    (time,) = dimensions["observation"]
    groups = part.get("dimensionGroupAttributes", {})
    for key, series in part.get("series", {}).items():
        numbers = key.split(":")
        shared = {
            one["id"]: _named(one, int(number)) for one, number in zip(dimensions["series"], numbers, strict=True)
        }
        for pattern, values in groups.items():
            if all(asked in ("", number) for asked, number in zip(pattern.split(":"), numbers, strict=False)):
                shared |= _attributes(attributes.get("dimensionGroup", []), values)
        shared |= _attributes(attributes.get("series", []), series.get("attributes", []))
        for number, (value, *own) in series["observations"].items():
            period = {time["id"]: _named(time, int(number)), "OBS_VALUE": value}
            yield {**shared, **period, **_attributes(attributes.get("observation", []), own)}


def _attributes(known: list[dict[str, Any]], values: list[Any]) -> dict[str, str]:
    """Return attributes by id; a value is an index into the list of known ones, or the text itself ("NP")."""
    pairs = zip(known, values, strict=False)
    return {
        one["id"]: _named(one, value) if isinstance(value, int) else str(value)
        for one, value in pairs
        if value is not None
    }


def _named(one: Mapping[str, Any], number: int) -> str:
    values = one["values"]
    if number >= len(values):
        return str(number)
    value = values[number]
    return str(value.get("id", value.get("value", ""))) if isinstance(value, dict) else str(value)


CLIENT = Client()
