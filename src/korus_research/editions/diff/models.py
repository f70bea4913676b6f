"""Models of the difference of two editions; docs/difference.schema.json is generated from them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Step = Literal["parameters", "data", "method", "words", "rest"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Move(_Model):
    """A value, text or verdict that differs between the editions."""

    id: str
    label: str
    before: str
    """As published, with its unit."""
    now: str
    turned: bool = False
    """Whether a sign, a named state or a verdict changed, or a value appeared or disappeared."""
    size: float = 0.0
    """For a number: the absolute change relative to the larger of the two values, from 0 to 2."""
    beyond: bool = False
    """Whether the value now lies outside the range published before."""
    place: Literal["brief", "report", ""] = ""
    """The first document of the newer edition that states it; "" for the annex only, or none."""


class Cell(_Model):
    """A cell that differs between the editions' versions of a table."""

    row: str
    column: str
    before: str
    now: str


class Exhibit(_Model):
    """A figure or table whose data differ, compared row by row where rows can be matched."""

    name: str
    """Its file without the extension, for example tables/flows-table."""
    before: str
    """Its earlier title; "" if the page gives none."""
    now: str
    compared: int
    """The number of cells that both have."""
    changed: int
    cells: tuple[Cell, ...] = ()
    """The cells of a table that differ; empty for a figure, whose pictures are shown instead."""
    rows_new: int = 0
    rows_gone: int = 0
    columns: tuple[str, ...] = ()
    """Columns that only one of the two has."""


class Share(_Model):
    """The part of a change of a finding, verdict or cell that is due to one step."""

    step: Step
    before: str
    now: str
    change: float | None = None
    """In the unit of the finding; None if it is not a number."""


class Traced(_Model):
    """The change of a cell of a table, by step."""

    row: str
    column: str
    shares: tuple[Share, ...]


class Cause(_Model):
    """Why findings, verdicts, tables and figures changed: NEW is turned back into OLD step by step, one run each.

    Joint effects of two steps count towards the earlier one in `order`.
    """

    order: tuple[Step, ...]
    held: tuple[str, ...]
    """Tables that the data step replaced by those of OLD."""
    open: tuple[str, ...]
    """Tables that it could not replace, because OLD lacks them or has other columns; they count as method."""
    notes: tuple[str, ...] = ()
    """Steps that could not be run, and why."""
    findings: Mapping[str, tuple[Share, ...]]
    verdicts: Mapping[str, tuple[Share, ...]]
    tables: Mapping[str, tuple[Traced, ...]] = {}
    """By table, the cells that both editions have and whose rows can be matched in every run."""
    figures: Mapping[str, Mapping[Step, int]] = {}
    """By figure, the number of values in both editions that each step changed."""

    @property
    def of_cells(self) -> dict[str, dict[tuple[str, str], tuple[Share, ...]]]:
        """The change of each cell by step; by table, then by row and column."""
        return {name: {(one.row, one.column): one.shares for one in cells} for name, cells in self.tables.items()}

    def moved(self, name: str) -> dict[Step, int]:
        """Return the number of values of a figure or table that each step changed."""
        if name in self.figures:
            return dict(self.figures[name])
        return by_step((one.shares for one in self.tables.get(name, ())), self.order)

    @property
    def shares(self) -> dict[str, tuple[Share, ...]]:
        """The change of each finding and verdict by step, by id."""
        return {**self.findings, **self.verdicts}

    @property
    def counts(self) -> list[tuple[Step, int]]:
        """The number of findings that each step changed, in the order of the steps."""
        moved = by_step(self.findings.values(), self.order)
        return [(step, moved.get(step, 0)) for step in dict.fromkeys([*self.order, *moved])]


def by_step(moved: Iterable[Sequence[Share]], order: Sequence[Step]) -> dict[Step, int]:
    """Return the number of values that each step changed, in the given order, without steps that changed none."""
    counts = Counter(step for shares in moved for step in dict.fromkeys(share.step for share in shares))
    return {step: counts[step] for step in dict.fromkeys([*order, *counts]) if counts[step]}


class Difference(_Model):
    """Everything that differs between two editions."""

    before: str
    now: str
    made_from: tuple[str, str]
    """The SHA-256 of the two manifests."""
    inputs: Mapping[Literal["parameters", "data", "chapters", "versions"], tuple[Move, ...]]
    verdicts: tuple[Move, ...]
    reworded: tuple[Move, ...]
    """Claims whose verdict is the same under another name."""
    findings: tuple[Move, ...]
    """Most important first: turned, then those whose text differs; the brief before the report; by size."""
    tables: tuple[Exhibit, ...]
    figures: tuple[Exhibit, ...]
    added: Mapping[Literal["claims", "findings", "tables", "figures"], tuple[str, ...]]
    """Ids that only the newer edition has."""
    gone: Mapping[Literal["claims", "findings", "tables", "figures"], tuple[str, ...]]
    compared: int
    """The number of findings that both have."""
    names: Mapping[str, str] = {}
    """By id, readers' names of data tables and of what only one edition has."""
    cause: Cause | None = None

    @property
    def turned(self) -> tuple[Move, ...]:
        """The findings whose sign or state changed."""
        return tuple(move for move in self.findings if move.turned)

    @property
    def moved(self) -> tuple[Move, ...]:
        """The other findings whose text differs."""
        return tuple(move for move in self.findings if not move.turned and move.before != move.now)

    @property
    def below(self) -> int:
        """The number of findings that changed by less than their published digits show."""
        return len(self.findings) - len(self.turned) - len(self.moved)

    def to_json(self) -> str:
        """Return the difference as JSON text."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of a difference."""
    return Difference.model_json_schema(mode="serialization")
