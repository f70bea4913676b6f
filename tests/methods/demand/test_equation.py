"""The demand equation against statsmodels, against planted elasticities and against its own algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from korus_research.chapters.drivers.estimated import load_plan
from korus_research.errors import InvalidParameter, MissingFigures
from korus_research.methods.demand import equation as eq, prediction
from korus_research.methods.demand.bounds import bounds_statistic
from korus_research.methods.demand.specification import Specification

GROWTH = Specification(id="g", label="g", form="growth")
LEVELS = Specification(id="l", label="l", form="levels")


@pytest.fixture(scope="module")
def sm():
    """The second package; imported here, so that only the worker that runs these tests does."""
    import statsmodels.api

    return statsmodels.api


@pytest.fixture(scope="module")
def UECM():
    """Its error-correction model."""
    from statsmodels.tsa.ardl import UECM

    return UECM


@pytest.fixture(scope="module")
def frame(study) -> pd.DataFrame:
    """Logarithms from the demand table in plain pandas."""
    t = study.drivers().table
    return pd.DataFrame(
        {
            "x": np.log(t["exports"] / t["deflator"]),
            "m": np.log(t["imports"] / t["deflator"]),
            "x_demand": np.log(t["income_exports"]),
            "m_demand": np.log(t["income_imports"]),
            "q": np.log(t["real_value"]),
        }
    )


def by_name(equation: eq.Equation) -> dict[str, float]:
    return dict(zip(equation.names, equation.coefficients, strict=True))


@pytest.mark.parametrize(("flow", "y", "d"), [("exports", "x", "x_demand"), ("imports", "m", "m_demand")])
def test_growth_equals_ols_of_statsmodels(study, frame, flow, y, d, sm):
    equation = study.drivers().main(flow).equation
    diff = frame.diff().loc[1990:2011]
    fit = sm.OLS(diff[y], sm.add_constant(diff[[d, "q"]])).fit()
    ours = by_name(equation)
    assert ours["const"] == pytest.approx(fit.params["const"], abs=1e-9)
    assert ours["d_demand"] == pytest.approx(fit.params[d], abs=1e-8)
    assert ours["d_value"] == pytest.approx(fit.params["q"], abs=1e-8)
    assert equation.sd == pytest.approx(np.sqrt(fit.scale), rel=1e-9)
    assert equation.df == fit.df_resid
    # Residuals drawn again have the spread of the textbook standard error; 2,000 draws know it to about two percent.
    for name, column in (("d_demand", d), ("d_value", "q")):
        assert equation.coefficient(name, equation.draws).std() == pytest.approx(fit.bse[column], rel=0.08)
    # And standard errors that allow for heteroskedasticity and autocorrelation do not turn a clear sign.
    robust = sm.OLS(diff[y], sm.add_constant(diff[[d, "q"]])).fit(cov_type="HAC", cov_kwds={"maxlags": 2})
    if flow == "exports":
        assert robust.params["q"] - 1.65 * robust.bse["q"] > 0


@pytest.mark.parametrize(("flow", "y", "d"), [("exports", "x", "x_demand"), ("imports", "m", "m_demand")])
def test_levels_equal_the_unrestricted_error_correction_of_statsmodels(study, frame, flow, y, d, UECM):
    rows = frame.loc[1989:2011].reset_index(drop=True)
    fit = UECM(rows[y], 1, rows[[d, "q"]], {d: 1, "q": 1}, trend="c").fit()
    found = study.drivers().estimated[flow, "levels"].equation
    ours = by_name(found)
    pairs = {"const": "const", "flow": f"{y}.L1", "demand": f"{d}.L1", "value": "q.L1", "d_demand": f"D.{d}.L0", "d_value": "D.q.L0"}  # fmt: skip
    for name, theirs in pairs.items():
        assert ours[name] == pytest.approx(fit.params[theirs], abs=1e-7), name
    assert found.elasticity("demand")[0] == pytest.approx(fit.params[f"{d}.L1"] / -fit.params[f"{y}.L1"], rel=1e-7)


def test_the_bounds_statistic_is_that_of_statsmodels(study, frame, UECM):
    for flow, y, d in (("exports", "x", "x_demand"), ("imports", "m", "m_demand")):
        rows = frame.loc[1989:2011].reset_index(drop=True)
        theirs = UECM(rows[y], 1, rows[[d, "q"]], {d: 1, "q": 1}, trend="c").fit().bounds_test(3)
        assert study.drivers().bounds[flow].statistic == pytest.approx(theirs.statistic, rel=1e-8)


def test_leaving_years_out_equals_a_dummy_for_each(study, frame, sm):
    diff = frame.diff().loc[1990:2011]
    design = sm.add_constant(diff[["x_demand", "q"]]).assign(a=0.0, b=0.0)
    design.loc[1997, "a"] = design.loc[1998, "b"] = 1.0
    fit = sm.OLS(diff["x"], design).fit()
    found = study.drivers().estimated["exports", "growth-without"].equation
    assert found.elasticity("value")[0] == pytest.approx(fit.params["q"], abs=1e-8)
    assert (len(found.years), found.df) == (20, 17)
    assert {1997, 1998}.isdisjoint(found.years)


def test_specifications_differ_as_their_names_say(study, frame, sm):
    t = study.drivers().table
    nominal = np.log(t["exports"]).diff().loc[1990:2011]
    diff = frame.diff().loc[1990:2011]
    fit = sm.OLS(nominal, sm.add_constant(diff[["x_demand", "q"]])).fit()
    found = study.drivers().estimated
    assert found["exports", "growth-nominal"].equation.elasticity("value")[0] == pytest.approx(
        fit.params["q"], abs=1e-8
    )
    flat = sm.OLS(diff["x"], diff[["x_demand", "q"]]).fit()
    assert found["exports", "growth-no-trend"].equation.elasticity("demand")[0] == pytest.approx(
        flat.params["x_demand"], abs=1e-8
    )


def series(growth: np.ndarray, demand: np.ndarray, value: np.ndarray, first: int = 1985) -> eq.Series:
    years = tuple(range(first, first + len(growth)))
    return eq.Series(years, np.cumsum(growth), np.cumsum(demand), np.cumsum(value), np.zeros(len(growth)))


def planted(rng: np.random.Generator, *, noise: float = 0.0, years: int = 40) -> eq.Series:
    """Growth of the flow: 0.02, 1.5 times demand's, -0.8 times the value's."""
    demand, value = rng.normal(0.03, 0.03, years), rng.normal(0, 0.08, years)
    return series(0.02 + 1.5 * demand - 0.8 * value + noise * rng.normal(size=years), demand, value)


def test_a_planted_equation_is_found_and_its_path_followed():
    rng = np.random.default_rng(1)
    s = planted(rng)
    for specification in (GROWTH, LEVELS):
        # Without noise the levels drop out exactly, so the error correction must find zeros there.
        found = eq.estimate(s, specification, first=1990, last=2011, slowest_return=0.02, replications=100, rng=rng)
        named = by_name(found)
        assert (named["d_demand"], named["d_value"]) == pytest.approx((1.5, -0.8), abs=1e-6)
        predicted = prediction.predict(found, s, origin=2011, last=2024, level=0.9, rng=rng)
        assert np.log(predicted.central) == pytest.approx(s.flow[s.at(2011) + 1 :], abs=1e-5)
        assert (predicted.high / predicted.low).max() < 1.001


def test_a_contribution_is_the_closed_form_of_the_growth_equation():
    rng = np.random.default_rng(2)
    s = planted(rng, noise=0.05)
    found = eq.estimate(s, GROWTH, first=1990, last=2011, slowest_return=0.02, replications=200, rng=rng)
    level = s.value[s.at(2011)]
    amount = prediction.contribution(found, s, "value", np.full(13, level), origin=2011, level=0.9)
    predicted = prediction.predict(found, s, origin=2011, last=2024, level=0.9, rng=rng).central
    moved = s.value[s.at(2011) + 1 :] - level
    expected = predicted * (1 - np.exp(-found.elasticity("value")[0] * moved))
    assert amount.central == pytest.approx(expected, rel=1e-9)


def test_a_planted_trend_amounts_to_what_was_planted_and_levels_have_none():
    rng = np.random.default_rng(4)
    s = planted(rng)
    found = eq.estimate(s, GROWTH, first=1990, last=2011, slowest_return=0.02, replications=100, rng=rng)
    amount = prediction.trend_amount(found, s, origin=2011, last=2016, level=0.9)
    came = np.exp(s.flow[s.at(2011) + 1 : s.at(2016) + 1])
    assert amount.central == pytest.approx(came * (1 - np.exp(-0.02 * np.arange(1, 6))), rel=1e-9)
    for form in ({"form": "levels"}, {"trend": False}):
        other = eq.estimate(
            s, GROWTH.model_copy(update=form), first=1990, last=2011, slowest_return=0.02, replications=100, rng=rng
        )
        with pytest.raises(InvalidParameter, match="has no trend"):
            prediction.trend_amount(other, s, origin=2011, last=2016, level=0.9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(["demand", "value"]), st.sampled_from([GROWTH, LEVELS]))
def test_a_driver_held_to_its_own_path_amounts_to_nothing(seed, driver, specification):
    rng = np.random.default_rng(seed)
    s = planted(rng, noise=0.1)
    found = eq.estimate(s, specification, first=1990, last=2011, slowest_return=0.02, replications=100, rng=rng)
    same = getattr(s, driver)[s.at(2011) + 1 :]
    amount = prediction.contribution(found, s, driver, same, origin=2011, level=0.9)
    for each in (amount.central, amount.low, amount.high):
        assert each == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.1, 10.0))
def test_units_do_not_matter(seed, scale):
    rng = np.random.default_rng(seed)
    s = planted(rng, noise=0.1)
    moved = eq.Series(s.years, s.flow + np.log(scale), s.demand, s.value, s.deflator)
    first, second = (
        eq.estimate(
            each, LEVELS, first=1990, last=2011, slowest_return=0.02, replications=100, rng=np.random.default_rng(3)
        )
        for each in (s, moved)
    )
    assert second.elasticity("value")[0] == pytest.approx(first.elasticity("value")[0], rel=1e-6)
    paths = [
        prediction.predict(e, each, origin=2011, last=2020, level=0.9, rng=np.random.default_rng(4)).high
        for e, each in ((first, s), (second, moved))
    ]
    assert paths[1] == pytest.approx(paths[0] * scale, rel=1e-6)


def test_an_interval_moved_out_by_one_is_itself_and_grows_with_the_factor(study):
    rng = np.random.default_rng(5)
    s = planted(rng, noise=0.1)
    found = eq.estimate(s, GROWTH, first=1990, last=2011, slowest_return=0.02, replications=500, rng=rng)
    raw = prediction.predict(found, s, origin=2011, last=2016, level=0.9, rng=rng)
    same, wide = (raw.widened(dict.fromkeys(range(1, 6), f)) for f in (1.0, 2.0))
    assert same.low == pytest.approx(raw.low)
    assert np.log(wide.high / wide.central) == pytest.approx(2 * np.log(raw.high / raw.central))
    assert wide.central == pytest.approx(raw.central)


def test_later_years_do_not_change_the_shocks_of_earlier_ones():
    rng = np.random.default_rng(6)
    s = planted(rng, noise=0.1)
    found = eq.estimate(s, GROWTH, first=1990, last=2011, slowest_return=0.02, replications=500, rng=rng)
    short, long = (
        prediction.predict(found, s, origin=2011, last=y, level=0.9, rng=np.random.default_rng(7)) for y in (2016, 2024)
    )
    assert long.high[:5] == pytest.approx(short.high, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "last", "message"), [(1985, 2011, "needs 1984-2011"), (1990, 2050, "needs 1989-2050"), (2004, 2011, "8 years are left")]
)  # fmt: skip
def test_too_few_years_are_one_clear_error(first, last, message):
    rng = np.random.default_rng(8)
    specification = LEVELS if first == 2004 else GROWTH
    with pytest.raises(MissingFigures, match=message):
        eq.estimate(planted(rng), specification, first=first, last=last, slowest_return=0.02, replications=100, rng=rng)


def test_the_bounds_statistic_rises_when_a_relation_is_planted():
    rng = np.random.default_rng(9)
    demand, value = np.cumsum(rng.normal(0.03, 0.03, 40)), np.cumsum(rng.normal(0, 0.08, 40))
    near = 1.2 * demand - 0.7 * value + rng.normal(0, 0.02, 40)
    apart = np.cumsum(rng.normal(0, 0.08, 40))
    years = tuple(range(1985, 2025))
    related, unrelated = (
        bounds_statistic(eq.Series(years, flow, demand, value, np.zeros(40)), GROWTH, first=1990, last=2020)
        for flow in (near, apart)
    )
    assert related > 10 > unrelated


def test_random_numbers_are_apart_by_purpose_and_the_same_again():
    plan = load_plan()
    first, again, other = (plan.generator(p, 1).random() for p in ("exports", "exports", "imports"))
    assert first == again != other


def test_draws_that_do_not_return_are_counted():
    """A random walk has no level to return to: many of its draws are cut at the slowest return; a fast one has few."""
    shares = {}
    for name, pull in (("walk", 0.0), ("fast", -0.8)):
        rng = np.random.default_rng(5)
        n = 24
        demand, value = np.cumsum(rng.normal(0.04, 0.03, n)), np.cumsum(rng.normal(0, 0.09, n))
        flow = np.zeros(n)
        for t in range(1, n):
            back = pull * (flow[t - 1] - demand[t - 1] - value[t - 1])
            flow[t] = flow[t - 1] + demand[t] - demand[t - 1] + value[t] - value[t - 1] + back + rng.normal(0, 0.05)
        s = eq.Series(tuple(range(1988, 1988 + n)), flow, demand, value, np.zeros(n))
        found = eq.estimate(s, LEVELS, first=1990, last=2011, slowest_return=0.02, replications=400, rng=rng)
        slow = found.draws[:, found.names.index("flow")] >= -0.02 - 1e-10
        assert found.unreturning == pytest.approx(slow.mean())
        shares[name] = found.unreturning
    assert shares["walk"] > 0.2
    assert shares["fast"] < 0.05
