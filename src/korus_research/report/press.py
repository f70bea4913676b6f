"""The two programs that set the report: pandoc (Markdown to a target) and Typst (to PDF/UA-1)."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.report.markup import Target

TEMPLATES = Path(__file__).parent / "templates"
REFERENCES = Path(__file__).parent.parent / "data" / "references.json"
READER = "markdown-raw_html-raw_tex-native_divs-native_spans-yaml_metadata_block-pandoc_title_block"
_RAW_BLOCK = re.compile(
    r"^(?P<open>(?P<fence>`{3,})\{=\w+\})\n(?P<content>.*?)\n(?P=fence)\n", re.DOTALL | re.MULTILINE
)
_MARK = re.compile("\ue000(\\d+)\ue000")  # of the characters that Unicode leaves to private use
WRITER: dict[Target, str] = {"html": "html5", "typst": "typst-citations"}


def pandoc(markdown: str, target: Target, *, references: Path | None = None) -> str:
    """Return `markdown` as a fragment of the target: citations resolved, formulas with alt text, Korean words marked.

    Parameters
    ----------
    markdown : str
        Pandoc Markdown with raw blocks of the target.
    references : Path, optional
        CSL JSON; without it a citation is an error.

    Raises
    ------
    PublishFailed
        pandoc refuses the text or warns about it (a citation that is not in the bibliography, an id used twice).
    """
    import pypandoc

    command = [
        pypandoc.get_pandoc_path(),
        "--sandbox",
        "--fail-if-warnings",
        f"--from={READER}",
        f"--to={WRITER[target]}",
        "--wrap=none",
        f"--lua-filter={TEMPLATES / 'filter.lua'}",
    ]
    if target == "html":
        command += ["--mathml", "--shift-heading-level-by=1"]
    if references is not None:
        command += ["--citeproc", f"--bibliography={references}", "--metadata=link-citations:true"]
    words, apart = _without_raw(markdown)
    done = subprocess.run(command, input=words.encode(), capture_output=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise PublishFailed(
            f"pandoc refused the text for {target}: {said or f'exit code {done.returncode}'}",
            expected="Markdown without warnings, every citation in data/references.json",
            do="Correct the chapter that holds it",
        )
    return _MARK.sub(lambda mark: apart[int(mark[1])], done.stdout.decode())


def _without_raw(markdown: str) -> tuple[str, list[str]]:
    """Return `markdown` with a mark in the place of each raw block's content, and the contents.

    Pandoc hands raw blocks through as they are, but reads them first: nine tenths of the report are pictures.
    """
    apart: list[str] = []

    def mark(block: re.Match[str]) -> str:
        apart.append(block["content"])
        return f"{block['open']}\n\ue000{len(apart) - 1}\ue000\n{block['fence']}\n"

    return _RAW_BLOCK.sub(mark, markdown), apart


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
