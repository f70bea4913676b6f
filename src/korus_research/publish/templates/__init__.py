"""The design of publications and their own words: templates, style sheets, `words.toml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.toml import TomlFile, read_toml

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent


class Words:
    """The entries of `words.toml`, as attributes; one that is missing is an error that names the file."""

    def __init__(self, file: TomlFile) -> None:
        self._file = file

    def __getattr__(self, key: str) -> str:
        if key not in self._file.content:
            raise self._file.error((key,), "is missing", expected="an entry for every word that a template uses")
        return str(self._file.content[key])


@cache
def words() -> Words:
    """Return the publisher's own words; InvalidFile if the file is missing or not valid TOML."""
    return Words(read_toml(FOLDER / "words.toml"))


def read(name: str) -> str:
    """Return the text of a file of this folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


@cache
def environment() -> Environment:
    """Return the Jinja environment of the HTML templates: with autoescaping, undefined names are errors."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    blanks: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    pages = FOLDER / "html"
    loader = FileSystemLoader([pages, *sorted(path for path in pages.iterdir() if path.is_dir())])
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, **blanks)
    made.globals["words"] = words()
    return made
