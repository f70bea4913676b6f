"""The solver on WIOD: Stata's ge_gravity, and gegravity as a second engine on the baseline of the scenarios."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from targets import target, tolerance

from korus_research.data import open_catalog
from korus_research.methods.equilibrium.baseline import Baseline
from korus_research.methods.equilibrium.solve import Equilibrium, shocked, solve_equilibrium

SECTION = "General equilibrium: Stata ge_gravity and gegravity"
STATA = "Stata ge_gravity output (VKudlay/GEGravity), EU enlargement on WIOD 2000"


NOTED = {"additive": ("POL", "HUN", "DEU", "KOR"), "multiplicative": ("POL", "HUN")}
NOTED_IN = {
    "additive": ("gegravity_stata_ge_add", "w_eu, all 44 countries"),
    "multiplicative": ("gegravity_stata_ge_mult", "w_mult, all 44 countries"),
}


@pytest.fixture(scope="module")
def stata(raw_folder: Path) -> pd.DataFrame:
    flows = pd.read_parquet(raw_folder / "gravity_wiod44_2000_2014.parquet")
    return flows[flows["year"] == 2000]


def solved(stata: pd.DataFrame, deficits: str) -> tuple[Equilibrium, dict[str, np.ndarray]]:
    """Our solution, and the published columns as a vector by economy or a square matrix."""

    def square(column: str) -> np.ndarray:
        return stata.pivot(index="exporter", columns="importer", values=column).to_numpy(dtype=float)

    baseline = Baseline.from_frame(stata, value="trade")
    effect = square("eu_effect")
    new = solve_equilibrium(baseline, costs=np.exp(effect) ** (-1 / 4), elasticity=4, deficits=deficits)  # type: ignore[arg-type]
    published = {c: square(c) for c in ("X_eu", "X_mult")}
    published |= {c: stata.groupby("exporter")[c].first().to_numpy(dtype=float) for c in ("w_eu", "w_mult")}
    return new, published


def test_additive_deficits_against_stata(stata, record):
    within = tolerance(target("gegravity_stata_ge_add", "w_eu, all 44 countries"))
    new, published = solved(stata, "additive")
    gap = float(np.abs(new.real_income - published["w_eu"]).max())
    record.measured(SECTION, "welfare, additive deficits, largest gap of 44", f"{gap:.1e}", bound=f"at most {within:g}", source=STATA, holds=gap <= within)  # fmt: skip
    gap = float(np.abs(published["X_eu"] / new.flows - 1).max())
    # Stata's file holds single precision: seven digits.
    record.measured(SECTION, "flows, additive deficits, largest relative gap", f"{gap:.1e}", bound="at most 1e-6", source=STATA, holds=gap <= 1e-6)  # fmt: skip


def test_multiplicative_deficits_against_stata(stata, record):
    """Its w_mult is income before the deficit's scale, that is our real GDP; its flows are in another numeraire."""
    within = tolerance(target("gegravity_stata_ge_mult", "w_mult, all 44 countries"))
    new, published = solved(stata, "multiplicative")
    gap = float(np.abs(new.real_gdp - published["w_mult"]).max())
    record.measured(SECTION, "welfare, multiplicative deficits, largest gap of 44", f"{gap:.1e}", bound=f"at most {within:g}", source=STATA, holds=gap <= within)  # fmt: skip
    ours, theirs = new.flows / new.flows.sum(), published["X_mult"] / published["X_mult"].sum()
    gap = float(np.abs(theirs / ours - 1).max())
    record.measured(SECTION, "flows as shares, multiplicative deficits, largest relative gap", f"{gap:.1e}", bound="at most 1e-6", source=STATA, holds=gap <= 1e-6)  # fmt: skip


@pytest.mark.parametrize(("deficits", "economy"), [(d, e) for d, note in NOTED.items() for e in note])
def test_a_printed_welfare_ratio(stata, record, deficits, economy):
    """Those that the targets' notes print, with six digits."""
    row = target(*NOTED_IN[deficits])
    printed = float(re.search(rf"{economy} ([\d.]+)", row["note"]).group(1))  # type: ignore[union-attr]
    new, _ = solved(stata, deficits)
    ratio = new.real_income if deficits == "additive" else new.real_gdp
    ours = float(ratio[new.baseline.place(economy)])
    record.against(SECTION, f"welfare {economy}, {deficits} deficits", ours, printed, tolerance=tolerance(row), source=STATA, form=".6f")  # fmt: skip


EFFECT, THETA = -0.1, 4.0  # logs off the flows between USA and KOR; trade elasticity
LARGEST = 12  # economies: gegravity needs some 12 s for all 44


@pytest.fixture(scope="module")
def baseline() -> Baseline:
    """The largest economies of the scenarios' baseline, as a world of their own."""
    whole = Baseline.from_frame(open_catalog().load("wiod_baseline_2014"))
    places = np.sort(np.argsort(whole.output)[-LARGEST:])
    return Baseline(tuple(whole.economies[k] for k in places), whole.flows[np.ix_(places, places)])


def resisted(baseline: Baseline, rounds: int) -> tuple[np.ndarray, np.ndarray]:
    """Prices and real GDP by multilateral resistances: margins matched in turn, prices read off, margins updated.

    One round is what gegravity 0.3 solves: its output and expenditure shares stay those of the baseline (`_full_ge`
    takes `baseline_output_share`). Updated until nothing moves, it is the full equilibrium.
    """
    factor = np.exp(EFFECT * (shocked(baseline, [("USA", "KOR", 2.0), ("KOR", "USA", 2.0)]) - 1))
    flows = baseline.flows * factor
    output, spending = baseline.output, baseline.absorption
    prices, sellers = np.ones(len(output)), np.ones(len(output))
    for _ in range(rounds):
        made = prices * output
        spent = spending / output * made
        spent *= made.sum() / spent.sum()
        for _ in range(5000):
            buyers = spent / (sellers @ flows)
            sellers = made / (flows @ buyers)
        new = sellers ** (-1 / THETA)
        new *= output.sum() / (new * output).sum()
        if rounds == 1:
            prices = new
            break
        prices = np.sqrt(prices * new)
    # Deflators up to a common factor: real GDP below is taken where buyers and sellers meet at home.
    home = np.diag(flows) * sellers * buyers / spent
    before = np.diag(baseline.flows) / spending
    return prices, (home / before) ** (-1 / THETA)


def test_gegravity_is_the_first_round(baseline, record):
    gegravity = pytest.importorskip("gegravity")
    theirs = by_gegravity(gegravity, open_catalog().load("wiod_baseline_2014"), baseline.economies)
    _, gdp = resisted(baseline, 1)
    gap = float(np.abs(100 * (gdp - 1) - theirs.loc[list(baseline.economies)].to_numpy()).max())
    what = f"real GDP of {LARGEST} economies, shares held, largest gap in points"
    record.measured(SECTION, what, f"{gap:.1e}", bound="at most 1e-6", source="gegravity 0.3, second engine on WIOD 2014", holds=gap <= 1e-6)  # fmt: skip


def test_the_rounds_end_at_our_equilibrium(baseline, record):
    prices, gdp = resisted(baseline, 60)
    factor = np.exp(EFFECT) ** (-1 / THETA)
    costs = shocked(baseline, [("USA", "KOR", factor), ("KOR", "USA", factor)])
    new = solve_equilibrium(baseline, costs=costs, elasticity=THETA, deficits="multiplicative")
    gap = float(max(np.abs(prices - new.wages).max(), np.abs(gdp - new.real_gdp).max()))
    what = "gegravity's system with shares updated to the end, largest gap"
    record.measured(SECTION, what, f"{gap:.1e}", bound="at most 1e-9", source="alternating margins, this test", holds=gap <= 1e-9)  # fmt: skip


def by_gegravity(gegravity, flows: pd.DataFrame, economies: tuple[str, ...]) -> pd.Series:
    """Percent change of real GDP by economy when the flows between USA and KOR change by EFFECT."""
    data = flows.rename(columns={"value_usd_mn": "trade"})
    data = data[data["exporter"].isin(economies) & data["importer"].isin(economies)].copy()
    data["year"] = data["year"].astype(str)
    data["Y"] = data.groupby("exporter")["trade"].transform("sum")
    data["E"] = data.groupby("importer")["trade"].transform("sum")
    # Trade costs to the power 1 - sigma that reproduce the flows exactly: X Y_world / (Y E).
    data["fitted"] = np.log(data["trade"] * data.groupby("importer")["trade"].sum().sum() / (data["Y"] * data["E"]))
    data["shock"] = 0.0
    base = gegravity.BaselineData(data, imp_var_name="importer", exp_var_name="exporter", year_var_name="year", trade_var_name="trade", expend_var_name="E", output_var_name="Y")  # fmt: skip
    coefficients = pd.DataFrame({"var": ["fitted", "shock"], "coeff": [1.0, 1.0], "ste": [0.0, 0.0]})
    values = gegravity.CostCoeffs(estimates=coefficients, identifier_col="var", coeff_col="coeff", stderr_col="ste")
    model = gegravity.OneSectorGE(base, year="2014", reference_importer="DEU", expend_var_name="E", output_var_name="Y", sigma=THETA + 1, cost_variables=["fitted", "shock"], cost_coeff_values=values, quiet=True)  # fmt: skip
    model.build_baseline(omr_rescale=1, mr_tolerance=1e-12)
    changed = model.baseline_data.copy()
    pair = changed["exporter"].isin(["USA", "KOR"]) & changed["importer"].isin(["USA", "KOR"])
    changed.loc[pair & (changed["exporter"] != changed["importer"]), "shock"] = EFFECT
    model.define_experiment(changed)
    model.simulate(ge_tolerance=1e-12)
    return model.country_results["GDP change (percent)"]
