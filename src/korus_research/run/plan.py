"""What is to be made: the parameters with their defaults filled in, and which chapters the agreement can have.

Both need the tables; they are remembered, so that a report for which nothing has changed loads none.
"""

from __future__ import annotations

import json
from calendar import month_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.data.cache.store import digest
from korus_research.data.parameters import ReportParameters, ResolvedParameters
from korus_research.errors import UnknownAgreement
from korus_research.run.chapters import Chapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from korus_research.chapters.lacking import Lack
    from korus_research.data.agreements import Agreement
    from korus_research.data.cache.store import Cache
    from korus_research.run.dependencies import BuildInputs


@dataclass(frozen=True)
class Plan:
    """One edition to be made: its agreement, its parameters, and what it lacks that chapters need, by topic."""

    agreement: Agreement
    resolved: ResolvedParameters
    lacks: Mapping[str, Lack]

    @property
    def edition(self) -> str:
        """The edition's folder below that of all editions, "korus/2026-07".

        With another baseline or other peers than the agreement's own it is a variant beside that one, as in
        "korus/2026-07-baseline-2008".
        """
        name, own = f"{self.resolved.agreement}/{self.resolved.as_of}", self.agreement
        if self.resolved.baseline_year != own.baseline_year:
            name += f"-baseline-{self.resolved.baseline_year}"
        if self.resolved.comparators != tuple(peer.census_code for peer in own.comparators):
            name += f"-peers-{'-'.join(self.resolved.comparators)}"
        return name

    def present(self, chapters: Sequence[Chapter]) -> list[Chapter]:
        """Return the chapters that the edition has."""
        return [chapter for chapter in chapters if chapter.key not in self.lacks]

    def left_out(self, chapters: Sequence[Chapter]) -> list[tuple[str, str]]:
        """Return title and reason of each chapter that it can't have."""
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
        As given; None stands for the agreement's own default.
    cache : Cache
        Where plans are remembered.
    inputs : BuildInputs
        The package and its tables as they are.
    computing : callable, optional
        Is called first where the plan is not remembered: what else takes time may begin meanwhile.

    Raises
    ------
    UnknownAgreement, InvalidParameter, DamagedData
        What is wrong with the parameters, or with the tables.
    """
    check_named(parameters.agreement)
    content = [parameters.model_dump(), inputs.planning, inputs.tables, inputs.environment]
    key = f"plan-{digest(json.dumps(content, sort_keys=True))}"
    if (known := cache.read(key, lambda kept: _remembered(kept, parameters))) is not None:
        return known
    from korus_research.chapters.lacking import lacking

    if computing is not None:
        computing()
    resolved = parameters.resolve()
    plan = Plan(load_agreement(resolved.agreement), resolved, lacking(resolved))
    cache.put(key, json.dumps({"resolved": resolved.model_dump(), "lacks": dict(plan.lacks)}).encode())
    return plan


def _remembered(kept: bytes, parameters: ReportParameters) -> Plan:
    known = json.loads(kept)
    resolved = ResolvedParameters.model_validate(known["resolved"])
    asked = parameters.model_dump(exclude_none=True)
    if asked.items() - resolved.model_dump().items():
        raise ValueError("a plan of another edition")
    lacks = {str(topic): (str(by), str(key)) for topic, (by, key) in known["lacks"].items()}
    return Plan(load_agreement(resolved.agreement), resolved, lacks)


def check_named(agreement: str) -> None:
    """Return if `agreement` names a file of agreements/.

    A file by its path would do for a study, but a report names its agreement in folders, links and notebooks.

    Raises
    ------
    UnknownAgreement
        It is a path.
    """
    if agreement.endswith(".toml"):
        raise UnknownAgreement(
            f"{agreement!r} is a file, not the name of an agreement",
            expected=f"one of {', '.join(list_agreements())}",
            do="Put the file into src/korus_research/data/agreements/ and give its name",
        )
