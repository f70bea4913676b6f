"""Compile the embedded data package: python tools/build_data.py --raw DIR [--out DIR]."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from data_build import (
    agreements,
    applied,
    cars,
    donors,
    equilibrium,
    gravity,
    macro,
    points,
    preference,
    sectors,
    statutory,
    studies,
    tariffs,
    trade,
    vintages,
)
from data_build.spec import Raw, Table
from data_build.write import write_package

from korus_research.data import open_catalog
from korus_research.data.schema import DESCRIPTOR
from korus_research.errors import KorusError

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "src" / "korus_research" / "data" / "tables"


def all_tables(raw: Raw) -> list[Table]:
    """Return every table of the package with its recipe."""
    return [
        *trade.tables(raw),
        *macro.tables(),
        *tariffs.tables(),
        *statutory.tables(),
        *applied.tables(),
        *agreements.tables(),
        *donors.tables(),
        *equilibrium.tables(),
        *gravity.tables(),
        *points.tables(),
        *studies.tables(),
        *cars.tables(),
        *sectors.tables(),
        *preference.tables(),
        *vintages.tables(),
    ]


def build(raw_folder: Path, out: Path) -> list[Table]:
    """Write the data package compiled from `raw_folder` into `out`, check it by loading it, and return its tables.

    Raises
    ------
    DamagedData
        The raw folder lacks a file, or one is not what was collected.
    OutputFolder
        `out` can't be written.
    """
    raw = Raw(raw_folder)
    tables = all_tables(raw)
    write_package([(table, table.rows(raw)) for table in tables], out)
    catalog = open_catalog(out)
    for name in catalog.names:
        catalog.load(name)
    return tables


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Compile the embedded data package.")
    parser.add_argument("--raw", type=Path, required=True, help="folder with the collected figures")
    parser.add_argument("--out", type=Path, default=OUT, help="folder of the package (default: the embedded one)")
    options = parser.parse_args(arguments)
    try:
        build(options.raw, options.out)
    except KorusError as problem:
        print(f"{type(problem).__name__}: {problem}", file=sys.stderr)
        return 1
    catalog = open_catalog(options.out)
    for name in catalog.names:
        dataset = catalog.describe(name)
        print(f"{dataset.path.name:32} {dataset.rows:8,} rows {dataset.bytes:10,} bytes  {dataset.coverage}")
    print(f"{options.out / DESCRIPTOR}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
