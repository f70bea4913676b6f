"""The specification curve in a plain script: three lines, no main guard, no process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import korus_research as kr
study = kr.open_study()
print(len(study.specification_curve().curve.table))
"""
THIN = """
from korus_research.chapters.counterfactual import effect_curve
whole = effect_curve.all_specifications
effect_curve.all_specifications = lambda *given: tuple(whole(*given))[::400]
"""
NO_PROCESSES = """
import os, subprocess, sys
def refused(*_, **__):
    sys.exit("a process was started")
os.fork = os.posix_spawn = subprocess.Popen.__init__ = refused
"""


def test_three_lines_without_a_main_guard(tmp_path: Path) -> None:
    path = tmp_path / "script.py"
    path.write_text(NO_PROCESSES + THIN + SCRIPT)
    threads = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    done = subprocess.run([sys.executable, str(path)], env=threads, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "11\n"), done.stderr
