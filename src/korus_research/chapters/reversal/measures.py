"""How imports responded to the duties of 2025, and what it implies for its cuts (docs/methods/reversal.md)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from korus_research.chapters.reversal.cells import as_revised, cells, growth, monthly_imports
from korus_research.chapters.reversal.choices import Choices, declared
from korus_research.chapters.reversal.estimates import LEAD, WITHOUT_PARTNERS, estimates, left_out, placebos
from korus_research.chapters.tariffs.measures import Tariffs, of as tariffs_of
from korus_research.chapters.tariffs.rates import pooled_year
from korus_research.chapters.tariffs.schedule import sector_names
from korus_research.data.package.releases import first_known
from korus_research.data.study import Study, measured
from korus_research.errors import MissingFigures
from korus_research.show.declared import Result


@dataclass(frozen=True)
class Cut:
    """A fall of the duty in log points of one plus the rate, between two years."""

    size: float
    period: str


@dataclass(frozen=True)
class Reversal(Result):
    """The response to the duties of 2025; slopes are percent of imports for each percent on the price."""

    choices: Choices
    rows: pd.DataFrame  # the cells, see `cells.cells`
    estimates: pd.DataFrame  # by key, columns of `methods.panel_iv.Slope`
    without_partner: pd.DataFrame  # lead, squares, by partner left out
    without_industry: pd.DataFrame  # the same, by industry
    placebos: pd.DataFrame  # the same, by year whose growth stands in for that of 2025
    cuts: Mapping[str, Cut]  # `own`: of the duty on the partner; `margin`: against partners without an agreement
    imports_before: float  # imports for consumption in the last full year before entry into force, US dollars
    partner_names: Mapping[str, str]
    industry_names: Mapping[str, str]
    names: Mapping[str, str | Sequence[str]]

    @property
    def implied(self) -> tuple[float, float, float]:
        """Return what the cut of the agreement implies for imports, percent: the lead at the own cut, least, most.

        Least and most are over both cuts and all slopes with effects of partners: ways to estimate, not chance.
        """
        slopes = self.estimates.drop(index=list(WITHOUT_PARTNERS))["value"]
        every = [implied(float(slope), cut.size) for slope in slopes for cut in self.cuts.values()]
        return implied(float(slopes[LEAD]), self.cuts["own"].size), min(every), max(every)

    def __repr__(self) -> str:
        return f"Reversal({len(self.rows)} cells, {float(self.estimates['value'].iloc[0]):.2f})"


def implied(slope: float, cut: float) -> float:
    """Return the percent change of imports that a slope implies for a cut in log points."""
    return 100 * math.expm1(-slope * cut)


@measured
def of(study: Study) -> Reversal:
    """Return the response to the duties of 2025.

    Raises
    ------
    NotIdentified
        The duties don't vary within partners and industries.
    MissingPartner, MissingFigures
        The duty of the year before the agreement is not held, or the data end before the months compared.
    """
    choices, as_of = declared(), study.parameters.as_of
    if as_of < choices.last:
        raise MissingFigures(
            f"The duties of {choices.year} are compared to {choices.last}, and the data end in {as_of}",
            expected=f"data to {choices.last}",
            do="Choose a later month as as_of",
        )
    late = study.load("sector_duties_monthly")
    statutory = study.load("added_duties_statutory")
    earlier, revised = study.load("sector_imports_earlier"), None
    imports = monthly_imports(late, earlier)
    rows = cells(imports, late, statutory, choices)
    first = first_known(study.load("partner_duties_replaced"), ("partner", "month"))
    if len(first):  # none, among values as published before the revision
        scaled = as_revised(late, study.load("partner_duties_monthly"), first)
        revised = cells(monthly_imports(scaled, earlier), scaled, statutory, choices)
    groups = study.load("sector_groups")
    tariffs = tariffs_of(study)
    before = tariffs.steps[0].date.month.year - 1
    year = tariffs.months[pd.PeriodIndex(tariffs.months.index).year == before]
    return Reversal(
        choices=choices,
        rows=rows,
        estimates=estimates(rows, revised, choices),
        without_partner=left_out(rows, "partner"),
        without_industry=left_out(rows, "code"),
        placebos=placebos(rows, {year: growth(imports, year, choices) for year in choices.placebo_years}),
        cuts=_cuts(tariffs),
        imports_before=float(year["imports_usd"].sum()),
        partner_names=study.partner_names,
        industry_names=sector_names(groups[groups["classification"] == "naics3"]),
        names={**study.names, "reporter": study.agreement.reporter.short},
    )


def _cuts(tariffs: Tariffs) -> dict[str, Cut]:
    """Return the fall of the duty on the partner under the agreement, and the margin over others in the last year."""
    first, last = tariffs.steps[0].date.month.year - 1, tariffs.year_before_added
    before, after = pooled_year(tariffs.months, first), pooled_year(tariffs.months, last)
    cuts = {}
    if before is not None and after is not None:
        cuts["own"] = Cut(math.log1p(before / 100) - math.log1p(after / 100), f"{first} to {last}")
    margins = tariffs.savings.annual.loc[:last, ["matched_rate", "rate"]].dropna()
    if len(margins):
        theirs, own = (math.log1p(float(margins[name].iloc[-1]) / 100) for name in ("matched_rate", "rate"))
        cuts["margin"] = Cut(theirs - own, str(margins.index[-1]))
    return cuts
