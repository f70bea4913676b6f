"""Helpers of `korus new`: the checkout, templates, and files that overwrite nothing."""

from __future__ import annotations

import builtins
import json
import keyword
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from korus_research.data.files import output_errors, write_whole
from korus_research.errors import InvalidChapter, KorusError, OutputFolder

TEMPLATE = Path(__file__).with_name("template")
LIST = Path("notebooks", "chapters.toml")
PACKAGE = Path("src", "korus_research")


def checkout(here: Path) -> Path | None:
    """Return the checkout that contains a folder, or None."""
    for folder in (here, *here.parents):
        if (folder / LIST).is_file() and (folder / PACKAGE).is_dir():
            return folder
    return None


def this_checkout() -> Path:
    """Return the checkout that contains the current folder; InvalidChapter outside of one."""
    if (root := checkout(Path.cwd())) is None:
        raise InvalidChapter(
            f"{Path.cwd()} is not in a checkout of korus-research",
            expected=f"a folder with {LIST} and {PACKAGE}",
            do="Change to the checkout and run the command again",
        )
    return root


def filled(template: str, **given: Any) -> str:
    """Return the text of a template, its `[[ names ]]` filled in.

    `| quoted` writes a TOML or JSON string, `| escaped` the content of one (or of a Python string) without quotes.
    """
    from jinja2 import Environment, StrictUndefined

    marks = {"variable_start_string": "[[ ", "variable_end_string": " ]]"}
    made = Environment(undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, **marks)  # type: ignore[arg-type]
    made.filters["quoted"] = lambda text: json.dumps(text, ensure_ascii=False)
    made.filters["escaped"] = lambda text: json.dumps(text, ensure_ascii=False)[1:-1]
    return made.from_string((TEMPLATE / template).read_text(encoding="utf-8")).render(given)


def write(root: Path, files: Mapping[Path, str], *, new: bool = True) -> list[Path]:
    """Write files relative to `root` and print their names; OutputFolder, before any is written, if one exists.

    With `new=False` existing files are overwritten.
    """
    if there := [path for path in files if new and (root / path).exists()]:
        raise OutputFolder(f"{there[0]} exists", expected="a new name", do="Choose another name, or remove the file")
    with output_errors(root, option="place"):
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(root / path, text.encode(), lasting=False)
            typer.echo(path.as_posix())
    return sorted(files)


def check_id(name: str, example: str, kind: type[KorusError]) -> None:
    """Check that `name` can be the id of an agreement or a claim; an error of `kind` if not."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise _refused(name, f"lowercase letters, digits and hyphens, such as {example}", kind)


def check_name(name: str) -> None:
    """Check that `name` can be the Python name of a chapter or a measure; InvalidChapter if not."""
    if not re.fullmatch(r"[a-z]{3,}", name) or keyword.iskeyword(name) or name in vars(builtins):
        expected = "one word of three or more lowercase letters that is not a Python keyword or builtin"
        raise _refused(name, expected, InvalidChapter)


def _refused(name: str, expected: str, kind: type[KorusError]) -> KorusError:
    return kind(f"'{name}' can't be a name here", expected=expected, do="Choose another name")
