"""What a publication looks like and the words of its own that it uses: templates, style sheets, `words.toml`."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.errors import PublishFailed, did_you_mean

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent


class Words:
    """The entries of `words.toml`, as attributes."""

    def __init__(self, entries: dict[str, str]) -> None:
        self._entries = entries

    def __getattr__(self, key: str) -> str:
        if key.startswith("__"):
            raise AttributeError(key)
        if key not in self._entries:
            raise PublishFailed(
                f"The publisher's words.toml has no '{key}'{did_you_mean(key, self._entries)}",
                expected="an entry for every word that a template uses",
                do="Add it, or correct the template",
            )
        return self._entries[key]


@cache
def words() -> Words:
    """Return the publisher's own words.

    Raises
    ------
    PublishFailed
        The file is missing or not valid TOML.
    """
    try:
        return Words(tomllib.loads(read("words.toml")))
    except tomllib.TOMLDecodeError as error:
        raise PublishFailed(
            f"The publisher's words.toml is not valid TOML ({error})", expected='lines such as source = "Source"'
        ) from None


def read(name: str) -> str:
    """Return the text of a file of this folder.

    Raises
    ------
    PublishFailed
        It is missing.
    """
    try:
        return (FOLDER / name).read_text(encoding="utf-8")
    except OSError as error:
        raise PublishFailed(
            f"templates/{name} can't be read ({error.strerror})", expected="the file in the package", do="Restore it"
        ) from None


@cache
def environment() -> Environment:
    """Return the Jinja environment of the HTML templates: everything is escaped, nothing may be undefined."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    made = Environment(
        loader=FileSystemLoader(FOLDER / "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.globals["words"] = words()
    return made
