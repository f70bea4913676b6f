"""Energy in the exports that the counterfactual measures: description only, since no donor is seen without its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from korus_research.chapters.counterfactual.findings import BASIS, noun_of
from korus_research.methods.series import MN_PER_BN
from korus_research.show.finding import Findings
from korus_research.show.making import Maker

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.effects import Effects
    from korus_research.chapters.flows.measures import Flows

DATASETS = ("exports_energy_monthly", "goods_trade_monthly")


def energy_findings(effects: Effects, flows: Flows) -> Findings:
    """Return exports with and without HS 27 in the first and last year of the post-period that both tables hold.

    `held_pct` is the mean effect on exports had energy kept its value of the first year, `held_bn` what energy was a
    year beyond that. Ids `counterfactual.energy.*`: `energy_first`, `energy_last`, `other_first`, `other_last` and
    `actual_first`, `actual_last` (USD billion); `change_energy`, `change_other` (USD billion), `other_pct` (percent).
    Without a value where fewer than two such years are held.
    """
    first, last = effects.main["exports"].spec.post
    table = flows.energy
    years = [] if table is None else [int(y) for y in table.index if str(y).isdigit() and first <= int(y) <= last]
    values: dict[str, float] = {}
    period = f"{first} to {last}"
    if table is not None and len(years) > 1:
        ends = {"first": years[0], "last": years[-1]}
        period = f"{years[0]} to {years[-1]}"
        rows = table.set_axis([str(y) for y in table.index])
        names = {"exports": "actual", "energy": "energy", "other": "other"}
        for column, name in names.items():
            values |= {f"{name}_{end}": float(rows[column][str(year)]) for end, year in ends.items()}
        values |= {f"change_{name}": values[f"{name}_last"] - values[f"{name}_first"] for name in ("energy", "other")}
        values |= _held(effects, rows, first, last)
        values["other_pct"] = 100 * (values["other_last"] / values["other_first"] - 1)
    whole = noun_of(effects, "exports")
    nouns = {
        "actual": whole,
        "energy": whole.replace("goods", "energy", 1).replace(" to ", " (HS 27) to ", 1),
        "other": f"{whole} other than energy (HS 27)",
    }

    def repeats(name: str) -> str | None:
        # One sentence says why energy is not told; the one about energy held then goes with it.
        return "counterfactual.energy.energy_first" if name not in values and name.startswith("held") else None

    maker = Maker(
        "counterfactual.energy",
        basis=BASIS,
        datasets=DATASETS,
        period=period,
        reason="exports by chapter are not held for this partner in two years under the agreement",
        decimals={"percent": 0, "usd_bn": effects.scale.decimals},
        repeats=repeats,
    )
    for name, noun in nouns.items():
        for end in ("first", "last"):
            key = f"{name}_{end}"
            maker.add(key, f"{noun} in the {end} year compared", values.get(key), "usd_bn")
    for name in ("energy", "other"):
        maker.add(f"change_{name}", f"the change in {nouns[name]}", values.get(f"change_{name}"), "usd_bn")
    maker.add("other_pct", f"the percent change in {nouns['other']}", values.get("other_pct"), "percent")
    label = f"{whole} beyond their synthetic path with energy held at its first value"
    maker.add("held_pct", label, values.get("held_pct"), "percent")
    maker.add("held_bn", f"{nouns['energy']} a year beyond their first value", values.get("held_bn"), "usd_bn")
    return maker.findings(effects.spec.names)


def _held(effects: Effects, rows: pd.DataFrame, first: int, last: int) -> dict[str, float]:
    """Return the effect with energy held at its first value; nothing where a year of the post-period is not held."""
    years = range(first, last + 1)
    if any(str(year) not in rows.index for year in years):
        return {}
    energy = rows.loc[[str(year) for year in years], "energy"].to_numpy(float)
    paths = effects.main["exports"].paths.loc[list(years)] / MN_PER_BN
    beyond = energy - energy[0]
    logs = np.log((paths["actual"].to_numpy() - beyond) / paths["synthetic"].to_numpy())
    return {"held_pct": 100 * float(np.expm1(logs.mean())), "held_bn": float(beyond.mean())}
