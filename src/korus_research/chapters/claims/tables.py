"""Tables of the ledger: verdicts by speaker, every way of counting, what stands behind verdicts, the lexicon."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pandas as pd

from korus_research.chapters.claims.blocks import TONES
from korus_research.chapters.claims.kinds.details import details
from korus_research.chapters.claims.kinds.flows import MEASURES
from korus_research.chapters.claims.kinds.reasons import band
from korus_research.chapters.claims.ledger import RIGHT, VERDICTS, Ledger, Verdict
from korus_research.chapters.claims.lexicon import load_lexicon
from korus_research.data.study import Study
from korus_research.show.shown import DASH, Cell, Rows, Words, capital, number, table

WORDS = Words("claims")


@table("speakers", tables=("claims/sources",))
def speakers_table(study: Study, ledger: Ledger) -> Rows | None:
    """Return counts of verdicts by kind of speaker, without featured sources; None where nobody else had spoken."""
    if not ledger.public:
        return None
    on_ours, shown = WORDS.label("on_ours"), {_column(v) for v in ledger.public}
    words = [word for verdict in VERDICTS for word in ((verdict, on_ours) if verdict == RIGHT else (verdict,))]
    words = [word for word in words if word in shown]
    groups = {
        s.label: [v for v in ledger.public if v.source.speaker == id_] for id_, s in load_lexicon().speaker.items()
    }
    rows = []
    for label, verdicts in {**groups, WORDS.label("all"): ledger.public}.items():
        if verdicts:
            counted: Counter[str] = Counter(_column(v) for v in verdicts)
            counted["lopsided"] = sum(v.lopsided for v in verdicts)
            counts = {key: counted[key] or DASH for key in (*words, "lopsided")}
            rows.append({"who": label, **counts, "total": len(verdicts)})
    one = [{"speaker": v.source.speaker, "who": v.source.who, "verdict": _column(v)} for v in ledger.public]
    by_who = pd.DataFrame(one).groupby(["speaker", "who", "verdict"], sort=False).size()
    return Rows(
        of=ledger,
        rows=rows,
        data=by_who.reset_index(name="claims"),
        given={
            "verdicts": words,
            "ours": on_ours if on_ours in shown else "",
            **{f"name_{word}": capital(word) for word in words},
        },
        findings=tuple(f for key, f in ledger.findings().items() if key.startswith("claims.public.")),
    )


def _column(v: Verdict) -> str:
    return WORDS.label("on_ours") if v.on_ours else v.word


@table("bases")
def bases_table(study: Study, ledger: Ledger) -> Rows | None:
    """Return, for every featured claim about flows or shares, the value on the default basis and its range over all.

    None where no featured claim had been made by then. The CSV holds every claim and basis.
    """
    if not ledger.featured:
        return None
    shown = [v for v in ledger.featured if v.claim.measure in MEASURES]
    known = max(v.source.data_through for v in ledger.featured)
    tables = tuple(dict.fromkeys(d for v in shown for m, _ in v.tried for d in m.datasets)) or ("goods_trade_monthly",)
    return Rows(rows=[_bases(v) for v in shown], data=ledger.bases_frame(), last=known, tables=tables)


def _bases(v: Verdict) -> dict[str, Any]:
    decimals = 2 if v.claim.unit == "times" else 1
    return {
        "claim": v.claim.numbered,
        "band": band(v),
        "default": number(v.value, decimals),
        "low": number(min(v.values, default=None), decimals),
        "high": number(max(v.values, default=None), decimals),
        "right": WORDS.label("right_on", right=str(v.right_on), tried=str(len(v.tried))),
        "verdict": _verdict(v),
    }


def _verdict(v: Verdict) -> Cell:
    return {"text": v.word, "tone": TONES[v.word]}


@table("details", tables=("claims/sources",))
def details_table(study: Study, ledger: Ledger) -> Rows:
    """Return what stands behind the verdict on each claim of the column."""
    return Rows(
        rows=[
            {
                "claim": v.claim.numbered,
                "verdict": _verdict(v),
                "measured": v.first.basis if v.first else WORDS.label("nothing"),
                "details": details(v, ledger),
            }
            for v in ledger.featured
        ]
    )


@table("changed", tables=("claims/sources",))
def changed_table(study: Study, ledger: Ledger) -> Rows:
    """Return the claims whose verdict or wording was changed after publication: what it was, what it is, and why."""
    return Rows(
        rows=[
            {"claim": v.claim.numbered, "was": changed.was, "now": _verdict(v), "why": changed.why}
            for v in ledger.verdicts
            if (changed := v.claim.changed)
        ]
    )


@table("odds")
def odds_table(study: Study, ledger: Ledger) -> Rows:
    """Return how often the rule for expectations gives each verdict where the true effect is known."""
    found = [(v, world) for v in ledger.verdicts if v.odds for world in v.odds.worlds]
    names = WORDS.labels("worlds")
    rows = [
        {
            "claim": v.claim.numbered,
            "world": names[world.key],
            "effect": world.effect,
            "right": world.right,
            "open": 100 - world.right - world.wrong,
            "wrong": world.wrong,
        }
        for v, world in found
    ]
    tables = tuple(dict.fromkeys(name for v, _ in found for name in v.tried[0][0].datasets))
    return Rows(rows=rows, tables=tables)


@table("files", tables=("claims/sources",))
def files_table(study: Study, ledger: Ledger) -> Rows:
    """Return the public files that would let claims be judged, each with the claims that wait for it."""
    waiting = [(file, [v for v in ledger.verdicts if v.freed_by == id_]) for id_, file in load_lexicon().file.items()]
    rows = [
        {
            "file": capital(file.says),
            "source": file.source,
            "claims": ", ".join(str(v.claim.number) for v in verdicts),
            "count": float(len(verdicts)),
        }
        for file, verdicts in waiting
        if verdicts
    ]
    return Rows(of=ledger, rows=rows)


@table("lexicon", tables=("claims/lexicon",))
def lexicon_table(study: Study) -> Rows:
    """Return the lexicon: which values a word about a number admits."""
    lexicon = load_lexicon()
    return Rows(
        rows=[{"words": ", ".join(w.words), "says": w.says} for w in lexicon.word.values()],
        data=pd.DataFrame(
            [{"id": id_, "words": "; ".join(w.words), "admits": w.says} for id_, w in lexicon.word.items()]
        ),
        last="",  # a lexicon has none
        notes=(
            WORDS.label("rule_for_causes", says=lexicon.causal.says),
            *(f"{capital(rule.says)}." for rule in (lexicon.expectation, lexicon.elsewhere, lexicon.publication)),
            WORDS.label("open"),
        ),
    )
