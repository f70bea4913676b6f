"""The plan of an edition: its parameters with defaults filled in, and the chapters that it can have.

Both need the tables; they are cached, so that an unchanged report loads none.
"""

from __future__ import annotations

import json
from calendar import month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.data.agreements import OwnFile, list_agreements, load_agreement, own_file
from korus_research.data.cache.store import digest
from korus_research.data.catalog import open_catalog
from korus_research.data.parameters import ReportParameters, ResolvedParameters, check_published
from korus_research.errors import InvalidAgreement, InvalidChapter
from korus_research.run.chapters import Chapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from korus_research.chapters.lacking import Lack
    from korus_research.data.agreements import Agreement
    from korus_research.data.cache.store import Cache
    from korus_research.run.dependencies import BuildInputs


@dataclass(frozen=True)
class Plan:
    """One edition to make: its agreement, its parameters, and what it lacks for which chapter, by topic.

    `own` is the file of a user's own agreement.
    """

    agreement: Agreement
    resolved: ResolvedParameters
    lacks: Mapping[str, Lack]
    own: OwnFile | None = None

    @property
    def edition(self) -> str:
        """The folder of the edition among all editions, "korus/2026-07".

        With values as published then, or a baseline or peers other than the agreement's, it is a variant, as in
        "korus/2025-11-published" and "korus/2026-07-baseline-2008".
        """
        name, own = f"{self.agreement.id}/{self.resolved.as_of}", self.agreement
        if self.resolved.published:
            name += f"-{self.resolved.values}"
        if self.resolved.baseline_year != own.baseline_year:
            name += f"-baseline-{self.resolved.baseline_year}"
        if self.resolved.comparators != tuple(peer.census_code for peer in own.comparators):
            name += f"-peers-{'-'.join(self.resolved.comparators)}"
        return name

    def present(self, chapters: Sequence[Chapter]) -> list[Chapter]:
        """Return the chapters of the edition.

        InvalidChapter if values are as published then and a chapter does not read that parameter: it would use today's.
        """
        there = [chapter for chapter in chapters if chapter.key not in self.lacks]
        for chapter in there if self.resolved.published else ():
            if "values" not in chapter.names:
                raise InvalidChapter(
                    f"The parameters cell of {chapter.path.name} lacks values, which is '{self.resolved.values}'",
                    do='Add `values = "today"` there, and `values=values` to open_study',
                )
        return there

    def left_out(self, chapters: Sequence[Chapter]) -> list[tuple[str, str]]:
        """Return title and reason of each chapter that the edition lacks."""
        from korus_research.chapters.lacking import reason

        year, month = self.resolved.as_of.split("-")  # not by analysis.series, which imports pandas
        spoken = f"{month_name[int(month)]} {year}"
        return [(c.title, reason(self.lacks[c.key], spoken)) for c in chapters if c.key in self.lacks]


def planned(
    parameters: ReportParameters, cache: Cache, inputs: BuildInputs, *, computing: Callable[[], None] | None = None
) -> Plan:
    """Return the plan of an edition.

    Parameters
    ----------
    parameters : ReportParameters
        As given; None is the agreement's own default.
    cache : Cache
        Keeps plans.
    inputs : BuildInputs
        The present package and tables.
    computing : callable, optional
        Called before the plan is computed if it is not cached, so that other slow work may start.

    Raises
    ------
    UnknownAgreement, InvalidAgreement, InvalidParameter, DamagedData
        What is wrong with the parameters, the agreement's file, or the tables.
    """
    agreement, own = load_agreement(parameters.agreement), own_file(parameters.agreement)
    if own is not None:
        from korus_research.chapters.lacking import check_own

        check_id(agreement)
        check_own(parameters.agreement, agreement)
    named = parameters.model_copy(update={"agreement": own.name if own else agreement.id})
    content = [named.model_dump(), own and own.sha256, inputs.planning, inputs.tables, inputs.environment]
    key = f"plan-{digest(json.dumps(content, sort_keys=True))}"
    if (known := cache.read(key, lambda kept: _remembered(kept, named))) is not None:
        return Plan(agreement, *known, own)
    from korus_research.chapters.lacking import lacking

    if computing is not None:
        computing()
    resolved = parameters.resolve(agreement)
    if resolved.published:
        check_published(open_catalog(), agreement, resolved.as_of)
    plan = Plan(agreement, resolved, lacking(resolved, agreement), own)
    cache.put(key, json.dumps({"resolved": resolved.model_dump(), "lacks": dict(plan.lacks)}).encode())
    return plan


def _remembered(kept: bytes, parameters: ReportParameters) -> tuple[ResolvedParameters, Mapping[str, Lack]]:
    known = json.loads(kept)
    resolved = ResolvedParameters.model_validate(known["resolved"])
    asked = parameters.model_dump(exclude_none=True)
    if asked.items() - resolved.model_dump().items():
        raise ValueError("a plan of another edition")
    return resolved, {str(topic): (str(by), str(key)) for topic, (by, key) in known["lacks"].items()}


def check_id(agreement: Agreement) -> None:
    """Check that a user's own agreement has an id that no agreement of the package has; InvalidAgreement if not.

    Otherwise its editions would replace those of the package's agreement.
    """
    if agreement.id in list_agreements():
        raise InvalidAgreement(
            f"id is {agreement.id!r}, which is also an agreement of the package",
            expected="another id, because it names the folder of the edition",
            do="Change id in the file",
        )
