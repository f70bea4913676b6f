"""The agreement beside the reporter's others, each by the main specification in its own years."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.counterfactual.specifications import calendar_of, main_specification
from korus_research.chapters.counterfactual.variants import figures
from korus_research.errors import IncompletePanel, InvalidSpecification, MissingPartner, NoDonors
from korus_research.methods.series import FLOWS, Flow

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.effects import Effects, Treated
    from korus_research.methods.synthetic.estimate import Counterfactual


def agreements_table(effects: Effects) -> pd.DataFrame:
    """Return the effects of this agreement and of the others.

    Returns
    -------
    DataFrame, a row a flow and agreement: id, label, partner, first_full, flow, the columns of `variants.figures`,
    with_energy_percent and with_energy_p (the same with energy exporters among the donors; NaN where that can't be
    estimated), reason. Where an agreement can't be estimated the figures are NaN and `reason` says why.
    """
    rows = []
    for treated in (effects.spec.treated, *effects.spec.others):
        for flow in FLOWS:
            about = {
                "id": treated.id,
                "label": treated.label,
                "partner": treated.partner,
                "first_full": treated.first_full,
                "flow": flow,
            }
            try:
                found = effects.main[flow] if treated == effects.spec.treated else _other(effects, treated, flow)
            except (NoDonors, IncompletePanel, InvalidSpecification, MissingPartner) as problem:
                rows.append({**about, "reason": problem.found})
                continue
            kept = effects.with_energy(found)
            energy = {
                "with_energy_percent": math.nan if kept is None else kept.effect_percent,
                "with_energy_p": math.nan if kept is None else kept.p_value,
            }
            rows.append({**about, **figures(found), **energy, "reason": ""})
    return pd.DataFrame(rows)


def _other(effects: Effects, treated: Treated, flow: Flow) -> Counterfactual:
    calendar = calendar_of(effects.panel, treated.partner, in_force=treated.in_force, first_full=treated.first_full)
    spec = main_specification(flow, calendar, effects.spec.choices)
    return effects.estimate(spec, treated=treated.partner)
