"""The letters of pictures and of Korean: where the font files are, small subsets of them for a page, widths."""

from __future__ import annotations

import base64
import importlib.util
import re
from functools import cache, lru_cache
from html import unescape
from io import BytesIO
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.converters.piece import PieceCache

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
FAMILY = "Korus Korean"
FIGURES = "Korus Figures"
_TEXT = re.compile(r"<text [^>]*>([^<]*)")
_PACKAGE = "koreanize_matplotlib"


def korean_fonts() -> Path:
    """Return the folder with NanumGothic.ttf and its weights.

    It is found without importing the package, whose import changes matplotlib's settings.

    Raises
    ------
    PublishFailed
        The package or its files are missing.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    places = [Path(place) / "fonts" for place in (spec.submodule_search_locations or [])] if spec else []
    for place in places:
        if (place / "NanumGothic.ttf").is_file():
            return place
    raise PublishFailed(
        "The Korean fonts are missing",
        expected=f"NanumGothic.ttf in the fonts folder of the package {_PACKAGE.replace('_', '-')}",
        do="Install the locked environment again (remove .venv, then `make report`)",
    )


def print_fonts() -> list[Path]:
    """Return the font files that Typst sets Korean and the letters of pictures with.

    Nanum has no minus sign (U+2212); DejaVu, which matplotlib carries and measures it with, has. Only the two weights
    that pictures use are given: of all four Typst would take the extra bold one for bold.

    Raises
    ------
    PublishFailed
        A file is missing.
    """
    spec = importlib.util.find_spec("matplotlib")
    drawn = Path((spec.submodule_search_locations or [""])[0] if spec else "") / "mpl-data" / "fonts" / "ttf"
    return [korean_fonts() / name for name in ("NanumGothic.ttf", "NanumGothicBold.ttf")] + [
        drawn / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
    ]


def font_face(text: str, pieces: PieceCache | None = None) -> str:
    """Return an `@font-face` rule that carries just the Korean glyphs of `text`; empty where there are none.

    What `pieces` has of earlier runs isn't cut out again.

    Raises
    ------
    PublishFailed
        The Korean fonts are missing.
    """
    characters = "".join(sorted(set(HANGUL.findall(text))))
    if not characters:
        return ""
    if pieces and (known := pieces.get("font", characters)):
        return known
    data = base64.b64encode(_subset(korean_fonts() / "NanumGothic.ttf", characters)).decode()
    rule = (
        f'@font-face {{ font-family: "{FAMILY}"; src: url(data:font/woff;base64,{data}) format("woff"); '
        "unicode-range: U+1100-11FF, U+3130-318F, U+AC00-D7A3; }"
    )
    if pieces:
        pieces.put(rule, "font", characters)
    return rule


def figure_faces(page: str, pieces: PieceCache | None = None) -> str:
    """Return `@font-face` rules that carry the letters of the pictures of `page`, normal and bold; empty without any.

    Raises
    ------
    PublishFailed
        The font files are missing.
    """
    characters = "".join(sorted(set(unescape("".join(_TEXT.findall(page)))) - {"\n"}))
    if not characters:
        return ""
    if pieces and (known := pieces.get("figures", characters)):
        return known
    rules = [
        f'@font-face {{ font-family: "{FIGURES}"; font-weight: {weight}; '
        f'src: url(data:font/woff;base64,{base64.b64encode(_subset(path, characters)).decode()}) format("woff"); }}'
        for weight, path in zip((400, 700), print_fonts()[:2], strict=True)
    ]
    rule = "\n".join(rules) + "\n"
    if pieces:
        pieces.put(rule, "figures", characters)
    return rule


def advance(text: str, *, bold: bool = False) -> float:
    """Return how wide `text` is in the letters of pictures, in thousandths of their size: as Typst sets it."""
    widths = [_widths(path) for path in print_fonts()[bold::2]]
    return sum(next((known[ord(letter)] for known in widths if ord(letter) in known), 0.0) for letter in text)


@cache
def _widths(path: Path) -> dict[int, float]:
    """Return the width of each character that a font has, in thousandths of an em."""
    from fontTools.ttLib import TTFont

    font = TTFont(path, recalcTimestamp=False, lazy=True)
    scale, metrics = 1000 / font["head"].unitsPerEm, font["hmtx"]
    return {code: metrics[name][0] * scale for code, name in font.getBestCmap().items()}


@lru_cache(maxsize=4)
def _subset(path: Path, characters: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(path, recalcTimestamp=False, lazy=True)
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2])
    # Outlines and metrics are all a page needs; the rest are leftovers of the font editor that fontTools warns about.
    options.drop_tables += ["GSUB", "kern", "TSI0", "TSI1", "TSI2", "TSI3", "TSI5"]
    tool = subset.Subsetter(options)
    tool.populate(text=characters)
    tool.subset(font)
    font.flavor = "woff"
    font.save(out := BytesIO())
    return out.getvalue()
