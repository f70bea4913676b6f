"""Imports that a report can do without, kept from happening in its own processes."""

from __future__ import annotations

import sys

# Importing jsonschema builds the grammar of an optional checker for international addresses: 1.3 s.
UNWANTED = ("rfc3987_syntax",)


def spare_imports(names: tuple[str, ...] = UNWANTED) -> None:
    """Have the import of each of `names` fail, unless it has happened; to be called before what would import them."""
    for name in names:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
