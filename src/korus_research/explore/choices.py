"""The choices of an estimate: those given by the user, and the declared ones for the rest."""

from __future__ import annotations

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from operator import index
from typing import Any

from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.counterfactual.estimates.specifications import Calendar, main_specification
from korus_research.data.study import Study
from korus_research.errors import IncompletePanel, InvalidSpecification, unknown
from korus_research.explore.partners import agreement_of, partner_code, partner_codes
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.donors import FEWEST
from korus_research.methods.synthetic.panel import TradePanel


@dataclass(frozen=True)
class Choices:
    """The complete choices of an estimate.

    `partner` and `donors` are Census codes (no donors: all that the rule `rule` of specifications.toml allows),
    `starting` is the first full year of what is studied, `before` and `after` are first and last years of the windows.
    """

    flow: Flow
    partner: str
    starting: int
    before: tuple[int, int]
    after: tuple[int, int]
    without: tuple[int, ...]
    donors: tuple[str, ...]
    rule: str
    threshold: float
    estimator: str
    outcome: str
    frequency: str


def choose(
    study: Study,
    panel: TradePanel,
    flow: str,
    *,
    partner: str | int | None,
    starting: int | None,
    before: Iterable[int] | None,
    after: Iterable[int] | None,
    donors: Iterable[str | int] | str | int | None,
    rule: str | None,
    threshold: float | None,
    estimator: str | None,
    outcome: str | None,
    frequency: str,
    without: Iterable[int],
) -> tuple[Choices, int]:
    """Return the given choices completed with the declared ones, and the year in which what is studied began.

    Parameters and errors are those of `explore.estimate.estimate`.
    """
    code = study.agreement.partner.census_code if partner is None else partner_code(study, partner)
    named = () if donors is None else partner_codes(study, donors)
    _check_words(flow, rule, None if donors is None else named)
    if code in named:
        raise InvalidSpecification(
            f"{study.partner_names[code]} is named as its own donor", expected="other partners", do="Leave it out"
        )
    started, in_force = _starting(study, code, starting)
    main = declared().main
    known: Any = flow
    if before is None or after is None:
        calendar = Calendar(in_force, started, *panel.span(code, around=started - 1))
        _check_start(study, code, calendar)
        usual = main_specification(known, calendar, declared())
        before, after = usual.pre if before is None else before, usual.post if after is None else after
    windows, size = (_window(before), _window(after)), 0.0 if named else main.threshold_usd_mn
    chosen = Choices(
        flow=known,
        partner=code,
        starting=started,
        before=windows[0],
        after=windows[1],
        without=_left_out(without, windows[0]),
        donors=named,
        rule=rule or main.rule,
        threshold=size if threshold is None else _size(threshold),
        estimator=estimator or main.estimator,
        outcome=outcome or main.outcome,
        frequency=frequency,
    )
    return chosen, in_force


def _starting(study: Study, code: str, starting: int | None) -> tuple[int, int]:
    """Return the first full year of what is studied and the year in which it began."""
    agreement = agreement_of(study, code)
    if agreement is not None and starting in (None, agreement.first_full_year):
        return agreement.first_full_year, agreement.dates.in_force.year
    if starting is None:
        raise InvalidSpecification(
            f"There is no agreement with {study.partner_names[code]} in the data, and so no year to start from",
            expected="the first full year of the event",
            do="Give it, for example: starting=2015",
        )
    return _year(starting), _year(starting)


def _check_start(study: Study, code: str, calendar: Calendar) -> None:
    """Raise IncompletePanel if the declared windows around the first full year exceed the partner's data."""
    earliest = calendar.first_year - declared().main.pre[0]
    if not earliest <= calendar.first_full <= calendar.last_year:
        early = calendar.first_full < earliest
        change = f"Give {'a later' if early else 'an earlier'} starting"
        if earliest > calendar.last_year:
            change = "Choose another partner"
        raise IncompletePanel(
            f"Trade with {study.partner_names[code]} is complete from {calendar.first_year} to {calendar.last_year}, "
            f"and the first full year is {calendar.first_full}",
            expected=f"at least {-declared().main.pre[0]} years before it and one after, as the declared windows have",
            do=f"{change}, or give both windows: before=(...), after=(...)",
        )


def _year(value: Any) -> int:
    try:
        return int(value) if isinstance(value, str) and len(value) == 4 else index(value)
    except (TypeError, ValueError):
        raise InvalidSpecification(
            f"A year is given as {value!r}", expected="a whole number", do="Write for example 2015"
        ) from None


def _window(given: Any) -> tuple[int, int]:
    years = tuple(map(_year, given)) if isinstance(given, Iterable) and not isinstance(given, str) else (given,)
    if len(years) != 2:
        raise InvalidSpecification(
            f"A window is given as {given!r}", expected="its first and its last year", do="Give both: (2000, 2010)"
        )
    return years


def _left_out(without: Any, before: tuple[int, int]) -> tuple[int, ...]:
    given = without if isinstance(without, Iterable) and not isinstance(without, str) else [without]
    years = tuple(map(_year, given))
    if outside := [year for year in years if not before[0] <= year <= before[1]]:
        raise InvalidSpecification(
            f"{', '.join(map(str, outside))} is in `without` but is not among the fitted years",
            expected=f"years from {before[0]} to {before[1]}",
            do="Correct `without`",
        )
    return years


def _size(threshold: Any) -> float:
    with suppress(TypeError, ValueError):
        if 0 <= float(threshold) < math.inf:
            return float(threshold)
    raise InvalidSpecification(
        f"The threshold is {threshold!r}", expected="USD million, zero or more", do="Write for example 3000"
    )


def _check_words(flow: str, rule: str | None, donors: tuple[str, ...] | None) -> None:
    rules = tuple(declared().rules)
    for what, word, words in (("a flow", flow, FLOWS), ("a donor rule", rules[0] if rule is None else rule, rules)):
        if word not in words:
            raise unknown(InvalidSpecification, word, what, words)
    if donors is not None and len(donors) < FEWEST:
        count = f"{len(donors)} donor{'' if len(donors) == 1 else 's'}"
        raise InvalidSpecification(
            f"{count} named",
            expected=f"at least {FEWEST}: with fewer, a rank among placebos says nothing",
            do="Name more, or leave `donors` out to use all that the rule allows",
        )
