"""Compile a data package: rows of the newest stored answers override those of an existing package, table by table.

A table that an answer damages, or that no longer fits its schema, stays as it was and is reported; the others are
updated. A table without a changed value keeps every byte: the same answers always give the same package (decision 118).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from korus_research.data.catalog import Catalog, open_catalog
from korus_research.data.package.answers import Stored
from korus_research.data.package.merge import Merged, merged
from korus_research.data.package.origins import origins
from korus_research.data.package.read import parse_table
from korus_research.data.package.recipes import RECIPES, Recipe
from korus_research.data.package.releases import (
    RELEASES,
    VINTAGE,
    bounded,
    complete_from,
    of_spans,
    with_release,
    with_replaced,
)
from korus_research.data.package.write import measured
from korus_research.data.schema import dataset_of, read_descriptor
from korus_research.data.sources import describe, names, parse
from korus_research.errors import DamagedData, KorusError

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.schema import Dataset

_BEFORE, _SINCE = "As compiled before answers of the sources: ", "; since then answers of the sources to "
_KEPT = "It stays as it was; see docs/refresh.md"


@dataclass
class Compiled:
    """A package compiled from a base package and answers: its descriptor, and the files that differ from the base.

    `tables` are the changed ones, `older` counts values of earlier releases by table (from sources that keep them),
    `unknown` lists codes that a table lacks, `problems` what could not be used, `heard` the answers that were used.
    """

    base: Catalog
    package: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    tables: dict[str, Merged] = field(default_factory=dict)
    older: dict[str, int] = field(default_factory=dict)
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    problems: list[KorusError] = field(default_factory=list)
    heard: list[Stored] = field(default_factory=list)

    @property
    def same(self) -> bool:
        """Whether nothing changed."""
        return not self.files


def compile_package(base: Path, stored: Iterable[Stored], *, through: str | None = None) -> Compiled:
    """Return the package in `base` updated with the newest rows of stored answers, up to the month `through`.

    Nothing is written. DamagedData if `base` is not a complete package; problems with single answers and tables are in
    `problems`.
    """
    return _Compiler(open_catalog(base), list(stored), through).compiled()


class _Compiler:
    def __init__(self, base: Catalog, stored: list[Stored], through: str | None) -> None:
        self.base, self.through = base, through
        self.made = Compiled(base, deepcopy(read_descriptor(base.folder)))
        self.resources: dict[str, dict[str, Any]] = {one["name"]: one for one in self.made.package["resources"]}
        self.rows: dict[str, pd.DataFrame] = {}
        self.stored = stored
        self.day = ""

    def compiled(self) -> Compiled:
        for name, recipe in RECIPES.items():
            heard = {of: self.frames[of] for of in feeding(name) if of in self.frames}
            if name in self.resources and heard:
                self._safely(name, partial(self._table, name, recipe, heard))
        for of, spans in self.frames.items():
            source, _, dataset = of.partition(".")
            for name in describe(source).describe(dataset).vintages_of if RELEASES in self.resources else ():
                self._safely(name, partial(self._spans, name, of, spans))
        if self.made.files:
            day = max(self.day, self.base.compiled)
            self.made.package |= {"version": day.replace("-", "."), "created": f"{day}T00:00:00Z"}
            self.made.package["resources"] = list(self.resources.values())
        return self.made

    def _safely(self, name: str, step: Callable[[], None]) -> None:
        """Run `step`; if it fails, restore the state before it and note the problem."""
        before = dict(self.rows), dict(self.resources), dict(self.made.files), dict(self.made.tables), self.day
        try:
            step()
        except KorusError as problem:
            self.rows, self.resources, self.made.files, self.made.tables, self.day = before
            found = f"{name}, as answers make it: {problem.found}"
            self.made.problems.append(DamagedData(found, expected=problem.expected, do=_KEPT))

    @cached_property
    def frames(self) -> dict[str, pd.DataFrame]:
        """The rows of each data set, oldest answer first, with the month of the answer in `answered`."""
        import pandas as pd

        frames: dict[str, list[pd.DataFrame]] = {}
        for one in self.stored:
            source, dataset = one.dataset
            try:
                if describe(source).describe(dataset).apart:
                    continue
                answer = one.read()
                frame = parse(answer)
            except KorusError as problem:
                self.made.problems.append(problem)
                continue
            self.made.heard.append(one)
            if len(frame):
                frames.setdefault(of_set(one), []).append(frame.assign(answered=answer.fetched[:7]))
        return {of: pd.concat(parts, ignore_index=True) for of, parts in frames.items()}

    def held(self, name: str) -> pd.DataFrame:
        """Return the rows of a table, with the changes made so far."""
        if name not in self.rows:
            self.rows[name] = self.base.load(name)
        return self.rows[name]

    def _used(self, *datasets: str) -> tuple[list[Stored], str]:
        """Return the answers to requests for `datasets`, and the day of the last one."""
        used = [one for one in self.made.heard if of_set(one) in datasets]
        day = max(one.fetched for one in used)
        return used, f"{day[:4]}-{day[4:6]}-{day[6:8]}"

    def _table(self, name: str, recipe: Recipe, heard: dict[str, pd.DataFrame]) -> None:
        dataset, held = self.base.describe(name), self.held(name)
        rows = recipe(heard, self.held)
        new = merged(dataset, held, rows, through=self.through, precision=origins()[name].precision)
        if new.unknown and origins()[name].every_code:
            self.made.unknown[name] = new.unknown
        if new.same:
            return
        used, day = self._used(*heard)
        self._put(self._refreshed(self.resources[name], used, day), new.rows)
        self.made.tables[name] = new
        self.day = max(self.day, day)
        if origins()[name].releases and RELEASES in self.resources:
            self._replaced(dataset, new, day[:7])

    def _spans(self, name: str, of: str, spans: pd.DataFrame) -> None:
        """Store the earlier values of a table from a source that keeps its vintages."""
        import pandas as pd

        dataset, held, releases = self.base.describe(name), self._older_rows(name), self.held(RELEASES)
        replaced, known = of_spans(dataset, self.held(name), spans, origins()[name].precision)
        both = replaced if held is None else pd.concat([held, replaced[list(held.columns)]], ignore_index=True)
        both = both.drop_duplicates([*dataset.key, VINTAGE])
        said = pd.concat([releases, known.reindex(columns=releases.columns)], ignore_index=True)
        said = said.drop_duplicates(self.resources[RELEASES]["schema"]["primaryKey"])
        values, months = len(both) - (0 if held is None else len(held)), len(said) - len(releases)
        if values or months:
            self.made.older[name] = values + months
            self.day = max(self.day, self._used(of)[1])
            self._keep(dataset, both if values else None, said)

    def _replaced(self, dataset: Dataset, new: Merged, month: str) -> None:
        """Store the values that new rows replaced, and record a release of `month`."""
        import pandas as pd

        releases, older = self.held(RELEASES), None
        if len(new.was):
            older = with_replaced(dataset, self._older_rows(dataset.name), new.was, releases, self.base.compiled[:7])
        given = pd.concat([new.added, new.now], ignore_index=True)
        self._keep(dataset, older, with_release(releases, dataset, month, given))

    def _keep(self, dataset: Dataset, older: pd.DataFrame | None, releases: pd.DataFrame) -> None:
        """Store the replaced values of a table, as far as the bound allows, and the releases."""
        if older is not None:
            rows, kept_from = bounded(older)
            name = self._older(dataset.name)
            resource = self.resources[name] if name else _resource_of_replaced(self.resources[dataset.name])
            self._put(resource, rows, after=dataset.name)
            releases = complete_from(releases, dataset.name, kept_from)
        self._put(self.resources[RELEASES], releases)

    def _older_rows(self, name: str) -> pd.DataFrame | None:
        older = self._older(name)
        return None if older is None else self.held(older)

    def _older(self, name: str) -> str | None:
        return next((one["name"] for one in self.resources.values() if one.get("korus:replaces") == name), None)

    def _put(self, resource: Mapping[str, Any], rows: pd.DataFrame, *, after: str = "") -> None:
        """Make `rows` the rows of a table; DamagedData if they break its schema."""
        name = resource["name"]
        columns = dataset_of(resource).columns
        counted, content = measured(resource, rows, columns, key=resource["schema"]["primaryKey"])
        self.rows[name] = parse_table(dataset_of(counted), content)
        self.made.files[counted["path"]] = content
        if name in self.resources:
            self.resources[name] = counted
            return
        order = [*self.resources]
        order.insert(order.index(after) + 1, name)
        self.resources = {one: self.resources.get(one, counted) for one in order}

    def _refreshed(self, resource: Mapping[str, Any], used: list[Stored], day: str) -> dict[str, Any]:
        """Return the descriptor of a table that answers have changed: its vintage, and which answers."""
        answers = [{"source": one.dataset[0], "data set": one.dataset[1], "sha256": one.sha256} for one in used]
        notes = {name: [_noted(text) for text in resource[name]] for name in ("korus:gaps", "korus:cautions")}
        vintage = resource["korus:vintage"].partition(_SINCE)[0] + _SINCE + day
        return {**resource, **notes, "korus:vintage": vintage, "korus:answers": answers}


def feeding(table: str) -> tuple[str, ...]:
    """Return the data sets that feed a table, as "source.dataset"; for sums of another table, those that feed that."""
    fed = origins()[table].summed_from or table
    return tuple(f"{one}.{part.id}" for one in names() for part in describe(one).dataset if fed in part.feeds)


def of_set(stored: Stored) -> str:
    """Return the data set of an answer, "source.dataset"."""
    return ".".join(stored.dataset)


def _noted(text: str) -> str:
    return text if text.startswith(_BEFORE) else _BEFORE + text


def _resource_of_replaced(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return the descriptor of a new table for the values replaced in the table of `resource`."""
    vintage = {
        "name": VINTAGE,
        "type": "string",
        "description": "month of the release that had it",
        "constraints": {"required": True, "pattern": r"[0-9]{4}-(0[1-9]|1[0-2])"},
    }
    fields = [one for one in resource["schema"]["fields"] if one["name"] != VINTAGE]
    counted = ("bytes", "korus:bytes", "hash", "korus:answers", "encoding")
    kept = {name: value for name, value in resource.items() if name not in counted}
    return {
        **kept,
        "name": f"{resource['name']}_replaced",
        "title": f"{resource['title']}: values that a newer release replaced",
        "description": f"Rows of {resource['name']} as releases before the newest had them.",
        "path": f"{resource['name']}_replaced.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": 0,
        "hash": f"sha256:{0:064}",
        "korus:vintage": "by row",
        "korus:gaps": [],
        "korus:cautions": ["Superseded: for what a revision changed, and what was known earlier, nothing else."],
        "korus:replaces": resource["name"],
        "schema": {"fields": [*fields, vintage], "primaryKey": [*resource["schema"]["primaryKey"], VINTAGE],
                   "missingValues": [""]},
    }  # fmt: skip
