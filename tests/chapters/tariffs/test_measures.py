"""Realised duties by another road: SQL and plain pandas on the raw figures, toy panels worked by hand, planted steps."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

import korus_research as kr
from korus_research.chapters.tariffs.measures import matched_partners
from korus_research.chapters.tariffs.rates import all_months, partner_months, pooled, pooled_year, rate, together
from korus_research.chapters.tariffs.savings import by_industry, held_rates, holding, rate_parts, savings, with_duties
from korus_research.chapters.tariffs.schedule import added_since, exempt_industries, schedule_steps, sector_names
from korus_research.chapters.tariffs.steps import FEWEST_PLACEBOS, Step, StepDate, estimate_step
from korus_research.data import open_catalog
from korus_research.errors import MissingFigures, MissingPartner


def month(text: str) -> pd.Period:
    return pd.Period(text, freq="M")


# --- against the raw figures ------------------------------------------------------------------------------------------


def test_annual_rates_are_those_of_the_collection(study, raw_folder):
    printed = pd.read_csv(raw_folder / "us_realised_duty_on_korea_annual.csv")
    months = study.tariffs().months
    # The collection prints four decimals; it stops before the revision of June 2026, which moved 2025 alone.
    whole = printed[(printed["months"] == 12) & (printed["year"] > 2010)]
    assert len(whole) > 10
    for row in whole.itertuples():
        assert pooled_year(months, row.year) == pytest.approx(row.avg_duty_pct, abs=1.5e-4), row.year
    assert pooled_year(months, 2026) is None, "a year that has not ended"


def test_partner_months_add_up_to_the_annual_table_by_sql():
    catalog = open_catalog()
    monthly, annual = (catalog.describe(n).path for n in ("partner_duties_monthly", "realised_duties_annual"))
    apart = duckdb.sql(f"""
        with m as (
            select partner, cast(left(month, 4) as int) as year, sum(imports_usd) as i, sum(duty_usd) as d, count(*) as n
            from read_parquet('{monthly}') group by all)
        select count(*) from m full join (select lpad(partner::varchar, 4, '0') as partner, year, imports_usd, duty_usd,
            months from read_csv('{annual}')) a using (partner, year)
        where (year < 2025 or partner <> '0015')
            and (m.i is distinct from a.imports_usd or m.d is distinct from a.duty_usd or m.n is distinct from a.months)
    """).fetchall()
    assert apart == [(0,)]


def test_industries_add_up_to_all_goods_by_sql(raw_folder):
    path = raw_folder / "us_imports_naics3_monthly.parquet"
    ours = open_catalog().load("sector_duties_annual").groupby(["partner", "year"])["duty_usd"].sum()
    theirs = duckdb.sql(f"""
        select case partner_code when 'TOTAL' then '0015' else partner_code end as partner, year, sum(duty_usd) as duty
        from read_parquet('{path}') where naics3 = '00' and partner_code not in ('0003', 'USMCA') group by all
    """).df()
    theirs = theirs.set_index(["partner", "year"])["duty"]
    assert (ours.sort_index() == theirs.sort_index().astype("int64")).all()
    assert len(ours) == len(theirs) == 31 * 13


def test_rates_of_others_from_the_raw_files(study, raw_folder):
    rates = study.tariffs().rates
    early = pd.read_parquet(raw_folder / "us_imports_naics3_monthly.parquet").query("naics3 == '00'")
    late = pd.read_csv(raw_folder / "us_realised_duty_by_partner_monthly_2025_26.csv", dtype={"cty_code": str})
    # The 30 partners of the older file, all of which the newer one holds, less Korea.
    others = set(early["partner_code"]) - {"0003", "USMCA", "TOTAL", "5800"}
    then = early[(early["year"] == 2019) & (early["month"] == 5) & early["partner_code"].isin(others)]
    assert rates.loc[month("2019-05"), "others"] == pytest.approx(
        100 * then["duty_usd"].sum() / then["imports_usd"].sum()
    )
    now = late[(late["year"] == 2026) & (late["month"] == 8) & late["cty_code"].isin(others)]
    paid, traded = now["calculated_duty_usd"].sum(), now["imports_for_consumption_usd"].sum()
    assert rates.loc[month("2026-08"), "others"] == pytest.approx(100 * paid / traded)
    assert (len(then), len(now)) == (29, 29)


def test_the_revision_of_november_2025_from_the_raw_pair(study, raw_folder):
    pair = pd.read_csv(raw_folder / "vintage_pairs_korea_2025.csv").query("series == 'duty_on_korea' and month == 11")
    wide = pair.pivot_table(index="vintage", columns="measure", values="value")
    rates = 100 * wide["calculated_duty_usd"] / wide["imports_for_consumption_usd"]
    f = study.tariffs().findings()
    assert sorted(rates) == pytest.approx([f["tariffs.revised.rate.now"].value, f["tariffs.revised.rate.first"].value])
    assert f["tariffs.revised.rate.now"].period == "November 2025"
    assert f["tariffs.revised.gap.first"].value > 0 > f["tariffs.revised.gap.now"].value
    # A finding of the collection: Korea's first figure was 14.00 percent.
    assert f["tariffs.revised.rate.first"].value == pytest.approx(14.00, abs=0.005)


def test_nothing_is_said_of_a_revision_where_no_month_was_published_twice(column_study):
    assert column_study.tariffs().revision is None
    assert kr.tariffs.say("revised", column_study.tariffs()) is None


def test_the_steps_from_the_raw_months(study, raw_folder):
    raw = pd.read_csv(raw_folder / "us_realised_duty_on_korea_monthly_2005_2026.csv")
    raw["at"] = raw["year"] * 12 + raw["month"]
    rates = 100 * raw.set_index("at")["calculated_duty_usd"] / raw.set_index("at")["imports_for_consumption_usd"]
    entry, cars = study.tariffs().steps
    in_force, end = 2012 * 12 + 3, 2016 * 12 + 1
    # 15 March divides its month, which is then in neither mean; 1 January does not.
    assert entry.change == pytest.approx(
        rates.loc[in_force + 1 : in_force + 12].mean() - rates.loc[in_force - 12 : in_force - 1].mean()
    )
    assert cars.change == pytest.approx(rates.loc[end : end + 11].mean() - rates.loc[end - 12 : end - 1].mean())


def test_duty_saved_from_the_raw_months(study, raw_folder):
    raw = pd.read_csv(raw_folder / "us_realised_duty_on_korea_monthly_2005_2026.csv")
    base = raw[raw["year"] == 2011]
    share = base["calculated_duty_usd"].sum() / base["imports_for_consumption_usd"].sum()
    at = raw["year"] * 12 + raw["month"]
    span = raw[(at >= 2012 * 12 + 4) & (at <= 2025 * 12 + 2)]
    expected = (share * span["imports_for_consumption_usd"] - span["calculated_duty_usd"]).sum() / 1e9
    f = study.tariffs().findings()
    assert f["tariffs.saved.total"].value == pytest.approx(expected, rel=1e-12)
    prior = raw[raw["year"] == 2024]
    before = prior["calculated_duty_usd"].sum() / prior["imports_for_consumption_usd"].sum()
    after = raw[at >= 2025 * 12 + 3]
    added = (after["calculated_duty_usd"] - before * after["imports_for_consumption_usd"]).sum() / 1e9
    assert f["tariffs.added.total"].value == pytest.approx(added, rel=1e-12)
    assert f["tariffs.added.months"].value == len(after)
    assert "tariffs.added.missing" not in f


def test_windows_of_the_added_duties_from_the_raw_file(study, raw_folder):
    raw = pd.read_parquet(raw_folder / "us_imports_naics3_monthly.parquet")
    raw = raw[raw["month"].between(4, 11) & raw["year"].isin([2024, 2025])]
    sums = raw.groupby(["partner_code", "naics3", "year"])[["imports_usd", "duty_usd"]].sum()
    added = study.tariffs().added
    cars = sums.loc[("5800", "336")]
    assert added.sectors.loc["336", "change"] == pytest.approx(
        100 * (cars.loc[2025, "imports_usd"] / cars.loc[2024, "imports_usd"] - 1)
    )
    rest = sums.loc[("TOTAL", "336")] - cars
    assert added.sectors.loc["336", "change_others"] == pytest.approx(
        100 * (rest.loc[2025, "imports_usd"] / rest.loc[2024, "imports_usd"] - 1)
    )
    assert added.sectors.loc["336", "rate_after"] == pytest.approx(
        100 * cars.loc[2025, "duty_usd"] / cars.loc[2025, "imports_usd"]
    )
    whole = sums.loc[("5800", "00")].loc[2025]
    assert float(added.sectors["imports_after"].sum()) == whole["imports_usd"]


def test_partners_under_added_duties_from_the_raw_file(study, raw_folder):
    late = pd.read_csv(raw_folder / "us_realised_duty_by_partner_monthly_2025_26.csv", dtype={"cty_code": str})
    at = late["year"] * 12 + late["month"]
    # April 2025 to February 2026: the months of the year before then end before the first duties.
    rows = late[(at >= 2025 * 12 + 4) & (at <= 2026 * 12 + 2) & (late["cty_code"] == "5880")]
    found = study.tariffs().added.partners.loc["5880"]
    assert found["imports_after"] == rows["imports_for_consumption_usd"].sum()
    assert found["rate_after"] == pytest.approx(100 * rows["calculated_duty_usd"].sum() / found["imports_after"])


# --- gaps -------------------------------------------------------------------------------------------------------------


def test_no_month_is_missing_to_the_newest(study):
    assert study.tariffs().gaps == []


def toy(months: int = 36, *, start: str = "2010-01", rate_pct: float = 2.0, partner: str = "1000") -> pd.DataFrame:
    index = pd.period_range(start, periods=months, freq="M").astype(str)
    return pd.DataFrame({"month": index, "partner": partner, "imports_usd": 1000, "duty_usd": int(10 * rate_pct)})


@given(st.integers(1, 34))
def test_a_month_taken_away_is_a_gap_and_in_no_sum(study, lost):
    table = toy().drop(index=lost)
    months = partner_months(table, "1000")
    name = pd.period_range("2010-01", periods=36, freq="M")[lost]
    assert replace(study.tariffs(), months=months).gaps == [name]
    assert np.isnan(rate(months)[name])
    assert pooled_year(months, name.year) is None
    assert pooled(months, name, name) is None
    others = {2010, 2011, 2012} - {name.year}
    assert all(pooled_year(months, year) == pytest.approx(2.0) for year in others)


def test_a_group_lacks_the_months_that_one_of_it_lacks():
    both = pd.concat([toy(partner="1000"), toy(partner="2000").drop(index=5)])
    sums = together(all_months(both), ["1000", "2000"])
    assert list(sums.index[sums["imports_usd"].isna()]) == [month("2010-06")]
    assert sums.loc[month("2010-07"), "imports_usd"] == 2000


def test_an_unknown_partner_is_a_clear_error():
    with pytest.raises(MissingPartner, match="no rows for partner '9999'"):
        partner_months(toy(), "9999")


# --- steps ------------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.floats(-2, 2), st.integers(0, 10_000))
def test_a_planted_step_is_found_within_the_noise(size, seed):
    index = pd.period_range("2008-01", periods=144, freq="M")
    noise = np.random.default_rng(seed).normal(0, 0.05, len(index))
    date = StepDate(month("2014-01"), divided=False, goods="planted")
    rates = pd.Series(3.0 + noise + size * (index >= date.month), index=index)
    step = estimate_step(rates, pd.DataFrame(), date, avoid=[date])
    # Means of 12: standard error of the difference 0.05 * sqrt(2 / 12) = 0.02; five of them are next to certain.
    assert step.change == pytest.approx(size, abs=0.11)
    assert step.in_time.abs().max() < 0.11  # no placebo's windows hold months of both sides


def test_placebos_keep_clear_of_every_date():
    index = pd.period_range("2010-01", periods=72, freq="M")
    first = StepDate(month("2012-03"), divided=True, goods="a")
    second = StepDate(month("2014-06"), divided=False, goods="b")
    rates = pd.Series(np.where(index < first.month, 5.0, np.where(index < second.month, 3.0, 1.0)), index=index)
    rates[first.month] = 4.0
    step = estimate_step(rates, pd.DataFrame(), first, avoid=[first, second])
    assert (step.before, step.after, step.change) == (5.0, 3.0, -2.0)
    assert (step.in_time == 0).all()
    # By hand: both windows before March 2012, between the two dates, and from June 2014 on (months end in December 2015).
    allowed = [("2011-01", "2011-03"), ("2013-04", "2013-06")]
    assert set(step.in_time.index) == {m for a, b in allowed for m in pd.period_range(a, b, freq="M")}


def test_a_step_without_twelve_months_after_it_is_not_estimated():
    assert kr.open_study("korus", as_of="2016-11").tariffs().steps[1].change is None
    assert kr.open_study("korus", as_of="2016-12").tariffs().steps[1].change is not None


def test_the_interval_of_a_step_by_hand():
    # The numbers 0 to 40 have their 2.5 and 97.5 percent points at 1 and 39; all of one sign tells the ends apart.
    date = StepDate(month("2014-01"), divided=False, goods="x")
    placebos = pd.Series(np.arange(41.0)[::-1])
    step = Step(date, 10.0, 5.0, placebos, pd.Series(dtype=float))
    assert step.change == -5
    # What of the change would have come anyway lies between 1 and 39: so the step is between -5 - 39 and -5 - 1.
    assert (step.low, step.high) == pytest.approx((-44.0, -6.0))


def test_too_few_placebos_give_no_interval():
    date = StepDate(month("2014-01"), divided=False, goods="x")
    for count in (FEWEST_PLACEBOS - 1, FEWEST_PLACEBOS):
        step = Step(date, 1.0, 2.0, pd.Series(np.linspace(-1, 1, count)), pd.Series(dtype=float))
        assert (step.low is None, step.high is None) == (count < FEWEST_PLACEBOS,) * 2
    unknown = Step(date, None, 2.0, pd.Series(np.linspace(-1, 1, 40)), pd.Series(dtype=float))
    assert (unknown.low, unknown.high) == (None, None)


def test_rank_counts_partners_that_fell_as_much():
    index = pd.period_range("2010-01", periods=48, freq="M")
    late = index >= month("2012-01")
    date = StepDate(month("2012-01"), divided=False, goods="x")
    others = pd.DataFrame(
        {code: 5.0 - fall * late for code, fall in {"a": 3.0, "b": 1.0, "c": -2.0}.items()}, index=index
    )
    assert estimate_step(pd.Series(5.0 - 2.0 * late, index=index), others, date, avoid=[date]).rank == 2


# --- duty not levied --------------------------------------------------------------------------------------------------


def sectors(rows: list[tuple[int, str, str, float, float]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    table = pd.DataFrame(rows, columns=["year", "partner", "code", "value_usd", "duty_usd"]).assign(months=12)
    return table.drop(columns="duty_usd"), table.drop(columns=["value_usd", "months"])


def test_duty_not_levied_by_hand():
    # 36 months of 1,000 a month: 2 % in 2010 and 2011, then in force on 1 January 2012 at 0.5 %.
    table = pd.concat([toy(24), toy(12, start="2012-01", rate_pct=0.5)])
    imports, duties = sectors([
        (2012, "1000", "336", 9000, 45), (2012, "1000", "334", 3000, 15),
        (2012, "2000", "336", 500, 15), (2012, "3000", "336", 1500, 45), (2012, "2000", "334", 100, 1),
    ])  # fmt: skip
    industries = by_industry(with_duties(imports, duties), partner="1000", matched=["2000", "3000"])
    found = savings(partner_months(table, "1000"), industries, in_force=month("2012-01"), divided=False)
    assert found.monthly.sum() == pytest.approx(12_000 * 0.02 - 60)
    row = found.annual.loc[2012]
    assert row["base_usd"] == pytest.approx(180)
    # The matched bear 3 % on 336 (60 of 2,000) and 1 % on 334: 270 + 30 on this basket, 60 were paid.
    assert row["matched_usd"] == pytest.approx(240)
    assert row["matched_rate"] == pytest.approx(2.5)
    assert row["margin"] == pytest.approx(2.5 - 0.5)
    assert found.base_rates == pytest.approx({"before": 2.0, "prior": 2.0, "earlier": 2.0})


def test_an_industry_that_nobody_else_sends_saves_nothing():
    imports, duties = sectors([(2012, "1000", "336", 100, 7), (2012, "2000", "334", 10, 1)])
    row = by_industry(with_duties(imports, duties), partner="1000", matched=["2000"]).loc[(2012, "336")]
    assert row["matched_rate"] * row["imports_usd"] / 100 == pytest.approx(7)


def test_a_duty_that_spared_the_partner_is_held_out_of_the_second_reading_by_hand():
    # All others pay 1 % on metals in 2012 and 2013, then 9 % that the partner is spared; cars stay at 3 %.
    imports, duties = sectors([
        row
        for year, rate in ((2012, 0.01), (2013, 0.01), (2014, 0.09))
        for row in ((year, "1000", "331", 4000, 8), (year, "1000", "336", 8000, 52),
                    (year, "2000", "331", 700, 700 * rate), (year, "2000", "336", 100, 3))
    ])  # fmt: skip
    levied = by_industry(with_duties(imports, duties), partner="1000", matched=["2000"])
    rates = held_rates(levied, {"331": 2013, "999": 2013})
    assert rates == pytest.approx({"331": 1.0})  # an industry that nobody trades has nothing to hold
    held = holding(levied, {(2014, "331"): rates["331"]})
    months = pd.concat([toy(24), toy(36, start="2012-01", rate_pct=0.5)])
    annual = savings(partner_months(months, "1000"), held, in_force=month("2012-01"), divided=False).annual
    # Of the 12,000 a year, 60 were paid. Held: 40 on metals and 240 on cars; as levied in 2014: 360 on metals.
    assert list(annual.loc[2012:, "matched_usd"]) == pytest.approx([220, 220, 220])
    assert list(annual.loc[2012:, "levied_usd"]) == pytest.approx([220, 220, 540])
    assert annual.loc[2014, "levied_margin"] - annual.loc[2014, "margin"] == pytest.approx(100 * 320 / 12_000)


def test_the_second_reading_by_sql_on_the_raw_months(study, raw_folder):
    # Another road to the same sums: the duty that the others' rates imply, industry by industry, with metals at 2017's.
    matched = ", ".join(f"'{code}'" for code in matched_partners(study))
    rows = duckdb.sql(f"""
        with y as (select year, naics3, partner_code = '5800' as own, sum(imports_usd) as i, sum(duty_usd) as d
            from read_parquet('{raw_folder}/us_imports_naics3_monthly.parquet')
            where naics3 <> '00' and year <= 2024 and (partner_code = '5800' or partner_code in ({matched}))
            group by all),
        r as (select year, naics3, d / i as rate from y where not own and i > 0)
        select sum(own.i * coalesce(r.rate, own.d / own.i) - own.d),
               sum(own.i * coalesce(case when own.naics3 = '331' and own.year > 2017
                   then (select rate from r where naics3 = '331' and year = 2017) else r.rate end, own.d / own.i) - own.d)
        from y own left join r using (year, naics3) where own.own and own.i > 0
    """).fetchall()
    levied, held = rows[0]
    f = study.tariffs().findings()
    assert f["tariffs.saved.years.levied"].value == pytest.approx(levied / 1e9, rel=1e-9)
    assert f["tariffs.saved.years.matched"].value == pytest.approx(held / 1e9, rel=1e-9)
    assert f["tariffs.saved.years.policy"].value == pytest.approx((levied - held) / 1e9, rel=1e-6)
    assert f["tariffs.spared.before"].value == pytest.approx(0.66, abs=0.005)


def test_margins_of_the_windows_from_the_raw_months(study, raw_folder):
    raw = pd.read_parquet(raw_folder / "us_imports_naics3_monthly.parquet")
    raw = raw[raw["naics3"] != "00"]
    matched = matched_partners(study)

    def basket(rows: pd.DataFrame) -> pd.DataFrame:
        own = rows[rows["partner_code"] == "5800"].groupby("naics3")[["imports_usd", "duty_usd"]].sum()
        theirs = rows[rows["partner_code"].isin(matched)].groupby("naics3")[["imports_usd", "duty_usd"]].sum()
        return own.assign(theirs=theirs["duty_usd"] / theirs["imports_usd"])

    metals = basket(raw[raw["year"] == 2017]).loc["331", "theirs"]
    margins = study.tariffs().added.margins
    for name, year in (("before", 2024), ("after", 2025)):
        table = basket(raw[(raw["year"] == year) & raw["month"].between(4, 11)])
        if name == "before":  # spared then; from March 2025 everybody's metals bear the duty
            table.loc["331", "theirs"] = metals
        would = (table["theirs"] * table["imports_usd"]).sum()
        expected = 100 * (would - table["duty_usd"].sum()) / table["imports_usd"].sum()
        assert margins[name] == pytest.approx(expected, rel=1e-9)


def test_duties_that_spared_the_partner_are_known_from_their_day_on():
    agreement = kr.load_agreement("korus")
    assert exempt_industries(agreement, "2018-02") == {}
    assert exempt_industries(agreement, "2018-03") == {"331": 2017}
    early = kr.open_study("korus", as_of="2017-11").tariffs().findings()
    assert not [key for key in early if "spared" in key or "levied" in key]


@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.floats(0, 1e6), st.floats(0, 0.5), st.floats(0, 0.5)), min_size=2, max_size=6
    )
)
def test_rates_and_basket_add_up_to_the_change(industries):
    rows = []
    for place, (before, after, r0, r1) in enumerate(industries):
        first, last = before + (place == 0), after + (place == 0)  # one industry is always traded
        rows += [(y, "1000", f"{300 + place}", v, v * r) for y, v, r in ((2015, first, r0), (2016, last, r1)) if v > 0]
    imports, duties = sectors(rows)
    parts = rate_parts(by_industry(with_duties(imports, duties), partner="1000", matched=[]), 2015, 2016)
    sums = imports.merge(duties).groupby("year")[["value_usd", "duty_usd"]].sum()
    overall = 100 * sums["duty_usd"] / sums["value_usd"]
    assert parts.to_numpy().sum() == pytest.approx(overall[2016] - overall[2015], abs=1e-9)


def test_a_higher_base_rate_saves_more(study):
    tariffs = study.tariffs()
    f = tariffs.findings()["tariffs.saved.total"]
    assert f.low <= f.value <= f.high
    span = (tariffs.savings.monthly.index[0], tariffs.last_before_added)
    order = sorted(tariffs.savings.base_rates.values())
    sums = [tariffs.savings.between(*span, rate, tariffs.months) for rate in order]
    assert sums == sorted(sums)


def test_matched_partners_have_no_agreement_and_no_duties_of_their_own(study):
    matched = matched_partners(study)
    catalog = open_catalog()
    assert not set(matched) & set(catalog.load("us_agreements")["partner"])
    assert "5700" not in matched  # China's additional duties of 2018
    assert "4621" not in matched  # sanctions
    assert {"5880", "4280", "5830"} <= set(matched)


# --- the agreement as data --------------------------------------------------------------------------------------------


def test_steps_and_added_duties_are_those_of_the_agreement_at_the_month():
    agreement = kr.load_agreement("korus")
    assert [(str(s.month), s.divided) for s in schedule_steps(agreement, "2026-08")] == [
        ("2012-03", True),
        ("2016-01", False),
    ]
    assert [str(s.month) for s in schedule_steps(agreement, "2015-12")] == ["2012-03"]
    assert added_since(agreement, "2025-02") is None
    assert str(added_since(agreement, "2025-03")) == "2025-03"


def test_an_agreement_without_its_duty_before_is_a_clear_error():
    with pytest.raises(MissingPartner, match="no rows for partner '3010'"):
        kr.open_study("colombia").tariffs()
    study, late = (
        kr.open_study("korus"),
        kr.open_study("korus").load("realised_duties_monthly").query("month >= '2011-02'"),
    )
    load, study.load = study.load, lambda name: late if name == "realised_duties_monthly" else load(name)
    with pytest.raises(MissingFigures, match="missing for 2011"):
        study.tariffs()


@pytest.mark.parametrize("as_of", ["2013-12", "2016-12", "2017-11", "2025-04"])
def test_no_month_after_the_edition(as_of):
    tariffs = kr.open_study("korus", as_of=as_of).tariffs()
    assert str(tariffs.months.index[-1]) == as_of
    assert tariffs.to_frame()["month"].max() == as_of
    assert (tariffs.added is None) == (as_of < "2025-04")


def test_sector_names_are_told_apart():
    groups = open_catalog().load("sector_groups").query("classification == 'naics3'")
    names = sector_names(groups)
    assert len(set(names.values())) == len(names)
    assert names["336"] == "Transport equipment"


def test_partners_without_an_agreement_have_a_rate_in_every_month_of_others(study):
    rates = study.tariffs().rates.loc[month("2013-01") :]
    assert rates[["others", "matched"]].notna().all(axis=None)
