"""Our Pandoc Markdown: the markup of references and spoken numbers, escaping, and conversion to plain text.

Figures, tables and cards are raw blocks; the words in them are Markdown between an opening and a closing raw block, so
that pandoc resolves their citations and references too.
"""

from __future__ import annotations

import re
from typing import Literal

Target = Literal["html", "typst"]

REFERENCE = re.compile(r"\[(?P<text>(?:\\.|[^\[\]\\])*)\]\(#(?P<anchor>[^)\s]+)\)")
SPOKEN = re.compile(r'\[(?P<text>(?:\\.|[^\[\]\\])*)\]\{\.f data-f="(?P<id>[^"]+)"\}')
HEADING = re.compile(r"^(?P<marks>#{2,6})[ \t]+(?P<text>[^\n{]+?)[ \t]*$", re.MULTILINE)
CODE = re.compile(r"(^(?P<fence>`{3,}|~{3,}).*?^(?P=fence)`*~*[ \t]*$|`[^`\n]+`)", re.MULTILINE | re.DOTALL)
MARKED = re.compile(r"\]\((?:#|https?:)|\[@|\{\.f |\[\^")
# A signed amount: browsers and Typst would break the line between sign and dollar.
SIGNED = re.compile("[+\N{MINUS SIGN}-]\\$[\\d,.]*\\d")
ESCAPED_SIGNED = re.compile("\\\\?[+\N{MINUS SIGN}-]\\\\\\$[\\d,.]*\\d")

_OPENING = re.compile(r"""(?<![^\s(\[“‘–—])["'](?=\S)""")
_CLOSING = re.compile(r"""["']""")
_CURLED = {"'": "‘’", '"': "“”"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$#@^~|!&])")
_LEADING = re.compile(r"^(\d+|[ivxlcIVXLC]+|[a-zA-Z])?([-+.)(:=])")


def escape(text: str) -> str:
    """Return `text` escaped as Markdown."""
    escaped = _SPECIAL.sub(r"\\\1", text)
    return _LEADING.sub(lambda match: f"{match[1] or ''}\\{match[2]}", escaped)


def raw(target: Target, code: str) -> str:
    """Return a raw block of the target for pandoc, with a fence longer than any in `code`."""
    longest = max(map(len, re.findall(r"`{3,}", code))) if "```" in code else 2
    fence = "`" * (longest + 1)
    return f"\n\n{fence}{{={target}}}\n{code}\n{fence}\n\n"


def plain(text: str) -> str:
    """Return our inline Markdown as plain text, for attributes and file names."""
    text = SPOKEN.sub(lambda m: m["text"], text)
    text = REFERENCE.sub(lambda m: m["text"], text)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    return typographic(re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*", "", text)))


def typographic(text: str) -> str:
    """Return plain text with curly quotes and apostrophes, as pandoc makes them in Markdown."""
    if "'" not in text and '"' not in text:
        return text
    return _CLOSING.sub(lambda match: _CURLED[match[0]][1], _OPENING.sub(lambda match: _CURLED[match[0]][0], text))
