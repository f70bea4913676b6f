"""Where the chapters' notebooks are, and what they are called, in reading order."""

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


@lru_cache(maxsize=1)
def titles() -> dict[str, str]:
    """Return the title of each chapter, the heading of its notebook, by the chapter's name, in reading order."""
    folder = notebooks_folder()
    found = {}
    for entry in tomllib.loads((folder / LIST).read_text("utf-8"))["chapter"]:
        notebook = json.loads((folder / entry["file"]).read_text("utf-8"))
        first = "".join(notebook["cells"][0]["source"])
        found[notebook["metadata"]["korus"]["chapter"]] = first.splitlines()[0].removeprefix("# ").strip()
    return found
