"""How many things to do at once."""

from __future__ import annotations

import os


def default_jobs() -> int:
    """Return as many as this process may use cores, which for a worker of a sweep is its share."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
