"""The response to the duties of 2025: cells by plain pandas on the raw file, pyfixest's slopes, a planted response."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.lacking import lacking, reason
from korus_research.chapters.reversal.cells import added_by_law, as_revised, growth
from korus_research.chapters.reversal.choices import declared
from korus_research.chapters.reversal.estimates import LEAD, SQUARES, left_out, panel, place
from korus_research.chapters.reversal.measures import implied
from korus_research.data.parameters import ReportParameters
from korus_research.methods.panel_iv import slopes
from korus_research.show.words.text import Words


def raw_cells(collected_folder):
    """The cells of the estimate from the raw file, by joins of years instead of pivots."""
    raw = pd.read_parquet(collected_folder / "us_imports_naics3_monthly.parquet")
    raw = raw[(raw["naics3"] != "00") & ~raw["partner_code"].isin(["0003", "USMCA", "TOTAL"]) & (raw["month"] <= 11)]
    raw = raw[~raw["naics3"].isin(["910", "920", "930", "980", "990"])]
    keys = ["partner_code", "naics3", "month"]
    both = raw[raw["year"] == 2024].merge(raw[raw["year"] == 2025], on=keys, suffixes=("_0", "_1"))
    both = both[(both["imports_usd_0"] >= 125_000) & (both["imports_usd_1"] >= 125_000)]
    both = both[both.groupby(keys[:2])["month"].transform("count") == 11]
    both["growth"] = np.log(both["imports_usd_1"] / both["imports_usd_0"])
    rate = [np.log(1 + both[f"duty_usd_{n}"] / both[f"imports_usd_{n}"]) for n in (0, 1)]
    return both.assign(duty=rate[1] - rate[0])


def test_the_cells_from_the_raw_file(study, collected_folder):
    expected = raw_cells(collected_folder).set_index(["partner_code", "naics3", "month"]).sort_index()
    ours = study.reversal().rows.set_index(["partner", "code", "month"]).sort_index()
    assert list(expected.index) == list(ours.index)
    for name in ("growth", "duty"):
        assert np.allclose(expected[name], ours[name], rtol=0, atol=1e-12), name


def test_the_duty_by_law_is_the_mean_of_days(study):
    law = added_by_law(study.load("added_duties_statutory"), declared()).set_index(["partner", "month"])["law"]
    table = study.load("added_duties_statutory").query("partner == '5800'").set_index("date")["added_pct"]
    days = pd.date_range("2025-04-01", "2025-04-30")
    by_hand = [table[table.index <= f"{day:%Y-%m-%d}"].iloc[-1] for day in days]  # what held on each day
    assert law["5800", 4] == pytest.approx(np.mean(by_hand) / 100)
    assert law["5800", 1] == 0


def test_lead_and_least_squares_are_those_of_pyfixest_on_the_raw_cells(study, collected_folder):
    import pyfixest

    rows = raw_cells(collected_folder).rename(columns={"partner_code": "partner"})
    law = added_by_law(study.load("added_duties_statutory"), declared())
    rows = rows.merge(law, on=["partner", "month"]).assign(kind=lambda f: f["naics3"] + f["month"].astype(str))
    found = study.reversal().estimates
    for key, formula in (
        (LEAD, "growth ~ 1 | partner + kind | duty ~ law"),
        (SQUARES, "growth ~ duty | partner + kind"),
    ):
        fit = pyfixest.feols(formula, rows, vcov={"CRV1": "partner"}, ssc=pyfixest.ssc(k_adj=False))
        assert found.loc[key, "value"] == pytest.approx(float(fit.coef().iloc[0]), abs=1e-6), key
        assert found.loc[key, "error"] == pytest.approx(float(fit.se().iloc[0]), rel=1e-4), key


def test_a_planted_response_is_found_in_these_very_cells(study):
    rows, rng = study.reversal().rows, np.random.default_rng(4)
    partner = dict(zip(sorted(set(rows["partner"])), rng.normal(size=30), strict=True))
    found = []
    for planted in (-3.0, 0.0):
        noise = rng.normal(0, 0.2, size=len(rows))
        made = rows.assign(growth=planted * rows["duty"] + rows["partner"].map(partner) + noise)
        found.append(slopes(panel(made)))
    # Noise of 0.2 over 7,590 cells and an instrument that moves duty by some 0.03 a cell: errors near 0.1.
    assert np.allclose(found, [[-3, -3], [0, 0]], atol=0.4)


def test_a_placebo_year_is_another_year_s_growth(study, collected_folder):
    raw = pd.read_parquet(collected_folder / "us_imports_naics3_monthly.parquet").set_index(
        ["partner_code", "naics3", "year", "month"]
    )["imports_usd"]
    result = study.reversal()
    assert set(result.placebos.index) == set(declared().placebo_years)
    from korus_research.chapters.reversal.cells import monthly_imports

    imports = monthly_imports(study.load("sector_duties_monthly"), study.load("sector_imports_earlier"))
    row = growth(imports, 2019, declared()).query("partner == '5880' and code == '336' and month == 5").iloc[0]
    # The table holds thousands of dollars.
    expected = np.log(raw["5880", "336", 2019, 5] / raw["5880", "336", 2018, 5])
    assert row["growth"] == pytest.approx(expected, abs=1e-6)


def test_totals_as_revised_add_up_to_the_revised_totals(study):
    late, now, first = (
        study.load(name) for name in ("sector_duties_monthly", "partner_duties_monthly", "partner_duties_replaced")
    )
    scaled = as_revised(late, now, first)
    sums = scaled.query("partner == '5800'").groupby("month")[["imports_usd", "duty_usd"]].sum()
    wanted = now.query("partner == '5800'").set_index("month")
    for month in ("2025-06", "2025-11"):
        assert sums.loc[month, "duty_usd"] == pytest.approx(wanted.loc[month, "duty_usd"], rel=1e-6)
        assert sums.loc[month, "imports_usd"] == pytest.approx(wanted.loc[month, "imports_usd"], rel=1e-6)


def test_one_left_out_is_an_estimate_on_fewer_rows(study):
    result = study.reversal()
    rows = result.rows[result.rows["partner"] != "5700"]
    assert tuple(result.without_partner.loc["5700"]) == pytest.approx(slopes(panel(rows)))
    few = result.rows[result.rows["code"].isin(["334", "336"])]
    assert list(left_out(few, "code").index) == ["334", "336"]


def test_places_and_what_a_cut_implies_by_hand():
    assert place(-1.0, pd.Series([0.5, -0.9, 1.2])) == 2
    # Two percent for each percent, on a price that fell from 110 to 100.
    assert implied(-2.0, np.log(1.1)) == pytest.approx(21.0)
    assert implied(0.0, 0.3) == 0


def test_the_cut_is_that_of_the_published_rates(study):
    f = study.reversal().findings()
    # The collection's average rates: 1.4356 percent in 2011, 0.1907 in 2024.
    months = study.tariffs().months
    rate = months["duty_usd"].groupby(months.index.year).sum() / months["imports_usd"].groupby(months.index.year).sum()
    assert f["reversal.cut.own"].value == pytest.approx(100 * ((1 + rate[2011]) / (1 + rate[2024]) - 1))
    assert f["reversal.implied"].low <= f["reversal.implied"].value <= f["reversal.implied"].high


@pytest.mark.parametrize(
    ("agreement", "as_of", "key"),
    [("korus", None, None), ("korus", "2025-10", "months"), ("korus", "2017-11", "months"), ("colombia", None, "cut")],
)
def test_an_edition_without_it_says_why(agreement, as_of, key):
    parameters = ReportParameters(agreement=agreement, as_of=as_of).resolve()
    lack = lacking(parameters).get("reversal")
    assert lack == (None if key is None else ("reversal", key))
    assert key is None or len(reason(lack, "October 2025")) > 20


def test_what_is_said_turns_with_the_sign_and_the_range(study):
    result = study.reversal()
    said = kr.reversal.say("answer", result).plain
    assert " lower for each percent" in said
    bounded = result.estimates.copy()
    bounded.loc[LEAD, ["value", "low", "high"]] = [0.5, 0.1, 0.9]
    other = replace(result, estimates=bounded)
    assert " higher for each percent" in kr.reversal.say("answer", other).plain
    for name in ("answer", "chance"):
        assert "from 0.1 percent higher to 0.9 percent higher" in kr.reversal.say(name, other).plain
    bounded.loc[LEAD, "high"] = np.inf
    assert "no limit on one side" in kr.reversal.say("chance", replace(result, estimates=bounded)).plain


def test_a_range_over_zero_that_the_test_refuses_is_said_to_be_one(study):
    result = study.reversal()
    for low, chance, told in ((-2.5, 0.05, True), (-2.5, 0.15, False), (0.1, 0.05, False)):
        other = result.estimates.copy()
        other.loc[LEAD, ["low", "high", "chance"]] = [low, np.inf, chance]
        changed = replace(result, estimates=other)
        assert ("zero is refused" in kr.reversal.say("chance", changed).plain) == told
        answer, title = (
            kr.reversal.say("answer", changed).plain,
            Words("reversal").text("figure.responses.title", changed, beyond=""),
        )
        assert ("test refuses zero" in answer) == told
        assert ("the direction is uncertain" in answer) == (low < 0 and not told)
        assert "open on one side" in answer
        assert ("so the size is unknown" in answer) == (told or low > 0)
        assert ("includes zero" in title) == (low < 0 and not told)


def test_the_partner_named_in_the_table_is_the_deciding_one(study):
    name = study.partner_names[declared().deciding]
    assert name in Words("reversal").labels("estimates")["between_without"]
    for view in (kr.reversal.responses, kr.reversal.response_estimates, kr.reversal.left_out):
        assert view(study) is not None
