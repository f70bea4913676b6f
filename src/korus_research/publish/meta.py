"""Metadata of a report (title page, running head, colophon), and the provenance of its datasets."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from korus_research.errors import InvalidParameter
from korus_research.publish.templates import words

FORMATS = ("html", "pdf")
Provenance = Callable[[str], Mapping[str, Any]]
"""Facts about a dataset by its name: title, source, vintage, licence, sha256; none if it is unknown."""


@dataclass(frozen=True)
class ReportMeta:
    """The facts about one edition that are not in its chapters."""

    title: str
    as_of: str  # the last month of data used, "YYYY-MM"; "" for a chapter that shows no data
    published: str = ""  # an edition's day, that of its data package, "YYYY-MM-DD": no date comes from a clock
    compiled: str = ""  # the day of the data package where that is no day of publishing, as of a notebook by itself
    subtitle: str = ""  # the question the report answers
    edition: str = ""  # how readers know it ("Data through July 2026"); made from `as_of` where it is empty
    agreement: str = ""  # its id, then its English and its Korean name
    name: str = ""
    name_ko: str = ""
    standfirst: str = ""  # one or two sentences under the title, Pandoc Markdown as in prose
    vintage_note: str = ""  # whether values are today's or as published then
    authors: tuple[str, ...] = ("The korus-research authors",)
    language: str = "en"
    version: str = ""
    left_out: tuple[tuple[str, str], ...] = ()  # (title, reason) of chapters that this edition does not have
    parameters: tuple[tuple[str, str], ...] = ()  # (name, value) of those used, as a reader should see them
    beside: tuple[str, ...] = ()  # the files of the edition that a page may link to, by relative path

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", self.as_of) and not (self._day and not self.as_of):
            raise InvalidParameter(
                f"'{self.as_of}' is not a month", expected='the last month of data as "YYYY-MM"', do="Correct as_of"
            )
        if self.as_of and not self.edition:
            year, month = self.as_of.split("-")
            shown = words().data_through.format(month=f"{calendar.month_name[int(month)]} {year}")
            object.__setattr__(self, "edition", shown)

    @property
    def _day(self) -> str:
        return self.published or self.compiled

    @property
    def timestamp(self) -> datetime:
        """Midnight (UTC) on the day of publishing or of the data package, else on the last day of `as_of`."""
        if self._day:
            return datetime.fromisoformat(self._day).replace(tzinfo=UTC)
        year, month = (int(part) for part in self.as_of.split("-"))
        return datetime(year, month, calendar.monthrange(year, month)[1], tzinfo=UTC)

    @property
    def published_on(self) -> str:
        """The day of publishing as "November 28, 2026", "" if there is none."""
        return self._written if self.published else ""

    @property
    def dated(self) -> str:
        """The day with its meaning, of publishing or of the data package; "" if there is neither."""
        said = words().published_day if self.published else words().package_day if self.compiled else ""
        return said.format(day=self._written)

    @property
    def _written(self) -> str:
        day = self.timestamp
        return f"{calendar.month_name[day.month]} {day.day}, {day.year}"

    @property
    def cite_as(self) -> str:
        """How to cite the edition."""
        year = (self._day or self.as_of)[:4]
        about = {"authors": ", ".join(self.authors), "title": self.title, "edition": self.edition}
        return words().cite_as.format(year=year, **about)

    @property
    def colophon(self) -> list[tuple[str, str]]:
        """The rows of "About this edition", as (name, value)."""
        rows = [
            (words().edition, self.edition),
            (words().published, self.published_on),
            (words().package, self._written if self.compiled else ""),
            (words().cite, self.cite_as if self.published else ""),
            (words().values, self.vintage_note),
            (words().parameters, "; ".join(f"{name} = {value}" for name, value in self.parameters)),
            *((words().left_out.format(chapter=title), reason) for title, reason in self.left_out),
            (words().authors, ", ".join(self.authors)),
            (words().made_with, f"korus-research {self.version}" if self.version else ""),
        ]
        return [(key, value) for key, value in rows if value]


def catalog_provenance(vintages: Mapping[str, str] | None = None) -> Provenance:
    """Return the provenance of the tables of the data package, with other `vintages` for some."""
    from korus_research.data import open_catalog

    catalog = open_catalog()

    def describe(name: str) -> Mapping[str, Any]:
        if name not in catalog.names:
            return {}
        dataset = catalog.describe(name)
        source = dataset.sources[0].title if dataset.sources else ""
        facts = {key: getattr(dataset, key) for key in ("title", "licence", "sha256")}
        return {**facts, "source": source, "vintage": (vintages or {}).get(name, dataset.vintage)}

    return describe
