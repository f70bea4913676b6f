"""What the findings of the gravity estimates have in common: basis, datasets, nouns for both flows, intervals."""

from __future__ import annotations

from itertools import pairwise

from korus_research.chapters.gravity.result import Gravity
from korus_research.methods.poisson.placebo import RandomisationTest
from korus_research.show.making import Maker

DATASETS = ("gravity_panel",)
BASIS = "UN Comtrade panel every fourth year, international goods trade, partial effect"
WHOLE = 0  # decimals of an effect whose interval is tens of percent wide


class GravityMaker(Maker):
    """Makes findings of gravity estimates."""

    def __init__(self, gravity: Gravity) -> None:
        super().__init__("gravity", BASIS, DATASETS)
        self.gravity = gravity
        self.level = gravity.spec.level
        names = gravity.spec.names
        reporter, partner = names.get("reporter_adjective", gravity.spec.reporter), names.get("partner", "the partner")
        self.noun = {
            "exports": f"{reporter} goods exports to {partner}",
            "imports": f"{reporter} goods imports from {partner}",
        }

    def randomised(self, test: RandomisationTest) -> str:
        """Return the kind of the interval."""
        return f"{self.level:.0%} interval by randomisation over {len(test.placebos)} flows of comparable pairs"


def span(years: tuple[int, ...]) -> str:
    """Return `1988 to 2016, every fourth year`."""
    steps = {b - a for a, b in pairwise(years)}
    return f"{years[0]} to {years[-1]}" + (", every fourth year" if steps == {4} else f" ({len(years)} years)")
