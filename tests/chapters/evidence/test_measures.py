"""What the estimates can show, by other roads: ranks on the placebos as the counterfactual has them, the pool by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.counterfactual.estimates.specifications import calendar_of, main_specification
from korus_research.chapters.evidence.agreements import pooled_agreements
from korus_research.chapters.evidence.choices import CHANCES, FILE, Choices, declared
from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification, NoDonors


@pytest.fixture(scope="module")
def evidence(study):
    return study.evidence()


def powers(found, effect: float) -> list[bool]:
    """Whether the test of the counterfactual rejects with each ranked placebo in the partner's place, of both signs."""
    ranked = found.placebos[found.kept].iloc[1:]
    own = found.placebos["rmspe"].iloc[0]
    rejected = []
    for sign in (1, -1):
        for code, row in ranked.iterrows():
            others = ranked["standardised"].drop(code).abs()
            size = abs(sign * row["standardised"] + effect / own)
            rejected.append((1 + (others >= size).sum()) / (len(others) + 1) <= 0.1 + 1e-9)
    return rejected


@pytest.mark.parametrize("method", ["sc", "sdid", "did", "sc-quarterly"])
@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_power_at_the_forecast_is_how_often_placebo_ranks_reject(study, evidence, flow, method):
    found, frame = study.counterfactual().methods[flow, method], evidence.to_frame().set_index(["flow", "method"])
    low, high = (math.expm1(end) for end in evidence.forecasts[flow])
    row = frame.loc[(flow, method)]
    assert row["power"] == np.mean(powers(found, math.log1p((low + high) / 2)))
    assert row["power_low"] == np.mean(powers(found, math.log1p(low)))
    detectable = math.log1p(row["detectable"] / 100)
    assert np.mean(powers(found, detectable + 1e-9)) >= 0.8
    assert np.mean(powers(found, detectable - 1e-3)) < 0.8
    assert row["detectable_fall"] == pytest.approx(100 * (1 / (1 + row["detectable"] / 100) - 1))


def test_the_forecast_is_that_of_the_sources(study, evidence):
    # 9.7 to 10.9 billion dollars over exports of 2007 (USITC 3949), over the Census total of that year.
    trade = study.load("goods_trade_monthly")
    own = trade[(trade["partner"] == "5800") & (trade["flow"] == "exports") & trade["month"].str.startswith("2007")]
    base = own["value_usd_mn"].sum() / 1000
    assert [math.expm1(end) for end in evidence.forecasts["exports"]] == pytest.approx([9.7 / base, 10.9 / base])


@pytest.mark.parametrize(
    ("flow", "method", "detectable", "fall", "power", "above"),
    [
        ("exports", "sc", 35, -26, 0.72, 0.96),
        ("exports", "sdid", 40, -29, None, 0.81),
        ("exports", "did", 59, -37, 0.43, 0.50),
        ("imports", "sdid", 73, -42, 0.17, 0.72),
        ("imports", "sc-quarterly", 61, -38, 0.23, None),
    ],
)
def test_a_second_readers_figures(evidence, flow, method, detectable, fall, power, above):
    """By other code (methods.md 3a, which rounds; power at the low end of the forecast). Others: docs/methods."""
    row = evidence.to_frame().set_index(["flow", "method"]).loc[(flow, method)]
    assert row["detectable"] == pytest.approx(detectable, abs=1)
    assert row["detectable_fall"] == pytest.approx(fall, abs=1)
    assert power is None or row["power_low"] == pytest.approx(power, abs=0.02)
    assert above is None or row["above"] == pytest.approx(above, abs=0.01)


@pytest.mark.parametrize(
    ("flow", "scale", "effect", "low", "high", "p_value"),
    [("exports", "raw", 21, 9, 35, 0.002), ("exports", "first", 14, 0, 30, 0.09), ("imports", "raw", 4, None, None, None), ("imports", "first", 1, None, None, None)],
)  # fmt: skip
def test_a_second_readers_pool(evidence, flow, scale, effect, low, high, p_value):
    row = evidence.pool(flow, scale, method="sc")
    assert row["count"] == 10
    assert row["effect"] == pytest.approx(effect, abs=0.6)
    if low is not None:
        assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1)
        assert row["p_value"] == pytest.approx(p_value, abs=0.005)
    else:
        assert row["p_value"] > 0.5


def test_the_pool_by_plain_means(study, evidence):
    """Weights and effect of the pool by own growth from each agreement's estimate, by pandas alone."""
    effects, logs, growths, variances = study.counterfactual(), [], [], []
    for name in list_agreements():
        agreement = load_agreement(name)
        spec = replace(main_specification("exports", calendar_of(effects.panel, agreement), effects.choices), estimator="sdid")  # fmt: skip
        found = effects.estimate(spec, treated=agreement.partner.census_code)
        growth = np.log(found.pool.values.loc[spec.pre[0] : spec.pre[1]]).diff().std()
        gaps = found.placebos["effect"]
        scaled = (gaps / growth.reindex(gaps.index)).iloc[1:] * growth.iloc[0]
        logs.append(gaps.iloc[0])
        growths.append(growth.iloc[0])
        variances.append((scaled**2).mean())
    for scale, own in (("scaled", growths), ("first", variances)):
        weights = pd.Series(1 / np.array(own))
        mean = float((weights * pd.Series(logs)).sum() / weights.sum())
        assert evidence.pool("exports", scale, method="sdid")["effect"] == pytest.approx(100 * math.expm1(mean))
    rows = evidence.agreements[(evidence.agreements["flow"] == "exports") & (evidence.agreements["method"] == "sdid")]
    shares, weights = rows.set_index("id")["weight"].reindex(list_agreements()), 1 / np.array(growths)
    assert shares.to_numpy() == pytest.approx(weights / weights.sum())


@pytest.mark.slow
def test_an_edition_of_another_agreement_pools_the_same(evidence):
    other = kr.open_study("bahrain").evidence()
    columns = ["flow", "method", "scale", "effect", "low", "high", "p_value"]
    both = [found.pools.loc[found.pools["own"], columns].reset_index(drop=True) for found in (evidence, other)]
    pd.testing.assert_frame_equal(*both)
    assert other.forecasts == {}
    assert other.forecaster == ""
    assert other.to_frame()[["power", "reached"]].isna().all(axis=None)
    assert not other.to_frame()["above"].isna().any()


def test_an_agreement_without_estimate_is_a_named_gap_and_fewer_are_pooled(study):
    effects = study.counterfactual()
    few = replace(effects, others=tuple(a for a in effects.others if a.id in ("colombia", "peru")))

    class Failing(type(few)):
        """Peru's trade with the reporter is not complete."""

        def estimate(self, spec, *, treated=""):
            if treated == "3330":
                raise NoDonors("too few donors")
            return super().estimate(spec, treated=treated)

    failing = Failing(**{name: getattr(few, name) for name in few.__dataclass_fields__})
    each, pools = pooled_agreements(failing, declared())
    peru = each[each["id"] == "peru"]
    assert (peru["reason"] == "too few donors").all()
    assert peru[["effect", "low", "high", "weight"]].isna().all(axis=None)
    assert set(pools.loc[pools["own"], "count"]) == {2}
    assert not len(pools[~pools["own"]]), "one agreement alone is no pool"


def test_too_few_distinct_donors_leave_no_pool_and_no_error(study):
    effects = study.counterfactual()
    main = next(iter(effects.methods.values()))
    few = main.pool.donors[:5]

    class Narrow(type(effects)):
        """Five donors for ten agreements."""

        def estimate(self, spec, *, treated=""):
            whole = super().estimate(spec, treated=treated)
            keep = [0, *(k for k, code in enumerate(whole.pool.donors, 1) if code in few)]
            fits = replace(whole.fits, effect=whole.fits.effect[keep], rmspe=whole.fits.rmspe[keep])
            pool = replace(whole.pool, values=whole.pool.values.iloc[:, keep])
            return replace(whole, fits=fits, pool=pool, outcome=whole.outcome[keep], scale=whole.scale[keep])

    narrow = Narrow(**{name: getattr(effects, name) for name in effects.__dataclass_fields__})
    each, pools = pooled_agreements(narrow, declared())
    assert pools.empty
    assert each["effect"].notna().all()
    assert each["low"].isna().all(), "five placebos set no range"


def test_words_for_chances_cover_all_and_fall():
    chances = declared().chances
    words = [chances.word(share) for share in (1.0, 0.9, 0.89, 0.66, 0.5, 0.33, 0.32, 0.1, 0.09, 0.0)]
    assert words == ["very_likely", "very_likely", "likely", "likely", "open", "open", "unlikely", "unlikely", "very_unlikely", "very_unlikely"]  # fmt: skip
    assert set(words) == set(CHANCES)


@pytest.mark.parametrize(
    ("old", "new"), [("likely = 0.66", "likely = 0.2"), ("draws = 20000", "draws = 10"), ("power = 0.8 ", "power = 8 ")]
)
def test_a_file_that_declares_something_else_is_refused_with_its_line(tmp_path, old, new):
    path = tmp_path / "evidence.toml"
    path.write_text(FILE.read_text("utf-8").replace(f"\n{old}", f"\n{new}"), "utf-8")
    with pytest.raises(InvalidSpecification, match=r"evidence\.toml, line \d+"):
        load_toml(path, Choices, InvalidSpecification)
