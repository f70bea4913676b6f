"""Forecasts against outcomes, put together: what was expected, what others found, what we estimate, what was seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from korus_research.chapters.forecasts.estimates import held_against, our_estimates
from korus_research.chapters.forecasts.expected import expected_flows
from korus_research.chapters.forecasts.findings import forecast_findings
from korus_research.chapters.forecasts.published import comparable_ranges, judged_rows, left_out
from korus_research.chapters.forecasts.rules import AgreementRules, Rules, SectorLeftOut
from korus_research.chapters.forecasts.sectors import sector_outcomes
from korus_research.errors import MissingFigures
from korus_research.methods.series import FLOWS, MN_PER_BN, Flow
from korus_research.show.finding import Finding, Findings


@dataclass(frozen=True, slots=True)
class ForecastsSpec:
    """What is compared: the partner, the years of the raw changes and of our estimates, the names sentences use."""

    agreement: str
    partner: str
    baseline_year: int
    evaluation_year: int
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Forecasts:
    """Forecasts, published evaluations, our estimates and raw changes of both flows.

    Attributes
    ----------
    expected : DataFrame
        Forecasts of the flows, see `expected_flows`.
    judged : DataFrame
        Every published row, see `judged_rows`.
    ours : DataFrame
        Our estimates, see `our_estimates`.
    held : DataFrame
        Our intervals against the forecasts, see `held_against`.
    raw : DataFrame
        flow, start, end ("2016", or "2013 to 2019" for a mean), usd_start, usd_end (USD billion), change (percent):
        changes that were seen, no effects.
    sectors : DataFrame
        Forecasts and trade by sector, see `sector_outcomes`; empty where no trade by sector is held.
    left_out : tuple of SectorLeftOut
        Forecasts by sector that no trade is set beside, of those made by then.
    """

    spec: ForecastsSpec
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
        first, last = self.post_years
        return str(first) if first == last else f"{first} to {last}"

    def reference(self, flow: Flow) -> pd.Series | None:
        """Return the forecast that comes first for a flow; None where the reference study gives none."""
        rows = self.expected[(self.expected["flow"] == flow) & (self.expected["study"] == self.own.reference)]
        return rows.iloc[0] if len(rows) else None

    def said(self, study: str, year: int) -> str:
        """Return how a row names a study."""
        return self.own.reference_said if study == self.own.reference else f"{study}, {year}"

    def to_frame(self) -> pd.DataFrame:
        """Return all that is set side by side: group, flow, label, value, low, high (percent), what its range is."""
        rows = [
            (
                "forecast",
                r["flow"],
                self.said(r["study"], r["year"]),
                float("nan"),
                r["low"],
                r["high"],
                "range printed",
            )
            for r in self.expected.to_dict("records")
        ]
        rows += [
            (
                "published",
                r["flow"],
                f"{r['study']}, {r['year']}",
                float("nan"),
                r["low"],
                r["high"],
                "range over methods",
            )
            for r in self.published.to_dict("records")
        ]
        rows += [
            ("ours", r["flow"], r["label"], r["effect"], r["low"], r["high"], r["kind"] or "none")
            for r in self.ours.to_dict("records")
        ]
        rows += [
            ("raw change", r["flow"], f"{r['start']} to {r['end']}", r["change"], float("nan"), float("nan"), "none")
            for r in self.raw.to_dict("records")
        ]
        return pd.DataFrame(rows, columns=["group", "flow", "label", "value", "low", "high", "range"])

    def findings(self) -> Findings:
        """Return what chapter 09 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return forecast_findings(self)

    def __repr__(self) -> str:
        return (
            f"Forecasts({self.spec.names.get('agreement', self.spec.agreement)}: {len(self.expected)} forecasts, "
            f"{len(self.published)} of {len(self.judged)} published rows comparable, {len(self.ours)} estimates)"
        )


def analyse_forecasts(
    forecasts: pd.DataFrame,
    published: pd.DataFrame,
    annual: pd.DataFrame,
    sectors: Mapping[Flow, pd.DataFrame],
    domestic: pd.DataFrame,
    findings: Mapping[str, Finding],
    *,
    spec: ForecastsSpec,
    rules: Rules,
    post_years: tuple[int, int],
) -> Forecasts:
    """Set forecasts and published evaluations beside our estimates and the raw changes.

    Parameters
    ----------
    forecasts, published : DataFrame
        The datasets `forecasts` and `published_estimates`, as known by the edition's month.
    annual : DataFrame
        Goods trade with the partner by complete year, columns exports and imports, USD million (Census basis).
    sectors : mapping of flow to DataFrame
        `sector_exports_annual` and `sector_imports_annual`.
    domestic : DataFrame
        `sector_exports_domestic`.
    findings : mapping of id to Finding
        Our estimates: counterfactual, and gravity and the curve where there are any.
    post_years : tuple of int
        First and last year that the main estimate is a mean over.

    Raises
    ------
    MissingFigures
        No forecast of this agreement is held, or there is no full year under it.
    """
    own = rules.of(spec.agreement)
    expected = None if own is None else expected_flows(forecasts, published, annual, rules=rules, own=own)
    if own is None or expected is None or expected.empty:
        raise MissingFigures(
            f"No forecast of '{spec.agreement}' is held",
            expected="a section in analysis/forecasts/rules.toml and rows in the dataset `forecasts`",
            do="Leave the forecasts out for this agreement (a chapter's `requires`)",
        )
    ours = our_estimates(findings, rules=rules)
    evaluation = min(spec.evaluation_year, int(annual.index[-1]))
    return Forecasts(
        spec=spec,
        own=own,
        annual=annual,
        expected=expected,
        judged=judged_rows(published, annual, rules=rules, own=own),
        ours=ours,
        held=held_against(ours, expected),
        raw=_raw(annual, spec, own, evaluation, post_years),
        sectors=sector_outcomes(
            forecasts,
            sectors,
            domestic,
            partner=spec.partner,
            baseline=spec.baseline_year,
            years=(evaluation, post_years[1]),
            own=own,
        ),
        left_out=tuple(rule for rule in own.sector_left_out if rule.sector in set(forecasts["sector"])),
        post_years=post_years,
    )


def _raw(
    annual: pd.DataFrame, spec: ForecastsSpec, own: AgreementRules, evaluation: int, post: tuple[int, int]
) -> pd.DataFrame:
    bases = [base.year for base in own.base if base.study == own.reference]
    spans = [(start, (evaluation, evaluation)) for start in (spec.baseline_year, *bases)]
    spans += [(start, post) for start in (spec.baseline_year, *bases) if post[0] != post[1]]
    rows = []
    for flow in FLOWS:
        for start, (first, last) in spans:
            years = list(range(first, last + 1))
            if start in annual.index and set(years) <= set(annual.index):
                before, after = (float(annual.loc[y, flow].mean()) / MN_PER_BN for y in ([start], years))
                end = str(first) if first == last else f"mean of {first} to {last}"
                rows.append((flow, str(start), end, before, after, 100 * (after / before - 1)))
    return pd.DataFrame(rows, columns=["flow", "start", "end", "usd_start", "usd_end", "change"])
