"""The default number of parallel jobs."""

from __future__ import annotations

import os


def default_jobs() -> int:
    """Return the number of cores that this process may use; for a worker of a sweep that is its share."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
