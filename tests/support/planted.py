"""Studies whose results are given by hand, so that a test chooses what a chapter is to say of them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pandas as pd

from korus_research.data.study import Study


def planted(study: Study, **results: Any) -> Any:
    """Return a copy of `study` in which `topic=result` is what that chapter measures; all else is measured as always."""
    copied = copy.copy(study)
    measure = study.once

    def once(make: Callable[..., Any], *given: Any, **named: Any) -> Any:
        topic = make.__module__.split(".")[2]
        return results[topic] if topic in results else measure(make, *given, **named)

    copied.once = once  # type: ignore[method-assign]
    return copied


def measured_with(of: Callable[..., Any], study: Study, **tables: pd.DataFrame) -> Any:
    """Return what a chapter measures of `study` with these tables in the place of its own, remembered nowhere."""
    copied = copy.copy(study)
    copied._tables = {**study._tables, **tables}
    return of.__wrapped__(copied)  # type: ignore[attr-defined]
