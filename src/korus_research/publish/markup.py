"""Pandoc Markdown before pandoc sees it: references numbered, spoken numbers linked, headings and notes named.

Blocks of a target (figures, tables) go in as raw blocks; the words in them stay Markdown between an opening and a
closing raw block, so that pandoc resolves the citations and references in them too.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from korus_research.publish.checks import refuse
from korus_research.publish.gather import Block, Book

Target = Literal["html", "typst"]

_REFERENCE = re.compile(r"\[(?P<text>(?:\\.|[^\[\]\\])*)\]\(#(?P<anchor>[^)\s]+)\)")
_SPOKEN = re.compile(r'\[(?P<text>(?:\\.|[^\[\]\\])*)\]\{\.f data-f="(?P<id>[^"]+)"\}')
_SPAN = re.compile(r'(?P<open><span class="f" data-f="(?P<id>[^"]+)">)(?P<text>[^<]*)</span>')
_HEADING = re.compile(r"^(?P<marks>#{2,6})[ \t]+(?P<text>[^\n{]+?)[ \t]*$", re.MULTILINE)
_NOTE = re.compile(r"\[\^(?P<label>[^\]\s]+)\]")
CODE = re.compile(r"(^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)`*~*[ \t]*$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
_RAW_HTML = re.compile(r"<(?:[a-zA-Z][\w-]*(?:\s[^<>]*)?/?|/[a-zA-Z][\w-]*\s*|!--.*?--)>", re.DOTALL)
_RAW_FENCE = re.compile(r"\{=\w+\}")
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$#@^~|!&])")
_LEADING = re.compile(r"^(\d+|[ivxlcIVXLC]+|[a-zA-Z])?([-+.)(:=])")
# A signed amount, which browsers and Typst would break between the sign and the dollar.
SIGNED = re.compile("[+\N{MINUS SIGN}-]\\$[\\d,.]*\\d")
_ESCAPED_SIGNED = re.compile("\\\\?[+\N{MINUS SIGN}-]\\\\\\$[\\d,.]*\\d")
MARKED = re.compile(r"\]\(#|\[@|\{\.f |\[\^")


@dataclass
class Sheet:
    """The report while it is being written for one target: what has been referred to, and the files beside it."""

    book: Book
    target: Target
    whole: bool = True
    """False for a chapter exported alone, which has no contents."""
    complete: bool = True
    """False where chapters are missing on purpose: references to what they hold become words instead of errors."""
    anchors: set[str] = field(default_factory=set)
    spoken: dict[str, Block] = field(default_factory=dict)
    """Finding id to where it is spoken first."""
    assets: dict[str, bytes] = field(default_factory=dict)
    provenance: Callable[[str], Mapping[str, Any]] = field(default=lambda name: {})

    def __post_init__(self) -> None:
        self.anchors |= set(self.book.labels) | {"references", "numbers"}
        for block in self.book.blocks:
            if block.kind == "cards":
                self.anchors |= {f"claim-{card['id']}" for card in block.data["cards"]}
            elif block.kind == "scoreboard":
                self.anchors.add(f"scoreboard-{block.data['id']}")
            elif block.kind == "datasets":
                self.anchors |= {f"data-{entry['name']}" for entry in block.data["entries"]}
            elif block.kind in ("markdown", "prose"):
                self.anchors |= {_section_id(block, match["text"]) for match in _headings(block.data["markdown"])}

    def target_of(self, href: str | None) -> str:
        """Return the anchor that a link of a card or scoreboard means, "" where the report has no such place."""
        name = (href or "").lstrip("#")
        return next((anchor for anchor in (name, f"claim-{name}", f"ch-{name}") if anchor in self.anchors), "")

    def prepare(self, text: str, block: Block) -> str:
        """Return the Markdown of a cell or sentence with references numbered and spoken numbers marked for the target.

        Raises
        ------
        PublishFailed
            Raw HTML, a reference to nothing, or a spoken number whose finding is not in the report.
        """
        pieces = CODE.split(text)
        # re.split with two groups gives prose, code, fence, prose, ...: only the prose is rewritten.
        out: list[str] = []
        for index in range(0, len(pieces), 3):
            out.append(self._prepare_prose(pieces[index], block))
            if index + 1 < len(pieces):
                code = pieces[index + 1]
                if _RAW_FENCE.search(code):
                    raise self._raw(block, code)
                out.append(code)
        return "".join(out).strip("\n")

    def inline(self, text: str, block: Block) -> str:
        """Return a title, caption or note as a line of Markdown: as it is if it holds our marks, else to the letter."""
        line = " ".join(str(text).split())
        if MARKED.search(line):
            return self.prepare(line, block)
        return _ESCAPED_SIGNED.sub(r"[\g<0>]{.n}", escape(line)) if self.target == "html" else escape(line)

    def source(self, block: Block) -> str:
        """Return the source line without the word that stands before it."""
        return self.inline(re.sub(r"^Source:\s*", "", str(block.data["source"])), block)

    def _prepare_prose(self, text: str, block: Block) -> str:
        if raw := _RAW_HTML.search(text) or _RAW_FENCE.search(text):
            raise self._raw(block, raw[0])
        text = _SPOKEN.sub(lambda match: self._spoken(match, block), text)
        text = _REFERENCE.sub(lambda match: self._reference(match, block), text)
        text = _NOTE.sub(lambda match: f"[^{block.chapter.id}-{match['label']}]", text)
        return _HEADING.sub(lambda m: f"{m['marks']} {m['text']} {{#{_section_id(block, m['text'])}}}", text)

    def _raw(self, block: Block, found: str) -> Exception:
        return refuse(
            block.place,
            f"raw markup in Markdown: {found[:60]}",
            expected="plain Markdown",
            do="Write it in Markdown, or escape the < with a backslash",
        )

    def _spoken(self, match: re.Match[str], block: Block) -> str:
        name = match["id"]
        if name not in self.book.findings:
            raise refuse(
                block.place,
                f"the number '{match['text']}' is of a finding '{name}' that no output of the report carries",
                expected="the finding in the same output",
                do="Speak it with kr.say",
            )
        self.spoken.setdefault(name, block)
        return match[0] if self.target == "html" else match["text"]

    def linked(self, page: str) -> str:
        """Return a page with each spoken number linked to its line in the list of numbers, which says what it is.

        After pandoc and not before: reading some thousand links with titles would take it as long as all the rest.
        """

        def link(match: re.Match[str]) -> str:
            finding = self.book.findings[match["id"]]
            hint = " · ".join(str(finding[key]) for key in ("label", "period", "basis") if finding.get(key))
            hint = html.escape(hint.replace("\\", "").replace('"', "”"))
            return f'{match["open"]}<a href="#f-{match["id"]}" title="{hint}">{match["text"]}</a></span>'

        return _SPAN.sub(link, page)

    def _reference(self, match: re.Match[str], block: Block) -> str:
        text, anchor = match["text"], match["anchor"]
        label = self.book.labels.get(anchor, "")
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
                return f"the chapter *{escape(name.replace('-', ' ').capitalize())}* of the full report"
            return f"{text} in the full report"
        if label and text.lower() in ("figure", "table", "chapter"):
            text = label
        return f"[{text}](#{anchor})"


def escape(text: str) -> str:
    """Return `text` as Markdown that reads exactly so."""
    escaped = _SPECIAL.sub(r"\\\1", text)
    return _LEADING.sub(lambda match: f"{match[1] or ''}\\{match[2]}", escaped)


def raw(target: Target, code: str) -> str:
    """Return a raw block of the target for pandoc; the fence is longer than any in `code`."""
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"\n\n{fence}{{={target}}}\n{code}\n{fence}\n\n"


def plain(text: str) -> str:
    """Return inline Markdown of ours as plain text, for attributes and file names."""
    text = _SPOKEN.sub(lambda m: m["text"], text)
    text = _REFERENCE.sub(lambda m: m["text"], text)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*", "", text))


def _headings(text: str) -> list[re.Match[str]]:
    return list(_HEADING.finditer(CODE.sub("", text)))


def _section_id(block: Block, heading: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", plain(heading).lower()).strip("-")
    return f"{block.chapter.id}-{slug or 'section'}"
