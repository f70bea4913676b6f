"""What a notebook shows, as data: the contract between `show`, which writes it, and `publish`, which reads it.

Everything in an output travels as JSON under a MIME type of ours, one model a kind. `docs/contract.schema.json` is made
from these models (`tools/contract_schema.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal, NotRequired, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import ErrorDetails, PydanticCustomError

# Python before 3.12 keeps less of a TypedDict than pydantic needs.
from typing_extensions import TypedDict

from korus_research.errors import InvalidFigure, did_you_mean
from korus_research.show.words.prose import Role

MIME = re.compile(r"application/vnd\.korus\.([a-z]+)\+json")
Tone = Literal["", "holds", "depends", "fails", "untestable", "high", "low"]
Text = Annotated[str, Field(min_length=1)]
"""What a reader or a screen reader needs: never empty."""

# An SVG stands by itself. Each begins with letters: `re` skips through a picture to those.
_UNFIT = {
    r"<script\b": "holds a script",
    r"""on(?<=\son)\w+\s*=\s*["']""": "holds a script",
    r"""(?:href|src)\s*=\s*["'](?!#|data:)""": "loads something from elsewhere",
}


@pydantic.with_config(ConfigDict(extra="forbid"))
class Finding(TypedDict):
    """One number or named state with its provenance; `text` is how it is spoken."""

    id: str
    label: str
    value: float | None
    unit: str
    decimals: int
    low: float | None
    high: float | None
    interval: str | None
    period: str
    basis: str
    datasets: list[str]
    reason: str | None
    text: str
    repeats: NotRequired[str | None]
    state: NotRequired[str | None]
    states: NotRequired[list[str]]


class Sentence(TypedDict):
    """A template and the ids of the findings that it speaks."""

    template: str
    findings: list[str]


class Part(BaseModel):
    """A part of a block."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Part):
    """From which entry of a chapter's words file a block was spoken: what it takes to speak it again.

    `given` and `names` are what the chapter's code gave to the words and what its findings use; `extra` are the ids of
    the findings that a figure or table shows and its words need not speak, `notes` those notes that code gave.
    """

    chapter: str
    at: str
    given: dict[str, str | list[str]]
    names: dict[str, str | list[str]]
    extra: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Shown(Part):
    """What every block may carry; without `words` it stays as it was spoken."""

    findings: tuple[Finding, ...] = ()
    sentences: tuple[Sentence, ...] = ()
    words: Words | None = None


class Prose(Shown):
    """Sentences in Pandoc Markdown; a spoken number is a span: `[$42.3 billion]{.f data-f="flows.exports.end"}`."""

    kind: Literal["prose"] = "prose"
    role: Role
    markdown: Text


class Sourced(Shown):
    """What a figure and a table have in common: words around it, and where it comes from."""

    id: Text
    title: Text
    caption: str = ""
    source: Text
    datasets: tuple[str, ...] = ()
    made_by: str = ""
    last_period: str = ""
    data_csv: Text


class Figure(Sourced):
    """A picture, drawn wide and narrow; title, subtitle, caption and source are text around it, not in it."""

    kind: Literal["figure"] = "figure"
    subtitle: str = ""
    alt: Text
    svg: Text
    svg_narrow: str = ""
    width: Literal["wide", "text"] = "wide"
    data_csv: str = ""  # a picture that others have made comes without its figures

    @pydantic.field_validator("svg", "svg_narrow")
    @classmethod
    def _stands_by_itself(cls, svg: str) -> str:
        unfit = _UNFIT if "<svg" in svg or not svg else {"": "is not an SVG"}
        for pattern, what in unfit.items():
            if re.search(pattern, svg):
                raise _wrong(f"the picture {what}", "a self-contained SVG")
        return svg


class Column(Part):
    """One column of a table; `width` is relative to those of the others."""

    key: Text
    label: str
    unit: str = ""
    align: Literal["left", "right", "decimal"] = "left"
    width: float | None = None


class Cell(Part):
    """A cell that is more than its text; `tone` is a colour role that a word or sign in `text` doubles."""

    text: str
    tone: Tone = ""
    href: str = ""


class Table(Sourced):
    """Rows of formatted cells; the cells of the column `row_header` head their rows."""

    kind: Literal["table"] = "table"
    notes: tuple[str, ...] = ()
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    row_header: Text
    rows: Annotated[tuple[dict[str, str | Cell], ...], Field(min_length=1)]

    @pydantic.model_validator(mode="after")
    def _complete(self) -> Table:
        keys, found = [column.key for column in self.columns], ""
        if unlabelled := [column.key for column in self.columns if not column.label.strip()]:
            found = f"columns without a label: {', '.join(unlabelled)}"
        elif self.row_header not in keys:
            found = f"its row header '{self.row_header}' is not a column"
        elif any(key not in row for row in self.rows for key in keys):
            found = "a row lacks a cell"
        if found:
            expected = "a label for every column, one of them the row header, and a cell for each in every row"
            raise _wrong(found, expected)
        return self


class Formula(Shown):
    """A displayed formula, and how it is read aloud."""

    kind: Literal["formula"] = "formula"
    tex: Text
    alt: Text


class Card(Part):
    """One claim: what was said and by whom, what was measured (Markdown as in prose), verdict and reason.

    A `compact` card is a row that opens in HTML and a row of a list in print. `deciding` is the number that decides, in
    a few words, `reason` a sentence or two, `why` the details; `source` is Markdown with a link to each page.
    """

    id: Text
    number: str
    verdict: str
    tone: Tone
    said: str
    measured: str
    basis: str = ""
    why: str = ""
    link: str | None = None
    link_text: str | None = None
    source: str = ""
    compact: bool = False
    who: str = ""
    speaker: str = ""
    topic: str = ""
    deciding: str = ""
    reason: str = ""


class Cards(Shown):
    """The claims ledger."""

    kind: Literal["cards"] = "cards"
    id: Text
    title: str = ""
    cards: Annotated[tuple[Card, ...], Field(min_length=1)]
    data_csv: str = ""


class Judged(Part):
    """A claim in one line: what was said, the verdict and the number that decides."""

    number: str
    said: Text
    verdict: Text
    tone: Tone
    deciding: str = ""
    href: str | None = None


class Verdicts(Shown):
    """Claims judged, a line each."""

    kind: Literal["verdicts"] = "verdicts"
    id: Text
    rows: Annotated[tuple[Judged, ...], Field(min_length=1)]


class Dataset(Part):
    """One dataset: what it holds, where it comes from, which version it is."""

    name: Text
    title: str
    basis: str
    coverage: str = ""
    last_period: str = ""
    vintage: str
    licence: str
    sha256: str
    source: str
    address: str | None = None
    rows: int
    cautions: tuple[str, ...] = ()


class Datasets(Shown):
    """The list of datasets."""

    kind: Literal["datasets"] = "datasets"
    id: Text
    title: str = ""
    entries: Annotated[tuple[Dataset, ...], Field(min_length=1)]


class FindingsList(Shown):
    """All findings of a chapter, for chapters that speak about others; the report doesn't show it."""

    kind: Literal["findings"] = "findings"


Block = Prose | Figure | Table | Formula | Cards | Verdicts | Datasets | FindingsList
MODELS: dict[str, type[Shown]] = {model.model_fields["kind"].default: model for model in get_args(Block)}


def read(kind: str, payload: Mapping[str, Any]) -> Any:
    """Return what a block of `kind` says, checked: an instance of `MODELS[kind]`.

    InvalidFigure where a field is missing, empty, unknown or of another type, a picture can't stand by itself, or a
    table has gaps.
    """
    try:
        return MODELS[kind].model_validate(payload)
    except pydantic.ValidationError as error:
        raise _refused(kind, payload, error.errors(include_url=False)[0]) from None


@cache
def schema() -> dict[str, Any]:
    """Return the JSON schema of a block of any kind."""
    return pydantic.TypeAdapter(Annotated[Block, Field(discriminator="kind")]).json_schema()


def _wrong(found: str, expected: str) -> PydanticCustomError:
    return PydanticCustomError("unfit", "{found}", {"found": found, "expected": expected})


def _refused(kind: str, payload: Mapping[str, Any], error: ErrorDetails) -> InvalidFigure:
    """Return the first thing that is wrong as a line of ours."""
    name = str(payload.get("id", "")) if isinstance(payload, Mapping) else ""
    block = f"{kind} '{name}'" if name else kind
    field = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in error["loc"]).lstrip(".")
    fields = MODELS[kind].model_fields
    match error["type"]:
        case "missing" | "string_too_short" | "too_short":
            found = f"a {block} without {field}"
            expected = f"a {kind} with {', '.join(key for key, info in fields.items() if info.is_required())}"
        case "extra_forbidden":
            found = f"a {block} with an unknown {field}{did_you_mean(field, fields)}"
            expected = f"only {', '.join(fields)}"
        case "unfit":
            found, expected = f"{block}: {error['msg']}", error["ctx"]["expected"]
        case _:
            shown = repr(error["input"])
            found = f"{block}: {field or 'it'} is {shown if len(shown) <= 60 else shown[:57] + '...'}"
            expected = error["msg"].removeprefix("Input should be ")
    return InvalidFigure(found, expected=expected, do="See docs/contract.schema.json, and correct where it is made")
