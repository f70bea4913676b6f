"""Prose as JupyterLab shows it: bold, references by name, citations by author and year, what each number is.

The report numbers its exhibits; a chapter alone can't. So a reference is called as the figure or table calls itself
above its title: "Figure flows levels".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from korus_research.show.finding import Finding

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

NUMBER = "#f-"  # what the link of a spoken number begins with
_SPOKEN = re.compile(r'\[(?P<text>(?:\\.|[^\[\]\\])*)\]\{\.f data-f="(?P<id>[^"]+)"\}')
_REFERENCE = re.compile(r"\[(?P<text>(?:\\.|[^\[\]\\])*)\]\(#(?P<anchor>(?!f-)[^)\s]+)\)")
_CITED = re.compile(r"\[(?P<keys>-?@[^\]]+)\]")
_KEY = re.compile(r"-?@\{?(?P<key>[\w:.#$%&+?<>~/-]*\w)\}?")
_KINDS = {"figure", "table", "chapter", "section"}
_STYLE = "text-decoration:underline dotted 1px;text-underline-offset:3px"


def inline(markdown: str, findings: Iterable[Finding] = ()) -> str:
    """Return a sentence in Pandoc Markdown as inline HTML; the tooltip of a number says what it is."""
    known = {finding.id: finding for finding in findings}
    text = _SPOKEN.sub(lambda match: _number(match, known), markdown)
    text = _REFERENCE.sub(_reference, text)
    text = _CITED.sub(lambda match: _citation(match["keys"]), text)
    (line,) = _reader().parseInline(text)
    tokens, spans = line.children or [], list[bool]()
    for token in tokens:
        if token.type == "link_open":
            spans.append(str(token.attrs.get("href", "")).startswith(NUMBER))
            if spans[-1]:
                token.tag, token.attrs = "span", {"title": token.attrs.get("title", ""), "style": _STYLE}
        elif token.type == "link_close" and spans.pop():
            token.tag = "span"
    shown: str = _reader().renderer.render(tokens, _reader().options, {})
    return shown


def place(kind: str, id_: str) -> str:
    """Return the name of a figure or table where exhibits are not numbered: `Figure flows levels`."""
    return f"{kind.capitalize()} {id_.replace('-', ' ')}"


def _number(match: re.Match[str], known: Mapping[str, Finding]) -> str:
    found = known.get(match["id"])
    hint = " · ".join(filter(None, (found.label, found.period, found.basis))) if found else match["id"]
    return f'[{match["text"]}]({NUMBER}{match["id"]} "{_quoted(hint)}")'


def _reference(match: re.Match[str]) -> str:
    text, (kind, _, name) = match["text"], match["anchor"].partition("-")
    named = place(text, name) if text.lower() in _KINDS and name else text
    return f"[{named}](#{kind}-{name})"


def _citation(keys: str) -> str:
    """Return `[@census, p. 3; @ustr]` as `(US Census Bureau 2026, p. 3; USTR 2012)`, each a link to its page."""
    told = []
    for part in keys.split(";"):
        match = _KEY.search(part)
        work = _references().get(match["key"]) if match else None
        if match is None or work is None:
            return f"\\[{keys}\\]"
        title, rest = _quoted(str(work.get("title", ""))), part[match.end() :].strip()
        said = f'[{_author_and_year(work)}]({work.get("URL", "#references")} "{title}")'
        told.append(said + (f"{'' if rest.startswith(',') else ' '}{rest}" if rest else ""))
    return f"({'; '.join(told)})"


def _author_and_year(work: Mapping[str, Any]) -> str:
    names = [str(each.get("family") or each.get("literal") or "") for each in work.get("author") or []]
    names = names or [str(work.get("title", ""))]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    year = (work.get("issued", {}).get("date-parts") or [[""]])[0][0]
    return f"{who} {year}".strip()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@cache
def _references() -> Mapping[str, Mapping[str, Any]]:
    listed = files("korus_research") / "data" / "tables" / "references.json"
    return {work["id"]: work for work in json.loads(listed.read_text(encoding="utf-8"))}


@cache
def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False})
