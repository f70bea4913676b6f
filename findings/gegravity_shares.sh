#!/usr/bin/env bash
# gegravity 0.3 with gme 1.3.1 (pandas 2.3.3, numpy 2.4.6, scipy 1.17.1, Python 3.11), seen 2026-11-29.
# Guess: simulate() solves the full endowment equilibrium of Anderson, Larch and Yotov, as its documentation says: what each
# country sells in the counterfactual adds up to its counterfactual output.
# Behaviour: the system keeps each country's share of world output and expenditure at its baseline value (_full_ge gets
# baseline_output_share; the cost terms are built from baseline shares), that is, it stops after the first round of updating.
# The flows that it returns miss the output that it returns (here by up to 1.4 percent), and a country's change in real GDP
# differs from that of the equilibrium by up to a fifth, for small shocks as for large ones.
set -euo pipefail
room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
python3 -m venv "$room/venv"
"$room/venv/bin/pip" install --quiet --disable-pip-version-check gegravity==0.3 gme==1.3.1 pandas==2.3.3 numpy==2.4.6 scipy==1.17.1
cat >"$room/shares.py" <<'PY'
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")
import gegravity

names, sigma = list("ABCDE"), 5.0
size = np.array([10.0, 6.0, 4.0, 2.0, 1.0])
flows = np.outer(size, size) * np.exp(-0.8 * np.random.default_rng(3).uniform(0.5, 1.5, size=(5, 5)))
flows[np.diag_indices(5)] *= 4
for _ in range(2000):  # balanced trade: each country spends what it earns
    factor = np.sqrt(flows.sum(axis=0) / flows.sum(axis=1))
    flows *= factor[:, None] / factor[None, :]
output = flows.sum(axis=1)


def by_gegravity(effect):
    rows = [(a, b, "2014", flows[i, j]) for i, a in enumerate(names) for j, b in enumerate(names)]
    data = pd.DataFrame(rows, columns=["exporter", "importer", "year", "trade"])
    data["Y"], data["X"] = (data.groupby(side)["trade"].transform("sum") for side in ("exporter", "importer"))
    data["fitted"], data["shock"] = np.log(data["trade"] * output.sum() / (data["Y"] * data["X"])), 0.0
    base = gegravity.BaselineData(
        data, imp_var_name="importer", exp_var_name="exporter", year_var_name="year", trade_var_name="trade",
        expend_var_name="X", output_var_name="Y",
    )
    values = pd.DataFrame({"var": ["fitted", "shock"], "coeff": [1.0, 1.0], "ste": [0.0, 0.0]})
    costs = gegravity.CostCoeffs(estimates=values, identifier_col="var", coeff_col="coeff", stderr_col="ste")
    model = gegravity.OneSectorGE(
        base, year="2014", reference_importer="E", expend_var_name="X", output_var_name="Y", sigma=sigma,
        cost_variables=["fitted", "shock"], cost_coeff_values=costs, quiet=True,
    )
    model.build_baseline(omr_rescale=1, mr_tolerance=1e-12)
    changed = model.baseline_data.copy()
    pair = changed["exporter"].isin(["A", "B"]) & changed["importer"].isin(["A", "B"])
    changed.loc[pair & (changed["exporter"] != changed["importer"]), "shock"] = effect
    model.define_experiment(changed)
    model.simulate(ge_tolerance=1e-12)
    sold = model.bilateral_trade_results["experiment trade"].unstack().loc[names, names].sum(axis=1).to_numpy()
    results = model.country_results.loc[names]
    made = output * (1 + results["output change (percent)"].to_numpy() / 100)
    return 100 * (sold / made - 1), results["GDP change (percent)"].to_numpy()


def equilibrium(effect):
    """Prices at which every country sells what it makes, by moving each price a little against its excess supply."""
    shock = np.ones((5, 5))
    shock[0, 1] = shock[1, 0] = np.exp(effect)
    prices = np.ones(5)
    for _ in range(20000):
        weights = flows / flows.sum(axis=0) * shock * prices[:, None] ** (1 - sigma)
        income = output * prices
        sold = weights / weights.sum(axis=0) @ income
        prices *= (sold / income) ** 0.1
        prices *= output.sum() / (output * prices).sum()
    deflators = weights.sum(axis=0) ** (1 / (1 - sigma))
    return 100 * (sold / income - 1), 100 * (prices / deflators - 1)


found = {}
for effect in (1.0, 0.01):
    for name, solve in (("gegravity", by_gegravity), ("equilibrium", equilibrium)):
        gap, gdp = found[name, effect] = solve(effect)
        print(f"shock {effect}: {name:11} sales over output, percent: {gap.round(3)}, real GDP, percent: {gdp.round(3)}")
theirs, ours = found["gegravity", 1.0], found["equilibrium", 1.0]
small = found["gegravity", 0.01][1] / found["equilibrium", 0.01][1]
seen = (
    np.abs(theirs[0]).max() > 1 and np.abs(ours[0]).max() < 1e-6
    and np.abs(theirs[1] / ours[1] - 1).max() > 0.15 and np.abs(small - 1).max() > 0.15
)
raise SystemExit(0 if seen else 1)
PY
"$room/venv/bin/python" "$room/shares.py" || { echo "the behaviour has changed"; exit 1; }
