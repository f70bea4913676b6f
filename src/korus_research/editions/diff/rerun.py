"""Run the chapters with other parameters or tables, without publishing; the cache is used and filled."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from korus_research.data.cache.store import open_cache
from korus_research.data.catalog import FOLDER
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import chapters_of
from korus_research.editions.diff.difference import by_id
from korus_research.errors import ChapterFailed
from korus_research.run.chapter_cache import ChapterCache
from korus_research.run.cores import default_jobs
from korus_research.run.dependencies import build_inputs
from korus_research.run.executed import claims_csv, gather_findings, shown
from korus_research.run.plan import planned
from korus_research.run.progress import Progress, watch
from korus_research.run.run import run_chapters


@dataclass(frozen=True)
class Found:
    """The results of a run: findings (JSON) and claims (rows of their table) by id, data of exhibits (CSV) by name."""

    findings: Mapping[str, Mapping[str, Any]]
    claims: Mapping[str, Mapping[str, str]]
    exhibits: Mapping[str, str] = field(default_factory=dict)


def rerun(parameters: Mapping[str, Any], *, progress: Progress | None = None, notebooks: Path | None = None) -> Found:
    """Return the results of the chapters (in `notebooks`, default the project's) with `parameters`.

    UnknownParameter or InvalidParameter for invalid parameters, ChapterFailed if a cell fails.
    """
    from korus_research.run.kernels.pool import KernelPool

    cache = open_cache()
    with KernelPool() as kernels, tempfile.TemporaryDirectory() as work:
        inputs = build_inputs(cache, computing=kernels.warm_up)
        plan = planned(ReportParameters.parse(parameters), cache, inputs, computing=kernels.warm_up)
        executed = run_chapters(
            plan.present(chapters_of(notebooks)),
            dict(plan.resolved),
            folder=Path(work),
            jobs=default_jobs(),
            progress=progress or Progress(),
            kernels=kernels,
            cache=ChapterCache(cache, inputs, plan.edition, own=plan.own),
            own=plan.own,
        )
    findings = gather_findings((one.chapter.stem, one.notebook) for one in executed)
    claims = by_id(claims_csv(one.notebook for one in executed) or "")
    return Found(findings, claims, dict(pair for one in executed for pair in _data(one.notebook)))


def _data(notebook: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the name of each exhibit in a notebook, as in its file name, and its data."""
    for mime, content in shown(notebook):
        for kind in ("figure", "table"):
            if mime.endswith(f".{kind}+json") and content.get("data_csv"):
                yield f"{kind}s/{content['id']}", content["data_csv"]


def rerun_with(tables: Path, parameters: Mapping[str, Any], *, notebooks: Path | None = None) -> Found:
    """Return the results of `rerun` with the data package in `tables`, in a process of its own.

    ChapterFailed, with the last line of its output, if it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "found.json"
        given = [json.dumps(dict(parameters)), str(place), *([str(notebooks)] if notebooks else [])]
        done = subprocess.run(
            [sys.executable, "-P", "-m", __name__, *given],
            env={**os.environ, FOLDER: str(tables)},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            found = done.stderr.strip().splitlines()[-1] if done.stderr else "The run ended"
            raise ChapterFailed(found, do="Compare without --cause")
        made = json.loads(place.read_text(encoding="utf-8"))
    return Found(**made)


def _main(parameters: str, place: str, notebooks: str = "") -> None:
    from korus_research.errors import KorusError

    progress = watch(sys.stderr)
    try:
        found = rerun(json.loads(parameters), progress=progress, notebooks=Path(notebooks) if notebooks else None)
    except KorusError as error:
        progress.close()
        sys.exit(error.found)
    finally:
        progress.close()
    Path(place).write_text(json.dumps(vars(found)), encoding="utf-8")


if __name__ == "__main__":
    _main(*sys.argv[1:])
