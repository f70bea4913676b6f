"""Figures in a journal's size, tables of frames, cards: read by other libraries."""

from __future__ import annotations

import io

import matplotlib as mpl
import numpy as np
import pandas as pd
import pikepdf
import pytest
from lxml import etree, html
from PIL import Image

import korus_research as kr
from korus_research.errors import InvalidFigure, OutputFolder

MM = 72 / 25.4


@pytest.fixture(scope="module")
def figure(study):
    return kr.cars.maker_points(study)


@pytest.mark.parametrize(("width", "points"), [("84 mm", 84 * MM), ("3.3 in", 3.3 * 72), ("18cm", 180 * MM)])
def test_a_saved_figure_is_as_wide_as_asked(figure, tmp_path, width, points):
    svg, pdf, png = (figure.save(tmp_path / f"x.{end}", width=width, font=7, dpi=200) for end in ("svg", "pdf", "png"))
    root = etree.parse(svg).getroot()
    assert float(root.get("width").removesuffix("pt")) == pytest.approx(points, abs=0.01)
    with pikepdf.open(pdf) as read:
        page = read.pages[0]
        assert float(page.mediabox[2]) == pytest.approx(points, abs=0.01)
        kinds = {str(font.Subtype) for font in page.Resources.Font.values()}
        assert kinds == {"/Type0"}, "journals refuse Type 3"
    with Image.open(png) as picture:
        assert picture.width == pytest.approx(points / 72 * 200, abs=1)


def test_the_smallest_letters_are_those_asked_for(figure, tmp_path):
    sizes = {}
    for font in (6, 9):
        root = etree.parse(figure.save(tmp_path / f"{font}.svg", width="180 mm", font=font)).getroot()
        styles = [text.get("style", "") for text in root.iter("{*}text")]
        found = [
            float(part.split("px")[0].split()[-1]) for style in styles for part in style.split("font") if "px" in part
        ]
        sizes[font] = min(found)
    assert sizes == {6: pytest.approx(6), 9: pytest.approx(9)}


def test_saving_changes_nothing_of_the_figure_and_gives_the_same_bytes(figure, tmp_path):
    before = figure.svg
    first, again = (figure.save(tmp_path / name, width="120 mm").read_bytes() for name in ("a.pdf", "b.pdf"))
    assert first == again
    assert figure.svg == before


@pytest.mark.parametrize(
    ("path", "width", "error", "said"),
    [
        ("x.svg", "84", InvalidFigure, "a length with its unit"),
        ("x.svg", 84, InvalidFigure, "84 mm"),
        ("x.svg", "9 mm", InvalidFigure, "from 1 to 40 inches"),
        ("x.jpg", "84 mm", InvalidFigure, "ends in .svg, .pdf, .png"),
        ("nowhere/x.svg", "84 mm", OutputFolder, "There is no folder"),
    ],
)
def test_what_cant_be_saved_is_one_line(figure, tmp_path, path, width, error, said):
    with pytest.raises(error, match=said):
        figure.save(tmp_path / path, width=width)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("wrong", [{"font": 0}, {"font": 72}, {"dpi": 0}, {"dpi": 100_000}])
def test_letters_and_dots_have_bounds(figure, tmp_path, wrong):
    with pytest.raises(InvalidFigure, match="font from 4 to 24"):
        figure.save(tmp_path / "x.png", **wrong)


def test_what_is_no_frame_and_no_figure_is_refused():
    with pytest.raises(InvalidFigure, match="in place of a frame"):
        kr.Table.from_frame({"a": [1]}, title="t", source="s")
    with pytest.raises(InvalidFigure, match="'b' is no column"):
        kr.Table.from_frame(pd.DataFrame({"a": [1]}), title="t", source="s", units={"b": "percent"})
    with pytest.raises(InvalidFigure, match="in place of a figure"):
        kr.Figure.of(3, title="t", alt="a", source="s")


def test_a_frame_is_a_table_with_words_around_it():
    frame = pd.DataFrame({"x": [1.26, np.nan], "n": [1, 20000]}, index=pd.Index(["a", "b"], name="Partner"))
    table = kr.Table.from_frame(frame, title="Mine", source="Own count", units={"x": "percent"}, decimals={"x": 2})
    (read,) = pd.read_html(io.StringIO(table.html))
    assert list(read.iloc[:, 0]) == ["a", "b"]
    assert read.iloc[0, 1] == "1.26"
    assert table.rows[1]["n"] == "20,000"
    pd.testing.assert_frame_equal(pd.read_csv(io.StringIO(table.to_json()["data_csv"])), frame.reset_index())


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (pd.DataFrame({"x": [1]}), {"title": "", "source": "s"}),
        (pd.DataFrame({"x": [1]}), {"title": "t", "source": " "}),
        (pd.DataFrame({"x": []}), {"title": "t", "source": "s"}),
        (pd.DataFrame(np.zeros((2, 12))), {"title": "t", "source": "s"}),
    ],
)
def test_a_frame_that_is_no_table_is_refused(frame, words):
    with pytest.raises(InvalidFigure):
        kr.Table.from_frame(frame, **words)


def test_a_matplotlib_figure_gets_words_and_is_drawn_as_it_is():
    mpl.use("agg")
    import matplotlib.pyplot as plt

    drawn, ax = plt.subplots()
    ax.plot([1, 2], [3, 5], label="mine")
    figure = kr.Figure.of(drawn, title="It is mine", alt="A line from 3 to 5", source="Own")
    assert not plt.get_fignums(), "or a notebook shows it a second time"
    assert "<svg" in figure.svg
    assert figure.svg == kr.Figure.of(drawn, title="It is mine", alt="A line from 3 to 5", source="Own").svg
    with pytest.raises(InvalidFigure, match="has no alt"):
        kr.Figure.of(drawn, title="It is mine", alt="", source="Own")


def test_cards_hold_every_finding(study):
    cars = study.cars()
    page = html.fromstring(cars._repr_html_())
    ids = {row.get("title").split(" · ")[0] for row in page.iter("tr")}
    assert set(cars.findings()) <= ids
    one = next(iter(cars.findings().values()))
    assert one.label in html.fromstring(one._repr_html_()).text_content()


def test_question_marks_show_what_is_ours(study):
    import inspect

    from korus_research.chapters.cars import measures

    assert inspect.getdoc(study.cars) == inspect.getdoc(measures.of)
    assert list(inspect.signature(study.cars).parameters) == []
    assert inspect.signature(kr.cars.maker_points).return_annotation == "Figure | None"
    assert list(inspect.signature(kr.cars.maker_points).parameters) == ["study"]
    frame = study.load("goods_trade_monthly")
    told = inspect.getdoc(frame)
    assert all(column in told for column in frame.columns)
    for name in study.catalog.names:
        card = study.catalog.describe(name).card.splitlines()
        assert len(card) <= 26, f"{name} fills more than a screen"
        assert max(map(len, card)) <= 130
    assert {"cars", "explore", "bench"} <= set(dir(kr))
