"""Results of one specification and of the curve: recomputed in plain numpy, and held to their definitions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from korus_research.analysis.counterfactual.curve import run_curve
from korus_research.analysis.counterfactual.specifications import (
    FILE,
    Calendar,
    all_specifications,
    declared,
    main_specification,
    read,
)
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors


@pytest.fixture(scope="module")
def effects(study):
    return study.counterfactual()


@pytest.fixture(scope="module")
def small_curve(effects):
    """A curve of 2 x 16 specifications with all three estimators."""
    choices = small(effects)
    specs = all_specifications(effects.calendar, choices, effects.status.reasons)
    curve = run_curve(effects.panel, effects.status, specs, treated="5800", ridges=choices.ridges, lead=choices.lead)
    return specs, curve


def small(effects):
    few = {
        "outcome": ("log", "share"),
        "pre_first": (-13,),
        "pre_last": (-3,),
        "without": ((), (2008, 2009)),
        "post_last": (3, 6),
        "rule": ("no-agreement-no-energy",),
        "threshold_usd_mn": (3000,),
    }
    return replace(effects.spec.choices, curve={**effects.spec.choices.curve, **few})


def test_the_effect_is_what_its_weights_say_in_plain_numpy(effects, study) -> None:
    """From the raw months: log annual exports of the partner less the weighted donors', after less before."""
    trade = study.load("goods_trade_monthly")
    for flow, found in effects.main.items():
        rows = trade[trade["flow"] == flow]
        annual = rows.groupby([rows["month"].str[:4].astype(int), "partner"])["value_usd_mn"].sum().unstack()
        logs = np.log(annual.where(annual > 0))
        difference = logs["5800"] - sum(weight * logs[code] for code, weight in found.weights.items())
        effect = difference.loc[2013:2019].mean() - difference.loc[2000:2010].mean()
        assert found.effect_log == pytest.approx(effect, abs=1e-9)
        assert found.weights.sum() == pytest.approx(1.0)
        actual = annual["5800"].loc[2013:2019]
        gap = difference - difference.loc[2000:2010].mean()
        dollars = (actual - actual * np.exp(-gap.loc[2013:2019])).mean() / 1000
        assert found.effect_usd_bn == pytest.approx(dollars)


def test_the_interval_is_where_the_placebo_test_does_not_reject(effects) -> None:
    """By trying effects one by one: take it off after treatment, rank the rest among the placebos."""
    for found in effects.main.values():
        size = np.sort(np.abs(found.fits.standardised[1:]))
        low, high = found.interval_log

        def p_value(tau: float, found=found, size=size) -> float:
            own = abs(found.fits.effect[0] - tau) / found.fits.rmspe[0]
            return (1 + (size >= own - 1e-12).sum()) / (size.size + 1)

        inside = [p_value(t) for t in np.linspace(low + 1e-6, high - 1e-6, 41)]
        assert min(inside) > 1 - found.level
        assert p_value(low - 1e-6) <= 1 - found.level
        assert p_value(high + 1e-6) <= 1 - found.level


def test_the_p_value_has_the_floor_of_its_placebos(effects) -> None:
    for found in effects.main.values():
        assert found.p_floor == pytest.approx(1 / (len(found.pool.donors) + 1))
        assert found.p_floor <= found.p_value <= 1


def test_every_programme_is_solved(effects) -> None:
    assert max(found.kkt for found in effects.main.values()) < 1e-6


def test_windows_before_entry_into_force_are_refused(effects) -> None:
    main = effects.main["exports"].spec
    with pytest.raises(
        InvalidSpecification, match="2000-2010 before and 2011-2019 after, with entry into force in 2012"
    ):
        replace(main, post=(2011, 2019))
    with pytest.raises(InvalidSpecification, match="pre-period, entry into force"):
        replace(main, pre=(2000, 2012))


def test_years_beyond_the_data_and_no_donors_are_refused(effects) -> None:
    main = effects.main["exports"].spec
    with pytest.raises(IncompletePanel, match="Exports with Korea are missing or zero in 2026, 2027"):
        effects.estimate(replace(main, post=(2013, 2027)))
    with pytest.raises(NoDonors):
        effects.estimate(replace(main, threshold=1e6))


def test_what_is_declared_is_the_specification_of_the_methods() -> None:
    """Methods, section 3, in its own words: windows, estimator, donors and threshold."""
    main = main_specification("exports", Calendar(2012, 2013, 1985, 2024), declared())
    assert (main.pre, main.post, main.without) == ((2000, 2010), (2013, 2019), ())
    assert (main.estimator, main.outcome, main.threshold) == ("sc", "log", 3000)
    assert set(main.rule.excludes) == {"agreement", "energy"}
    chile = main_specification("exports", Calendar(2004, 2004, 1985, 2024), declared())
    assert (chile.pre, chile.post) == ((1991, 2001), (2004, 2010))


def test_the_curve_has_each_specification_once_and_the_main_one(effects) -> None:
    specs = all_specifications(effects.calendar, effects.spec.choices, effects.status.reasons)
    assert len(set(specs)) == len(specs) > 1000
    assert {found.spec for found in effects.main.values()} <= set(specs)
    combined = 2 * np.prod([len(v) for v in effects.spec.choices.curve.values()])
    # Leaving 2008-09 out changes nothing where the pre-period ends in 2006: a sixth of all combinations is made once.
    assert len(specs) == combined * 5 // 6


def test_before_the_data_end_windows_are_cut_and_made_once(column_study) -> None:
    effects = column_study.counterfactual()
    assert effects.main["exports"].spec.post == (2013, 2016)
    specs = all_specifications(effects.calendar, effects.spec.choices, effects.status.reasons)
    assert {s.post for s in specs} == {(2013, 2016)}


def test_no_first_full_year_no_estimate() -> None:
    with pytest.raises(IncompletePanel, match="last complete year is 2012"):
        main_specification("exports", Calendar(2012, 2013, 1985, 2012), declared())


def test_the_curve_says_what_single_estimates_say(effects, small_curve) -> None:
    specs, curve = small_curve
    for number in range(0, len(specs), 5):
        found = effects.estimate(specs[number])
        row = curve.table.loc[number]
        assert row["effect_log"] == pytest.approx(found.effect_log, abs=1e-12)
        assert row["p_value"] == found.p_value
        assert row["donors"] == len(found.pool.donors)
        for code in found.pool.donors[:3]:
            assert curve.standardised.loc[number, code] == pytest.approx(found.placebos.loc[code, "standardised"])


def test_the_curve_does_not_depend_on_who_does_the_work(effects, small_curve) -> None:
    specs, curve = small_curve
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as pool:
        again = run_curve(
            effects.panel,
            effects.status,
            specs,
            treated="5800",
            ridges=effects.spec.choices.ridges,
            lead=effects.spec.choices.lead,
            executor=pool,
            progress=lambda done, total: seen.append((done, total)),
        )
    assert again.table.equals(curve.table)
    assert again.effects.equals(curve.effects)
    assert seen[-1] == (len(specs), len(specs))


def test_the_joint_test_is_the_rank_of_the_median_among_units_in_every_specification(small_curve) -> None:
    _, curve = small_curve
    rows = (curve.table["flow"] == "imports").to_numpy()
    medians = []
    for code in curve.standardised.columns:
        values = curve.standardised.loc[rows, code]
        if not values.isna().any():
            medians.append(abs(float(np.median(values))))
    joint = curve.joint("imports")
    assert joint.p_value == pytest.approx(sum(m >= medians[0] for m in medians) / len(medians))
    assert joint.placebos == len(medians) - 1


def test_a_failure_in_the_curve_is_not_dropped(effects) -> None:
    spec = replace(effects.main["exports"].spec, threshold=1e6)
    with pytest.raises(NoDonors):
        run_curve(effects.panel, effects.status, [spec], treated="5800", ridges=effects.spec.choices.ridges, lead=2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('rule = "no-agreement-no-energy"', 'rule = "no-agrement"', "'no-agrement' is not a donor rule"),
        ("[solver]", "[solvers]", "lacks 'solver'"),
        ("[main]", "[main", "can't be read"),
    ],
)
def test_a_damaged_declaration_is_one_clear_error(tmp_path, old: str, new: str, message: str) -> None:
    path = tmp_path / "specifications.toml"
    path.write_text(FILE.read_text("utf-8").replace(old, new, 1), "utf-8")
    with pytest.raises(InvalidSpecification, match=message):
        read(path)


def test_variants_change_one_choice_and_name_it(effects) -> None:
    table = effects.variants
    main = table[table["choice"] == "main"].set_index("flow")
    for flow, found in effects.main.items():
        assert main.loc[flow, "effect_percent"] == pytest.approx(found.effect_percent)
    sdid = table[(table["value"] == "sdid") & (table["flow"] == "imports")]
    again = effects.estimate(replace(effects.main["imports"].spec, estimator="sdid"))
    assert float(sdid["effect_percent"].iloc[0]) == pytest.approx(again.effect_percent)
    assert {"no-agreement", "everyone", "strict", "no-competitor"} <= set(table["value"])


def test_leaving_a_donor_out_is_the_estimate_on_the_others(effects) -> None:
    found = effects.main["exports"]
    heaviest = found.weights.index[0]
    keep = [c for c in effects.panel.flows["exports"].columns if c != heaviest]
    without = replace(effects.panel, flows={**effects.panel.flows, "exports": effects.panel.flows["exports"][keep]})
    again = replace(effects, panel=without).estimate(found.spec)
    assert effects.without_donor["exports"][heaviest] == pytest.approx(again.effect_percent, abs=1e-6)


def test_other_agreements_are_estimated_in_their_own_years(effects) -> None:
    table = effects.agreements
    assert set(table["id"]) >= {"korus", "chile", "singapore", "australia", "peru", "colombia", "panama"}
    chile = table[(table["id"] == "chile") & (table["flow"] == "exports")].iloc[0]
    assert chile["first_full"] == 2004
    assert (table["reason"].eq("") == table["effect_percent"].notna()).all()


def test_energy_held_is_the_path_with_the_first_years_energy(study, effects) -> None:
    """From the monthly tables: exports less what energy was beyond its value of 2013, against the same synthetic path."""
    from korus_research.analysis.counterfactual.energy import energy_findings

    table = study.load("exports_energy_monthly")
    own = table[table["partner"] == "5800"]
    energy = own.groupby(own["month"].str[:4].astype(int))["value_usd_mn"].sum().loc[2013:2019]
    paths = effects.main["exports"].paths.loc[2013:2019]
    logs = np.log((paths["actual"] - (energy - energy[2013])) / paths["synthetic"])
    found = energy_findings(effects, study.flows())
    assert found["counterfactual.energy.held_pct"].value == pytest.approx(100 * np.expm1(logs.mean()), abs=1e-6)
    assert found["counterfactual.energy.held_bn"].value == pytest.approx((energy - energy[2013]).mean() / 1000)
