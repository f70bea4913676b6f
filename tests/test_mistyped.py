"""Every node of the JSON that this package reads, mistyped or gone: a clear error or a right answer, never a traceback."""

from __future__ import annotations

import copy
import json
import shutil
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import sample

from korus_research import data
from korus_research.chapters.notebooks import notebooks_folder
from korus_research.cli.data import list_rows, show_text, verify_lines
from korus_research.data.catalog import Catalog, open_catalog
from korus_research.data.parameters import ReportParameters
from korus_research.errors import KorusError
from korus_research.publish.report import read_report
from korus_research.run.chapters import load_chapters, read_notebook
from korus_research.run.dependencies import cells_digest

MISSING = object()
VALUES = {
    "gone": MISSING,
    "null": None,
    "int": 7,
    "text": "x",
    "list": [],
    "mixed": [1, None, {}],
    "table": {},
    "nul": "a\0b",
}


def places(node: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of a document, of lists the first two."""
    if at:
        yield at
    inner = node.items() if isinstance(node, dict) else enumerate(node[:2]) if isinstance(node, list) else ()
    for key, value in inner:
        yield from places(value, (*at, key))


def mistyped(document: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each place of `document` given each value, with its name."""
    for place in places(document):
        for how, value in VALUES.items():
            changed: Any = copy.deepcopy(document)
            node = changed
            for key in place[:-1]:
                node = node[key]
            if value is MISSING:
                del node[place[-1]]
            else:
                node[place[-1]] = value
            yield f"{'.'.join(map(str, place))} {how}", changed


def unclear(document: Mapping[str, Any], opened: Callable[[Any], Any], *uses: Callable[[Any], object]) -> list[str]:
    """What ends in another exception than one of ours: opening a changed document, or a use of what was opened."""
    found = []

    def tried(label: str, use: Callable[[Any], Any], given: Any) -> Any:
        try:
            return use(given)
        except KorusError:
            return None
        except Exception as error:
            found.append(f"{label}: {type(error).__name__}: {str(error)[:80]}")

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for label, changed in mistyped(document):
            if (there := tried(label, opened, changed)) is not None:
                for use in uses:
                    tried(label, use, there)
    return found


def write(path: Path, document: Any) -> None:
    path.unlink(missing_ok=True)  # a file that is emptied and filled again, ext4 puts on the disk at once: 4 ms each
    path.write_text(json.dumps(document), encoding="utf-8")


@pytest.mark.parametrize("name", ["partners", "car_values"])
def test_a_resource_of_the_data_package(name: str, tmp_path: Path) -> None:
    tables = Path(data.__file__).parent / "tables"
    package = json.loads((tables / "datapackage.json").read_text(encoding="utf-8"))
    resource = next(one for one in package["resources"] if one["name"] == name)
    shutil.copy(tables / resource["path"], tmp_path)

    def opened(changed: Any) -> Catalog:
        write(tmp_path / "datapackage.json", {**package, "resources": [changed]})
        return open_catalog(tmp_path)

    uses = (list_rows, lambda catalog: show_text(catalog, name), verify_lines, lambda catalog: catalog.load(name))
    assert unclear(resource, opened, *uses) == []


def test_a_chapter_s_notebook(tmp_path: Path) -> None:
    chapter = "01_flows.ipynb"
    (tmp_path / "chapters.toml").write_text(f'chapter = [{{ file = "{chapter}", wave = 1 }}]\n')
    notebook = json.loads((notebooks_folder() / chapter).read_text(encoding="utf-8"))
    notebook["cells"] = notebook["cells"][:4]

    def read(changed: Any) -> None:
        write(tmp_path / chapter, changed)
        load_chapters(tmp_path, parameters=tuple(ReportParameters.model_fields))
        cells_digest(read_notebook(tmp_path / chapter))

    assert unclear(notebook, read) == []


@pytest.mark.parametrize("kind", ["say", "figure", "table", "formula", "verdicts", "cards", "datasets"])
def test_an_output_of_ours(kind: str) -> None:
    made = {
        "say": lambda: sample.say('A [x]{.f data-f="q"}.', sample.finding("q", "x")),
        "figure": lambda: sample.figure("a"),
        "table": lambda: sample.table("t", count=1),
        "formula": sample.formula,
        "verdicts": sample.verdicts,
        "cards": sample.cards,
        "datasets": sample.datasets,
    }[kind]()
    shown = made["outputs"][0]["data"]
    mime = next(name for name in shown if "korus" in name)

    def read(changed: Any) -> None:
        cell = copy.deepcopy(made)
        cell["outputs"][0]["data"][mime] = changed.get("payload")
        read_report([sample.chapter("01", "flows", "Flows", "What?", [cell])])

    assert unclear({"payload": dict(shown[mime])}, read) == []
