"""The embedded data package: what is in it, read with its schema and its hash checked."""

from __future__ import annotations

from korus_research.data.catalog import Catalog, Problem, open_catalog
from korus_research.data.schema import Column, Dataset, Source

__all__ = ["Catalog", "Column", "Dataset", "Problem", "Source", "open_catalog"]
