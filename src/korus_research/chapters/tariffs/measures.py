"""The tariffs of an agreement: duties calculated at entry, of the partner and others (docs/methods/tariffs.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.tariffs import savings, schedule
from korus_research.chapters.tariffs.added import OTHERS, Added, added_duties, whole
from korus_research.chapters.tariffs.rates import Revision, all_months, partner_months, rate, revision, together
from korus_research.chapters.tariffs.savings import Savings
from korus_research.chapters.tariffs.steps import Step, StepDate, estimate_step
from korus_research.data.agreements import Agreement
from korus_research.data.package.releases import first_known
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.methods.series import MONTHS_A_YEAR, WORLD
from korus_research.show.declared import Result

MATCHED = "matched"
# Origins in `partner_tariffs_annual` that are shown, by the key of their column: the reporter's goods first.
ORIGINS = {"own": "USA", "union": "EU", "all": "all", "none": "no agreement"}
AIMED = ("china_duties", "sanctions")  # reasons of `donor_status`: duties aimed at a partner


@dataclass(frozen=True)
class Tariffs(Result):
    """Duties calculated at entry, by codes of partners and industries."""

    agreement: Agreement
    as_of: str  # last month of the edition
    partner_names: Mapping[str, str]
    sector_names: Mapping[str, str]
    names: Mapping[str, str]  # of the study, for sentences
    months: pd.DataFrame  # the partner's imports_usd and duty_usd by month, NaN where the source has none
    others: tuple[str, ...]  # the other partners of which every month is held
    # Realised rates by month, percent: the partner, `others` and `matched` together, and single partners by code;
    # others begin and end where their source does.
    rates: pd.DataFrame
    steps: tuple[Step, ...]  # entry into force first, then the dates on which the reporter's own schedule steps down
    # By (year, code), whole years: imports, duty, rate, and the rate of the matched partners, as levied and with the
    # exempt industries held.
    industries: pd.DataFrame
    savings: Savings
    added: Added | None
    revision: Revision | None
    applied: pd.DataFrame  # `partner_tariffs_annual` of the partner: year, origin, measure, value
    averages: pd.DataFrame  # `average_tariffs`: importer, exporter, stage, rate_pct

    @property
    def partner(self) -> str:
        """Return the Census code of the partner."""
        return self.agreement.partner.census_code

    @property
    def exempt(self) -> Mapping[str, int]:
        """Return the industries in which duties began that spared the partner, with the last whole year before."""
        return schedule.exempt_industries(self.agreement, self.as_of)

    @property
    def added_since(self) -> pd.Period | None:
        """Return the month of the first duty added outside the agreement; None before any."""
        return schedule.added_since(self.agreement, self.as_of)

    @property
    def gaps(self) -> list[pd.Period]:
        """Return the months of the partner without figures, between the first and the last."""
        return list(self.months.index[self.months.isna().any(axis=1)])

    @property
    def last_month(self) -> str:
        """Return the last month of the partner's duty, "YYYY-MM"."""
        return str(self.months.index[-1])

    @property
    def last_before_added(self) -> pd.Period:
        """Return the last month of the partner before any added duty."""
        last: pd.Period = self.months.index[-1]
        since = self.added_since
        return last if since is None or last < since else since - 1

    @property
    def year_before_added(self) -> int:
        """Return the last whole year before any added duty."""
        end = self.last_before_added
        return int(end.year if end.month == 12 else end.year - 1)

    def parts(self, date: StepDate) -> pd.DataFrame | None:
        """Return the change of the rate from the year before a step to its year, by industry; None if not held."""
        years = set(self.industries.index.get_level_values("year"))
        first, last = date.month.year - 1, date.month.year
        return savings.rate_parts(self.industries, first, last) if {first, last} <= years else None

    def sector(self, code: str) -> str:
        """Return the name of an industry."""
        return self.sector_names.get(code, code)

    def to_frame(self) -> pd.DataFrame:
        """Return the rates in long form: month, partner, rate_pct; a gap has no row."""
        long = self.rates.rename_axis("month").reset_index().melt("month", var_name="partner", value_name="rate_pct")
        return long.dropna().assign(month=lambda f: f["month"].astype(str)).reset_index(drop=True)

    def __repr__(self) -> str:
        who = self.partner_names.get(self.partner, self.partner)
        return f"Tariffs({who}, {self.months.index[0]} to {self.last_month})"


@measured
def of(study: Study) -> Tariffs:
    """Return the duties calculated at entry on imports from the partner.

    Raises
    ------
    MissingPartner
        The partner has no rows.
    MissingFigures
        The duty of the last full year before entry into force is not held, or no duty by partner yet.
    """
    agreement, as_of, partner = study.agreement, study.parameters.as_of, study.agreement.partner.census_code
    tariffs_theirs = study.load("partner_tariffs_annual")
    months = partner_months(study.load("realised_duties_monthly"), partner)
    dates, since = schedule.schedule_steps(agreement, as_of), schedule.added_since(agreement, as_of)
    exempt, matched = schedule.exempt_industries(agreement, as_of), matched_partners(study)
    imports = study.load("sector_imports_annual")
    trade = savings.with_duties(imports[imports["months"] == MONTHS_A_YEAR], study.load("sector_duties_annual"))
    levied = savings.by_industry(trade, partner=partner, matched=matched)
    fixed = savings.held_rates(levied, exempt)
    industries = savings.holding(levied, {(y, c): fixed[c] for y, c in levied.index if c in fixed and y > exempt[c]})
    saved = savings.savings(months, industries, in_force=dates[0].month, divided=dates[0].divided)
    if saved is None:
        raise MissingFigures(
            f"The duty on imports from partner '{partner}' is missing for {dates[0].month.year - 1}",
            expected="every month of the last full year before entry into force",
            do="Study an agreement for which it is: chapters/tariffs/coverage.py leaves this one out",
        )
    held = all_months(study.load("partner_duties_monthly"))
    others = whole(held, besides=partner)
    single, own = single_rates(held, months.index, partner), rate(months)
    # No placebo may reach into the months of added duties.
    before_added = own if since is None else own.loc[: since - 1]
    peers, groups = study.parameters.comparators, study.load("sector_groups")
    sectors = study.load("sector_duties_monthly")
    first = first_known(study.load("partner_duties_replaced"), ("partner", "month"))
    return Tariffs(
        agreement=agreement,
        as_of=as_of,
        partner_names=study.partner_names,
        sector_names=schedule.sector_names(groups[groups["classification"] == "naics3"]),
        names=study.names,
        months=months,
        others=others,
        rates=single.assign(
            **{partner: own, OTHERS: rate(together(held, others)), MATCHED: rate(together(held, matched))}
        ),
        steps=tuple(estimate_step(before_added, single, date, avoid=dates) for date in dates),
        industries=industries,
        savings=saved,
        added=added_duties(months, held, sectors, since, partner, shown=peers, matched=matched, fixed=fixed),
        revision=revision(first, held, partner, others),
        applied=tariffs_theirs[tariffs_theirs["importer"] == agreement.partner.iso3],
        averages=study.load("average_tariffs"),
    )


def matched_partners(study: Study) -> tuple[str, ...]:
    """Return the partners without an agreement and without duties aimed at them, held in every month, by code.

    Duties on a kind of goods whoever sends them are in their rates.
    """
    reasons = study.load("donor_status")
    aimed = set(reasons.loc[reasons["reason"].isin(AIMED), "partner"])
    left_out = {*study.load("us_agreements")["partner"], *aimed}
    held = all_months(study.load("partner_duties_monthly"))
    return tuple(sorted(set(whole(held, besides=study.agreement.partner.census_code)) - left_out))


def single_rates(held: Mapping[str, pd.DataFrame], months: pd.Index, partner: str) -> pd.DataFrame:
    """Return the rates of single partners other than `partner` on the given months, percent, one column each."""
    return pd.DataFrame({c: rate(of) for c, of in held.items() if c not in (WORLD, partner)}).reindex(months)


def applied_by_origin(tariffs: Tariffs) -> pd.DataFrame:
    """Return year, origin and value (percent) of the partner's applied tariffs from the year before the agreement."""
    table, first = tariffs.applied, tariffs.steps[0].date.month.year - 1
    kept = (table["measure"] == "applied") & table["origin"].isin(list(ORIGINS.values())) & (table["year"] >= first)
    return table.loc[kept, ["year", "origin", "value"]].sort_values(["year", "origin"], ignore_index=True)
