"""What a topic shows: the figures and tables that its folder makes of a study, found and not listed."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from korus_research import chapters

FOLDER = Path(chapters.__file__).parent
GIVEN = {"Figure": {"Figure", "Picture"}, "Table": {"Table", "Rows"}}  # what their functions say that they return


def views(topic: str, kind: str) -> dict[str, Callable[..., Any]]:
    """Return the public functions of `chapters/<topic>` that make a `kind` ("Figure", "Table") of a study alone, by name."""
    found = {}
    for path in sorted((FOLDER / topic).glob("[a-z]*.py")):
        module = import_module(f"korus_research.chapters.{topic}.{path.stem}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            needed = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
            returned = str(inspect.signature(function).return_annotation).split(" | ")
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and needed == ["study"] and GIVEN[kind] & set(returned):
                found[name] = function
    return found
