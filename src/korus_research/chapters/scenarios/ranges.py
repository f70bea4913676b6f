"""The ranges of the scenarios: their kinds, and their sides of zero."""

from __future__ import annotations

from korus_research.chapters.scenarios.measures import Scenarios
from korus_research.chapters.scenarios.model.choices import Key
from korus_research.show.words.text import Words

WORDS = Words("scenarios")
NEW_LEAD = "duties_partner.real_income.reporter"  # says why there are no scenarios of new duties; the others repeat it
PLACES = {"real_income": 3, "world": 3, "exports": 2, "flow": 1}  # digits printed, by which a range includes zero


def range_kind(result: Scenarios, key: Key) -> str:
    """Return in words what the range of a scenario is over."""
    thetas, spec = sorted(result.spec.elasticities), result.spec
    given = {"low": f"{thetas[0]:g}", "high": f"{thetas[-1]:g}"}
    if key in spec.estimates:
        return WORDS.label("range.draws", level=f"{100 * spec.estimates[key].level:.0f}", **given)  # type: ignore[index]
    former = result.duties.former
    kind = "new" if key != "mfn" else "cases" if former is None or former.first_day is None else "first_day"
    return WORDS.label(f"range.{kind}", **given)


def side(low: float, high: float, decimals: int) -> str:
    """Return where a range lies by the digits printed: `above` zero, `below` it, or `open` where it holds zero."""
    return "above" if round(low, decimals) > 0 else "below" if round(high, decimals) < 0 else "open"
