"""Pandoc Markdown as text: what marks references and spoken numbers in it, how to escape into it and read it plainly.

Blocks that Markdown has no words for (figures, tables, cards) go in as raw blocks; the words in them stay Markdown
between an opening and a closing raw block, so that pandoc resolves the citations and references in them too.
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
# A signed amount, which browsers and Typst would break between the sign and the dollar.
SIGNED = re.compile("[+\N{MINUS SIGN}-]\\$[\\d,.]*\\d")
ESCAPED_SIGNED = re.compile("\\\\?[+\N{MINUS SIGN}-]\\\\\\$[\\d,.]*\\d")

_OPENING = re.compile(r"""(?<![^\s(\[“‘–—])["'](?=\S)""")
_CLOSING = re.compile(r"""["']""")
_CURLED = {"'": "‘’", '"': "“”"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>$#@^~|!&])")
_LEADING = re.compile(r"^(\d+|[ivxlcIVXLC]+|[a-zA-Z])?([-+.)(:=])")


def escape(text: str) -> str:
    """Return `text` as Markdown that reads exactly so."""
    escaped = _SPECIAL.sub(r"\\\1", text)
    return _LEADING.sub(lambda match: f"{match[1] or ''}\\{match[2]}", escaped)


def raw(target: Target, code: str) -> str:
    """Return a raw block of the target for pandoc; the fence is longer than any in `code`."""
    longest = max(map(len, re.findall(r"`{3,}", code))) if "```" in code else 2
    fence = "`" * (longest + 1)
    return f"\n\n{fence}{{={target}}}\n{code}\n{fence}\n\n"


def plain(text: str) -> str:
    """Return inline Markdown of ours as plain text, for attributes and file names."""
    text = SPOKEN.sub(lambda m: m["text"], text)
    text = REFERENCE.sub(lambda m: m["text"], text)
    text = re.sub(r"\s*\[@[^\]]*\]", "", text)
    return typographic(re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*", "", text)))


def typographic(text: str) -> str:
    """Return plain text with the quotes and apostrophes that pandoc gives to Markdown."""
    if "'" not in text and '"' not in text:
        return text
    return _CLOSING.sub(lambda match: _CURLED[match[0]][1], _OPENING.sub(lambda match: _CURLED[match[0]][0], text))
