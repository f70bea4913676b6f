"""The one way to read a TOML file of the project: UTF-8, parsed, fitted to a pydantic model, with one clear error.

The error names the file, the line, the key (for an entry of a list its number and id), what was found and what was
expected. Checks beyond the model, such as a sentence's placeholders, report with `TomlFile.error`.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast, get_args

from korus_research.errors import InvalidFile, KorusError, did_you_mean

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

    Model = TypeVar("Model", bound=BaseModel)

Keys = tuple[str | int, ...]
Value = TypeVar("Value")

_NAMES = ("id", "date", "name", "key")  # keys that may identify an entry of a list
_PART = r"""(?:[A-Za-z0-9_-]+|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
_KEY = re.compile(rf"{_PART}(?:[ \t]*\.[ \t]*{_PART})*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_TEXT = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:\\.|[^"\\\n])*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)
_BARE = re.compile(r"[^,\]}#\n]+")  # numbers, booleans and dates


class Misplaced(ValueError):
    """An error that a validator of a model finds in one part of it, at the keys `at`."""

    def __init__(self, at: Keys, found: object, expected: str) -> None:
        super().__init__(expected)
        self.at, self.found = at, found


@dataclass(frozen=True)
class TomlFile:
    """A TOML file: its `text`, with newlines as one character, and its `content` as `tomllib` returns it.

    `raises` is the class of the errors about it.
    """

    path: Path
    text: str
    content: Mapping[str, Any]
    raises: type[KorusError]

    def line(self, *keys: str | int) -> int:
        """Return the line of a key, from 1; for a missing key that of the table it would be in."""
        for end in range(len(keys), 0, -1):
            if found := self._lines.get(keys[:end]):
                return found
        return 1

    def error(self, keys: Keys, found: str, *, expected: str = "", do: str = "Correct the file") -> KorusError:
        """Return the error about `keys`, with file and line; `found` continues the sentence ("is 'x'")."""
        where = self._named(keys)
        return self.raises(f"{self.path}, line {self.line(*keys)}: {where} {found}", expected=expected, do=do)

    def fitted(self, model: type[Model], *keys: str | int) -> Model:
        """Return the content, or its part under `keys` (empty if absent), as a model.

        An error of the class `raises` if a key is missing or unknown, or its value does not fit the model.
        """
        from pydantic import ValidationError

        part: Any = self.content
        for key in keys:
            part = part.get(key, {}) if isinstance(part, dict) else part[key]
        try:
            return model.model_validate(part)
        except ValidationError as invalid:
            # An unknown key is reported before a missing one: it may be that one, mistyped.
            problem = min(invalid.errors(include_url=False), key=lambda one: one["type"] != "extra_forbidden")
            found, expected = described(problem, model)
            at, part = problem["loc"], problem.get("ctx", {}).get("error")
            if isinstance(part, Misplaced):
                at, found = (*at, *part.at), str(part.found)
            raise self.error((*keys, *at), f"is {found}", expected=expected) from None

    @cached_property
    def _lines(self) -> dict[Keys, int]:
        return dict(_Scanner(self.text).run())

    def _named(self, keys: Keys) -> str:
        """Return `event 3 (2010-12-04) date` for ("event", 2, "date")."""
        words: list[str] = []
        here: Any = self.content
        for key in keys:
            if isinstance(key, int):
                here = here[key] if isinstance(here, list) and key < len(here) else None
                name = next((str(here[n]) for n in _NAMES if n in here), "") if isinstance(here, dict) else ""
                words.append(f"{key + 1} ({name})" if name else f"{key + 1}")
            else:
                here = here.get(key) if isinstance(here, dict) else None
                words.append(key)
        return " ".join(words) or "the whole"


def load_toml(path: Path, model: type[Model], raises: type[KorusError] = InvalidFile) -> Model:
    """Return the TOML file at `path` as a pydantic model.

    An error of the class `raises` if the file is missing, is not UTF-8 (a byte order mark is allowed) or not TOML, or
    does not fit the model.
    """
    return read_toml(path, raises).fitted(model)


def read_toml(path: Path, raises: type[KorusError] = InvalidFile) -> TomlFile:
    """Return the TOML file at `path` unchecked; errors as in `load_toml`."""

    def refused(why: object) -> KorusError:
        return raises(f"{path}: can't be read as TOML ({why})", expected="a TOML file in UTF-8", do="Correct the file")

    try:
        raw = path.read_bytes()
        text = composed(raw.decode("utf-8-sig").replace("\r\n", "\n"))
        return TomlFile(path, text, composed(tomllib.loads(text)), raises)  # again: escapes spell letters too
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        raise refused(f"byte 0x{raw[problem.start]:02x} in line {line} is not UTF-8") from None
    except OSError as problem:
        raise refused((problem.strerror or "unreadable").lower()) from None
    except tomllib.TOMLDecodeError as problem:
        raise refused(problem) from None
    except RecursionError:
        raise refused("too many brackets in one another") from None


def composed(node: Value) -> Value:
    """Return text, or JSON or TOML content, with all text in Unicode's composed form (NFC).

    macOS decomposes Hangul into jamo; pages would show them apart, and equal words would differ. UnicodeEncodeError, a
    ValueError, if a text can't be encoded as UTF-8.
    """
    made: Any = node
    if isinstance(node, str):
        if node.isascii():
            return node
        node.encode()  # fails for a lone surrogate, which JSON can contain
        made = unicodedata.normalize("NFC", node)
    elif isinstance(node, dict):
        made = {key: composed(value) for key, value in node.items()}
    elif isinstance(node, list):
        made = [composed(value) for value in node]
    return cast("Value", made)


def described(problem: ErrorDetails, model: type[BaseModel] | None = None) -> tuple[str, str]:
    """Return what pydantic found and expected, as phrases to follow a name: "missing" and "a value"."""
    if problem["type"] == "missing":
        return "missing", "a value"
    if problem["type"] == "extra_forbidden" and model is not None:
        known = _fields(model, problem["loc"])
        return "no field here", f"one of {', '.join(known)}{did_you_mean(str(problem['loc'][-1]), known)}"
    expected = problem["msg"].replace("String should match pattern", "Input should be a text of the pattern")
    expected = expected.removeprefix("Value error, ").removeprefix("Input should ").removeprefix("be ")
    value = problem["input"]
    return "inconsistent" if isinstance(value, dict) else repr(value)[:80], expected


def _fields(model: type[BaseModel], location: Keys) -> list[str]:
    """Return the keys that are allowed at the place of the unknown key `location`."""
    models = {model}
    for key in location[:-1]:
        fields = [info for m in models for name, info in m.model_fields.items() if key in (name, info.alias)]
        models = {m for info in fields for m in _models(info.annotation)} or models
    return [info.alias or name for m in models for name, info in m.model_fields.items()]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if hasattr(annotation, "model_fields"):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


class _Scanner:
    """Finds the line of each key in a valid TOML text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._counts: dict[Keys, int] = {}  # of arrays of tables: how many entries have begun

    def run(self) -> Iterator[tuple[Keys, int]]:
        """Yield each key and array entry with its line: the first, if it is defined in several parts."""
        found: dict[Keys, int] = {}
        table: Keys = ()
        while self._skip(_BLANK) and self._at < len(self._text):
            line = self._text.count("\n", 0, self._at) + 1
            if self._text[self._at] == "[":
                table = self._header(found, line)
            else:
                self._pair(table, found)
        yield from found.items()

    def _header(self, found: dict[Keys, int], line: int) -> Keys:
        many = self._text.startswith("[[", self._at)
        self._at += 1 + many
        table: Keys = ()
        keys = self._keys()
        for position, key in enumerate(keys):
            table = (*table, key)
            found.setdefault(table, line)
            if many and position == len(keys) - 1:
                self._counts[table] = self._counts.get(table, 0) + 1
            if table in self._counts:
                table = (*table, self._counts[table] - 1)
                found.setdefault(table, line)
        self._at += 1 + many
        return table

    def _pair(self, table: Keys, found: dict[Keys, int]) -> None:
        line = self._text.count("\n", 0, self._at) + 1
        for key in self._keys():
            table = (*table, key)
            found.setdefault(table, line)
        self._at += 1  # the equals sign
        self._value(table, found)

    def _value(self, place: Keys, found: dict[Keys, int]) -> None:
        self._skip(_BLANK)
        opening = self._text[self._at]
        if opening not in "[{":
            self._skip(_TEXT if opening in "\"'" else _BARE)
            return
        self._at += 1
        number = 0
        while self._skip(_BLANK) and self._text[self._at] not in "]}":
            if opening == "{":
                self._pair(place, found)
            else:
                found[*place, number] = self._text.count("\n", 0, self._at) + 1
                self._value((*place, number), found)
                number += 1
            self._skip(_BLANK)
            self._at += self._text[self._at] == ","
        self._at += 1

    def _keys(self) -> list[str]:
        """Return the parts of a key, quotes and escapes resolved, and advance past it."""
        self._skip(_BLANK)
        begin = self._at
        self._skip(_KEY)
        part: Any = tomllib.loads(f"{self._text[begin : self._at]} = 0")
        self._skip(_BLANK)
        keys = []
        while isinstance(part, dict):
            [(key, part)] = part.items()
            keys.append(key)
        return keys

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        if match := pattern.match(self._text, self._at):
            self._at = match.end()
        return match is not None
