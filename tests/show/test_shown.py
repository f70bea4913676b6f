"""What tables and figures of a chapter are where its code leaves something out; marks that charts share."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
import pytest

import korus_research as kr
from korus_research.show import theme
from korus_research.show.declared import Value
from korus_research.show.shown import Rows, table
from korus_research.show.words import file

WORDS = """
[table.toy]
title = "Toys"
columns = [{ key = "toy", label = "Toy", align = "left" }, { key = "mark", label = "Mark" }, { key = "price", label = "Price", decimals = 1 }]
"""


@pytest.fixture
def shown(tmp_path, monkeypatch):
    """A maker of tables of `Rows`, with words of its own."""
    (tmp_path / "words.toml").write_text(WORDS)
    monkeypatch.setattr(file, "place", lambda chapter: tmp_path / "words.toml")
    monkeypatch.setattr("korus_research.show.shown.source_line", lambda study, datasets, last: f"Data to {last}.")
    study = kr.open_study("korus", as_of="2016-12")
    return lambda **given: table("toy", tables=("goods_trade_monthly",))(lambda study: Rows(**given))(study)


ROWS = [{"toy": "ball", "mark": {"text": "good", "tone": "holds"}, "price": 1.25}, {"toy": "top", "mark": "", "price": None}]  # fmt: skip


def test_a_table_without_a_row_is_not_shown(shown):
    assert shown(rows=[]) is None


def test_the_csv_of_a_table_holds_its_rows_with_marks_as_texts(shown):
    made = shown(rows=ROWS)
    assert made.data.to_csv(index=False) == "toy,mark,price\nball,good,1.25\ntop,,\n"
    assert [row["price"] for row in made.rows] == ["1.2", "\N{EN DASH}"]


def test_a_table_ends_with_the_month_of_its_study_unless_it_says_otherwise(shown):
    assert (shown(rows=ROWS).last_period, shown(rows=ROWS).source) == ("2016-12", "Data to 2016-12.")
    given = shown(rows=ROWS, last="2014", data=pd.DataFrame({"a": [1]}))
    assert (given.last_period, given.source, list(given.data)) == ("2014", "Data to 2014.", ["a"])


def test_a_value_below_another_keeps_what_it_says_itself():
    about = {"period": "2013 to 2016", "says": {"noun": "exports", "who": "us"}}
    plain = Value("effect", 1.0).below("exports", **about)
    assert plain == Value("exports.effect", 1.0, "2013 to 2016", says={"noun": "exports", "who": "us"})
    own = Value("p", 0.1, "", says={"who": "them"}).below("exports", **about)
    assert own == Value("exports.p", 0.1, "", says={"noun": "exports", "who": "them"})


def test_a_logarithmic_axis_is_labelled_at_the_ticks_alone():
    drawn, ax = plt.subplots()
    theme.log_axis(ax, (12.5, 100, 400))
    ax.set_ylim(10, 1000)
    drawn.canvas.draw()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["12.5", "100", "400"]
    assert not ax.yaxis.get_minorticklocs().size
    plt.close(drawn)


def test_names_that_matter_are_bold_and_a_panel_without_names_stays_so():
    drawn, (left, right) = plt.subplots(1, 2, sharey=True)
    left.set_yticks([0, 1], ["Korea", "Japan"])
    for ax in (left, right):
        theme.stress(ax, (name == "Korea" for name in ("Korea", "Japan")))
    weights = [label.get_fontweight() for label in left.get_yticklabels()]
    assert weights == [theme.STRONG, 400]
    plt.close(drawn)
