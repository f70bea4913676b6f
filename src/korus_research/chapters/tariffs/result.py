"""The tariffs of an agreement: what was levied and on whom, as one result (methods section 8)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from korus_research.chapters.tariffs.added import OTHERS, Added, added_duties
from korus_research.chapters.tariffs.findings import tariff_findings
from korus_research.chapters.tariffs.rates import all_months, gaps, partner_months, rate, together
from korus_research.chapters.tariffs.savings import (
    Savings,
    by_industry,
    held_rates,
    holding,
    rate_parts,
    savings,
    with_duties,
)
from korus_research.chapters.tariffs.spec import TariffsSpec
from korus_research.chapters.tariffs.steps import Step, StepDate, estimate_step
from korus_research.errors import MissingFigures
from korus_research.methods.series import MONTHS_A_YEAR, WORLD
from korus_research.show.finding import Findings

MATCHED = "matched"


@dataclass(frozen=True)
class Tariffs:
    """What was levied.

    Attributes
    ----------
    months : DataFrame
        The partner's imports_usd and duty_usd by month, NaN where the source has none.
    rates : DataFrame
        Realised rates by month, percent: the partner, `others` (the world less the partner), `matched`, and single
        partners by code; others begin and end where their source does.
    steps : tuple of Step
        In the order of the spec.
    industries : DataFrame
        By (year, code), whole years: imports, duty, rate, and the rate of the matched partners, as levied and with the
        spared industries held.
    savings : Savings
    added : Added or None
    averages : DataFrame
        `average_tariffs`: importer, exporter, stage, rate_pct.
    """

    spec: TariffsSpec
    months: pd.DataFrame
    rates: pd.DataFrame
    steps: tuple[Step, ...]
    industries: pd.DataFrame
    savings: Savings
    added: Added | None
    averages: pd.DataFrame

    @property
    def gaps(self) -> list[pd.Period]:
        """Return the months of the partner without figures, between the first and the last."""
        return gaps(self.months)

    @property
    def last_month(self) -> str:
        """Return the last month of the partner's duty, "YYYY-MM"."""
        return str(self.months.index[-1])

    @property
    def quiet_end(self) -> pd.Period:
        """Return the last month of the partner before any added duty."""
        last: pd.Period = self.months.index[-1]
        since = self.spec.added_since
        return last if since is None or last < since else since - 1

    @property
    def quiet_year(self) -> int:
        """Return the last whole year before any added duty."""
        end = self.quiet_end
        return int(end.year if end.month == 12 else end.year - 1)

    def parts(self, date: StepDate) -> pd.DataFrame | None:
        """Return the change of the rate to the year of a step from the year before, by industry; None if not held."""
        years = set(self.industries.index.get_level_values("year"))
        first, last = date.month.year - 1, date.month.year
        return rate_parts(self.industries, first, last) if {first, last} <= years else None

    def name(self, code: str) -> str:
        """Return how charts and tables name a column of `rates`."""
        if code == OTHERS:
            return "All other partners"
        if code == MATCHED:
            return "Partners without an agreement"
        return self.spec.partner_names.get(code, code)

    def to_frame(self) -> pd.DataFrame:
        """Return the rates in long form: month, partner, rate_pct; a gap has no row."""
        long = self.rates.rename_axis("month").reset_index().melt("month", var_name="partner", value_name="rate_pct")
        return long.dropna().assign(month=lambda f: f["month"].astype(str)).reset_index(drop=True)

    def findings(self) -> Findings:
        """Return what chapter 08 may say."""
        return self._findings

    @cached_property
    def _findings(self) -> Findings:
        return tariff_findings(self)

    def __repr__(self) -> str:
        return f"Tariffs({self.name(self.spec.partner)}, {self.months.index[0]} to {self.last_month})"


def analyse_tariffs(
    monthly: pd.DataFrame,
    partners: pd.DataFrame,
    imports: pd.DataFrame,
    duties: pd.DataFrame,
    sectors: pd.DataFrame,
    averages: pd.DataFrame,
    *,
    spec: TariffsSpec,
) -> Tariffs:
    """Compile what was levied.

    Parameters
    ----------
    monthly : DataFrame
        `realised_duties_monthly`: the partner's own months.
    partners : DataFrame
        `partner_duties_monthly`: all partners, all goods.
    imports, duties : DataFrame
        `sector_imports_annual`, `sector_duties_annual`.
    sectors : DataFrame
        `sector_duties_monthly`.
    averages : DataFrame
        `average_tariffs`: averages before the agreement and after its first day, by the study that counted them.

    Raises
    ------
    MissingPartner
        The partner has no rows.
    MissingFigures
        The duty of the last full year before entry into force is not held.
    """
    months = partner_months(monthly, spec.partner)
    entry = spec.steps[0]
    trade = with_duties(imports[imports["months"] == MONTHS_A_YEAR], duties)
    levied = by_industry(trade, partner=spec.partner, matched=spec.matched)
    spared = held_rates(levied, spec.spared)
    industries = holding(levied, {(y, c): spared[c] for y, c in levied.index if c in spared and y > spec.spared[c]})
    saved = savings(months, industries, in_force=entry.month, divided=entry.divided)
    if saved is None:
        raise MissingFigures(
            f"The duty on imports from partner '{spec.partner}' is not held for {entry.month.year - 1}",
            expected="every month of the last full year before entry into force",
            do="Study an agreement for which it is: the chapter's `requires` leaves this one out",
        )
    held = all_months(partners)
    single = {code: rate(of) for code, of in held.items() if code not in (WORLD, spec.partner)}
    rates = pd.DataFrame(single).reindex(months.index)
    own = rate(months)
    # No placebo may reach into the months of added duties.
    quiet = own if spec.added_since is None else own.loc[: spec.added_since - 1]
    steps = tuple(estimate_step(quiet, rates, date, avoid=spec.steps) for date in spec.steps)
    rates[spec.partner] = own
    rates[OTHERS] = rate(held[WORLD] - held[spec.partner])
    rates[MATCHED] = rate(together(held, spec.matched))
    return Tariffs(
        spec,
        months,
        rates,
        steps,
        industries,
        saved,
        added_duties(
            months,
            held,
            sectors,
            since=spec.added_since,
            partner=spec.partner,
            shown=spec.peers,
            matched=spec.matched,
            spared=spared,
        ),
        averages,
    )
