"""Which files take part when a module runs, and when two states of a file mean the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from korus_research.data.cache.code import NAME, PACKAGE, read_package, read_source
from korus_research.data.cache.store import Cache


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("x = 1\n", "x = 1  # why\n", True),
        ("def f():\n    '''A.'''\n    return 1\n", "def f():\n    '''B.'''\n    return 1\n", True),
        ("class C:\n    x = 1\n", 'class C:\n    """D."""\n\n    x = 1\n', True),
        ("x = 'a'\n", "x = 'b'\n", False),
        ("x = 1\ny = 2\n", "y = 2\nx = 1\n", False),
        ("def f(a): return a\n", "def f(b): return b\n", False),
        ("x = (", "x = (", True),
        ("x = (", "x = [", False),
    ],
)
def test_the_digest_of_code(one: str, other: str, same: bool) -> None:
    assert (read_source("a.py", one.encode()).digest == read_source("a.py", other.encode()).digest) is same


def test_the_digest_of_a_declaration() -> None:
    assert read_source("a.toml", b"x = 1 # why").digest == read_source("a.toml", b"x = 1").digest
    assert read_source("a.toml", b"x = 1").digest != read_source("a.toml", b"x = 1.0").digest


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A package with the shapes of ours."""
    files = {
        "__init__.py": "",
        "methods/__init__.py": "",
        "methods/one.py": "from korus_research.methods import two",
        "methods/two.py": "",
        "methods/three.py": "",
        "chapters/__init__.py": "",
        "chapters/cars/__init__.py": "",
        "chapters/cars/measures.py": "from korus_research.show.declared import Result\n"
        "from typing import TYPE_CHECKING\n"
        "if TYPE_CHECKING:\n    from korus_research.methods.three import x\n"
        "def of(study):\n    import korus_research.methods.one\n"
        "class Cars(Result):\n    pass\n",
        "chapters/cars/findings.py": "",
        "chapters/cars/findings.toml": "a = 1",
        "chapters/cars/words.toml": "[labels]\na = 'a'\n[say]\nb = 'b'",
        "chapters/cars/sources/deep.toml": "a = 1",
        "chapters/flows/__init__.py": "",
        "chapters/flows/measures.py": "from ..cars.measures import of",
        "chapters/flows/findings.toml": "a = 1",
        "show/__init__.py": "",
        "show/declared.py": "class Result: pass",
        "data/tables/datapackage.toml": "x = 1",
        "notebooks/a.py": "",
    }
    for name, text in files.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "package"


def test_a_module_reaches_what_it_imports_anywhere_but_for_types(small: Path) -> None:
    package = read_package(folder=small)
    cars = set(package.reach([f"{NAME}.chapters.cars.measures"]))
    assert {"methods/one.py", "methods/two.py", "chapters/cars/findings.py", "show/declared.py"} <= cars
    assert {"chapters/cars/findings.toml", "chapters/cars/sources/deep.toml", "__init__.py"} <= cars
    assert not {"methods/three.py", "chapters/cars/words.toml", "chapters/flows/measures.py"} & cars
    assert cars < set(package.reach([f"{NAME}.chapters.flows.measures"]))
    assert package.words(cars) == ("chapters/cars/words.toml",)


def test_of_words_the_labels_are_told_apart(small: Path) -> None:
    words = small / "chapters" / "cars" / "words.toml"
    before = read_package(folder=small).sources["chapters/cars/words.toml"]
    words.write_text("[labels]\na = 'a'\n[say]\nb = 'c'")
    after = read_package(folder=small).sources["chapters/cars/words.toml"]
    assert (after.labels == before.labels, after.digest == before.digest) == (True, False)
    words.write_text("[labels]\na = 'x'\n[say]\nb = 'c'")
    assert read_package(folder=small).sources["chapters/cars/words.toml"].labels != before.labels


def test_what_is_remembered_of_files_is_what_reading_them_gives(small: Path, tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache", 1 << 20)
    first = read_package(cache, small)
    assert read_package(cache, small).sources == first.sources == read_package(folder=small).sources
    (small / "methods" / "two.py").write_text("from korus_research.methods import three")
    assert "methods/three.py" in read_package(cache, small).reach([f"{NAME}.methods.one"])
    shutil.move(small / "methods" / "three.py", small / "methods" / "four.py")
    assert read_package(cache, small).sources == read_package(folder=small).sources


IMPORTED = """
import importlib, json, sys
importlib.import_module(sys.argv[1])
print(json.dumps([name for name in sys.modules if name.partition(".")[0] == "korus_research"]))
"""


@pytest.mark.parametrize("module", ["chapters.flows.measures", "show.figure", "data.study", "methods.synthetic.curve"])
def test_what_is_imported_is_within_reach(module: str) -> None:
    import json

    run = [sys.executable, "-c", IMPORTED, f"{NAME}.{module}"]
    imported = json.loads(subprocess.run(run, capture_output=True, text=True, check=True).stdout)
    package = read_package(folder=PACKAGE)
    assert {package.file(name) for name in imported} <= set(package.reach([f"{NAME}.{module}"]))
