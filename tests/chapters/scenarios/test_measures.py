"""The scenarios: inputs recomputed in plain pandas, outcomes against the solver called by hand, and what is left out."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from korus_research.chapters.scenarios.findings import range_kind
from korus_research.chapters.scenarios.measures import Scenarios, solve_scenarios
from korus_research.chapters.scenarios.model.choices import KEYS, USED, ScenariosSpec, model_choices
from korus_research.chapters.scenarios.model.duties import Duties, duties_from
from korus_research.chapters.scenarios.model.estimates import Estimate, estimates_from
from korus_research.data import open_catalog
from korus_research.errors import InvalidModel, MissingPartner
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.effect import PartialEffect
from korus_research.methods.equilibrium.solve import solve_equilibrium
from korus_research.show.finding import Finding, Findings

EFFECTS = {"exports": PartialEffect(0.10, -0.10, 0.40), "imports": PartialEffect(0.05, 0.05, 0.05)}
OTHER = {"exports": PartialEffect(-0.20, -0.30, -0.10), "imports": PartialEffect(0.30, 0.10, 0.50)}


def load(name: str, as_of: str | None = None) -> pd.DataFrame:
    return open_catalog().load(name, as_of=as_of)


@cache
def rates(as_of: str | None = None) -> Duties:
    tables = lambda name: load(name, None if name == "wiod_economies" else as_of)  # noqa: E731
    return duties_from(tables, spec(), partner="5800", agreement_year=2011)


def of(*effects) -> dict:
    """Estimates with these effects, the first two kinds in turn."""
    return {
        key: Estimate(one, "gravity") for key, one in zip(("undone_gravity", "undone_control"), effects, strict=False)
    }


def spec(**changes) -> ScenariosSpec:
    """The declared scenarios, of few draws where `changes` don't say how many."""
    declared = ScenariosSpec(reporter="USA", partner="KOR", estimates=of(EFFECTS), **model_choices())
    return replace(declared, **{"draws": 400, **changes})


@cache
def scenarios(as_of: str | None = None) -> Scenarios:
    return solve_scenarios(load("wiod_baseline_2014"), load("wiod_economies"), rates(as_of), spec=spec())


def test_realised_rates_add_up_to_the_duty_collected():
    annual = load("realised_duties_annual")
    table = annual[annual["year"] == 2025].set_index("partner")
    economies = load("wiod_economies").set_index("partner")["iso3"]
    own = table[table.index.isin(economies.index)]
    collected = (own["imports_usd"] * rates().added.after[economies[own.index]].to_numpy()).sum()
    rest = table.loc["0015"] - own.sum()
    collected += rest["imports_usd"] * rates().added.after["ROW"]
    assert collected == pytest.approx(table.loc["0015", "duty_usd"], rel=1e-12)


def test_the_rates_are_those_of_the_sources():
    # us_realised_duty_on_korea_monthly_2005_2026, the twelve months of 2025; all partners 7.6504 percent in
    # us_realised_duty_by_economy_2025_26_totals.
    d = rates()
    assert 100 * d.added.after["KOR"] == pytest.approx(100 * 10261432669 / 123674438748, rel=1e-9)
    assert 100 * d.before["KOR"] == pytest.approx(0.1907, abs=5e-5)
    assert d.added.others_after == pytest.approx(
        (259265000702 - 10261432669) / (3388888181981 - 123674438748), rel=1e-9
    )
    assert (d.former.year, 100 * d.former.realised) == (2011, pytest.approx(1.4388, abs=5e-5))
    # korus_average_tariffs: the United States first, then Korea.
    assert (*d.former.before, *d.former.first_day) == pytest.approx((0.018, 0.059, 0.01, 0.034))
    assert (d.years, d.months) == ((2024, 2025), 12)
    # The same file: January to August 2026, and the highest month.
    of_2026 = ((1188726943, 11655011929), (988538293, 11581305421), (1025436329, 12548277097), (1101243343, 13014180849),
               (1110501219, 12807173039), (1157188798, 15336910638), (1254212635, 16464706420), (1153604225, 15185420217))  # fmt: skip
    duty, imports = (sum(part) for part in zip(*of_2026, strict=True))
    assert d.latest == pytest.approx(duty / imports, rel=1e-9)
    assert (d.latest_months, f"{d.by_month.idxmax():%Y-%m}") == ("January to August 2026", "2025-09")


def test_what_was_seen_is_twelve_months_of_general_imports():
    trade = (
        load("goods_trade_monthly").query("partner == '5800' and flow == 'imports'").set_index("month")["value_usd_mn"]
    )
    months = [*(f"2025-{m:02d}" for m in range(9, 13)), *(f"2026-{m:02d}" for m in range(1, 9))]
    old = [f"2024-{m:02d}" for m in range(1, 13)]
    assert rates().observed == pytest.approx(trade[months].sum() / trade[old].sum() - 1)
    assert rates().observed_months == "the 12 months to August 2026"
    found = scenarios().findings()
    model = scenarios().outcomes["duties_all"].flows.at["imports", "percent"]
    gap, ends = found["scenarios.observed.gap"], scenarios().outcomes["duties_all"].flows.loc["imports"]
    assert gap.value == pytest.approx(100 * rates().observed - model)
    assert (gap.low, gap.high) == pytest.approx((gap.value + model - ends["high"], gap.value + model - ends["low"]))


def test_the_latest_rate_is_that_of_the_last_year_and_none_without_one():
    assert rates("2025-11").latest is None
    assert (rates("2026-01").latest_months, rates("2026-03").latest_months) == ("January 2026", "January to March 2026")
    assert "duties_latest" not in scenarios("2025-11").outcomes
    assert "scenarios.duties_latest.real_income.partner" not in scenarios("2025-11").findings()


def test_goods_shares_are_those_of_the_sector_table(raw_folder):
    raw = pd.read_csv(raw_folder / "wiod_us_korea_bilateral_by_sector_1995_2011.csv").query("year == 2011")
    goods = [f"c{k}" for k in range(1, 17)]
    for flow, exporter, importer in (("exports", "USA", "KOR"), ("imports", "KOR", "USA")):
        pair = raw[(raw["exporter"] == exporter) & (raw["importer"] == importer)].set_index("wiod_code")["total_usd_mn"]
        assert rates().goods[flow] == pytest.approx(pair.reindex(goods).sum() / pair.sum(), rel=1e-12)


def test_the_kept_margin_keeps_the_relative_price():
    d = rates()
    after = (1 + d.added.kept_margin("KOR")) / (1 + d.added.others_after)
    assert after == pytest.approx((1 + d.before["KOR"]) / (1 + d.added.others_before), rel=1e-12)


def test_draws_have_the_interval_on_both_sides():
    effect = PartialEffect(0.1, -0.1, 0.4, level=0.8)
    drawn = effect.draws(np.random.default_rng(1).standard_normal(400_000))
    # Quantiles of 400,000 draws are within 0.002 of the interval's ends.
    assert np.quantile(drawn, [0.1, 0.5, 0.9]) == pytest.approx([-0.1, 0.1, 0.4], abs=0.004)


def by_hand(theta: float, *, exports: float = 0.0, duty: float | None = None) -> pd.DataFrame:
    """Percent changes by economy, the solver called with one cost or one duty, all rates built anew."""
    flows = load("wiod_baseline_2014").pivot(index="exporter", columns="importer", values="value_usd_mn")
    goods = rates().others_goods.copy()
    goods["KOR"] = rates().goods["imports"]
    old = pd.DataFrame(0.0, index=flows.index, columns=flows.columns)
    old["USA"] = rates().before * goods
    old.loc["USA", "USA"] = 0.0
    base = Baseline(tuple(flows.index), flows.to_numpy(), old.to_numpy())
    costs, new = pd.DataFrame(1.0, index=flows.index, columns=flows.columns), old.copy()
    share = rates().goods["exports"]
    costs.loc["USA", "KOR"] = (1 - share + share * np.exp(-exports)) ** (-1 / theta)
    if duty is not None:
        new.loc["KOR", "USA"] = duty * goods["KOR"]
    return solve_equilibrium(base, costs=costs.to_numpy(), duties=new.to_numpy(), elasticity=theta).to_frame()


def test_the_new_duty_on_the_partner_alone_is_the_solver_called_by_hand():
    outcome = scenarios().outcomes["duties_partner"]
    for theta in (3.0, 4.0, 8.0):
        table = by_hand(theta, duty=rates().added.after["KOR"])
        assert outcome.by_elasticity.at[theta, "partner"] == pytest.approx(table.at["KOR", "real_income"], rel=1e-8)
    assert outcome.changes["real_gdp"].to_numpy() == pytest.approx(by_hand(4.0, duty=rates().added.after["KOR"])["real_gdp"].to_numpy(), abs=1e-9)  # fmt: skip


def test_the_drawn_range_is_that_of_the_ends_of_the_interval():
    """One effect alone varies at one elasticity, so that quantiles of outcomes are the outcomes of quantiles."""
    only = {"exports": EFFECTS["exports"], "imports": PartialEffect(0.0, 0.0, 0.0)}
    found = solve_scenarios(
        load("wiod_baseline_2014"), load("wiod_economies"), rates(),
        spec=spec(estimates=of(only), elasticities=(4.0,), draws=model_choices()["draws"]),
    )  # fmt: skip
    outcome = found.outcomes["undone_gravity"].closures["additive"]
    ends = sorted(by_hand(4.0, exports=b).at["KOR", "real_income"] for b in (-0.10, 0.40))
    width = ends[1] - ends[0]
    # 5,000 draws: the standard error of a 5 % quantile is about 1.5 % of the interval's width, and lopsided.
    assert outcome.low.at["KOR", "real_income"] == pytest.approx(ends[0], abs=0.06 * width)
    assert outcome.high.at["KOR", "real_income"] == pytest.approx(ends[1], abs=0.06 * width)
    assert outcome.changes.at["KOR", "real_income"] == pytest.approx(by_hand(4.0, exports=0.1).at["KOR", "real_income"], abs=1e-9)  # fmt: skip


def test_the_drawn_range_is_that_of_every_elasticity():
    """One certain effect: all that is drawn is the elasticity, and each is as often as another."""
    sure = {"exports": PartialEffect(0.1, 0.1, 0.1), "imports": PartialEffect(0.0, 0.0, 0.0)}
    found = solve_scenarios(
        load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec(estimates=of(sure), draws=40)
    )
    outcome = found.outcomes["undone_gravity"].closures["additive"]
    each = [by_hand(theta, exports=0.1).at["KOR", "real_income"] for theta in (3.0, 4.0, 6.0, 8.0)]
    assert outcome.low.at["KOR", "real_income"] == pytest.approx(min(each), abs=1e-9)
    assert outcome.high.at["KOR", "real_income"] == pytest.approx(max(each), abs=1e-9)
    assert "trade elasticities from 3 to 8" in range_kind(found, "undone_gravity")


def fixed_point(
    theta: float, old: tuple[float, float], new: tuple[float, float], *, everyone: bool = False, others: float = 0.0,
    multiplicative: bool = False,
) -> pd.Series:  # fmt: skip
    """Real income of Korea and the United States, and flows between them, by a solver that shares nothing with ours.

    Wages move towards clearing markets until they do; no Newton steps, no exact hats of flows, no matrices of ours.
    `old` and `new` are duties on goods: Korea's on the United States and the other way. `everyone` puts the new duties
    of the United States on all; `others` is Korea's duty on everybody else. `multiplicative` holds spending as a multiple
    of output, all multiples moved alike so that the world spends what it makes.
    """
    flows = load("wiod_baseline_2014").pivot(index="exporter", columns="importer", values="value_usd_mn")
    names, d = flows.index, rates()
    x, us, korea = flows.to_numpy(), names.get_loc("USA"), names.get_loc("KOR")
    share = d.others_goods.reindex(names)
    share["KOR"] = d.goods["imports"]
    duties = []
    for (korean, american), by_economy in zip(
        (old, new), (d.before, d.added.after if everyone else d.before), strict=True
    ):
        t = np.zeros_like(x)
        t[:, korea] = others * d.goods["exports"]
        t[:, us] = (by_economy.reindex(names) * share).to_numpy()
        t[us, korea], t[korea, us] = korean * d.goods["exports"], american * d.goods["imports"]
        t[us, us] = t[korea, korea] = 0.0
        duties.append(t)
    before, after = duties
    paid, output = x * (1 + before), x.sum(axis=1)
    deficit, wage = x.sum(axis=0) - output, np.ones(len(x))
    for _ in range(20_000):
        pull = paid / paid.sum(axis=0) * (wage[:, None] * (1 + after) / (1 + before)) ** -theta
        spent = pull / pull.sum(axis=0)  # shares of what is spent, duty included
        before_duty = wage * output + deficit
        if multiplicative:
            before_duty = x.sum(axis=0) * wage
            before_duty = before_duty * (wage * output).sum() / before_duty.sum()
        spending = before_duty / (spent / (1 + after)).sum(axis=0)
        sales = spent / (1 + after) * spending
        gap = sales.sum(axis=1) / (wage * output)
        if np.abs(gap - 1).max() < 1e-12:
            break
        wage = wage * gap ** (0.6 / theta)
        wage = wage * output.sum() / (wage * output).sum()
    else:
        raise AssertionError("markets do not clear")
    prices = pull.sum(axis=0) ** (-1 / theta)
    income = 100 * (spending / paid.sum(axis=0) / prices - 1)
    between = 100 * (np.array([sales[us, korea] / x[us, korea], sales[korea, us] / x[korea, us]]) - 1)
    return pd.Series({"KOR": income[korea], "USA": income[us], "exports": between[0], "imports": between[1]})


def cases() -> dict[str, tuple[tuple[float, float], tuple[float, float]]]:
    """Duties (Korean, American) before and after, as the box says them, from the sources' own figures."""
    now = float(rates().before["KOR"])
    return {
        "all": ((0.0, now), (0.059, rates().former.realised)),
        "study": ((0.0, 0.0), (0.059, 0.018)),
        "first_day": ((0.034, 0.010), (0.059, 0.018)),
    }


def test_duties_back_are_what_another_solver_finds():
    outcome = scenarios().outcomes["mfn"]
    thetas = (3.0, 4.0, 6.0, 8.0)
    found = {(t, name): fixed_point(t, *case) for t in thetas for name, case in cases().items()}
    other = {
        (t, name, "m"): fixed_point(t, *case, multiplicative=True) for t in thetas for name, case in cases().items()
    }
    everything = pd.concat([pd.Series(one, name=key) for key, one in {**found, **other}.items()], axis=1)
    for who, code in (("partner", "KOR"), ("reporter", "USA")):
        for theta in (3.0, 4.0, 6.0, 8.0):
            assert outcome.by_elasticity.at[theta, who] == pytest.approx(found[theta, "all"][code], abs=1e-8)
        assert outcome.low.at[code, "real_income"] == pytest.approx(everything.loc[code].min(), abs=1e-8)
        assert outcome.high.at[code, "real_income"] == pytest.approx(everything.loc[code].max(), abs=1e-8)
    for flow in ("exports", "imports"):
        assert outcome.flows.at[flow, "percent"] == pytest.approx(found[4.0, "all"][flow], abs=1e-6)
        assert outcome.flows.at[flow, "low"] == pytest.approx(everything.loc[flow].min(), abs=1e-6)
        assert outcome.flows.at[flow, "high"] == pytest.approx(everything.loc[flow].max(), abs=1e-6)
    # Undone from what they left (3.4 percent), the first day's cuts move trade least: that end of the range is theirs.
    assert everything.loc["exports"].idxmax()[:2] == (3.0, "first_day")
    assert everything.loc["imports"].idxmax()[:2] == (3.0, "first_day")


def test_new_duties_on_all_are_what_another_solver_finds():
    outcome = scenarios().outcomes["duties_all"]
    now, after = float(rates().before["KOR"]), float(rates().added.after["KOR"])
    for theta in (3.0, 4.0, 8.0):
        found = fixed_point(theta, (0.0, now), (0.0, after), everyone=True)
        assert outcome.by_elasticity.at[theta, "partner"] == pytest.approx(found["KOR"], abs=1e-8)
        assert outcome.by_elasticity.at[theta, "reporter"] == pytest.approx(found["USA"], abs=1e-8)
        if theta == 4.0:
            assert outcome.flows.at["imports", "percent"] == pytest.approx(found["imports"], abs=1e-6)


def test_duties_of_the_partner_on_others_are_what_another_solver_finds():
    now, after = float(rates().before["KOR"]), float(rates().added.after["KOR"])
    asked = {"mfn": cases()["all"], "duties_partner": ((0.0, now), (0.0, after))}
    found = scenarios().findings()
    for key, case in asked.items():
        income = fixed_point(4.0, *case, others=0.059)["KOR"]
        assert found[f"scenarios.elsewhere.{key}"].value == pytest.approx(income, abs=1e-8)
    income = fixed_point(4.0, *asked["duties_partner"], everyone=True, others=0.059)["KOR"]
    assert found["scenarios.elsewhere.duties_all"].value == pytest.approx(income, abs=1e-8)


def test_a_duty_on_goods_alone_by_hand():
    found, d = scenarios().findings(), rates()
    share = d.goods["exports"]
    assert found["scenarios.levied.exports.whole"].value == pytest.approx(100 * ((1 + share * 0.059) ** -5 - 1))
    assert found["scenarios.levied.exports.goods"].value == pytest.approx(100 * share * (1.059**-5 - 1))
    # Imports are nearly all goods, so that the two lie near each other.
    whole, alone = (found[f"scenarios.levied.imports.{what}"].value for what in ("whole", "goods"))
    assert whole < alone < 0.98 * whole


def test_every_input_names_its_own_period_basis_and_table():
    found = scenarios().findings()
    expected = {
        "reporter_mfn": ("2011", "realized", "realised_duties_monthly"),
        "reporter_average": ("2007", "average", "average_tariffs"),
        "partner_mfn": ("2007", "average", "average_tariffs"),
        "partner_first_day": ("2007", "average", "average_tariffs"),
        "partner_before": ("2024", "realized", "realised_duties_annual"),
    }
    for key, (period, basis, table) in expected.items():
        finding = found[f"scenarios.rate.{key}"]
        assert (finding.period, finding.datasets) == (period, (table,))
        assert finding.basis.startswith(basis)


def test_what_is_said_of_all_estimates_names_the_tables_of_each():
    found = scenarios().findings()
    for key in ("flow.exports_low", "flow.exports_side", "cents.reporter_high", "open"):
        assert {"gravity_panel", "realised_duties_annual"} <= {*found[f"scenarios.undone.{key}"].datasets}, key
    assert {"average_tariffs", "gravity_panel"} <= {*found["scenarios.undone.opposite"].datasets}
    assert {"wiod_baseline_2014", "goods_trade_monthly"} <= {*found["scenarios.observed.gap"].datasets}


def test_an_effect_keeps_the_period_and_tables_of_its_chapter():
    one = Estimate(EFFECTS, "gravity", "1988 to 2016", ("gravity_panel",))
    made = solve_scenarios(
        load("wiod_baseline_2014"),
        load("wiod_economies"),
        rates(),
        spec=spec(estimates={"undone_gravity": one}, draws=8),
    ).findings()["scenarios.effect.undone_gravity.exports"]
    assert (made.period, made.datasets) == ("1988 to 2016", ("gravity_panel",))


@pytest.mark.parametrize("key", KEYS)
def test_a_scenario_names_every_table_that_moves_it(key):
    """The baseline's duties are in all; an estimate of the synthetic control chooses donors by two tables more."""
    used = {*USED[key]}
    assert {"wiod_baseline_2014", "wiod_goods_shares", "realised_duties_annual", "goods_services_bop"} <= used
    assert (key == "undone_control") is ({"donor_status", "us_agreements", "goods_trade_monthly"} <= used)
    assert key.startswith("undone_") is not ("gravity_panel" not in used and key != "undone_control")


def test_no_effect_undone_is_no_change():
    nothing = dict.fromkeys(("exports", "imports"), PartialEffect(0.0, 0.0, 0.0))
    found = solve_scenarios(
        load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec(estimates=of(nothing), draws=50)
    )
    outcome = found.outcomes["undone_gravity"]
    for table in (outcome.changes, outcome.low, outcome.high):
        assert np.abs(table.to_numpy()).max() < 1e-9


def test_a_small_pair_feels_the_partial_effect():
    """Where the parties trade next to nothing, flows move by the partial effect: services stay, goods lose exp(-b)."""
    flows = load("wiod_baseline_2014")
    pair = flows["exporter"].isin(["USA", "KOR"]) & flows["importer"].isin(["USA", "KOR"])
    tiny = flows.assign(
        value_usd_mn=flows["value_usd_mn"].where(~pair | (flows["exporter"] == flows["importer"]), 1e-3)
    )
    found = solve_scenarios(tiny, load("wiod_economies"), rates(), spec=spec(draws=10))
    for flow, effect in EFFECTS.items():
        goods = rates().goods[flow]
        expected = 100 * (goods * np.exp(-effect.estimate) + 1 - goods - 1)
        assert found.outcomes["undone_gravity"].flows.at[flow, "percent"] == pytest.approx(expected, abs=1e-4)


def test_the_margin_is_the_difference_of_two_worlds():
    """All partners' duties, less the same with the margin kept: in logs it adds up to what the outcomes say."""
    both = {key: scenarios().outcomes[key] for key in ("duties_all", "duties_margin")}
    added = rates().added
    after = added.after.where(added.after.index != "KOR", added.kept_margin("KOR"))
    kept = replace(rates(), added=replace(added, after=after))
    other = solve_scenarios(load("wiod_baseline_2014"), load("wiod_economies"), kept, spec=spec(estimates={})).outcomes[
        "duties_all"
    ]
    logs = [np.log1p(o.changes["real_income"] / 100) for o in (both["duties_all"], other, both["duties_margin"])]
    assert (logs[0] - logs[1]).to_numpy() == pytest.approx(logs[2].to_numpy(), abs=1e-10)


def test_every_range_holds_its_value_and_every_market_clears():
    for which, outcome in scenarios().outcomes.items():
        # A drawn range need not hold the point of a third economy, on which the two flows' effects pull apart.
        rows = ["USA", "KOR"] if which == "undone_gravity" else outcome.changes.index
        assert (outcome.low.loc[rows] <= outcome.changes.loc[rows] + 1e-12).all(axis=None)
        assert (outcome.high.loc[rows] >= outcome.changes.loc[rows] - 1e-12).all(axis=None)
        assert outcome.residual < 1e-10
    found = scenarios().findings()
    for key in found:
        if key.endswith("_side") and found[key].known and key.removesuffix("_side") in found:
            own = found[key.removesuffix("_side")]
            low, high = round(own.low, own.decimals), round(own.high, own.decimals)
            assert found[key].state == ("above" if low > 0 else "below" if high < 0 else "open"), key


def test_the_seed_makes_the_same_draws():
    again = solve_scenarios(load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec())
    assert again.outcomes["undone_gravity"].low.equals(scenarios().outcomes["undone_gravity"].low)


def test_an_edition_before_the_new_duties_leaves_them_out_and_says_so_once():
    early = scenarios("2016-12")
    assert set(early.outcomes) == {"undone_gravity", "mfn"}
    assert early.duties.years[0] == 2016
    found = early.findings()
    lacking = [f for f in found.values() if not f.known]
    assert lacking
    assert all("realized duties by partner" in f.reason for f in lacking)
    told = [f.id for f in lacking if f.repeats is None]
    assert told == ["scenarios.duties_partner.real_income.reporter"]
    assert all(f.repeats in found for f in lacking if f.repeats)


def test_without_an_estimate_the_agreement_undone_is_left_out():
    found = solve_scenarios(load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec(estimates={}))
    assert not [key for key in found.outcomes if key.startswith("undone")]
    told = [f for f in found.findings().values() if not f.known and f.repeats is None]
    reason = "there is no estimate of the agreement's effect on trade"
    assert [(f.id, f.reason) for f in told] == [("scenarios.undone.flow.exports_low", reason)]


def test_the_agreement_undone_is_told_over_all_estimates():
    """The ends are those of the single estimates, each solved alone; the duties put back lower exports."""
    single = [
        solve_scenarios(load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec(estimates=of(e))).outcomes["undone_gravity"]
        for e in (EFFECTS, OTHER)
    ]  # fmt: skip
    both = solve_scenarios(load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec(estimates=of(EFFECTS, OTHER)))  # fmt: skip
    found = both.findings()

    def value(key: str) -> float:
        return found[f"scenarios.undone.{key}"].value

    for who, code in (("reporter", "USA"), ("partner", "KOR")):
        # A hundredth of a percent of income is a cent in a hundred dollars.
        assert value(f"cents.{who}_low") == pytest.approx(100 * min(o.low.at[code, "real_income"] for o in single))
        assert value(f"cents.{who}_high") == pytest.approx(100 * max(o.high.at[code, "real_income"] for o in single))
    points = [o.flows.at["exports", "percent"] for o in single]
    for flow in ("exports", "imports"):
        assert value(f"flow.{flow}_low") == pytest.approx(min(o.flows.at[flow, "low"] for o in single))
        assert value(f"flow.{flow}_high") == pytest.approx(max(o.flows.at[flow, "high"] for o in single))
    assert points[0] < 0 < points[1]  # an effect of +0.10 taken out lowers exports, one of -0.20 raises them
    assert both.outcomes["mfn"].flows.at["exports", "percent"] < 0
    assert value("opposite") == 1
    # The first's interval includes zero, and so does its range; the second's does not.
    assert found["scenarios.undone.open"].state == "some"


def test_others_without_a_duty_of_their_own_are_not_counted():
    d, outcome = rates(), scenarios().outcomes["duties_all"]
    own = outcome.changes["real_income"].drop([*d.without_own, "USA", "KOR"])
    found = scenarios().findings()
    assert "LUX" in d.without_own
    assert found["scenarios.duties_all.third"].value == len(own)
    high = outcome.high.loc[own.index, "real_income"]
    assert found["scenarios.duties_all.third_down"].value == (high <= -0.0005).sum()
    assert found["scenarios.duties_all.third_up"].value < found["scenarios.duties_all.third"].value


def given(prefix: str, aspect: str, unit: str, values: tuple[float, float, float]) -> list[Finding]:
    low, value, high = values
    return [Finding(f"{prefix}.{flow}.{aspect}", "x", value, unit, "", "", (), low=low, high=high) for flow in ("exports", "imports")]  # fmt: skip


def test_estimates_are_read_from_the_findings_in_logs():
    level = Finding("gravity.level", "x", 90.0, "percent", "", "", ())
    other = Finding("counterfactual.interval_level", "x", 80.0, "percent", "", "", ())
    made = [
        *given("gravity", "log", "index", (-0.2, 0.1, 0.5)),
        *given("counterfactual", "effect_log", "index", (-10.0, 20.0, 40.0)),
        Finding("gravity.reference", "x", 2008.0, "year", "", "", ()),
    ]
    found = estimates_from(Findings((*made, level, other)))
    expected = [(-0.2, 0.1, 0.5, 0.9), (-0.1, 0.2, 0.4, 0.8)]
    for estimate, (low, value, high, of_level) in zip(found.values(), expected, strict=True):
        for effect in estimate.effects.values():
            assert (effect.low, effect.estimate, effect.high) == pytest.approx((low, value, high))
            assert effect.level == of_level
    assert [(e.chapter, e.reference) for e in found.values()] == [
        ("gravity", "2008"),
        ("counterfactual", ""),
    ]
    assert list(estimates_from(Findings((*made[:1], *made[2:], level, other)))) == ["undone_control"]
    assert estimates_from(Findings(tuple(made))) == {}


@pytest.mark.parametrize("values", [(0.5, -0.1, 0.4), (0.1, float("nan"), 0.4), (0.1, 0.0, 0.4, 1.0)])
def test_an_effect_outside_its_interval_is_an_error(values):
    with pytest.raises(InvalidModel, match="effect"):
        PartialEffect(*values)


def test_a_partner_outside_the_baseline_is_an_error():
    with pytest.raises(MissingPartner, match="'COL' is not among the 44 economies"):
        solve_scenarios(
            load("wiod_baseline_2014"), load("wiod_economies"), rates(), spec=spec(partner="COL", estimates={})
        )
