"""The catalog: the tables of the data package, and the one way to load them.

A cell has one value, that of the newest vintage collected. `as_of` leaves later rows out (decision 7); with
`published`, the values are those of the release that an edition of that month would have used, if it is known
(decision 120).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from korus_research.data.cache.results import note_table
from korus_research.data.period import last_period, parse_month, rows_until
from korus_research.data.schema import DESCRIPTOR, REPAIR, Dataset, compiled_on, read_package
from korus_research.errors import (
    DamagedData,
    InvalidParameter,
    MissingPartner,
    UndeclaredTable,
    UnknownDataset,
    unknown,
)

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.package.releases import Vintage

HOME = Path(__file__).parent / "tables"
TABLE_ENDINGS = (".csv", ".parquet")
# Another package than the embedded one, as `korus data refresh --data` adopts it.
FOLDER = "KORUS_DATA"
# Set for the kernel of a chapter: the tables that it declares. They decide whether the chapter must run again, so it
# must not be able to load any other.
DECLARED = "KORUS_DECLARED_TABLES"

# A table is read and hashed once per process and state of its file: (path, size, mtime, descriptor) -> rows.
_read: dict[tuple[Path, int, int, Dataset], pd.DataFrame] = {}


@dataclass(frozen=True)
class Problem:
    """A problem of the data package: the table, the file, what was found, what to do."""

    dataset: str
    file: Path
    found: str
    do: str


class Catalog:
    """The tables of one data package; made by `open_catalog`. Opening it reads the descriptor only."""

    def __init__(self, folder: Path, datasets: dict[str, Dataset]) -> None:
        self.folder = folder
        self._datasets = datasets

    def __repr__(self) -> str:
        return f"<Catalog of {len(self._datasets)} datasets: {', '.join(self._datasets)}>"

    def _repr_html_(self) -> str:
        import pandas as pd

        with pd.option_context("display.max_rows", None, "display.max_colwidth", None):
            return self.to_frame()[["title", "rows", "coverage"]].to_html()

    def to_frame(self) -> pd.DataFrame:
        """Return title, number of rows, coverage, vintage and first source of each dataset, by name."""
        import pandas as pd

        known = self._datasets.values()
        facts = [(one.title, one.rows, one.coverage, one.vintage, one.sources[0].title) for one in known]
        columns = ["title", "rows", "coverage", "vintage", "source"]
        return pd.DataFrame(facts, columns=columns, index=pd.Index(self.names, name="name"))

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the datasets, in the order of the descriptor."""
        return tuple(self._datasets)

    @property
    def compiled(self) -> str:
        """The day on which the package was compiled, "YYYY-MM-DD"; DamagedData if its descriptor lacks it."""
        return compiled_on(self.folder)

    def describe(self, name: str) -> Dataset:
        """Return the descriptor of the dataset `name`.

        UnknownDataset if the package has none of that name (the closest one is suggested); UndeclaredTable if a chapter
        of a report asks for a table that its metadata does not declare.
        """
        note_table(name)
        declared = os.environ.get(DECLARED)
        if declared is not None and name in self._datasets and not self._declared(name, declared.split()):
            raise UndeclaredTable(
                f"The chapter uses the table {name!r}",
                expected=f"a table of its metadata: {declared}",
                do=f"Add {name!r} to `tables` under `korus` in the notebook's metadata",
            )
        try:
            return self._datasets[name]
        except KeyError:
            do = "See `korus data list`"
            raise unknown(UnknownDataset, name, "a dataset", self._datasets, do=do) from None

    def _declared(self, name: str, declared: list[str]) -> bool:
        """Return whether a chapter that declares these tables may use `name`: their replaced values included."""
        return name in declared or name == "releases" or self._datasets[name].replaces in declared

    def load(self, name: str, *, as_of: str | None = None, published: bool = False) -> pd.DataFrame:
        """Return the rows of the dataset `name`, checked against hash and schema, as a copy.

        The columns are those of `describe(name).columns`, which give the units. Empty text is "", a missing number NaN.
        With `as_of`, a month "YYYY-MM", rows whose period had not ended by then are left out. Values are today's, or
        with `published` those of the release that `vintage` names. UnknownDataset; DamagedData if the file differs from
        its descriptor; InvalidParameter if `as_of` is not a month.
        """
        dataset = self.describe(name)
        if as_of is not None:
            parse_month(as_of)
        frame = _table(dataset)
        if published and as_of is not None:
            frame = self._as_published(dataset, frame, as_of)
        if as_of is None or dataset.time is None:
            return frame.copy()
        return frame[rows_until(frame, dataset.time, as_of)].reset_index(drop=True)

    def vintage(self, name: str, as_of: str, *, partner: str = "") -> Vintage:
        """Return the release of `name` that was current when the month `as_of` was new, for one `partner` if given.

        Some releases are known for one partner only. If none is known, the result says that the values are today's.
        UnknownDataset; InvalidParameter if `as_of` is not a month.
        """
        from korus_research.data.package.releases import gave_all, vintage_of

        dataset, releases = self.describe(name), self._releases
        found = vintage_of(name, releases, parse_month(as_of), partner=partner)
        older = self._replaced(name)
        if not found.published or older is None:
            return found
        rows = self.load(name, as_of=as_of)
        return replace(found, whole=gave_all(dataset, rows, _table(self.describe(older)), releases, found.release))

    def published_months(self, *, partner: str = "") -> list[str]:
        """Return the months with known values as published then, for all partners or for `partner`, in order."""
        from korus_research.data.package.releases import published_months

        return published_months(self._releases, partner=partner)

    @property
    def _releases(self) -> pd.DataFrame:
        return _table(self.describe("releases"))

    def _replaced(self, name: str) -> str | None:
        """Return the table with the replaced values of the table `name`, or None."""
        return next((one for one, dataset in self._datasets.items() if dataset.replaces == name), None)

    def _as_published(self, dataset: Dataset, frame: pd.DataFrame, as_of: str) -> pd.DataFrame:
        """Return the rows with the values published when `as_of` was new, as far as the package has them."""
        from korus_research.data.package.releases import as_released, replaced_by, vintage_of

        name = dataset.replaces or dataset.name
        if (older := self._replaced(name)) is None:
            return frame
        releases = self._releases
        known = [
            vintage_of(name, releases, as_of, partner=only)
            for only in releases.loc[releases["table"] == name, "only"].unique()
        ]
        found = min((one.release for one in known if one.published), default=None)
        if found is None:
            return frame
        of, restored = self.describe(name), replaced_by if dataset.replaces else as_released
        return restored(of, _table(of), _table(self.describe(older)), releases, found)

    def last_period(self, name: str, *, as_of: str | None = None, partner: str | int | None = None) -> str:
        """Return the last period of `name` up to `as_of`, for one `partner` if given: "2026-07", "2024-Q4" or "2024".

        MissingPartner if there are no rows for `partner` by then; InvalidParameter if the table has no periods or no
        partners.
        """
        dataset = self.describe(name)
        if dataset.time is None or (partner is not None and "partner" not in {c.name for c in dataset.columns}):
            raise InvalidParameter(
                f"{name} has no {'periods' if dataset.time is None else 'partners'}",
                expected="a table with them",
                do=f"See `korus data show {name}`",
            )
        frame = _table(dataset)
        if partner is not None:
            from korus_research.methods.series import partner_code

            frame = frame[frame["partner"] == partner_code(partner)]
        if as_of is not None:
            frame = frame[rows_until(frame, dataset.time, as_of)]
        if partner is not None and frame.empty:
            raise MissingPartner(
                f"{name} holds no rows for partner {partner}" + (f" by {as_of}" if as_of else ""),
                expected="a Census code of the table",
                do="List the codes with `korus partners`",
            )
        return last_period(frame, dataset.time)

    def verify(self) -> list[Problem]:
        """Return all problems of the package: damaged tables, wrong content hashes, files that it does not list."""
        from korus_research.data.package.read import content_sha256, read_table

        problems: list[Problem] = []
        for dataset in self._datasets.values():
            try:
                frame = read_table(dataset)
            except DamagedData as damage:
                problems.append(Problem(dataset.name, dataset.path, str(damage), damage.do))
                continue
            if content_sha256(frame, dataset.columns) != dataset.content_sha256:
                found = f"{dataset.path}: the rows have another content hash than {self.folder / DESCRIPTOR} says"
                problems.append(Problem(dataset.name, dataset.path, found, REPAIR))
        listed = {dataset.path.name for dataset in self._datasets.values()}
        for path in sorted(self.folder.iterdir()):
            if path.suffix in TABLE_ENDINGS and path.name not in listed:
                problems.append(Problem("", path, f"{path}: a table that the data package doesn't list", "Remove it"))
        return problems


def open_catalog(folder: Path | None = None) -> Catalog:
    """Return the catalog of the data package in `folder` (default: `home()`).

    DamagedData if the descriptor `datapackage.json` is missing or invalid.
    """
    of = home() if folder is None else Path(folder)
    if folder is None and of != HOME and not (of / DESCRIPTOR).exists():
        found, do = f"{FOLDER} names {of}, which holds no data package", "Unset it, or make one: see docs/refresh.md"
        raise DamagedData(found, expected=DESCRIPTOR, do=do)
    return Catalog(of, read_package(of))


def home() -> Path:
    """Return the folder of the data package: `KORUS_DATA`, or the one embedded in korus_research."""
    return Path(os.environ.get(FOLDER) or HOME)


def _table(dataset: Dataset) -> pd.DataFrame:
    from korus_research.data.package.read import read_table

    try:
        state = dataset.path.stat()
    except OSError:
        return read_table(dataset)  # which says what is wrong
    key = (dataset.path.resolve(), state.st_size, state.st_mtime_ns, dataset)
    if key not in _read:
        _read[key] = read_table(dataset)
    return _read[key]
