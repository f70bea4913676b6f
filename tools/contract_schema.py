"""Write docs/contract.schema.json: what a notebook shows, from the models in show/contract.py."""

from __future__ import annotations

import json
from pathlib import Path

from korus_research.show.contract import schema

PLACE = Path(__file__).parents[1] / "docs" / "contract.schema.json"


def text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    PLACE.write_text(text(), encoding="utf-8")
