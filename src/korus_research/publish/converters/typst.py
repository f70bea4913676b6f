"""Typst code to a PDF/UA-1."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from korus_research.errors import PublishFailed


def compiled(source: str, assets: Mapping[str, bytes], *, timestamp: datetime, font_paths: Sequence[Path]) -> bytes:
    """Return the PDF/UA-1 that Typst makes of `source`, which reads `assets` by their paths relative to it.

    `timestamp` is the creation date: no clock is read. System fonts are never used, only those in the typst wheel and
    in the folders `font_paths`.

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
