"""Accounting, real exchange rate, import volume and findings of the drivers, by other roads from the raw figures."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, strategies as st
from planted import measured_with

import korus_research as kr
from korus_research.chapters.drivers.estimated import load_plan
from korus_research.chapters.drivers.measures import of as drivers_of
from korus_research.chapters.drivers.panel import accounts, annual_rate, demand_table, observed, split, total_imports
from korus_research.errors import InvalidParameter, MissingFigures, MissingPartner

CENT = 1e-8  # of a dollar, in USD million


@pytest.fixture(scope="module")
def drivers(study):
    return study.drivers()


@pytest.fixture(scope="module")
def tables(study):
    names = ("goods_trade_monthly", "exchange_rates_monthly", "macro_annual", "import_demand_annual")
    return {name: study.load(name) for name in names}


# Accounting


@pytest.fixture(scope="module")
def raw_accounts(raw_folder):
    """Exports and Korea's total imports straight from the collected files, without our code."""
    trade = pd.read_csv(raw_folder / "us_korea_goods_monthly.csv")
    demand = pd.read_csv(raw_folder / "korea_world_goods_trade_annual.csv").set_index("year")["imports_usd_mn"]
    flow = next(c for c in trade.columns if c.startswith("exports"))
    exports = trade.groupby("year")[flow].sum()
    return pd.DataFrame({"x": exports, "m": demand}).dropna()


@pytest.mark.parametrize(("first", "last"), [(2011, 2016), (2011, 2025), (2007, 2014), (2016, 2023)])
def test_parts_are_those_of_the_raw_files_and_add_up_to_the_cent(drivers, raw_accounts, first, last):
    x, m = raw_accounts["x"], raw_accounts["m"]
    parts = drivers.split(first, last)["usd_mn"]
    share = x / m
    mean = (x[last] - x[first]) / np.log(x[last] / x[first])
    rounding = 2 * 12 * 1e-4  # the collected months are rounded to a hundred dollars
    assert parts["imports_total"] == pytest.approx(mean * np.log(m[last] / m[first]), abs=rounding)
    assert parts["share"] == pytest.approx(mean * np.log(share[last] / share[first]), abs=rounding)
    own = drivers.accounts["exports"]["exports"]
    assert parts["imports_total"] + parts["share"] == pytest.approx(own[last] - own[first], abs=CENT)
    if last <= 2023:
        assert parts["volume"] + parts["price"] == pytest.approx(parts["imports_total"], abs=CENT)


def test_the_share_of_2011_and_2016_by_hand(drivers):
    # 43,461.6 over 524,374.2 and 42,262.2 over 406,200.0 (docs/methods/claims.md; the ministry's release).
    shares = drivers.accounts["exports"]["share"]
    assert shares[2011] == pytest.approx(43_461.6 / 524_374.2, abs=1e-6)
    assert shares[2016] == pytest.approx(42_262.2 / 406_200.0, abs=1e-6)


@pytest.mark.parametrize(("first", "last"), [(2011, 2016), (2011, 2024), (2007, 2014)])
def test_imports_are_split_by_the_world_total_of_the_same_statistics(drivers, tables, first, last):
    trade = tables["goods_trade_monthly"]
    rows = trade[trade["flow"] == "imports"]
    annual = rows.groupby([rows["month"].str[:4].astype(int), "partner"])["value_usd_mn"].sum().unstack()
    own, world = annual["5800"], annual["0015"]
    parts = drivers.split(first, last, "imports")["usd_mn"]
    mean = (own[last] - own[first]) / np.log(own[last] / own[first])
    assert parts["imports_total"] == pytest.approx(mean * np.log(world[last] / world[first]), abs=1e-6)
    assert parts["imports_total"] + parts["share"] == pytest.approx(own[last] - own[first], abs=CENT)
    if last <= 2023:
        assert parts["volume"] + parts["price"] == pytest.approx(parts["imports_total"], abs=CENT)


def test_import_prices_are_value_over_the_outlooks_volume(drivers, raw_folder, tables):
    weo = pd.read_parquet(raw_folder / "macro_weo_apr2024.parquet")
    growth = weo[(weo["code"] == "TMG_RPCH") & (weo["iso3"] == "USA")].set_index("year")["value"]
    volume = float(np.prod([1 + growth[y] / 100 for y in range(2012, 2017)]))
    found = drivers.findings()
    where = "drivers.import_accounting.evaluation"
    assert found[f"{where}.volume_growth"].value == pytest.approx(100 * (volume - 1), abs=1e-6)
    total = 1 + found[f"{where}.imports_total_growth"].value / 100
    assert found[f"{where}.price_growth"].value == pytest.approx(100 * (total / volume - 1), abs=1e-6)


def test_what_ifs_of_imports_are_the_equation_by_hand(drivers):
    """Growth at b, c and a: a real value kept since 2011 takes c times its later change out of the path."""
    found = drivers.main("imports")
    table = drivers.table
    c = float(found.equation.coefficient("d_value")[0])
    change = np.log(table["real_value"][2016] / table["real_value"][2011])
    predicted = found.prediction.central[found.prediction.years.index(2016)] / 1000
    expected = predicted * (np.exp(-c * change) - 1)
    value = drivers.findings()["drivers.imports.evaluation.income.same_value"].value
    assert value == pytest.approx(expected, rel=1e-9)


def test_a_relation_in_levels_is_told_with_its_own_prediction(drivers):
    found = drivers.findings()
    assert found["drivers.imports.bounds.margin"].value > 0 > found["drivers.exports.bounds.margin"].value
    path = drivers.estimated["imports", "levels"].prediction
    actual = found["drivers.imports.evaluation.actual"].value
    left = found["drivers.imports.evaluation.levels.unexplained"].value
    assert left == pytest.approx(actual - path.central[path.years.index(2016)] / 1000)


positive = st.floats(1.0, 1e6)


@given(st.tuples(positive, positive, positive), st.tuples(positive, positive, positive))
def test_any_two_years_are_split_without_a_residual(first, last):
    rows = [dict(zip(("exports", "imports_total", "volume"), row, strict=True)) for row in (first, last)]
    table = pd.DataFrame(rows, index=[1, 2])
    table["share"], table["price"] = table["exports"] / table["imports_total"], table["imports_total"] / table["volume"]
    parts, back = split(table, 1, 2), split(table, 2, 1)
    total = last[0] - first[0]
    scale = max(first[0], last[0])
    assert parts.loc[["volume", "price", "share"], "usd_mn"].sum() == pytest.approx(total, abs=1e-9 * scale)
    assert parts.at["exports", "log_points"] == pytest.approx(
        parts.loc[["volume", "price", "share"], "log_points"].sum(), abs=1e-7
    )
    assert parts["usd_mn"].to_numpy() == pytest.approx(-back["usd_mn"].to_numpy(), abs=1e-7 * scale)


# Real exchange rate, import volume


def test_the_real_value_of_the_won_with_the_price_indices_of_the_statistical_offices(drivers, raw_folder):
    # The analysis deflates with the IMF's indices; here those of BLS and of Statistics Korea (through the OECD).
    prices = pd.read_csv(raw_folder / "cpi_usa_kor.csv")
    own = prices[(prices["iso3"] == "KOR") & (prices["base"] == "2015=100") & (prices["month"] > 0)]
    korea = own.groupby("year")["index"].mean()
    us = prices[(prices["iso3"] == "USA") & (prices["month"] > 0)].groupby("year")["index"].mean()
    rates = pd.read_csv(raw_folder / "fx_monthly.csv")
    won = rates[rates["country"] == "South Korea"].groupby("year")["lcu_per_usd"].mean()
    value = korea / us / won
    for year in (1998, 2007, 2016, 2020):
        expected = 100 * value[year] / value[2011]
        assert drivers.currencies["KOR"][year] == pytest.approx(expected, abs=0.1), year  # indices differ by rounding
    assert drivers.findings()["drivers.currency.evaluation.real"].value == pytest.approx(
        100 * (value[2016] / value[2011] - 1), abs=0.1
    )


def test_import_volume_growth_from_the_outlook_itself(drivers, raw_folder):
    weo = pd.read_parquet(raw_folder / "macro_weo_apr2024.parquet")
    rows = weo[(weo["code"] == "TMG_RPCH")].set_index(["iso3", "year"])["value"]

    def average(iso3: str, first: int, last: int) -> float:
        return 100 * (float(np.prod([1 + rows[iso3, y] / 100 for y in range(first, last + 1)])) ** (1 / (last - first + 1)) - 1)  # fmt: skip

    f = drivers.findings()
    assert f["drivers.volume.evaluation.after"].value == pytest.approx(average("KOR", 2012, 2016), abs=1e-6)
    assert f["drivers.volume.evaluation.before"].value == pytest.approx(average("KOR", 2002, 2011), abs=1e-6)
    others = ("CAN", "CHN", "DEU", "JPN", "MEX", "TWN", "USA")
    assert f["drivers.volume.evaluation.others"].value == pytest.approx(
        float(np.median([average(c, 2012, 2016) for c in others])), abs=1e-6
    )
    changes = [average(c, 2012, 2016) - average(c, 2002, 2011) for c in others]
    assert f["drivers.volume.evaluation.others_change"].value == pytest.approx(float(np.median(changes)), abs=1e-6)


# What is used and what is not


def test_projections_are_never_used(study, drivers, tables):
    assert drivers.last == 2023
    macro = tables["macro_annual"].copy()
    macro.loc[macro["projection"], "value"] *= 3
    again = measured_with(drivers_of, study, macro_annual=macro)
    assert again.findings().to_json() == drivers.findings().to_json()


def test_an_earlier_edition_finds_the_same_for_the_same_year(study, column_study, drivers):
    # Values are today's vintage; only the backtest knows less, so only the width of the interval may differ.
    then, now = column_study.drivers().findings(), drivers.findings()
    assert column_study.drivers().last == 2016
    for id_ in now:
        if ".evaluation." in id_ and not any(word in id_ for word in ("_low", "_high", "room", "hidden")):
            assert then[id_].value == pytest.approx(now[id_].value, rel=1e-12), id_


def test_the_same_data_give_the_same_intervals(study, drivers):
    again = kr.open_study("korus").drivers()
    assert again.findings().to_json() == drivers.findings().to_json()


def test_actual_is_predicted_and_unexplained(drivers):
    f = drivers.findings()
    for flow in ("exports", "imports"):
        for end in ("evaluation", "latest"):
            key = f"drivers.{flow}.{end}"
            parts = f[f"{key}.predicted"].value + f[f"{key}.unexplained"].value
            assert f[f"{key}.actual"].value == pytest.approx(parts, abs=1e-9)
            assert f[f"{key}.predicted_low"].value <= f[f"{key}.predicted"].value <= f[f"{key}.predicted_high"].value
            inside = f[f"{key}.predicted_low"].value <= f[f"{key}.actual"].value <= f[f"{key}.predicted_high"].value
            if flow == "exports" or end == "evaluation":
                assert (f[f"{key}.room"].value >= 0) == inside
    moved = f["drivers.exports.evaluation.predicted_change"].value + f["drivers.exports.evaluation.unexplained"].value
    assert f["drivers.exports.evaluation.change"].value == pytest.approx(moved, abs=1e-9)


def test_what_ifs_and_trend_are_those_of_least_squares_by_hand(drivers):
    t, f = drivers.table, drivers.findings()
    logs = pd.DataFrame(
        {"x": np.log(t["exports"] / t["deflator"]), "d": np.log(t["income_exports"]), "q": np.log(t["real_value"])}
    )
    rows = logs.diff().loc[1990:2011]
    design = np.column_stack([np.ones(22), rows["d"], rows["q"]])
    const, demand, value = np.linalg.lstsq(design, rows["x"], rcond=None)[0]
    moved_demand, moved_value = (logs[c][2016] - logs[c][2011] for c in ("d", "q"))
    predicted = np.exp(logs["x"][2011] + 5 * const + demand * moved_demand + value * moved_value) * t["deflator"][2016]
    slower = (logs["d"][2011] - logs["d"][2001]) / 10 * 5 - moved_demand
    expected = {
        "same_value": predicted * (np.exp(-value * moved_value) - 1),
        "same_pace": predicted * (np.exp(demand * slower) - 1),
        "no_trend": predicted * (np.exp(-5 * const) - 1),
    }
    for what, amount in expected.items():
        found = f[f"drivers.exports.evaluation.income.{what}"]
        assert found.value == pytest.approx(amount / 1e3, rel=1e-6), what
        assert found.low < found.value < found.high
    sizes = {what: abs(amount) / 1e3 for what, amount in expected.items()}
    margin = sizes["no_trend"] - max(sizes["same_value"], sizes["same_pace"])
    assert f["drivers.exports.evaluation.trend_margin"].value == pytest.approx(margin, rel=1e-5)


def test_what_is_left_by_equation_and_what_its_interval_can_hide(drivers):
    f, key = drivers.findings(), "drivers.exports.evaluation"
    rows = drivers.to_frame().query("flow == 'exports' and year == 2016")
    left = (rows["actual"] - rows["central"]) / 1e3
    assert len(left) == len(drivers.plan.specifications)
    assert f[f"{key}.unexplained_lowest"].value == pytest.approx(left.min())
    assert f[f"{key}.unexplained_highest"].value == pytest.approx(left.max())
    found, hidden = f[f"{key}.unexplained"], f[f"{key}.hidden"].value / 100 * f[f"{key}.actual"].value
    # An effect of that size, up or down, is inside the interval; a slightly greater one is not on one side.
    assert all(found.low <= side * hidden * 0.999 <= found.high for side in (-1, 1))
    assert not all(found.low <= side * hidden * 1.001 <= found.high for side in (-1, 1))


# Missing figures: one clear error each


def test_a_partner_without_trade(tables):
    with pytest.raises(MissingPartner, match="'0001'"):
        demand_table(
            tables["goods_trade_monthly"], tables["exchange_rates_monthly"], observed(tables["macro_annual"]),
            partner="0001", iso3="KOR", reporter="USA",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("dataset", "message"),
    [
        ("exchange_rates_monthly", "There is no exchange rate for KOR"),
        ("macro_annual", "There are no output and prices for KOR"),
        ("import_demand_annual", "There are no total imports for KOR"),
    ],
)
def test_a_table_without_the_partner_is_one_clear_error(study, tables, dataset, message):
    cut = tables[dataset][tables[dataset]["iso3"] != "KOR"]
    with pytest.raises(MissingFigures, match=message) as raised:
        measured_with(drivers_of, study, **{dataset: cut})
    assert raised.value.expected
    assert raised.value.do


def test_a_missing_month_drops_its_year_and_a_gap_is_refused(study, tables):
    rates = tables["exchange_rates_monthly"]
    assert 2005 in annual_rate(rates, "KOR").index
    cut = rates[~((rates["iso3"] == "KOR") & (rates["month"] == "2005-06"))]
    assert 2005 not in annual_rate(cut, "KOR").index
    with pytest.raises(MissingFigures, match="gaps between years"):
        measured_with(drivers_of, study, exchange_rates_monthly=cut)


def test_a_year_without_total_imports_is_no_end_of_a_span(drivers):
    assert 2021 not in drivers.accounts["exports"].index  # the collected file leaves it empty
    with pytest.raises(MissingFigures, match="2021"):
        drivers.split(2011, 2021)


def test_figures_that_end_before_entry_into_force_are_refused(study, tables):
    cut = {n: t[(t["month"].str[:4].astype(int) if "month" in t else t["year"]) <= 2011] for n, t in tables.items()}
    with pytest.raises(MissingFigures, match="end in 2011"):
        measured_with(drivers_of, study, **cut)


def test_accounting_without_volumes_leaves_total_imports_whole(tables, drivers):
    macro = tables["macro_annual"]
    own = drivers.accounts["exports"]["exports"]
    total = total_imports(tables["import_demand_annual"], "KOR")["imports_usd_mn"]
    table = accounts("exports", own, total, observed(macro[macro["iso3"] != "KOR"]), "KOR")
    parts = split(table, 2011, 2016)["usd_mn"]
    assert parts[["volume", "price"]].isna().all()
    assert parts["imports_total"] + parts["share"] == pytest.approx(parts["exports"], abs=CENT)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('form = "growth"', 'form = "grown"', "form"),
        ("replications = 2000", "replications = 3", "replications"),
        ("[benchmark]", "[benchmark", "can't be read"),
        ('id = "levels"', 'id = "growth"', "unique ids"),
    ],
)
def test_a_damaged_plan_is_one_clear_error(tmp_path, old, new, message):
    from importlib.resources import files

    text = (files("korus_research.chapters.drivers") / "drivers.toml").read_text("utf-8")
    path = tmp_path / "drivers.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidParameter, match=message):
        load_plan(path)


def test_currencies_that_did_worse_by_plain_pandas_on_the_raw_figures(study, raw_folder):
    # 2011 and 2016 by another road: nominal from monthly averages, real with the outlook's consumer prices.
    rates = pd.read_csv(raw_folder / "fx_monthly.csv").query("year in (2011, 2016)")
    count = rates.groupby(["country", "year"])["lcu_per_usd"].agg(["mean", "size"])["mean"].unstack()
    sizes = rates.groupby("country").size()
    dollars = (count[2011] / count[2016])[sizes == 24]
    f = study.drivers().findings()
    own = dollars["South Korea"]
    assert f["drivers.currency.evaluation.nominal_compared"].value == len(dollars) - 1
    assert f["drivers.currency.evaluation.nominal_lower"].value == (dollars < own).sum()
    weo = pd.read_parquet(raw_folder / "macro_weo_apr2024.parquet").query("code == 'PCPI' and year in (2011, 2016)")
    prices = weo.pivot(index="iso3", columns="year", values="value").pipe(lambda p: p[2016] / p[2011])
    names = {"Australia": "AUS", "Brazil": "BRA", "Canada": "CAN", "China": "CHN", "Denmark": "DNK", "Hong Kong": "HKG", "India": "IND",
             "Japan": "JPN", "Malaysia": "MYS", "Mexico": "MEX", "New Zealand": "NZL", "Norway": "NOR", "Singapore": "SGP",
             "South Africa": "ZAF", "South Korea": "KOR", "Sri Lanka": "LKA", "Sweden": "SWE", "Switzerland": "CHE", "Taiwan": "TWN",
             "Thailand": "THA", "United Kingdom": "GBR", "Venezuela": "VEN"}  # fmt: skip
    real = {name: dollars[name] * prices[iso3] for name, iso3 in names.items() if iso3 in prices.dropna()}
    assert f["drivers.currency.evaluation.real_compared"].value == len(real) - 1
    assert f["drivers.currency.evaluation.real_lower"].value == sum(
        value < real["South Korea"] for value in real.values()
    )
