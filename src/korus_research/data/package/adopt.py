"""A compiled package put in the place of the one it was made of: all of it or nothing, whenever it is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from korus_research.data.catalog import open_catalog
from korus_research.data.files import flush_folders, locked, output_errors
from korus_research.data.package.compile import Compiled
from korus_research.data.package.exchange import settle, swap_in, temporary
from korus_research.data.package.write import write_package
from korus_research.data.schema import DESCRIPTOR
from korus_research.errors import Busy, DamagedData

OPTION = "--data"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a package against every other run that would write it, after setting right what a killed one has left.

    Busy where another process holds it, OutputFolder where its parent can't be written.
    """
    with locked(folder.parent, folder.name, option=OPTION), output_errors(folder.parent, option=OPTION):
        settle(folder.parent, folder.name, marker=DESCRIPTOR)
        yield


def stage(compiled: Compiled, folder: Path) -> None:
    """Write the whole package as compiled into the new folder `folder`, and read it again.

    DamagedData where a table is not as its descriptor says, OutputFolder where the folder can't be written.
    """
    with output_errors(folder, option=OPTION):
        shutil.copytree(compiled.base.folder, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    write_package(compiled.package, compiled.files, folder)
    for problem in open_catalog(folder).verify():
        raise DamagedData(problem.found, do="The package was not adopted; see docs/refresh.md")


def adopt(compiled: Compiled, folder: Path) -> None:
    """Give `folder` the package as compiled; to be called within `held(folder)`.

    Busy where its base is no longer the package that was compiled from, else as `stage`.
    """
    base = open_catalog(compiled.base.folder)
    if any(base.describe(name) != compiled.base.describe(name) for name in compiled.base.names):
        raise Busy(f"{compiled.base.folder} has changed meanwhile", do="Run the command again")
    new = temporary(folder.parent, folder.name)
    stage(compiled, new)
    flush_folders(new)
    swap_in(new, folder, marker=DESCRIPTOR)
