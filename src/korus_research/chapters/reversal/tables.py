"""Tables of the response to the duties of 2025."""

from __future__ import annotations

import numpy as np
import pandas as pd

from korus_research.chapters.reversal.estimates import LEAD
from korus_research.chapters.reversal.figures import TABLES
from korus_research.chapters.reversal.measures import implied, of as reversal_of
from korus_research.data.study import Study
from korus_research.show.shown import Rows, Words, number, table

WORDS = Words("reversal")


@table("estimates", tables=TABLES)
def response_estimates(study: Study) -> Rows:
    """Return every estimate with its range, its chance and what it implies for the agreement's own cut."""
    result = reversal_of(study)
    labels, cut = WORDS.labels("estimates"), result.cuts["own"].size
    rows = [
        {
            "what": labels[str(key)],
            "value": found["value"],
            "range": WORDS.label("range", low=_end(found["low"]), high=_end(found["high"])),
            "chance": found["chance"],
            "first_stage": "" if np.isnan(found["first_stage"]) else number(float(found["first_stage"]), 0),
            "cells": f"{int(found['rows']):,}",
            "implied": implied(float(found["value"]), cut),
        }
        for key, found in result.estimates.iterrows()
    ]
    data = result.estimates.replace([np.inf, -np.inf], np.nan).rename_axis("estimate").reset_index()
    return Rows(of=result, data=data, last=result.choices.last, rows=rows)


def _end(value: float) -> str:
    return number(float(value), 1, signed=True) if np.isfinite(value) else WORDS.label("no_limit")


@table("left-out", tables=TABLES)
def left_out(study: Study) -> Rows:
    """Return the partners and industries without which the response changes most."""
    result = reversal_of(study)
    frames = []
    for kind, found, called in (
        ("partner", result.without_partner, result.partner_names),
        ("industry", result.without_industry, result.industry_names),
    ):
        named = found.assign(kind=kind, what=[called.get(str(code), str(code)) for code in found.index])
        frames.append(named.rename_axis("code").reset_index())
    data = pd.concat(frames, ignore_index=True)
    ends = pd.concat(
        [one.sort_values(LEAD).iloc[[0, -1]] for _, one in data.groupby("kind", sort=False)], ignore_index=True
    )
    return Rows(of=result, data=data, last=result.choices.last, rows=ends.to_dict("records"))
