"""The preference line by line: the collection's own figures, SQL on the raw file; a made-up panel in the files of a user."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.lacking import lacking
from korus_research.chapters.products.files import FOLDER, line_files
from korus_research.chapters.products.preference import preference
from korus_research.data import open_catalog
from korus_research.data.parameters import ReportParameters
from korus_research.errors import DamagedData, MissingFigures


def test_usual_duty_paid_and_saved_are_those_of_the_collection(study):
    # By the benchmark alone: 2,313 million dollars at the rate of others, 239 paid, 2,078 saved (its source note). It
    # does not say from which rate a line counts, which moves the duty paid by some millions and no more.
    f = study.products().findings()
    amounts = [1000 * f[f"products.{key}"].value for key in ("usual", "paid", "saved")]
    assert amounts == pytest.approx([2313, 239, 2078], abs=12)
    assert 50 <= f["products.top_share"].value <= 53
    assert f["products.saved_share"].value == pytest.approx(100 * 2078 / 2313, abs=0.6)
    # Its use by size, on lines that it counts by another list: 54, 68, 77, 82 and 94 percent.
    use = study.products().preference.by("imports_usd", study.products().choices.sizes_usd)["use"]
    assert list(use) == pytest.approx([54, 68, 77, 82, 94], abs=1.5)


def test_saved_by_sql_on_the_raw_lines(study, collected_folder):
    path = collected_folder / "us_imports_hs8_partners_2024.parquet"
    saved, lines = duckdb.sql(f"""
        with u as (select hs8, sum(imports_usd) as i, sum(duty_usd) as d from read_parquet('{path}')
            where cty_code in ('0003', '5880', '4120', '4419') group by hs8 having sum(imports_usd) >= 100000)
        select sum(o.imports_usd * u.d / u.i - o.duty_usd) / 1e9, count(*)
        from read_parquet('{path}') o join u using (hs8) where o.cty_code = '5800' and o.imports_usd > 0 and u.d / u.i >= 0.005 - 1e-12
    """).fetchall()[0]
    f = study.products().findings()
    assert f["products.saved"].value == pytest.approx(saved, rel=1e-6)
    assert abs(f["products.lines"].value - lines) <= 1  # rates are rounded to a millionth of a percent


def test_the_list_of_rates_is_not_embedded(collected_folder):
    # Its columns in the collection come from a copy that may not be passed on (CC BY-NC).
    licensed = pd.read_csv(collected_folder / "us_korea_preference_hs8_2024.csv", dtype={"hs8": str})
    catalog = open_catalog()
    for name in catalog.names:  # no table of the US tariff's lines has the list's columns
        columns = {c.name for c in catalog.describe(name).columns}
        assert "hs8" not in columns or not {"mfn_pct", "mfn_kind", "mfn"} & columns, name
    ours = catalog.load("preference_lines").query("partner == '5800'").merge(licensed, on="hs8")
    dutiable = ours[ours["mfn_pct"].fillna(0) > 0]
    assert len(dutiable) > 3000
    numbers = ours.select_dtypes("number").drop(columns=["mfn_pct"])
    for column in [c for c in catalog.load("preference_lines").columns if c in numbers]:
        same = np.isclose(dutiable[column], dutiable["mfn_pct"], rtol=0, atol=1e-6).mean()
        # Rates of others equal the list's where nothing else bears on a line; where the list is the source all would.
        assert same < 0.9, column
    specific = licensed[licensed["mfn_kind"].isin(["specific", "compound"])]["hs8"]
    assert ours[ours["hs8"].isin(specific)]["usual_pct"].notna().any(), "the list has no percent there, we have one"


def test_groups_add_up(study):
    held = study.products().preference
    for frame in (held.by("imports_usd", (1e5, 1e6)), held.by("usual_pct", (2.5, 5.0)), held.by_chapter()):
        assert frame["lines"].sum() == len(held.lines)
        assert frame["saved_usd"].sum() == pytest.approx(held.lines["saved_usd"].sum())


def test_the_preference_by_hand():
    table = pd.DataFrame({
        "year": 2024, "partner": "5800", "hs8": ["87000001", "87000002", "39000001", "39000002"],
        "imports_usd": [1000, 200, 500, 50], "duty_usd": [0, 8, 30, 0], "usual_pct": [2.5, 4.0, 5.0, np.nan],
    })  # fmt: skip
    held = preference(table, "5800", least=0.5)
    assert list(held.lines["saved_usd"]) == [25, 0, -5]  # more than others paid is no use, and not less than none
    assert held.use == pytest.approx(100 * 1000 / 1700)
    assert (held.imports, held.unknown) == (1750, 50)
    assert preference(table, "9999", least=0.5) is None


@pytest.mark.parametrize(
    ("agreement", "as_of", "there"),
    [
        ("korus", None, True),
        ("colombia", None, True),
        ("korus", "2024-11", False),
        ("korus", "2017-11", False),
        ("oman", None, False),
    ],
)
def test_the_chapter_is_there_where_lines_are(agreement, as_of, there):
    parameters = ReportParameters(agreement=agreement, as_of=as_of).resolve()
    assert ("products" not in lacking(parameters)) == there
    study = kr.open_study(agreement, as_of=as_of)
    if not there:
        with pytest.raises(MissingFigures, match="do not reach"):
            study.products()
        return
    said = [kr.products.say(name, study.products()).plain for name in ("answer", "how", "use", "door", "limits")]
    assert not any("can't tell" in text for text in said)
    for view in (kr.products.preference_use, kr.products.use_by_group, kr.products.saved_by_chapter):
        assert view(study) is not None


# --- the files of a user ------------------------------------------------------------------------------------------------


def made_up(folder, *, response: float = -4.0, seed: int = 1) -> None:
    """Write trade of four partners on 400 lines of 20 chapters, whose growth answers to the cut on the lines of Korea."""
    rng = np.random.default_rng(seed)
    lines = [f"{chapter:02d}{line:04d}" for chapter in range(30, 50) for line in range(20)]
    before, after = rng.uniform(0, 12, len(lines)), np.zeros(len(lines))
    cut = np.log1p(before / 100)
    world, chapters = rng.normal(0, 0.3, len(lines)), np.repeat(rng.normal(0, 0.4, 20), 20)
    rows = []
    for partner, trend in (("5800", 0.3), ("5880", -0.1), ("4280", 0.0), ("5830", 0.2)):
        level = rng.normal(15, 0.5, len(lines))
        growth = trend + world + chapters + rng.normal(0, 0.05, len(lines))
        growth = growth - response * cut * (partner == "5800")
        for year, logs in ((2009, level + rng.normal(0, 0.05, len(lines))), (2011, level), (2016, level + growth)):
            values = np.exp(logs).round(2)
            rows += [(year, "imports", partner, line, value) for line, value in zip(lines, values, strict=True)]
    pd.DataFrame(rows, columns=["year", "flow", "partner", "line", "value_usd"]).to_csv(
        folder / "trade.csv", index=False
    )
    duties = pd.DataFrame({"flow": "imports", "line": lines, "before_pct": before.round(4), "after_pct": after})
    duties.to_csv(folder / "duties.csv", index=False)


def test_a_planted_response_to_the_cut_is_found_line_by_line(tmp_path, monkeypatch):
    made_up(tmp_path)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    result = kr.open_study("korus").products()
    assert set(result.estimates) == {"imports"}
    found = result.estimates["imports"].slopes
    assert result.estimates["imports"].years == (2011, 2016)
    # A cut of one percent adds four percent. Lines' own growth (0.3) is an error within chapters, 400 lines: some 0.5;
    # and none of the triple difference, where only each cell's 0.05 is.
    assert found["within"].value == pytest.approx(4, abs=1.5)
    assert found["triple"].value == pytest.approx(4, abs=0.3)
    assert found["placebo"].value == pytest.approx(0, abs=0.4)
    assert found["triple"].low < 4 < found["triple"].high
    said = kr.products.say("door", result).plain
    assert "imports grew" in said
    assert "off" not in said


def test_the_door_is_shut_unless_a_folder_is_named(study, monkeypatch):
    monkeypatch.delenv(FOLDER, raising=False)
    assert line_files() is None
    assert "the two files that such a test needs" in kr.products.say("door", study.products()).plain


@pytest.mark.parametrize(
    ("file", "change", "found"),
    [
        ("trade.csv", lambda t: t.drop(columns="value_usd"), "lacks the column value_usd"),
        ("duties.csv", lambda t: t.rename(columns={"before_pct": "before"}), "lacks the column before_pct"),
        ("trade.csv", lambda t: t.assign(value_usd="much"), "line 2, column value_usd: 'much'"),
        ("trade.csv", lambda t: t.assign(value_usd=-1), "column value_usd: '-1'"),
        ("trade.csv", lambda t: t.assign(flow="import"), "column flow: 'import'"),
        ("trade.csv", lambda t: t.assign(partner="KOR"), "column partner: 'KOR'"),
        ("duties.csv", lambda t: t.assign(line="87.03"), "column line: '87.03'"),
        ("duties.csv", lambda t: pd.concat([t, t.tail(1)]), "line 402, column line"),
        ("duties.csv", None, "duties.csv: there is no such file"),
    ],
)
def test_an_odd_file_is_one_clear_error(tmp_path, file, change, found):
    made_up(tmp_path)
    path = tmp_path / file
    if change is None:
        path.unlink()
    else:
        change(pd.read_csv(path, dtype={"line": str, "partner": str})).to_csv(path, index=False)
    with pytest.raises(DamagedData) as error:
        line_files(tmp_path)
    assert found in str(error.value)


def test_files_without_the_partner_are_a_clear_error(tmp_path, monkeypatch):
    made_up(tmp_path)
    trade = pd.read_csv(tmp_path / "trade.csv", dtype=str)
    trade[trade["partner"] != "5800"].to_csv(tmp_path / "trade.csv", index=False)
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(MissingFigures, match="no imports of partner '5800'"):
        kr.open_study("korus").products()
