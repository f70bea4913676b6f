"""`korus new measure CHAPTER NAME`: a working measure with its finding, sentence, cell and test, to start from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from korus_research.cli.new.files import LIST, PACKAGE, check_name, filled, this_checkout, write
from korus_research.errors import InvalidChapter, unknown

TABLES = ("goods_trade_monthly", "partners")
INDENT = 1  # of the notebooks


def measure(
    chapter: Annotated[str, typer.Argument(help="Name of the chapter's folder, for example flows.")],
    name: Annotated[str, typer.Argument(help="Name of the measure: one word in lowercase letters.")],
) -> None:
    """Add a measure that runs to a chapter: a module, a finding, a sentence, a cell, a test."""
    new_measure(this_checkout(), chapter, name)


def new_measure(root: Path, chapter: str, name: str) -> list[Path]:
    """Write the measure `kr.CHAPTER.NAME` into the checkout `root`, and return the files written or changed.

    InvalidChapter, and nothing is written, if there is no such chapter, or the name is invalid or taken.
    """
    folder = PACKAGE / "chapters" / chapter
    known = sorted(path.parent.name for path in (root / folder.parent).glob("*/findings.toml"))
    if chapter not in known:
        do = "Correct it, or begin a chapter with `korus new chapter NAME`"
        raise unknown(InvalidChapter, chapter, "a chapter with findings", known, do=do)
    check_name(name)
    appended = (folder / "findings.toml", folder / "words.toml")
    texts = {path: (root / path).read_text(encoding="utf-8") for path in appended}
    module = folder / f"{name}_blocks.py"
    heads = (f"[{name}]", f"[say.{name}]", f"\n{name} =")
    if (root / module).exists() or any(head in text for head in heads for text in texts.values()):
        raise InvalidChapter(
            f"'{name}' is taken in {folder}", expected="a name not used in the chapter", do="Choose another name"
        )
    notebook = next(path for path in sorted((root / LIST).parent.glob("*.ipynb")) if _is_of(path, chapter))
    said = {"topic": chapter, "name": name, "result": name.capitalize()}
    files = {
        module: filled("measure/blocks.py.txt", **said),
        Path("tests", "chapters", chapter, f"test_{name}.py"): filled("measure/test.py.txt", **said),
    }
    changed = {path: text + filled(f"measure/{path.name}.txt", **said) for path, text in texts.items()}
    changed[notebook.relative_to(root)] = _with_cell(notebook, f"kr.{chapter}.{name}(study)", f"{chapter}-{name}")
    return [*write(root, files), *write(root, changed, new=False)]


def _is_of(path: Path, chapter: str) -> bool:
    return str(json.loads(path.read_text(encoding="utf-8"))["metadata"].get("korus", {}).get("chapter")) == chapter


def _with_cell(path: Path, source: str, id_: str) -> str:
    """Return a notebook with a cell added before its limits or list of findings, and the tables that it needs."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    cells = notebook["cells"]
    ends = ("## Limits", "kr.findings_list")
    places = [number for number, cell in enumerate(cells) if "".join(cell["source"]).startswith(ends)]
    cell: dict[str, Any] = {"cell_type": "code", "execution_count": None, "id": id_, "metadata": {}, "outputs": []}
    cells.insert(min(places, default=len(cells)), {**cell, "source": [source]})
    tables = notebook["metadata"]["korus"]["tables"]
    if tables != "all":
        notebook["metadata"]["korus"]["tables"] = sorted({*tables, *TABLES})
    return json.dumps(notebook, ensure_ascii=False, indent=INDENT) + "\n"
