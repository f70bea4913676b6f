"""A publication written into a folder, as an edition is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from korus_research.publish.meta import ReportMeta
from korus_research.publish.publish import typeset


@dataclass(frozen=True)
class Published:
    """What was written."""

    folder: Path
    files: tuple[Path, ...]


def publish(
    notebooks: Sequence[Mapping[str, Any]], meta: ReportMeta, formats: Collection[str], folder: Path, **options: Any
) -> Published:
    """Write the files of a publication into `folder`, once all of them are made."""
    files: dict[str, bytes] = {}
    typeset(notebooks, meta, formats, files.__setitem__, **options)
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return Published(folder, tuple(sorted(folder / path for path in files)))
