"""Flows against published totals and against a second road: DuckDB on the embedded file, csv on the raw one."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace

import duckdb
import pandas as pd
import pytest
from planted import planted

import korus_research as kr
from korus_research.chapters.flows.recent import of_study
from korus_research.data import open_catalog

# Published by Census (USD million), as the plan lists them (docs/methods/claims.md): tolerance is the printed decimal.
PUBLISHED = {
    ("exports", "2011"): 43_461.6,
    ("exports", "2016"): 42_262.2,
    ("imports", "2011"): 56_661.4,
    ("imports", "2016"): 69_886.8,
    ("balance", "2011"): -13_199.7,
    ("balance", "2016"): -27_624.6,
}


@pytest.mark.parametrize(("key", "usd_mn"), PUBLISHED.items())
def test_published_totals(study, key, usd_mn):
    assert study.flows().level(*key) * 1000 == pytest.approx(usd_mn, abs=0.06)


# Changes of imports to 2016 by baseline, USD billion (docs/methods/claims.md); printed to one decimal.
@pytest.mark.parametrize(
    ("start", "change"),
    [("2011", 13.2), ("2010", 21.0), ("2009", 30.7), ("2008", 21.8), ("2007", 22.3), ("prior12", 12.4)],
)
def test_change_of_imports_by_baseline(study, start, change):
    assert study.flows().change("imports", start, "2016") == pytest.approx(change, abs=0.051)


def test_bop_imports_changed_by_20_6_from_2010(study):
    assert study.flows().change("imports", "2010", "2016", "bop_goods") == pytest.approx(20.6, abs=0.051)


def test_twelve_months_to_november_2017_are_48_2_billion_of_exports(column_study):
    assert column_study.flows().level("exports", "latest12") == pytest.approx(48.2, abs=0.051)


def test_ustr_fact_sheet_of_2018_gives_the_same_deficits(study):
    # USTR 2018: 13.2 bn in 2011 and 23.1 bn in 2017.
    flows = study.flows()
    assert -flows.level("balance", "2011") == pytest.approx(13.2, abs=0.051)
    assert -flows.level("balance", "2017") == pytest.approx(23.1, abs=0.051)


def test_levels_agree_with_sql_on_the_embedded_file(study):
    path = open_catalog().describe("goods_trade_monthly").path
    sql = f"""
        select flow, left(month, 4) as year, sum(value_usd_mn) / 1000 from read_parquet('{path}')
        where partner = '5800' and left(month, 4) between '1990' and '2025' group by all
    """
    rows = duckdb.sql(sql).fetchall()
    assert len(rows) == 2 * 36
    for flow, year, usd_bn in rows:
        assert study.flows().level(flow, year) == pytest.approx(usd_bn, abs=1e-6)


def test_monthly_flows_agree_with_the_raw_file_line_by_line(study, raw_folder):
    monthly = study.flows().monthly
    with (raw_folder / "us_korea_goods_monthly.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert len(rows) == len(monthly) - 1  # August 2026 stands in another file
    for row in rows:
        found = monthly.loc[f"{row['year']}-{int(row['month']):02d}"]
        # Two stored copies differ by floating point in the fourth decimal of a million.
        assert found["exports"] == pytest.approx(float(row["exports_usd_mn"]), abs=1e-3)
        assert found["balance"] == pytest.approx(float(row["balance_usd_mn"]), abs=2e-3)


def test_parts_of_the_balance_add_up_to_its_change(study):
    f = study.flows().findings()
    parts = f["flows.exports.evaluation.change"].value - f["flows.imports.evaluation.change"].value
    assert parts == pytest.approx(f["flows.balance.evaluation.change"].value, abs=1e-9)


def test_goods_and_services_add_up_within_rounding(study):
    flows = study.flows()
    for year in range(1999, 2025):
        for what in ("exports", "imports"):
            whole = flows.level(what, str(year), "bop_goods_services")
            parts = flows.level(what, str(year), "bop_goods") + flows.level(what, str(year), "bop_services")
            assert whole == pytest.approx(parts, abs=0.0021)  # each published to USD 1 million


def test_energy_and_the_rest_add_up_and_match_the_published_share(study):
    # The plan: energy about 1.5 bn in 2016 and about 20 bn in 2022, some 73 percent of the growth 2016-24.
    table, f = study.flows().energy, study.flows().findings()
    assert (table["energy"] + table["other"] - table["exports"]).abs().max() < 1e-9
    assert table.loc["2016", "energy"] == pytest.approx(1.5, abs=0.051)
    assert table.loc["2022", "energy"] == pytest.approx(20, abs=0.51)
    growth = table.loc["2024"] - table.loc["2016"]
    assert 100 * growth["energy"] / growth["exports"] == pytest.approx(73, abs=1.5)
    parts = f["flows.energy.energy"].value + f["flows.energy.other"].value
    assert parts == pytest.approx(f["flows.energy.total"].value)


def test_energy_by_year_and_latest_months_agree_with_the_raw_file(study, raw_folder):
    source = f"read_parquet('{raw_folder / 'us_exports_hs2_monthly.parquet'}')"
    where = "partner_code = '5800' and hs2 = '27'"
    yearly = duckdb.sql(f"select year, sum(value_usd) / 1e9 from {source} where {where} and year < 2026 group by year")
    for year, usd_bn in yearly.fetchall():
        assert study.flows().energy.loc[str(year), "energy"] == pytest.approx(usd_bn, abs=1e-6)
    months = "year * 12 + month > 2025 * 12 + 5"  # June 2025 to May 2026, the last month there is
    latest = duckdb.sql(f"select sum(value_usd) / 1e9, count(*) from {source} where {where} and {months}").fetchall()[0]
    assert latest[1] == 12
    assert study.flows().energy.loc["energy12", "energy"] == pytest.approx(latest[0], abs=1e-6)


def test_energy_is_a_large_part_of_the_rebound_of_2017(column_study):
    # A referee's own calculation: 2.4 of 5.9 bn, 40 percent, to November 2017; 3.9 against 1.5 bn.
    f = column_study.flows().findings()
    assert f["flows.energy.energy"].value == pytest.approx(2.4, abs=0.051)
    assert f["flows.energy.total"].value == pytest.approx(5.9, abs=0.051)
    assert f["flows.energy.share"].value == pytest.approx(40, abs=0.51)


def test_deficit_of_2016_is_more_than_twice_that_of_2011(study):
    assert study.flows().findings()["flows.deficit.evaluation.ratio"].value == pytest.approx(
        27_624.6 / 13_199.7, abs=1e-4
    )


def test_purchasing_power_by_hand(study, raw_folder):
    # CPI-U annual averages (BLS): 224.939 in 2011, 240.007 in 2016.
    index = defaultdict(dict)
    with (raw_folder / "cpi_usa_kor.csv").open() as handle:
        for row in csv.DictReader(handle):
            if row["month"] == "0":
                index[row["iso3"]][int(row["year"])] = float(row["index"])
    assert index["USA"][2011] == pytest.approx(224.939, abs=0.05)
    by_hand = 100 * ((42_262.2 / index["USA"][2016]) / (43_461.6 / index["USA"][2011]) - 1)
    assert study.flows().findings()["flows.exports.evaluation.real_pct"].value == pytest.approx(by_hand, abs=0.01)


def test_an_edition_does_not_see_beyond_its_month(column_study):
    flows = column_study.flows()
    assert flows.last_month == "2017-11"
    assert flows.last_year == 2016
    assert flows.level("exports", "2017") is None
    assert flows.level("exports", "2017", "bop_goods") is None


def test_before_a_full_year_findings_say_that_they_have_none():
    import korus_research as kr

    f = kr.open_study("korus", as_of="2012-06").flows().findings()
    assert f["flows.exports.evaluation.change"].value is None
    assert f["flows.exports.evaluation.change"].reason
    assert f["flows.exports.latest.end"].value is not None


def test_starting_points_leave_out_the_year_of_entry_into_force(study):
    # Imports to 2016: 12.4 from the 12 months to February 2012 is the least, 30.7 from 2009 the most (docs/methods/claims.md).
    f = study.flows().findings()
    assert f["flows.grid.imports.evaluation.low"].value == pytest.approx(12.4, abs=0.051)
    assert f["flows.grid.imports.evaluation.high"].value == pytest.approx(30.7, abs=0.051)
    assert f["flows.grid.exports.evaluation.baselines"].value == 6


def test_in_december_the_latest_months_repeat_the_year_and_are_not_spoken():
    import korus_research as kr

    f = kr.open_study("korus", as_of="2016-12").flows().findings()
    assert f["flows.exports.latest.end"].repeats == "flows.exports.evaluation.end"
    assert f["flows.exports.evaluation.end"].repeats is None


def test_in_december_no_table_shows_the_same_twelve_months_twice():
    import korus_research as kr

    study = kr.open_study("korus", as_of="2016-12")
    grid = study.flows().grid("exports")
    assert list(grid.columns) == ["2013", "2014", "2015", "2016"]
    for table in (kr.flows.levels_table(study), kr.flows.services_table(study)):
        assert not [c.key for c in table.columns if "latest" in c.key]
    # A December after the evaluation year still has its newest months to speak of: the year 2019.
    later = kr.open_study("korus", as_of="2019-12").flows()
    f = later.findings()
    assert "latest12" not in later.grid("exports")
    assert f["flows.grid.exports.latest.falls"].value == (later.grid("exports")["2019"].drop("2012") < 0).sum()


def test_the_latest_months_beside_others_by_plain_pandas_on_the_raw_figures(study, raw_folder):
    # Three months to August 2026 against a year before, and the extremes of twelve months, without our code.
    raw = pd.read_csv(raw_folder / "us_goods_trade_partners_2025_26_monthly.csv", dtype={"cty_code": str})
    raw = raw[raw["flow"] == "imports"].assign(month=raw["year"] * 100 + raw["month"])
    wide = raw.pivot(index="month", columns="cty_code", values="value_usd_mn")
    growth = 100 * (wide.loc[202606:202608].sum() / wide.loc[202506:202508].sum() - 1)
    rest = wide["0015"] - wide["5800"]
    recent = study.flows().recent
    assert recent.growth["5800"] == pytest.approx(growth["5800"], abs=1e-9)
    assert recent.others == pytest.approx(100 * (rest.loc[202606:202608].sum() / rest.loc[202506:202508].sum() - 1))
    last = wide["5800"].loc[202509:202608]
    assert str(recent.months.idxmin()).replace("-", "") == str(last.idxmin())
    assert recent.months.max() * 1000 == pytest.approx(last.max())
    # The lowest month, November 2025, came before the highest, July 2026.
    swing = 100 * (last[202607] / last[202511] - 1)
    f = study.flows().findings()
    assert f["flows.recent.imports.swing"].value == pytest.approx(swing)
    ratio = recent.index.loc["2026-07"] / recent.index.loc["2025-11"]
    assert ratio["others"] == pytest.approx(rest[202607] / rest[202511])
    assert ratio["partner"] == pytest.approx(last[202607] / last[202511])
    assert recent.index.iloc[:12].mean().tolist() == pytest.approx([100, 100])
    assert f["flows.recent.imports.end"].value * 1000 == pytest.approx(last[202607])
    single = [c for c in recent.growth.index if c in wide and c not in ("5800", "0003", "0015")]
    faster = {c for c in single if growth[c] >= growth["5800"]}
    assert faster <= {c for c in recent.growth.index if recent.growth[c] >= recent.growth["5800"]}


@pytest.mark.parametrize(
    ("low", "high", "swing"),
    [("2025-12", "2026-01", False), ("2026-06", "2026-04", False), ("2026-02", "2026-05", True)],
)
def test_a_change_within_two_months_is_not_told_as_one_of_the_year(study, low, high, swing):
    flows = study.flows()
    months = pd.Series(10.0, flows.recent.months.index)
    months[low], months[high] = 5.0, 15.0
    told = replace(flows, recent=replace(flows.recent, months=months))
    assert ("Monthly imports from Korea " in kr.flows.say("recent", told).plain) is swing
    title = str(kr.flows.recent_imports(planted(study, flows=told)))
    assert ("imports from Korea were" in title) is not swing


def test_partners_that_moved_alike_are_those_with_growth_no_lower(study):
    recent = study.flows().recent
    planted = replace(recent, growth=pd.Series({"5800": -5.0, "5880": -5.0, "2010": -9.0, "5700": 3.0}))
    assert planted.alike == ("China", "Japan")
    assert replace(recent, growth=pd.Series({"5800": 1.0})).alike == ()


def test_no_latest_months_without_two_years_of_the_world():
    # The world begins in 1987: an edition as of 1988 has no two years of it.
    early = kr.open_study(as_of="2012-04")
    trade = early.load("goods_trade_monthly")
    early._tables["goods_trade_monthly"] = trade[(trade["partner"] != "0015") | (trade["month"] >= "2011-01")]
    assert of_study(early) is None


def test_services_that_end_early_are_said_to(study, column_study):
    assert study.flows().services_end == "December 2024"
    assert column_study.flows().services_end == ""  # September 2017 in an edition of November 2017


def test_days_on_which_duties_changed_between_the_extremes_are_told(study, column_study):
    # The court, the surcharge, the metals' tiers and the duty of July: read in the events, not in the words.
    told = study.flows().findings().names["duty_changes"]
    assert told == ("February 20, 2026", "February 24, 2026", "April 6, 2026", "July 24, 2026")
    assert column_study.flows().findings().names["duty_changes"] == ()


@pytest.mark.parametrize(("falls", "told"), [([False, False], "none"), ([True, False], "some"), ([True, True], "all")])
def test_how_many_starting_points_lie_higher_is_told_in_a_word(study, falls, told):
    flows = study.flows()
    start = flows.levels.loc["census_goods"].loc[list(flows.starts_before), "exports"]
    ends = {(False, False): start.max() + 1, (True, False): start.median(), (True, True): start.min() - 1}
    planted = flows.levels.copy()
    planted.loc[("census_goods", "2016"), "exports"] = ends[tuple(falls)]
    assert replace(flows, levels=planted).findings().names["higher_exports"] == told


def test_a_change_from_nothing_is_no_figure(study):
    flows = study.flows()
    months = flows.recent.months.copy()
    months.iloc[0] = 0.0  # nothing came in the first of the twelve months
    bare = replace(flows, recent=replace(flows.recent, months=months), energy=flows.energy.assign(other=0.0)).findings()
    assert bare["flows.recent.imports.start"].value == 0
    assert bare["flows.recent.imports.swing"].value is None
    assert bare["flows.energy.other"].value == 0
    assert bare["flows.energy.other_pct"].value is None
