"""The declared rules: which figures of others are comparable, how they become percentages, what is set beside them.

Decision 31.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, model_validator

from korus_research.chapters.choices import Part
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidSpecification
from korus_research.methods.series import Flow

FILE = Path(__file__).with_name("rules.toml")


class EstimateRule(Part):
    """One of our estimates: the finding it is read from ("{flow}" stands for the flow) and what its range is."""

    id: str
    finding: str
    label: str
    range: Literal["interval", "spread", "shown"]
    method: str = ""  # the id of a method of the counterfactual: the one that leads there comes first here


class LeaveOut(Part):
    """Which published rows are left out, and why: all conditions given must fit, and the first rule that does
    counts."""

    id: str
    why: str
    kinds: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()  # parts of the method's wording
    figure: bool | None = None  # false fits rows without a figure
    marked: bool = False  # these rows repeat a forecast as if it were a finding


class Unfit(Part):
    """Why a row that no rule leaves out can't stand beside ours: its outcome, its unit, or the years of its window."""

    flow: str
    unit: str
    years: str


class Base(Part):
    """The year whose trade a study's dollars are a part of."""

    year: int
    source: str


class Window(Part):
    """First and last year that a study's window calls "after"."""

    after: tuple[int, int]
    source: str


class SectorRule(Part):
    """A forecast by sector and the trade that comes nearest to it, by codes or of a sector of the Commission."""

    key: str = Field(pattern=r"^[a-z_]+$")
    sector: str
    label: str
    flow: Flow
    codes: tuple[str, ...] = ()  # HS 2 for exports, NAICS 3 for imports
    # A sector of the US International Trade Commission, whose yearly reviews print its domestic exports from before the
    # agreement on.
    commission: str = ""
    note: str

    @model_validator(mode="after")
    def _one_table(self) -> SectorRule:
        if bool(self.codes) == bool(self.commission):
            raise ValueError("either codes or a sector of the Commission")
        return self


class Likeness(Part):
    """One way in which the forecast and our estimate differ."""

    aspect: str
    forecast: str
    ours: str
    source: str


class Conclusion(Part):
    """What a study concluded beside its figures of the flows: the outcome its rows have, and whose it is."""

    outcome: str
    said: str


class Evaluation(Part):
    """A published evaluation, as rows and sentences name it."""

    study: str  # as in the dataset
    said: str
    short: str


class AgreementRules(Part):
    """What the sources about one agreement mean."""

    id: str
    reference: str  # the study that comes first, as in the dataset
    reference_said: str  # as rows name it
    reference_short: str  # as sentences do
    named: Mapping[str, str] = {}  # how rows name a study whose name in the dataset is short
    outcomes: dict[Flow, tuple[str, ...]]  # the studies' wording of the reporter's flows
    base: Mapping[str, Base] = {}  # by study
    window: Mapping[str, Window] = {}  # by its wording
    sector: tuple[SectorRule, ...] = ()
    sector_left_out: Mapping[str, str] = {}  # forecasts by sector that no trade is set beside, and why
    savings: str = ""  # how a published figure of the duty saved is worded
    savings_said: str = ""  # whose figure that is, for a sentence
    output: str = ""  # how the reference study words the reporter's output
    warned: str = ""  # what the reference study warned of, for a sentence
    warned_source: str = ""
    chosen: str = ""  # which variants of which studies are set side by side, for a sentence
    chosen_source: str = ""
    narrower: Mapping[Flow, tuple[str, ...]] = {}  # the studies' wording of variants that free part of trade
    conclusion: Mapping[Literal["balance", "diverted", "review"], Conclusion] = {}
    evaluation: Mapping[Annotated[str, Field(pattern=r"^[a-z]+$")], Evaluation] = {}
    effects_out: str = ""  # where an evaluation found effects on the partner's exports, for a sentence
    effects_in: str = ""  # and on its imports
    effects_of: str = ""  # the key of that evaluation
    effects_source: str = ""
    likeness: tuple[Likeness, ...] = ()

    def flow(self, outcome: str) -> Flow | None:
        """Return the flow that an outcome is, or None where it is none."""
        return next((flow for flow, worded in self.outcomes.items() if outcome in worded), None)


class Rules(Part):
    """All declared rules."""

    estimate: tuple[EstimateRule, ...] = Field(min_length=1)
    rule: tuple[LeaveOut, ...]
    unfit: Unfit
    agreement: tuple[AgreementRules, ...]

    def of(self, agreement: str) -> AgreementRules | None:
        """Return the rules of one agreement; None where no forecast of it is held."""
        return next((a for a in self.agreement if a.id == agreement), None)


@lru_cache(maxsize=4)
def load_rules(path: Path = FILE) -> Rules:
    """Return the declared rules.

    Raises
    ------
    InvalidSpecification
        The file can't be read or does not say what it must.
    """
    return load_toml(path, Rules, InvalidSpecification)
