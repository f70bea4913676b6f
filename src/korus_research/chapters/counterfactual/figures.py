"""Figures of the counterfactual: actual and synthetic paths, and placebos."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.chapters.counterfactual.estimates.drawn import WIDE, cut, path_panel, placebo_strip
from korus_research.chapters.counterfactual.measures import Effects, of as counterfactual_of
from korus_research.data.study import Study
from korus_research.methods.series import MN_PER_BN
from korus_research.show.shown import Picture, Words, figure, theme

WORDS = Words("counterfactual")
TABLES = ("goods_trade_monthly", "donor_status", "us_agreements")


@figure("paths", tables=TABLES)
def actual_and_synthetic(study: Study) -> Picture:
    """Return two panels: actual trade, the path by the leading method with its band, and that declared first."""
    effects = counterfactual_of(study)
    scale, led = effects.scale, effects.led

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.1, columns=2)
        names = {name: WORDS.label(f"paths.{name}", **effects.names) for name in WORDS.labels("paths")}
        unit = scale.factor / MN_PER_BN
        for ax, (flow, found) in zip(axes, led.items(), strict=True):
            other = None if led[flow] is effects.main[flow] else effects.main[flow]
            path_panel(ax, found, other, theme.COLOURS[flow], unit, names)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=16)
            theme.mark_in_force(ax, study.agreement.dates.in_force)
        axes[0].set_ylabel(scale.unit)
        for ax, (flow, found) in zip(axes, led.items(), strict=True):
            last, end = found.paths.iloc[-1] * unit, float(found.paths.index[-1])
            ends = [(end, float(last["actual"]), names["actual"], theme.COLOURS[flow])]
            ends.append((end, float(last["synthetic"]), names["synthetic"], theme.INK))
            if found.interval_log is not None:
                ends.append((end, float(last["low"]), names["band"], theme.QUIET))
            theme.label_ends(ax, ends, x=end, strong=(names["actual"],), size=8.5)
        return drawn

    return Picture(
        of=effects,
        data=_paths(effects),
        draw=draw,
        last=str(effects.window.post[1]),
        given={"cut": [flow for flow, found in led.items() if cut(found)]},
    )


def _paths(effects: Effects) -> pd.DataFrame:
    """Return the paths by the leading method, with that of the method declared first beside them, million USD."""
    frames = [
        found.paths.assign(flow=flow, declared=effects.main[flow].paths["synthetic"]).reset_index()
        for flow, found in effects.led.items()
    ]
    return pd.concat(frames, ignore_index=True)


@figure("placebos", tables=TABLES)
def standardised_effects(study: Study) -> Picture:
    """Return the standardised effects of the partner and of every placebo, a row a flow."""
    effects, partner = counterfactual_of(study), study.names["partner"]
    frames = [
        found.placebos.assign(flow=flow, name=lambda t: [effects.panel.name(str(c)) for c in t.index]).reset_index()
        for flow, found in effects.main.items()
    ]
    data = pd.concat(frames, ignore_index=True)

    def draw() -> theme.Figure:
        drawn, axes = theme.panels(3.5, rows=2, sharex=True)
        for ax, (flow, found) in zip(axes, effects.main.items(), strict=True):
            placebo_strip(ax, found, theme.COLOURS[flow], partner)
            ax.set_title(WORDS.label(f"flows.{flow}"), color=theme.COLOURS[flow], pad=4)
        axes[1].set_xlabel(WORDS.label("standardised"), loc="left")
        return drawn

    data["ranked"] = np.concatenate([found.kept for found in effects.main.values()])
    beyond = data.loc[data["ranked"] & (data["standardised"].abs() > WIDE), "name"].tolist()
    return Picture(of=effects, data=data, draw=draw, last=str(effects.window.post[1]), given={"beyond": beyond})
