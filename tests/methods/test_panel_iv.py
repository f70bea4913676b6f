"""A slope in a panel with two sets of effects: pyfixest's, dummies in plain least squares, planted slopes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from korus_research.errors import InvalidPanel, InvalidSpecification, NotIdentified
from korus_research.methods.panel_iv import Panel, codes, estimate, slopes


def drawn(seed: int, *, slope: float = -1.5, partners: int = 30, kinds: int = 12, months: int = 6) -> Panel:
    """Rows of partners, industries and months in which duty answers to what moves imports, and the law does not."""
    rng = np.random.default_rng(seed)
    first, industry, month = (a.ravel() for a in np.meshgrid(*map(np.arange, (partners, kinds, months)), indexing="ij"))
    law = rng.normal(size=(partners, months))[first, month] * np.linspace(0.2, 1, partners)[first]
    hidden = rng.normal(size=len(first))
    duty = 0.7 * law + 0.5 * hidden + 0.3 * rng.normal(size=len(first))
    shared = rng.normal(size=(partners, months))[first, month]  # errors that a partner's industries share in a month
    kind = codes(industry, month)
    effects = rng.normal(size=partners)[first] + rng.normal(size=kinds * months)[kind]
    y = slope * duty + effects + hidden + 0.3 * shared
    kept = rng.random(len(first)) > 0.15  # no panel is whole
    return Panel(y[kept], duty[kept], law[kept], codes(first[kept]), codes(kind[kept]), codes(first[kept]),
                 rng.uniform(0.5, 2, size=int(kept.sum())))  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
def test_slope_error_and_first_stage_are_those_of_pyfixest(weighted):
    import pyfixest

    panel = drawn(1)
    if not weighted:
        panel = Panel(panel.y, panel.x, panel.z, panel.first, panel.second, panel.clusters, np.ones_like(panel.y))
    frame = pd.DataFrame(
        {"y": panel.y, "x": panel.x, "z": panel.z, "p": panel.first, "k": panel.second, "w": panel.weights}
    )
    # Their factor for clusters, none for the number of coefficients, on which packages differ.
    fit = pyfixest.feols(
        "y ~ 1 | p + k | x ~ z", frame, vcov={"CRV1": "p"}, weights="w" if weighted else None,
        ssc=pyfixest.ssc(k_adj=False),
    )  # fmt: skip
    found = estimate(panel, draws=99)
    assert found.value == pytest.approx(float(fit.coef().iloc[0]), abs=1e-7)
    assert found.error == pytest.approx(float(fit.se().iloc[0]), rel=1e-5)


def test_least_squares_are_those_of_dummies():
    panel = drawn(2, partners=8, kinds=3, months=3)
    dummies = np.column_stack([panel.x, np.eye(8)[panel.first], np.eye(9)[panel.second]])
    root = np.sqrt(panel.weights)
    plain = np.linalg.lstsq(dummies * root[:, None], panel.y * root, rcond=None)[0][0]
    assert slopes(panel)[1] == pytest.approx(plain, abs=1e-9)


def test_a_planted_slope_is_found_with_the_instrument_and_missed_without():
    found = np.array([slopes(drawn(seed)) for seed in range(40)])
    # 40 draws with a spread of about 0.03 each: their mean lies within 0.02 of what was planted.
    assert found[:, 0].mean() == pytest.approx(-1.5, abs=0.02)
    assert found[:, 1].mean() > -1.2, "duty answers to what moves imports, so least squares must err"


def test_the_test_by_wild_bootstrap_refuses_a_true_slope_as_seldom_as_it_says():
    chances = []
    for seed in range(60):
        panel = drawn(seed, slope=0.0, partners=12, kinds=4, months=4)
        chances.append(estimate(panel, level=0.9, draws=199, seed=seed).chance)
    # 60 draws at 10 percent: 6 expected, standard deviation 2.3; more than 14 have a chance below one in a thousand.
    assert sum(chance <= 0.1 for chance in chances) <= 14
    assert sum(chance <= 0.5 for chance in chances) >= 18  # and it does refuse


def test_the_interval_holds_the_estimate_and_is_the_set_that_is_not_refused():
    panel = drawn(5)
    found = estimate(panel, level=0.9, draws=999, seed=3)
    assert found.low < found.value < found.high
    # A slope is no slope of what is left of the outcome when that slope is taken off.
    for shift, inside in ((found.low - 0.05, False), (found.low + 0.05, True), (found.high + 0.05, False)):
        moved = Panel(
            panel.y - shift * panel.x, panel.x, panel.z, panel.first, panel.second, panel.clusters, panel.weights
        )
        assert (estimate(moved, level=0.9, draws=999, seed=3).chance > 0.1) == inside


def test_an_instrument_of_one_cluster_sets_no_end():
    panel = drawn(6)
    only = np.where(panel.clusters == 0, panel.z, 0.0)
    found = estimate(Panel(panel.y, panel.x, only, panel.first, panel.second, panel.clusters, panel.weights), level=0.9)
    assert not np.isfinite(found.high) or not np.isfinite(found.low)


def test_an_instrument_within_the_effects_is_a_clear_error():
    panel = drawn(7)
    for z in (panel.first.astype(float), panel.second.astype(float), np.ones_like(panel.y)):
        with pytest.raises(NotIdentified, match="don't identify the slope"):
            estimate(Panel(panel.y, panel.x, z, panel.first, panel.second, panel.clusters, panel.weights), draws=99)


def test_codes_tell_rows_apart_that_differ_in_one_key():
    assert list(codes(np.array(["a", "b", "a", "a"]), np.array([1, 1, 2, 1]))) == [0, 2, 1, 0]


@pytest.mark.parametrize(
    ("changes", "how", "error"),
    [
        ({"y": np.full(48, np.nan)}, {}, InvalidPanel),
        ({"weights": -np.ones(48)}, {}, InvalidPanel),
        ({"x": np.ones(3)}, {}, InvalidPanel),
        ({"y": np.ones(48)}, {}, NotIdentified),
        ({}, {"level": 2.0}, InvalidSpecification),
        ({}, {"draws": 0}, InvalidSpecification),
    ],
)
def test_bad_input_is_one_clear_error(changes, how, error) -> None:
    first, second = (codes_.ravel() for codes_ in np.meshgrid(np.arange(6), np.arange(8), indexing="ij"))
    rng = np.random.default_rng(2)
    columns = {name: rng.normal(size=48) for name in "yxz"} | {"weights": np.ones(48)} | changes
    panel = Panel(**columns, first=first, second=second, clusters=second)
    with pytest.raises(error):
        estimate(panel, **{"draws": 19, **how})
