"""The paragraph on meat and beef."""

from __future__ import annotations

from korus_research.chapters.sectors.beef import beef_of
from korus_research.chapters.sectors.measures import of as sectors_of
from korus_research.data.study import Study
from korus_research.show.words.prose import Prose
from korus_research.show.words.text import Words

WORDS = Words("sectors")


def meat(study: Study) -> Prose | None:
    """Return the paragraph on meat and beef; None where nothing is known."""
    prose = WORDS.say("meat", (sectors_of(study), beef_of(study)))
    return prose if prose.sentences else None
