"""Commands in Python, run in this process: starting another for each takes longer than most of them do."""

from __future__ import annotations

import io
import os
import runpy
import subprocess
import sys
import traceback
from contextlib import ExitStack, chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """What `python COMMAND` says and ends with, started in the checkout: a file, or `-m` and a module."""
    first, *rest = map(str, command)
    module = rest.pop(0) if first == "-m" else ""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with ExitStack() as at:
        for surroundings in (chdir(ROOT), redirect_stdout(out), redirect_stderr(err), patch.dict(os.environ)):
            at.enter_context(surroundings)
        at.enter_context(patch.object(sys, "argv", [module or first, *rest]))
        at.enter_context(patch.object(sys, "path", [*sys.path]))
        try:
            if module:
                runpy.run_module(module, run_name="__main__")
            else:
                sys.path.insert(0, str((ROOT / first).parent))
                runpy.run_path(first, run_name="__main__")
        except SystemExit as end:
            if isinstance(end.code, str):
                print(end.code, file=err)
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:
            traceback.print_exc(file=err)
            code = 1
    return subprocess.CompletedProcess([*map(str, command)], code, out.getvalue(), err.getvalue())
