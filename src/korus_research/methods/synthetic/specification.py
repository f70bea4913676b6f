"""One way to estimate the effect on one flow: estimator, outcome, windows, donors."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Literal

import numpy as np

from korus_research.errors import InvalidSpecification, unknown
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.estimators import ESTIMATORS, Estimator, Years

Outcome = Literal["log", "share"]
Frequency = Literal["annual", "quarterly"]
OUTCOMES: tuple[Outcome, ...] = ("log", "share")
FREQUENCIES: tuple[Frequency, ...] = ("annual", "quarterly")


def _year(name: str, year: object) -> int:
    """Return a year, also numpy's, as an int; anything else would be ignored silently."""
    if isinstance(year, Integral) and 1900 <= int(year) <= 2200:
        return int(year)
    raise InvalidSpecification(
        f"{name} has {year!r}, which is no year",
        expected="whole years such as 2008",
        do="Give the years as numbers; partners are left out of the donors by the rule",
    )


@dataclass(frozen=True, slots=True)
class DonorRule:
    """A rule that excludes partners with one of the reason codes `excludes` in the years of a specification."""

    id: str
    label: str
    excludes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Specification:
    """One way to estimate the effect on one flow.

    `pre` and `post` are first and last years, both included; years between them, and the years `without`, are shown but
    enter no mean. `treated_from` is the year of entry into force. `log` is the logarithm of the annual flow, `share`
    the share in the reporter's world trade over its own pre-period mean: one partner's gain is another's loss, so its
    effects are interdependent by construction. `quarterly` fits logarithms by quarter, measured from the pre-period
    mean of that quarter of the year.
    """

    flow: Flow
    estimator: Estimator
    outcome: Outcome
    pre: tuple[int, int]
    without: tuple[int, ...]
    post: tuple[int, int]
    rule: DonorRule
    threshold: float
    treated_from: int
    frequency: Frequency = "annual"

    def __post_init__(self) -> None:
        words: tuple[tuple[str, str, tuple[str, ...]], ...] = (
            ("a flow", self.flow, FLOWS),
            ("an estimator", self.estimator, ESTIMATORS),
            ("an outcome", self.outcome, OUTCOMES),
            ("a frequency", self.frequency, FREQUENCIES),
        )
        for name in ("pre", "post", "without"):
            object.__setattr__(self, name, tuple(_year(name, year) for year in getattr(self, name)))
        for what, word, known in words:
            if word not in known:
                raise unknown(InvalidSpecification, word, what, known)
        if self.frequency == "quarterly" and self.outcome == "share":
            raise InvalidSpecification(
                "Quarters are asked for with shares as the outcome",
                expected="logarithms, whose seasons are taken out quarter by quarter",
                do="Choose the outcome 'log' or years",
            )
        if not self.pre[0] < self.pre[1] < self.treated_from <= self.post[0] <= self.post[1]:
            raise InvalidSpecification(
                f"The windows are {self.pre[0]}-{self.pre[1]} before and {self.post[0]}-{self.post[1]} after, with "
                f"entry into force in {self.treated_from}",
                expected="pre-period, entry into force and post-period in this order",
                do="Move the windows; an effect before entry into force is a placebo in time",
            )

    @property
    def pre_years(self) -> list[int]:
        """Years of the pre-period that are fitted."""
        return [y for y in range(self.pre[0], self.pre[1] + 1) if y not in self.without]

    @property
    def post_years(self) -> list[int]:
        """Years of the post-period."""
        return list(range(self.post[0], self.post[1] + 1))

    @property
    def choices(self) -> dict[str, object]:
        """The choices other than the flow: columns of a curve's table, in their order."""
        return {
            "estimator": self.estimator,
            "outcome": self.outcome,
            "pre_first": self.pre[0],
            "pre_last": self.pre[1],
            "without": ",".join(map(str, self.without)),
            "post_last": self.post[1],
            "rule": self.rule.id,
            "threshold_usd_mn": self.threshold,
        }

    def places(self, start: int) -> tuple[Years, Years]:
        """Return the positions of the pre- and the post-period in years that begin with `start`."""
        pre, post = (np.array([year - start for year in years]) for years in (self.pre_years, self.post_years))
        return pre, post
