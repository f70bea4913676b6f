"""Text in single jamo and letters with loose accents, as macOS writes them, is the text that it spells everywhere."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pandas as pd
import sample
from publishing import publish

from korus_research.data import open_catalog
from korus_research.data.agreements import HOME, load_agreement
from korus_research.data.package.read import content_sha256
from korus_research.data.parameters import ReportParameters
from korus_research.data.schema import DESCRIPTOR
from korus_research.data.toml import composed, read_toml
from korus_research.editions.content import report_meta
from korus_research.run.chapters import read_notebook

WHOLE = "한미 자유무역협정, Curaçao and Türkiye"
APART = unicodedata.normalize("NFD", WHOLE)
NOTEBOOK = {
    "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# Flows\n", APART]}],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_a_page_has_the_same_bytes(tmp_path: Path) -> None:
    assert APART != WHOLE
    text = (HOME / "korus.toml").read_text(encoding="utf-8")
    assert "한미" in text
    pages = []
    for form in ("NFC", "NFD"):
        path = tmp_path / f"{form}.toml"
        path.write_text(unicodedata.normalize(form, text), encoding="utf-8")
        meta = report_meta(load_agreement(path), ReportParameters(as_of="2016-12").resolve())
        said = sample.say(unicodedata.normalize(form, WHOLE))
        chapter = sample.chapter("01", "flows", unicodedata.normalize(form, WHOLE), "What?", [said])
        made = publish([chapter], meta, ("html",), tmp_path / form)
        pages.append({file.name: file.read_bytes() for file in made.files})
    assert pages[0] == pages[1]
    assert unicodedata.is_normalized("NFC", pages[1]["report.html"].decode("utf-8"))


def test_escapes_and_keys_of_toml_too(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in APART)
    path.write_text(f'"{APART}" = "{escaped}"\nlist = [{{ "a" = "{APART}" }}]\n', encoding="utf-8")
    file = read_toml(path)
    assert file.content == {WHOLE: WHOLE, "list": [{"a": WHOLE}]}
    assert file.line("list", 0) == 2


def test_notebooks_however_their_json_is_written(tmp_path: Path) -> None:
    for plain in (True, False):
        path = tmp_path / "01_flows.ipynb"
        path.write_text(json.dumps(NOTEBOOK, ensure_ascii=plain), encoding="utf-8")
        assert read_notebook(path)["cells"][0]["source"] == f"# Flows\n{WHOLE}"


def test_tables_of_both_formats(tmp_path: Path) -> None:
    """The content hash, of the composed text, fits a file in which the letters stand apart."""
    resources = []
    for ending in ("csv", "parquet"):
        frame = pd.DataFrame({"code": ["1", "2"], "name": [APART, "plain"]})
        path = tmp_path / f"t_{ending}.{ending}"
        frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path, index=False)
        resources.append(_resource(path))
    (tmp_path / DESCRIPTOR).write_text(json.dumps({"resources": resources}), encoding="utf-8")
    catalog = open_catalog(tmp_path)
    whole = pd.DataFrame({"code": ["1", "2"], "name": [WHOLE, "plain"]})
    for name in catalog.names:
        frame = catalog.load(name)
        assert frame["name"].tolist() == [WHOLE, "plain"]
        columns = catalog.describe(name).columns
        assert content_sha256(frame, columns) == content_sha256(whole, columns)


def test_what_is_no_text_stays() -> None:
    assert composed({"a": [1, None, True, 2.5]}) == {"a": [1, None, True, 2.5]}


def _resource(path: Path) -> dict[str, object]:
    import hashlib

    package = json.loads((open_catalog().folder / DESCRIPTOR).read_text(encoding="utf-8"))
    made: dict[str, object] = dict(next(one for one in package["resources"] if one["name"] == "partners"))
    fields = [{"name": name, "type": "string", "description": name} for name in ("code", "name")]
    return made | {
        "name": path.stem,
        "path": path.name,
        "format": path.suffix[1:],
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}",
        "korus:rows": 2,
        "schema": {"fields": fields, "primaryKey": ["code"]},
    }
