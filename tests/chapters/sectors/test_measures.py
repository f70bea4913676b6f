"""Trade by sector against SQL on the raw figures, published totals, and properties of the decompositions."""

from __future__ import annotations

import duckdb
import numpy as np
import pandas as pd
import pytest
from planted import measured_with

import korus_research as kr
from korus_research.chapters.sectors.beef import beef_of
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.chapters.sectors.trade import domestic_exports
from korus_research.data import open_catalog
from korus_research.errors import MissingFigures, MissingPartner
from korus_research.methods.series import FLOWS

RAW = {
    "exports": ("us_exports_hs2_monthly", "hs2", "value_usd"),
    "imports": ("us_imports_naics3_monthly", "naics3", "imports_usd"),
}
CENT = 1e-11  # of a billion dollars


@pytest.fixture(scope="module")
def sectors(study):
    return study.sectors()


@pytest.fixture(scope="module")
def raw_sums(raw_folder):
    """USD by flow, partner, sector and year straight from the raw months, by SQL."""

    def sums(flow: str, where: str) -> dict[int, float]:
        file, code, value = RAW[flow]
        query = f"""select year, sum({value}) from read_parquet('{raw_folder}/{file}.parquet')
                    where {code} <> '00' and {where} group by year"""
        return dict(duckdb.sql(query).fetchall())

    return sums


BLOCKS = [
    ("exports", "machinery", "hs2 in ('84', '85')"),
    ("exports", "transport", "hs2 in ('86', '87', '88', '89')"),
    ("exports", "energy", "hs2 = '27'"),
    ("imports", "machinery", "naics3 in ('333', '334', '335')"),
    ("imports", "transport", "naics3 = '336'"),
    ("imports", "energy", "naics3 in ('211', '324')"),
]


@pytest.mark.parametrize(("flow", "block", "codes"), BLOCKS)
def test_blocks_are_sums_of_their_raw_codes(sectors, raw_sums, flow, block, codes):
    raw = raw_sums(flow, f"partner_code = '5800' and {codes}")
    f, series = sectors.findings(), sectors.trade[flow].block(block)
    for end in (2016, 2024):
        assert series[end] / series[2013] == pytest.approx(raw[end] / raw[2013], rel=1e-12)
    if block != "energy":
        where = f"sectors.{block}.{flow}.evaluation"
        assert f[f"{where}.change"].value == pytest.approx((raw[2016] - raw[2013]) / 1e9, abs=CENT)
        assert f[f"{where}.change_pct"].value == pytest.approx(100 * (raw[2016] / raw[2013] - 1), rel=1e-12)


@pytest.mark.parametrize("end", [2016, 2024])
def test_the_groups_named_as_gaining_and_losing_most_are_those_of_plain_sums(sectors, study, raw_folder, end):
    # Groups summed from the raw months by SQL, ranked in plain Python.
    file, code, value = RAW["exports"]
    query = f"""select {code}, sum({value}) filter (year = {end}) - sum({value}) filter (year = 2013)
                from read_parquet('{raw_folder}/{file}.parquet') where {code} <> '00' and partner_code = '5800' group by 1"""
    named = study.load("sector_groups").query("classification == 'hs2'").set_index("code")["group_name"]
    sums: dict[str, float] = {}
    for chapter, change in duckdb.sql(query).fetchall():
        sums[named[chapter]] = sums.get(named[chapter], 0.0) + (change or 0.0) / 1e9
    ranked = sorted(sums, key=sums.get, reverse=True)
    span, f = {2016: "evaluation", 2024: "latest"}[end], sectors.findings()
    for place, group in zip(("first", "second", "third"), ranked, strict=False):
        assert f[f"sectors.exports.{span}.gained.{place}"].value == pytest.approx(sums[group], abs=CENT)
        assert str(f.names[f"gained_exports_{span}_{place}"]).replace(" and ", ", ") == group.lower().replace(
            " and ", ", "
        )
    if span == "evaluation":
        assert f["sectors.exports.evaluation.lost.first"].value == pytest.approx(sums[ranked[-1]], abs=CENT)


def test_meat_and_beef_by_the_raw_files_and_the_text(sectors, raw_sums, raw_folder, study, column_study):
    raw = raw_sums("exports", "partner_code = '5800' and hs2 = '02'")
    f = sectors.findings()
    assert f["sectors.meat.change"].value == pytest.approx((raw[2025] - raw[2013]) / 1e9, abs=CENT)
    # Fifteen equal steps from 40 percent, the first on entry into force, the others each January 1.
    f = beef_of(study).findings()
    assert (f["sectors.beef.before"].value, f["sectors.beef.now"].value) == (40, 0)
    then = beef_of(column_study).findings()
    assert then["sectors.beef.now"].value == pytest.approx(40 * (1 - 6 / 15), abs=0.1)
    printed = pd.read_csv(raw_folder / "korus_product_points.csv").set_index("series")["value"]
    assert f["sectors.beef.exports.1"].value * 1000 == printed["US beef exports to Korea, Jan-Sep"]
    assert f["sectors.beef.exports.2"].period == "January to June 2022"
    assert "sectors.beef.exports.2" not in then  # of a later year


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("end", [2014, 2016, 2024])
def test_contributions_add_up_to_the_raw_total(sectors, raw_folder, flow, end):
    # The raw row of all products ('00') is not used by the build except to check it.
    file, code, value = RAW[flow]
    query = f"""select year, sum({value}) from read_parquet('{raw_folder}/{file}.parquet')
                where {code} = '00' and partner_code = '5800' group by year"""
    whole = dict(duckdb.sql(query).fetchall())
    table = sectors.contributions(flow, end)
    assert table["change"].sum() == pytest.approx((whole[end] - whole[2013]) / 1e9, abs=CENT)
    assert table["points"].sum() == pytest.approx(100 * (whole[end] / whole[2013] - 1), rel=1e-9)
    assert table["change"].is_monotonic_decreasing


def test_exports_equal_the_country_totals_to_the_cent_before_revisions(sectors):
    # One basis and one vintage for 2013-2022; later years were revised between the two pulls.
    for year in range(2013, 2023):
        assert abs(sectors.basis_gap("exports", year)) < 1e-8
    for year in (2023, 2024, 2025):
        assert abs(sectors.basis_gap("exports", year)) < 0.001


def test_imports_differ_from_the_country_totals_by_the_documented_basis(sectors, study):
    # Imports for consumption as the table of realised duties has them (another file of the collection), general
    # imports of docs/methods/claims.md.
    duties = study.load("realised_duties_annual")
    own = duties[duties["partner"] == "5800"].set_index("year")["imports_usd"]
    for year in range(2013, 2025):
        assert sectors.trade["imports"].total().loc[year] == pytest.approx(own.loc[year] / 1e9, abs=CENT)
    assert sectors.basis_gap("imports", 2016) == pytest.approx(own.loc[2016] / 1e9 - 69.8868, abs=1e-4)
    f, flows = sectors.findings(), study.flows()
    other = flows.level("imports", "2016") - flows.level("imports", "2013")
    own = sectors.trade["imports"].total()
    change = float(own[2016] - own[2013])
    assert f["sectors.imports.evaluation.basis_gap"].value == pytest.approx(change - other, abs=CENT)


def test_sectors_of_the_commission_are_those_chapters_where_they_coincide(sectors):
    # Printed in whole millions in 2018; special provisions are HS 98, and 2013-2015 were not revised since.
    for year in (2013, 2014, 2015):
        printed = sectors.published.loc[year]
        assert printed["Special provisions"] == pytest.approx(sectors.trade["exports"].own.at[year, "98"], abs=0.0006)
        # Thirteen rounded figures, and 2 or 3 million that the Commission's own sectors miss.
        assert printed.sum() == pytest.approx(sectors.trade["exports"].total().loc[year], abs=0.0045)
    assert sectors.published.at[2016, "Machinery"] == 5.622
    assert sectors.published.at[2017, "Machinery"] == 8.7


def test_domestic_exports_are_below_total_exports_of_the_same_sector(sectors):
    # Two printed tables of one house: what is between them is goods of foreign origin.
    for sector in ("Machinery", "Electronic products", "Transportation equipment"):
        domestic = domestic_exports(sectors.domestic, sector, "5800")
        for year in sorted(set(domestic.index) & set(sectors.published.index)):
            total = sectors.published.at[year, sector]
            assert 0.82 * total < domestic.loc[year] < total
    f = sectors.findings()
    assert f["sectors.domestic.machinery.change_pct"].value == pytest.approx(100 * (5309 / 5516 - 1))
    others = (108_685 - 5_309) / (115_535 - 5_516)
    assert f["sectors.domestic.machinery.elsewhere_pct"].value == pytest.approx(100 * (others - 1))


def test_shift_share_by_another_formula(sectors, raw_sums):
    # Esteban's parts for one sector from raw sums, HS 84: base times growth, base times gap, base times gap.
    own = raw_sums("exports", "partner_code = '5800' and hs2 = '84'")
    all_84 = raw_sums("exports", "partner_code = 'TOTAL' and hs2 = '84'")
    own_all = raw_sums("exports", "partner_code = '5800'")
    everything = raw_sums("exports", "partner_code = 'TOTAL'")
    elsewhere = (everything[2016] - own_all[2016]) / (everything[2013] - own_all[2013]) - 1
    sector = (all_84[2016] - own[2016]) / (all_84[2013] - own[2013]) - 1
    row = sectors.shift("exports", 2016).loc["84"]
    base = own[2013] / 1e9
    assert row["common"] == pytest.approx(base * elsewhere, rel=1e-9)
    assert row["mix"] == pytest.approx(base * (sector - elsewhere), rel=1e-9)
    assert row["local"] == pytest.approx(base * (own[2016] / own[2013] - 1 - sector), rel=1e-9)


def test_without_energy_nothing_of_energy_is_in_the_yardstick(sectors, raw_sums):
    no27 = "hs2 <> '27' and partner_code ="
    own, world = (raw_sums("exports", f"{no27} '{code}'") for code in ("5800", "TOTAL"))
    growth = (world[2024] - own[2024]) / (world[2013] - own[2013]) - 1
    parts = sectors.shift("exports", 2024, energy=False)
    assert "27" not in parts.index
    assert parts["common"].sum() == pytest.approx(own[2013] / 1e9 * growth, rel=1e-9)
    assert parts["change"].sum() == pytest.approx((own[2024] - own[2013]) / 1e9, abs=CENT)


def test_shares_before_the_tables_are_those_of_the_raw_levels(sectors, raw_folder):
    query = f"""select year, 100 * sum(total_usd_mn) filter (wiod_code = 'c15') / sum(total_usd_mn)
                from read_csv('{raw_folder}/wiod_us_korea_bilateral_by_sector_1995_2011.csv')
                where exporter = 'KOR' and importer = 'USA' and cast(substr(wiod_code, 2) as int) <= 16 group by year"""
    expected = dict(duckdb.sql(query).fetchall())
    for year, share in expected.items():
        assert sectors.shares["imports"].at[year, "c15"] == pytest.approx(share, abs=1e-6)
    for table in sectors.shares.values():
        assert np.allclose(table.sum(axis=1), 100, atol=1e-4)


def _made(study, **changed):
    return measured_with(sectors_of, study, **changed)


def _with_gap(table: pd.DataFrame, year: int, months: int) -> pd.DataFrame:
    held = table["months"].mask((table["partner"] == "5800") & (table["year"] == year), months)
    return table.assign(months=held)


def test_a_year_with_a_missing_month_is_a_gap_and_not_filled(study):
    broken = _made(study, sector_imports_annual=_with_gap(study.load("sector_imports_annual"), 2015, 11))
    assert broken.trade["imports"].gaps == {2015: 11, 2025: 11}
    assert 2015 not in broken.trade["imports"].own.index
    assert broken.findings()["sectors.imports.gaps"].value == 2
    assert np.isnan(broken.basis_gap("imports", 2015))
    with pytest.raises(MissingFigures, match="2015"):
        broken.contributions("imports", 2015)


def test_an_incomplete_evaluation_year_moves_the_comparison_and_says_so(study):
    broken = _made(study, sector_exports_annual=_with_gap(study.load("sector_exports_annual"), 2016, 9))
    assert broken.end == broken.last == 2024
    assert broken.findings().names["end_year"] == "2024"
    assert broken.findings()["sectors.machinery.exports.evaluation.change"].period == "2013 to 2024"


def test_the_year_2025_of_imports_is_the_gap_of_the_data(sectors):
    assert sectors.trade["imports"].gaps == {2025: 11}
    assert sectors.last == 2024
    assert sectors.newest_exports == 2025


def test_partners_and_years_that_are_not_held_are_named_errors(study):
    with pytest.raises(MissingPartner, match="5800"):
        _made(study, sector_exports_annual=study.load("sector_exports_annual").query("partner != '5800'"))
    with pytest.raises(MissingFigures, match="1 complete years"):
        _made(study, sector_exports_annual=study.load("sector_exports_annual").query("year == 2013"))


def test_as_of_cuts_the_years():
    early = kr.open_study("korus", as_of="2017-11").sectors()
    assert (early.first, early.end, early.last) == (2013, 2016, 2016)
    assert early.domestic["year"].max() == early.published.index.max() == 2016
    f = early.findings()
    assert f["sectors.exports.latest.change"].period == "2013 to 2016"
    assert f.names["later"] == ""
    assert "$0.6 billion" in kr.sectors.say("answer", early).plain  # nothing is left out where both years are one
    assert "sectors.newest.exports.change" not in f


def test_an_agreement_whose_evaluation_year_comes_before_the_tables_ends_with_the_last():
    chile = kr.open_study("chile").sectors()
    assert chile.agreement.evaluation_year < chile.first
    assert chile.end == chile.last
    assert chile.findings()["sectors.wiod.transport.imports.change"].value is None


def test_the_embedded_years_are_the_raw_months_for_every_partner(raw_folder, whole_collection):
    for flow, (file, code, value) in RAW.items():
        path = open_catalog().describe(f"sector_{flow}_annual").path
        query = f"""
            with raw as (
                select year, if(partner_code = 'TOTAL', '0015', partner_code) as partner, {code} as code,
                       sum({value})::bigint as value
                from read_parquet('{raw_folder}/{file}.parquet')
                where {code} <> '00' and partner_code not in ('0003', 'USMCA') group by all
            ), ours as (
                select year, partner, code, value_usd::bigint as value from read_parquet('{path}')
                where {whole_collection} or (year, partner, code) in (select (year, partner, code) from raw)
            )
            select (select count(*) from raw), (select count(*) from ours),
                   (select count(*) from (select * from raw except select * from ours))
        """
        raw, ours, different = duckdb.sql(query).fetchall()[0]
        assert raw == ours > (10_000 if whole_collection else 4_000)
        assert different == 0


def test_the_long_form_holds_both_flows_and_what_was_sold_elsewhere(sectors, raw_sums):
    frame = sectors.to_frame()
    world = raw_sums("exports", "partner_code = 'TOTAL'")
    of_2020 = frame[(frame["flow"] == "exports") & (frame["year"] == 2020)]
    assert (of_2020["usd_bn"] + of_2020["elsewhere_usd_bn"]).sum() == pytest.approx(world[2020] / 1e9, rel=1e-12)
    assert not frame[["label", "group", "block"]].isna().to_numpy().any()
    assert set(frame["flow"]) == set(FLOWS)
