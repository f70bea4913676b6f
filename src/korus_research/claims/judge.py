"""The judge: a claim, its measure on every basis of the fixed list, the lexicon, and the verdict with its reason.

Verdicts (methods section 12): a claim *holds* on the default basis, *depends on basis* if it is right only on another
one of the fixed list, *does not hold*, or is *not testable with these data*. The default basis decides first. A claim
about causes is *supported*, *not supported* or *not identified*, by the rule of the lexicon.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, get_args

from korus_research.analysis.finding import Finding, Findings
from korus_research.claims.drivers import driver_conditions
from korus_research.claims.measures import Condition, Measured, flow_measure, measure, share_measures
from korus_research.claims.model import (
    Claim,
    ClaimSource,
    Word,
    load_bases,
    load_causal_rule,
    load_claims,
    load_lexicon,
)

if TYPE_CHECKING:
    import pandas as pd

    from korus_research.study import Study

VerdictWord = Literal[
    "holds",
    "depends on basis",
    "does not hold",
    "supported",
    "not supported",
    "not identified",
    "not testable with these data",
]
VERDICTS: tuple[VerdictWord, ...] = get_args(VerdictWord)


@dataclass(frozen=True)
class Verdict:
    """What became of one claim.

    Attributes
    ----------
    measured : Finding or None
        The measure on the default basis; None where the claim has no measure.
    tried : tuple of (Measured, bool)
        Every basis on which there is a value, and whether the claim is right on it; the default first.
    later : tuple of (Measured, bool)
        The measure on the default series from the default baseline to the latest months known when it was said, and to
        the latest of this edition, and whether the wording would be right there; told beside the verdict only.
    conditions : tuple of Condition
        Of a claim about causes: its premise and its falsification test.
    """

    source: ClaimSource
    claim: Claim
    word: VerdictWord
    band: tuple[float, float] | None
    measured: Finding | None
    tried: tuple[tuple[Measured, bool], ...]
    later: tuple[tuple[Measured, bool], ...] = ()
    conditions: tuple[Condition, ...] = ()

    @property
    def right_on(self) -> int:
        """On how many bases the claim is right."""
        return sum(right for _, right in self.tried)

    @property
    def values(self) -> list[float]:
        """The measure on every basis with a value."""
        return [m.value for m, _ in self.tried if m.value is not None]


@dataclass(frozen=True)
class Ledger:
    """All claims about one agreement with their verdicts, in the order they were made."""

    verdicts: tuple[Verdict, ...]
    names: dict[str, str]

    @cached_property
    def counts(self) -> dict[VerdictWord, int]:
        """How many claims have each verdict; every verdict is listed."""
        counted = Counter(v.word for v in self.verdicts)
        return {word: counted[word] for word in VERDICTS}

    def findings(self) -> Findings:
        """Return the measured values and the counts, with ids `claims.*`."""
        made = [v.measured for v in self.verdicts if v.measured is not None]
        ids = {
            "holds": "holds",
            "depends on basis": "depends",
            "does not hold": "fails",
            "supported": "supported",
            "not supported": "not_supported",
            "not identified": "not_identified",
            "not testable with these data": "untestable",
        }
        total = len(self.verdicts)
        for id_, label, value in [
            ("total", "claims in the ledger", total),
            ("testable", "claims that these data can test", total - self.counts["not testable with these data"]),
            *((ids[word], f"claims with the verdict '{word}'", count) for word, count in self.counts.items()),
        ]:
            made.append(Finding(f"claims.{id_}", label, float(value), "count", "this edition", "claims ledger", ()))
        return Findings(tuple(made), self.names)

    def to_frame(self) -> pd.DataFrame:
        """Return one row a claim: what was said, measured, on which basis, the verdict and how often it is right."""
        import pandas as pd

        rows = []
        for v in self.verdicts:
            low, high = v.band or (math.nan, math.nan)
            rows.append(
                {
                    "number": v.claim.number,
                    "id": v.claim.id,
                    "source": v.source.id,
                    "who": v.source.who,
                    "date": v.source.date.isoformat(),
                    "said": v.claim.said,
                    "verdict": v.word,
                    "measured": math.nan if v.measured is None or v.measured.value is None else v.measured.value,
                    "unit": v.claim.unit or "",
                    "basis": v.tried[0][0].basis if v.tried else "",
                    "stated": math.nan if v.claim.stated is None else v.claim.stated,
                    "band_low": low,
                    "band_high": high,
                    "bases_tried": len(v.tried),
                    "bases_right": v.right_on,
                    "needs": v.claim.needs or "",
                }
            )
        return pd.DataFrame(rows)

    def bases_frame(self) -> pd.DataFrame:
        """Return one row a claim and basis: the value, and whether the claim is right on it."""
        import pandas as pd

        rows = [
            {
                "number": v.claim.number,
                "id": v.claim.id,
                "basis": m.basis,
                "value": m.value,
                "unit": v.claim.unit,
                "right": right,
            }
            for v in self.verdicts
            for m, right in v.tried
        ]
        return pd.DataFrame(rows, columns=["number", "id", "basis", "value", "unit", "right"])

    def __repr__(self) -> str:
        lines = [f"{len(self.verdicts)} claims"] + [
            f"  {v.claim.number:>2} {v.word}: {v.claim.said}" for v in self.verdicts
        ]
        return "\n".join(lines)


def judge_claims(study: Study) -> Ledger:
    """Judge every claim about the study's agreement that had been made on the data of its `as_of`.

    Each is judged on the months that had been published when it was made (`data_through` of its source), whatever the
    edition, so that a verdict does not change with later trade. Values are of today's vintage.

    Raises
    ------
    InvalidClaim
        A claim file, the lexicon or the list of bases does not say what it must.
    """
    lexicon, bases = load_lexicon(), load_bases()
    made = load_claims(study.agreement.id, as_of=study.parameters.as_of)
    then = {source.data_through: study.as_known(source.data_through) for source, _ in made}
    verdicts = []
    for source, claim in made:
        known = then[source.data_through]
        values = measure(claim, source, known, bases)
        if claim.measure == "driver":
            verdicts.append(_causal(source, claim, values, lexicon, driver_conditions(claim, known) if values else ()))
            continue
        later = (*_latest(claim, known, lexicon), *_latest(claim, study, lexicon))
        shown = {m.basis for m in values[:1]}
        later = tuple({m.basis: (m, right) for m, right in later if m.basis not in shown}.values())
        verdicts.append(_verdict(source, claim, values, lexicon, later))
    return Ledger(tuple(verdicts), dict(study.names))


def _latest(claim: Claim, study: Study, lexicon: dict[str, Word]) -> tuple[tuple[Measured, bool], ...]:
    if claim.measure not in ("flow-change", "deficit-ratio", "share") or claim.word is None or claim.stated is None:
        return ()
    if claim.measure == "share":
        now = share_measures(claim, study)[-1]
    else:
        now = flow_measure(claim, study.flows(), str(study.parameters.baseline_year), "latest12")
    return () if now.value is None else ((now, lexicon[claim.word].admits(now.value, claim.stated)),)


def _verdict(
    source: ClaimSource,
    claim: Claim,
    values: list[Measured],
    lexicon: dict[str, Word],
    later: tuple[tuple[Measured, bool], ...],
) -> Verdict:
    if claim.word is None or claim.stated is None or claim.unit is None:
        return Verdict(source, claim, "not testable with these data", None, None, ())
    word, stated = lexicon[claim.word], claim.stated
    tried = tuple((m, word.admits(m.value, stated)) for m in values if m.value is not None)
    default = values[0]
    measured = _measured(claim, default)
    if default.value is None:
        verdict: VerdictWord = "not testable with these data"
    elif tried[0][1]:
        verdict = "holds"
    else:
        verdict = "depends on basis" if any(right for _, right in tried) else "does not hold"
    return Verdict(source, claim, verdict, word.band(stated), measured, tried, later)


def _causal(
    source: ClaimSource,
    claim: Claim,
    values: list[Measured],
    lexicon: dict[str, Word],
    conditions: tuple[Condition, ...],
) -> Verdict:
    """Judge a claim about causes by the rule of the lexicon."""
    if not values or claim.word is None or claim.stated is None:
        return Verdict(source, claim, "not testable with these data", None, None, ())
    word, stated, rule = lexicon[claim.word], claim.stated, load_causal_rule()
    tried = tuple((m, m.right(word, stated)) for m in values)
    share = sum(right for _, right in tried) / len(tried)
    if not all(c.holds for c in conditions if c.premise) or share <= rule.not_supported_to:
        verdict: VerdictWord = "not supported"
    elif share >= rule.supported_from and all(c.holds for c in conditions):
        verdict = "supported"
    else:
        verdict = "not identified"
    band = word.band(stated)
    return Verdict(source, claim, verdict, band, _measured(claim, values[0]), tried, (), conditions)


def _measured(claim: Claim, default: Measured) -> Finding:
    return Finding(
        f"claims.{claim.id}.measured",
        f"what claim {claim.number} measures",
        default.value,
        claim.unit or "count",
        default.period,
        default.statistics,
        default.datasets,
        low=default.low,
        high=default.high,
        interval=None if default.low is None else default.statistics,
        reason="the data of this edition hold no figure on the default basis" if default.value is None else None,
    )
