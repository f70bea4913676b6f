"""Every recorded answer of an official source is read as what it is: our excerpts, and the originals where they are."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from korus_research.data import sources
from korus_research.data.sources import failures, spec
from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.reading import Reader
from korus_research.data.sources.shape import Shape

HERE = Path(__file__).parent / "recorded"
SHARED = Path(__file__).resolve().parents[4] / "shared" / "api_samples"
INDEX = tomllib.loads((HERE / "recorded.toml").read_text(encoding="utf-8"))["answer"]
ORIGINALS = [path for path in sorted(SHARED.rglob("*")) if path.is_file() and path.suffix != ".md"]


def _answer(entry: Mapping[str, Any], content: bytes) -> Answer:
    dataset = entry.get("dataset") or sources.describe(entry["source"]).dataset[0].id
    return Answer(
        source=entry["source"],
        dataset=dataset,
        request={},
        address="",
        status=entry.get("status", 200),
        headers=entry.get("headers", {}),
        fetched="2026-11-29T12:00:00Z",
        sha256=sha256(content).hexdigest(),
        content=content,
    )


def _check(entry: Mapping[str, Any], content: bytes) -> None:
    """Compare an answer with what its entry says of it."""
    answer = _answer(entry, content)
    reader = Reader(answer.source, answer.dataset)
    source, dataset = reader.source, reader.dataset
    failed = reader.refused(answer)
    if "error" in entry:
        assert type(failed) is getattr(failures, entry["error"])
        assert entry["said"] in str(failed)
        assert source.id in str(failed)
        with pytest.raises(failures.SourceFailed, match=entry["source"]):
            sources.parse(answer)
        return
    assert failed is None
    if entry.get("nothing"):
        frame = sources.parse(answer)
        assert frame.empty
        assert list(frame) == [*dataset.columns, *dataset.constants]
        return
    rows = reader.rows(answer)
    if "twice" in entry:
        assert list(rows.columns).count(entry["twice"]) == 2
        rows = rows.loc[:, ~rows.columns.duplicated()]
    for fact in entry["facts"]:
        assert _cell(rows, fact) == fact["value"]
    assert reader.marked(answer).mark.startswith(entry.get("mark", ""))
    request = Request(answer.source, answer.dataset, "https://example.org/json/en/1/10/x", (("page", "1"),))
    assert (reader.more(request, answer) is not None) == entry.get("more", False)
    if "number" in entry:
        column = spec.Column(of=entry["number"], type="number")
        made = dataset.model_copy(
            update={"columns": {"value": column}, "leave_out": {}, "constants": {}, "without_gaps": []}
        )
        assert Shape(source, made).shaped(rows)["value"].isna().sum() == entry.get("missing", 0)
    if "typed" in entry:
        frame = sources.parse(answer)
        for fact in entry["typed"]:
            assert _cell(frame, fact) == fact["value"]
        for column, code in entry.get("left_out", {}).items():
            assert not (frame[column] == code).any()


def _cell(rows: pd.DataFrame, fact: Mapping[str, Any]) -> Any:
    for name, value in fact["where"].items():
        rows = rows[rows[name] == value]
    assert len(rows) == 1, fact
    return rows[fact["column"]].iloc[0]


@pytest.mark.parametrize("entry", INDEX, ids=lambda entry: entry["file"])
def test_recorded_answer_says_what_was_read_off_it(entry: dict[str, Any]) -> None:
    _check(entry, (HERE / entry["file"]).read_bytes())


def test_every_recorded_file_has_an_entry() -> None:
    files = {path.relative_to(HERE).as_posix() for path in HERE.rglob("*") if path.is_file() and path.suffix != ".toml"}
    assert files == {entry["file"] for entry in INDEX}


@pytest.mark.skipif(not ORIGINALS, reason="the collected answers are not here (../shared/api_samples)")
def test_originals_say_the_same_in_full() -> None:
    by_stem = {(entry["source"], Path(entry["file"]).stem): entry for entry in INDEX}
    done = set()
    for path in ORIGINALS:
        source = path.relative_to(SHARED).parts[0]
        for stem, content in _contents(path):
            entry = by_stem[source, stem]
            _check({**entry, **_whole(content, entry)}, content)
            done.add((source, stem))
    assert done == set(by_stem)


def _contents(path: Path) -> list[tuple[str, bytes]]:
    """Return the answers of a collected file, what was printed or logged put back into the form of an answer."""
    text = path.read_text(encoding="utf-8")
    if path.name == "ita_printed.csv":
        rows = [row for row in csv.DictReader(text.splitlines()) if row["Indicator"] == "BalGds"]
        return [(path.stem, json.dumps({"BEAAPI": {"Results": {"Data": rows}}}).encode())]
    if path.suffix == ".csv":
        return [(path.stem, json.dumps(list(csv.reader(text.splitlines()))).encode())]
    if path.name in ("missing_key_302.json", "error_400_unknown_variable.json"):
        return [(path.stem, json.loads(text)["body"].encode())]
    if path.name == "key_statistic_row.json":
        return [(path.stem, json.dumps({"KeyStatisticList": {"row": [json.loads(text)]}}).encode())]
    if path.name == "measured_answers.json":
        logged = json.loads(text)
        errors = [
            (f"error_{one['err']}", {"err": one["err"], "errMsg": one["errMsg"]}) for one in logged if "err" in one
        ]
        rows = [("rows", [one["sample"]]) for one in logged if one["table"] == "DT_1C86"]
        return [(stem, json.dumps(content).encode()) for stem, content in [*errors, *rows]]
    return [(path.stem, path.read_bytes())]


def _whole(content: bytes, entry: Mapping[str, Any]) -> dict[str, int]:
    """Return how many values are missing in an original, counted without our readers."""
    if "number" not in entry or not entry.get("missing"):
        return {}
    text = content.decode()
    return {
        "missing": text.count('"value": "."') or text.count('"value":null') or text.count('"NP"') or text.count('"(D)"')
    }
