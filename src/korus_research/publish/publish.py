"""Typeset executed notebooks as brief, report and annex in HTML and PDF, with the data files that they link to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from importlib import import_module
from typing import Any

from korus_research.errors import PublishFailed
from korus_research.publish.context import REPORT
from korus_research.publish.converters.pages import pages
from korus_research.publish.converters.piece import NO_CACHE, PieceCache
from korus_research.publish.documents import MANUSCRIPTS, body_of, document
from korus_research.publish.manuscript import PAGE, Manuscript
from korus_research.publish.meta import FORMATS, Provenance, ReportMeta, catalog_provenance
from korus_research.publish.report import Chapter, Report, read_report
from korus_research.publish.storyboard.parts import DOCUMENTS, Section, arranged
from korus_research.publish.templates import words


def typeset(
    notebooks: Sequence[Mapping[str, Any]],
    meta: ReportMeta,
    formats: Collection[str],
    write: Callable[[str, bytes], object],
    *,
    sections: Sequence[Section] = (),
    provenance: Provenance | None = None,
    known: PieceCache = NO_CACHE,
    meanwhile: Callable[[], object] = lambda: None,
) -> None:
    """Make the documents, and figures/*.svg, figures/*.csv and tables/*.csv beside them, and pass each to `write`.

    With a storyboard these are brief.pdf, report.html, report.pdf, annex.html and annex.pdf; without one, or if none of
    its blocks exists, report.html and report.pdf.

    Parameters
    ----------
    notebooks
        Executed chapters in nbformat 4, in the order of the report.
    formats
        "html", "pdf" or both. The data files are made in any case.
    write
        Called with the relative path and the content of each file, as soon as it is made.
    sections
        The storyboard; without one the report is one document, its chapters in the order given.
    provenance
        Default: the embedded data package.
    known
        Cached pieces of earlier runs.
    meanwhile
        Called once, while Typst works, which leaves a core free for a second.

    Raises
    ------
    PublishFailed
        A chapter has output that can't be published, or pandoc or Typst rejects the document.
    """
    if not formats or (unknown := sorted(set(formats) - set(FORMATS))):
        raise PublishFailed(
            f"Formats {', '.join(unknown) if formats else '(none)'}",
            expected="html, pdf or both",
            do="Correct --format",
        )
    report, describe = read_report(notebooks), provenance or catalog_provenance()
    # The time goes to programs outside the interpreter, so threads are enough. Typst takes longest: the PDFs are first,
    # and all else is made while Typst works, pages by pandoc not beside the pandoc that Typst waits for (decision 55).
    with ThreadPoolExecutor(max_workers=2 * sum(map(len, DOCUMENTS.values()))) as pool:
        try:
            manuscripts = _manuscripts(arranged(report, sections), meta, formats, describe, known)
            jobs, assets = _submitted(pool, manuscripts, known)
            for path, content in assets.items():
                write(path, content)
            meanwhile()
            for name in sorted(jobs, key=lambda name: name.endswith(".pdf")):
                write(name, jobs[name].result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _manuscripts(
    parts: Mapping[str, Report],
    meta: ReportMeta,
    formats: Collection[str],
    describe: Provenance,
    known: PieceCache,
) -> Iterator[tuple[str, Manuscript]]:
    """Yield the names of the documents and their manuscripts, in the order in which they are typeset."""
    names = [(p, f) for f in reversed(FORMATS) if f in formats for p in DOCUMENTS[f] if p in parts]
    if len(parts) > 1:
        meta = replace(meta, beside=(*sorted(f"{part}.{format}" for part, format in names), *meta.beside))
    spoken: dict[str, Chapter] = {}
    for part, format in names:
        yield f"{part}.{format}", MANUSCRIPTS[format](parts[part], meta, describe, spoken=spoken, known=known)


def _submitted(
    pool: ThreadPoolExecutor, manuscripts: Iterable[tuple[str, Manuscript]], known: PieceCache
) -> tuple[dict[str, Future[bytes]], dict[str, bytes]]:
    """Submit the documents; return their futures and the data files, by name. Bodies are made one after the other."""
    jobs, assets = dict[str, Future[bytes]](), dict[str, bytes]()
    body: Future[str] | None = None
    for name, manuscript in manuscripts:
        body = pool.submit(_after, body, manuscript, known)
        jobs[name] = pool.submit(_finished, body, manuscript, known, jobs.get(f"{REPORT}.pdf"))
        assets |= manuscript.context.assets
    if any(name.endswith(".pdf") for name in jobs):
        import_module("pikepdf")  # slow, and needed as soon as Typst is done
    return jobs, assets


def _after(ahead: Future[str] | None, manuscript: Manuscript, known: PieceCache) -> str:
    wait([ahead] if ahead else [])
    return body_of(manuscript, known)


def _finished(body: Future[str], manuscript: Manuscript, known: PieceCache, report: Future[bytes] | None) -> bytes:
    _ = manuscript.drawings  # while pandoc works
    text, marks = body.result(), re.compile(PAGE.format(anchor="([\\w-]+)"))
    if marks.search(text):
        known_pages = pages(report.result()) if report else {}
        text = marks.sub(lambda m: words().on_page.format(page=p) if (p := known_pages.get(m[1])) else "", text)
    return document(text, manuscript, known)
