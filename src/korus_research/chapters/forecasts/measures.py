"""Forecasts and published evaluations beside our own estimates (docs/methods/forecasts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import pandas as pd

from korus_research.chapters.counterfactual.measures import Effects, of as counterfactual_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.chapters.forecasts.compared.flows import (
    comparable_ranges,
    expected_flows,
    held_against,
    judged_rows,
    left_out,
    our_estimates,
)
from korus_research.chapters.forecasts.compared.sectors import sector_outcomes
from korus_research.chapters.forecasts.rules import AgreementRules, load_rules
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.data.study import Study, known, measured
from korus_research.errors import MissingFigures
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow, percent_change
from korus_research.show.declared import Result
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.text import Words

WORDS = Words("forecasts")


@dataclass(frozen=True)
class Forecasts(Result):
    """Forecasts, published evaluations, our estimates and raw changes of both flows."""

    names: Mapping[str, str]  # for sentences
    baseline_year: int  # that raw changes are counted from
    own: AgreementRules  # what the sources about this agreement mean
    annual: pd.DataFrame  # goods trade with the partner by complete year: exports, imports, USD million (Census basis)
    expected: pd.DataFrame  # forecasts of the flows, see `expected_flows`
    judged: pd.DataFrame  # every published row, see `judged_rows`
    ours: pd.DataFrame  # our estimates, see `our_estimates`
    held: pd.DataFrame  # our intervals against the forecasts, see `held_against`
    # Changes that were seen, no effects: flow, start, first, last (years; a mean where the last two differ), usd_start,
    # usd_end (USD billion), change (percent).
    raw: pd.DataFrame
    sectors: pd.DataFrame  # see `sector_outcomes`; empty where no trade by sector is held
    output: tuple[float, float] | None  # what the reference study expected of the reporter's output, USD billion
    left_out: Mapping[str, str]  # forecasts by sector that no trade is set beside, of those made by then, and why
    post_years: tuple[int, int]  # first and last year that the main estimate is a mean over

    @cached_property
    def published(self) -> pd.DataFrame:
        """Comparable published figures as ranges, see `comparable_ranges`."""
        return comparable_ranges(self.judged)

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """How many published rows are left out for which reason, see `left_out`."""
        return left_out(self.judged)

    @property
    def post(self) -> str:
        """The years that our main estimate is a mean over, "2013 to 2019"."""
        return years_text(*self.post_years)

    def reference(self, flow: Flow) -> dict[Any, Any] | None:
        """Return the forecast that comes first for a flow; None where the reference study gives none."""
        rows = self.expected[(self.expected["flow"] == flow) & (self.expected["study"] == self.own.reference)]
        return rows.iloc[0].to_dict() if len(rows) else None

    def said(self, study: str, year: int) -> str:
        """Return the name of a study for a row of a table."""
        names = {
            self.own.reference: self.own.reference_said,
            **{one.study: one.said for one in self.own.evaluation.values()},
        }
        return names.get(study, f"{self.own.named.get(study, study)}, {year}".replace(" & ", " and "))

    def to_frame(self) -> pd.DataFrame:
        """Return all that is set side by side: group, flow, label, value, low, high (percent), what its range is."""
        kinds, columns = WORDS.labels("range_kinds"), ["group", "flow", "label", "value", "low", "high", "range"]
        rows: list[dict[Any, Any]] = []
        for group, frame, kind in (("forecast", self.expected, "printed"), ("published", self.published, "methods")):
            for r in frame.to_dict("records"):
                rows.append({**r, "group": group, "label": self.said(r["study"], r["year"]), "range": kinds[kind]})
        for r in self.ours.to_dict("records"):
            rows.append({**r, "group": "ours", "value": r["effect"], "range": r["kind"] or kinds["none"]})
        for r in self.raw.to_dict("records"):
            label = raw_span(r["start"], r["first"], r["last"])
            rows.append({**r, "group": "raw change", "label": label, "value": r["change"], "range": kinds["none"]})
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        published = f"{len(self.published)} of {len(self.judged)} published rows comparable"
        agreement = self.names["agreement"]
        return f"Forecasts({agreement}: {len(self.expected)} forecasts, {published}, {len(self.ours)} estimates)"


def years_text(first: int, last: int) -> str:
    """Return a year, or the first and the last: "2013 to 2019"."""
    return str(first) if first == last else WORDS.label("years", first=str(first), last=str(last))


def raw_span(start: int, first: int, last: int) -> str:
    """Return the years of a raw change: "2011 to 2016", or "2011 to mean of 2013 to 2019"."""
    end = str(first) if first == last else WORDS.label("mean", years=years_text(first, last))
    return WORDS.label("years", first=str(start), last=end)


@measured
def of(study: Study, findings: Findings | None = None) -> Forecasts:
    """Return forecasts and published evaluations beside our estimates and the raw changes.

    Gravity and the specification curve are taken from `findings` where they are given; without, gravity is estimated.

    Raises
    ------
    MissingFigures
        No forecast of this agreement is held, or there is no full year under it.
    """
    agreement, rules = study.agreement, load_rules()
    own, annual = rules.of(agreement.id), flows_of(study).annual[list(FLOWS)]
    forecasts, published = study.load("forecasts"), study.load("published_estimates")
    expected = None if own is None else expected_flows(forecasts, published, annual, rules=rules, own=own)
    if own is None or expected is None or expected.empty:
        raise MissingFigures(
            f"There is no forecast for '{agreement.id}'",
            expected="a section in chapters/forecasts/rules.toml and rows in the dataset `forecasts`",
            do="Leave the forecasts out for this agreement: chapters/forecasts/coverage.py does",
        )
    effects = counterfactual_of(study)
    ours = our_estimates(_estimated(study, effects, findings), rules=rules, leading=effects.leading)
    post = effects.main["exports"].spec.post
    baseline, evaluation = study.parameters.baseline_year, min(agreement.evaluation_year, int(annual.index[-1]))
    partner, domestic = agreement.partner.census_code, study.load("sector_exports_domestic")
    by_sector, years = {flow: study.load(f"sector_{flow}_annual") for flow in FLOWS}, (evaluation, post[1])
    return Forecasts(
        names=study.names,
        baseline_year=baseline,
        own=own,
        annual=annual,
        expected=expected,
        judged=judged_rows(published, annual, rules=rules, own=own),
        ours=ours,
        held=held_against(ours, expected),
        raw=raw_changes(annual, own, baseline, evaluation, post),
        sectors=sector_outcomes(
            forecasts, by_sector, domestic, partner=partner, baseline=baseline, years=years, own=own
        ),
        output=_output(forecasts, own),
        left_out={sector: why for sector, why in own.sector_left_out.items() if sector in set(forecasts["sector"])},
        post_years=post,
    )


def _output(forecasts: pd.DataFrame, own: AgreementRules) -> tuple[float, float] | None:
    """Return what the reference study expected of the reporter's output, USD billion; None where it gives none."""
    rows = forecasts[(forecasts["study"] == own.reference) & (forecasts["metric"] == own.output)]
    rows = rows[rows["unit"] == "USD bn"]
    return (float(rows["low"].iloc[0]), float(rows["high"].iloc[0])) if len(rows) else None


def _estimated(study: Study, effects: Effects, findings: Findings | None) -> Mapping[str, Finding]:
    """Return the findings that our estimates are read from."""
    if findings is None:  # an agreement outside the panel: the comparison goes without gravity
        gravity = known(gravity_of, study)
        return {**(gravity.findings() if gravity else {}), **effects.findings()}
    others = {key: f for key, f in findings.items() if key.startswith(("gravity.", "counterfactual."))}
    return {**others, **effects.findings()}


def raw_changes(
    annual: pd.DataFrame, own: AgreementRules, baseline: int, evaluation: int, post: tuple[int, int]
) -> pd.DataFrame:
    """Return the raw changes from the baseline year, and from that of the forecast's dollars, see `Forecasts.raw`.

    To the evaluation year, and to the mean of the years of our main estimate where these are several.
    """
    starts = (baseline, *(base.year for study, base in own.base.items() if study == own.reference))
    ends = [(evaluation, evaluation), *([post] if post[0] != post[1] else [])]
    rows = []
    for flow, (first, last), start in product(FLOWS, ends, starts):
        years = list(range(first, last + 1))
        if {start, *years} <= set(annual.index):
            before, after = (float(annual.loc[y, flow].mean()) / MN_PER_BN for y in ([start], years))
            rows.append((flow, start, first, last, before, after, percent_change(before, after)))
    return pd.DataFrame(rows, columns=["flow", "start", "first", "last", "usd_start", "usd_end", "change"])
