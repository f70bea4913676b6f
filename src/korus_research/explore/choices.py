"""What an estimate of one's own is of: what is asked, and what stands where nothing is asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.chapters.counterfactual.estimates.specifications import Calendar, main_specification
from korus_research.data.study import Study
from korus_research.errors import InvalidSpecification, did_you_mean
from korus_research.explore.partners import agreement_of, partner_code, partner_codes
from korus_research.methods.series import FLOWS, Flow
from korus_research.methods.synthetic.donors import FEWEST
from korus_research.methods.synthetic.panel import TradePanel


@dataclass(frozen=True)
class Choices:
    """What an estimate is of, with nothing left open.

    `partner` and `donors` are Census codes (no donors: all whom the rule `rule` of specifications.toml leaves),
    `starting` the first full year of what is studied, `before` and `after` first and last years of the windows.
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
    """Return what is asked with the declared choices where nothing is, and the year in which it began.

    Parameters and errors are those of `explore.estimate.estimate`.
    """
    code = study.agreement.partner.census_code if partner is None else partner_code(study, partner)
    named = () if donors is None else partner_codes(study, donors)
    _check_words(flow, rule, None if donors is None else named)
    started, in_force = _starting(study, code, starting)
    main = declared().main
    known: Any = flow
    if before is None or after is None:
        calendar = Calendar(in_force, started, *panel.span(code, around=started - 1))
        usual = main_specification(known, calendar, declared())
        before, after = before or usual.pre, after or usual.post
    size = 0.0 if named else main.threshold_usd_mn
    chosen = Choices(
        flow=known,
        partner=code,
        starting=started,
        before=_years(before),
        after=_years(after),
        without=tuple(int(year) for year in without),
        donors=named,
        rule=rule or main.rule,
        threshold=size if threshold is None else float(threshold),
        estimator=estimator or main.estimator,
        outcome=outcome or main.outcome,
        frequency=frequency,
    )
    return chosen, in_force


def _starting(study: Study, code: str, starting: int | None) -> tuple[int, int]:
    """Return the first full year of what is studied, and the year in which it began."""
    agreement = agreement_of(study, code)
    if agreement is not None and starting in (None, agreement.first_full_year):
        return agreement.first_full_year, agreement.dates.in_force.year
    if starting is None:
        raise InvalidSpecification(
            f"There is no agreement with {study.partner_names[code]} in the data, and so no year to start from",
            expected="the first full year of what is studied",
            do="Give it: starting=2015",
        )
    return int(starting), int(starting)


def _years(window: Iterable[int]) -> tuple[int, int]:
    years = tuple(int(year) for year in window)
    if len(years) != 2:
        raise InvalidSpecification(
            f"A window is given as {years}", expected="its first and its last year", do="Give both: (2000, 2010)"
        )
    return years


def _check_words(flow: str, rule: str | None, donors: tuple[str, ...] | None) -> None:
    known = {"a flow": (flow, FLOWS), "a donor rule": (rule, tuple(declared().rules))}
    for what, (word, words) in known.items():
        if word is not None and word not in words:
            raise InvalidSpecification(
                f"'{word}' is not {what}{did_you_mean(str(word), words)}", expected="one of " + ", ".join(words)
            )
    if donors is not None and len(donors) < FEWEST:
        count = f"{len(donors)} donor{'' if len(donors) == 1 else 's'}"
        raise InvalidSpecification(
            f"{count} named",
            expected=f"at least {FEWEST}: with fewer, a rank among placebos says nothing",
            do="Name more, or leave donors out to take all whom the rule allows",
        )
