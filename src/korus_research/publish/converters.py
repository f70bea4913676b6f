"""The two programs that set the report: pandoc (Markdown to a target) and Typst (to PDF/UA-1)."""

from __future__ import annotations

import html
import importlib.util
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.fonts import HANGUL
from korus_research.publish.markup import Target

TEMPLATES = Path(__file__).parent / "templates"
READER = "markdown-auto_identifiers-raw_html-raw_tex-native_divs-native_spans-yaml_metadata_block-pandoc_title_block"
WRITER: dict[Target, str] = {"html": "html5", "typst": "typst-citations"}


def pandoc(words: str, target: Target, *, cited: Path | None = None, lists: bool = False) -> str:
    """Return Markdown as a fragment of the target: citations resolved, formulas with alt text, Korean words marked.

    Parameters
    ----------
    words : str
        Pandoc Markdown with raw blocks of the target.
    target : {"html", "typst"}
    cited : Path, optional
        CSL JSON with the references that the whole report cites: two works of one author and year are told apart by all
        of it. Without it a citation stays as it is written.
    lists : bool
        Whether the text has the place for the list of references ("refs").

    Raises
    ------
    PublishFailed
        pandoc refuses the text or warns about it (a citation that is not in the bibliography, an id used twice), or it
        is missing.
    """
    command = [
        str(_bundled()),
        f"--data-dir={TEMPLATES}",  # not the user's, where abbreviations of their own may be
        "--sandbox",
        "--fail-if-warnings",
        f"--from={READER}",
        f"--to={WRITER[target]}",
        "--wrap=none",
        f"--lua-filter={TEMPLATES / 'formulas.lua'}",
    ]
    if HANGUL.search(html.unescape(words)):
        command += [f"--lua-filter={TEMPLATES / 'korean.lua'}"]
    if target == "html":
        command += ["--mathml", "--shift-heading-level-by=1"]
    if cited is not None:  # nocite counts all of it when citations are told apart, and lists all where there is a list
        command += ["--citeproc", f"--bibliography={cited}", f"--metadata-file={TEMPLATES / 'citations.json'}"]
        command += [] if lists else [f"--lua-filter={TEMPLATES / 'no_references.lua'}"]
    done = subprocess.run(command, input=words.encode(), capture_output=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise PublishFailed(
            f"pandoc refused the text for {target}: {said or f'exit code {done.returncode}'}",
            expected="Markdown without warnings, every citation in data/references.json",
            do="Correct the chapter that holds it",
        )
    return done.stdout.decode()


@cache
def _bundled() -> Path:
    """Return the pandoc of the locked environment, never one of the machine, which would write other bytes."""
    spec = importlib.util.find_spec("pypandoc")
    for place in (spec.submodule_search_locations or []) if spec else []:
        for name in ("pandoc", "pandoc.exe"):
            if (path := Path(place) / "files" / name).is_file():
                return path
    raise PublishFailed(
        "pandoc is missing",
        expected="the program in the package pypandoc_binary",
        do="Install the locked environment again (remove .venv, then `make report`)",
    )


def typst(source: str, assets: Mapping[str, bytes], *, timestamp: datetime, font_paths: Sequence[Path]) -> bytes:
    """Return the PDF/UA-1 that Typst makes of `source`.

    Parameters
    ----------
    source : str
        The main file.
    assets : Mapping
        Files it reads, by path relative to it.
    timestamp : datetime
        Creation date; no clock is read.
    font_paths : sequence of Path
        Folders with fonts beside those in the typst wheel. System fonts are never used.

    Raises
    ------
    PublishFailed
        Typst refuses the document: a picture without alt text, a skipped heading, a missing label, a glyph no font has.
    """
    import typst as engine

    with tempfile.TemporaryDirectory(prefix="korus-") as name:
        root = Path(name)
        for path, content in {"main.typ": source.encode(), **assets}.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        try:
            pdf, warnings = engine.compile_with_warnings(
                str(root / "main.typ"),
                root=str(root),
                font_paths=[str(path) for path in font_paths],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards="ua-1",
                timestamp=timestamp,
            )
        except engine.TypstError as error:
            raise _refused(error.message, error.diagnostic, root) from None
    if warnings:
        raise _refused(warnings[0].message, warnings[0].diagnostic, root)
    return pdf


def _refused(message: str, diagnostic: str, root: Path) -> PublishFailed:
    shown = diagnostic.replace(str(root), "").strip()
    return PublishFailed(
        f"Typst refused the document: {message}",
        expected="an accessible document (PDF/UA-1): alt texts, headings in order, glyphs that the fonts have",
        do=f"Correct the chapter that holds it. Typst says:\n{shown[:1500]}",
    )
