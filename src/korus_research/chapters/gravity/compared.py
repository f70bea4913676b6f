"""Findings on the pairs that stand in for the studied one: how many, how large, the interval among parts of them."""

from __future__ import annotations

from korus_research.chapters.gravity.result import PARTS, Part, percent
from korus_research.chapters.gravity.terms import WHOLE, GravityMaker
from korus_research.errors import NotIdentified
from korus_research.methods.series import FLOWS

NAMED: dict[Part, str] = {
    "never": "comparable pairs without an agreement in any year",
    "always": "comparable pairs under one agreement in all years",
    "large": "comparable pairs with large flows",
}


def add_compared(maker: GravityMaker, period: str) -> None:
    """Add the counts and sizes of the comparable pairs, and the effects' intervals among parts of them."""
    gravity, add = maker.gravity, maker.add
    main, spec = gravity.main, gravity.spec
    placebos = main.placebos
    add("placebos", "flows between comparable pairs", float(len(placebos)), "count", period)
    add("pairs", "comparable pairs", len(placebos) / 2, "count", period)
    size = "smaller mean flow of a comparable pair as a share of the studied pair's"
    for key, label, share in (
        ("floor", f"least {size} that the rule allows", spec.share),
        ("median", f"the median of the {size}", float(placebos["size"].median())),
        ("most", f"the greatest {size}", float(placebos["size"].max())),
        ("large", f"the {size} from which it counts as large", spec.large),
    ):
        add(f"size.{key}", label, 100 * share, "percent", period, decimals=0)
    for part in PARTS:
        test = main.among(part, large=spec.large)
        add(f"pairs_{part}", NAMED[part], len(test.placebos) / 2, "count", period)
        try:
            reach = test.reach(maker.level)
        except NotIdentified:
            reach = None
        for flow in FLOWS:
            b = main.effects[flow]
            bounds = None if reach is None else (percent(b - reach), percent(b + reach))
            label = f"{maker.noun[flow]} under the agreement in the gravity model, beside {NAMED[part]}"
            few = "there are too few such pairs"
            kind = maker.randomised(test)
            value = None if reach is None else percent(b)
            add(
                f"{flow}.{part}",
                label,
                value,
                "percent",
                period,
                decimals=WHOLE,
                bounds=bounds,
                interval=kind,
                reason=few,
            )
            p = None if reach is None else test.p_value(b)
            add(
                f"{flow}.{part}_p",
                f"p-value by randomisation of {label}",
                p,
                "probability",
                period,
                decimals=2,
                reason=few,
            )
