"""The content of an edition: the report, the files beside it, and the facts of its title page and manifest."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial, reduce
from operator import getitem
from pathlib import Path
from typing import Any

from korus_research import __version__
from korus_research.data.agreements import Agreement, OwnFile
from korus_research.data.cache.store import digest
from korus_research.data.catalog import open_catalog
from korus_research.data.files import output_errors
from korus_research.data.parameters import ResolvedParameters
from korus_research.data.study import Study
from korus_research.data.toml import read_toml
from korus_research.editions.edition import Draft, versions
from korus_research.editions.index.listing import compared, front
from korus_research.publish.converters.bibliography import REFERENCES
from korus_research.publish.converters.piece import PieceCache
from korus_research.publish.meta import ReportMeta, catalog_provenance
from korus_research.run.chapters import read_notebook
from korus_research.run.dependencies import BuildInputs
from korus_research.run.executed import Executed, claims_csv, dumps, gather_findings
from korus_research.run.plan import Plan
from korus_research.run.run import findings_text
from korus_research.show.finding import Finding
from korus_research.show.words import respeak

INDEX_FROM_HERE = "../../index.html"
WORDS = Path(__file__).with_name("words.toml")


def edition_key(executed: Sequence[Executed], meta: ReportMeta, inputs: BuildInputs, formats: Collection[str]) -> str:
    """Return the digest of everything that publishing reads; editions with the same key are identical byte for byte."""
    # The tables: their titles, sources and hashes stand beside each figure.
    content = [one.digest for one in executed] + [repr(meta), inputs.publishing, inputs.speaking, inputs.tables]
    return f"edition-{digest(json.dumps([content, inputs.environment, sorted(formats)], sort_keys=True))}"


class Spoken:
    """Executed chapters with today's words, exactly as executing them now would give (decision 141).

    `pieces` holds chapters that earlier runs made from the same words and findings. Raises what `respeak.spoken_again`
    raises.

    Attributes
    ----------
    notebooks : list of mapping
        The chapters for publishing. One with changed words still has its earlier HTML for JupyterLab, which only
        `written` renews.
    """

    def __init__(self, executed: Sequence[Executed], inputs: BuildInputs, pieces: PieceCache) -> None:
        # Two chapters with two values of one finding: speaking them again would print one of the two in both.
        gather_findings((one.chapter.stem, one.notebook) for one in executed)
        self._executed, self._pieces = executed, pieces
        package, findings = inputs.package, [one.digest for one in executed]
        references = digest(REFERENCES.read_bytes()) if REFERENCES.is_file() else ""
        words = sorted(name for name in package.sources if Path(name).name == WORDS.name)
        speaker = package.digests(package.reach([respeak.__name__]))
        self._keys, self._texts = list[tuple[object, ...]](), list[str | None]()
        self.notebooks = list[Mapping[str, Any]]()
        for one in executed:
            topics = {block["words"]["chapter"] for block in respeak.blocks(one.notebook) if block.get("words")}
            files = package.digests(name for name in words if Path(name).parent.name in topics)
            self._keys.append(("spoken", one.chapter.stem, findings, files, speaker, references))
            self._texts.append(text := pieces.get(*self._keys[-1]))
            if text is None:
                self.notebooks.append(respeak.spoken_again(one.notebook, self._known))
            else:
                self.notebooks.append(json.loads(text) if text else one.notebook)

    @cached_property
    def _known(self) -> Mapping[str, Finding]:
        return respeak.carried(one.notebook for one in self._executed)

    def written(self) -> list[Executed]:
        """Return the chapters with their notebooks as saved, and store changed ones for later runs."""
        pairs = zip(self._executed, self.notebooks, self._texts, self._keys, strict=True)
        return [self._written(*pair) for pair in pairs]

    def _written(self, one: Executed, now: Mapping[str, Any], text: str | None, key: tuple[object, ...]) -> Executed:
        if text is None:
            shown = respeak.spoken_again(one.notebook, self._known, html=True)
            text = "" if shown is one.notebook else dumps(shown)
            self._pieces.put(text, *key)
        return Executed(one.chapter, text, json.loads(text)) if text else one


def report_meta(
    agreement: Agreement,
    resolved: ResolvedParameters,
    left_out: Sequence[tuple[str, str]] = (),
    own: OwnFile | None = None,
) -> ReportMeta:
    """Return the facts of an edition's title page and colophon; a user's `own` agreement file by name and hash."""
    shown = resolved.model_dump()
    if own is not None:
        shown["agreement"] = f"{own.name} (SHA-256 {own.sha256[:12]})"
    return ReportMeta(
        **_said(agreement, resolved),
        as_of=resolved.as_of,
        published=open_catalog().compiled,
        agreement=agreement.id,
        name=agreement.name,
        name_ko=agreement.names.get("ko", ""),
        version=__version__,
        left_out=tuple(left_out),
        parameters=tuple((n, ", ".join(v) if isinstance(v, tuple | list) else str(v)) for n, v in shown.items()),
    )


def _said(agreement: Agreement, resolved: ResolvedParameters) -> dict[str, Any]:
    """Return the texts of words.toml for an edition, by the field of `ReportMeta` that each fills."""
    file, said = read_toml(WORDS), {}
    names = {"short_name": agreement.short_name, "name": agreement.name}
    at: dict[str, tuple[str, ...]] = {name: (name,) for name in ("title", "subtitle", "vintage_note")}
    if resolved.published:
        study = Study(agreement, resolved, open_catalog())
        names |= {"month": study.names["as_of"], "tables": "; ".join(_as_published(study))}
        at |= {name: ("published", name) for name in ("edition", "vintage_note")}
    for key, keys in at.items():
        try:
            text: Any = reduce(getitem, keys, file.content)
            said[key] = text.format(**names)
        except (KeyError, IndexError, ValueError, AttributeError, TypeError) as problem:
            found = f"can't be said ({type(problem).__name__}: {problem})"
            expected = f"a text that names {', '.join(f'{{{name}}}' for name in names)} and nothing else in braces"
            raise file.error(keys, found, expected=expected) from None
    return said


def _as_published(study: Study) -> Iterator[str]:
    """Yield the title of each table with values as published then, with the partner's name if only for one partner."""
    for name in study.catalog.names:
        if (vintage := study.vintage(name)).published:
            only = f" ({study.names['partner']})" if vintage.only else ""
            yield study.catalog.describe(name).title + only


def vintages(agreement: Agreement, resolved: ResolvedParameters) -> dict[str, str]:
    """Return by table when its values were published; empty for an edition of today's values."""
    if not resolved.published:
        return {}
    from korus_research.chapters.appendix.blocks import vintage_said

    study = Study(agreement, resolved, open_catalog())
    return {name: vintage_said(study, name) for name in study.catalog.names}


def write_content(
    spoken: Spoken,
    plan: Plan,
    meta: ReportMeta,
    draft: Draft,
    formats: Collection[str],
    pieces: PieceCache,
) -> dict[str, Any]:
    """Write every file of an edition into `draft`, and return the facts for its manifest.

    Raises PublishFailed if the report can't be typeset, InvalidChapter if two chapters give different values of one
    finding, and OutputFolder if a file can't be written.
    """
    from korus_research.publish.publish import typeset
    from korus_research.publish.storyboard.parts import storyboard

    about: dict[str, Any] = {}
    claims = claims_csv(spoken.notebooks)
    published = vintages(plan.agreement, plan.resolved)
    meta = replace(meta, beside=("findings.json", *(["claims.csv"] if claims else []), INDEX_FROM_HERE))

    def write(name: str, content: bytes) -> None:
        if name == "report.html":
            about["front"] = front(content.decode(), meta, claims)
        draft.write(name, content)

    def beside() -> None:
        executed, catalog = spoken.written(), open_catalog()
        findings = gather_findings((one.chapter.stem, one.notebook) for one in executed)
        draft.write("findings.json", pieces.made(partial(findings_text, findings), "findings", findings))
        versions()  # which the manifest needs; slow
        for one in executed:
            draft.write(f"notebooks/{one.chapter.path.name}", one.text)
        if plan.own is not None:  # beside the notebooks, which name it
            draft.write(f"notebooks/{plan.own.name}", plan.own.content)
            about["agreement_file"] = {"name": plan.own.name, "sha256": plan.own.sha256}
        if claims is not None:
            draft.write("claims.csv", claims)
        about.update(
            agreement=plan.agreement.id,
            as_of=plan.resolved.as_of,
            edition=meta.edition,
            published=meta.published,
            cite_as=meta.cite_as,
            name=plan.agreement.name,
            name_ko=meta.name_ko,
            parameters=plan.resolved.model_dump(mode="json"),
            chapters={one.chapter.path.name: digest(dumps(read_notebook(one.chapter.path))) for one in executed},
            compared=compared(findings),
            left_out=[{"title": title, "reason": reason} for title, reason in meta.left_out],
            data={name: catalog.describe(name).sha256 for name in catalog.names},
            **({"vintages": published} if published else {}),
        )

    with output_errors(draft.target.parent):
        how: dict[str, Any] = {"sections": storyboard(), "known": pieces, "meanwhile": beside}
        how["provenance"] = catalog_provenance(published)
        typeset(spoken.notebooks, meta, formats, write, **how)
    return about
