"""The page that lists all published editions, made from nothing but their manifests."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import resources
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.files import output_errors, write_whole
from korus_research.editions.compare import comparison
from korus_research.editions.edition import Edition, open_edition
from korus_research.publish.converters.fonts import font_face

if TYPE_CHECKING:
    from korus_research.publish.converters.piece_cache import PieceCache

NAME = "index.html"

_FILES = (("HTML", "report.html"), ("PDF", "report.pdf"))
_MORE = (("findings", "findings.json"), ("claims", "claims.csv"), ("manifest", "manifest.json"))


def find_editions(out: Path) -> list[Edition]:
    """Return the editions below `out`, by agreement, the newest month first."""
    found = []
    for manifest in sorted(out.glob("*/*/manifest.json")):
        hidden = any(part.startswith(".") for part in manifest.relative_to(out).parts)
        edition = None if hidden else open_edition(manifest.parent)
        if edition is not None:
            found.append(edition)
    found.sort(key=lambda e: str(e.manifest["as_of"]), reverse=True)
    return sorted(found, key=lambda e: str(e.manifest["agreement"]))


def write_index(out: Path, pieces: PieceCache | None = None) -> Path:
    """Write `out/index.html` anew and return its path; `pieces` has what earlier runs made of it.

    Raises
    ------
    OutputFolder
        `out` can't be written.
    """
    path = out / NAME
    with output_errors(out):
        write_whole(path, index_page(out, find_editions(out), pieces).encode())
    return path


def index_page(out: Path, editions: Iterable[Edition], pieces: PieceCache | None = None) -> str:
    """Return the page: a section for each agreement, a table row for each edition, links relative to `out`."""
    from jinja2 import Environment

    listed = list(editions)
    here, publish = resources.files("korus_research.editions"), resources.files("korus_research.publish")
    names = "".join(f"{e.manifest['name']}{e.manifest.get('name_ko', '')}" for e in listed)
    look = (publish / "templates" / "report.css").read_text(encoding="utf-8")
    page = Environment(autoescape=True, keep_trailing_newline=True).from_string(
        (here / "index.html.j2").read_text(encoding="utf-8")
    )
    return page.render(
        style=font_face(names, pieces) + look,
        count=len(listed),
        compared=comparison(listed, out),
        agreements=[_agreement(out, list(group)) for _, group in groupby(listed, lambda e: e.manifest["agreement"])],
    )


def _agreement(out: Path, editions: list[Edition]) -> dict[str, Any]:
    newest = editions[0].manifest
    rows = [
        {
            "title": edition.manifest["edition"],
            "baseline": edition.manifest["parameters"].get("baseline_year", ""),
            "read": _links(out, edition, _FILES),
            "data": _links(out, edition, _MORE),
        }
        for edition in editions
    ]
    return {"id": newest["agreement"], "name": newest["name"], "korean": newest.get("name_ko"), "editions": rows}


def _links(out: Path, edition: Edition, files: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    place = edition.folder.relative_to(out).as_posix()
    return [(label, f"{place}/{name}") for label, name in files if (edition.folder / name).is_file()]
