"""The equilibrium solver: closed forms of two countries, properties that hold for any flows, and bad input."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import brentq, minimize_scalar

from korus_research.errors import InvalidModel, MissingPartner, NotConverged
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.solve import shocked, solve_equilibrium

THETAS = st.sampled_from([2.0, 4.0, 8.0])
DEFICITS = st.sampled_from(["additive", "multiplicative"])


def economies(n: int) -> tuple[str, ...]:
    return tuple(f"E{k}" for k in range(n))


@st.composite
def worlds(draw, smallest: int = 2) -> Baseline:
    """Three to six economies of unequal size and openness, with deficits of up to a few percent of output."""
    n = draw(st.integers(smallest, 6))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    sizes = np.exp(rng.normal(0, 1, n))
    flows = np.outer(sizes, sizes) * rng.uniform(0.02, 0.2, (n, n)) / sizes.sum()
    np.fill_diagonal(flows, sizes * rng.uniform(0.6, 0.9, n))
    duties = rng.uniform(0, 0.2, (n, n))
    np.fill_diagonal(duties, 0)
    return Baseline(economies(n), 1000 * flows, duties)


def change(baseline: Baseline, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Costs between 0.8 and 1.3 of the old ones, duties up to 30 percent; nothing changes at home."""
    rng = np.random.default_rng(seed)
    n = len(baseline.economies)
    costs, duties = rng.uniform(0.8, 1.3, (n, n)), rng.uniform(0, 0.3, (n, n))
    np.fill_diagonal(costs, 1)
    np.fill_diagonal(duties, 0)
    return costs, duties


def test_two_equal_countries_and_an_iceberg_cost():
    # By symmetry wages stay, so that real income is the price index: (home + abroad d^-theta)^(1/theta).
    home, cost, theta = 0.7, 1.25, 5.0
    model = Baseline(("A", "B"), np.array([[home, 1 - home], [1 - home, home]]))
    new = solve_equilibrium(model, costs=[[1, cost], [cost, 1]], elasticity=theta)
    assert new.real_income == pytest.approx([(home + (1 - home) * cost**-theta) ** (1 / theta)] * 2, rel=1e-12)
    assert new.wages == pytest.approx([1, 1], rel=1e-12)


def test_two_equal_countries_and_a_duty_with_revenue():
    # Wages stay; spending is output over the share of it that is not duty, prices are duty-inclusive.
    home, duty, theta = 0.7, 0.3, 4.0
    model = Baseline(("A", "B"), np.array([[home, 1 - home], [1 - home, home]]))
    new = solve_equilibrium(model, duties=[[0, duty], [duty, 0]], elasticity=theta)
    weight = (1 - home) * (1 + duty) ** -theta
    share_home, share_abroad = home / (home + weight), weight / (home + weight)
    spending = 1 / (share_home + share_abroad / (1 + duty))
    prices = (home + weight) ** (-1 / theta)
    assert new.real_income == pytest.approx([spending / prices] * 2, rel=1e-12)
    assert new.revenue == pytest.approx([spending - 1] * 2, rel=1e-12)


@pytest.mark.parametrize("theta", [3.0, 4.0, 8.0])
@pytest.mark.parametrize("size", [0.2, 1.0, 5.0])
def test_the_optimum_tariff_of_two_countries(theta, size):
    """Gros (1987): 1 / (theta x the foreign share of spending on its own goods), at the optimum itself."""
    flows = np.array([[5.0 * size - 0.8 * min(size, 1), 0.8 * min(size, 1)], [0.8 * min(size, 1), 5.0]])
    model = Baseline(("home", "abroad"), flows)

    def solved(duty: float):
        return solve_equilibrium(model, duties=[[0, 0], [duty, 0]], elasticity=theta)

    best = minimize_scalar(lambda t: -solved(t).real_income[0], bounds=(0.01, 2), method="bounded", options={"xatol": 1e-10})  # fmt: skip
    new = solved(best.x)
    own_share = new.flows[1, 1] / new.flows[:, 1].sum()
    assert best.x == pytest.approx(1 / (theta * own_share), rel=1e-5)


def test_unequal_countries_against_one_equation_solved_by_bisection():
    """Another road: one relative wage, one market, Brent's method, duty revenue as a geometric sum of rounds."""
    x = np.array([[8.0, 1.5], [1.5, 20.0]])
    theta, duty, cost = 4.0, 0.25, 1.1
    output = x.sum(axis=1)
    shares = x / x.sum(axis=0)

    def abroad_buys_from_home(w: float) -> float:
        wages = np.array([w, 1.0])
        value = []
        for j in (0, 1):
            price = wages.copy()
            if j == 0:
                price[1] *= 1 + duty
            else:
                price[0] *= cost
            weight = shares[:, j] * price**-theta
            share = weight / weight.sum()
            paid = share[1] * duty / (1 + duty) if j == 0 else 0.0
            spending = wages[j] * output[j] / (1 - paid)
            value.append(share * spending / np.array([1.0, 1 + duty if j == 0 else 1.0]))
        return value[0][0] + value[1][0] - w * output[0]

    root = brentq(abroad_buys_from_home, 0.5, 2.0, xtol=1e-14)
    new = solve_equilibrium(
        Baseline(("A", "B"), x), costs=[[1, cost], [1, 1]], duties=[[0, 0], [duty, 0]], elasticity=theta
    )
    assert new.wages[0] / new.wages[1] == pytest.approx(root, rel=1e-10)


@settings(max_examples=40, deadline=None)
@given(worlds(), THETAS, DEFICITS)
def test_no_change_leaves_everything(baseline, theta, deficits):
    new = solve_equilibrium(baseline, elasticity=theta, deficits=deficits)
    for hat in (new.wages, new.prices, new.real_income, new.real_gdp, new.exports, new.imports):
        assert hat == pytest.approx(np.ones(len(hat)), abs=1e-11)


@settings(max_examples=40, deadline=None)
@given(worlds(), THETAS, DEFICITS, st.integers(0, 1000), st.sampled_from([1e-6, 3.7, 1e6]))
def test_scaling_all_flows_changes_nothing_but_the_unit(baseline, theta, deficits, seed, scale):
    costs, duties = change(baseline, seed)
    scaled = Baseline(baseline.economies, scale * baseline.flows, baseline.duties)
    new, other = (
        solve_equilibrium(b, costs=costs, duties=duties, elasticity=theta, deficits=deficits)
        for b in (baseline, scaled)
    )
    assert other.real_income == pytest.approx(new.real_income, rel=1e-9)
    assert other.flows == pytest.approx(scale * new.flows, rel=1e-9)


@settings(max_examples=40, deadline=None)
@given(worlds(), THETAS, DEFICITS, st.integers(0, 1000))
def test_markets_clear_and_budgets_add_up(baseline, theta, deficits, seed):
    costs, duties = change(baseline, seed)
    new = solve_equilibrium(baseline, costs=costs, duties=duties, elasticity=theta, deficits=deficits)
    sold = new.wages * baseline.output
    assert new.residual < 1e-10
    assert new.flows.sum(axis=1) == pytest.approx(sold, rel=1e-9)
    # The numeraire, and the world's books: spending before duty is output, the revenue is what the duties say.
    assert sold.sum() == pytest.approx(baseline.output.sum(), rel=1e-9)
    assert new.flows.sum() == pytest.approx(sold.sum(), rel=1e-9)
    assert new.revenue == pytest.approx((duties * new.flows).sum(axis=0), rel=1e-9)
    if deficits == "additive":
        before = baseline.absorption - baseline.output
        assert new.flows.sum(axis=0) - sold == pytest.approx(before, abs=1e-8 * baseline.output.sum())
    # Demand itself, written anew: shares of duty-inclusive spending over those before follow relative prices.
    paid, was = new.flows * (1 + duties), baseline.flows * (1 + baseline.duties)
    share, old = paid / paid.sum(axis=0), was / was.sum(axis=0)
    dearer = new.wages[:, None] * costs * (1 + duties) / (1 + baseline.duties)
    relative = (share / old) / (share[0] / old[0])
    assert relative == pytest.approx((dearer / dearer[0]) ** -theta, rel=1e-8)


@settings(max_examples=30, deadline=None)
@given(worlds(), THETAS, st.integers(0, 1000))
def test_undoing_what_was_done_returns(baseline, theta, seed):
    costs, duties = change(baseline, seed)
    done = solve_equilibrium(baseline, costs=costs, duties=duties, elasticity=theta)
    there = Baseline(baseline.economies, done.flows, duties)
    back = solve_equilibrium(there, costs=1 / costs, duties=baseline.duties, elasticity=theta)
    assert done.real_income * back.real_income == pytest.approx(np.ones(len(costs)), rel=1e-8)
    assert back.flows == pytest.approx(baseline.flows, rel=1e-7)


@settings(max_examples=30, deadline=None)
@given(worlds(), THETAS, st.integers(0, 1000))
def test_without_duties_and_deficits_income_is_the_home_share(baseline, theta, seed):
    """Arkolakis, Costinot and Rodríguez-Clare (2012): real income is the home share to the power -1/theta."""
    costs, _ = change(baseline, seed)
    flows = (baseline.flows + baseline.flows.T) / 2  # balanced trade
    new = solve_equilibrium(Baseline(baseline.economies, flows), costs=costs, elasticity=theta)
    home = np.diag(new.flows) / new.flows.sum(axis=0)
    before = np.diag(flows) / flows.sum(axis=0)
    assert new.real_income == pytest.approx((home / before) ** (-1 / theta), rel=1e-9)
    assert new.real_gdp == pytest.approx(new.real_income, rel=1e-9)


def test_a_batch_is_its_draws_one_by_one():
    baseline = Baseline(economies(3), np.array([[9.0, 1, 2], [2, 20, 3], [1, 4, 12]]))
    costs = np.exp(np.random.default_rng(1).normal(0, 0.3, (7, 3, 3)))
    together = solve_equilibrium(baseline, costs=costs)
    for k in range(7):
        alone = solve_equilibrium(baseline, costs=costs[k])
        assert together.real_income[k] == pytest.approx(alone.real_income, rel=1e-10)
        assert together.flow("E0", "E2")[k] == pytest.approx(alone.flow("E0", "E2"), rel=1e-10)


def test_a_large_shock_beside_a_small_one_still_clears():
    # The small one is done in a few steps with the shared Jacobian, the large one needs its own.
    baseline = Baseline(economies(3), np.array([[9.0, 1, 2], [2, 20, 3], [1, 4, 12]]))
    costs = np.ones((2, 3, 3))
    costs[0, 0, 1], costs[1] = 1.01, np.array([[1, 0.05, 5], [0.05, 1, 5], [5, 5, 1]])
    assert solve_equilibrium(baseline, costs=costs, elasticity=8).residual < 1e-10


FLOWS = np.array([[9.0, 1], [2, 20]])


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Baseline(("A", "B"), np.array([[9.0, -1], [2, 20]])), "from A to B is -1"),
        (lambda: Baseline(("A", "B"), np.array([[9.0, np.nan], [2, 20]])), "from A to B is nan"),
        (lambda: Baseline(("A", "B"), np.array([[9.0, 1], [2, 0]])), "B has no domestic sales"),
        (lambda: Baseline(("A", "B"), np.ones((2, 3))), "shape"),
        (lambda: Baseline(("A", "A"), FLOWS), "2 economies"),
        (lambda: solve_equilibrium(Baseline(("A", "B"), FLOWS), elasticity=0), "elasticity is 0"),
        (lambda: solve_equilibrium(Baseline(("A", "B"), FLOWS), elasticity=-4), "elasticity is -4"),
        (lambda: solve_equilibrium(Baseline(("A", "B"), FLOWS), deficits="none"), "Deficits are 'none'"),  # type: ignore[arg-type]
        (lambda: solve_equilibrium(Baseline(("A", "B"), FLOWS), costs=[[1, 0], [1, 1]]), "iceberg"),
        (lambda: solve_equilibrium(Baseline(("A", "B"), FLOWS), duties=[[0, -1], [0, 0]]), "duty"),
        (lambda: solve_equilibrium(Baseline(("A", "B"), FLOWS), costs=np.ones((3, 3))), "shape"),
    ],
)
def test_a_model_that_cannot_be_is_one_clear_error(make, says):
    with pytest.raises(InvalidModel, match=says):
        make()


def test_an_unknown_economy_is_named_with_a_close_one():
    with pytest.raises(MissingPartner, match=r"'USB' is not among the 2 economies \(did you mean 'USA'\?\)"):
        shocked(Baseline(("KOR", "USA"), FLOWS), [("USB", "KOR", 2.0)])


@pytest.mark.parametrize("factor", [-0.5, 0.0, float("nan"), float("inf")])
def test_a_factor_of_costs_is_a_positive_number(factor):
    with pytest.raises(InvalidModel, match=f"USA to KOR is {factor}.*positive"):
        shocked(Baseline(("KOR", "USA"), FLOWS), [("USA", "KOR", factor)])


@pytest.mark.parametrize("spoil", ["missing", "twice"])
def test_a_table_that_is_no_square_is_an_error(spoil):
    rows = pd.DataFrame(
        {"exporter": [*"AABB"], "importer": [*"ABAB"], "value_usd_mn": [9.0, 1.0, 2.0, 20.0]},
    )
    assert Baseline.from_frame(rows).flows.tolist() == FLOWS.tolist()
    rows = rows.iloc[:3] if spoil == "missing" else pd.concat([rows, rows.iloc[:1]])
    with pytest.raises(InvalidModel):
        Baseline.from_frame(rows)


def test_a_deficit_that_nothing_can_finance_does_not_converge():
    # B spends more than it makes; once all its exports are shut out, nothing pays for the imports it must have.
    flows = np.array([[20.0, 6.0], [1.0, 3.0]])
    with pytest.raises(NotConverged, match="Markets clear to"):
        solve_equilibrium(Baseline(("A", "B"), flows), costs=[[1, 1e6], [1e6, 1]], elasticity=8)
