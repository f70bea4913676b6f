"""Reading and checking a words file, when it is loaded and by `make check`.

    [labels]                      words in pictures and cells; tables of them by any key
    [say.NAME]                    a paragraph: text, role, given, optional, keep; or NAME = "text" under [say]
    [figure.NAME]                 title, subtitle, alt, caption; source where it is not the tables' own line
    [table.NAME]                  title, caption, notes, columns
    [formula.NAME]                tex and alt
    [lacking]                     why an edition may lack the chapter, by what its coverage.py returns

A column has key, label, unit, align, width, and how its cells are written: decimals, signed, first = "capital", empty.
With `each = "year in years"` it stands once for each of a list, whose item is `<year>` in key and label; neighbours
with the same `each` go through it together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from korus_research.data.toml import Keys, read_toml
from korus_research.errors import InvalidSentence, InvalidWords, did_you_mean
from korus_research.show.words.prose import ROLES
from korus_research.show.words.sentence import fields

Problems = Iterator[tuple[Keys, str, str]]  # where, what is wrong, what was expected
ENTRIES: Mapping[str, tuple[str, ...]] = {
    "say": ("text", "role", "given", "optional", "keep"),
    "figure": ("title", "subtitle", "alt", "caption", "source", "given"),
    "table": ("title", "columns", "caption", "source", "notes", "given"),
    "formula": ("tex", "alt", "given"),
}
NEEDED = {"say": 1, "figure": 3, "table": 2, "formula": 2}  # so many of the first must be there
ROOMS = ("show", "explore")  # what all chapters say alike, and what one's own estimates say
TOP = ("lacking", "labels", *ENTRIES)
COLUMN = ("key", "label", "unit", "align", "width", "decimals", "signed", "first", "empty", "each")
ALIGNS = ("left", "right", "decimal")
NOT_SENTENCES = ("role", "given", "tex", "optional", "keep", "columns")
CONDITION = re.compile(r"\s*\[(if|unless|each)\s+([^\]\n]+)\]\s*")
TERM = re.compile(r"\s*([\w.<>-]+)\s*(?:(=|!=|>=|<=|>|<)\s*(\S+))?\s*")
_OPENS = re.compile(r"\[(?:if|unless|each)\b")
_EACH = re.compile(r"\w+ in \S.*")


def place(chapter: str) -> Path:
    """Return the path of the words file of a chapter, or of one of `ROOMS`."""
    return folder(chapter) / "words.toml"


@cache
def folder(chapter: str) -> Path:
    """Return the folder of a chapter, or of one of `ROOMS`."""
    return Path(str(files("korus_research"))) / (chapter if chapter in ROOMS else f"chapters/{chapter}")


def shown(path: Path) -> str:
    """Return the last three parts of a path, as messages show it."""
    return "/".join(path.parts[-3:])


def load(path: Path) -> Mapping[str, Any]:
    """Return the content of a words file, read again only when it has changed.

    InvalidWords, with file, line and key, where it is missing, is no TOML, or holds a key, a condition or a sentence
    that can't be.
    """
    try:
        state = path.stat()
    except OSError:
        raise InvalidWords(
            f"{path} is not there", expected="the words of the chapter", do="Add the file, or name its chapter"
        ) from None
    return _load(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _load(path: Path, _mtime: int, _size: int) -> Mapping[str, Any]:
    read = read_toml(path, InvalidWords)
    for keys, found, expected in problems(read.content):
        raise read.error(keys, found, expected=expected)
    return read.content


def problems(parsed: Mapping[str, Any]) -> Problems:
    """Yield the mistakes in a words file."""
    for kind, entries in parsed.items():
        if kind not in TOP:
            yield (kind,), f"is no part of a words file{did_you_mean(kind, TOP)}", f"one of {', '.join(TOP)}"
        elif kind in ("labels", "lacking"):
            yield from _labels((kind,), entries)
        elif not isinstance(entries, dict):
            yield (kind,), "is a value", f"a table [{kind}.NAME] for each"
        else:
            for name, entry in entries.items():
                yield from _entry(kind, (kind, name), entry)


def _entry(kind: str, at: Keys, entry: Any) -> Problems:
    if kind == "say" and isinstance(entry, str):
        yield from _text(at, entry)
        return
    if not isinstance(entry, dict):
        yield at, f"is of type {type(entry).__name__}", "a table, or under [say] a text"
        return
    known = ENTRIES[kind]
    for key, value in entry.items():
        if key not in known:
            yield (*at, key), f"is no key here{did_you_mean(key, known)}", f"one of {', '.join(known)}"
        elif key == "columns":
            yield from _columns(at, value)
        elif key == "role" and value not in ROLES:
            yield (*at, "role"), f"is '{value}'", f"one of {', '.join(ROLES)}"
        elif key not in NOT_SENTENCES:
            yield from _text((*at, key), value)
    if lacking := [key for key in known[: NEEDED[kind]] if key not in entry]:
        yield at, f"has no {lacking[0]}", f"{', '.join(known)}"


def _columns(at: Keys, columns: Any) -> Problems:
    for number, column in enumerate(columns if isinstance(columns, list) else []):
        where = (*at, "columns", number)
        if unknown := [key for key in column if key not in COLUMN]:
            yield (*where, unknown[0]), f"is no key here{did_you_mean(unknown[0], COLUMN)}", ", ".join(COLUMN)
        if "key" not in column or "label" not in column:
            yield where, "has no key or no label", "both"
        if not _EACH.fullmatch(column.get("each", "x in y")):
            yield (*where, "each"), f"is '{column['each']}'", "WORD in NAME"
        if column.get("align", "left") not in ALIGNS:
            yield (*where, "align"), f"is '{column['align']}'", f"one of {', '.join(ALIGNS)}"
        yield from _text((*where, "label"), column.get("label", ""))


def _labels(at: Keys, value: Any) -> Problems:
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _labels((*at, key), one)
    else:
        yield from _text(at, value)


def _text(at: Keys, text: Any) -> Problems:
    if not isinstance(text, str):
        yield at, f"is of type {type(text).__name__}", "a text"
        return
    for line in text.splitlines():
        rest = line.strip()
        while _OPENS.match(rest):
            condition = CONDITION.match(rest)
            if condition is None or not _sound(*condition.groups()):
                yield at, f"has a condition that does not end, or says nothing: {rest[:60]}", "[if a.finding = value]"
                break
            rest = rest[condition.end() :]
        else:
            try:
                for _ in fields(rest):
                    pass
            except InvalidSentence as error:
                yield at, f"can't be read ({error.found}): {rest[:60]}", error.expected


def _sound(kind: str, asked: str) -> bool:
    if kind == "each":
        return bool(_EACH.fullmatch(asked.strip()))
    return all(TERM.fullmatch(term) for term in asked.split(" and "))
