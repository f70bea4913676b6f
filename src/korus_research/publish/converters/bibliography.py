"""The references that a report may cite, and those that it cites."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from korus_research.errors import PublishFailed
from korus_research.publish.markup import CODE

REFERENCES = Path(__file__).parents[2] / "data" / "tables" / "references.json"

_LINK = re.compile(r"\]\([^)\s]*\)|<[^<>\s]+>")


def cited_in(words: str) -> set[str]:
    """Return the keys of the bibliography that Pandoc Markdown cites, outside of code and link targets.

    PublishFailed if there is an "@" and the bibliography is missing.
    """
    if "@" not in words:
        return set()
    keys = sorted((one["id"] for one in _references()), key=len, reverse=True)  # the longest match wins
    known = re.compile(rf"(?<![\w\\])@\{{?({'|'.join(map(re.escape, keys))})(?![A-Za-z0-9])")
    return set(known.findall(_LINK.sub("", "".join(CODE.split(words)[::3]))))


def part(keys: Collection[str]) -> str:
    """Return the references of `keys` as CSL JSON, in the order of the bibliography."""
    chosen = [one for one in _references() if one["id"] in keys] if keys else []
    return json.dumps(chosen, ensure_ascii=False, sort_keys=True)


def alike(keys: Collection[str]) -> bool:
    """Return whether two works of `keys` have the same first author and year, so that citations need letters."""
    seen = Counter(_author_and_year(work) for work in (_references() if keys else ()) if work["id"] in keys)
    return any(count > 1 for count in seen.values())


def _author_and_year(work: Mapping[str, Any]) -> tuple[str, int | None]:
    first = (work.get("author") or [{}])[0]
    years = work.get("issued", {}).get("date-parts", [[None]])
    return str(first.get("family") or first.get("literal") or work["title"]), years[0][0]


def _references() -> list[dict[str, Any]]:
    try:
        return json.loads(REFERENCES.read_text(encoding="utf-8"))  # type: ignore[no-any-return]
    except OSError:
        raise PublishFailed(
            "There is a citation, but no bibliography",
            expected="data/tables/references.json in the package",
            do="Restore the file, or remove the citation",
        ) from None
