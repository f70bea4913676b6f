"""Texts and documents changed at a place or two, as a slip of the hand, another program or malice leaves them."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

# What may stand in the place of a value, as TOML (and, but for dates and bare words, as JSON) spells it.
LITERALS = (
    "", "0", "-1", "7", "1e999", "nan", "1_000", "9" * 400, "true", '""', '"x"', '"\\u0000"', '"{"', '"{{}}"', '"[if"',
    '"[if x]y"', '"[each a in b]"', '"<script>"', '"../../x"', '"\\ud800"', "[]", "[1]", "[[]]", '["x"]', "{}", '{ a = 1 }',
    "[{}]", "2012-02-30", "2012-03-15", "2012-03-15T00:00:01", "12:00:00", '"2012-03-15"', "0001-01-01", "9999-12-31",
    "[" * 2000, '"' + "x" * 5000 + '"', "'''", "\ufeff", "x",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 7, 1.5, 1e308, 10**400, "", "x", "a\0b", "{", "<script>", "../../x", "2012-02-30", "\ud800", [], [1, None, {}],
    [[]], {}, {"a": 1}, {"": None},
)  # fmt: skip
LETTERS = "\x00\"'[]{}=,.\\#\n\r\t\u0301\u1112\u202e\ufeff\U0001f600<$"


@st.composite
def texts(draw: st.DrawFn, base: str) -> str:
    """A text with a line or a letter or two gone, doubled, moved, or other than it was."""
    lines = base.split("\n")
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.sampled_from(("value", "value", "value", "letter", "gone", "twice", "moved", "key", "cut")))
        line = lines[at]
        if kind == "value" and "=" in line:
            lines[at] = f"{line.partition('=')[0]}= {draw(st.sampled_from(LITERALS))}"
        elif kind == "key" and "=" in line:
            other = draw(st.sampled_from(("x", "", "id", "a.b", '""', "text")))
            lines[at] = f"{other} ={line.partition('=')[2]}"
        elif kind == "gone":
            del lines[at : at + draw(st.integers(1, 3))]
        elif kind == "twice":
            lines.insert(at, line)
        elif kind == "moved":
            lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(at))
        elif kind == "cut":
            lines[at] = line[: draw(st.integers(0, len(line)))]
        else:
            place = draw(st.integers(0, len(line)))
            lines[at] = line[:place] + draw(st.sampled_from(LETTERS)) + line[place + draw(st.integers(0, 2)) :]
        lines = lines or [""]
    return "\n".join(lines)


def places(node: object, at: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of a document, of lists the first two and the last."""
    if at:
        yield at
    inner: Any = node.items() if isinstance(node, dict) else ()
    if isinstance(node, list):
        inner = [(n, one) for n, one in enumerate(node) if n < 2 or n == len(node) - 1]
    for key, value in inner:
        yield from places(value, (*at, key))


@st.composite
def documents(draw: st.DrawFn, base: Mapping[str, Any]) -> dict[str, Any]:
    """A document of JSON with another value, or none, in a place or two."""
    changed: dict[str, Any] = copy.deepcopy(dict(base))
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.sampled_from(list(places(changed)) or [("x",)]))
        node: Any = changed
        for key in place[:-1]:
            node = node[key]
        if draw(st.booleans()) or not isinstance(node, dict):
            node[place[-1]] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        else:
            node.pop(place[-1], None)
            if draw(st.booleans()):
                node[str(draw(st.sampled_from(("x", "", "korus:x"))))] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    return changed


def spelled(document: Mapping[str, Any]) -> str:
    """The document as JSON, lone surrogates as escapes."""
    return json.dumps(document)
