"""The preference line by line in one year, and growth against cuts of a user (docs/methods/products.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from korus_research.chapters.products.choices import Choices, declared
from korus_research.chapters.products.files import line_files
from korus_research.chapters.products.lines import LineEstimates, estimate_lines
from korus_research.chapters.products.preference import Preference, preference
from korus_research.data.study import Study
from korus_research.errors import MissingFigures
from korus_research.methods.series import FLOWS
from korus_research.show.declared import Result


@dataclass(frozen=True)
class Products(Result):
    """Lines of the tariff: the preference in one year, and estimates by flow from a user's files (empty without)."""

    preference: Preference
    estimates: Mapping[str, LineEstimates]
    choices: Choices
    names: Mapping[str, str | Sequence[str]]

    def __repr__(self) -> str:
        return f"Products({self.preference.year}, {len(self.preference.lines)} lines)"


def of(study: Study) -> Products:
    """Return the measures line by line; not remembered, as a user's files are no tables of the package.

    Raises
    ------
    MissingFigures
        No line of the partner is held.
    DamagedData
        A user's file is not what docs/data.md says.
    """
    choices, partner = declared(), study.agreement.partner.census_code
    held = preference(study.load("preference_lines"), partner, choices.least_pct)
    if held is None:
        raise MissingFigures(
            f"The lines of partner '{partner}' do not reach {study.parameters.as_of}",
            expected="a partner of the table preference_lines, and its year",
            do="See `korus data show preference_lines`",
        )
    files = line_files()
    found: dict[str, LineEstimates] = {}
    if files is not None:
        last = min(study.agreement.evaluation_year, int(files.trade["year"].max()), int(study.parameters.as_of[:4]))
        years = study.agreement.dates.in_force.year - 1, last
        made = {flow: estimate_lines(files, flow, partner, years, choices) for flow in FLOWS}
        found = {flow: one for flow, one in made.items() if one is not None}
    return Products(held, found, choices, {**study.names, "reporter": study.agreement.reporter.short})
