"""The values of the findings of your own estimate; `findings.toml` declares them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from korus_research.chapters.counterfactual.estimates.variants import span
from korus_research.chapters.evidence.choices import declared as evidence
from korus_research.explore.estimate import Estimate
from korus_research.show.declared import Value
from korus_research.show.words.text import Words

WORDS = Words("explore")


def values(mine: Estimate) -> Iterator[Value]:
    """Yield every finding of an estimate."""
    found, scale, spec = mine.found, mine.scale, mine.found.spec
    years, says = span(*found.spec.post), {"noun": _noun(mine), "level": f"{100 * found.level:.0f}"}
    says["power_level"] = f"{100 * evidence().power:.0f}"
    sizes = np.abs(found.fits.standardised[found.kept])
    money, none = found.interval_usd_bn or (None, None), (None, None)
    gap = 100 * found.paths["actual"].div(found.paths["synthetic"]).sub(1)
    for value in (
        Value("level", 100 * found.level),
        Value("power_level", 100 * evidence().power),
        Value("effect", found.effect_percent, bounds=found.interval_percent or none),
        Value("usd", found.effect_usd_bn, bounds=money, decimals=scale.decimals),
        Value("p_value", found.p_value),
        Value("p_floor", found.p_floor),
        Value("placebos", sizes.size - 1),
        Value("larger", None if found.exact else int((sizes[1:] >= sizes[0]).sum())),
        Value("detectable", mine.detectable_percent),
        Value("chance", mine.chance_percent),
        Value("fit", 100 * float(found.fits.rmspe[0]), span(*spec.pre)),
        Value("gap_before", float(gap[found.spec.treated_from - 1]), f"{found.spec.treated_from - 1}"),
        Value("gap_last", float(gap.iloc[-1]), f"{found.spec.post[1]}"),
    ):
        yield value._replace(id=f"{mine.key}.{value.id}", period=value.period or years, says=says)


def names(mine: Estimate) -> Mapping[str, str | Sequence[str]]:
    """Return the names for sentences about an estimate."""
    found, spec = mine.found, mine.found.spec
    between = range(spec.pre[1] + 1, spec.post[0])
    return {
        "partner": mine.partner,
        "flow": mine.flow,
        "key": mine.key,
        **dict.fromkeys(("noun", f"noun_{mine.key}"), _noun(mine)),
        **dict.fromkeys(("starting", f"starting_{mine.key}"), f"{mine.choices.starting}"),
        "method": WORDS.label(f"estimators.{spec.estimator}"),
        "pre_first": f"{spec.pre[0]}",
        "pre_last": f"{spec.pre[1]}",
        "post_first": f"{spec.post[0]}",
        "post_last": f"{spec.post[1]}",
        "between": [f"{year}" for year in between[:: max(1, len(between) - 1)]],
        "donors": f"{len(found.pool.donors)}",
        "banded": "yes" if mine.banded else "",
        "few": "yes" if math.ceil(found.level * found.kept.sum()) > found.kept.sum() - 1 else "",
        "made_of": [mine.panel.name(str(code)) for code in found.weights.index],
        "unit": mine.scale.unit,
    }


def _noun(mine: Estimate) -> str:
    return WORDS.label(f"noun.{mine.flow}", partner=mine.partner)
