"""Pictures adapted for a page (unique ids, the page's colors) and for print (text that Typst can set)."""

from __future__ import annotations

import re
from html import escape as esc, unescape

from korus_research.publish.converters.fonts import advance
from korus_research.show.contract import Figure
from korus_research.show.theme.palette import INK, TONES
from korus_research.show.theme.tips import MINUS

# Each begins with literal text and a lookbehind: five times as fast as a leading \s.
_IDS = re.compile(r"""id=["'](?<=\sid=["'])(?=[^"'])""")
_LINKS = re.compile(r"""href=["']#(?:(?<=\shref=["']#)|(?<=\sxlink:href=["']#))(?=[^"'])""")
_URLS = re.compile(r"url\(\s*(['\"]?)#([^)'\"]+)\1\s*\)")
_LEFT_OUT = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<metadata/>|<style.*?</style>", re.DOTALL)
_NAME = re.compile(r"(?<=>)\s*<title>[^<]*</title>")  # of the whole picture: browsers would show it as a tooltip
_COLOUR = re.compile(r"(?<=: )#[0-9a-f]{6}\b")
_OF_PAGE = {light.lower(): f"var(--fig-{role}, {light})" for role, (light, _) in TONES.items()}
_OF_PAGE[INK.lower()] = "currentColor"
_TEXT = re.compile(r"<text ([^>]*)>(.*?)</text>", re.DOTALL)
_BACK = {"middle": 0.5, "end": 1.0}
_TIPS = re.compile(r'<g class="tips".*?</g>\s*', re.DOTALL)


def style() -> str:
    """Return the colors of a picture as CSS variables, light and dark."""
    light, dark = (
        "; ".join(f"--fig-{role}: {pair[number]}" for role, pair in TONES.items() if role != "paper")
        for number in (0, 1)
    )
    tones = f":root {{ {light}; --fig-paper: var(--page) }}"
    return f"{tones}\n@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"


def pictures(figure: Figure) -> str:
    """Return the wide and narrow drawings of a figure for a page, which shows the one that fits."""
    drawings = {"wide": figure.svg, "narrow": figure.svg_narrow}
    shown = [
        inline_svg(svg, name=figure.id if kind == "wide" else f"{figure.id}-{kind}", alt=figure.alt, kind=kind)
        for kind, svg in drawings.items()
        if svg
    ]
    both = " both" if len(shown) > 1 else ""
    return f'<div class="drawings{both}">{"".join(shown)}</div>'


def inline_svg(svg: str, *, name: str, alt: str, kind: str = "wide") -> str:
    """Return an SVG to embed in a page, with unique ids and the page's colors, as wide as its container.

    Parameters
    ----------
    svg : str
        A complete SVG file; prologue, title, styles, metadata and comments are dropped.
    name : str
        Prefix of all ids in it, so that pictures of one page do not collide.
    alt : str
        The accessible name.
    kind : str
        A class: "wide" or "narrow".
    """
    body = _NAME.sub("", _LEFT_OUT.sub("", svg[svg.index("<svg") :]), count=1)
    own = f"svg-{name}"
    body = _IDS.sub(rf"\g<0>{own}-", body)
    body = _LINKS.sub(rf"\g<0>{own}-", body)
    body = _URLS.sub(rf"url(#{own}-\g<2>)", body)
    body = _COLOUR.sub(lambda found: _OF_PAGE.get(found[0], found[0]), body)
    opening = body[: body.index(">") + 1]
    size = {key: re.search(rf'\s{key}="([\d.]+)', opening) for key in ("width", "height")}
    bare = re.sub(r'\s(?:width|height|role|aria-label|id|font-family)="[^"]*"', "", opening)
    if "viewBox" not in bare and size["width"] and size["height"]:
        bare = bare.replace("<svg", f'<svg viewBox="0 0 {size["width"][1]} {size["height"][1]}"', 1)
    about = f'id="{own}" class="drawn {kind}" role="img" aria-label="{esc(" ".join(alt.split()))}"'
    named = bare.replace("<svg", f"<svg {about}", 1)
    return re.sub(r"\n\s*", "\n", named + body[len(opening) :]).strip()


def printed(svg: str) -> str:
    """Return a picture for Typst, without tooltips and with each minus sign as a separate text.

    Nanum lacks the minus sign, and Typst would set the whole text in another font.
    """
    return _TEXT.sub(_in_runs, _TIPS.sub("", svg))


def _in_runs(found: re.Match[str]) -> str:
    about, text = found.groups()
    if MINUS not in text:
        return found[0]
    given = dict(re.findall(r'([\w-]+)="([^"]*)"', about))
    size, bold = float(re.findall(r"font-size: ([\d.]+)", given["style"])[0]), "font-weight: 700" in given["style"]
    runs = [(run, advance(unescape(run), bold=bold) * size / 1000) for run in re.split(f"({MINUS})", text) if run]
    anchor = "".join(re.findall(r"anchor: (\w+)", given["style"]))
    x, shown = float(given.pop("x", 0)) - sum(width for _, width in runs) * _BACK.get(anchor, 0.0), []
    given["style"] = given["style"].replace(f"anchor: {anchor}", "anchor: start")
    kept = " ".join(f'{key}="{value}"' for key, value in given.items())
    for run, width in runs:
        family = ' font-family="DejaVu Sans"' if run == MINUS else ""
        shown.append(f'<text x="{x:.2f}"{family} {kept}>{run}</text>')
        x += width
    return "".join(shown)
