"""What `korus diff --json` and the pages of changes hold; docs/difference.schema.json is made from these models."""

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
    """One thing that both editions have and that differs."""

    id: str
    label: str
    before: str
    """As it was published, with its unit."""
    now: str
    turned: bool = False
    """Whether a sign, a named state or a verdict changed, or a value came or went."""
    size: float = 0.0
    """Of a number: the change relative to the larger of the two, 0 to 2."""
    beyond: bool = False
    """Whether the value now lies outside the range that was given before."""
    place: Literal["brief", "report", ""] = ""
    """Where the newer edition speaks it first; "" where that is the annex, or nowhere."""


class Cell(_Model):
    """One cell of a table that both editions have and that differs."""

    row: str
    column: str
    before: str
    now: str


class Exhibit(_Model):
    """A figure or table whose data differ, row by row as far as rows can be recognised."""

    name: str
    """Its file without the ending: tables/flows-table."""
    before: str
    """Its title, "" where the page doesn't give one."""
    now: str
    compared: int
    """How many cells both have."""
    changed: int
    cells: tuple[Cell, ...] = ()
    """Those of a table that differ; none for a figure, which is shown instead."""
    rows_new: int = 0
    rows_gone: int = 0
    columns: tuple[str, ...] = ()
    """Columns that only one of them has."""


class Share(_Model):
    """What one step moved of one finding or verdict."""

    step: Step
    before: str
    now: str
    change: float | None = None
    """In the finding's own unit; None for what is no number."""


class Traced(_Model):
    """What moved one cell of a table."""

    row: str
    column: str
    shares: tuple[Share, ...]


class Cause(_Model):
    """Why findings, verdicts, tables and figures moved: NEW is taken back to OLD in steps, each of which is a run.

    A step is measured with the later ones still as in OLD's place, so what two of them move together counts to the
    earlier one in the order of `order`.
    """

    order: tuple[Step, ...]
    held: tuple[str, ...]
    """Tables that the data step put back to OLD's state."""
    open: tuple[str, ...]
    """Tables that it could not put back: OLD has none, or with other columns. They count as method."""
    notes: tuple[str, ...] = ()
    """What could not be run, and why."""
    findings: Mapping[str, tuple[Share, ...]]
    verdicts: Mapping[str, tuple[Share, ...]]
    tables: Mapping[str, tuple[Traced, ...]] = {}
    """By name, the cells that both editions have, as far as their rows can be told apart in every run."""
    figures: Mapping[str, Mapping[Step, int]] = {}
    """By name, how many of the values of both editions each step moved."""

    @property
    def of_cells(self) -> dict[str, dict[tuple[str, str], tuple[Share, ...]]]:
        """What moved each cell, by table, then by row and column."""
        return {name: {(one.row, one.column): one.shares for one in cells} for name, cells in self.tables.items()}

    def moved(self, name: str) -> dict[Step, int]:
        """Return how many values of a figure or table each step moved."""
        if name in self.figures:
            return dict(self.figures[name])
        return by_step((one.shares for one in self.tables.get(name, ())), self.order)

    @property
    def shares(self) -> dict[str, tuple[Share, ...]]:
        """What moved each finding and each verdict, by id."""
        return {**self.findings, **self.verdicts}

    @property
    def counts(self) -> list[tuple[Step, int]]:
        """How many findings each step moved, in the order in which the steps were taken."""
        moved = by_step(self.findings.values(), self.order)
        return [(step, moved.get(step, 0)) for step in dict.fromkeys([*self.order, *moved])]


def by_step(moved: Iterable[Sequence[Share]], order: Sequence[Step]) -> dict[Step, int]:
    """Return how many of the values, each with its shares, each step moved: those that did, in the given order."""
    counts = Counter(step for shares in moved for step in dict.fromkeys(share.step for share in shares))
    return {step: counts[step] for step in dict.fromkeys([*order, *counts]) if counts[step]}


class Difference(_Model):
    """Everything that differs between two editions."""

    before: str
    now: str
    made_from: tuple[str, str]
    """The sha256 of the two manifests."""
    inputs: Mapping[Literal["parameters", "data", "chapters", "versions"], tuple[Move, ...]]
    verdicts: tuple[Move, ...]
    reworded: tuple[Move, ...]
    """Claims whose verdict is the same and has another name."""
    findings: tuple[Move, ...]
    """Those that matter most first: turned, then those whose text differs, of the brief before the report, by size."""
    tables: tuple[Exhibit, ...]
    figures: tuple[Exhibit, ...]
    added: Mapping[Literal["claims", "findings", "tables", "figures"], tuple[str, ...]]
    """Ids that only the newer edition has."""
    gone: Mapping[Literal["claims", "findings", "tables", "figures"], tuple[str, ...]]
    compared: int
    """How many findings both have."""
    names: Mapping[str, str] = {}
    """What readers call tables of the data package, and what only one edition has, by id."""
    cause: Cause | None = None

    @property
    def turned(self) -> tuple[Move, ...]:
        """The findings whose sign or state changed."""
        return tuple(move for move in self.findings if move.turned)

    @property
    def moved(self) -> tuple[Move, ...]:
        """The other findings that read otherwise."""
        return tuple(move for move in self.findings if not move.turned and move.before != move.now)

    @property
    def below(self) -> int:
        """How many findings moved by less than their digits show."""
        return len(self.findings) - len(self.turned) - len(self.moved)

    def to_json(self) -> str:
        """Return all of it as JSON text."""
        return json.dumps(self.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of a difference."""
    return Difference.model_json_schema(mode="serialization")
