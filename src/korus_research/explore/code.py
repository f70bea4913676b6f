"""An estimate as the Python that makes it again: what "keep this" of the bench writes down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from korus_research.explore.estimate import Estimate


def code_of(found: Estimate, name: str = "mine") -> str:
    """Return a cell that makes an estimate again and calls it `name`: every choice is written out, none is usual."""
    chosen, study = found.choices, found.study
    given = {
        "partner": found.partner,
        "starting": chosen.starting,
        "before": chosen.before,
        "after": chosen.after,
        "without": chosen.without,
        "donors": [found.panel.name(code) for code in chosen.donors],
        "rule": chosen.rule,
        "threshold": chosen.threshold,
        "estimator": chosen.estimator,
        "outcome": chosen.outcome,
        "frequency": chosen.frequency,
    }
    left_out = {"without"} if not chosen.without else set()
    left_out |= {"rule"} if chosen.donors else {"donors"}
    lines = [f"    {key}={written(value)},\n" for key, value in given.items() if key not in left_out]
    opened = f"kr.open_study({written(study.parameters.agreement)}, as_of={written(study.parameters.as_of)})"
    return (
        f"import korus_research as kr\n\n{name} = kr.estimate(\n    {opened},\n    {written(chosen.flow)},\n"
        f"{''.join(lines)})\n{name}"
    )


def written(value: object) -> str:
    """Return a value as Python, texts in double quotes as the project writes them."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple | list):
        return _several(value)
    return repr(value)


def _several(values: Sequence[object]) -> str:
    inner = ", ".join(map(written, values))
    return f"[{inner}]" if isinstance(values, list) else f"({inner}{',' if len(values) == 1 else ''})"
