"""Run a chapter's cells in this process and collect what they show: a second, plain way beside papermill."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from korus_research.chapters.counterfactual import effect_curve
from korus_research.chapters.counterfactual.estimates.specifications import main_specification
from korus_research.methods.series import FLOWS

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = sorted(p.name for p in NOTEBOOKS.glob("[0-9]*.ipynb"))


def about(name: str) -> dict[str, Any]:
    """What a chapter's notebook says of itself: its name, which tables it reads."""
    said: dict[str, Any] = json.loads((NOTEBOOKS / name).read_text("utf-8"))["metadata"]["korus"]
    return said


def notebook(topic: str) -> str:
    """The file name of the chapter about a topic: 04_drivers.ipynb."""
    (found,) = (name for name in CHAPTERS if name[3:] == f"{topic}.ipynb")
    return found


def cells(name: str, kind: str) -> list[str]:
    """The sources of a chapter's cells of one kind, in order."""
    document = json.loads((NOTEBOOKS / name).read_text("utf-8"))
    return ["".join(cell["source"]) for cell in document["cells"] if cell["cell_type"] == kind]


@contextmanager
def thin_curve(every: int = 40) -> Iterator[None]:
    """The specification curve of a few declared specifications, the main one among them, in this process.

    The whole curve takes far longer than the chapter's other cells; what a chapter says of it is made the same way from fewer.
    """
    whole = effect_curve.all_specifications

    def thinned(calendar: Any, choices: Any, reasons: Any) -> Any:
        mains = {main_specification(flow, calendar, choices) for flow in FLOWS}
        return tuple(s for k, s in enumerate(whole(calendar, choices, reasons)) if k % every == 0 or s in mains)

    with patch.object(effect_curve, "all_specifications", thinned):
        yield


def shown(name: str, **parameters: Any) -> list[Any]:
    """The objects that the chapter's cells show, with `parameters` in the place of its defaults."""
    scope: dict[str, Any] = {}
    objects = []
    with thin_curve():
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
