"""Imported once, by the process that kernels are forked from, so that no chapter pays for these imports again.

A module that fails to import is left to fail in the chapter that needs it, where the failure can be shown.
"""

from __future__ import annotations

import gc
import importlib
import sys
from contextlib import suppress

# Importing jsonschema builds the grammar of an optional checker for international addresses (1.3 s), and every kernel
# imports a debugger (0.5 s). Neither has anything to do in a report.
for _name in ("rfc3987_syntax", "debugpy"):
    sys.modules.setdefault(_name, None)  # type: ignore[arg-type]

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
