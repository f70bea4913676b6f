"""The releases of a table that the package knows, the values that newer ones replaced, and a table as of one release.

A table of replaced values has the columns and the key of the table that it `replaces`, and `vintage`, the month of the
release that had them. It holds changes only: a cell that no later release changed is in the table itself. The table
`releases` records the months that each release covers, so that values are called "as published then" only where that
is true (decision 120).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from korus_research.data.period import last_months, month_of, months_after

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.data.schema import Dataset

RELEASES = "releases"
VINTAGE = "vintage"
# Figures of a month are usually published within five weeks; those of November 2025, after the government shutdown,
# were published in the third month.
LATE = 3
MOST_BYTES = 300_000  # of one table of replaced values as CSV; beyond that the oldest release is dropped


@dataclass(frozen=True)
class Vintage:
    """The release of a table whose values a study uses.

    `published` says that they are the values published when the month `as_of` was new; otherwise they are today's, and
    `release` is the newest one known ("" if none is). `only` is the partner that the release covers, "" for all;
    `whole` is false if the table also has rows that the release did not cover, with today's values.
    """

    table: str
    as_of: str
    release: str
    published: bool
    only: str = ""
    whole: bool = True


def vintage_of(table: str, releases: pd.DataFrame, as_of: str, *, partner: str = "") -> Vintage:
    """Return the release that an edition of the month `as_of` would have used, or today's values if it is not known.

    It is the first release since `as_of` that covers that month, for all partners or for `partner`, if it came within
    `LATE` months and the package has all its values. A release before `as_of` can only cover it with projections.
    """
    mine = releases[(releases["table"] == table) & releases["only"].isin(("", partner))]
    reaching = mine[(mine["last"] >= as_of) & (mine["release"] >= as_of)].sort_values("release", kind="stable")
    if len(reaching):
        first = reaching.iloc[0]
        if first["complete"] and first["release"] <= months_after(as_of, LATE):
            return Vintage(table, as_of, str(first["release"]), published=True, only=str(first["only"]))
    return Vintage(table, as_of, str(mine["release"].max()) if len(mine) else "", published=False)


def as_released(
    dataset: Dataset, rows: pd.DataFrame, replaced: pd.DataFrame, releases: pd.DataFrame, release: str
) -> pd.DataFrame:
    """Return the rows of a table with the values of `release` in place of those that newer releases changed.

    A cell whose first known version is of a later release has that version, the nearest one.
    """
    import pandas as pd

    key = list(dataset.key)
    older = replaced[_replaced_since(dataset, rows, replaced, releases, release)].sort_values(VINTAGE, kind="stable")
    by_then = older[older[VINTAGE] <= release].drop_duplicates(key, keep="last")
    then = pd.concat([by_then, older]).drop_duplicates(key, keep="first")[list(rows.columns)]
    kept = rows.merge(then[key], on=key, how="left", indicator=True)["_merge"].to_numpy() == "left_only"
    made: pd.DataFrame = pd.concat([rows[kept], then], ignore_index=True)
    return made.astype(rows.dtypes.to_dict()).sort_values(key, kind="stable").reset_index(drop=True)


def replaced_by(
    dataset: Dataset, rows: pd.DataFrame, replaced: pd.DataFrame, releases: pd.DataFrame, release: str
) -> pd.DataFrame:
    """Return the rows of a table of replaced values that were already replaced when `release` was the newest."""
    by_then = replaced[replaced[VINTAGE] <= release].sort_values(VINTAGE, kind="stable")
    since = _replaced_since(dataset, rows, by_then, releases, release)
    current = by_then[since].drop_duplicates(list(dataset.key), keep="last").index
    return by_then.drop(current).sort_index().reset_index(drop=True)


def _replaced_since(
    dataset: Dataset, rows: pd.DataFrame, replaced: pd.DataFrame, releases: pd.DataFrame, release: str
) -> pd.Series[bool]:
    """Return which replaced rows belong to cells that a release after `release` changed or removed."""
    key = list(dataset.key)
    stood = rows.loc[(cell_vintages(dataset, rows, releases) <= release).to_numpy(), key]
    found: pd.Series[bool] = replaced[key].merge(stood, on=key, how="left", indicator=True)["_merge"] == "left_only"
    return found.set_axis(replaced.index)


def gave_all(
    dataset: Dataset, rows: pd.DataFrame, replaced: pd.DataFrame, releases: pd.DataFrame, release: str
) -> bool:
    """Return whether each row of a later release has a version of `release` or earlier."""
    key = list(dataset.key)
    later = rows.loc[(cell_vintages(dataset, rows, releases) > release).to_numpy(), key]
    return len(later.merge(replaced.loc[replaced[VINTAGE] <= release, key].drop_duplicates())) == len(later)


def published_months(releases: pd.DataFrame, *, partner: str) -> list[str]:
    """Return the months for which the package has values of any table as published when the month was new."""
    near = {months_after(release, -ago) for release in releases["release"] for ago in range(LATE + 1)}
    tables = releases["table"].unique()
    return sorted(m for m in near if any(vintage_of(t, releases, m, partner=partner).published for t in tables))


def first_known(replaced: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """Return the first known version of each cell in a table of replaced values."""
    return replaced.sort_values(VINTAGE, kind="stable").drop_duplicates(list(key), keep="first").sort_index()


def cell_vintages(dataset: Dataset, rows: pd.DataFrame, releases: pd.DataFrame) -> pd.Series[str]:
    """Return the month of each row's release: its own vintage, else the newest release of its period, else ""."""
    import pandas as pd

    if VINTAGE in rows:
        return rows[VINTAGE]
    found = pd.Series("", index=rows.index, dtype="str")
    if dataset.time is None or rows.empty:
        return found
    ends = last_months(rows, dataset.time).map(month_of)
    for one in releases[releases["table"] == dataset.name].sort_values("release").to_dict("records"):
        covered = (ends >= one["first"]) & (ends <= one["last"])
        if one["only"]:
            covered &= rows["partner"] == one["only"]
        found = found.mask(covered, str(one["release"]))
    return found


def with_replaced(
    dataset: Dataset, replaced: pd.DataFrame | None, was: pd.DataFrame, releases: pd.DataFrame, unknown: str
) -> pd.DataFrame:
    """Return the table of replaced values with the rows `was` added, each with the month of its release.

    A row whose release is not known has the month `unknown`.
    """
    import pandas as pd

    known = cell_vintages(dataset, was, releases)
    rows = was.assign(**{VINTAGE: known.mask(known == "", unknown)})
    if replaced is not None:
        rows = pd.concat([replaced, rows[list(replaced.columns)]], ignore_index=True)
    return rows.drop_duplicates([*dataset.key, VINTAGE], keep="first").reset_index(drop=True)


def bounded(rows: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Return replaced values within `MOST_BYTES`, oldest releases dropped, and the first month that is complete.

    The month is "" if nothing was dropped.
    """
    width, kept_from = len(rows.to_csv(index=False)) / max(len(rows), 1), ""
    while len(rows) * width > MOST_BYTES and rows[VINTAGE].nunique() > 1:
        rows = rows[rows[VINTAGE] > rows[VINTAGE].min()]
        kept_from = str(rows[VINTAGE].min())
    return rows.reset_index(drop=True), kept_from


def of_spans(
    dataset: Dataset, rows: pd.DataFrame, spans: pd.DataFrame, precision: float
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a table's history from a source that keeps its vintages: replaced values, and rows of `releases`.

    `spans` has the table's key and value, and `known_from`, the day from which a value was the newest. A release is one
    that was the first to cover a month of a partner in all flows.
    """
    import pandas as pd

    key = list(dataset.key)
    spans = spans.assign(**{VINTAGE: spans["known_from"].str[:7]}).dropna()
    spans = spans.sort_values("known_from", kind="stable").drop_duplicates([*key, VINTAGE], keep="last")
    now = [name for name in rows.columns if name not in (*key, VINTAGE)]
    both = spans.merge(rows[[*key, *now]], on=key, suffixes=("", " now"))
    differs = pd.concat([(both[name] - both[f"{name} now"]).abs() > precision for name in now], axis=1).any(axis=1)
    replaced = both.loc[differs, [*key, *now, VINTAGE]]
    found = []
    for partner, mine in spans.groupby("partner"):
        flows = [part.groupby(VINTAGE)["month"].max().cummax() for _, part in mine.groupby("flow")]
        reached = pd.concat(flows, axis=1).ffill().min(axis=1, skipna=False).dropna()
        for release, last in reached[reached != reached.shift()].items():
            row = {"table": dataset.name, "release": release, "only": partner, "first": mine["month"].min()}
            found.append({**row, "last": last, "complete": True, "source": "vintages that the source keeps"})
    return replaced, pd.DataFrame(found)


def with_release(releases: pd.DataFrame, dataset: Dataset, release: str, given: pd.DataFrame) -> pd.DataFrame:
    """Return `releases` with a row for `release`, the month of the answers, and the months of its rows `given`."""
    import pandas as pd

    if dataset.time is None or given.empty:
        return releases
    ends = last_months(given, dataset.time)
    mine = (releases["table"] == dataset.name) & (releases["only"] == "") & (releases["release"] == release)
    first = min([month_of(int(ends.min())), *releases.loc[mine, "first"]])
    last = max([month_of(int(ends.max())), *releases.loc[mine, "last"]])
    row = {"table": dataset.name, "release": release, "only": "", "first": first, "last": last, "complete": True}
    return pd.concat([releases[~mine], pd.DataFrame([{**row, "source": "answers of the sources"}])], ignore_index=True)


def complete_from(releases: pd.DataFrame, table: str, kept_from: str) -> pd.DataFrame:
    """Return `releases` with those of a table before `kept_from` marked as incomplete: some values were dropped."""
    held = (releases["table"] != table) | (releases["release"] >= kept_from)
    return releases.assign(complete=releases["complete"] & held)
