"""How long a redraw of the bench takes after each move of a control, in processor and wall seconds.

    python benchmarks/bench.py

The last row moves back to what has been drawn before, which is there at once. Issue: at most half a second a move.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from korus_research.data.study import open_study
from korus_research.explore.bench import bench

MOVES: tuple[Mapping[str, Any], ...] = (
    {"flow": "imports"},
    {"estimator": "sc-cv"},
    {"starting": 2015},
    {"as_of": "2020-12"},
    {"rule": "everyone"},
    {"donors": ["Japan", "France", "Italy", "Germany", "Brazil"]},
    {"partner": "Vietnam", "donors": None, "as_of": "2019-12"},
)


def main() -> None:
    """Print a line for each move."""
    study = open_study()
    shown = bench(study)
    first = {"flow": "exports", "partner": "Korea", "starting": None, "estimator": None, "rule": None, "donors": None}
    print(f"{'move':<72}{'processor':>10}{'wall':>8}")
    for move in (*MOVES, {**first, "as_of": study.parameters.as_of}):
        processor, wall = time.process_time(), time.perf_counter()
        shown.choose(**move)
        processor, wall = time.process_time() - processor, time.perf_counter() - wall
        print(f"{', '.join(f'{k}={v}' for k, v in move.items())[:70]:<72}{processor:>10.2f}{wall:>8.2f}")


if __name__ == "__main__":
    main()
