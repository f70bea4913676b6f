"""Imports that a report can do without, kept from happening in its own processes."""

from __future__ import annotations

import sys

# Optional checkers of jsonschema for texts that no notebook has: international addresses, which build a grammar for
# 1.3 s, other addresses, and durations.
UNWANTED = ("rfc3987_syntax", "rfc3986_validator", "isoduration")


def block_imports(names: tuple[str, ...] = UNWANTED) -> None:
    """Have the import of each of `names` fail, unless it has happened; to be called before what would import them."""
    for name in names:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
