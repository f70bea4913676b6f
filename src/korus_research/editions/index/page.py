"""The page that lists all published editions and compares agreements, made from their manifests only.

The linked pages of changes are made from the files of the editions (diff/page.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import Any

from korus_research.data.files import locked, output_errors, write_whole
from korus_research.editions.edition import CHANGES, Edition, open_edition
from korus_research.editions.index.listing import BALANCES, CLAIMS, EFFECTS, with_changes
from korus_research.publish.blocks.page import style
from korus_research.publish.converters.fonts import font_face
from korus_research.publish.converters.piece import NO_CACHE, PieceCache
from korus_research.show.finding import Findings

NAME = "index.html"


def find_editions(out: Path) -> list[Edition]:
    """Return the editions below `out`, by agreement, the newest month first."""
    folders = sorted(path.parent for path in out.glob("*/*/manifest.json"))
    shown = [f for f in folders if not any(part.startswith(".") for part in f.relative_to(out).parts)]
    found = [edition for folder in shown if (edition := open_edition(folder))]
    found.sort(key=lambda e: str(e.manifest["as_of"]), reverse=True)
    return sorted(found, key=lambda e: str(e.manifest["agreement"]))


def write_index(out: Path, pieces: PieceCache = NO_CACHE) -> Path:
    """Write `out/index.html` and the pages of changes, and return its path; `pieces` caches parts of them.

    OutputFolder if `out` can't be written. Other processes that would write it wait.
    """
    path = out / NAME
    with output_errors(out), locked(out, "index", patient=True):
        editions = find_editions(out)
        write_whole(path, index_page(out, editions, pieces, _changes(out, editions, pieces)).encode())
    return path


def _changes(out: Path, editions: list[Edition], pieces: PieceCache) -> dict[Path, str]:
    """Write the pages of changes; nothing is imported for that if there never were two editions."""
    if len(editions) < 2 and not (out / CHANGES).exists():
        return {}
    from korus_research.editions.diff.page import write_changes

    return write_changes(out, editions, pieces)


def index_page(
    out: Path, editions: Iterable[Edition], pieces: PieceCache = NO_CACHE, changes: Mapping[Path, str] | None = None
) -> str:
    """Return the page, with a section for each agreement, most editions first, and links relative to `out`.

    `changes` has the addresses of the pages of changes by the folder of the newer edition.
    """
    from jinja2 import Environment

    listed = list(editions)
    here = resources.files("korus_research.editions.index")
    names = "".join(f"{e.manifest['name']}{e.manifest.get('name_ko', '')}" for e in listed)
    page = Environment(autoescape=True, keep_trailing_newline=True).from_string(
        (here / "index.html.j2").read_text(encoding="utf-8")
    )
    look = font_face(names, pieces) + style()
    agreements = [list(group) for _, group in groupby(listed, key=lambda one: one.manifest["agreement"])]
    shown = [with_changes(several) for several in sorted(agreements, key=len, reverse=True)]
    about = {"count": len(listed), "changes": changes or {}, "compared": comparison(listed, out)}
    about["published_then"] = any("values" in one.manifest["parameters"] for one in listed)
    return page.render(style=look, out=out, agreements=shown, **about)


def comparison(editions: Iterable[Edition], out: Path) -> list[dict[str, Any]]:
    """Return a row for the newest edition of each agreement that has an HTML report with findings to compare."""
    newest: dict[str, Edition] = {}
    for edition in editions:
        known = newest.setdefault(str(edition.manifest["agreement"]), edition)
        if str(edition.manifest["as_of"]) > str(known.manifest["as_of"]):
            newest[str(edition.manifest["agreement"])] = edition
    return [row for edition in newest.values() if edition.html and (row := _row(edition, edition.html, out))]


def _row(edition: Edition, report: Path, out: Path) -> dict[str, Any] | None:
    found = dict(Findings.from_json(edition.manifest.get("compared", {}).values()))
    if not found:
        return None
    effects = [found.get(key) for key in EFFECTS]
    return {
        "name": str(edition.manifest["name"]),
        "address": report.relative_to(out).as_posix(),
        "years": next((effect.period for effect in effects if effect is not None and effect.value is not None), ""),
        "effects": effects,
        "balances": [found.get(key) for key in BALANCES],
        "claims": [found[key].text("number") for key in CLAIMS] if all(key in found for key in CLAIMS) else [],
    }
