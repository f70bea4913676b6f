"""Imported once, by the process that kernels are forked from, so that no chapter pays for these imports again.

A module that fails to import is left to fail in the chapter that needs it, where the failure can be shown.
"""

from __future__ import annotations

import gc
import importlib
from contextlib import suppress

from korus_research.run.imports import UNWANTED, spare_imports

# Every kernel imports a debugger (0.5 s), which has nothing to do in a report.
spare_imports((*UNWANTED, "debugpy"))

for _name in (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "pdb",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "seaborn",
    "pyarrow.parquet",
    "korus_research.study",
):
    with suppress(Exception):
        importlib.import_module(_name)

# What is imported stays: a collection in a chapter need not look at it, nor copy memory that all processes share.
gc.collect()
gc.freeze()
