"""What a compiled package changes: new periods, revised values and by how much, schemas."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from korus_research.data.package.merge import Merged, values_of
from korus_research.data.schema import Column, dataset_of

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.package.compile import Compiled

SIZES = (0.1, 1.0, 10.0)  # percent; how many revisions were larger
SHOWN = 3


@dataclass(frozen=True)
class Revision:
    """One revised value: its row (the key), its column, the old and the new value, the change in percent."""

    row: str
    column: str
    was: float
    now: float
    percent: float


@dataclass(frozen=True)
class Change:
    """What changes in one table.

    `added` and `revised` count rows; `reached` is the last period before and after; `larger` counts the values revised
    by more than each of `SIZES` percent; `most` are the largest revisions, `median` is the median size in percent.
    """

    table: str
    added: int
    revised: int
    reached: tuple[str, str]
    median: float
    larger: dict[str, int]
    most: tuple[Revision, ...]


def changes(compiled: Compiled) -> list[Change]:
    """Return what changes in each table that has new rows, in the order of the package."""
    covers = {one["name"]: one["korus:coverage"]["last"] for one in compiled.package["resources"]}
    return [
        _change(new, (compiled.base.describe(name).last, covers[name]))
        for name, new in sorted(compiled.tables.items(), key=lambda one: list(covers).index(one[0]))
    ]


def schema_changes(compiled: Compiled) -> list[str]:
    """Return a line for each new table, and each column that is new, removed or described differently."""
    lines = []
    for resource in compiled.package["resources"]:
        after = {column.name: column for column in dataset_of(resource).columns}
        if resource["name"] not in compiled.base.names:
            lines.append(f"{resource['name']}: a new table ({', '.join(after)})")
            continue
        before = {column.name: column for column in compiled.base.describe(resource["name"]).columns}
        lines += [f"{resource['name']}: {line}" for line in _columns(before, after)]
    return lines


def as_json(compiled: Compiled) -> dict[str, Any]:
    """Return all changes as one JSON object."""
    return {
        "tables": [asdict(one) for one in changes(compiled)],
        "schemas": schema_changes(compiled),
        "earlier_values": compiled.older,
        "unknown_codes": {name: list(codes) for name, codes in compiled.unknown.items()},
        "problems": [str(problem) for problem in compiled.problems],
    }


def _columns(before: dict[str, Column], after: dict[str, Column]) -> list[str]:
    gone = [f"no column {name}" for name in before if name not in after]
    new = [f"a new column {name}" for name in after if name not in before]
    other = [f"column {name} described otherwise" for name in after if name in before and after[name] != before[name]]
    return [*gone, *new, *other]


def _change(new: Merged, reached: tuple[str, str]) -> Change:
    revisions = _revisions(new)
    sizes = revisions["percent"].abs()
    largest = revisions.loc[sizes.sort_values(ascending=False, kind="stable").index].head(SHOWN)
    return Change(
        table=new.dataset.name,
        added=len(new.added),
        revised=len(new.now),
        reached=reached,
        median=float(sizes.median()) if len(sizes) else 0.0,
        larger={f"{size:g}": int((sizes > size).sum()) for size in SIZES},
        most=tuple(Revision(**{str(k): v for k, v in row.items()}) for row in largest.to_dict("records")),
    )


def _revisions(new: Merged) -> pd.DataFrame:
    """Return the changed numbers: row, column, was, now, percent (of the old absolute value; inf if that was zero)."""
    import numpy as np
    import pandas as pd

    frames = []
    key = new.was[list(new.dataset.key)].astype("str").agg(" ".join, axis=1) if len(new.was) else pd.Series(dtype="str")
    for name in values_of(new.dataset):
        if new.was[name].dtype == bool:
            continue
        was, now = new.was[name].astype("float64"), new.now[name].astype("float64")
        with np.errstate(divide="ignore", invalid="ignore"):
            percent = 100 * (now - was) / was.abs()
        frame = pd.DataFrame({"row": key, "column": name, "was": was, "now": now, "percent": percent})
        frames.append(frame[(was != now) & was.notna() & now.notna()])
    return pd.concat(frames, ignore_index=True)
