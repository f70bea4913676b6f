"""One chapter exported by itself by `jupyter nbconvert`: executed if it isn't yet, dated by what it shows."""

from __future__ import annotations

import copy
import os
import re
from typing import TYPE_CHECKING

from korus_research.errors import PublishFailed
from korus_research.publish.gather import gather
from korus_research.publish.markup import plain
from korus_research.publish.meta import ReportMeta

if TYPE_CHECKING:
    from nbformat import NotebookNode


def executed(notebook: NotebookNode, folder: str = ".") -> NotebookNode:
    """Return the notebook itself if any code cell of it has run, else a copy that nbclient has executed in `folder`.

    Raises
    ------
    PublishFailed
        A cell failed.
    """
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if not code or any(cell.execution_count is not None or cell.outputs for cell in code):
        return notebook
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = copy.deepcopy(notebook)
    try:
        # Without a backend of its own the kernel shows every figure a second time, as an empty one.
        client = NotebookClient(notebook, resources={"metadata": {"path": folder}})
        client.execute(env={**os.environ, "MPLBACKEND": "agg"})
    except CellExecutionError as error:
        name = notebook.metadata.get("korus", {}).get("chapter", "the notebook")
        raise PublishFailed(
            f"Chapter {name} failed with {error.ename}: {error.evalue}",
            expected="a notebook that runs from top to bottom",
            do="Run it in JupyterLab to see the failing cell",
        ) from None
    return notebook


def meta_of(notebook: NotebookNode) -> ReportMeta:
    """Return what one chapter alone says about itself; its date is the last period that it shows."""
    book = gather([notebook])
    chapter = book.chapters[0]
    periods = [str(block.data.get("last_period", ""))[:7] for block in book.blocks]
    months = [p if re.fullmatch(r"\d{4}-\d\d", p) else f"{p[:4]}-12" for p in periods if re.match(r"\d{4}", p)]
    title = f"{chapter.number}. {plain(chapter.title)}" if chapter.number else plain(chapter.title)
    return ReportMeta(title=title, as_of=max(months, default="2000-01"), subtitle=plain(chapter.question))
