"""The whole report in one call: run the chapters, gather, publish, put the edition in its place, renew the index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.chapters.notebooks import notebooks_folder
from korus_research.data.cache.store import digest, open_cache
from korus_research.data.files import locked, output_errors
from korus_research.editions.content import edition_key, report_meta, write_content
from korus_research.editions.edition import Draft, Edition, drafting, open_edition
from korus_research.editions.index import NAME as INDEX
from korus_research.editions.index import write_index
from korus_research.errors import ChapterFailed, InvalidParameter, OutputFolder, did_you_mean
from korus_research.publish.meta import FORMATS
from korus_research.run.chapter_cache import ChapterCache
from korus_research.run.chapters import Chapter, load_chapters
from korus_research.run.cores import default_jobs
from korus_research.run.dependencies import build_inputs
from korus_research.run.execution import import_papermill
from korus_research.run.plan import planned
from korus_research.run.progress import Progress
from korus_research.run.run import Executed, run_chapters

if TYPE_CHECKING:
    from korus_research.data.cache.store import Cache
    from korus_research.data.parameters import ReportParameters
    from korus_research.publish.converters.piece_cache import PieceCache
    from korus_research.run.dependencies import BuildInputs
    from korus_research.run.kernels.pool import KernelPool
    from korus_research.run.plan import Plan


def build_report(
    parameters: ReportParameters,
    *,
    out: Path,
    jobs: int | None = None,
    formats: Collection[str] = FORMATS,
    progress: Progress | None = None,
    notebooks: Path | None = None,
    force: bool = False,
    plain_kernels: bool = False,
    index: bool = True,
) -> Edition:
    """Regenerate one edition of the report, executing only the chapters that something has changed for.

    Parameters
    ----------
    parameters : ReportParameters
        What to report on; anything left to None is the agreement's own default.
    out : Path
        The folder of all editions; this one becomes `out/<agreement>/<as_of>/`.
    jobs, formats, progress : optional
        How many chapters run at once (default: one a core), what to publish, who watches (default: nobody).
    notebooks : Path, optional
        The folder of the chapters; default: those of the project.
    force, plain_kernels, index : bool
        Execute and publish everything, whatever earlier runs left; start kernels the usual way instead of forking
        them; renew the page that lists all editions, which whoever makes many does once.

    Returns
    -------
    Edition, in its place. Whatever is raised, what was published stays as it was.

    Raises
    ------
    UnknownAgreement, InvalidParameter, DamagedData, InvalidChapter
        Before anything runs.
    ChapterFailed
        A cell failed. The error says where its notebook and page are kept.
    PublishFailed, OutputFolder, Busy
        The report can't be set, or not written.
    """
    from korus_research.run.kernels.pool import KernelPool

    check_formats(formats)
    out = _resolved(out)
    cache = open_cache()
    inputs = build_inputs(cache)
    request = _Request(frozenset(formats), jobs or default_jobs(), progress or Progress(), force)
    chapters = chapters_of(notebooks)
    with KernelPool(plain=plain_kernels, meanwhile=_import_publisher) as kernels:
        plan = planned(parameters, cache, inputs, computing=kernels.warm_up)
        check_data()
        with drafting(out / plan.edition) as draft:
            edition, made = _make(request, plan, chapters, draft, kernels, inputs, cache)
    if index and (made or not (out / INDEX).exists()):
        with output_errors(out), locked(out, "index", patient=True):
            write_index(out, request.pieces(cache, inputs))
    request.progress.step("done")
    return edition


@dataclass(frozen=True)
class _Request:
    """How an edition is to be made, whatever it is about."""

    formats: frozenset[str]
    jobs: int
    progress: Progress
    force: bool

    def pieces(self, cache: Cache, inputs: BuildInputs) -> PieceCache:
        """Return what earlier runs have set of the same publication."""
        from korus_research.publish.converters.piece_cache import PieceCache

        return PieceCache(cache, digest(inputs.publishing + inputs.environment), refresh=self.force)


def _make(
    request: _Request,
    plan: Plan,
    chapters: Sequence[Chapter],
    draft: Draft,
    kernels: KernelPool,
    inputs: BuildInputs,
    cache: Cache,
) -> tuple[Edition, bool]:
    """Return the edition, and whether it was made: one that is in its place as it would be made again stays."""
    memory = ChapterCache(cache, inputs, plan.edition, ignore=request.force)
    executed = _run(plan.present(chapters), plan, draft, request, kernels, memory)
    meta = report_meta(plan.agreement, plan.resolved, plan.left_out(chapters))
    key = edition_key(executed, meta, inputs, request.formats)
    if not request.force and (edition := _unchanged(draft, cache, key)) is not None:
        return edition, False
    wanted = [format for format in FORMATS if format in request.formats]
    request.progress.step(f"publishing {' and '.join(format.upper() for format in wanted)}")
    about = write_content(executed, plan, meta, draft, request.formats, request.pieces(cache, inputs))
    request.progress.step("putting the edition in its place")
    edition = draft.publish(about, request.formats)
    cache.put(key, digest(edition.manifest_text).encode())
    memory.record()
    cache.prune()
    return edition, True


def chapters_of(notebooks: Path | None = None) -> tuple[Chapter, ...]:
    """Return the chapters in `notebooks`, or those of the project, checked.

    Raises
    ------
    InvalidChapter
        A chapter is missing or not fit to run.
    """
    from korus_research.data.parameters import ReportParameters

    folder = notebooks or notebooks_folder()
    return load_chapters(folder, parameters=tuple(ReportParameters.model_fields))


def _unchanged(draft: Draft, cache: Cache, key: str) -> Edition | None:
    """Return the edition in its place if it is, to the byte, what publishing again would give."""
    edition, known = open_edition(draft.target), cache.get(key)
    if edition is None or known is None or digest(edition.manifest_text).encode() != known or edition.problems():
        return None
    return edition


def check_formats(formats: Collection[str]) -> None:
    """Return if every format can be made and there is one.

    Raises
    ------
    InvalidParameter
        An unknown format, or none.
    """
    for name in formats:
        if name not in FORMATS:
            raise InvalidParameter(
                f"format is '{name}'{did_you_mean(name, FORMATS)}",
                expected="html, pdf or html,pdf",
                do="Correct --format",
            )
    if not formats:
        raise InvalidParameter("There is no format", expected="html, pdf or html,pdf", do="Correct --format")


def check_data() -> None:
    """Return if every embedded table is sound, so that damage is one clear error and not a chapter's traceback.

    Raises
    ------
    DamagedData
        The first table that is not what the data package describes.
    """
    from korus_research.data.catalog import open_catalog

    catalog = open_catalog()
    for name in catalog.names:
        dataset = catalog.describe(name)
        if not dataset.path.is_file() or digest(dataset.path.read_bytes()) != dataset.sha256:
            catalog.load(name)  # which says what is wrong


def _resolved(out: Path) -> Path:
    try:
        return out.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links, a name that is too long
        raise OutputFolder(f"{str(out)[:80]} can't be an output folder ({error})", do="Choose another --out") from None


def _import_publisher() -> None:
    import_papermill()
    import_module("korus_research.publish.publish")


def _run(
    chapters: Sequence[Chapter], plan: Plan, draft: Draft, request: _Request, kernels: KernelPool, memory: ChapterCache
) -> list[Executed]:
    with output_errors(draft.target.parent):
        try:
            return run_chapters(
                chapters,
                plan.resolved.model_dump(),
                folder=draft.work,
                jobs=request.jobs,
                progress=request.progress,
                kernels=kernels,
                cache=memory,
            )
        except ChapterFailed as error:
            page = draft.keep_failure()
            raise ChapterFailed(
                error.found,
                do=f"The notebook as far as it ran and the traceback are in {page}; what was published is as it was",
            ) from None
