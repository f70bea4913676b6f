"""The pictures and tables of the drivers show what was found, and their words turn with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from chapter_objects import notebook, shown
from turned import sign_turned
from views import views

import korus_research as kr
from korus_research.show.figure import Figure
from korus_research.show.finding import Findings
from korus_research.show.table import Table
from korus_research.show.words.prose import Prose
from korus_research.show.words.sentence import fields, speak

CHAPTER = notebook("drivers")


@pytest.fixture(scope="module", params=views("drivers", "Figure"))
def figure(request, study):
    return getattr(kr.drivers, request.param)(study)


@pytest.fixture(scope="module", params=("2026-08", "2017-11", "2013-12"))
def objects(request):
    return shown(CHAPTER, as_of=request.param)


def test_the_same_bytes_twice(figure):
    assert replace(figure).svg == figure.svg
    assert len(str(figure.alt)) > 80
    assert figure.made_by.rsplit(".", 1)[1] in views("drivers", "Figure")


def test_the_path_drawn_is_the_path_found(study):
    drivers, data = study.drivers(), kr.drivers.export_path(study).data.set_index("year")
    f = drivers.findings()
    for end, year in (("evaluation", 2016), ("latest", 2023)):
        for column, finding in (("actual_usd_bn", "actual"), ("predicted", "predicted"), ("low", "predicted_low"), ("high", "predicted_high")):  # fmt: skip
            assert data.at[year, column] == pytest.approx(f[f"drivers.exports.{end}.{finding}"].value, rel=1e-9)
    before = data.loc[2011]
    assert before["predicted"] == before["low"] == before["high"] == before["actual_usd_bn"]
    assert data.loc[:2010, "predicted"].isna().all()


def test_the_median_of_currencies_is_that_of_all_but_the_own_one(study):
    data = kr.drivers.real_exchange_rate(study).data.set_index("year")
    others = [column for column in data.columns if column not in ("KOR", "median_of_others")]
    change = 100 * (data.loc[2016, others] / data.loc[2011, others] - 1).astype(float)
    found = study.drivers().findings()
    assert found["drivers.currency.evaluation.real_median"].value == pytest.approx(np.nanmedian(change))
    worse = (data.loc[2016, others] < data.loc[2016, "KOR"]).sum()
    assert found["drivers.currency.evaluation.real_lower"].value == worse
    assert data["median_of_others"].to_numpy() == pytest.approx(np.nanmedian(data[others], axis=1))


def test_bars_of_consecutive_spans_add_up_to_the_whole(study):
    data = kr.drivers.accounting_bars(study).data
    exports = study.flows().annual["exports"]
    shown_ = data[data["part"] == "exports"]
    assert shown_["usd_mn"].sum() == pytest.approx(exports[2025] - exports[2011], rel=1e-9)
    assert (shown_["first"].tolist()[1:], shown_["first"].tolist()[0]) == (shown_["last"].tolist()[:-1], 2011)


def test_bars_of_imports_add_up_and_the_share_is_that_of_the_raw_months(study):
    data = kr.drivers.import_accounting_bars(study).data
    imports = study.flows().annual["imports"]
    assert data.loc[data["part"] == "imports", "usd_mn"].sum() == pytest.approx(imports[2025] - imports[2011], rel=1e-9)
    trade = study.load("goods_trade_monthly")
    rows = trade[(trade["flow"] == "imports") & trade["month"].str.startswith("2016")]
    own, world = (rows.loc[rows["partner"] == code, "value_usd_mn"].sum() for code in ("5800", "0015"))
    found = study.drivers().findings()["drivers.import_accounting.evaluation.share_end"]
    assert found.value == pytest.approx(100 * own / world)


def test_the_years_of_total_imports_that_are_not_final_are_named_from_the_data(study):
    caption = kr.drivers.accounting_bars(study).caption
    table = study.load("import_demand_annual")
    korea = table[(table["iso3"] == "KOR") & (table["status"] == "preliminary") & table["imports_usd_mn"].notna()]
    for year in korea["year"]:
        assert str(year) in caption
    assert "missing for 2021" in caption


def test_a_long_run_that_nothing_establishes_is_a_dash_with_its_reason(study):
    exports, imports = kr.drivers.export_equations(study), kr.drivers.import_equations(study)
    told = {str(row["equation"]): str(row["value"]) for row in exports.rows}
    assert told["Levels with lags"] == told["Levels with lags, without the crisis years"] == "\N{EN DASH}"
    assert "the bounds test establishes no relation in levels" in " ".join(exports.notes)
    assert exports.data.set_index("specification").loc["levels", ["demand", "value_low"]].isna().all()
    assert all("(" in str(row["value"]) for row in imports.rows)
    assert "return by 2 percent of their distance a year" in " ".join(imports.notes)


def test_the_answer_is_two_sentences(objects):
    [answer] = [item for item in objects if isinstance(item, Prose) and item.role == "answer"]
    assert len(answer.sentences) == 2


@pytest.mark.parametrize("name", views("drivers", "Table"))
def test_every_table_has_its_cells_and_at_most_seven_columns(study, name):
    table = getattr(kr.drivers, name)(study)
    assert isinstance(table, Table)
    assert 3 <= len(table.columns) <= 7
    assert all(cell for row in table.rows for cell in row.values())


def test_the_table_of_equations_shows_all_declared_and_their_years(study):
    table = kr.drivers.export_equations(study)
    plan = study.drivers().plan
    assert [row["equation"] for row in table.rows] == [s.label for s in plan.specifications]
    for row, s in zip(table.rows, plan.specifications, strict=True):
        assert row["years"] == ("20" if s.without else "22")


def test_every_sentence_turns_with_every_finding_and_says_when_one_is_missing(objects):
    spoken = []
    for item in objects:
        if isinstance(item, Prose):
            spoken += item.sentences
        elif isinstance(item, Figure | Table):
            spoken += [s for p in (item.title, getattr(item, "alt", None)) if isinstance(p, Prose) for s in p.sentences]
    assert len(spoken) > 25
    for sentence in spoken:
        names = {name: "N" for name, _ in fields(sentence.template) if "." not in name}
        for finding in sentence.findings:
            known = [
                replace(f, value=f.value if f.value is not None and (f is not finding or f.direction) else 7.0, reason=None)
                for f in sentence.findings
            ]  # fmt: skip
            base = speak(sentence.template, Findings(tuple(known), names)).plain
            turned = [sign_turned(f) if f.id == finding.id else f for f in known]
            assert speak(sentence.template, Findings(tuple(turned), names)).plain != base, (
                finding.id,
                sentence.template,
            )
            gone = [f.without_value() if f.id == finding.id else f for f in known]
            assert speak(sentence.template, Findings(tuple(gone), names)).plain.startswith("We can't tell")


def test_no_sentence_of_the_chapter_is_left_without_a_figure(objects):
    texts = [s.plain for item in objects if isinstance(item, Prose) for s in item.sentences]
    assert not [t for t in texts if "can't tell" in t or "not available" in t]
