"""The grid of starting points and ends: which columns have room, and the words around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.chapters.flows.measures import of as flows_of

if TYPE_CHECKING:
    from korus_research.data.study import Study

WIDEST = 15  # columns whose numbers can be read at the width of the page


def shown_ends(ends: list[str], evaluation: int | None) -> list[str]:
    """Return the end periods there is room for: beyond `WIDEST` every second year, the evaluation year and the last."""
    if len(ends) <= WIDEST:
        return ends
    odd = (evaluation or 0) % 2
    return [end for end in ends if not end.isdigit() or int(end) % 2 == odd or end == ends[-1]]


def grid_caption(study: Study, *, every: bool) -> str:
    """Return what a reader of the grid must know; `every` says whether all end years are drawn."""
    partial = flows_of(study).spec.partial_year
    parts = ["Colour deepens with a rise; a fall is grey."]
    if partial in study.agreement.baseline_years:
        parts.append(
            f"The row of {partial} starts from a year partly under the agreement; "
            "the last row from the 12 months before entry into force."
        )
    elif partial:
        parts.append("The last row starts from the 12 months before entry into force.")
    if not every:
        parts.append("Every second year is drawn; the data have all.")
    return " ".join(parts)


def starting_points(study: Study) -> str:
    """Return the sentence that says what the grid counts from."""
    flows = flows_of(study)
    # The recession and the rebound of world trade in 2009 and 2010.
    swings = "a crash and a recovery" if {"2009", "2010"} <= set(flows.starts_before) else "swings of their own"
    natural = "A change needs a point to count from, and none is the natural one: the years before the agreement hold"
    if flows.spec.partial_year is None:
        return (
            f"{natural} {swings}. [Figure](#fig-flows-grid) counts from each of the last years before it took effect."
        )
    return (
        f"{natural} {swings}, and the year in which it took effect is partly under it. [Figure](#fig-flows-grid) counts "
        "from each year, and from the last twelve months before the agreement took effect; the sentences below leave the "
        "year of entry into force out."
    )
