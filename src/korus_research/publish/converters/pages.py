"""The page numbers of named destinations in a PDF, for references from another document."""

from __future__ import annotations

from io import BytesIO
from typing import Any


def pages(pdf: bytes) -> dict[str, int]:
    """Return the page (from 1) of every named destination of a PDF: sections, exhibits, claims, by anchor."""
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as document:
        names: Any = document.Root.get("/Names")
        if names is None or "/Dests" not in names:
            return {}
        number = {page.obj.objgen: place for place, page in enumerate(document.pages, start=1)}
        return {name: number[target[0].objgen] for name, target in pikepdf.NameTree(names.Dests).items()}
