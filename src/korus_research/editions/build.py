"""The whole report in one call: run the chapters, publish, put the edition in its place, update the index."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from korus_research.chapters.notebooks import notebooks_folder
from korus_research.data.cache.store import FOLDER, Cache, digest, open_cache
from korus_research.data.catalog import open_catalog
from korus_research.data.files import output_errors
from korus_research.data.parameters import ReportParameters
from korus_research.editions.content import Spoken, edition_key, report_meta, write_content
from korus_research.editions.deposit import deposit
from korus_research.editions.edition import Draft, Edition, drafting, open_edition, versions
from korus_research.editions.index import NAME as INDEX, write_index
from korus_research.errors import ChapterFailed, InvalidParameter, OutputFolder, did_you_mean
from korus_research.publish.converters.piece import PieceCache
from korus_research.publish.meta import FORMATS, ReportMeta
from korus_research.run.chapter_cache import ChapterCache
from korus_research.run.chapters import Chapter, load_chapters
from korus_research.run.cores import default_jobs
from korus_research.run.dependencies import BuildInputs, build_inputs
from korus_research.run.executed import Executed
from korus_research.run.execution import import_papermill
from korus_research.run.plan import Plan, planned
from korus_research.run.progress import Progress
from korus_research.run.run import run_chapters


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
    """Make one edition of the report, executing only the chapters whose inputs have changed.

    Parameters
    ----------
    out, notebooks : Path
        The folder of all editions, for `<agreement>/<as_of>/`; that of the chapters (default: the project's).
    jobs, formats, progress : optional
        Number of chapters that run at once (default: one per core), what to publish, the display (default: none).
    force, plain_kernels, index : bool
        Execute and publish everything, ignoring the cache; start kernels as usual instead of forking them; update the
        page that lists all editions.

    Returns the edition in its place. An existing edition stays if it would be the same, and after an error.

    Raises
    ------
    UnknownAgreement, InvalidParameter, DamagedData, InvalidChapter
        Before anything runs.
    ChapterFailed, PublishFailed, OutputFolder, Busy
        A cell failed (the error says where notebook and error page are kept), or the report can't be typeset or
        written.
    """
    from korus_research.run.kernels.pool import KernelPool

    check_formats(formats)
    formats, jobs, progress = frozenset(formats), jobs or default_jobs(), progress or Progress()
    out, cache = _resolved(out), _cache(progress)
    with KernelPool(plain=plain_kernels, meanwhile=_import_publisher) as kernels:
        inputs = build_inputs(cache, computing=kernels.warm_up)
        pieces = PieceCache(cache, digest(inputs.publishing + inputs.environment), refresh=force)
        chapters = chapters_of(notebooks)
        plan = planned(parameters, cache, inputs, computing=kernels.warm_up)
        check_data()
        memory = ChapterCache(cache, inputs, plan.edition, ignore=force, own=plan.own)
        with drafting(out / plan.edition, formats) as draft:
            executed = _run(plan, chapters, draft, jobs=jobs, progress=progress, kernels=kernels, cache=memory)
            meta = report_meta(plan.agreement, plan.resolved, plan.left_out(chapters), plan.own)
            key = edition_key(executed, meta, inputs, formats)
            there = None if force else _unchanged(draft, cache, key)
            edition = there or _published(draft, plan, executed, inputs, meta, formats, pieces, progress)
            if there is None:
                cache.put(key, digest(edition.manifest_text).encode())
                memory.record()
    if index and (there is None or not (out / INDEX).exists()):
        write_index(out, pieces)
    cache.prune()
    progress.step("done")
    return edition


def _published(
    draft: Draft,
    plan: Plan,
    executed: Sequence[Executed],
    inputs: BuildInputs,
    meta: ReportMeta,
    formats: Collection[str],
    pieces: PieceCache,
    progress: Progress,
) -> Edition:
    """Typeset the edition, put it in its place and return it."""
    progress.step(f"publishing {' and '.join(name.upper() for name in FORMATS if name in formats)}")
    about = write_content(Spoken(executed, inputs, pieces), plan, meta, draft, formats, pieces)
    deposit(draft, about, versions())
    progress.step("putting the edition in its place")
    return draft.publish(about, formats)


def _unchanged(draft: Draft, cache: Cache, key: str) -> Edition | None:
    """Return the existing edition if publishing again would give the same bytes, else None."""
    edition, known = open_edition(draft.target), cache.get(key)
    if edition is None or known is None or digest(edition.manifest_text).encode() != known or edition.problems():
        return None
    return edition


def chapters_of(notebooks: Path | None = None) -> tuple[Chapter, ...]:
    """Return the chapters in `notebooks` (default: the project's); InvalidChapter if one is missing or invalid."""
    return load_chapters(notebooks or notebooks_folder(), parameters=tuple(ReportParameters.model_fields))


def check_formats(formats: Collection[str]) -> None:
    """Check that there is a format and all are known; InvalidParameter if not."""
    unknown = [f"format is '{name}'{did_you_mean(name, FORMATS)}" for name in formats if name not in FORMATS]
    for found in unknown or ([] if formats else ["There is no format"]):
        raise InvalidParameter(found, expected="html, pdf or html,pdf", do="Correct --format")


def check_data() -> None:
    """Check every embedded table, so that damage is one clear error (DamagedData) and not a chapter's traceback."""
    catalog = open_catalog()
    for name in catalog.names:
        dataset = catalog.describe(name)
        if not dataset.path.is_file() or digest(dataset.path.read_bytes()) != dataset.sha256:
            catalog.load(name)  # raises the error


def _resolved(out: Path) -> Path:
    try:
        return out.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links, a name that is too long
        raise OutputFolder(f"{str(out)[:80]} can't be an output folder ({error})", do="Choose another --out") from None


def _cache(progress: Progress) -> Cache:
    """Return the user's cache; tell if it can't be written, unless it is disabled."""
    cache = open_cache()
    if not cache.keeps and os.environ.get(FOLDER) != os.devnull:
        progress.step(f"nothing is remembered, since {cache.folder} can't be written: {FOLDER} names another folder")
    return cache


def _import_publisher() -> None:
    import_papermill()
    import_module("korus_research.publish.publish")


def _run(plan: Plan, chapters: Sequence[Chapter], draft: Draft, **how: Any) -> list[Executed]:
    with output_errors(draft.target.parent):
        try:
            values = dict(plan.resolved)
            return run_chapters(plan.present(chapters), values, folder=draft.work, own=plan.own, **how)
        except ChapterFailed as error:
            page = draft.keep_failure()
            raise ChapterFailed(
                error.found,
                do=f"The notebook as far as it ran and the traceback are in {page}; the published edition is unchanged",
            ) from None
