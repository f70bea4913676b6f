"""Executed notebooks: normalized to the same bytes for the same inputs, and the findings read from them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from korus_research.data.cache.store import digest
from korus_research.errors import InvalidChapter
from korus_research.run.chapters import Chapter

_KORUS = "application/vnd.korus."
_CARDS = "application/vnd.korus.cards+json"
_PARAMETERS = "parameters"
_INJECTED = "injected-parameters"
_TIMED = ("papermill", "execution")


@dataclass(frozen=True)
class Executed:
    """An executed chapter: its normalized notebook, as text and as nbformat JSON, which must not be modified."""

    chapter: Chapter
    text: str
    notebook: Mapping[str, Any]

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its text."""
        return digest(self.text)


def normalise(executed: Mapping[str, Any], source: Mapping[str, Any]) -> dict[str, Any]:
    """Return `executed` without anything that differs between runs or machines.

    Timings, versions and paths in the metadata are removed; the cell that papermill injected has a fixed id; a
    plain-text repr beside a richer output is removed, as it may contain a memory address. Execution counts stay.
    """
    metadata = {name: value for name, value in source.get("metadata", {}).items() if name not in _TIMED}
    language = dict(executed.get("metadata", {}).get("language_info", {}))
    language.pop("version", None)
    metadata["language_info"] = language
    metadata["kernelspec"] = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {
        "cells": [_cell(cell) for cell in executed["cells"]],
        "metadata": metadata,
        "nbformat": source["nbformat"],
        "nbformat_minor": source["nbformat_minor"],
    }


def _cell(cell: Mapping[str, Any]) -> dict[str, Any]:
    source = cell["source"]
    kept = {**cell, "source": source if isinstance(source, str) else "".join(source)}
    kept["metadata"] = {name: value for name, value in cell.get("metadata", {}).items() if name not in _TIMED}
    if kept["metadata"].get("tags") == []:  # papermill gives every cell a list of tags
        del kept["metadata"]["tags"]
    if _INJECTED in kept["metadata"].get("tags", ()):
        kept["id"] = _INJECTED
    if cell.get("cell_type") == "code":
        kept["outputs"] = [_output(output) for output in cell.get("outputs", ())]
    return kept


def _output(output: Mapping[str, Any]) -> dict[str, Any]:
    kept = dict(output)
    data = output.get("data")
    if isinstance(data, Mapping) and len(data) > 1:
        kept["data"] = {mime: content for mime, content in data.items() if mime != "text/plain"}
    return kept


def refilled(source: Mapping[str, Any], executed: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook `source` with the outputs of `executed`, which must have the same code cells.

    ValueError or KeyError if it has not.
    """
    ran = {cell["id"]: cell for cell in executed["cells"] if cell["cell_type"] == "code"}
    cells: list[Mapping[str, Any]] = []
    for cell in source["cells"]:
        if cell["cell_type"] != "code":
            cells.append(_cell(cell))
            continue
        cells.append(one := ran[cell["id"]])
        if one["source"] != cell["source"]:
            raise ValueError(f"cell {cell['id']} is other code than what ran")
        if _PARAMETERS in cell.get("metadata", {}).get("tags", ()) and _INJECTED in ran:
            cells.append(ran[_INJECTED])
    language = executed["metadata"]["language_info"]
    return normalise({"cells": cells, "metadata": {"language_info": language}}, source)


def dumps(notebook: Mapping[str, Any]) -> str:
    """Return the text of a notebook file, with sorted keys and a final newline."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def shown(notebook: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (MIME type, content) of every output of ours in a notebook, in order."""
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            for mime, content in output.get("data", {}).items():
                if mime.startswith(_KORUS):
                    yield mime, json.loads(content) if isinstance(content, str) else content


def gather_findings(notebooks: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """Return all findings in the notebooks, by id and sorted by it.

    Parameters
    ----------
    notebooks : iterable of (name, notebook)

    Raises
    ------
    InvalidChapter
        Two chapters give one finding different values.
    """
    findings: dict[str, Any] = {}
    first_seen: dict[str, str] = {}
    for name, notebook in notebooks:
        for _, content in shown(notebook):
            for finding in content.get("findings", ()):
                key = str(finding["id"])
                if key in findings and findings[key] != finding:
                    raise InvalidChapter(
                        f"The finding '{key}' is {_spoken(findings[key])} in {first_seen[key]} "
                        f"and {_spoken(finding)} in {name}",
                        expected="one value for one finding id",
                        do="Give them different ids, or compute it in one place",
                    )
                findings[key] = finding
                first_seen.setdefault(key, name)
    return dict(sorted(findings.items()))


def _spoken(finding: Mapping[str, Any]) -> str:
    return f"{finding.get('text') or finding.get('value')} ({finding.get('period') or 'no period'})"


def claims_csv(notebooks: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the table of the first claims ledger as CSV, or None if no chapter shows one."""
    for notebook in notebooks:
        for mime, content in shown(notebook):
            if mime == _CARDS and content.get("data_csv"):
                return str(content["data_csv"])
    return None
