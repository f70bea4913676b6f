"""The page that lists all published editions, made from nothing but their manifests."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.data.files import output_errors, write_whole
from korus_research.editions.compare import comparison, newest
from korus_research.editions.edition import Edition, open_edition
from korus_research.publish.fonts import font_face

if TYPE_CHECKING:
    from korus_research.publish.piece_cache import Shelf

NAME = "index.html"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; font-src data:">
<meta name="color-scheme" content="light dark">
<title>Published editions · korus-research</title>
<style>
{style}
.single .inner {{ max-width: 60rem; }}
</style>
</head>
<body class="single">
<a class="skip" href="#editions">Skip to the editions</a>
<header class="masthead">
<div class="inner">
<p class="kicker"><span>korus-research</span><span>{count}</span></p>
<h1>Published editions</h1>
<p class="lead">Each edition is regenerated from embedded official figures. Older months show what the data could
say then, with today's vintage of the values.</p>
</div>
</header>
<div class="layout">
<main id="editions">
{body}
</main>
</div>
</body>
</html>
"""

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


def write_index(out: Path, shelf: Shelf | None = None) -> Path:
    """Write `out/index.html` anew and return its path; `shelf` has pieces of it.

    Raises
    ------
    OutputFolder
        `out` can't be written.
    """
    path = out / NAME
    with output_errors(out):
        write_whole(path, index_page(out, find_editions(out), shelf).encode())
    return path


def index_page(out: Path, editions: Iterable[Edition], shelf: Shelf | None = None) -> str:
    """Return the page: a section for each agreement, a table row for each edition, links relative to `out`."""
    agreements: dict[str, list[Edition]] = {}
    for edition in editions:
        agreements.setdefault(str(edition.manifest["agreement"]), []).append(edition)
    sections = [_section(out, agreement, listed) for agreement, listed in agreements.items()]
    count = sum(len(listed) for listed in agreements.values())
    latest = newest(edition for listed in agreements.values() for edition in listed)
    table = comparison([(e, e.html.relative_to(out).as_posix()) for e in latest if e.html])
    body = table + "\n".join(sections) or "<p>There is none yet: <code>korus report</code> makes one.</p>"
    look = (resources.files("korus_research.publish") / "templates" / "report.css").read_text(encoding="utf-8")
    return _PAGE.format(style=font_face(body, shelf) + look, count=f"{count} edition{'s' * (count != 1)}", body=body)


def _section(out: Path, agreement: str, editions: Iterable[Edition]) -> str:
    listed = list(editions)
    newest = listed[0].manifest
    rows = "\n".join(_row(out, edition) for edition in listed)
    korean = f'<p class="korean" lang="ko">{escape(str(newest["name_ko"]))}</p>\n' if newest.get("name_ko") else ""
    name = escape(str(newest["name"]), quote=True)
    key = f"agreement-{escape(agreement, quote=True)}"
    return (
        f'<section class="chapter" aria-labelledby="{key}">\n'
        f'<h2 id="{key}">{escape(str(newest["name"]))}</h2>\n{korean}'
        f'<div class="scroll" tabindex="0" role="region" aria-label="Editions of {name}">\n<table>\n'
        '<thead><tr><th scope="col">Edition</th><th scope="col">Changes from</th><th scope="col">Read</th>'
        f'<th scope="col">Data</th></tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>\n</div>\n</section>'
    )


def _row(out: Path, edition: Edition) -> str:
    manifest = edition.manifest
    title = str(manifest["edition"])
    place = edition.folder.relative_to(out).as_posix()
    cells = [_links(place, title, files, edition) for files in (_FILES, _MORE)]
    baseline = escape(str(manifest["parameters"].get("baseline_year", "")))
    return f'<tr><th scope="row">{escape(title)}</th><td>{baseline}</td><td>{cells[0]}</td><td>{cells[1]}</td></tr>'


def _links(place: str, title: str, files: Iterable[tuple[str, str]], edition: Edition) -> str:
    # Ten links called "PDF" tell someone who hears the page nothing, so each says which edition it belongs to.
    there = [(label, name) for label, name in files if (edition.folder / name).is_file()]
    return " · ".join(
        f'<a href="{escape(f"{place}/{name}", quote=True)}">{label}<span class="unseen"> of {escape(title)}</span></a>'
        for label, name in there
    )
