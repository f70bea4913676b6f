"""How the ledger looks: cards, scoreboard, and the table of every basis tried."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from korus_research.analysis.finding import Finding
from korus_research.claims.judge import VERDICTS, Ledger, Verdict
from korus_research.claims.model import load_causal_rule, load_lexicon
from korus_research.present.blocks import Block, listing
from korus_research.present.figure import to_csv
from korus_research.present.prose import speak
from korus_research.present.sourcing import source_line
from korus_research.present.table import Cell, Column, Table, number

if TYPE_CHECKING:
    from korus_research.study import Study

TONES = {
    "holds": "holds",
    "depends on basis": "depends",
    "does not hold": "fails",
    "supported": "holds",
    "not supported": "fails",
    "not identified": "untestable",
    "not testable with these data": "untestable",
}
_CHAPTERS = {"flows": "Flows", "drivers": "Drivers", "context": "Context", "comparators": "Comparators"}


_CAUSAL = ("supported", "not supported", "not identified")
_SIGNED = ("flow-change", "driver")


def claim_cards(ledger: Ledger) -> Block:
    """Return the ledger as cards: said, measured, basis, verdict, why, and the chapter with the evidence."""
    cards = [_card(v, ledger) for v in ledger.verdicts]
    title = "What was said, and what we measured"
    data = {
        "id": "claims-ledger",
        "title": title,
        "cards": cards,
        "data_csv": to_csv(ledger.to_frame()),
        "findings": ledger.findings().to_json(),
    }
    shown = listing([(f"{c['number']}. {c['verdict']}", c["said"]) for c in cards], title)
    return Block("cards", data, shown)


def _card(v: Verdict, ledger: Ledger) -> dict[str, Any]:
    if v.measured is None:
        measured, basis, why = (
            "Not measured in this edition.",
            "\N{EN DASH}",
            f"This edition does not judge it: it would need {v.claim.needs}",
        )
    else:
        measured = speak(
            f"{{{v.measured.id}{':signed' if v.claim.measure in _SIGNED else ''}}}", ledger.findings()
        ).markdown
        basis = v.tried[0][0].basis if v.tried else v.measured.basis
        why = _why(v)
    return {
        "id": f"claim-{v.claim.id}",
        "number": str(v.claim.number),
        "verdict": v.word,
        "tone": TONES[v.word],
        "said": v.claim.said,
        "measured": measured,
        "basis": basis,
        "why": why,
        "link": f"#ch-{v.claim.chapter}" if v.claim.chapter else None,
        "link_text": _CHAPTERS.get(v.claim.chapter or ""),
        "source": f"{v.source.who}, {v.source.date:%-d %B %Y} (paraphrased)",
    }


def _why(v: Verdict) -> str:
    """Return the reason in words: what the wording admits, on how many bases it is right, and what came after."""
    if v.claim.word is None or v.claim.stated is None or v.claim.unit is None:
        return ""
    word = load_lexicon()[v.claim.word]
    if v.conditions:
        return _why_causal(v)
    parts = [f"'{word.words[0].capitalize()}' admits {_band(v)}."]
    if len(v.tried) > 1:
        low, high = _as(v, min(v.values)), _as(v, max(v.values))
        parts.append(f"Right on {v.right_on} of {len(v.tried)} bases; over all of them from {low} to {high}.")
        if v.word == "depends on basis":
            right = "; ".join(f"{m.basis} ({_as(v, m.value)})" for m, ok in v.tried if ok)
            parts.append(f"Right only on: {right}.")
    for m, ok in v.later:
        span = "a longer span than the claim's, so no test of it" if v.claim.span_years else _is(ok=ok)
        parts.append(f"{m.basis}: {_as(v, m.value)}, {span}.")
    if v.claim.caveat:
        parts.append(v.claim.caveat)
    return " ".join(parts)


def _why_causal(v: Verdict) -> str:
    """Return why a claim about causes has its verdict: premise, bases, falsification test."""
    premises = "; ".join(f"{c.says} ({'as said' if c.holds else 'not as said'})" for c in v.conditions if c.premise)
    tests = "; ".join(c.says for c in v.conditions if not c.premise)
    parts = [f"Premise: {premises}.", f"Falsification test: {tests}."]
    low, high = _as(v, min(v.values)), _as(v, max(v.values))
    first = v.tried[0][0]
    parts.append(
        f"Main estimate {_as(v, first.value)}, interval {_as(v, first.low)} to {_as(v, first.high)}; the whole interval is "
        f"as said on {v.right_on} of {len(v.tried)} specifications, whose estimates go from {low} to {high}."
    )
    return " ".join([*parts, v.claim.caveat]).strip()


def _is(*, ok: bool) -> str:
    return "right there too" if ok else "not right there"


def _as(v: Verdict, value: float | None) -> str:
    unit = v.claim.unit
    if unit is None or value is None:
        return "\N{EN DASH}"
    style = "signed" if v.claim.measure in _SIGNED else ""
    return Finding("claims.shown", "a value", value, unit, "", "", ()).text(style)  # type: ignore[arg-type]


def _band(v: Verdict) -> str:
    low, high = v.band or (math.nan, math.nan)
    if low == high:
        return f"{_as(v, low)} only"
    if math.isinf(low):
        return "a change under zero" if high == 0 else f"anything less than {_as(v, high)}"
    if math.isinf(high):
        return "a change over zero" if low == 0 else f"anything more than {_as(v, low)}"
    if load_lexicon()[v.claim.word or ""].within:
        return f"{_as(v, low)} to {_as(v, high)}"
    return f"{_as(v, low)} up to, not including, {_as(v, high)}"


def scoreboard(ledger: Ledger) -> Block | None:
    """Return how many claims have each verdict, and which; None where no claim had been made by then."""
    if not ledger.verdicts:
        return None
    entries: list[dict[str, Any]] = [
        {
            "verdict": word,
            "tone": TONES[word],
            "count": count,
            "claims": [
                {"number": str(v.claim.number), "text": v.claim.said, "href": f"#claim-{v.claim.id}"}
                for v in ledger.verdicts
                if v.word == word
            ],
        }
        for word, count in ledger.counts.items()
        if count or word not in _CAUSAL  # three more empty rows would tell a reader nothing
    ]
    sources = "; ".join(dict.fromkeys(f"{v.source.who}, {v.source.date:%-d %B %Y}" for v in ledger.verdicts))
    title = f"Claims, judged as of the day they were made: {sources}"
    rows = [(f"{e['count']} {e['verdict']}", ", ".join(c["number"] for c in e["claims"])) for e in entries]
    findings = ledger.findings().to_json()
    data = {"id": "claims-scoreboard", "title": title, "entries": entries, "findings": findings}
    return Block("scoreboard", data, listing(rows, title))


def bases_table(study: Study, ledger: Ledger) -> Table:
    """Return, for every claim with a measure, the value on the default basis and its range over all bases."""
    rows: list[dict[str, Cell]] = []
    datasets: dict[str, None] = {}
    for v in ledger.verdicts:
        if v.claim.measure not in ("flow-change", "deficit-ratio", "share"):
            continue
        datasets |= dict.fromkeys(d for m, _ in v.tried for d in m.datasets)
        decimals = 2 if v.claim.unit == "times" else 1
        rows.append(
            {
                "claim": f"{v.claim.number}. {v.claim.said}",
                "band": _band(v),
                "default": number(v.measured.value if v.measured else None, decimals),
                "low": number(min(v.values, default=None), decimals),
                "high": number(max(v.values, default=None), decimals),
                "right": f"{v.right_on} of {len(v.tried)}",
                "verdict": {"text": v.word, "tone": TONES[v.word]},
            }
        )
    known = max((v.source.data_through for v in ledger.verdicts), default=study.parameters.as_of)
    names = tuple(datasets) or ("goods_trade_monthly",)
    return Table(
        id="claims-bases",
        title="The same claims on every basis of the fixed list",
        caption="Default basis, and the lowest and highest value over all bases on which there is one.",
        source=source_line(study, names, known),
        datasets=names,
        columns=[
            Column("claim", "Claim", align="left", width=3),
            Column("band", "Wording admits", align="left", width=1.7),
            Column("default", "Default", align="right"),
            Column("low", "Lowest", align="right"),
            Column("high", "Highest", align="right"),
            Column("right", "Right on", "bases", align="right", width=1),
            Column("verdict", "Verdict", align="left", width=1.3),
        ],
        rows=rows,
        row_header="claim",
        data=ledger.bases_frame(),
        made_by="korus_research.present.claims.bases_table",
        last_period=known,
        notes=(
            "Changes in USD billion, ratios in times, shares in percent. Each claim is tried on those bases of the fixed list that fit its wording, with the months known when it was said; the CSV lists every one. The list: Census goods, BOP goods, BOP goods and services; every baseline year and (Census only) the 12 months before entry into force; the evaluation year and the latest 12 months.",
        ),
    )


def lexicon_table() -> Table:
    """Return the lexicon: which values a word about a number admits."""
    import pandas as pd

    words = list(load_lexicon().values())
    return Table(
        id="claims-lexicon",
        title="What words about numbers mean here",
        caption="N is the number that was said.",
        source="Source: claims/lexicon.toml, declared before this code was run; the main figures had been seen by then.",
        datasets=("claims/lexicon",),
        columns=[
            Column("words", "Words", align="left", width=2),
            Column("says", "Values admitted", align="left", width=3),
        ],
        rows=[{"words": ", ".join(w.words), "says": w.says} for w in words],
        row_header="words",
        data=pd.DataFrame([{"id": w.id, "words": "; ".join(w.words), "admits": w.says} for w in words]),
        made_by="korus_research.present.claims.lexicon_table",
        last_period="",
        notes=(f"A claim about causes is {load_causal_rule().says}.",),
    )


__all__ = ["VERDICTS", "bases_table", "claim_cards", "lexicon_table", "scoreboard"]
