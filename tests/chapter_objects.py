"""Run a chapter's cells in this process and collect what they show: a second, plain way beside papermill."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
CHAPTERS = sorted(p.name for p in NOTEBOOKS.glob("*.ipynb"))


def cells(name: str, kind: str) -> list[str]:
    """The sources of a chapter's cells of one kind, in order."""
    document = json.loads((NOTEBOOKS / name).read_text("utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == kind]


def shown(name: str, **parameters: Any) -> list[Any]:
    """The objects that the chapter's cells show, with `parameters` in the place of its defaults."""
    scope: dict[str, Any] = {}
    objects = []
    for number, source in enumerate(cells(name, "code")):
        tree = ast.parse(source)
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, f"{name}[{number}]", "exec"), scope)
        if number == 0:
            scope.update(parameters)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), f"{name}[{number}]", "eval"), scope)
            if value is not None:
                objects.append(value)
    return objects
