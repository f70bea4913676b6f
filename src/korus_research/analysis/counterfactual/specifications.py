"""The specifications declared in `specifications.toml`, placed in calendar years: the main one and the curve."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any

from korus_research.analysis.counterfactual.donors import DonorRule
from korus_research.analysis.counterfactual.estimate import Specification
from korus_research.analysis.counterfactual.estimators import Ridges
from korus_research.analysis.series import FLOWS, Flow
from korus_research.errors import IncompletePanel, InvalidSpecification, did_you_mean

FILE = Path(__file__).with_name("specifications.toml")
CHOICES = ("estimator", "outcome", "pre_first", "pre_last", "without", "post_last", "rule", "threshold_usd_mn")


@dataclass(frozen=True)
class Declared:
    """What the file declares; windows in years from the first full year under the agreement."""

    main: Mapping[str, Any]
    curve: Mapping[str, tuple[Any, ...]]
    placebo_in_time: Mapping[str, int]
    rules: Mapping[str, DonorRule]
    ridges: Ridges
    lead: int
    level: float

    def rule(self, name: str) -> DonorRule:
        """Return the donor rule `name`.

        Raises
        ------
        InvalidSpecification
            There is none of that name.
        """
        if name not in self.rules:
            raise InvalidSpecification(
                f"'{name}' is not a donor rule{did_you_mean(name, self.rules)}",
                expected="one of " + ", ".join(self.rules),
                do=f"Correct it, or declare the rule in {FILE.name}",
            )
        return self.rules[name]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Where the windows of one agreement fall, and how far its data reach."""

    in_force: int
    first_full: int
    first_year: int
    last_year: int

    def year(self, offset: int) -> int:
        """Return the calendar year `offset` years from the first full year, within the data."""
        return min(max(self.first_full + offset, self.first_year), self.last_year)


@lru_cache(maxsize=1)
def declared() -> Declared:
    """Read the file once.

    Raises
    ------
    InvalidSpecification
        The file can't be read, lacks a table, or names a rule that it does not declare.
    """
    return read(FILE)


def read(path: Path) -> Declared:
    """Read a file of declared specifications; errors as for `declared`."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        rules = {k: DonorRule(k, str(v["label"]), tuple(v["excludes"])) for k, v in data["rules"].items()}
        solver = data["solver"]
        found = Declared(
            main=data["main"],
            curve={name: tuple(data["curve"][name]) for name in CHOICES},
            placebo_in_time=data["placebo_in_time"],
            rules=rules,
            ridges=Ridges(sc=float(solver["ridge_sc"]), time=float(solver["ridge_time"])),
            lead=int(solver["agreement_lead"]),
            level=float(solver["interval"]),
        )
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise InvalidSpecification(f"{path.name} can't be read ({problem})", expected="a TOML file") from None
    except KeyError as problem:
        raise InvalidSpecification(
            f"{path.name} lacks {problem}", expected="the tables main, curve, placebo_in_time, rules and solver"
        ) from None
    for name in (found.main["rule"], *found.curve["rule"]):
        found.rule(str(name))
    return found


def main_specification(flow: Flow, calendar: Calendar, choices: Declared) -> Specification:
    """Return the main specification of one flow in calendar years.

    Raises
    ------
    IncompletePanel
        The data do not reach the first full year under the agreement.
    InvalidSpecification
        They begin too late for the windows.
    """
    m = choices.main
    _require_year(calendar)
    return Specification(
        flow=flow,
        estimator=m["estimator"],
        outcome=m["outcome"],
        pre=(calendar.year(m["pre"][0]), calendar.year(m["pre"][1])),
        without=tuple(m["without"]),
        post=(calendar.first_full + m["post"][0], calendar.year(m["post"][1])),
        rule=choices.rule(m["rule"]),
        threshold=float(m["threshold_usd_mn"]),
        treated_from=calendar.in_force,
    )


def in_time(spec: Specification, calendar: Calendar, choices: Declared) -> Specification:
    """Return the main specification moved to a time before the agreement: an effect there is a false one."""
    shift = choices.placebo_in_time["shift"]
    return replace(
        spec,
        pre=(max(spec.pre[0] + shift, calendar.first_year), spec.pre[1] + shift),
        post=(spec.post[0] + shift, calendar.first_full + choices.placebo_in_time["post_last"]),
        treated_from=spec.treated_from + shift,
    )


def curve(flow: Flow, calendar: Calendar, choices: Declared, reasons: tuple[str, ...]) -> Iterator[Specification]:
    """Yield every specification of the curve of one flow, each once.

    Choices that the data can't tell apart are made once: windows cut to the same years, years left out that are not in
    the window, and rules that exclude reason codes which nobody has (`reasons` are those there are).
    """
    _require_year(calendar)
    seen: set[tuple[Any, ...]] = set()
    for estimator, outcome, first, last, without, post_last, name, threshold in product(
        *(choices.curve[name] for name in CHOICES)
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
        yield Specification(flow, estimator, outcome, pre, left_out, post, rule, float(threshold), calendar.in_force)


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
