"""What the notebook opens with, and what it says only in some editions."""

from __future__ import annotations

from korus_research.chapters.forecasts.measures import Forecasts, of as forecasts_of
from korus_research.chapters.forecasts.saved import saved_beside
from korus_research.chapters.gathered import gathered
from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.data.study import Study, known
from korus_research.show.words.prose import Prose
from korus_research.show.words.text import Words

WORDS = Words("forecasts")


def compared_forecasts(study: Study, findings_file: str = "") -> Forecasts:
    """Return the comparison, with gravity and the specification curve from `findings_file` where the run wrote one.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    MissingFigures
        No forecast of this agreement is held.
    """
    return forecasts_of(study, gathered(study, findings_file)) if findings_file else forecasts_of(study)


def savings_beside(study: Study) -> Prose | None:
    """Return the duty saved as published beside our two readings; None where either is not held by then."""
    if (tariffs := known(tariffs_of, study)) is None or (forecasts := known(forecasts_of, study)) is None:
        return None
    found = saved_beside(study.load("published_estimates"), tariffs, forecasts.own)
    return WORDS.say("saved", found) if found else None
