"""The whole report in one call: run the chapters, gather, publish, put the edition in its place, renew the index."""

from __future__ import annotations

import hashlib
import sys
import threading
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from korus_research.errors import ChapterFailed, InvalidParameter, OutputFolder, UnknownAgreement, did_you_mean
from korus_research.report.capabilities import WORDS, capabilities, reason
from korus_research.report.chapters import Chapter, load_chapters, notebooks_folder
from korus_research.report.edition import FORMATS, Draft, Edition, drafting
from korus_research.report.exchange import locked, writing
from korus_research.report.executed import claims_csv, gather_findings
from korus_research.report.index import write_index
from korus_research.report.progress import Progress
from korus_research.report.run import Executed, default_jobs, findings_text, run_chapters, warm_up

if TYPE_CHECKING:
    from korus_research.agreements import Agreement
    from korus_research.parameters import ReportParameters, ResolvedParameters
    from korus_research.report.meta import ReportMeta


def build_report(
    parameters: ReportParameters,
    *,
    out: Path,
    jobs: int | None = None,
    formats: Collection[str] = FORMATS,
    progress: Progress | None = None,
    notebooks: Path | None = None,
) -> Edition:
    """Regenerate one edition of the report.

    Parameters
    ----------
    parameters : ReportParameters
        What to report on; anything left to None is the agreement's own default.
    out : Path
        The folder of all editions; this one becomes `out/<agreement>/<as_of>/`.
    jobs : int, optional
        How many chapters run at once; default: one for each core.
    formats : collection of {"html", "pdf"}
        What to publish.
    progress : Progress, optional
        Who watches; default: nobody.
    notebooks : Path, optional
        The folder of the chapters; default: those of the project.

    Returns
    -------
    Edition, in its place.

    Raises
    ------
    UnknownAgreement, InvalidParameter, DamagedData
        Before anything runs.
    InvalidChapter
        A chapter is missing or not fit to run.
    ChapterFailed
        A cell failed. The error says where its notebook and page are kept; what was published stays as it was.
    PublishFailed, OutputFolder, Busy
        The report can't be set, or not written. What was published stays as it was.
    """
    from korus_research.agreements import load_agreement
    from korus_research.analysis.series import month_name
    from korus_research.parameters import ReportParameters

    check_formats(formats)
    progress = progress or Progress()
    out = _resolved(out)
    warm_up()
    chapters = load_chapters(
        notebooks or notebooks_folder(), parameters=tuple(ReportParameters.model_fields), words=WORDS
    )
    _check_named(parameters.agreement)
    resolved = parameters.resolve()
    agreement = load_agreement(resolved.agreement)
    check_data()
    # The imports of the publisher take as long as a chapter; they happen while the chapters' own process gets ready.
    threading.Thread(target=_import_publisher, daemon=True).start()
    with drafting(out / resolved.agreement / resolved.as_of) as draft:
        have = capabilities(resolved)
        present = [chapter for chapter in chapters if not chapter.missing(have)]
        left_out = [
            (c.title, reason(c.missing(have)[0], month_name(resolved.as_of))) for c in chapters if c.missing(have)
        ]
        executed = _run(present, resolved, draft, jobs or default_jobs(), progress)
        progress.step("publishing " + " and ".join(format.upper() for format in FORMATS if format in formats))
        meta = report_meta(agreement, resolved, left_out)
        _write(executed, meta, draft, formats)
        progress.step("putting the edition in its place")
        edition = draft.publish(_about(agreement, resolved, meta, executed), formats)
    with writing(out), locked(out, "index", patient=True):
        write_index(out)
    progress.step("done")
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
    from korus_research.data import open_catalog

    catalog = open_catalog()
    for name in catalog.names:
        catalog.load(name)


def _resolved(out: Path) -> Path:
    try:
        return out.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links, a name that is too long
        raise OutputFolder(f"{str(out)[:80]} can't be an output folder ({error})", do="Choose another --out") from None


def _check_named(agreement: str) -> None:
    # A file by its path would do for a study, but a report names its agreement in folders, links and notebooks.
    from korus_research.agreements import list_agreements

    if agreement.endswith(".toml"):
        raise UnknownAgreement(
            f"{agreement!r} is a file, not the name of an agreement",
            expected=f"one of {', '.join(list_agreements())}",
            do="Put the file into src/korus_research/agreements/ and give its name",
        )


def _import_publisher() -> None:
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]  # see report/warm.py
    import_module("korus_research.report.exporters")


def _run(
    chapters: Sequence[Chapter], resolved: ResolvedParameters, draft: Draft, jobs: int, progress: Progress
) -> list[Executed]:
    with writing(draft.target.parent):
        try:
            return run_chapters(chapters, resolved.model_dump(), folder=draft.work, jobs=jobs, progress=progress)
        except ChapterFailed as error:
            page = draft.keep_failure()
            raise ChapterFailed(
                error.found,
                do=f"The notebook as far as it ran and the traceback are in {page}; what was published is as it was",
            ) from None


def report_meta(
    agreement: Agreement, resolved: ResolvedParameters, left_out: Sequence[tuple[str, str]] = ()
) -> ReportMeta:
    """Return what the title page and the colophon of an edition say."""
    from korus_research import __version__
    from korus_research.report.meta import ReportMeta

    parameters = resolved.model_dump()
    shown = tuple((n, ", ".join(v) if isinstance(v, tuple | list) else str(v)) for n, v in parameters.items())
    return ReportMeta(
        title=f"{agreement.short_name}: promise and outcome",
        subtitle=f"Did the {agreement.name} deliver what was promised?",
        as_of=resolved.as_of,
        agreement=resolved.agreement,
        name=agreement.name,
        name_ko=agreement.names.get("ko", ""),
        vintage_note=(
            "All values are of the newest vintage in the embedded data. An edition for an earlier month leaves out "
            "what came after that month; it does not bring back the values as they were first published."
        ),
        version=__version__,
        left_out=tuple(left_out),
        parameters=shown,
    )


def _write(executed: Sequence[Executed], meta: ReportMeta, draft: Draft, formats: Collection[str]) -> None:
    import nbformat

    from korus_research.report.publish import Format, publish

    findings = gather_findings((one.chapter.stem, one.notebook) for one in executed)
    draft.write("findings.json", findings_text(findings))
    for one in executed:
        draft.write(f"notebooks/{one.chapter.path.name}", one.text)
    if (claims := claims_csv(one.notebook for one in executed)) is not None:
        draft.write("claims.csv", claims)
    with writing(draft.target.parent):
        nodes = [nbformat.from_dict(one.notebook) for one in executed]  # type: ignore[no-untyped-call]
        publish(nodes, meta, cast("Collection[Format]", formats), draft.content)


def _about(
    agreement: Agreement, resolved: ResolvedParameters, meta: ReportMeta, executed: Sequence[Executed]
) -> dict[str, Any]:
    from korus_research.data import open_catalog

    catalog = open_catalog()
    sources = {one.chapter.path.name: hashlib.sha256(one.chapter.path.read_bytes()).hexdigest() for one in executed}
    return {
        "agreement": resolved.agreement,
        "as_of": resolved.as_of,
        "edition": meta.edition,
        "name": agreement.name,
        "name_ko": agreement.names.get("ko", ""),
        "parameters": resolved.model_dump(mode="json"),
        "chapters": sources,
        "left_out": [{"title": title, "reason": reason} for title, reason in meta.left_out],
        "data": {name: catalog.describe(name).sha256 for name in catalog.names},
    }
