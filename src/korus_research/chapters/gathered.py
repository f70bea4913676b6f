"""The findings of all chapters: read from the file of a run, or computed in a notebook opened alone."""

from __future__ import annotations

import json
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.chapters.lacking import lacking
from korus_research.chapters.topic import measured
from korus_research.errors import MissingInput, UnknownFinding
from korus_research.show.finding import Findings

if TYPE_CHECKING:
    from korus_research.data.study import Study


def gathered(study: Study, findings_file: str = "") -> Findings:
    """Return the findings of the whole report.

    Parameters
    ----------
    study : Study
        Computes every finding where no file is given, as when a notebook is opened alone in JupyterLab.
    findings_file : str
        JSON list of findings gathered from the chapters of the same run.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    """
    if not findings_file:
        return all_findings(study)
    try:
        return Findings.from_json(json.loads(Path(findings_file).read_text("utf-8")), study.names)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnknownFinding(
            f"{Path(findings_file).name} can't be read as findings ({error})",
            expected="the findings.json that `korus report` writes",
            do="Run the whole report, or leave findings_file empty",
        ) from None


APART = ("claims",)  # it judges what the others have found


def all_findings(study: Study) -> Findings:
    """Return the findings of every topic that the agreement and the month allow, but claims and the curve."""
    found, lacks = Findings((), study.names), lacking(study.parameters, study.agreement)
    for topic in measured():
        if topic not in (*APART, *lacks):
            with suppress(MissingInput):
                found = found | import_module(f"korus_research.chapters.{topic}.measures").of(study).findings()
    return found
