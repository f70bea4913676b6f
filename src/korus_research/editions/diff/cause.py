"""Why numbers and verdicts changed between two editions: the newer is reverted to the older in steps, each a run.

Parameters are reverted first, since the older tables may lack the newer month; then the tables. What then still differs
from the published edition is due to the code. docs/diff.md explains the limits (decision 123).
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from korus_research.data.cache.store import digest
from korus_research.data.catalog import open_catalog
from korus_research.data.parameters import ReportParameters
from korus_research.data.toml import read_toml
from korus_research.editions.diff.difference import WORDS, claims_of, data_of, findings_of, named
from korus_research.editions.diff.exhibits import traced
from korus_research.editions.diff.held import hold
from korus_research.editions.diff.models import Cause, Share, Step, Traced, by_step
from korus_research.editions.diff.rerun import Found, rerun, rerun_with
from korus_research.editions.edition import Edition
from korus_research.errors import ChapterFailed, InvalidParameter
from korus_research.run.progress import Progress

SAME = 1e-9  # relative: smaller differences are due to the order of summation


def cause(
    before: Edition,
    now: Edition,
    *,
    data: Path | None = None,
    progress: Progress | None = None,
) -> Cause:
    """Return why findings, verdicts, cells of tables and values of figures changed, of those that both editions have.

    Parameters
    ----------
    before, now : Edition
        `now` must be made from the present data package.
    data : Path, optional
        The data package of `before`; default: searched in the history of the checkout.
    progress : Progress, optional
        Display of the runs.

    Raises
    ------
    InvalidParameter
        `now` has other tables, the editions are of two agreements, or the tables of `before` can't be found.
    ChapterFailed
        A chapter fails with the present code and tables.
    """
    _check(before, now)
    notes: list[str] = []
    words, told = read_toml(WORDS).content["note"], progress or Progress()
    old, new = _given(before), _given(now)
    told.step("the newer edition again")
    chain: list[tuple[Step, Found]] = [("rest", rerun(new, progress=told))]
    if any(before.manifest.get(key) != now.manifest.get(key) for key in ("parameters", "agreement_file")):
        told.step("with the earlier parameters")
        chain.append(("parameters", rerun(old, progress=told)))
    with tempfile.TemporaryDirectory() as folder:
        held = hold(before, Path(folder) / "tables", data)
        last: Step = "method"
        if held.tables:
            told.step("with the earlier tables")
            try:
                chain.append(("data", rerun_with(Path(folder) / "tables", old)))
            except ChapterFailed as error:
                notes.append(words["fails"].format(found=error.found))
                last = "rest"
    # From the older edition to the newer: as published, with the present code, then with the tables, then with all.
    states = [_published(before), *(found for _, found in reversed(chain)), _published(now)]
    steps: list[Step] = [last, *(step for step, _ in reversed(chain[1:])), "rest"]
    findings = _moves([one.findings for one in states], steps, _said)
    verdicts = _moves([one.claims for one in states], steps, _judged)
    if any(shares[-1].step == "rest" for shares in (*findings.values(), *verdicts.values())):
        notes.append(words["rest"])
    return Cause(
        order=(*(step for step, _ in chain[1:]), last, "words"),
        held=held.tables,
        open=held.open,
        notes=tuple(notes),
        findings=findings,
        verdicts=verdicts,
        **_exhibits([one.exhibits for one in states], steps),
    )


def _given(edition: Edition) -> dict[str, Any]:
    """Return the parameters of an edition as arguments; a user's own agreement is the file in the edition."""
    given = {k: v for k, v in edition.manifest["parameters"].items() if k in ReportParameters.model_fields}
    own = edition.manifest.get("agreement_file")
    return given | ({"agreement": str(edition.folder / "notebooks" / own["name"])} if own else {})


def _published(edition: Edition) -> Found:
    return Found(findings_of(edition), claims_of(edition), data_of(edition))


def _check(before: Edition, now: Edition) -> None:
    if before.manifest["agreement"] != now.manifest["agreement"]:
        raise InvalidParameter("The editions are of different agreements", expected="two editions of one agreement")
    catalog = open_catalog()
    today = {name: digest(catalog.describe(name).path.read_bytes()) for name in catalog.names}
    if other := [
        name for name in today.keys() | now.manifest["data"].keys() if today.get(name) != now.manifest["data"].get(name)
    ]:
        raise InvalidParameter(
            f"{now.manifest['edition']} was made from other tables than today's package: {min(other)} differs",
            expected="an edition made with today's package",
            do="Make it again with `korus report`, or check out the commit that made it",
        )


def _said(one: Mapping[str, Any]) -> tuple[str, float | None]:
    return str(one.get("state") or one["text"] or "–"), one["value"]


def _judged(one: Mapping[str, Any]) -> tuple[str, float | None]:
    return named(one["verdict"]), None


def _moves(
    states: Sequence[Mapping[str, Mapping[str, Any]]],
    steps: Sequence[Step],
    read: Callable[[Mapping[str, Any]], tuple[str, float | None]],
) -> dict[str, tuple[Share, ...]]:
    """Return the changes by step for each id that the first and the last state have."""
    moves = {}
    for name in (name for name in states[-1] if name in states[0]):
        found = [read(state[name]) if name in state else ("–", None) for state in states]
        moves[name] = _shares(found, steps)
    return {name: shares for name, shares in moves.items() if shares}


def _exhibits(states: Sequence[Mapping[str, str]], steps: Sequence[Step]) -> dict[str, Any]:
    """Return the changes by step in tables (by cell) and figures (counted) that the first and last state have."""
    found = {}
    for name in (name for name in states[-1] if name in states[0] and states[0][name] != states[-1][name]):
        cells = traced([state.get(name, "") for state in states])
        found[name] = tuple(
            Traced(row=row, column=column, shares=_shares([_read(text) for text in cell], steps))
            for (row, column), cell in cells.items()
        )
    figures = {name: of for name, of in found.items() if name.startswith("figures/")}
    counts = {name: by_step((one.shares for one in of), steps) for name, of in figures.items()}
    return {"tables": {name: of for name, of in found.items() if name not in figures}, "figures": counts}


def _read(text: str | None) -> tuple[str, float | None]:
    """Return the text of a cell, and its number if it is one."""
    try:
        number = float(text or "")
    except ValueError:
        return text or "–", None
    return str(text), number if math.isfinite(number) else None


def _shares(found: Sequence[tuple[str, float | None]], steps: Sequence[Step]) -> tuple[Share, ...]:
    """Return the changes of one thing by step, from its text and value in each state."""
    pairs = zip(steps, pairwise(found), strict=True)
    return tuple(_share(step, before, now) for step, (before, now) in pairs if before[0] != now[0])


def _share(step: Step, before: tuple[str, float | None], now: tuple[str, float | None]) -> Share:
    (text, was), (said, is_) = before, now
    if was is None or is_ is None:
        return Share(step=step, before=text, now=said)
    reworded = step == "method" and math.isclose(was, is_, rel_tol=SAME, abs_tol=SAME)
    return Share(step="words" if reworded else step, before=text, now=said, change=is_ - was)
