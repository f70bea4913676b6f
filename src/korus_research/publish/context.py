"""The state of rendering a report for one target: references and spoken numbers, and the files beside the report."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from korus_research.data.cache.store import digest
from korus_research.errors import PublishFailed
from korus_research.publish import markup
from korus_research.publish.converters.piece import NO_CACHE, PieceCache
from korus_research.publish.markup import Target, escape
from korus_research.publish.meta import Provenance
from korus_research.publish.report import Block, Chapter, Report, refuse
from korus_research.publish.templates import words

BRIEF, REPORT, ANNEX = "brief", "report", "annex"  # the documents of one publication
_SPAN = re.compile(r'(?P<open><span class="f" data-f="(?P<id>[^"]+)">)(?P<text>[^<]*)</span>')
_RAW_HTML = re.compile(r"<(?:[a-zA-Z][\w-]*(?:\s[^<>]*)?/?|/[a-zA-Z][\w-]*\s*|!--.*?--)>", re.DOTALL)
_RAW_FENCE = re.compile(r"\{=\w+\}")
_NOTE = re.compile(r"\[\^(?P<label>[^\]\s]+)\]")


@dataclass
class RenderContext:
    """The state of rendering one document.

    A chapter exported by itself, without contents, is not `whole`. A report from which chapters are left out is not
    `complete`: references to their content become words instead of errors.
    """

    report: Report
    target: Target
    whole: bool = True
    complete: bool = True
    anchors: set[str] = field(default_factory=set)  # everything that can be referred to
    spoken: dict[str, Chapter] = field(default_factory=dict)  # finding id to the chapter that speaks it first
    assets: dict[str, bytes] = field(default_factory=dict)  # the files beside the report, by relative path
    provenance: Provenance = lambda name: {}
    known: PieceCache = NO_CACHE

    def __post_init__(self) -> None:
        self.anchors |= anchors_of(self.report) | set(self.report.elsewhere) | set(self.report.moved)
        self.anchors |= {"references", "numbers"}

    def made(self, make: Callable[[], str], *made_from: object) -> str:
        """Return the text that `make` makes of `made_from` and this context, if no earlier run did."""
        return self.known.made(make, self._about, *made_from)

    @cached_property
    def _about(self) -> str:
        """The digest of all that a block may be rendered with, beside itself and the provenance of its data."""
        report = self.report
        places = (report.chapters, *(sorted(one.items()) for one in (report.labels, report.elsewhere, report.moved)))
        named = (sorted(self.anchors), sorted(report.findings))
        return digest(repr((self.target, self.part, self.whole, self.complete, *places, *named)))

    @property
    def part(self) -> str:
        """The document: "brief", "report" or "annex"; "" if the publication is a single document."""
        return self.report.part

    def href(self, anchor: str) -> str:
        """Return the address of an anchor: "#fig-flows-levels", "annex.html#fig-flows-more"."""
        anchor = self.report.moved.get(anchor, anchor)
        if anchor == "numbers" or anchor.startswith("f-"):
            other = "" if self.part in ("", ANNEX) else ANNEX
        else:
            other = self.report.elsewhere.get(anchor, "")
        ending = {"html": "html", "typst": "pdf"}[self.target]
        return f"{other}.{ending}#{anchor}" if other else f"#{anchor}"

    def label(self, block: Block) -> str:
        """Return the label of a figure or table: "Figure 3"."""
        return self.report.labels[block.anchor]

    def anchor_of(self, href: str | None) -> str:
        """Return the anchor for a link of a card or a line, "" if the report has none."""
        name = (href or "").lstrip("#")
        return next((anchor for anchor in (name, f"claim-{name}", f"ch-{name}") if anchor in self.anchors), "")

    def prepare(self, text: str, block: Block) -> str:
        """Return the Markdown of a cell or sentence with numbered references and marked numbers for the target.

        Raises
        ------
        PublishFailed
            Raw HTML, a broken reference, or a spoken number whose finding is not in the report.
        """
        # re.split with two groups returns prose, code, fence, prose, ...: only the prose is changed.
        pieces = markup.CODE.split(text)
        pieces[::3] = [self._prepare_prose(prose, block) for prose in pieces[::3]]
        if raw := next(filter(_RAW_FENCE.search, pieces[1::3]), None):
            raise _raw_markup(block, raw)
        del pieces[2::3]
        return "".join(pieces).strip("\n")

    def inline(self, text: str, block: Block) -> str:
        """Return a title, caption or note as a line of Markdown: as given if it has our markup, else escaped."""
        line = " ".join(text.split())
        if markup.MARKED.search(line):
            return self.prepare(line, block)
        line = escape(line)
        return markup.ESCAPED_SIGNED.sub(r"[\g<0>]{.n}", line) if self.target == "html" else line

    def source(self, block: Block) -> str:
        """Return the source line without the leading word."""
        return self.inline(re.sub(rf"^{words().source}:\s*", "", block.data.source), block)

    def link_numbers(self, page: str) -> str:
        """Return a page with each spoken number linked to its entry in the list of numbers.

        After pandoc, which would need twice the time to parse some thousand links with titles.
        """
        hints: dict[str, str] = {}

        def link(match: re.Match[str]) -> str:
            name = match["id"]
            if name not in hints:
                finding = self.report.findings[name]
                hint = " · ".join(filter(None, (finding["label"], finding["period"], finding["basis"])))
                hints[name] = html.escape(hint.replace("\\", "").replace('"', "”"))
            return f'{match["open"]}<a href="{self.href(f"f-{name}")}" title="{hints[name]}">{match["text"]}</a></span>'

        return _SPAN.sub(link, page)

    def _prepare_prose(self, text: str, block: Block) -> str:
        if raw := _RAW_HTML.search(text) or _RAW_FENCE.search(text):
            raise _raw_markup(block, raw[0])
        text = markup.SPOKEN.sub(lambda match: self._spoken(match, block), text)
        text = markup.REFERENCE.sub(lambda match: self._reference(match, block), text)
        text = _NOTE.sub(lambda match: f"[^{block.chapter.id}-{match['label']}]", text)
        return markup.HEADING.sub(lambda m: f"{m['marks']} {m['text']} {{#{_section_id(block, m['text'])}}}", text)

    def _spoken(self, match: re.Match[str], block: Block) -> str:
        name = match["id"]
        if name not in self.report.findings:
            raise refuse(
                block.place,
                f"the number '{match['text']}' is of a finding '{name}' that no output of the report carries",
                expected="the finding in the same output",
                do="Write it with kr.say",
            )
        self.spoken.setdefault(name, block.chapter)
        return match[0] if self.target == "html" else match["text"]

    def _reference(self, match: re.Match[str], block: Block) -> str:
        text, anchor = match["text"], match["anchor"]
        label = self.report.labels.get(anchor, "")
        if anchor.startswith("f-"):
            return match[0]
        if anchor not in self.anchors:
            kind, _, name = anchor.partition("-")
            if self.complete:
                raise refuse(
                    block.place,
                    f"a reference to '#{anchor}', which the report does not have",
                    expected="a figure, table, chapter, claim or dataset of the report",
                    do="Correct the reference, or name the chapter it belongs to in left_out",
                )
            if kind == "ch":
                return words().chapter_elsewhere.format(chapter=escape(name.replace("-", " ").capitalize()))
            return words().elsewhere.format(what=text)
        named = label and text.lower() in ("figure", "table", "chapter", "section")
        return f"[{label if named else text}]({self.href(anchor)})"


def anchors_of(report: Report) -> set[str]:
    """Return everything in a document that can be referred to."""
    anchors = {chapter.anchor for chapter in report.chapters}
    for block in report.blocks:
        anchors |= {block.anchor} - {""}
        if block.kind == "cards":
            anchors |= {f"claim-{card.id}" for card in block.data.cards}
        elif block.kind == "datasets":
            anchors |= {f"data-{entry.name}" for entry in block.data.entries}
        elif block.kind == "prose":
            found = markup.HEADING.finditer(markup.CODE.sub("", block.data.markdown))
            anchors |= {_section_id(block, match["text"]) for match in found}
    return anchors


def _raw_markup(block: Block, found: str) -> PublishFailed:
    return refuse(
        block.place,
        f"raw markup in Markdown: {found[:60]}",
        expected="plain Markdown",
        do="Write it in Markdown, or escape the < with a backslash",
    )


def _section_id(block: Block, heading: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", markup.plain(heading).lower()).strip("-")
    return f"{block.chapter.id}-{slug or 'section'}"
