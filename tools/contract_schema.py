"""Write docs/contract.schema.json (what a notebook shows) and docs/difference.schema.json (`korus diff --json`).

From the models in show/contract.py and editions/diff/models.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from korus_research.editions.diff.models import schema as difference
from korus_research.show.contract import schema

DOCS = Path(__file__).parents[1] / "docs"
PLACE = DOCS / "contract.schema.json"


def text(of: dict[str, Any] | None = None) -> str:
    """Return a schema, that of what a notebook shows if none is given, as its file holds it."""
    return json.dumps(of or schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
    (DOCS / "difference.schema.json").write_text(text(difference()), encoding="utf-8")
