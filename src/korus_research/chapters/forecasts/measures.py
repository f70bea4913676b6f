"""What was forecast and what others found, beside our own estimates (docs/methods/forecasts.md)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from korus_research.chapters.counterfactual.measures import of as counterfactual_of
from korus_research.chapters.flows.measures import of as flows_of
from korus_research.chapters.forecasts.compared.estimates import held_against, our_estimates
from korus_research.chapters.forecasts.compared.expected import expected_flows
from korus_research.chapters.forecasts.compared.published import comparable_ranges, judged_rows, left_out
from korus_research.chapters.forecasts.compared.sectors import sector_outcomes
from korus_research.chapters.forecasts.rules import AgreementRules, SectorLeftOut, load_rules
from korus_research.chapters.gravity.measures import of as gravity_of
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures, MissingInput
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.declared import Result
from korus_research.show.words.text import Words

if TYPE_CHECKING:
    from korus_research.chapters.counterfactual.measures import Effects
    from korus_research.show.finding import Finding, Findings

WORDS = Words("forecasts")


@dataclass(frozen=True)
class Forecasts(Result):
    """Forecasts, published evaluations, our estimates and raw changes of both flows.

    Attributes
    ----------
    names : mapping
        Names for sentences.
    baseline_year : int
        Year that raw changes are counted from.
    own : AgreementRules
        What the sources about this agreement mean.
    annual : DataFrame
        Goods trade with the partner by complete year, columns exports and imports, USD million (Census basis).
    expected : DataFrame
        Forecasts of the flows, see `expected_flows`.
    judged : DataFrame
        Every published row, see `judged_rows`.
    ours : DataFrame
        Our estimates, see `our_estimates`.
    held : DataFrame
        Our intervals against the forecasts, see `held_against`.
    raw : DataFrame
        flow, start, first, last (years; a mean where the last two differ), usd_start, usd_end (USD billion), change
        (percent): changes that were seen, no effects.
    sectors : DataFrame
        Forecasts and trade by sector, see `sector_outcomes`; empty where no trade by sector is held.
    left_out : tuple of SectorLeftOut
        Forecasts by sector that no trade is set beside, of those made by then.
    post_years : tuple of int
        First and last year that the main estimate is a mean over.
    """

    names: Mapping[str, str]
    baseline_year: int
    own: AgreementRules
    annual: pd.DataFrame
    expected: pd.DataFrame
    judged: pd.DataFrame
    ours: pd.DataFrame
    held: pd.DataFrame
    raw: pd.DataFrame
    sectors: pd.DataFrame
    left_out: tuple[SectorLeftOut, ...]
    post_years: tuple[int, int]

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

    def reference(self, flow: Flow) -> pd.Series | None:
        """Return the forecast that comes first for a flow; None where the reference study gives none."""
        rows = self.expected[(self.expected["flow"] == flow) & (self.expected["study"] == self.own.reference)]
        return rows.iloc[0] if len(rows) else None

    def said(self, study: str, year: int) -> str:
        """Return how a row names a study."""
        return self.own.reference_said if study == self.own.reference else f"{study}, {year}"

    def to_frame(self) -> pd.DataFrame:
        """Return all that is set side by side: group, flow, label, value, low, high (percent), what its range is."""
        nan, kinds = float("nan"), WORDS.labels("range_kinds")
        rows = [
            ("forecast", r["flow"], self.said(r["study"], r["year"]), nan, r["low"], r["high"], kinds["printed"])
            for r in self.expected.to_dict("records")
        ]
        rows += [
            ("published", r["flow"], f"{r['study']}, {r['year']}", nan, r["low"], r["high"], kinds["methods"])
            for r in self.published.to_dict("records")
        ]
        rows += [
            ("ours", r["flow"], r["label"], r["effect"], r["low"], r["high"], r["kind"] or kinds["none"])
            for r in self.ours.to_dict("records")
        ]
        rows += [
            ("raw change", r["flow"], raw_span(r["start"], r["first"], r["last"]), r["change"], nan, nan, kinds["none"])
            for r in self.raw.to_dict("records")
        ]
        return pd.DataFrame(rows, columns=["group", "flow", "label", "value", "low", "high", "range"])

    def __repr__(self) -> str:
        return (
            f"Forecasts({self.names['agreement']}: {len(self.expected)} forecasts, {len(self.published)} of "
            f"{len(self.judged)} published rows comparable, {len(self.ours)} estimates)"
        )


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
            f"No forecast of '{agreement.id}' is held",
            expected="a section in chapters/forecasts/rules.toml and rows in the dataset `forecasts`",
            do="Leave the forecasts out for this agreement: chapters/forecasts/coverage.py does",
        )
    effects = counterfactual_of(study)
    ours = our_estimates(_estimated(study, effects, findings), rules=rules)
    post = effects.main["exports"].spec.post
    baseline, evaluation = study.parameters.baseline_year, min(agreement.evaluation_year, int(annual.index[-1]))
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
            forecasts,
            {flow: study.load(f"sector_{flow}_annual") for flow in FLOWS},
            study.load("sector_exports_domestic"),
            partner=agreement.partner.census_code,
            baseline=baseline,
            years=(evaluation, post[1]),
            own=own,
        ),
        left_out=tuple(rule for rule in own.sector_left_out if rule.sector in set(forecasts["sector"])),
        post_years=post,
    )


def _estimated(study: Study, effects: Effects, findings: Findings | None) -> Mapping[str, Finding]:
    """Return the findings that our estimates are read from."""
    known = dict(effects.findings())
    if findings is not None:
        return {**{key: f for key, f in findings.items() if key.startswith(("gravity.", "counterfactual."))}, **known}
    with suppress(MissingInput):  # an agreement outside the panel: the comparison goes without gravity
        known |= gravity_of(study).findings()
    return known


def raw_changes(
    annual: pd.DataFrame, own: AgreementRules, baseline: int, evaluation: int, post: tuple[int, int]
) -> pd.DataFrame:
    """Return the raw changes from the baseline year, and from that of the forecast's dollars, see `Forecasts.raw`.

    To the evaluation year, and to the mean of the years of our main estimate where these are several.
    """
    starts = (baseline, *(base.year for base in own.base if base.study == own.reference))
    ends = [(evaluation, evaluation), *([post] if post[0] != post[1] else [])]
    rows = []
    for flow in FLOWS:
        for (first, last), start in ((end, start) for end in ends for start in starts):
            years = list(range(first, last + 1))
            if start in annual.index and set(years) <= set(annual.index):
                before, after = (float(annual.loc[y, flow].mean()) / MN_PER_BN for y in ([start], years))
                rows.append((flow, start, first, last, before, after, 100 * (after / before - 1)))
    return pd.DataFrame(rows, columns=["flow", "start", "first", "last", "usd_start", "usd_end", "change"])
