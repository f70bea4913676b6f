"""The page of changes between two editions, and the pages of changes beside the list of editions."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from jinja2 import Environment

from korus_research.chapters.notebooks import titles_by_file
from korus_research.data.files import output_errors, write_whole
from korus_research.data.toml import read_toml
from korus_research.editions.diff.difference import WORDS, difference, made_from, table_titles
from korus_research.editions.diff.models import Cause, Difference
from korus_research.editions.edition import CHANGES, Edition, pairs
from korus_research.errors import OutputFolder
from korus_research.publish.blocks.page import style
from korus_research.publish.converters.fonts import font_face
from korus_research.publish.converters.piece import NO_CACHE, PieceCache

SHOWN, CELLS = 40, 60  # numbers, and cells of a table, that a page shows at once


def page_of(found: Difference, before: Edition, now: Edition, place: Path, pieces: PieceCache = NO_CACHE) -> str:
    """Return the page of a difference, with links relative to the folder `place`."""

    def to(path: Path) -> str:
        return Path(os.path.relpath(path, place)).as_posix()

    def pictures(name: str, *titles: str) -> list[tuple[Edition, str, str]]:
        sides = zip((before, now), titles, strict=True)
        files = [(edition, title, edition.folder / f"{name}.svg") for edition, title in sides]
        return [(edition, title, to(file)) for edition, title, file in files if file.is_file()]

    links = [(edition.manifest["edition"], to(edition.html)) for edition in (before, now) if edition.html]
    template = resources.files(__package__ or "") / "changes.html.j2"
    environment = Environment(autoescape=True, keep_trailing_newline=True)
    words = read_toml(WORDS).content
    content = {
        "found": found,
        "before": before,
        "now": now,
        "links": links,
        "pictures": {one.name: pictures(one.name, one.before, one.now) for one in found.figures},
        "shares": found.cause.shares if found.cause else {},
        "because": found.cause.of_cells if found.cause else {},
        "heading": words["heading"],
        "step": words["step"],
        "shown": SHOWN,
        "cells": CELLS,
    }
    look = font_face(found.to_json(), pieces) + style()
    return environment.from_string(template.read_text(encoding="utf-8")).render(style=look, **content)


def write_page(found: Difference, before: Edition, now: Edition, path: Path) -> Path:
    """Write the page of a difference to `path`, and return `path`; OutputFolder if it can't be written."""
    with output_errors(path.parent, option="--html"):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, page_of(found, before, now, path.parent).encode())
    return path


def write_changes(out: Path, editions: Sequence[Edition], pieces: PieceCache = NO_CACHE) -> dict[Path, str]:
    """Write a page, and its data as JSON, for each pair of consecutive editions of an agreement.

    `editions` are in the order of the list. Returns the address of each page, relative to `out`, by the folder of the
    newer edition. Pages of other pairs are removed. A pair that can't be compared has no page, so that one damaged
    edition does not prevent the list; OutputFolder if `out` can't be written.
    """
    addresses: dict[Path, str] = {}
    for before, now in pairs(editions):
        name = name_of(before, now)
        known = kept_cause(out, before, now)
        try:
            data, page = _made(before, now, out / CHANGES, known, pieces)
        except OutputFolder:
            continue
        (out / CHANGES).mkdir(exist_ok=True)
        write_whole(out / CHANGES / f"{name}.json", data.encode())
        write_whole(out / CHANGES / f"{name}.html", page.encode())
        addresses[now.folder] = f"{CHANGES}/{name}.html"
    names = {Path(address).stem for address in addresses.values()}
    for path in (out / CHANGES).glob("*-since-*.*"):
        if path.stem not in names:
            path.unlink(missing_ok=True)
    return addresses


def keep_cause(out: Path, before: Edition, now: Edition, cause: Cause) -> None:
    """Store the cause of the changes of a pair, for its page; OutputFolder if it can't be written."""
    with output_errors(out):
        (out / CHANGES).mkdir(exist_ok=True)
        found = difference(before, now).model_copy(update={"cause": cause})
        write_whole(out / CHANGES / f"{name_of(before, now)}.json", found.to_json().encode())


def kept_cause(out: Path, before: Edition, now: Edition) -> Cause | None:
    """Return the cause stored by `keep_cause`, None if there is none or the editions have changed."""
    try:
        kept = Difference.model_validate_json((out / CHANGES / f"{name_of(before, now)}.json").read_bytes())
    except (OSError, ValueError):
        return None
    return kept.cause if kept.made_from == made_from(before, now) else None


def _made(before: Edition, now: Edition, place: Path, cause: Cause | None, pieces: PieceCache) -> tuple[str, str]:
    """Return data and page of a pair, from the cache if possible."""
    called = json.dumps([table_titles(), titles_by_file()])  # today's names, which the editions don't hold
    key = ["changes", *made_from(before, now), before.folder.name, now.folder.name, repr(cause), called]

    def make() -> str:
        found = difference(before, now).model_copy(update={"cause": cause})
        return json.dumps([found.to_json(), page_of(found, before, now, place, pieces)])

    data, page = json.loads(pieces.made(make, *key))
    return data, page


def name_of(before: Edition, now: Edition) -> str:
    """Return the file name of a pair's page without extension: "korus-2026-08-since-2026-07"."""
    return f"{now.manifest['agreement']}-{now.folder.name}-since-{before.folder.name}"
