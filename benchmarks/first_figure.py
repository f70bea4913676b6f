"""Seconds until a chapter shows its first figure, run from the top as in JupyterLab: in a new process each.

    python -m benchmarks.first_figure [--cache DIR] [CHAPTER...]

Without --cache every chapter starts with an empty memory (a cold machine); with it, from what a report has left there
(`KORUS_CACHE=DIR korus report`). Threads are as the machine gives them, as in JupyterLab. Wall seconds count what else
the machine does; processor seconds do not, and are of all threads together.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from korus_research.chapters.notebooks import notebooks_folder


def main() -> None:
    """Print wall and processor seconds for each chapter."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("chapters", nargs="*", help="as 03; default: all")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--in-this-process", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    paths = sorted(notebooks_folder().glob("[0-9]*.ipynb"))
    if asked.chapters:
        paths = [path for path in paths if path.name[:2] in asked.chapters]
    if asked.in_this_process:
        print(json.dumps(seconds(paths[0])))
        return
    for path in paths:
        with tempfile.TemporaryDirectory() as empty:
            environment = {**os.environ, "KORUS_CACHE": str(asked.cache.resolve() if asked.cache else empty)}
            command = [sys.executable, "-m", "benchmarks.first_figure", "--in-this-process", path.name[:2]]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{path.stem:24}{done.stderr.splitlines()[-1]}", flush=True)
            continue
        found = json.loads(done.stdout.splitlines()[-1])
        print(f"{path.stem:24}{found['wall']:7.1f} s{found['processor']:8.1f} s  {found['slowest']}", flush=True)


def seconds(path: Path) -> dict[str, Any]:
    """Return seconds until the first figure of a notebook, and the cell that took longest."""
    names: dict[str, Any] = {"__name__": "__main__"}
    begin, processor, cells = time.perf_counter(), time.process_time(), []
    for source in code_cells(path):
        started = time.perf_counter()
        shown = run(source, names)
        cells.append((time.perf_counter() - started, source.splitlines()[-1]))
        if type(shown).__name__ == "Figure":
            break
    longest, line = max(cells)
    found = {"wall": time.perf_counter() - begin, "processor": time.process_time() - processor}
    return {**found, "slowest": f"{longest:.1f} s in {line[:70]}"}


def code_cells(path: Path) -> Iterator[str]:
    """Yield the sources of a notebook's code cells."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def run(source: str, names: dict[str, Any]) -> object:
    """Execute a cell, and return what it shows, having shown it."""
    *statements, last = ast.parse(source).body
    if not isinstance(last, ast.Expr):
        statements, shown = [*statements, last], None
        exec(compile(ast.Module(statements, []), "<cell>", "exec"), names)
        return shown
    exec(compile(ast.Module(list(statements), []), "<cell>", "exec"), names)
    value: object = eval(compile(ast.Expression(last.value), "<cell>", "eval"), names)
    if (shows := getattr(value, "_repr_mimebundle_", None)) is not None:
        shows()
    return value


if __name__ == "__main__":
    main()
