"""Comparators and context against SQL on the embedded file and figures of the plan."""

from __future__ import annotations

import csv

import duckdb
import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.claims.kinds.flows import share_measures
from korus_research.chapters.claims.kinds.periods import period_measures
from korus_research.chapters.claims.statements import load_claims
from korus_research.chapters.comparators.measures import _rank
from korus_research.chapters.comparators.vintage import of_one_release
from korus_research.data import open_catalog
from korus_research.data.catalog import Catalog


@pytest.fixture(scope="module")
def annual() -> pd.DataFrame:
    """Annual sums by partner and flow straight from the file, by SQL."""
    path = open_catalog().describe("goods_trade_monthly").path
    sql = f"""
        select partner, flow, cast(left(month, 4) as int) as year, sum(value_usd_mn) as usd_mn
        from read_parquet('{path}') group by all having count(*) = 12
    """
    return duckdb.sql(sql).df().set_index(["partner", "flow", "year"])["usd_mn"]


def test_shares_of_2016_are_those_of_the_plan(study):
    # docs/methods/context.md: Korea 3.08 %, Canada and Mexico 29.4 %, China 15.9 % of two-way goods trade.
    context = study.context()
    assert context.share("5800", 2016) == pytest.approx(3.08, abs=0.0051)
    assert context.share("neighbours", 2016) == pytest.approx(29.4, abs=0.051)
    assert context.share("5700", 2016) == pytest.approx(15.9, abs=0.051)


@pytest.mark.parametrize("year", [2011, 2016, 2025])
def test_shares_and_ranks_by_sql(study, annual, year):
    comparators = study.comparators()
    aggregates = {"0000", "0015"}
    for flow in ("exports", "imports"):
        of_year = annual.xs((flow, year), level=("flow", "year"))
        own = of_year["5800"]
        assert comparators.shares.at[year, flow] == pytest.approx(100 * own / of_year["0015"], rel=1e-9)
        larger = [v for code, v in of_year.items() if code not in aggregates and v > own]
        assert comparators.ranks.at[year, flow] == 1 + len(larger)


def test_growth_of_the_rest_leaves_out_the_new_agreements(study, annual):
    # Korea, Colombia (2012-05) and Panama (2012-10) are the agreements after 2011.
    def rest(flow: str, year: int) -> float:
        of_year = annual.xs((flow, year), level=("flow", "year"))
        return of_year["0015"] - of_year[["5800", "3010", "2250"]].sum()

    comparators = study.comparators()
    for flow in ("exports", "imports"):
        expected = 100 * (rest(flow, 2016) / rest(flow, 2011) - 1)
        assert comparators.growth(flow, 2016)["rest"] == pytest.approx(expected, rel=1e-9)


def test_gaps_are_differences_of_growth(study):
    comparators = study.comparators()
    f = comparators.findings()
    for flow in ("exports", "imports"):
        growth = comparators.growth(flow, 2016)
        assert f[f"comparators.{flow}.evaluation.partner"].value == growth["5800"]
        assert f[f"comparators.{flow}.evaluation.rest"].value == growth["rest"]
        gap = growth["5800"] - growth["0015"]
        assert f[f"comparators.{flow}.evaluation.gap_world"].value == pytest.approx(gap, abs=1e-9)
        last = comparators.growth(flow, comparators.last_year)
        assert f[f"comparators.{flow}.latest.gap_world"].value == pytest.approx(last["5800"] - last["0015"], abs=1e-9)


def test_peers_that_did_better_are_counted_by_sql(study, annual):
    f = study.comparators().findings()
    peers = study.parameters.comparators
    assert f["comparators.exports.evaluation.peers"].value == len(peers)
    for flow in ("exports", "imports"):
        ratio = annual.xs(flow, level="flow").unstack("year").pipe(lambda years: years[2016] / years[2011])
        above = sum(ratio[c] > ratio["5800"] for c in peers)
        assert f[f"comparators.{flow}.evaluation.peers_above"].value == above
        word = {0: "none", len(peers): "all"}.get(above, "some")
        assert f.names[f"{flow}_above"] == word


def test_the_index_is_100_in_december_of_the_baseline(study):
    for table in study.comparators().index.values():
        assert table.loc["2011-12"].dropna().to_numpy() == pytest.approx(100.0)


@pytest.mark.parametrize("year", [2023, 2024])
def test_a_share_takes_both_figures_from_one_release(study, raw_folder, year):
    # Korea's newest figures are of October 2026, the world's of early 2025; the older Korean ones are in the raw panel.
    panel = pd.read_parquet(raw_folder / "us_goods_trade_by_country_monthly.parquet")
    sums = panel[panel["year"] == year].groupby(["cty_code", "flow"])["value_usd_mn"].sum()
    for flow in ("exports", "imports"):
        wanted = 100 * sums["5800", flow] / sums["0015", flow]
        assert study.comparators().shares.at[year, flow] == pytest.approx(wanted, rel=1e-9)


def test_share_and_rank_of_the_latest_months_by_plain_pandas_on_the_raw_figures(study, raw_folder, whole_collection):
    raw = pd.read_csv(raw_folder / "us_goods_trade_partners_2025_26_monthly.csv", dtype={"cty_code": str})
    raw = raw[raw["year"] * 100 + raw["month"] >= 202509]
    sums = raw.groupby(["cty_code", "flow"])["value_usd_mn"].sum().unstack().assign(two_way=lambda f: f.sum(axis=1))
    recent = study.comparators().recent
    assert study.comparators().recent_end == "2026-08"
    for column in ("exports", "imports", "two_way"):
        assert recent.at[column, "share"] == pytest.approx(100 * sums.at["5800", column] / sums.at["0015", column])
        if whole_collection:
            single = sums.loc[(sums.index >= "1000"), column]
            assert recent.at[column, "rank"] == 1 + (single > single["5800"]).sum()


def test_no_rank_where_an_economy_without_figures_may_have_more():
    # Ten economies in 2024; in 2025 four are left, and the largest of the others had 50 in 2024.
    def sums(values):
        return pd.DataFrame(dict.fromkeys(("exports", "imports", "two_way"), values), dtype=float)

    before = sums({str(k): v for k, v in zip(range(1000, 1010), [90, 80, 70, 60, 50, 40, 30, 20, 10, 5], strict=True)})
    now = sums({"1000": 90, "1001": 55, "1002": 45, "1003": 1})
    single, yearly = before.index, {2024: before, 2025: now}
    assert _rank(now, yearly, 2025, single, "1001").tolist() == [2, 2, 2]
    assert _rank(now, yearly, 2025, single, "1002").isna().all()
    assert _rank(before, yearly, 2024, single, "1009").tolist() == [10, 10, 10]


def test_the_list_of_us_agreements_agrees_with_the_flags_of_the_gravity_panel(raw_folder):
    # By another road: the panel marks pairs with a trade agreement in its years (every fourth, 1964-2016).
    panel = pd.read_parquet(
        raw_folder / "gravity_penppml_1964_2016.parquet", columns=["exporter", "importer", "year", "has_agreement"]
    )
    pairs = panel[(panel["exporter"] == "USA") & (panel["has_agreement"] == 1)]
    first_flagged = pairs.groupby("importer")["year"].min().to_dict()
    iso3 = {"5081": "ISR", "1220": "CAN", "2010": "MEX", "5110": "JOR", "3370": "CHL", "5590": "SGP", "6021": "AUS", "7140": "MAR",
            "2110": "SLV", "2150": "HND", "2190": "NIC", "2050": "GTM", "5250": "BHR", "2470": "DOM", "2230": "CRI", "5230": "OMN",
            "3330": "PER", "5800": "KOR", "3010": "COL", "2250": "PAN"}  # fmt: skip
    with open_catalog().describe("us_agreements").path.open() as handle:
        listed = {iso3[row["partner"]]: int(row["in_force"][:4]) for row in csv.DictReader(handle)}
    assert listed["CAN"] == 1989
    assert listed["CRI"] == 2009
    listed["CRI"] = 2006  # the panel's source dates CAFTA-DR for all members at once
    listed["CAN"] = 1994  # the panel's source knows NAFTA (1994), not the agreement with Canada that it replaced
    years = sorted(panel["year"].unique())
    for country, year in listed.items():
        assert country in first_flagged, country
        panel_year = next(y for y in years if y >= year)
        assert first_flagged[country] == panel_year, (country, year, first_flagged[country])
    assert set(first_flagged) == set(listed)


def test_a_share_of_values_published_then_has_both_figures_of_one_release():
    """The release of February 2026 is known for Korea alone, so the share is of today's figures; Korea's own are not."""
    then, today = (kr.open_study(as_of="2025-11", values=values) for values in ("published", "today"))
    pd.testing.assert_frame_equal(then.comparators().recent, today.comparators().recent)
    pd.testing.assert_frame_equal(then.context().shares, today.context().shares)
    assert then.flows().level("exports", "latest12") != today.flows().level("exports", "latest12")


def test_a_share_of_a_release_that_has_everybody_is_that_release_s():
    then = kr.open_study(as_of="2024-12", values="published")
    folder = open_catalog().folder
    sql = f"""
        with held as (
            select month, partner, flow, value_usd_mn, vintage from read_parquet('{folder}/goods_trade_monthly.parquet')
            union all select month, partner, flow, value_usd_mn, vintage from '{folder}/goods_trade_replaced.csv')
        select flow, 100 * sum(value_usd_mn) filter (partner = '5800') / sum(value_usd_mn) filter (partner = '0015')
        from held where vintage = '2025-03' and left(month, 4) = '2024' group by flow
    """
    shares = dict(duckdb.sql(sql).fetchall())
    for flow in ("exports", "imports"):
        assert then.comparators().shares[flow][2024] == pytest.approx(shares[flow], rel=1e-12)


@pytest.mark.parametrize("year", [2023, 2024])
def test_a_two_way_share_of_today_s_values_has_both_figures_of_the_world_s_release(study, year):
    """Korea's figures of these years are younger than the world's: the replaced ones are those of its release."""
    trade = pd.read_parquet(open_catalog().describe("goods_trade_monthly").path)
    replaced = pd.read_csv(open_catalog().folder / "goods_trade_replaced.csv", dtype={"partner": str, "vintage": str})
    of_year = trade[trade["month"].str.startswith(str(year))]
    world = of_year[of_year["partner"] == "0015"]
    (release,) = world["vintage"].unique()
    older = replaced[replaced["month"].str.startswith(str(year)) & (replaced["vintage"] == release)]
    assert set(older["partner"]) == {"5800"}
    assert len(older) == len(world) == 24
    total, newer = world["value_usd_mn"].sum(), of_year.loc[of_year["partner"] == "5800", "value_usd_mn"].sum()
    share = study.context().shares.at[year, "5800"]
    assert share == pytest.approx(100 * older["value_usd_mn"].sum() / total, rel=1e-12)
    assert share != pytest.approx(100 * newer / total, rel=1e-5)


def test_a_share_names_every_table_that_its_values_are_of(monkeypatch):
    read, load, study = set[str](), Catalog.load, kr.open_study()

    def noted(self: Catalog, name: str, **options: object) -> pd.DataFrame:
        read.add(name)
        return load(self, name, **options)

    monkeypatch.setattr(Catalog, "load", noted)
    of_one_release(study)
    tables = frozenset(read)
    assert len(tables) > 1
    context, comparators = study.context().findings(), study.comparators().findings()
    found = {**context, **comparators}.items()
    said = [(id_, one.datasets) for id_, one in found if id_.partition(".")[2].startswith("share.")]
    for _, claim in load_claims("korus", as_of="2026-08"):
        if claim.measure == "share":
            said += [("share", made.datasets) for made in share_measures(claim, study)]
        elif claim.what == "share-of-imports":
            said += [("share-of-imports", made.datasets) for made in period_measures(claim, study)]
    assert {id_.partition(".")[0] for id_, _ in said} == {"context", "comparators", "share", "share-of-imports"}
    assert not [id_ for id_, named in said if not tables <= set(named)]
