"""Compilation of Typst code to a PDF that is both PDF/UA-1 and PDF/A-2a."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from korus_research.errors import PublishFailed
from korus_research.publish.converters.tags import Place, finished
from korus_research.publish.templates import FOLDER, read

LOOK = (*sorted(path.name for path in FOLDER.glob("*.typ")), "words.toml")


def compiled(
    source: str, assets: Mapping[str, bytes], *, timestamp: datetime, font_paths: Iterable[Path], part: str = ""
) -> bytes:
    """Return the accessible PDF of `source`, which uses our templates and `assets`, by path.

    `timestamp` is the creation date: no clock is read. Only the fonts in the typst wheel and at `font_paths` (files or
    folders) are used, no system fonts. `part` is the document ("report", "annex"), for its design.

    Raises
    ------
    PublishFailed
        Typst rejects the document: missing alt text, a skipped heading level, a missing label, a missing glyph.
    """
    import typst as engine

    look = {name: read(name).encode() for name in LOOK}
    with tempfile.TemporaryDirectory(prefix="korus-") as name:
        root = Path(name)
        for path, content in {**look, **assets, "main.typ": source.encode()}.items():
            place = root / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        fonts = _folders(font_paths, root / "fonts")
        try:
            pdf, warnings, places = _laid_out(root, fonts, {"part": part}, timestamp)
        except engine.TypstError as error:
            raise _refused(error.message, error.diagnostic, root) from None
    if warnings:
        raise _refused(warnings[0].message, warnings[0].diagnostic, root)
    return finished(pdf, places)


def _laid_out(
    root: Path, fonts: Sequence[str], inputs: Mapping[str, str], timestamp: datetime
) -> tuple[bytes, list[Any], list[Place]]:
    """Return the result of `_compiled`, without floats if Typst fails with them.

    At some page breaks floats break its tagging (decision 95), and some layouts do not converge (decision 144): a page
    with a gap is better than no edition.
    """
    import typst as engine

    try:
        pdf, warnings, places = _compiled(root, fonts, inputs, timestamp)
    except engine.TypstError as error:
        if "internal error" not in error.message:
            raise
    else:
        if not any("converge" in warning.message for warning in warnings):
            return pdf, warnings, places
    return _compiled(root, fonts, {**inputs, "floats": "no"}, timestamp)


def _compiled(
    root: Path, fonts: Sequence[str], inputs: Mapping[str, str], timestamp: datetime
) -> tuple[bytes, list[Any], list[Place]]:
    """Return Typst's PDF of main.typ in `root`, its warnings, and the named places."""
    import typst as engine

    compiler = engine.Compiler(
        str(root / "main.typ"),
        root=str(root),
        font_paths=list(fonts),
        ignore_system_fonts=True,
        sys_inputs=dict(inputs),
    )
    pdf, warnings = compiler.compile_with_warnings(format="pdf", pdf_standards=["ua-1", "a-2a"], timestamp=timestamp)
    assert isinstance(pdf, bytes)  # of one file, not of pictures
    # The layout is kept in memory: the query takes milliseconds.
    found = json.loads(compiler.query("<places>", field="value"))
    return pdf, list(warnings), [Place(*place) for places in found for place in places]


def _folders(font_paths: Iterable[Path], folder: Path) -> list[str]:
    """Return folders with the fonts, as Typst requires; single files are linked into one."""
    folder.mkdir()
    paths = list(font_paths)
    for path in (path for path in paths if path.is_file()):
        (folder / path.name).symlink_to(path)
    return [str(folder), *(str(path) for path in paths if path.is_dir())]


def _refused(message: str, diagnostic: str, root: Path) -> PublishFailed:
    shown = diagnostic.replace(str(root), "").strip()
    return PublishFailed(
        f"Typst refused the document: {message}",
        expected="an accessible document (PDF/UA-1): alt texts, headings in order, glyphs that the fonts have",
        do=f"Correct the chapter that holds it. Typst says:\n{shown[:1500]}",
    )
