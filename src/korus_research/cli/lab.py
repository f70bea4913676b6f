"""`korus lab`: copies of the chapters for experiments, opened in JupyterLab; the originals stay unchanged.

Decision 126.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from korus_research.errors import InvalidFile, InvalidParameter

FOLDER = Path("korus-chapters")
RECORD = ".korus-chapters.json"  # the digest of each chapter as it was copied
_NEW, _RENEWED = "new", "renewed"
_KEPT = "kept; remove it to renew it"
# In place of JupyterLab's name for the kernel that ran.
_ANY_PYTHON: dict[str, Any] = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
# JupyterLab would ask PyPI for a newer version at each start.
_QUIET = "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"


def lab(
    context: typer.Context,
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Folder for the copies, or the notebooks of a checkout.")
    ] = FOLDER,
    start: Annotated[bool, typer.Option(help="Open JupyterLab after copying.")] = True,
) -> None:
    """Copy the chapters into FOLDER and open JupyterLab there.

    A copy that has changed is never overwritten. The chapters of a checkout (`korus lab notebooks`) are opened
    themselves, and saved without what their cells show.

    What follows two hyphens goes to JupyterLab: `korus lab -- --port 8890`.
    """
    from korus_research.chapters.notebooks import notebooks_folder

    options = context.args
    if str(folder).startswith("-"):  # no folder before the two hyphens
        folder, options = FOLDER, [str(folder), *options]
    if options and not options[0].startswith("-"):
        raise InvalidParameter(
            f"{options[0]!r} follows FOLDER, {str(folder)!r}",
            expected="one folder",
            do="Put a name with a space in quotes; write options for JupyterLab after --",
        )
    if folder.resolve() == notebooks_folder():
        typer.echo("You are editing the chapters themselves; they are saved without outputs.")
        options = [f"--ContentsManager.pre_save_hook={__name__}.{without_outputs.__name__}", *options]
    else:
        done = dict(copy_chapters(folder))
        for name in (name for name, what in done.items() if what == _KEPT):
            typer.echo(f"{folder / name}: {_KEPT}")
        counts = Counter(done.values())
        typer.echo(f"{folder}: copies of the chapters, {counts[_NEW]} {_NEW}, {counts[_RENEWED]} {_RENEWED}.")
    if start:
        _open(folder, options)


def copy_chapters(folder: Path) -> Iterator[tuple[str, str]]:
    """Copy the notebooks of chapters and bench to `folder`; yield the name of each one concerned and what was done.

    InvalidParameter if `folder` is a file, OutputFolder if it can't be written, InvalidFile if the record of earlier
    copies can't be read.
    """
    from korus_research.chapters.notebooks import notebooks_folder
    from korus_research.data.cache.store import digest
    from korus_research.data.files import output_errors, write_whole

    if folder.exists() and not folder.is_dir():
        raise InvalidParameter(f"{folder} is a file", expected="a folder or a new name", do="Choose another name")
    with output_errors(folder, option="FOLDER"):
        folder.mkdir(parents=True, exist_ok=True)
        copied = _record(folder / RECORD)
        for source in sorted(notebooks_folder().glob("*.ipynb")):
            copy, content = folder / source.name, source.read_bytes()
            now, before = digest(content), copied.get(source.name)
            there = digest(copy.read_bytes()) if copy.exists() else None
            if there is None or (there == before and now != before):
                write_whole(copy, content)
                copied[source.name] = now
                yield source.name, _NEW if there is None else _RENEWED
            elif there == now:
                copied[source.name] = now
            elif now != before:
                yield source.name, _KEPT
        write_whole(folder / RECORD, (json.dumps(copied, indent=1) + "\n").encode())


def _record(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise InvalidFile(
            f"{path} can't be read",
            expected="what `korus lab` wrote",
            do="Remove it; your copies stay",
        )
    return found


def without_outputs(*, model: dict[str, Any], **_: Any) -> None:
    """Remove from a notebook that JupyterLab is about to save all that its author did not write, in place."""
    content = model.get("content")
    if model.get("type") == "notebook" and isinstance(content, Mapping):
        about = {name: value for name, value in content["metadata"].items() if name == "korus"}
        cells = [_written(cell) for cell in content["cells"]]
        model["content"] = {**content, "cells": cells, "metadata": {**about, **_ANY_PYTHON}}


def _written(cell: Mapping[str, Any]) -> dict[str, Any]:
    from korus_research.run.chapters import as_written

    written = as_written(cell)
    if cell.get("metadata", {}).get("jupyter", {}).get("source_hidden"):  # a chapter opens with its code folded
        written["metadata"]["jupyter"] = {"source_hidden": True}
    return written


def _open(folder: Path, options: list[str]) -> None:
    from jupyterlab.labapp import LabApp

    root = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    if root:
        typer.echo("JupyterLab runs as root (--allow-root).")
    named = any(word.startswith(_QUIET.partition("=")[0]) for word in options)  # twice would void both
    LabApp.launch_instance([*root, *([] if named else [_QUIET]), *options, str(folder)])
