"""Which chapters an edition must leave out, and why: each says so in `coverage.py` and its words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from korus_research.chapters.topic import HERE

if TYPE_CHECKING:
    from korus_research.data.agreements import Agreement
    from korus_research.data.parameters import ResolvedParameters

Lack = tuple[str, str]  # whose words say it, and under which key of [lacking]


def coverages(what: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield topic and `coverage` module of the chapters whose module has `what` ("lacks", "rests_on"), by name."""
    for path in sorted(HERE.glob("*/coverage.py")):
        module = import_module(f"korus_research.chapters.{path.parent.name}.coverage")
        if hasattr(module, what):
            yield path.parent.name, module


def lacking(parameters: ResolvedParameters, agreement: Agreement | None = None) -> Mapping[str, Lack]:
    """Return what each chapter lacks at the edition's month, by topic; a chapter that lacks nothing is not in it.

    `agreement` is needed where its file is one's own: the parameters don't say in which folder that lies.

    Raises
    ------
    UnknownAgreement, InvalidAgreement, InvalidClaim
        The agreement or a claim file can't be read.
    """
    from korus_research.data.agreements import load_agreement
    from korus_research.data.catalog import open_catalog
    from korus_research.data.study import Study

    study = Study(agreement or load_agreement(parameters.agreement), parameters, open_catalog())
    found = {topic: module.lacks(study) for topic, module in coverages("lacks")}
    return {topic: lack for topic, lack in found.items() if lack is not None}


def check_own(name: str | Path, agreement: Agreement) -> None:
    """Check what a user's agreement file says about chapters: its findings are declared, its claims can be judged.

    `name` is the path of the file. InvalidAgreement or InvalidClaim, with the line, for the first that isn't.
    """
    for _, module in coverages("check_own"):
        module.check_own(name, agreement)
    _check_findings(name, agreement)


def _check_findings(name: str | Path, agreement: Agreement) -> None:
    from korus_research.data.agreements.held import in_file
    from korus_research.show.declared import declarations

    for number, confounder in enumerate(agreement.confounders):
        for place, finding in enumerate(confounder.measures):
            topic, _, rest = finding.partition(".")
            if not (HERE / topic / "findings.toml").is_file() or rest not in declarations(topic):
                raise in_file(
                    name,
                    ("confounder", number, "measures", place),
                    f"is '{finding}'",
                    expected="the id of a finding, as in the findings.json of an edition",
                )


def reason(lack: Lack, as_of: str) -> str:
    """Return the sentence that says why a chapter is left out; `as_of` is written out ("July 2026")."""
    from korus_research.show.words.sentence import capital
    from korus_research.show.words.text import Words

    topic, key = lack
    return f"{capital(str(Words(topic).entry(f'lacking.{key}')).format(as_of=as_of))}."
