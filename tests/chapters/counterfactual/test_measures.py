"""Results of one specification and of the curve: recomputed in plain numpy, and held to their definitions."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

import korus_research as kr
from korus_research.chapters.counterfactual.energy import energy_in
from korus_research.chapters.counterfactual.estimates.declared import FILE, CurveChoices, declared, read
from korus_research.chapters.counterfactual.estimates.methods import leading
from korus_research.chapters.counterfactual.estimates.side_by_side import methods_frame
from korus_research.chapters.counterfactual.estimates.specifications import (
    Calendar,
    all_specifications,
    before_signature,
    calendar_of,
    in_time,
    main_specification,
)
from korus_research.errors import IncompletePanel, InvalidSpecification, NoDonors
from korus_research.methods.synthetic.curve import _tasks, run_curve
from korus_research.methods.synthetic.donors import DonorPool, donor_status
from korus_research.methods.synthetic.estimate import Counterfactual
from korus_research.methods.synthetic.estimators import Fits
from korus_research.methods.synthetic.outcomes import Exactness
from korus_research.methods.synthetic.panel import TradePanel, annual_panel
from korus_research.methods.synthetic.specification import DonorRule, Specification


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
    choices = effects.choices
    return choices.model_copy(update={"curve": choices.curve.model_copy(update=few)})


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
        # The mean yearly flow, and what is left of it without so many percent.
        dollars = actual.mean() / 1000 * (1 - 1 / (1 + found.effect_percent / 100))
        assert found.effect_usd_bn == pytest.approx(dollars)


def test_the_interval_is_where_the_placebo_test_does_not_reject(effects) -> None:
    """By trying effects one by one: take it off after treatment, rank the rest among the placebos."""
    for found in effects.main.values():
        ranked = found.fits.rmspe >= 1e-3  # decision 64: placebos that are copied exactly are not ranked
        size = np.sort(np.abs(found.fits.standardised[1:][ranked[1:]]))
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
        exact = int((found.fits.rmspe[1:] < 1e-3).sum())
        assert found.p_floor == pytest.approx(1 / (len(found.pool.donors) - exact + 1))
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
    """docs/methods/counterfactual.md, in its own words: windows, estimator, donors and threshold."""
    main = main_specification("exports", Calendar(2012, 2013, 1985, 2024), declared())
    assert (main.pre, main.post, main.without) == ((2000, 2010), (2013, 2019), ())
    assert (main.estimator, main.outcome, main.threshold) == ("sc", "log", 3000)
    assert set(main.rule.excludes) == {"agreement", "energy"}
    chile = main_specification("exports", Calendar(2004, 2004, 1985, 2024), declared())
    assert (chile.pre, chile.post) == ((1991, 2001), (2004, 2010))


def test_the_curve_has_each_specification_once_and_the_main_one(effects) -> None:
    specs = all_specifications(effects.calendar, effects.choices, effects.status.reasons)
    assert len(set(specs)) == len(specs) > 1000
    assert {found.spec for found in effects.main.values()} <= set(specs)
    combined = 2 * np.prod([len(getattr(effects.choices.curve, name)) for name in CurveChoices.model_fields])
    # Leaving 2008-09 out changes nothing where the pre-period ends in 2006: a sixth of all combinations is made once.
    assert len(specs) == combined * 5 // 6


def test_before_the_data_end_windows_are_cut_and_made_once(column_study) -> None:
    effects = column_study.counterfactual()
    assert effects.main["exports"].spec.post == (2013, 2016)
    specs = all_specifications(effects.calendar, effects.choices, effects.status.reasons)
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
            size, exact = curve.standardised.loc[number, code], found.placebos.loc[code, "rmspe"] < 1e-3
            assert np.isnan(size) if exact else size == pytest.approx(found.placebos.loc[code, "standardised"])


def test_the_curve_does_not_depend_on_who_does_the_work(effects, small_curve) -> None:
    specs, curve = small_curve
    seen: list[tuple[int, int]] = []
    with ThreadPoolExecutor(3) as pool:
        again = run_curve(
            effects.panel,
            effects.status,
            specs,
            treated="5800",
            ridges=effects.choices.ridges,
            lead=effects.choices.lead,
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
        if not curve.effects.loc[rows, code].isna().any():
            # Where the unit is copied exactly it has no standardised effect, and is not in its own median.
            medians.append(abs(float(np.nanmedian(curve.standardised.loc[rows, code]))))
    joint = curve.joint("imports")
    assert joint.p_value == pytest.approx(sum(m >= medians[0] for m in medians) / len(medians))
    assert joint.placebos == len(medians) - 1


def test_a_failure_in_the_curve_is_not_dropped(effects) -> None:
    spec = replace(effects.main["exports"].spec, threshold=1e6)
    with pytest.raises(NoDonors):
        run_curve(effects.panel, effects.status, [spec], treated="5800", ridges=effects.choices.ridges, lead=2)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'rule = "no-agreement-no-energy"',
            'rule = "no-agrement"',
            "line 12: main rule is 'no-agrement', which is not a donor rule",
        ),
        (
            'rule = ["everyone"',
            'rule = ["everybody", "everyone"',
            "curve rule 1 is 'everybody', which is not a donor rule",
        ),
        ("[solver]", "[solvers]", "solver is missing|solvers is no field here"),
        ("[main]", "[main", "can't be read as TOML"),
        (
            'estimator = "sc"',
            'estimator = "scm"',
            r"line 7: main estimator is 'scm'. Expected 'did', 'sc', 'sc-cv' or 'sdid'",
        ),
        ("interval = 0.9", "interval = 1.9", r"solver interval is 1.9. Expected less than 1"),
        ("interval = 0.9", "intervall = 0.9", r"solver interval is missing|solver intervall is no field here"),
        ("post_last = [3,", 'post_last = ["three",', r"curve post_last 1 is 'three'. Expected a valid integer"),
        ("pre = [-13, -3]", "pre = [-3, -13]", r"main is inconsistent. Expected windows begin before they end"),
        ("pre_last = [-7,", "pre_last = [-14,", r"curve is inconsistent. Expected every first fitted year"),
        (
            'excludes = ["agreement"]',
            'excludes = ["energy"]',
            r"rules is everyone, .*Expected one that excludes what 'no-agreement-no-energy' does",
        ),
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
    table = study.load("exports_energy_monthly")
    own = table[table["partner"] == "5800"]
    energy = own.groupby(own["month"].str[:4].astype(int))["value_usd_mn"].sum().loc[2013:2019]
    paths = effects.main["exports"].paths.loc[2013:2019]
    logs = np.log((paths["actual"] - (energy - energy[2013])) / paths["synthetic"])
    found = kr.counterfactual.energy_in_exports(study)
    held = found.findings()["counterfactual.energy.held_pct"].value
    assert held == found.held_percent == pytest.approx(100 * np.expm1(logs.mean()), abs=1e-6)
    assert found.beyond == pytest.approx((energy - energy[2013]).mean() / 1000)


def test_energy_without_two_years_in_the_tables_is_told_once_and_not_held(study, effects) -> None:
    """No table, one year, and a table with a gap: what is lacking has a reason, and only the first says it."""
    whole = study.flows().energy
    for table in (None, whole.loc[["2013"]]):
        found = energy_in(effects, table).findings()
        assert found["counterfactual.energy.energy_first"].reason.startswith("exports by chapter are not known")
        assert found["counterfactual.energy.held_pct"].repeats == "counterfactual.energy.energy_first"
    gap = energy_in(effects, whole.drop(index="2016"))
    assert gap.held_percent is None
    assert gap.findings()["counterfactual.energy.other_pct"].value is not None


# Where the data end


@cache  # of all partners, whatever the agreement
def panel_until(as_of: str) -> TradePanel:
    catalog = kr.open_catalog()
    return annual_panel(catalog.load("goods_trade_monthly", as_of=as_of), catalog.load("partners"), {})


@pytest.mark.parametrize("name", kr.list_agreements())
def test_every_specification_of_every_agreement_can_be_set_up(name) -> None:
    """Donor pools included, in which a partner's missing year is an error; nothing is fitted."""
    study, choices = kr.open_study(name), declared()
    treated = study.agreement.partner.census_code
    panel = panel_until(study.parameters.as_of)
    status = donor_status(study.load("donor_status"), study.load("us_agreements"))
    specs = all_specifications(calendar_of(panel, study.agreement), choices, status.reasons)
    tasks = _tasks(
        panel, status, specs, treated=treated, ridges=choices.ridges, lead=choices.lead, exactness=choices.exactness
    )
    assert sum(len(task.members) for task in tasks) == len(specs) > 1000
    for flow, table in panel.flows.items():
        own = table[treated]
        years = [y for s in specs if s.flow == flow for y in (s.pre[0], s.post[1])]
        assert (own.loc[min(years) : max(years)] > 0).all()


@pytest.mark.parametrize(("gap", "first", "last"), [(1995, 1996, 2024), (2022, 1987, 2021)])
def test_a_gap_is_where_the_data_end_on_its_side(effects, gap, first, last) -> None:
    flows = {flow: table.copy() for flow, table in effects.panel.flows.items()}
    flows["imports"].loc[gap, "5800"] = np.nan
    panel = replace(effects.panel, flows=flows)
    assert panel.span("5800", around=2011) == (first, last)
    specs = all_specifications(Calendar(2012, 2013, first, last), effects.choices, effects.status.reasons)
    assert min(s.pre[0] for s in specs) == max(1992, first)
    assert max(s.post[1] for s in specs) == min(2024, last)


def test_the_years_before_are_never_cut_in_the_main_specification() -> None:
    with pytest.raises(IncompletePanel, match="complete from 2004 on"):
        main_specification("exports", Calendar(2012, 2013, 2004, 2024), declared())


def test_placebos_in_time_end_before_entry_into_force_and_before_signature() -> None:
    """KORUS: signed in 2007, in force in 2012; Chile: 2003 and 2004, so that one window does for both."""
    choices = declared()
    korus, chile = Calendar(2012, 2013, 1987, 2024), Calendar(2004, 2004, 1987, 2024)
    main = main_specification("exports", korus, choices)
    first, second = in_time(main, korus, choices), before_signature(main, korus, choices, signed=2007)
    assert (first.pre, first.post) == ((1993, 2003), (2006, 2010))
    assert (second.pre, second.post) == ((1989, 1999), (2002, 2006))
    other = main_specification("exports", chile, choices)
    assert before_signature(other, chile, choices, signed=2003) == in_time(other, chile, choices)
    late = Calendar(2012, 2013, 1998, 2024)
    assert in_time(main, late, choices).pre == (1998, 2003)
    assert before_signature(main, late, choices, signed=2007) is None  # two years are no fit


# Bad input, one clear error each


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"flow": "export"}, r"'export' is not a flow \(did you mean 'exports'\?\)"),
        ({"estimator": "scm"}, "'scm' is not an estimator"),
        ({"outcome": "level"}, "'level' is not an outcome"),
    ],
)
def test_an_unknown_word_in_a_specification_is_refused(effects, changes, message) -> None:
    with pytest.raises(InvalidSpecification, match=message):
        replace(effects.main["exports"].spec, **changes)


def test_windows_outside_the_panel_of_partners_are_refused(effects) -> None:
    """Korea and its peers have 2025, the other partners don't: a window to there would silently lose its donors."""
    main = effects.main["exports"].spec
    with pytest.raises(IncompletePanel, match="run from 2000 to 2025, the panel of partners from 1987 to 2024"):
        effects.estimate(replace(main, post=(2013, 2025)))
    with pytest.raises(IncompletePanel, match="run from 1986 to 2019"):
        effects.estimate(replace(main, pre=(1986, 2010)))


def test_a_share_of_a_total_that_is_not_there_is_refused(effects) -> None:
    totals = effects.panel.totals.copy()
    totals.loc[2015, "exports"] = np.nan
    lacking = replace(effects, panel=replace(effects.panel, totals=totals))
    with pytest.raises(IncompletePanel, match="Trade with the world is missing in 2015"):
        lacking.estimate(replace(effects.main["exports"].spec, outcome="share"))


# Intervals and p-values


def test_the_interval_of_a_share_is_where_the_test_does_not_reject(effects) -> None:
    """By trying effects in log points: an effect of x leaves the share actual * exp(-x), whose gap is then ranked."""
    found = effects.estimate(replace(effects.main["exports"].spec, outcome="share"))
    actual = float(found.outcome[0, found._post].mean())
    size = np.sort(np.abs(found.fits.standardised[1:]))
    synthetic = actual - found.fits.effect[0]

    def p_value(x: float) -> float:
        own = abs(actual * math.exp(-x) - synthetic) / found.fits.rmspe[0]
        return (1 + (size >= own - 1e-12).sum()) / (size.size + 1)

    low, high = found.interval_log
    assert min(p_value(x) for x in np.linspace(low + 1e-6, high - 1e-6, 41)) > 1 - found.level
    assert max(p_value(low - 1e-6), p_value(high + 1e-6)) <= 1 - found.level
    assert low < found.effect_log < high


def made(
    pre_gap: float, *, outcome: str = "log", effect: float = 0.2, donors: int = 12, spread: float = 0.1
) -> Counterfactual:
    """A result made by hand: the treated unit misses its past by `pre_gap`, placebos have effects of up to `spread`."""
    years = list(range(2000, 2020))
    placebos = np.linspace(-spread, spread, donors)
    effects = np.array([effect, *placebos])
    gap = np.repeat(effects[:, None], len(years), axis=1)
    gap[:, :11] = 0.0
    rmspe = np.array([pre_gap, *np.full(donors, 0.05)])
    values = np.ones((donors + 1, len(years))) + (gap if outcome == "share" else 0.0)
    units = ["t", *(f"d{k}" for k in range(donors))]
    zeros = np.zeros((donors + 1, donors + 1))
    fits = Fits(effects, gap, rmspe, zeros, np.zeros((donors + 1, 11)), np.zeros(donors + 1))
    rule = DonorRule("toy", "toy", ())
    spec = Specification("exports", "sc", outcome, (2000, 2010), (), (2013, 2019), rule, 0.0, 2012)
    pool = DonorPool(pd.DataFrame(1000 * values.T, index=years, columns=units), {})
    return Counterfactual(spec, pool, fits, values, np.full_like(values, 1000.0), 0.9)


def test_an_exact_fit_has_neither_p_value_nor_interval() -> None:
    for gap, exact in ((0.0009, True), (0.0011, False)):
        found = made(gap)
        assert found.exact is exact
        assert math.isnan(found.p_value) is exact
        assert (found.interval_log is None) is exact
    assert made(0.0011).p_value == pytest.approx(1 / 13)


def test_an_interval_that_ends_in_no_share_at_all_is_none() -> None:
    """Shares of 1.2 with a synthetic one of 1: an end beyond 1.2 would leave nothing without the effect."""
    inside, outside = (made(gap, outcome="share") for gap in (0.1, 1.2))
    low, high = inside.interval_log
    # The largest placebo, 0.1 over 0.05, times the own gap of 0.1: effects of 0.2 - 0.2 and 0.2 + 0.2 index points.
    assert (low, high) == (pytest.approx(0.0), pytest.approx(math.log(1.2 / 0.8)))
    assert outside.interval_log is None
    assert outside.p_value == pytest.approx(1.0)


def test_money_is_the_same_effect_as_percent(effects) -> None:
    """Dollars over what is left of the mean flow without them are the percent, at both ends and at the estimate."""
    for flow in ("exports", "imports"):
        for outcome in ("log", "share"):
            found = effects.estimate(replace(effects.main[flow].spec, outcome=outcome))
            actual = found.paths.loc[found.spec.post_years, "actual"].mean() / 1000
            for percent, money in zip(found.interval_percent, found.interval_usd_bn, strict=True):
                assert money / (actual - money) == pytest.approx(percent / 100)  # of what would have been, on one mean
            low, high = found.interval_usd_bn
            assert low < found.effect_usd_bn < high
            middle = replace(found, level=0.01)
            assert middle.interval_usd_bn[0] <= found.effect_usd_bn <= middle.interval_usd_bn[1]


def test_chance_is_what_the_intervals_leave_out() -> None:
    assert declared().chance == pytest.approx(1 - declared().level) == pytest.approx(0.1)


# One rule for placebos that are copied exactly, and what leads


def with_exact(found: Counterfactual, *places: int, rule: str = "left-out") -> Counterfactual:
    """The same result with some placebos copied to nothing before, by one rule or the other."""
    rmspe = found.fits.rmspe.copy()
    rmspe[list(places)] = 1e-5
    return replace(found, fits=replace(found.fits, rmspe=rmspe), exactness=Exactness(rule))


def test_exact_placebos_are_left_out_or_stand_before_everything() -> None:
    """Twelve placebos of up to 0.1 over 0.05, the effect 0.2 over 0.05: of the others none is as large."""
    found = made(0.05)
    out, ranked = with_exact(found, 1, 2), with_exact(found, 1, 2, rule="ranked")
    assert (out.p_value, out.p_floor) == (pytest.approx(1 / 11), pytest.approx(1 / 11))
    assert (ranked.p_value, ranked.p_floor) == (pytest.approx(3 / 13), pytest.approx(3 / 13))
    assert out.errors_log == pytest.approx(np.linspace(-0.1, 0.1, 12)[2:])
    assert out.interval_log == (pytest.approx(0.2 - 0.1), pytest.approx(0.2 + 0.1))
    assert ranked.interval_log is None  # the eleventh of twelve is an exact one
    assert out.paths["high"].notna().all()
    gone = with_exact(found, 0)
    assert math.isnan(gone.p_value)
    assert math.isnan(gone.p_floor)


def test_the_floor_is_attained_by_a_large_effect() -> None:
    for rule in ("left-out", "ranked"):
        found = with_exact(made(0.05, effect=5.0), 3, 7, 9, rule=rule)
        assert found.p_value == pytest.approx(found.p_floor)


def methods_of(**errors: float) -> dict:
    """Methods by their placebo errors, the same for both flows."""
    return {(flow, name): made(0.05, spread=error) for flow in ("exports", "imports") for name, error in errors.items()}


def test_the_method_with_the_smallest_error_leads_unless_others_err_as_little() -> None:
    assert leading(methods_of(first=0.30, second=0.20, third=0.25), 0.05) == "second"
    assert leading(methods_of(first=0.209, second=0.20), 0.05) == "first"
    assert leading(methods_of(first=0.212, second=0.20), 0.05) == "second"
    lacking = methods_of(first=0.30, second=0.20)
    del lacking["imports", "second"]
    assert leading(lacking, 0.05) == "first"


def test_methods_err_as_their_placebos_do_in_plain_numpy(effects) -> None:
    table = methods_frame(effects).set_index(["flow", "method"])
    pooled = {}
    for name in effects.choices.methods:
        squares = []
        for flow in ("exports", "imports"):
            placebos = effects.methods[flow, name].placebos["effect"].iloc[1:]
            error = math.sqrt((placebos**2).mean())
            assert table.loc[(flow, name), "placebo_error"] == pytest.approx(100 * error)
            squares.append(error**2)
        pooled[name] = math.sqrt(sum(squares))
    least = min(pooled.values())
    assert effects.leading == next(name for name, error in pooled.items() if error <= least / 0.95)


def test_a_quarterly_effect_is_what_its_weights_say_of_the_raw_months(effects, study) -> None:
    """Logs of quarters less the unit's mean of that quarter in 2000-2010; weights from the result, means by year."""
    trade = study.load("goods_trade_monthly")
    for flow in ("exports", "imports"):
        found = effects.methods[flow, "sc-quarterly"]
        rows = trade[(trade["flow"] == flow) & trade["partner"].isin(["5800", *found.pool.donors])]
        quarter = pd.PeriodIndex(rows["month"], freq="M").asfreq("Q")
        logs = np.log(rows.groupby([quarter, "partner"])["value_usd_mn"].sum().unstack())
        before = logs.loc["2000":"2010"]
        seasons = before.groupby(before.index.quarter).mean()
        moved = logs - seasons.loc[logs.index.quarter].to_numpy()
        gap = moved["5800"] - sum(weight * moved[code] for code, weight in found.weights.items())
        assert found.effect_log == pytest.approx(gap.loc["2013":"2019"].mean(), abs=1e-9)
        assert found.fits.rmspe[0] == pytest.approx(gap.loc["2000":"2010"].std(ddof=0), abs=1e-9)
        assert found.fits.gap[0, 13] == pytest.approx(gap.loc["2013"].mean(), abs=1e-9)
        assert found.fits.time_weights.sum(axis=1) == pytest.approx(np.ones(len(found.pool.donors) + 1))
        annual = effects.main[flow]
        seasonal = np.log(annual.pool.values).to_numpy()
        assert found.outcome == pytest.approx(seasonal.T)


def test_a_quarter_without_trade_leaves_a_donor_or_the_method_out(effects) -> None:
    spec = effects.methods["exports", "sc-quarterly"].spec
    quarters = effects.panel.quarters["exports"].copy()
    donor = effects.main["exports"].pool.donors[0]
    quarters.loc[4 * 2005, donor] = 0.0
    lacking = replace(effects, panel=replace(effects.panel, quarters={"exports": quarters}))
    found = lacking.estimate(spec)
    assert donor not in found.pool.donors
    assert found.pool.dropped[donor] == "incomplete"
    quarters.loc[4 * 2005 + 1, "5800"] = np.nan
    with pytest.raises(IncompletePanel, match="Exports with Korea have a quarter without trade from 2000 to 2019"):
        lacking.estimate(spec)
    quarters[list(effects.main["exports"].pool.donors[:-1])] = 0.0
    quarters["5800"] = 1.0
    with pytest.raises(NoDonors, match="1 donors have trade in every quarter"):
        lacking.estimate(spec)


def test_a_method_that_the_data_do_not_allow_is_a_named_gap(effects) -> None:
    methods = {key: found for key, found in effects.methods.items() if key != ("exports", "sc-quarterly")}
    found = replace(effects, methods=methods).findings()
    assert found["counterfactual.exports.method.sc-quarterly"].reason == "trade in some quarter was nothing"
    assert found["counterfactual.exports.method.sc-quarterly.error"].value is None


def test_shares_by_quarter_are_refused(effects) -> None:
    with pytest.raises(InvalidSpecification, match="Quarters are asked for with shares"):
        replace(effects.main["exports"].spec, frequency="quarterly", outcome="share")


METHODS = ("sc", "sc-cv", "sdid", "did", "sc-quarterly", "sdid-quarterly")


def test_the_placebo_in_time_that_is_quoted_is_the_harshest(effects) -> None:
    findings = effects.findings()
    for flow in ("exports", "imports"):
        tried = [
            each.effect_percent
            for place in (effects.in_time[flow], effects.before_signature[flow])
            for each in (place, effects.with_energy(place), *(effects.by_method(place, name) for name in METHODS))
        ]
        quoted = findings[f"counterfactual.{flow}.harshest"].value
        assert abs(quoted) == pytest.approx(max(map(abs, tried)), abs=0.5)  # told without decimals
        assert quoted in [pytest.approx(each) for each in tried]
    assert {method for _, _, method in effects.earlier} == set(METHODS)


def test_what_can_not_reject_is_counted_apart(small_curve, effects) -> None:
    """A floor of the level or above: with nine placebos or fewer at ten percent."""
    _, curve = small_curve
    for row in curve.table.to_dict("records"):
        assert row["p_floor"] <= row["p_value"] or math.isnan(row["p_value"])
        assert row["p_floor"] >= 1 / (row["donors"] + 1)


# With and without the energy exporters


def test_energy_exporters_are_told_apart_everywhere(effects, small_curve) -> None:
    """Variant, other agreements and placebo in time by the rule that the variants table shows."""
    kept = effects.variants.query("value == 'no-agreement'").set_index("flow")
    own = effects.agreements.query("id == 'korus'").set_index("flow")
    assert own["with_energy_percent"].to_numpy() == pytest.approx(kept.loc[own.index, "effect_percent"].to_numpy())
    findings = effects.findings()
    rule = effects.choices.rule("no-agreement")
    for flow, found in effects.in_time.items():
        again = effects.estimate(replace(found.spec, rule=rule))
        assert findings[f"counterfactual.{flow}.in_time_energy"].value == pytest.approx(again.effect_percent)
    _, curve = small_curve
    assert curve.joint("imports", ["no-agreement-no-energy"]) == curve.joint("imports")
    assert curve.joint("imports", ["everyone"]) is None


def test_a_unit_that_misses_one_specification_is_not_in_the_joint_test(small_curve) -> None:
    _, curve = small_curve
    joint = curve.joint("imports")
    rows = (curve.table["flow"] == "imports").to_numpy()
    unit = next(c for c in curve.standardised.columns[1:] if curve.standardised.loc[rows, c].notna().all())
    effects = curve.effects.copy()
    effects.loc[np.flatnonzero(rows)[0], unit] = np.nan
    assert replace(curve, effects=effects).joint("imports").placebos == joint.placebos - 1
