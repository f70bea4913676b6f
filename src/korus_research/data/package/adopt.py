"""A compiled package put in the place of the one it was made of: all of it or nothing, whenever it is killed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from korus_research.data.catalog import Catalog, open_catalog
from korus_research.data.files import flush_folders, locked, output_errors
from korus_research.data.package.compile import Compiled
from korus_research.data.package.exchange import settle, swap_in, temporary
from korus_research.data.package.write import write_package
from korus_research.data.schema import DESCRIPTOR
from korus_research.errors import DamagedData

OPTION = "--data"


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a package against every other run that would write it, after setting right what a killed one has left.

    Busy where another process holds it, OutputFolder where its parent can't be written.
    """
    with locked(folder.parent, folder.name, option=OPTION), output_errors(folder.parent, option=OPTION):
        settle(folder.parent, folder.name, marker=DESCRIPTOR)
        yield


def stage(compiled: Compiled, folder: Path) -> Catalog:
    """Write the whole package as compiled into the new folder `folder`, and return its catalog.

    DamagedData where a file is not the one that the descriptor names, OutputFolder where the folder can't be written.
    """
    with output_errors(folder, option=OPTION):
        shutil.copytree(compiled.base.folder, folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    write_package(compiled.package, compiled.files, folder)
    catalog = open_catalog(folder)
    for dataset in map(catalog.describe, catalog.names):
        # What answers have changed has passed its schema as it was compiled; the others are whole if they are the same.
        if sha256(dataset.path.read_bytes()).hexdigest() != dataset.sha256:
            found = f"{dataset.path}: the file has another sha256 than the package says"
            raise DamagedData(found, expected=dataset.sha256[:12], do="The package stays as it was; look at the disk")
    return catalog


def place_for(folder: Path) -> Path:
    """Return where a package is staged that is to take the place of `folder`, beside it."""
    return temporary(folder.parent, folder.name)


def adopt(staged: Path, folder: Path) -> None:
    """Give `folder` what is staged at `place_for(folder)`; to be called within `held(folder)`."""
    flush_folders(staged)
    swap_in(staged, folder, marker=DESCRIPTOR)
