"""The Python code that reproduces an estimate, as written by "keep this" of the bench."""

from __future__ import annotations

from collections.abc import Sequence

from korus_research.data.study import Study
from korus_research.explore.choices import Choices


def code_of(study: Study, chosen: Choices, *, partner: str, donors: list[str]) -> str:
    """Return a cell that reproduces an estimate as `mine`, with every choice written out.

    The study is opened as before: a user's own agreement by the same path.
    """
    given = {**vars(chosen), "partner": partner, "donors": donors}
    left_out = {"flow", "rule" if donors else "donors", *([] if chosen.without else ["without"])}
    lines = [f"    {key}={written(value)},\n" for key, value in given.items() if key not in left_out]
    p = study.parameters
    values = f", values={written(p.values)}" if p.published else ""
    opened = f"kr.open_study({written(study.named)}, as_of={written(p.as_of)}{values})"
    return (
        f"import korus_research as kr\n\nmine = kr.estimate(\n    {opened},\n    {written(chosen.flow)},\n"
        f"{''.join(lines)})\nmine"
    )


def written(value: object) -> str:
    """Return a value as Python source, with strings in double quotes."""
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, tuple | list):
        return _several(value)
    return repr(value)


def _several(values: Sequence[object]) -> str:
    inner = ", ".join(map(written, values))
    return f"[{inner}]" if isinstance(values, list) else f"({inner}{',' if len(values) == 1 else ''})"
