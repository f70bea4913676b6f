"""What a picture is made of: letters that are text and large enough, edges behind them, what each mark says."""

from __future__ import annotations

import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from lxml import etree

from korus_research.show import theme
from korus_research.show.theme.svg import saved

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = pd.period_range("2011-01", "2014-06", freq="M")


def draw():
    drawn, (left, right) = theme.panels(2.5, columns=2)
    left.plot(theme.month_ends(MONTHS), range(len(MONTHS)), label="exports", color=theme.EXPORTS)
    left.set_ylabel("billion dollars")
    left.text(0.1, 0.5, " Korea\n2012", transform=left.transAxes, fontsize=6, path_effects=theme.halo())
    right.barh([0, 1], [-3.25, 1234.5], label="imports")
    right.set_yticks([0, 1], ["Beef", "A name of an industry that is far too long for a telephone"])
    right.set_xlabel("million dollars")
    return drawn


@pytest.fixture(params=[False, True], ids=["wide", "narrow"])
def page(request):
    with theme.themed("x", narrow=request.param):
        made = draw()
        text = saved(made, "A title")
        plt.close(made)
    root = etree.fromstring(text.encode())
    root.set("drawing", "narrow" if request.param else "wide")
    return root


def test_letters_are_text_and_large_enough(page):
    texts = list(page.iter(f"{SVG}text"))
    assert {"Beef", " Korea", "2012", "billion dollars"} <= {text.text for text in texts}
    width = float(page.get("viewBox").split()[2])
    sizes = [float(re.search(r"font-size: ([\d.]+)", text.get("style"))[1]) for text in texts]
    if page.get("drawing") == "wide":
        assert min(sizes) * (156 / 25.4 * 72) / width >= 7, "7 points where 156 mm are printed"
    else:
        assert min(sizes) * 320 / width >= 11, "11 pixels on a screen of 360 with its margins"


def test_an_edge_lies_under_the_letters_once(page):
    edged = [g for g in page.iter(f"{SVG}g") if "paint-order: stroke" in (g.get("style") or "")]
    assert [text.text for g in edged for text in g] == [" Korea", "2012"]
    assert sum("Korea" in text for text in page.itertext()) == 1, "no second copy that a search would find"


def test_marks_say_what_they_are_without_being_asked(page):
    (group,) = (g for g in page.iter(f"{SVG}g") if g.get("class") == "tips")
    said = [shape.findtext(f"{SVG}title") for shape in group]
    assert "exports, December 2013: 35.0 billion dollars" in said
    assert sum(text.startswith("exports") for text in said) == len(MONTHS)
    assert "imports, Beef: \N{MINUS SIGN}3 million dollars" in said
    assert sum(text.endswith("for a telephone: 1,234 million dollars") for text in said) == 1
    view = [float(number) for number in page.get("viewBox").split()]
    for shape in group:
        x, y = (float(shape.get(key) or shape.get("c" + key)) for key in ("x", "y"))
        assert view[0] <= x <= view[2]
        assert view[1] <= y <= view[3]


def test_long_names_take_several_lines_where_it_is_narrow(page):
    lines = [text.text for text in page.iter(f"{SVG}text") if (text.text or "").endswith("telephone")]
    assert lines == ["A name of an industry that is far too long for a telephone"] or (
        page.get("drawing") == "narrow" and len(lines[0]) <= 20
    )


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 4), (1, 1), (3, 1)])
def test_axes_keep_their_shape_where_it_is_narrow(rows, columns):
    shapes = []
    for narrow in (False, True):
        with theme.themed("x", narrow=narrow):
            drawn, axes = theme.panels(3, rows=rows, columns=columns, squeeze=False, height_ratios=range(1, rows + 1))
            shapes.append(axes.shape)
            drawn.draw_without_rendering()
            places = {axes[r, c].get_position().x0 for r in range(rows) for c in range(columns)}
            tops = [axes[r, c].get_position().y0 for c in range(columns) for r in range(rows)]
            plt.close(drawn)
    assert shapes[0] == shapes[1] == (rows, columns)
    assert len({round(x, 3) for x in places}) == 1, "one column"
    assert tops == sorted(tops, reverse=True), "the left column first"


def test_what_a_chapter_says_of_a_mark_takes_the_place_of_the_automatic_words():
    with theme.themed("x"):
        drawn, ax = theme.panels(2)
        (bar,) = ax.bar([1], [5], label="beef")
        theme.tip(bar, "Beef & pork: $5")
        theme.tip_at(ax, 1, 2, "A point")
        text = saved(drawn, "t")
        plt.close(drawn)
    said = [title.text for title in etree.fromstring(text.encode()).iter(f"{SVG}title")]
    assert said == ["t", "Beef & pork: $5", "A point"]


def test_the_figure_keeps_its_edges_for_the_next_format():
    from matplotlib.text import Text

    with theme.themed("x"):
        figure = draw()
        first = saved(figure, "t")  # ticks get their labels when they are drawn
        before = [(t.get_text(), len(t.get_path_effects()), t.get_gid()) for t in figure.findobj(Text)]
        assert saved(figure, "t") == first
        assert [(t.get_text(), len(t.get_path_effects()), t.get_gid()) for t in figure.findobj(Text)] == before
        plt.close(figure)


def test_the_last_digit_of_a_layout_changes_no_byte():
    """Matplotlib names what clips by a hash of all digits, and layout engines don't always give the same last one."""

    def drawn(shift: float) -> str:
        with theme.themed("toy"):
            figure = plt.figure(figsize=(3, 2))
            for left in (0.1, 0.6):
                ax = figure.add_axes((left + shift, 0.2, 0.3, 0.6))
                ax.plot([0, 1, 2], [0, 1, 0], color=theme.EXPORTS)
            try:
                return saved(figure, "Toy")
            finally:
                plt.close(figure)

    plain, moved = drawn(0.0), drawn(1e-13)
    assert plain == moved
    assert theme.EXPORTS.lower() in plain.lower(), "colours are no links"
    clips = set(re.findall(r"url\(#([^)]+)\)", plain))
    assert len(clips) == 2
    assert clips <= set(re.findall(r' id="([^"]+)"', plain))
