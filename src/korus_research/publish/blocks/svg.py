"""Pictures inside a page: their ids and styles made their own, their name the alt text, their glyphs drawn once."""

from __future__ import annotations

import re
from html import escape as esc

# Each begins with letters and looks back from there: re goes five times as fast through a picture as with \s in front.
_IDS = re.compile(r"""id=["'](?<=\sid=["'])(?=[^"'])""")
_LINKS = re.compile(r"""href=["']#(?:(?<=\shref=["']#)|(?<=\sxlink:href=["']#))(?=[^"'])""")
_URLS = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")

# matplotlib names a glyph by its font and code, and draws text as one reference a character.
_GLYPH = re.compile(r'<path id="(svg-[^"]+-[A-Za-z0-9]+-[0-9a-f]+)" (d="[^"]*"[^>]*)/>\s*')
_PLACED = re.compile(r'<use xlink:href="#([^"]+)"(?: transform="translate\((-?[\d.]+) 0\)")?/>\s*')
_EMPTY_DEFS = re.compile(r"<defs>\s*</defs>\s*")


def share_glyphs(page: str) -> str:
    """Return the HTML of a page whose pictures share one drawing of each glyph; they look the same.

    Every picture brings the outlines of the characters it uses, which in a long report is most of the file.
    """
    names: dict[str, str] = {}
    drawn: dict[str, str] = {}
    for match in _GLYPH.finditer(page):
        outline = " ".join(match[2].split())
        names[match[1]] = drawn.setdefault(outline, f"g{len(drawn)}")
    if not drawn:
        return page

    def placed(match: re.Match[str]) -> str:
        name = names.get(match[1])
        if name is None:
            return match[0]
        return f'<use href="#{name}" x="{float(match[2]):g}"/>' if match[2] else f'<use href="#{name}"/>'

    shared = "".join(f'<path id="{name}" {outline}/>' for outline, name in drawn.items())
    hidden = '<svg width="0" height="0" style="position:absolute" aria-hidden="true" focusable="false">'
    rest = _EMPTY_DEFS.sub("", _PLACED.sub(placed, _GLYPH.sub("", page)))
    return f"{hidden}<defs>{shared}</defs></svg>\n{rest}"


def inline_svg(svg: str, *, name: str, alt: str) -> str:
    """Return an SVG to stand inside a page: named by `alt`, ids and styles its own, as wide as its place.

    Parameters
    ----------
    svg : str
        A whole SVG file; prologue, metadata and comments are dropped.
    name : str
        Prefix of every id in it, so that two pictures of one page do not collide.
    alt : str
        The accessible name.
    """
    body = svg[svg.index("<svg") :]
    body = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>|<metadata/>", "", body, flags=re.DOTALL)
    own = f"svg-{name}"
    body = _IDS.sub(rf"\g<0>{own}-", body)
    body = _LINKS.sub(rf"\g<0>{own}-", body)
    body = _URLS.sub(rf"url(#{own}-\g<2>)", body)
    # matplotlib writes `*{...}`, which would style the whole page.
    body = re.sub(r"(<style[^>]*>)\s*\*", rf"\g<1>#{own} *", body)
    opening = body[: body.index(">") + 1]
    size = {key: re.search(rf'\s{key}="([\d.]+)', opening) for key in ("width", "height")}
    bare = re.sub(r'\s(?:width|height|role|aria-label|id)="[^"]*"', "", opening)
    if "viewBox" not in bare and size["width"] and size["height"]:
        bare = bare.replace("<svg", f'<svg viewBox="0 0 {size["width"][1]} {size["height"][1]}"', 1)
    named = bare.replace("<svg", f'<svg id="{own}" role="img" aria-label="{esc(" ".join(alt.split()))}"', 1)
    return re.sub(r"\n\s*\n+", "\n", named + body[len(opening) :]).strip()
