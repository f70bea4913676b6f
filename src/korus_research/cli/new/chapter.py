"""`korus new chapter NAME`: a working chapter to start from."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

import korus_research
from korus_research.cli.new.files import LIST, PACKAGE, TEMPLATE, check_name, filled, this_checkout, write
from korus_research.errors import InvalidChapter

NOTEBOOK = "notebook.json"
# Outside the chapter's folder: its page of methods, and its test.
ELSEWHERE = {"methods.md": "docs/methods/{}.md", "test_measures.py.txt": "tests/chapters/{}/test_measures.py"}


def chapter(
    name: Annotated[str, typer.Argument(help="Name of the chapter's folder: one word in lowercase letters.")],
    title: Annotated[str, typer.Option(metavar="TEXT", help="Title of the chapter.", show_default="its name")] = "",
    question: Annotated[str, typer.Option(metavar="TEXT", help="The question it answers.")] = "What happened?",
) -> None:
    """Add a chapter that runs: a folder in chapters/, a notebook, a page of methods, a test."""
    new_chapter(this_checkout(), name, title=title or name.capitalize(), question=question)


def new_chapter(root: Path, name: str, *, title: str, question: str) -> list[Path]:
    """Write a chapter `kr.NAME` into the checkout `root`, and return the files written, relative to `root`.

    InvalidChapter, and nothing is written, if the name is invalid or taken, or the list of chapters can't be extended.
    """
    folder, number = _free(root, name)
    listed = _listed(root / LIST, f"{number}_{name}.ipynb")
    said = {"topic": name, "result": name.capitalize(), "number": number}
    said |= {"title": " ".join(title.split()), "question": " ".join(question.split())}  # each stands in one line
    written = {LIST: listed}
    for path in sorted((TEMPLATE / "chapter").iterdir()):
        place = folder / path.name.removesuffix(".txt")
        if path.name == NOTEBOOK:
            place = LIST.with_name(f"{number}_{name}.ipynb")
        elif path.name in ELSEWHERE:
            place = Path(ELSEWHERE[path.name].format(name))
        written[place] = filled(f"chapter/{path.name}", **said)
    return write(root, written, new=False)


def _free(root: Path, name: str) -> tuple[Path, str]:
    """Return the folder and the number of a new chapter."""
    check_name(name)
    folder = PACKAGE / "chapters" / name
    places = (folder, folder.with_suffix(".py"), PACKAGE / name, (PACKAGE / name).with_suffix(".py"))
    if any((root / place).exists() for place in places) or name in dir(korus_research):
        raise InvalidChapter(
            f"'{name}' is taken", expected="a name not used by a chapter or the package", do="Choose another name"
        )
    numbers = [int(path.name[:2]) for path in (root / LIST).parent.glob("[0-9][0-9]_*.ipynb")]
    return folder, f"{max(numbers, default=-1) + 1:02d}"


def _listed(path: Path, file: str) -> str:
    """Return the list of chapters with one more line, modeled on the shortest one."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    entries = [number for number, line in enumerate(lines) if re.search(r'"\d\d_\w+\.ipynb"', line)]
    if not entries or not lines[entries[-1]].rstrip().endswith(","):
        raise InvalidChapter(f"{path.name} has no line for a chapter", expected="one line a chapter, each with a comma")
    plain = min((lines[number] for number in entries), key=len)
    added = re.sub(r'"\d\d_\w+\.ipynb"', f'"{file}"', plain)
    return "".join([*lines[: entries[-1] + 1], added, *lines[entries[-1] + 1 :]])
