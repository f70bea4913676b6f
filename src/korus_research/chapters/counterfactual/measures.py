"""Trade without the agreement: both flows, variants, placebos (docs/methods/counterfactual.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.counterfactual.estimates.methods import Methods, estimated, leading
from korus_research.chapters.counterfactual.estimates.second_inference import Second, second
from korus_research.chapters.counterfactual.estimates.specifications import (
    before_signature,
    calendar_of,
    in_time,
    main_specification,
)
from korus_research.chapters.counterfactual.estimates.variants import Estimates, agreements_table, variants_table
from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.data.study import Study, measured
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.methods.synthetic.donors import AGREEMENT, donor_status
from korus_research.methods.synthetic.estimate import Counterfactual, leave_one_out
from korus_research.methods.synthetic.panel import annual_panel
from korus_research.methods.synthetic.specification import Specification
from korus_research.show.declared import Result
from korus_research.show.scale import Scale, scale_of

TIMES = ("in_time", "before_signature")  # to which the main specification is moved, see `Effects`


@dataclass(frozen=True)
class Effects(Estimates, Result):
    """The estimates for one agreement, by every method and at placebo times.

    Attributes
    ----------
    methods : mapping of flow and method to Counterfactual
        The main specification by each declared method; one that the data do not allow has no entry.
    in_time, before_signature : mapping of flow to Counterfactual or None
        The main specification, moved to a time before entry into force, and to one that ends before the year of
        signature (the first where that does so already); None where the data don't reach back far enough.
    """

    methods: Methods
    in_time: Mapping[Flow, Counterfactual | None]
    before_signature: Mapping[Flow, Counterfactual | None]

    @property
    def scale(self) -> Scale:
        """How amounts of money of this agreement are written; the smaller flow decides."""
        means = (float(x.paths.loc[x.spec.post_years, "actual"].mean()) for x in self.main.values())
        return scale_of(*(mean / MN_PER_BN for mean in means))

    @property
    def window(self) -> Specification:
        """The main specification of exports, whose years are those of imports too."""
        return self.main["exports"].spec

    @cached_property
    def leading(self) -> str:
        """The method that leads, one of `choices.methods`, for both flows: see `leading` of the estimates."""
        return leading(self.methods, self.choices.leading.tie)

    @property
    def led(self) -> Mapping[Flow, Counterfactual]:
        """The estimates by the method that leads."""
        return {flow: self.methods[flow, self.leading] for flow in FLOWS}

    def by_method(self, found: Counterfactual, name: str) -> Counterfactual | None:
        """Return an estimate by one of the declared methods; None where the data do not allow one."""
        method = self.choices.methods[name]
        spec = replace(found.spec, estimator=method.estimator, frequency=method.frequency)
        return found if spec == found.spec else self.try_estimate(spec, treated=found.pool.treated)

    @cached_property
    def earlier(self) -> Mapping[tuple[Flow, str, str], Counterfactual]:
        """The placebos in time by every declared method, by flow, time (`TIMES`) and method.

        What the data do not allow has no entry, nor has a second time that is the first.
        """
        found: dict[tuple[Flow, str, str], Counterfactual] = {}
        for flow in FLOWS:
            first, second = self.in_time[flow], self.before_signature[flow]
            same = first is not None and second is not None and first.spec == second.spec
            for time, moved in zip(TIMES, (first, None if same else second), strict=True):
                for name in self.choices.methods if moved is not None else ():
                    if moved is not None and (made := self.by_method(moved, name)) is not None:
                        found[flow, time, name] = made
        return found

    @cached_property
    def variants(self) -> pd.DataFrame:
        """Main specification with one choice changed at a time, see `variants_table`."""
        return variants_table(self)

    @cached_property
    def second(self) -> Mapping[Flow, Second]:
        """Both flows by another inference: prediction intervals, and the leave-two-out placebo test."""
        named = dict.fromkeys((self.choices.first_method, self.leading))
        methods = {flow: {name: self.methods[flow, name] for name in named} for flow in FLOWS}
        return {flow: second(self.main[flow], methods[flow], self.choices) for flow in FLOWS}

    @cached_property
    def without_donor(self) -> Mapping[Flow, pd.Series]:
        """Effect in percent without each donor that has weight, by the donor's Census code."""
        ridges = self.choices.ridges
        return {
            flow: leave_one_out(found, ridges=ridges).map(lambda x: 100 * math.expm1(x))
            for flow, found in self.main.items()
        }

    @cached_property
    def agreements(self) -> pd.DataFrame:
        """Effects of this agreement and of the others, see `agreements_table`."""
        return agreements_table(self)

    @cached_property
    def older_agreements(self) -> tuple[str, ...]:
        """Names of the donors whose agreement with the reporter is too old to count as new (decision 41)."""
        donors = set().union(*(found.pool.donors for found in self.main.values()))
        table = self.status.table
        rows = (table["reason"] == AGREEMENT) & table["partner"].isin(donors)
        rows &= table["from_year"] <= self.window.post[1]
        return tuple(sorted({self.panel.name(str(code)) for code in table.loc[rows, "partner"]}))

    def to_frame(self) -> pd.DataFrame:
        """Return the paths of both flows in long form."""
        frames = [found.paths.assign(flow=flow).reset_index() for flow, found in self.main.items()]
        return pd.concat(frames, ignore_index=True)

    def __repr__(self) -> str:
        return "Effects(" + "; ".join(repr(found) for found in self.main.values()) + ")"


@measured
def of(study: Study) -> Effects:
    """Return the estimates of trade without the agreement: the main specification, and placebos in time.

    Raises IncompletePanel, NoDonors, InvalidSpecification, NotConverged: the main specification can't be estimated.
    """
    a, choices = study.agreement, declared()
    others = [load_agreement(name) for name in list_agreements() if name != a.id]
    listed = study.load("partner_agreements")
    # An agreement with several countries counts once, from the day it first applied.
    days = listed.loc[listed["iso3"] == a.partner.iso3].groupby("agreement")["in_force"].min()
    panel = annual_panel(study.load("goods_trade_monthly"), study.load("partners"), study.partner_names)
    calendar = calendar_of(panel, a)
    about: dict[str, Any] = {
        "agreement": a,
        "others": tuple(sorted(others, key=lambda other: (other.first_full_year, other.id))),
        "choices": choices,
        "partner_agreements": tuple(map(str, days)) if len(days) else None,
        "names": study.names,
        "panel": panel,
        "status": donor_status(study.load("donor_status"), study.load("us_agreements")),
        "calendar": calendar,
    }
    base = Estimates(**about, main={})
    own = {flow: main_specification(flow, calendar, choices) for flow in FLOWS}
    main = {flow: base.estimate(spec) for flow, spec in own.items()}
    signed = a.dates.signed.year

    def moved(places: Mapping[Flow, Specification | None]) -> dict[Flow, Counterfactual | None]:
        return {flow: None if place is None else base.try_estimate(place) for flow, place in places.items()}

    before = moved({flow: in_time(spec, calendar, choices) for flow, spec in own.items()})
    earlier = moved({flow: before_signature(spec, calendar, choices, signed=signed) for flow, spec in own.items()})
    methods = estimated(replace(base, main=main))
    return Effects(**about, main=main, methods=methods, in_time=before, before_signature=earlier)
