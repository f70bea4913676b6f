"""Pictures in the page and in print: two drawings, colours of the page with contrast, letters that can be searched."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import lxml.html
import matplotlib.pyplot as plt
import pikepdf
import pytest
import sample
from fontTools.ttLib import TTFont
from lxml import etree
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from publishing import publish

from korus_research.publish.blocks.svg import inline_svg, pictures, printed, style
from korus_research.publish.converters import fonts
from korus_research.publish.templates import read
from korus_research.show import contract, theme
from korus_research.show.theme.svg import saved

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"ink", "quiet", "exports", "imports", "balance", "energy-ink", "services", "security"}
MARKS = {"others", "axis", "hairline"}


@pytest.fixture(scope="module")
def drawings():
    """A picture with edged letters, bold and turned ones and a minus sign, wide and narrow."""
    made = []
    for narrow in (False, True):
        with theme.themed("x", narrow=narrow):
            drawn, ax = theme.panels(2)
            ax.plot([1, 2, 3], [-1, 0, 1], color=theme.EXPORTS, label="exports")
            ax.set_ylabel("thousand tons")
            theme.note(ax, "Yeosu \N{MINUS SIGN}7", (2, 0), (0, 3), ha="center", fontweight=theme.STRONG)
            theme.note(ax, "turned", (1, 0), (0, 3), ha="right", rotation=90)
            made.append(saved(drawn, "t"))
            plt.close(drawn)
    return made


def test_two_pictures_of_one_page_share_no_id_and_style_nothing_else():
    first, second = (inline_svg(sample.svg(), name=name, alt="x") for name in ("one", "two"))
    ids = [set(re.findall(r'\sid="([^"]+)"', svg)) for svg in (first, second)]
    assert ids[0] & ids[1] == set()
    used = set(re.findall(r'href="#([^"]+)"', first)) | set(re.findall(r"url\(#([^)]+)\)", first))
    assert used == {"svg-one-p1", "svg-one-dot"}
    assert used < ids[0]
    for left_out in ("<style", "metadata", "<?xml"):
        assert left_out not in first


def test_the_page_holds_both_drawings_each_with_the_words_of_the_figure(drawings):
    wide, narrow = drawings
    payload = sample.figure("lead", svg=wide, svg_narrow=narrow).outputs[0].data["application/vnd.korus.figure+json"]
    page = lxml.html.fromstring(pictures(contract.Figure(**payload)))
    shown = page.xpath(".//*[local-name()='svg']")
    assert [svg.get("class") for svg in shown] == ["drawn wide", "drawn narrow"]
    assert len({svg.get("aria-label") for svg in shown}) == 1
    ids = page.xpath(".//@id")
    assert len(ids) == len(set(ids))
    assert not page.xpath(".//*[local-name()='svg']/*[local-name()='title']"), "no name that comes up everywhere"
    assert page.xpath(".//*[local-name()='circle']/*[local-name()='title']/text()")


def test_colours_of_a_picture_are_the_roles_of_the_page(drawings):
    inside = inline_svg(drawings[0], name="x", alt="x")
    assert not re.findall(r": (#[0-9a-f]{6})", inside), "every colour follows the page"
    assert f"var(--fig-exports, {theme.EXPORTS})" in inside
    assert "currentColor" in inline_svg(
        f'<svg><text style="fill: {theme.INK.lower()}">x</text></svg>', name="x", alt="x"
    )


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    colour = "#" + "".join(c * 2 for c in colour[1:]) if len(colour) == 4 else colour
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("tone", ["light", "dark"])
def test_every_role_stands_out_from_the_page(tone):
    def variables(css: str, name: str) -> dict[str, str]:
        blocks = re.findall(r":root\s*\{([^}]*)\}", css)
        wanted = blocks[:1] if tone == "light" else blocks[:2]
        return {key: value for block in wanted for key, value in re.findall(rf"--{name}([\w-]*): (#\w+)", block)}

    page = luminance(variables(read("styles/0_report.css"), "")["page"])
    roles = variables(style(), "fig-")
    assert set(theme.TONES) == set(roles) | {"paper"}
    for role, least in {**dict.fromkeys(LETTERS, 4.5), **dict.fromkeys(MARKS, 3.0)}.items():
        light, dark = sorted((luminance(roles[role]), page), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, role


@pytest.mark.parametrize("bold", [False, True])
def test_letters_are_as_wide_as_matplotlib_finds_them(bold):
    family = FontProperties(fname=str(fonts.print_fonts()[bold]), size=1000)
    for text in ("0123456789", "Exports without it", "USD"):
        theirs, _, _ = text_to_path.get_text_width_height_descent(text, family, ismath=False)
        # FreeType measures the ink, which begins and ends within its letters, and draws pairs such as "wi" together.
        assert fonts.advance(text, bold=bold) == pytest.approx(theirs, rel=0.04)
    assert fonts.advance("7\N{MINUS SIGN}7") > fonts.advance("77") + 500, "the minus sign of the second font counts"


def test_for_print_a_minus_sign_stands_by_itself_where_it_stood(drawings):
    before, after = (etree.fromstring(svg.encode()) for svg in (drawings[0], printed(drawings[0])))
    words = ["".join(text.text for text in page.iter("{*}text")) for page in (before, after)]
    assert words[0] == words[1]
    alone = after.findall(".//{*}text[@font-family]")
    assert alone
    assert all(text.text == "\N{MINUS SIGN}" for text in alone)
    assert not any("\N{MINUS SIGN}" in text.text for text in after.iter("{*}text") if text not in alone)
    assert not after.findall(".//{*}g[@class='tips']")


def test_letters_of_pictures_are_in_the_fonts_of_the_page(drawings):
    rules = fonts.figure_faces(inline_svg(drawings[0], name="x", alt="x"))
    import base64

    faces = [TTFont(io.BytesIO(base64.b64decode(data))) for data in re.findall(r"base64,([^)]*)\)", rules)]
    assert [face["OS/2"].usWeightClass for face in faces] == [400, 600]
    assert all(set(map(ord, "Yeosu7")) <= set(face.getBestCmap()) for face in faces)
    assert len(rules) < 40_000
    assert fonts.figure_faces("<p>no picture</p>") == ""


def test_the_pdf_holds_each_label_once_as_text(drawings, tmp_path):
    if not (tool := shutil.which("pdftotext")):
        pytest.skip("pdftotext is not installed")
    cells = [sample.figure("lead", svg=drawings[0], svg_narrow=drawings[1])]
    report = sample.report()
    report[0].cells[-1:] = cells
    folder = publish(report, sample.META, ("pdf",), tmp_path, provenance=sample.provenance).folder
    text = subprocess.run([tool, folder / "report.pdf", "-"], check=True, capture_output=True, text=True).stdout
    assert text.count("Yeosu \N{MINUS SIGN}7") == 1
    assert text.count("thousand tons") == 1
    with pikepdf.open(folder / "report.pdf") as pdf:
        names = {str(font.get("/BaseFont")) for page in pdf.pages for font in page.resources.get("/Font", {}).values()}
    assert any("NanumGothic" in name for name in names) or names


EDITIONS = sorted((ROOT / "reports" / "korus").glob("20*/report.html"))


@pytest.fixture(scope="module", params=["report.html", "annex.html"])
def edition(request):
    return lxml.html.fromstring(EDITIONS[-1].with_name(request.param).read_text(encoding="utf-8"))


def test_every_picture_of_the_newest_edition_can_be_read(edition):
    drawn = {kind: edition.xpath(f".//*[contains(@class,'drawn {kind}')]") for kind in ("wide", "narrow")}
    assert len(drawn["wide"]) == len(drawn["narrow"]) > 3
    small = []
    for kind, scale, least in (("wide", 156 / 25.4 * 72, 7.0), ("narrow", 320.0, 11.0)):
        for svg in drawn[kind]:
            width = float((svg.get("viewBox") or svg.get("viewbox")).split()[2])
            texts = svg.xpath(".//*[local-name()='text']")
            assert texts, svg.get("id")
            sizes = [float(re.search(r"font-size: ([\d.]+)", text.get("style"))[1]) for text in texts]
            small += [svg.get("id")] if min(sizes) * scale / width < least else []
    assert not small


def test_every_picture_of_the_newest_edition_tells_values(edition):
    silent = [svg.get("id") for svg in edition.xpath(".//*[contains(@class,'drawn')][not(.//*[local-name()='title'])]")]
    assert not silent


def test_every_colour_of_the_newest_edition_follows_the_page_or_is_a_cell(edition):
    fixed = {"#1a1a1a"}
    lost = {}
    for svg in edition.xpath(".//*[contains(@class,'drawn')]"):
        used = set(re.findall(r"(?<=: )#[0-9a-f]{6}", lxml.html.tostring(svg).decode())) - fixed
        if len(used) > 0 and len(used) < 12:  # a heat table has a shade a cell
            lost[svg.get("id")] = used
    assert not lost
