"""Every label of a words file is asked for by code; one that nobody reads would be kept up for nothing."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import korus_research

PACKAGE = Path(korus_research.__file__).parent
FILES = [
    path
    for path in sorted(PACKAGE.rglob("words.toml"))
    if "labels" in tomllib.loads(path.read_text("utf-8")) and "template" not in path.parts
]
COMMON = (PACKAGE / "show", PACKAGE / "chapters" / "appendix")  # they show labels of any chapter


@cache  # the common folders are asked for with each file
def texts(folder: Path) -> list[str]:
    """The strings in the code of a folder, without docstrings; what a formatted one fills in is "{}"."""
    return list(_texts(folder))


def _texts(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
        alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}  # docstrings
        for node in nodes:
            if isinstance(node, ast.JoinedStr):
                yield "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
                yield node.value


def unread(labels: list[str], said: list[str]) -> list[str]:
    """The labels that no string names: whole ("saved"), by how they begin ("box_{}") or how they end ("{}_total")."""
    names = {name for text in said for name in re.findall(r"\w+", text)}
    begun = tuple({start for text in said for start in re.findall(r"(\w{3,}){}", text)})
    ended = tuple({end for text in said for end in re.findall(r"{}(_\w+)", text)})
    return [one for one in labels if one not in names and not one.startswith(begun) and not one.endswith(ended)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_every_label_is_named_by_code(path: Path) -> None:
    labels = list(tomllib.loads(path.read_text("utf-8"))["labels"])
    said = [text for folder in (path.parent, *COMMON) for text in texts(folder)]
    assert unread(labels, said) == []


def test_a_label_that_is_not_named_is_found() -> None:
    labels = ["saved", "saved_total", "box_model", "boxes", "saved_axis"]
    assert unread(labels, ["labels.saved", "box_{}", "{}_axis", "no saved_totals"]) == ["saved_total", "boxes"]
