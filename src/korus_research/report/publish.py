"""Executed notebooks to one HTML file and one PDF, with the files that their disclosures link to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from korus_research.errors import PublishFailed
from korus_research.report.exchange import write_whole, writing
from korus_research.report.imports import spare_imports
from korus_research.report.meta import ReportMeta

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from korus_research.report.exporter import KorusExporter
    from korus_research.report.provenance import Provenance

Format = Literal["html", "pdf"]
FORMATS: tuple[Format, ...] = ("html", "pdf")


@dataclass(frozen=True)
class Published:
    """What `publish` wrote."""

    folder: Path
    files: tuple[Path, ...]


def publish(
    notebooks: Sequence[NotebookNode | Path],
    meta: ReportMeta,
    formats: Collection[Format],
    folder: Path,
    *,
    provenance: Provenance | None = None,
) -> Published:
    """Write report.html and report.pdf into `folder`, and figures/*.svg, figures/*.csv and tables/*.csv beside them.

    Parameters
    ----------
    notebooks : sequence of NotebookNode or Path
        Executed chapters, in the order of the report.
    meta : ReportMeta
        What the title page says, and the one date the files carry.
    formats : collection of {"html", "pdf"}
        What to write. The files beside the report are written in any case.
    folder : Path
        Made if it is missing. Each file is written aside and moved into place whole.
    provenance : callable, optional
        Facts about a dataset by its name; default: the embedded data package.

    Returns
    -------
    Published, with the paths of all files written, sorted.

    Raises
    ------
    PublishFailed
        A chapter shows something that can't be published, or pandoc or Typst refuses the document.
    OutputFolder
        The folder can't be written.
    """
    spare_imports()
    from korus_research.report.exporters import KorusHTMLExporter, KorusPDFExporter
    from korus_research.report.gather import gather
    from korus_research.report.provenance import catalog_provenance

    if not formats or (unknown := sorted(set(formats) - set(FORMATS))):
        raise PublishFailed(
            f"Formats {', '.join(unknown) if formats else '(none)'}",
            expected="html, pdf or both",
            do="Correct --format",
        )
    read = [_read(nb) if isinstance(nb, Path) else nb for nb in notebooks]
    describe = provenance or catalog_provenance()
    kinds: dict[str, type[KorusExporter]] = {"html": KorusHTMLExporter, "pdf": KorusPDFExporter}
    # The PDF first: Typst takes longest, and both wait for programs outside the interpreter, so threads are enough.
    exporters = {name: kinds[name]() for name in reversed(FORMATS) if name in formats}
    # Once for both, and without the copies that nbconvert makes for preprocessors: a report is configured nowhere.
    book = gather(read)
    with ThreadPoolExecutor(max_workers=len(kinds)) as pool:
        jobs = {
            name: pool.submit(exporter.from_book, book, meta, provenance=describe)
            for name, exporter in exporters.items()
        }
        done = {name: job.result() for name, job in jobs.items()}
    files: dict[str, bytes] = {}
    for name, (output, resources) in done.items():
        files |= resources["outputs"]
        files[f"report.{name}"] = output if isinstance(output, bytes) else output.encode()
    with writing(folder):
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folder / path, content)
    return Published(folder, tuple(sorted(folder / path for path in files)))


def _read(path: Path) -> NotebookNode:
    import nbformat

    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except (OSError, nbformat.reader.NotJSONError, nbformat.ValidationError) as error:
        raise PublishFailed(
            f"{path} can't be read ({type(error).__name__})",
            expected="an executed notebook",
            do="Run the chapter again",
        ) from None
    return notebook
