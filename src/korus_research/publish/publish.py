"""Executed notebooks to one HTML file and one PDF, with the files that their disclosures link to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.files import output_errors, write_whole
from korus_research.errors import PublishFailed
from korus_research.publish.converters.fragments import Fragments
from korus_research.publish.converters.piece_cache import PieceCache
from korus_research.publish.documents import MANUSCRIPTS, document, fragments
from korus_research.publish.manuscript import Manuscript
from korus_research.publish.meta import FORMATS, Provenance, ReportMeta, catalog_provenance
from korus_research.publish.report import read_report
from korus_research.run.imports import spare_imports

if TYPE_CHECKING:
    from nbformat import NotebookNode


@dataclass(frozen=True)
class Published:
    """What `publish` wrote."""

    folder: Path
    files: tuple[Path, ...]


def publish(
    notebooks: Sequence[Mapping[str, Any] | Path],
    meta: ReportMeta,
    formats: Collection[str],
    folder: Path,
    *,
    provenance: Provenance | None = None,
) -> Published:
    """Write report.html and report.pdf into `folder`, and figures/*.svg, figures/*.csv and tables/*.csv beside them.

    Parameters
    ----------
    notebooks : sequence of mapping or Path
        Executed chapters as nbformat 4 has them, in the order of the report.
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
    files: dict[str, bytes] = {}
    typeset(notebooks, meta, formats, files.__setitem__, provenance=provenance)
    with output_errors(folder):
        for path, content in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folder / path, content)
    return Published(folder, tuple(sorted(folder / path for path in files)))


def typeset(
    notebooks: Sequence[Mapping[str, Any] | Path],
    meta: ReportMeta,
    formats: Collection[str],
    write: Callable[[str, bytes], object],
    *,
    provenance: Provenance | None = None,
    known: PieceCache | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Hand over what `publish` writes to `write`: relative path and content of each file, as soon as it is made.

    What `known` has of earlier runs isn't set again. `meanwhile` is called once, before there is a report to wait for:
    Typst works for a second and leaves a processor free.

    Raises
    ------
    PublishFailed
        See `publish`.
    """
    if not formats or (unknown := sorted(set(formats) - set(FORMATS))):
        raise PublishFailed(
            f"Formats {', '.join(unknown) if formats else '(none)'}",
            expected="html, pdf or both",
            do="Correct --format",
        )
    report = read_report([_read(notebook) if isinstance(notebook, Path) else notebook for notebook in notebooks])
    describe = provenance or catalog_provenance()
    # The time goes to programs outside the interpreter, so threads are enough. Typst takes longest: the PDF is first,
    # and pandoc makes the page while Typst works, not beside the pandoc that Typst waits for (decision 55).
    with ThreadPoolExecutor(max_workers=2 * len(FORMATS)) as pool:
        bodies: list[Future[str]] = []
        assets: dict[str, bytes] = {}
        jobs: dict[str, Future[bytes]] = {}
        for name in (name for name in reversed(FORMATS) if name in formats):
            manuscript = MANUSCRIPTS[name](report, meta, provenance=describe)
            bodies.append(pool.submit(_after, bodies[-1:], fragments(manuscript, known)))
            jobs[name] = pool.submit(_finished, bodies[-1], manuscript, known)
            assets |= manuscript.assets
        try:
            for path, content in assets.items():
                write(path, content)
            meanwhile()
            for name in (name for name in FORMATS if name in jobs):
                write(f"report.{name}", jobs[name].result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _after(ahead: Sequence[Future[str]], pieces: Fragments) -> str:
    wait(ahead)
    return pieces.joined()


def _finished(body: Future[str], manuscript: Manuscript, known: PieceCache | None) -> bytes:
    return document(body.result(), manuscript, known)


def _read(path: Path) -> NotebookNode:
    spare_imports()
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
