"""Korean glyphs: where the Nanum files are, and a small subset of them for a page."""

from __future__ import annotations

import base64
import importlib.util
import re
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from korus_research.errors import PublishFailed
from korus_research.publish.converters.piece import PieceCache

HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
FAMILY = "Korus Korean"
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
