"""Named errors. Each message says what was found, what was expected and what to do next.

They cross process boundaries (papermill workers), so each pickles with nothing but its message.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from functools import partial


class KorusError(Exception):
    """Base of every error this package raises on purpose; `korus` prints it as one line and exits with 1."""

    def __init__(self, found: str, *, expected: str = "", do: str = "") -> None:
        self.found = found
        self.expected = expected
        self.do = do
        super().__init__(found, expected, do)

    def __reduce__(self) -> tuple[object, ...]:
        return (partial(type(self), expected=self.expected, do=self.do), (self.found,))

    def __str__(self) -> str:
        parts = (self.found, self.expected and f"Expected {self.expected}", self.do)
        return " ".join(f"{part.rstrip('.')}." for part in parts if part)


class InvalidFile(KorusError):
    """A file of the project that can't be read, or does not say what it must."""


class UnknownAgreement(KorusError):
    """No agreement of that name."""


class InvalidAgreement(KorusError):
    """An agreement's TOML does not say what it must."""


class UnknownParameter(KorusError):
    """A report parameter that does not exist."""


class InvalidParameter(KorusError):
    """A report parameter of the wrong type or outside the data."""


class UnknownDataset(KorusError):
    """No dataset of that name."""


class UndeclaredTable(KorusError):
    """A chapter uses a table that its metadata does not declare."""


class DamagedData(KorusError):
    """An embedded table is missing, truncated, edited or does not fit its schema."""


class MissingInput(KorusError):
    """An agreement or an edition lacks what an analysis needs; a report leaves the chapter out."""


class MissingPartner(MissingInput):
    """A table holds no rows for a partner."""


class InvalidSpecification(KorusError):
    """An estimate is asked for that can't be made as specified: windows, reason codes, estimators."""


class IncompletePanel(MissingInput):
    """The treated unit lacks a year, or has one without trade."""


class InvalidPanel(KorusError):
    """A bilateral panel that is none: a missing column, a flow that is no number, a row twice, domestic sales."""


class NoDonors(MissingInput):
    """A donor rule leaves nobody to compare with."""


class NotConverged(KorusError):
    """A numerical solution that does not meet its own conditions."""


class InvalidModel(KorusError):
    """A general-equilibrium model that can't be: negative flows, no domestic sales, an elasticity of zero."""


class NotIdentified(MissingInput):
    """A model whose effects the data can't tell apart, or a pair without trade in a period that matters."""


class TooFewPairs(NotIdentified):
    """Next to no pair of a gravity panel is comparable with the studied one."""


class MissingFigures(MissingInput):
    """An economy or a year whose figures an analysis needs is not in the data."""


class UnknownFinding(KorusError):
    """A sentence asks for a finding that nobody made."""


class InvalidSentence(KorusError):
    """A sentence template that could say something its findings do not."""


class InvalidWords(KorusError):
    """A words file that does not say what it must."""


class InvalidFindings(KorusError):
    """A findings file, or a chapter's code, declares or makes a finding that can't be."""


class InvalidFigure(KorusError):
    """A figure or table without what a reader needs: alt text, title, source."""


class InvalidClaim(KorusError):
    """A claim, lexicon or basis entry that does not say what it must."""


class InvalidChapter(KorusError):
    """A chapter file that is missing, or lacks its parameters cell or metadata."""


class ChapterFailed(KorusError):
    """A cell of a chapter raised; the partial notebook and an error page are kept."""


class NoWorkers(KorusError):
    """The system makes no further process: descriptors, memory, or /dev/shm are missing."""


class PublishFailed(KorusError):
    """pandoc or Typst refused the document."""


class OutputFolder(KorusError):
    """The output folder can't be written, is full, or is not an edition."""


class Busy(KorusError):
    """Another run is writing the same edition."""


def unknown(kind: type[KorusError], name: object, what: str, known: Collection[str], *, do: str = "") -> KorusError:
    """Return the error for a name that is not `what` ("a flow"): it lists those that are `known`, the closest first."""
    return kind(f"'{name}' is not {what}{did_you_mean(name, known)}", expected="one of " + ", ".join(known), do=do)


def code_meant(word: object, names: Mapping[str, str]) -> str:
    """Return ` (did you mean '5880', Japan?)` for the closest of `names`, which are by code, or an empty string."""
    codes = {name.lower(): code for code, name in names.items()}
    close = difflib.get_close_matches(str(word).lower(), codes, n=1, cutoff=0.7)
    return f" (did you mean '{codes[close[0]]}', {names[codes[close[0]]]}?)" if close else ""


def did_you_mean(word: object, known: Iterable[str]) -> str:
    """Return ` (did you mean 'x'?)` for the closest of `known`, large and small letters alike, or an empty string."""
    names = {name.lower(): name for name in known}
    close = difflib.get_close_matches(str(word).lower(), names, n=1, cutoff=0.6)
    return f" (did you mean '{names[close[0]]}'?)" if close else ""
