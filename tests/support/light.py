"""What a kernel needs and no more, imported once by the process that the kernels of small chapters are forked from."""

from __future__ import annotations

import gc
import importlib

from korus_research.run.kernels.imports import UNWANTED, block_imports

block_imports((*UNWANTED, "debugpy"))  # as run/preload.py does

for _name in (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "pdb",
):
    importlib.import_module(_name)

gc.collect()
gc.freeze()
