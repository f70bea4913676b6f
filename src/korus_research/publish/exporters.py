"""nbconvert exporters: `jupyter nbconvert --execute --to korus-pdf notebooks/01_flows.ipynb` makes one document.

The notebook is published like the whole report. It is executed only with `--execute`.
"""

from __future__ import annotations

import copy
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nbconvert.exporters.exporter import Exporter
from nbconvert.preprocessors.execute import ExecutePreprocessor
from nbformat import NotebookNode
from traitlets import default

from korus_research.data.catalog import open_catalog
from korus_research.errors import KorusError, PublishFailed
from korus_research.publish.documents import MANUSCRIPTS, body_of, document
from korus_research.publish.markup import plain
from korus_research.publish.meta import ReportMeta, catalog_provenance
from korus_research.publish.report import Report, read_report


class KorusExporter(Exporter):
    """What the two exporters share."""

    format: str
    optimistic_validation = True

    def __init__(self, config: Any = None, **kw: Any) -> None:
        super().__init__(config=config, **kw)  # type: ignore[no-untyped-call]
        # Executed here, where a failure is one line: nbconvert's own step ends in a traceback, and uses other kernels.
        self._run = any(isinstance(one, ExecutePreprocessor) and one.enabled for one in self._preprocessors)
        self._preprocessors = [one for one in self._preprocessors if not isinstance(one, ExecutePreprocessor)]

    @default("file_extension")
    def _file_extension_default(self) -> str:
        return f".{self.format}"

    def from_notebook_node(  # type: ignore[override]  # nbconvert says a notebook, and its own exporters return text
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return one chapter as a document, and nbconvert's resources.

        With `--execute` it is executed first, in this interpreter. Unlike a chapter of a report, it may contain output
        of other libraries: printed text, pandas tables, pictures with alternative text (blocks/foreign.py).

        Raises
        ------
        PublishFailed
            As in `from_notebooks`; also if a cell has not run, or fails.
        """
        about = dict(resources or {})
        name, folder = (str(about.get("metadata", {}).get(key, "")) for key in ("name", "path"))
        with _one_line(self.log):
            nb = executed(nb, folder or ".", name) if self._run else nb
            check_run(nb, name)
            return self.from_notebooks([nb], single_chapter_meta(read_report([nb], own=True)), about, whole=False)

    def from_notebooks(
        self, notebooks: Sequence[NotebookNode], meta: ReportMeta, resources: Any = None, *, whole: bool = True
    ) -> tuple[str | bytes, dict[str, Any]]:
        """Return the document of executed chapters, and nbconvert's resources with the files that a page links to.

        A single chapter is not `whole`: it has no contents, and references to other chapters become words.

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
        report = read_report(read, own=not whole)
        manuscript = MANUSCRIPTS[self.format](report, meta, catalog_provenance(), whole=whole)
        output = document(body_of(manuscript), manuscript)
        if self.format == "pdf":  # a PDF holds its images and links to no file
            return output, resources
        resources["outputs"] = {**resources.get("outputs", {}), **manuscript.context.assets}
        return output.decode(), resources


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


class _Dashed(KorusExporter):
    """An exporter under its older name, which a Jupyter server can't have in its URLs and so does not offer."""

    @default("enabled")
    def _enabled_default(self) -> bool:
        return "jupyter_server.serverapp" not in sys.modules


class DashedHTMLExporter(_Dashed, KorusHTMLExporter):
    """The HTML exporter under its older name."""


class DashedPDFExporter(_Dashed, KorusPDFExporter):
    """The PDF exporter under its older name."""


@contextmanager
def _one_line(log: Any) -> Iterator[None]:
    """Let `jupyter nbconvert` end with one line for an error of ours; for other callers the error is raised."""
    try:
        yield
    except KorusError as error:
        from nbconvert.nbconvertapp import NbConvertApp

        # Not `initialized`, which is also true in a Jupyter server: both apps have a common base class.
        if not isinstance(getattr(NbConvertApp, "_instance", None), NbConvertApp):
            raise
        log.error("%s: %s", type(error).__name__, error)
        sys.exit(1)


def check_run(notebook: NotebookNode, name: str = "") -> None:
    """Check that every code cell has run; PublishFailed if not."""
    cells = [(n, cell) for n, cell in enumerate(notebook.cells, start=1) if cell.cell_type == "code" and cell.source]
    waiting = [number for number, cell in cells if cell.execution_count is None and not cell.outputs]
    if waiting:
        since = f" from cell {waiting[0]} on" if len(waiting) < len(cells) else ""
        raise PublishFailed(
            f"{_named(notebook, name)} has not run{since}",
            expected="a notebook of which every cell has run",
            do="Run it and save it, or use `jupyter nbconvert --execute`",
        )


def executed(notebook: NotebookNode, folder: str = ".", name: str = "") -> NotebookNode:
    """Return a copy of the notebook executed in `folder` with this interpreter; PublishFailed if a cell fails."""
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = copy.deepcopy(notebook)
    try:
        # As in JupyterLab, whatever the environment: matplotlib pictures are shown at the end of their cell.
        client = NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": folder}})
        client.execute(env={**os.environ, "MPLBACKEND": "module://matplotlib_inline.backend_inline"})
    except CellExecutionError as error:
        outputs = [(n, each) for n, cell in enumerate(notebook.cells, start=1) for each in cell.get("outputs", [])]
        place = next((f", cell {n}," for n, each in outputs if each["output_type"] == "error"), "")
        raise PublishFailed(
            f"{_named(notebook, name)}{place} failed with {error.ename}: {error.evalue}",
            expected="a notebook that runs from top to bottom",
            do="Run it in JupyterLab to see the failing cell",
        ) from None
    return notebook


def _named(notebook: NotebookNode, name: str) -> str:
    chapter = notebook.metadata.get("korus", {}).get("chapter")
    return f"Chapter {chapter}" if chapter else name or "The notebook"


def single_chapter_meta(report: Report) -> ReportMeta:
    """Return the metadata of a single chapter; its date is the last period in its figures and tables, if any."""
    chapter = report.chapters[0]
    periods = [getattr(block.data, "last_period", "")[:7] for block in report.blocks]
    months = [p if re.fullmatch(r"\d{4}-\d\d", p) else f"{p[:4]}-12" for p in periods if re.match(r"\d{4}", p)]
    title = f"{chapter.number}. {plain(chapter.title)}" if chapter.number else plain(chapter.title)
    month = max(months, default="")
    return ReportMeta(title=title, as_of=month, compiled=open_catalog().compiled, subtitle=plain(chapter.question))
