"""The second inference in the chapter: what is missing and why, and its rows against a road of their own."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest

import korus_research as kr
from korus_research.chapters.counterfactual.estimates.second_inference import second
from korus_research.chapters.counterfactual.measures import Effects
from korus_research.methods.synthetic.estimators import fit
from korus_research.methods.synthetic.outcomes import Exactness


@pytest.fixture(scope="module")
def effects() -> Effects:
    """The chapter's estimates of KORUS."""
    return kr.open_study("korus").counterfactual()


def test_an_exact_copy_has_no_prediction_range(effects) -> None:
    main = replace(effects.main["imports"], exactness=Exactness(below=10.0))
    found = second(main, {"sc": main}, effects.choices)
    assert found.predicted is None
    assert found.two_out["sc"].pairs == 0
    assert math.isnan(found.two_out["sc"].p_value)


def test_only_synthetic_control_has_a_prediction_range(effects) -> None:
    assert second(effects.methods["exports", "sdid"], {}, effects.choices).predicted is None


def test_by_quarter_the_leave_two_out_test_is_not_made(effects) -> None:
    quarterly = effects.methods["exports", "sc-quarterly"]
    assert second(effects.main["exports"], {"q": quarterly}, effects.choices).two_out == {"q": None}


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_some_pairs_of_the_leading_method_by_fits_of_their_own(effects, flow) -> None:
    """Three plain fits a pair on a panel without the other two: how many of twenty pairs are lost, and in all no less."""
    found, test = effects.led[flow], effects.second[flow].two_out[effects.leading]
    pre, post = found.spec.places(found.spec.pre[0])
    units, lost = range(1, len(found.outcome)), 0
    for j, k in list(itertools.combinations(units, 2))[::20]:
        others = [unit for unit in units if unit not in (j, k)]
        sizes = [
            abs(
                fit(
                    found.outcome[[unit, *others]],
                    pre,
                    post,
                    estimator=found.spec.estimator,
                    ridges=effects.choices.ridges,
                    placebos=False,
                ).standardised[0]
            )
            for unit in (0, j, k)
        ]
        lost += sizes[0] <= max(sizes[1:])
    tried = len(list(itertools.combinations(units, 2))[::20])
    # A sample of pairs, every twentieth: its share scatters by half over the root of its size.
    assert test.p_value == pytest.approx(lost / tried, abs=2.5 * 0.5 / math.sqrt(tried))


def test_ranges_hold_the_estimate_and_the_table_repeats_the_placebo_test(effects) -> None:
    frame = kr.counterfactual.second_inference_table(kr.open_study("korus")).data
    for flow, main in effects.main.items():
        own = frame[frame["flow"] == flow].set_index("inference")
        ranges = own.loc[["placebos", "weights", "sub-gaussian", "location-scale", "quantiles"], ["low", "high"]]
        assert (ranges["low"] < main.effect_percent).all()
        assert (ranges["high"] > main.effect_percent).all()
        assert ranges.loc["weights", "low"] > ranges.loc["sub-gaussian", "low"]
        assert np.isfinite(ranges).all().all()
        assert own.loc["rank", "p_value"].iloc[0] == pytest.approx(main.p_value)


@pytest.mark.parametrize(("agreement", "as_of"), [("colombia", None), ("korus", "2017-11")])
def test_it_is_said_of_other_agreements_and_of_fewer_years(agreement, as_of) -> None:
    said = str(kr.counterfactual.say("second", kr.open_study(agreement, as_of=as_of).counterfactual()))
    assert "leave-two-out" in said
    assert "can't tell" not in said
