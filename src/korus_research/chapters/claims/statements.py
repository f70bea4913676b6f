"""Claims as data: what was said, by whom and when, which measure it maps to, and what its words mean."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from korus_research.chapters.choices import Part
from korus_research.chapters.claims.lexicon import Word, load_lexicon
from korus_research.chapters.flows.measures import Series
from korus_research.chapters.topic import measured
from korus_research.data.agreements import Agreement, find_agreement
from korus_research.data.period import day_text
from korus_research.data.toml import Keys, TomlFile, read_toml
from korus_research.errors import InvalidClaim, did_you_mean
from korus_research.show.declared import declarations
from korus_research.show.finding import Unit

SOURCES = Path(__file__).with_name("sources")
MeasureName = Literal[
    "flow-change",
    "deficit-ratio",
    "share",
    "commitment",
    "allowance",
    "driver",
    "change",
    "level",
    "record",
    "expectation",
    "sector",
]
_MONTH = r"\d{4}-(0[1-9]|1[0-2])"
PERIOD = rf"^(\d{{4}}|\d{{4}}\.\.\d{{4}}|{_MONTH}\.\.{_MONTH}|latest12)$"
JUDGED_BY = {"what", "word", "stated", "unit"}
OF_PERIODS = ("change", "level", "record", "sector")
UNITS = {
    "flow-change": ("usd_bn",),
    "deficit-ratio": ("times",),
    "share": ("percent",),
    "change": ("usd_bn", "times", "percent", "points"),
    "sector": ("usd_bn", "percent"),
    "record": ("times",),
    "expectation": ("points", "usd_bn"),
}  # of what a measure gives
BESIDE = ("drivers", "flows", "forecasts", "sectors")  # chapters whose findings may be told with a verdict


class Changed(Part):
    """What became of the claim in the first edition (July 2026), and why that was changed after it had been seen."""

    was: str
    why: str


class Claim(Part):
    """One claim, in own words. Without a measure it says what judging it would need.

    `topic` is what it is about, `short` the claim in one line where it stands in a list. `first` and `last` are the
    periods it names ("2011", "2011-04..2012-03", "latest12", of a sector the mean of "2012..2015"), `series` the
    statistics that fit its wording with the stated ones first, `stated_before` the level it starts from, `yearly` a
    growth by year. `makers` are those it names, `file` the series of the lexicon that would let it be judged.
    `elsewhere` names a count of the speaker's own that the data lack: the claim can then be found right on ours, not
    wrong. `forecast` marks what was said about the time to come, `base_year` the year its amount is a part of. `beside`
    are findings told with the verdict that are no test of the claim.
    """

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    number: int = Field(ge=1)
    topic: str
    short: str = Field("", max_length=58)
    said: str = Field(min_length=10)
    measure: MeasureName | None = None
    what: str = ""
    word: str = ""
    stated: float = math.nan
    unit: Unit = "count"
    chapter: str = ""
    goods_only: bool = False
    end: Literal["evaluation", "latest12"] | None = None
    before_only: bool = False
    span_years: int | None = Field(None, ge=1)
    caveat: str = ""
    needs: str = ""
    file: str = ""
    makers: tuple[str, ...] = ()
    changed: Changed | None = None
    first: str | None = Field(None, pattern=PERIOD)
    last: str | None = Field(None, pattern=PERIOD)
    series: tuple[Series, ...] = Field(("census_goods",), min_length=1)
    stated_before: float | None = None
    yearly: bool = False
    elsewhere: str = ""
    forecast: bool = False
    base_year: int | None = None
    beside: tuple[str, ...] = ()
    see: str = ""

    @model_validator(mode="after")
    def _judged_or_not(self) -> Claim:
        given = self.model_fields_set
        if self.measure is None and ("needs" not in given or given & JUDGED_BY):
            raise ValueError("a claim without a measure says what it needs, and nothing else")
        if self.measure is not None and ("needs" in given or not {*JUDGED_BY, "chapter"} <= given):
            raise ValueError("a claim with a measure has what, word, stated, unit and chapter, and no needs")
        if self.measure in OF_PERIODS and self.last is None:
            raise ValueError("a claim about periods names its last one")
        if self.measure in ("change", "sector") and self.first is None:
            raise ValueError("a claim about a change names its first period")
        if not self._named(r"\d{4}(\.\.\d{4})?" if self.measure == "sector" else r"\d{4}(-.*)?|latest12"):
            raise ValueError("only a claim about a sector names the mean of years, and it names years alone")
        if (self.measure == "record" or self.what.startswith("share-of-")) and not self._named(r"\d{4}"):
            raise ValueError("a claim about a record or a share names calendar years")
        if self.yearly and not self._named(r"\d{4}.*"):
            raise ValueError("a claim about growth by year names years, or months of years")
        if self.measure == "expectation" and (self.unit == "usd_bn") != (self.base_year is not None):
            raise ValueError("a claim about an expectation has a base_year where it is in usd_bn, and only there")
        if self.measure and self.unit not in self._units:
            raise ValueError(f"a claim measured by {self.measure} has the unit {' or '.join(self._units)}")
        if self.first and self.last and "latest12" not in (self.first, self.last) and self.first >= self.last:
            raise ValueError("a claim names the earlier period first")
        if self.stated_before is not None and (self.measure not in ("level", "sector") or self.first is None):
            raise ValueError("a level said before is of a claim about a level or a sector that names its first period")
        return self

    @property
    def _units(self) -> tuple[str, ...]:
        """Those that what the measure gives may have."""
        if self.measure == "level":
            return ("percent",) if self.what.startswith("share-of-") else ("usd_bn",)
        return UNITS.get(self.measure or "", (self.unit,))

    def _named(self, form: str) -> bool:
        """Whether the periods that the claim names are of a form."""
        return all(re.fullmatch(form, period) for period in (self.first, self.last) if period)

    @property
    def admitted(self) -> Word:
        """What the claim's word about its number admits."""
        return load_lexicon().word[self.word]

    @property
    def numbered(self) -> str:
        """The claim as tables list it, after its number."""
        return f"{self.number}. {self.said}"


class Page(Part):
    """A public page on which a claim was read: what it is called, and its address."""

    name: str
    url: str = Field(pattern=r"^https?://\S+$")


class ClaimSource(Part):
    """Who said it, where and when.

    `date` is the day, or the last day of the month or year where no more is known; `dated` then says it as it is known.
    `speaker` is a kind of speaker of the lexicon. `pages` are where it was read, `reference` its key in the
    bibliography. `data_through` is the newest month of trade data then published; without it the rule of the lexicon
    gives it. `featured` sources stand first, as cards.
    """

    id: str
    agreement: str
    who: str
    speaker: str
    title: str = ""
    date: date
    dated: str = ""
    reference: str = ""
    pages: tuple[Page, ...] = ()
    featured: bool = False
    data_through: str = Field("", pattern=r"^(\d{4}-\d{2})?$")

    @model_validator(mode="after")
    def _found_again(self) -> ClaimSource:
        if not (self.reference or self.pages):
            raise ValueError("a source has a reference or a page")
        if not self.data_through:
            object.__setattr__(self, "data_through", load_lexicon().publication.newest_month(self.date))
        return self

    @property
    def when(self) -> str:
        """The day as it is known: "January 8, 2018", "March 2016", "2020"."""
        return self.dated or day_text(self.date)

    @property
    def links(self) -> str:
        """The pages as links in Markdown, with a semicolon between."""
        return "; ".join(f"[{page.name}]({page.url})" for page in self.pages)


class ClaimFile(Part):
    """One source with its claims."""

    source: ClaimSource
    claim: tuple[Claim, ...] = Field(min_length=1)


def load_claims(
    agreement: str, *, as_of: str, folder: Path | None = None, own: Iterable[Mapping[str, Any]] = ()
) -> list[tuple[ClaimSource, Claim]]:
    """Return the claims about an agreement that had been made on the data of `as_of`, featured ones first, by number.

    `own` are the sources that stand in an agreement's own file, in which `check_claims` found nothing wrong.

    Raises InvalidClaim: a claim file that does not say what it must, a word or speaker not in the lexicon, two claims
    of one id or number.
    """
    found: list[tuple[ClaimSource, Claim]] = []
    places: dict[tuple[str, object], str] = {}
    for path in sorted((folder or SOURCES).glob("*.toml")):
        found += _claims_in(read_toml(path, InvalidClaim), (), agreement, places)
    for file in map(ClaimFile.model_validate, own):
        found += [(file.source, claim) for claim in file.claim]
    made = [(source, claim) for source, claim in found if source.data_through <= as_of]
    return sorted(made, key=lambda pair: (not pair[0].featured, pair[1].number))


def check_claims(name: str | Path, agreement: Agreement) -> None:
    """Check that the claims in a user's agreement file are sound and about it; InvalidClaim names the line."""
    read, places = read_toml(find_agreement(name), InvalidClaim), dict[tuple[str, object], str]()
    if agreement.claims:  # a copy of one of the package's has the claims about that too
        for _, claim in load_claims(agreement.id, as_of="9999-12"):
            places |= {("id", claim.id): "the package", ("number", claim.number): "the package"}
    for number in range(len(agreement.claims)):
        at: Keys = ("claims", number)
        if not _claims_in(read, at, agreement.id, places):
            expected = f"{agreement.id!r}, the id of the agreement in this file"
            raise read.error((*at, "source", "agreement"), "is another", expected=expected)


def _claims_in(
    read: TomlFile, at: Keys, agreement: str, places: dict[tuple[str, object], str]
) -> list[tuple[ClaimSource, Claim]]:
    """Return the claims of the source under the keys `at`, none where it is about another agreement.

    `places` holds the ids and numbers of those read before, and takes those of this one.
    """
    file = read.fitted(ClaimFile, *at)
    _check(file, read, at)
    if file.source.agreement != agreement:
        return []
    for place, claim in enumerate(file.claim):
        for key in ("id", "number"):
            value = getattr(claim, key)
            if (key, value) in places:
                found = f"is {value!r}, as in {places[key, value]}"
                raise read.error((*at, "claim", place, key), found, expected="one of its own")
            places[key, value] = read.path.name
    return [(file.source, claim) for claim in file.claim]


def _check(file: ClaimFile, read: TomlFile, above: Keys) -> None:
    """Raise InvalidClaim unless what a source names is there: in the lexicon, among chapters, findings and series."""
    lexicon = load_lexicon()

    def require(name: str, known: Collection[str], *keys: str | int) -> None:
        if name not in known:
            found, expected = f"is '{name}'{did_you_mean(name, known)}", f"one of {', '.join(known)}"
            raise read.error(keys, found, expected=expected, do="Correct it, or define it in the lexicon first")

    for number, claim in enumerate(file.claim):
        at: Keys = (*above, "claim", number)
        if claim.file:
            require(claim.file, lexicon.file, *at, "file")
        if claim.measure is None:
            continue
        require(claim.word, lexicon.word, *at, "word")
        require(claim.chapter, measured(), *at, "chapter")
        for place, name in enumerate(claim.beside):
            chapter, _, finding = name.partition(".")
            require(chapter, BESIDE, *at, "beside", place)
            if finding not in (known := declarations(chapter)):
                found = f"is '{name}'{did_you_mean(name, [f'{chapter}.{key}' for key in known.keys])}"
                expected = "the id of a finding, as in the findings.json of an edition"
                raise read.error((*at, "beside", place), found, expected=expected)
        for place, series in enumerate(claim.series if claim.measure in OF_PERIODS else ()):
            require(series, lexicon.bases.series, *at, "series", place)
        if claim.admitted.of_change is not None and claim.stated_before is None:
            found, do = f"is '{claim.word}', of two shares, and one is said", "Give both, or choose another word"
            raise read.error((*at, "word"), found, expected="stated and stated_before", do=do)
    require(file.source.speaker, lexicon.speaker, *above, "source", "speaker")
