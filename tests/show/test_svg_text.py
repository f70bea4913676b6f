"""A white edge behind letters: the same picture of letters that can be shared, and not four times the size."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from lxml import etree

from korus_research.show.figure import saved
from korus_research.show.theme import halo

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture
def figure():
    with mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "x"}):
        made, ax = plt.subplots()
        ax.text(0.1, 0.5, "Korea\n2012", path_effects=halo())
        ax.text(0.6, 0.5, "plain")
        yield made
        plt.close(made)


def letters(group: etree._Element) -> list[str]:
    return [use.get(LINK) for use in group.iter(f"{SVG}use")]


def test_each_edge_lies_under_the_same_letters_without_one(figure):
    page = etree.fromstring(saved(figure, "A title").encode())
    (edge,) = (g for g in page.iter(f"{SVG}g") if "stroke-width: 2400" in (g.get("style") or ""))
    above = edge.getnext()
    assert letters(edge) == letters(above)
    assert len(letters(edge)) == len("Korea2012")
    assert "stroke" not in etree.tostring(above).decode()
    ids = [e.get("id") for e in page.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), "every letter is defined once"
    assert {link[1:] for link in letters(page)} <= set(ids), "and each that is used is defined"


def test_the_figure_keeps_its_edges_for_the_next_format(figure):
    from matplotlib.text import Text

    first = saved(figure, "t")  # ticks get their labels when they are drawn
    before = [(t.get_text(), len(t.get_path_effects()), t.get_gid()) for t in figure.findobj(Text)]
    assert saved(figure, "t") == first
    assert [(t.get_text(), len(t.get_path_effects()), t.get_gid()) for t in figure.findobj(Text)] == before


def test_an_edge_costs_little(figure):
    edged = len(saved(figure, "t"))
    (text,) = (t for t in figure.axes[0].texts if t.get_path_effects())
    text.set_path_effects([])
    assert edged < 1.25 * len(saved(figure, "t"))
