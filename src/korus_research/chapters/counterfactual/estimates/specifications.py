"""The specifications declared in `specifications.toml`, placed in calendar years: the main one and the curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from korus_research.chapters.counterfactual.estimates.declared import CurveChoices, Declared
from korus_research.data.agreements import Agreement
from korus_research.errors import IncompletePanel
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.specification import Specification


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where the windows of one agreement fall, and how far its partner's data reach without a gap."""

    in_force: int
    first_full: int
    first_year: int
    last_year: int

    def year(self, offset: int) -> int:
        """Return the calendar year `offset` years from the first full year, within the data."""
        return min(max(self.first_full + offset, self.first_year), self.last_year)


def calendar_of(panel: TradePanel, agreement: Agreement) -> Calendar:
    """Return the calendar of an agreement; errors as for `TradePanel.span`."""
    in_force = agreement.dates.in_force.year
    span = panel.span(agreement.partner.census_code, around=in_force - 1)
    return Calendar(in_force, agreement.first_full_year, *span)


def main_specification(flow: Flow, calendar: Calendar, choices: Declared) -> Specification:
    """Return the main specification of one flow in calendar years.

    Raises IncompletePanel: the data do not reach the first full year under the agreement, or begin too late: the
    declared years before are never cut, while those after grow with the data.
    """
    m = choices.main
    _require_year(calendar)
    first = calendar.first_full + m.pre[0]
    if calendar.first_year > first:
        raise IncompletePanel(
            f"The partner's trade is complete from {calendar.first_year} on",
            expected=f"every year from {first}, where the main specification begins",
            do="Choose a partner without a gap in these years",
        )
    return Specification(
        flow=flow,
        estimator=m.estimator,
        outcome=m.outcome,
        pre=(first, calendar.year(m.pre[1])),
        without=m.without,
        post=(calendar.first_full + m.post[0], calendar.year(m.post[1])),
        rule=choices.rule(m.rule),
        threshold=m.threshold_usd_mn,
        treated_from=calendar.in_force,
    )


def in_time(spec: Specification, calendar: Calendar, choices: Declared) -> Specification | None:
    """Return the main specification moved to a time before entry into force: an effect there is a false one.

    None where too few years before are left to fit.
    """
    shift, last = choices.placebo_in_time.shift, calendar.first_full + choices.placebo_in_time.post_last
    return _moved(spec, calendar, shift, last, choices.placebo_in_time.fewest_fitted)


def before_signature(
    spec: Specification, calendar: Calendar, choices: Declared, *, signed: int
) -> Specification | None:
    """Return `in_time` moved further, so that a window of the same length ends in the year before signature.

    None where too few years before are left to fit. It is `in_time` itself where that ends early enough.
    """
    declared = choices.placebo_in_time
    ends = calendar.first_full + declared.post_last
    later = min(0, signed - 1 - ends)
    return _moved(spec, calendar, declared.shift + later, ends + later, declared.fewest_fitted)


def _moved(spec: Specification, calendar: Calendar, shift: int, last: int, fewest: int) -> Specification | None:
    pre = max(spec.pre[0] + shift, calendar.first_year), spec.pre[1] + shift
    if pre[1] - pre[0] + 1 < fewest:
        return None
    return replace(spec, pre=pre, post=(spec.post[0] + shift, last), treated_from=spec.treated_from + shift)


def curve(flow: Flow, calendar: Calendar, choices: Declared, reasons: tuple[str, ...]) -> Iterator[Specification]:
    """Yield every specification of the curve of one flow, each once.

    Choices that the data can't tell apart are made once: windows cut to the same years, years left out that are not in
    the window, and rules that exclude reason codes which nobody has (`reasons` are those there are).
    """
    _require_year(calendar)
    seen: set[tuple[Any, ...]] = set()
    for estimator, outcome, first, last, without, post_last, name, threshold in product(
        *(getattr(choices.curve, name) for name in CurveChoices.model_fields)
    ):
        rule = choices.rule(name)
        pre = (calendar.year(first), calendar.year(last))
        left_out = tuple(y for y in without if pre[0] <= y <= pre[1])
        post = (calendar.first_full, calendar.year(post_last))
        codes = frozenset(rule.excludes) & frozenset(reasons)
        key = (estimator, outcome, pre, left_out, post, codes, threshold)
        if key in seen:
            continue
        seen.add(key)
        yield Specification(flow, estimator, outcome, pre, left_out, post, rule, threshold, calendar.in_force)


def all_specifications(
    calendar: Calendar, choices: Declared, reasons: tuple[str, ...], flows: tuple[Flow, ...] = FLOWS
) -> tuple[Specification, ...]:
    """Return the curves of all flows."""
    return tuple(spec for flow in flows for spec in curve(flow, calendar, choices, reasons))


def _require_year(calendar: Calendar) -> None:
    if calendar.last_year < calendar.first_full:
        raise IncompletePanel(
            f"The last complete year is {calendar.last_year}, before the first full year under the agreement",
            expected=f"data to December {calendar.first_full}",
            do="Choose a later month as as_of",
        )
