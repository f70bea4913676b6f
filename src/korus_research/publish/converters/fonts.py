"""The fonts of pictures and of Korean text: their files, subsets for a page, and widths of text."""

from __future__ import annotations

import base64
import importlib.util
import re
from functools import cache, lru_cache
from html import unescape
from io import BytesIO
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.converters.piece import NO_CACHE, PieceCache

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
HANGUL_RANGES = "U+1100-11FF, U+3130-318F, U+AC00-D7A3"
FAMILY = "Korus Korean"
FIGURES = "Korus Figures"
_TEXT = re.compile(r"<text [^>]*>([^<]*)")
_PACKAGE = "koreanize_matplotlib"


def korean_fonts() -> Path:
    """Return the folder with NanumGothic.ttf and its weights.

    The package is not imported, since its import changes matplotlib's settings. PublishFailed if it or its files are
    missing.
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
    """Return the font files for Typst, for Korean text and the text of pictures; PublishFailed if one is missing.

    Nanum has no minus sign (U+2212); DejaVu has, which matplotlib includes and uses to measure it. Only two weights are
    given: of all four, Typst would use the extra bold one for bold.
    """
    spec = importlib.util.find_spec("matplotlib")
    drawn = Path((spec.submodule_search_locations or [""])[0] if spec else "") / "mpl-data" / "fonts" / "ttf"
    return [korean_fonts() / name for name in ("NanumGothic.ttf", "NanumGothicBold.ttf")] + [
        drawn / name for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")
    ]


def font_face(text: str, pieces: PieceCache = NO_CACHE) -> str:
    """Return an `@font-face` rule with the Korean glyphs of `text`, from the cache `pieces` if possible.

    It is "" if there are none. PublishFailed if the Korean fonts are missing.
    """
    characters = "".join(sorted(set(HANGUL.findall(text))))
    if not characters:
        return ""

    def rule() -> str:
        source = _source(korean_fonts() / "NanumGothic.ttf", characters)
        return f'@font-face {{ font-family: "{FAMILY}"; {source}; unicode-range: {HANGUL_RANGES}; }}'

    return pieces.made(rule, "font", characters)


def figure_faces(page: str, pieces: PieceCache = NO_CACHE) -> str:
    """Return `@font-face` rules with the glyphs of the pictures in `page`, normal and bold; "" if there are none.

    PublishFailed if the font files are missing.
    """
    characters = "".join(sorted(set(unescape("".join(_TEXT.findall(page)))) - {"\n"}))
    if not characters:
        return ""

    def rules() -> str:
        weights = zip((400, 700), print_fonts()[:2], strict=True)
        sources = ((weight, _source(path, characters)) for weight, path in weights)
        return "".join(f'@font-face {{ font-family: "{FIGURES}"; font-weight: {w}; {s}; }}\n' for w, s in sources)

    return pieces.made(rules, "figures", characters)


def advance(text: str, *, bold: bool = False) -> float:
    """Return the width of `text` in the font of pictures, in thousandths of the font size, as in Typst."""
    widths = [_widths(path) for path in print_fonts()[bold::2]]
    return sum(next((known[ord(letter)] for known in widths if ord(letter) in known), 0.0) for letter in text)


@cache
def _widths(path: Path) -> dict[int, float]:
    """Return the widths of the characters of a font, in thousandths of an em."""
    from fontTools.ttLib import TTFont

    font = TTFont(path, recalcTimestamp=False, lazy=True)
    scale, metrics = 1000 / font["head"].unitsPerEm, font["hmtx"]
    return {code: metrics[name][0] * scale for code, name in font.getBestCmap().items()}


def _source(path: Path, characters: str) -> str:
    """Return the `src` of an `@font-face` rule with these characters of a font."""
    return f'src: url(data:font/woff;base64,{base64.b64encode(_subset(path, characters)).decode()}) format("woff")'


@lru_cache(maxsize=4)
def _subset(path: Path, characters: str) -> bytes:
    from fontTools import subset
    from fontTools.ttLib import TTFont

    font = TTFont(path, recalcTimestamp=False, lazy=True)
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[1, 2])
    # A page needs only outlines and metrics; the other tables are leftovers of a font editor, with warnings.
    options.drop_tables += ["GSUB", "kern", "TSI0", "TSI1", "TSI2", "TSI3", "TSI5"]
    tool = subset.Subsetter(options)
    tool.populate(text=characters)
    tool.subset(font)
    font.flavor = "woff"
    font.save(out := BytesIO())
    return out.getvalue()
