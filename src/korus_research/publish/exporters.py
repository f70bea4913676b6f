"""nbconvert exporters: `jupyter nbconvert --to korus-pdf notebooks/01_flows.ipynb` makes one chapter a document.

It takes the road of the whole report, which is just more than one notebook.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Sequence
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbformat import NotebookNode
from traitlets import default

from korus_research.errors import PublishFailed
from korus_research.publish.documents import MANUSCRIPTS, body_of, document
from korus_research.publish.markup import plain
from korus_research.publish.meta import ReportMeta, catalog_provenance
from korus_research.publish.report import Report, read_report


class KorusExporter(Exporter):
    """What the two exporters share."""

    format: str
    optimistic_validation = True

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return f".{self.format}"

    def from_notebook_node(  # type: ignore[override]  # nbconvert says a notebook, and its own exporters return text
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return one chapter set as a document of its own, and nbconvert's resources.

        A notebook none of whose code cells has run is executed first.

        Raises
        ------
        PublishFailed
            See `from_notebooks`; also a cell that fails.
        """
        about = dict(resources or {})
        nb = executed(nb, str(about.get("metadata", {}).get("path", "") or "."))
        return self.from_notebooks([nb], single_chapter_meta(read_report([nb])), about, whole=False)

    def from_notebooks(
        self, notebooks: Sequence[NotebookNode], meta: ReportMeta, resources: Any = None, *, whole: bool = True
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return the document made of executed chapters, and nbconvert's resources with the files beside it.

        One chapter by itself is not `whole`: no contents, and references to other chapters become words.

        Raises
        ------
        PublishFailed
            See `read_report`, `Manuscript`, `body_of` and `document`.
        """
        resources = self._init_resources(resources)  # type: ignore[no-untyped-call]
        read = []
        for notebook in notebooks:
            ready, resources = super().from_notebook_node(notebook, resources)
            read.append(ready)
        manuscript = MANUSCRIPTS[self.format](read_report(read), meta, catalog_provenance(), whole=whole)
        output = document(body_of(manuscript), manuscript)
        resources["outputs"] = {**resources.get("outputs", {}), **manuscript.context.assets}
        return output.decode() if self.format == "html" else output, resources


class KorusHTMLExporter(KorusExporter):
    """One self-contained, accessible HTML file."""

    format = "html"
    export_from_notebook = "korus-research HTML"
    output_mimetype = "text/html"


class KorusPDFExporter(KorusExporter):
    """One tagged PDF (PDF/UA-1), set by Typst."""

    format = "pdf"
    export_from_notebook = "korus-research PDF"
    output_mimetype = "application/pdf"


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


def single_chapter_meta(report: Report) -> ReportMeta:
    """Return what one chapter by itself says about itself; its date is the last period that it shows."""
    chapter = report.chapters[0]
    periods = [getattr(block.data, "last_period", "")[:7] for block in report.blocks]
    months = [p if re.fullmatch(r"\d{4}-\d\d", p) else f"{p[:4]}-12" for p in periods if re.match(r"\d{4}", p)]
    title = f"{chapter.number}. {plain(chapter.title)}" if chapter.number else plain(chapter.title)
    return ReportMeta(title=title, as_of=max(months, default="2000-01"), subtitle=plain(chapter.question))
