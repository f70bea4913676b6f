"""Small chapters that run: they import nothing heavy and show toy outputs that follow docs/architecture.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from korus_research.run.chapters import Chapter, load_chapters

PARAMETERS = ("agreement", "as_of", "baseline_year", "comparators")
VALUES = {"agreement": "korus", "as_of": "2016-12", "baseline_year": 2011, "comparators": ("5880", "5830")}
TAGGED = 'agreement = "korus"\nas_of = None\nbaseline_year = None\ncomparators = None'


def cell(source: str, key: str, *, kind: str = "code", tags: Sequence[str] = ()) -> dict[str, Any]:
    """Return a cell of a chapter as it is committed."""
    made: dict[str, Any] = {
        "cell_type": kind,
        "id": key,
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
    }
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def prose(text: str, *findings: tuple[str, float]) -> str:
    """Return the source of a cell that shows one paragraph of prose with findings."""
    spoken = [
        {"id": key, "label": key, "value": value, "unit": "USD bn", "decimals": 1, "low": None, "high": None, "interval": None,
         "period": "2016", "basis": "toy", "datasets": [], "reason": None, "text": f"{value:.1f}"}
        for key, value in findings
    ]  # fmt: skip
    content = {"kind": "prose", "role": "text", "markdown": text, "sentences": [], "findings": spoken}
    bundle = {"text/html": text, "application/vnd.korus.prose+json": content}
    # A plain repr holds an address in memory, which differs from run to run.
    return f"from IPython.display import display\ndisplay({{**{bundle!r}, 'text/plain': repr(object())}}, raw=True)"


class Notebooks:
    """A folder of chapters being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._entries: list[str] = []
        folder.mkdir(exist_ok=True)

    def add(
        self,
        stem: str,
        *sources: str,
        wave: int = 1,
        after: Sequence[str] | None = None,
        seconds: float | None = None,
        parameters: str = TAGGED,
        tables: Sequence[str] | str = "all",
    ) -> Path:
        """Add a chapter with a title, a parameters cell and a cell for each of `sources`."""
        number, _, name = stem.partition("_")
        if wave > 1 and parameters == TAGGED:
            parameters += '\nfindings_file = ""'
        about = {
            "chapter": name,
            "number": number,
            "title": name.title(),
            "question": "What?",
            "tables": tables if isinstance(tables, str) else list(tables),
        }
        code = [cell(source, f"{name}-{index}") for index, source in enumerate(sources, start=1)]
        title = cell(f"# {name.title()}\n\n*What?*", "title", kind="markdown")
        cells = [title, cell(parameters, "parameters", tags=["parameters"]), *code]
        self.save(stem, {"cells": cells, "metadata": {"korus": about}, "nbformat": 4, "nbformat_minor": 5})
        extra = "" if after is None else f", after = {json.dumps(list(after))}"
        extra += "" if seconds is None else f", seconds = {seconds}"
        self._entries.append(f'  {{ file = "{stem}.ipynb", wave = {wave}{extra} }},')
        self.list("chapter = [\n" + "\n".join(self._entries) + "\n]\n")
        return self.folder / f"{stem}.ipynb"

    def save(self, stem: str, notebook: Mapping[str, Any]) -> None:
        """Write a notebook."""
        (self.folder / f"{stem}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")

    def read(self, stem: str) -> dict[str, Any]:
        """Read a notebook."""
        content: dict[str, Any] = json.loads((self.folder / f"{stem}.ipynb").read_text(encoding="utf-8"))
        return content

    def list(self, text: str) -> None:
        """Write the chapter list."""
        (self.folder / "chapters.toml").write_text(text, encoding="utf-8")

    def load(self) -> tuple[Chapter, ...]:
        """Load them as a report does."""
        return load_chapters(self.folder, parameters=PARAMETERS)
