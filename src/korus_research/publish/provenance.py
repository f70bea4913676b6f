"""What the disclosure beside a figure or table says about a dataset."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Provenance = Callable[[str], Mapping[str, Any]]


def catalog_provenance() -> Provenance:
    """Return a function that tells title, source, vintage, licence and sha256 of a dataset of the embedded package.

    A dataset that the package does not have is told by its name only.
    """
    from korus_research.data import open_catalog

    catalog = open_catalog()

    def describe(name: str) -> Mapping[str, Any]:
        if name not in catalog.names:
            return {}
        dataset = catalog.describe(name)
        source = dataset.sources[0].title if dataset.sources else ""
        facts = {key: getattr(dataset, key) for key in ("title", "vintage", "licence", "sha256")}
        return {**facts, "source": source}

    return describe
