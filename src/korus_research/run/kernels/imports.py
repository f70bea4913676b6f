"""Block slow imports that a report does not need."""

from __future__ import annotations

import sys

# Optional format checkers of jsonschema that no notebook needs: international addresses, whose grammar takes 1.3 s to
# build, other addresses, and durations.
UNWANTED = ("rfc3987_syntax", "rfc3986_validator", "isoduration")


def block_imports(names: tuple[str, ...] = UNWANTED) -> None:
    """Make the import of each of `names` fail, unless it is imported already."""
    for name in names:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
