"""Imports and tables that all chapters need, loaded once by the process that kernels are forked from.

Failures are ignored here: the chapter concerned fails in the same way, and shows it.
"""

from __future__ import annotations

import gc
import importlib
import pkgutil
from contextlib import suppress

import korus_research.chapters
from korus_research.data.catalog import open_catalog
from korus_research.run.kernels.imports import UNWANTED, block_imports

# A collection finds nothing here: what is imported and read stays (decision 151).
gc.disable()

# Every kernel would import a debugger (0.5 s), which a report does not need.
block_imports((*UNWANTED, "debugpy"))

MODULES = (
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
    "pyarrow.parquet",
    "korus_research.data.cache.codec",
    # All that chapters import, and what that imports.
    *(name for _, name, _ in pkgutil.walk_packages(korus_research.chapters.__path__, "korus_research.chapters.")),
)

for _name in MODULES:
    with suppress(Exception):
        importlib.import_module(_name)

# Every chapter opens a study and reads tables; a fork has them as they were read here, while their files are the same.
with suppress(Exception):
    _catalog = open_catalog()
    for _name in _catalog.names:
        _catalog.load(_name)

# Nor need a collection in a chapter look at it, or copy memory that all processes share.
# A chapter lives for seconds and lets little go in circles: to look for it seldom spares a twentieth of its time.
gc.freeze()
gc.set_threshold(100_000, 20, 100)
gc.enable()
