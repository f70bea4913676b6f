"""The notebooks of the chapters: their folder, and their titles in reading order."""

from __future__ import annotations

import json
import tomllib
from functools import lru_cache
from pathlib import Path

from korus_research.errors import InvalidChapter

LIST = "chapters.toml"


def notebooks_folder() -> Path:
    """Return the folder of the chapters: the checkout's `notebooks/`, or the one that travels in the wheel.

    Raises
    ------
    InvalidChapter
        Neither holds a chapter list.
    """
    package = Path(__file__).resolve().parents[1]
    checkout = package.parents[1] / "notebooks"
    folder = checkout if package.parent.name == "src" else package / "notebooks"
    if (folder / LIST).is_file():
        return folder
    raise InvalidChapter(
        "There is no chapter list", expected=f"{LIST} in notebooks/", do="Restore the notebooks folder or install again"
    )


def titles() -> dict[str, str]:
    """Return the title of each chapter, the heading of its notebook, by the chapter's name, in reading order."""
    return {chapter: title for _, chapter, title in _headings()}


def titles_by_file() -> dict[str, str]:
    """Return the title of each chapter by the name of its file, in reading order."""
    return {file: title for file, _, title in _headings()}


@lru_cache(maxsize=1)
def _headings() -> tuple[tuple[str, str, str], ...]:
    """Return file, chapter and title of each notebook."""
    folder, found = notebooks_folder(), []
    for entry in tomllib.loads((folder / LIST).read_text("utf-8"))["chapter"]:
        notebook = json.loads((folder / entry["file"]).read_text("utf-8"))
        first = "".join(notebook["cells"][0]["source"])
        title = first.splitlines()[0].removeprefix("# ").strip()
        found.append((entry["file"], notebook["metadata"]["korus"]["chapter"], title))
    return tuple(found)
