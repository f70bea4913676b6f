"""An edition: a folder with all files of one report, complete or absent.

It contains no clock time, no path of the machine and no random id: the same inputs give the same bytes (decision 6).
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints

import korus_research
from korus_research.data.cache.store import digest
from korus_research.data.files import flush, flush_folders, locked, output_errors
from korus_research.data.period import MONTH
from korus_research.data.toml import composed
from korus_research.editions.swap import MANIFEST, repair, swap_in, temporary
from korus_research.errors import KorusError, OutputFolder, PublishFailed
from korus_research.publish.meta import FORMATS
from korus_research.show.finding import Findings

CHANGES = "changes"  # the folder of pages of changes, below that of all editions
_KIND = "korus-research edition 1"
# Files that programs leave in a folder when somebody only looks at it.
_LITTER = {".ipynb_checkpoints", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__"}
_TEXT = (".html", ".json", ".csv", ".svg", ".ipynb")


class _Front(BaseModel):
    """What the list of editions shows; absent in editions of older versions."""

    title: str = ""
    answer: str = ""
    picture: str = ""
    published: str = ""
    verdicts: dict[str, tuple[str, str]] = {}


class _Manifest(BaseModel):
    """The parts of a manifest that are read."""

    kind: Literal["korus-research edition 1"]
    agreement: str
    as_of: Annotated[str, StringConstraints(pattern=rf"^{MONTH.pattern}$")]
    edition: str
    name: str
    name_ko: str = ""
    parameters: dict[str, Any]
    outputs: dict[str, str]
    compared: dict[str, dict[str, Any]] = {}
    front: _Front = _Front()
    data: dict[str, str] = {}
    chapters: dict[str, str] = {}
    versions: dict[str, str] = {}


@dataclass(frozen=True)
class Edition:
    """A published edition: its folder and its manifest."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def manifest_text(self) -> str:
        """The text of the manifest file."""
        return json.dumps(self.manifest, ensure_ascii=False, indent=1) + "\n"

    @property
    def html(self) -> Path | None:
        """The HTML report, or None if there is none."""
        return self._report("html")

    @property
    def pdf(self) -> Path | None:
        """The PDF report, or None if there is none."""
        return self._report("pdf")

    @property
    def brief(self) -> Path | None:
        """The two-page brief, or None if there is none."""
        return self.folder / "brief.pdf" if "brief.pdf" in self.manifest["outputs"] else None

    def _report(self, kind: str) -> Path | None:
        return self.folder / f"report.{kind}" if f"report.{kind}" in self.manifest["outputs"] else None

    def problems(self) -> list[str]:
        """Return the differences from the manifest: files that are missing, changed, or not in it."""
        outputs: Mapping[str, str] = self.manifest["outputs"]
        there = set(_files(self.folder))
        found = [f"{name} is missing" for name in outputs if name not in there]
        found += [f"{name} is not in the manifest" for name in sorted(there - set(outputs))]
        found += [
            f"{n} has changed"
            for n, known in outputs.items()
            if n in there and digest((self.folder / n).read_bytes()) != known
        ]
        return found


def open_edition(folder: Path) -> Edition | None:
    """Return the edition in `folder`, or None if there is none or its manifest is damaged."""
    try:
        manifest = composed(json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
        _Manifest.model_validate(manifest)
        Findings.from_json(manifest.get("compared", {}).values())
    except (OSError, ValueError, RecursionError, KorusError, KeyError, TypeError):
        return None
    return Edition(folder, manifest)


def pairs(editions: Iterable[Edition]) -> list[tuple[Edition, Edition]]:
    """Return (older, newer) pairs of consecutive editions of an agreement; `editions` are in the order of the list.

    Both have the same parameters but for the month: what another baseline year, other comparators or values as
    published then change is not news of a later month.
    """
    series: dict[str, list[Edition]] = {}
    for one in editions:
        key = {**one.manifest["parameters"], "agreement": one.manifest["agreement"], "as_of": None}
        series.setdefault(json.dumps(key, sort_keys=True), []).append(one)
    return [(older, newer) for several in series.values() for newer, older in pairwise(several)]


class Draft:
    """An edition in the making: `content` becomes the edition, `work` is discarded."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.target = target
        self.content = folder / "edition"
        self.work = folder / "work"
        self._folder = folder
        self._outputs: dict[str, str] = {}
        with output_errors(target.parent):
            self.content.mkdir(parents=True)
            self.work.mkdir()

    @property
    def outputs(self) -> dict[str, str]:
        """The sha256 of each file written so far."""
        return dict(self._outputs)

    def write(self, name: str, content: str | bytes) -> None:
        """Write one file of the edition.

        PublishFailed if it is empty or contains a path of this machine, OutputFolder if it can't be written.
        """
        path = self.content / name
        if not content:
            raise PublishFailed(f"{name} is empty", do="Find the chapter that makes it")
        text = content if isinstance(content, str) else content.decode(errors="replace") if path.suffix in _TEXT else ""
        if found := _local_path(text, self._folder):
            raise PublishFailed(
                f"{name} holds a path of this machine ({found})",
                expected="the same bytes on every machine",
                do="Find the chapter that shows it",
            )
        data = content.encode() if isinstance(content, str) else content
        with output_errors(self.target.parent):
            path.parent.mkdir(exist_ok=True)
            path.unlink(missing_ok=True)  # never write into a file linked by the existing edition (decision 63)
            if not _linked(self.target / name, path, data):
                path.write_bytes(data)
                flush(path)  # while other threads work, not all of them at the end
        self._outputs[name] = digest(data)

    def publish(self, about: Mapping[str, Any], formats: Collection[str]) -> Edition:
        """Write the manifest, and put the edition in its place.

        `about` has the entries of the manifest other than versions and hashes (no clock, no path). PublishFailed if a
        report in one of `formats` is missing; OutputFolder if something else is in its place, or it can't be written.
        """
        with output_errors(self.target.parent):
            for name in ["findings.json", *(f"report.{format}" for format in sorted(formats))]:
                if not (self.content / name).is_file():
                    raise PublishFailed(f"The edition has no {name}", expected="all of what was asked for")
            outputs = dict(sorted(self._outputs.items()))
            manifest = {"kind": _KIND, **about, "versions": versions(), "outputs": outputs}
            edition = Edition(self.target, _as_told(manifest, open_edition(self.target)))
            (self.content / MANIFEST).write_text(edition.manifest_text, encoding="utf-8")
            flush(self.content / MANIFEST)
            flush_folders(self.content)
            check_replaceable(self.target, formats)
            swap_in(self.content, self.target)
            shutil.rmtree(self._failed, ignore_errors=True)
        return edition

    def keep_failure(self) -> Path | None:
        """Keep error page and partial notebook of a failed run; return the page, or None if there is none."""
        page = self.work / "error.html"
        if not page.exists():
            return None
        with output_errors(self.target.parent):
            kept = self._folder / "failed"
            kept.mkdir()
            for path in [page, *self.work.glob("*.ipynb")]:
                path.rename(kept / path.name)
            shutil.rmtree(self._failed, ignore_errors=True)
            kept.rename(self._failed)
        return self._failed / page.name

    @property
    def _failed(self) -> Path:
        return self.target.with_name(f".failed-{self.target.name}")


@contextmanager
def drafting(target: Path, formats: Collection[str] = FORMATS) -> Iterator[Draft]:
    """Yield a draft of the edition `target`, locked against other runs; it is removed if it is not published.

    Busy if another run is writing this edition; OutputFolder if the place can't be written, or publishing these
    `formats` would remove something from it (`check_replaceable`).
    """
    try:
        with locked(target.parent, target.name):
            with output_errors(target.parent):
                repair(target.parent, target.name)
                check_replaceable(target, formats)
            folder = temporary(target.parent, target.name)
            try:
                yield Draft(folder, target)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
    finally:
        with suppress(OSError):  # an agreement's folder without an edition
            target.parent.rmdir()


def check_replaceable(target: Path, formats: Collection[str] = FORMATS) -> None:
    """Check that `target` is free, or an edition that a new one in `formats` can replace without loss.

    OutputFolder if it is not an edition, contains other files (except those left by file managers and JupyterLab), or
    has a report in a format that is not in `formats`.
    """
    if not (target.exists() or target.is_symlink()):
        return
    edition = None if target.is_symlink() else open_edition(target)
    if edition is None:
        raise OutputFolder(
            f"{target} exists and is not an edition",
            expected=f"nothing there, or a folder with the {MANIFEST} of an edition",
            do="Move it away, or choose another --out",
        )
    outputs = edition.manifest["outputs"]
    if strange := [name for name in _files(target) if name not in outputs and not _LITTER & set(name.split("/"))]:
        raise OutputFolder(
            f"{target} holds {strange[0]}, which is not part of the edition",
            expected="only files listed in its manifest, because the whole folder is replaced",
            do="Move it away, or choose another --out",
        )
    if kept := [format for format in FORMATS if f"report.{format}" in outputs and format not in formats]:
        raise OutputFolder(
            f"{target} has a report.{kept[0]}, which would be deleted",
            expected=f"--format with {kept[0]}, as it was published",
            do="Leave --format out, choose another --out, or remove the edition first",
        )


def versions() -> dict[str, str]:
    """Return the versions of Python, this package and its required libraries, by name."""
    return {"python": platform.python_version(), **_installed()}


@cache  # asked for twice, and slow
def _installed() -> Mapping[str, str]:
    from packaging.requirements import Requirement

    asked = map(Requirement, metadata.requires("korus-research") or ())
    # Requirements of extras may be absent.
    names = sorted({one.name for one in asked if one.marker is None or one.marker.evaluate({"extra": ""})})
    return {name: metadata.version(name) for name in ("korus-research", *names)}


def _as_told(manifest: dict[str, Any], there: Edition | None) -> dict[str, Any]:
    """Return `manifest`, or that of the edition `there` if only the patch version of Python differs.

    A published edition that is reproduced on 3.11.9 instead of 3.11.7 is the published edition.
    """
    told = str(there.manifest.get("versions", {}).get("python", "")) if there else ""
    if told.rpartition(".")[0] != platform.python_version().rpartition(".")[0]:
        return manifest
    again = {**manifest, "versions": {**manifest["versions"], "python": told}}
    return again if there and again == there.manifest else manifest


def _local_path(text: str, draft: Path) -> str | None:
    places = {draft, Path(korus_research.__file__).resolve().parents[1], Path(sys.prefix)}
    with suppress(RuntimeError):  # a user without a name has no home
        places.add(Path.home())
    for place in sorted(str(place) for place in places if len(place.parts) > 1):
        # Not inside a URL: "https://example.org/data/" is not a folder of this machine.
        if f"{place}/" in text and re.search(rf"(?<![\w.:/-]){re.escape(place)}/", text):
            return place
    return None


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def _linked(present: Path, path: Path, data: bytes) -> bool:
    """Hard-link the existing edition's file to `path` if it has these bytes; return whether that was done.

    Most files of an edition do not change: they are on disk already and need no flushing.
    """
    try:
        if present.is_symlink() or present.stat().st_size != len(data) or present.read_bytes() != data:
            return False
        path.hardlink_to(present)
    except OSError:  # there is none, or the file system has no hard links
        return False
    return True
