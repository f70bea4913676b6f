"""How the ledger looks: cards, scoreboard, and the table of every basis tried."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from korus_research.chapters.claims.judge import judge_claims
from korus_research.chapters.claims.ledger import VERDICTS, Ledger, Verdict
from korus_research.chapters.claims.lexicon import load_causal_rule, load_lexicon, load_rules_said, load_speakers
from korus_research.chapters.claims.reasons import as_said, band_said, narrowly, style, told, why_judged
from korus_research.show.blocks import Block, listing
from korus_research.show.figure import to_csv
from korus_research.show.sourcing import source_line
from korus_research.show.table import Cell, Column, Table, number
from korus_research.show.words.prose import say
from korus_research.show.words.sentence import speak

if TYPE_CHECKING:
    from korus_research.data.study import Study

TONES = {
    "holds": "holds",
    "depends on basis": "depends",
    "does not hold": "fails",
    "supported": "holds",
    "not supported": "fails",
    "not identified": "untestable",
    "not testable with these data": "untestable",
}
_CHAPTERS = {
    "flows": "Flows",
    "cars": "Cars",
    "drivers": "Drivers",
    "context": "Context",
    "comparators": "Comparators",
    "forecasts": "Forecasts",
    "scenarios": "Scenarios",
    "sectors": "Sectors",
}


_CAUSAL = ("supported", "not supported", "not identified")
ON_OURS = "right, on our basis"


def judged_ledger(study: Study, findings_file: str = "") -> Ledger:
    """Return the ledger, with gravity from `findings_file` where the run wrote one.

    Raises
    ------
    UnknownFinding
        The file is not a list of findings.
    """
    if not findings_file:
        return judge_claims(study)
    from korus_research.chapters.gathered import gathered

    return judge_claims(study, gathered(study, findings_file))


def claim_cards(ledger: Ledger) -> Block:
    """Return the ledger: said, measured, basis, verdict, why, and the chapter with the evidence.

    Claims of featured sources are cards; the others follow as compact rows that open.
    """
    cards = [_card(v, ledger) for v in (*ledger.featured, *ledger.public)]
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
    if v.measured is None or v.measured.value is None:
        measured, basis, why = "Not measured in this edition.", "\N{EN DASH}", ""
    else:
        first = v.tried[0][0]
        start = "" if v.claim.stated_before is None else f"From {as_said(v, first.before)} to "
        measured = start + speak(f"{{{v.measured.id}{style(v)}}}", ledger.findings()).markdown
        basis, why = first.basis, why_judged(v)
    if v.word == "not testable with these data":
        why = f"{why} This edition does not judge it: it would need {v.needs}".strip()
    if beside := [told(f) for f in v.beside if f.value is not None]:
        why += f" Told beside, no effect and no test: {'; '.join(beside)}."
    for other in (o for o in ledger.verdicts if o.claim.id == v.claim.see):
        why += f" Claim {other.claim.number} says it of {other.claim.first} to {other.claim.last}: {other.word}."
    speakers = {speaker.id: speaker.label for speaker in load_speakers()}
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
        "source": f"{v.source.who}, {v.source.when} (paraphrased)"
        + (f"; {v.source.address}" if v.source.address else ""),
        "compact": not v.source.featured,
        "who": f"{v.source.who}, {v.source.when}",
        "speaker": speakers[v.source.speaker],
    }


def scoreboard(ledger: Ledger) -> Block | None:
    """Return how many featured claims have each verdict, and which; None where none had been made by then."""
    if not ledger.featured:
        return None
    chosen = {word: [v for v in ledger.featured if v.word == word] for word in VERDICTS}
    entries: list[dict[str, Any]] = [
        {
            "verdict": word,
            "tone": TONES[word],
            "count": len(verdicts),
            "claims": [
                {
                    "number": str(v.claim.number),
                    "text": v.claim.said.removesuffix(".") + narrowly(v),
                    "href": f"#claim-{v.claim.id}",
                }
                for v in verdicts
            ],
        }
        for word, verdicts in chosen.items()
        if verdicts or word not in _CAUSAL  # three more empty rows would tell a reader nothing
    ]
    sources = "; ".join(dict.fromkeys(f"{v.source.who}, {v.source.when}" for v in ledger.featured))
    title = f"Claims, judged as of the day they were made: {sources}"
    rows = [(f"{e['count']} {e['verdict']}", ", ".join(c["number"] for c in e["claims"])) for e in entries]
    findings = ledger.findings().to_json()
    data = {"id": "claims-scoreboard", "title": title, "entries": entries, "findings": findings}
    return Block("scoreboard", data, listing(rows, title))


def speakers_table(study: Study, ledger: Ledger) -> Table | None:
    """Return the verdicts by who spoke, featured sources apart; None where nobody else had spoken by then."""
    import pandas as pd

    if not ledger.public:
        return None
    shown = {_column(v) for v in ledger.public}
    words = [word for verdict in VERDICTS for word in (verdict, *((ON_OURS,) if verdict == "holds" else ()))]
    words = [word for word in words if word in shown]
    rows: list[dict[str, Cell]] = []
    groups = [(s.label, [v for v in ledger.public if v.source.speaker == s.id]) for s in load_speakers()]
    for label, verdicts in [*groups, ("All", list(ledger.public))]:
        if verdicts:
            counted = Counter(_column(v) for v in verdicts)
            counts: dict[str, Cell] = {
                word: number(float(counted[word]), 0) if counted[word] else "\N{EN DASH}" for word in words
            }
            rows.append({"who": label, **counts, "total": number(float(len(verdicts)), 0)})
    data = pd.DataFrame(
        [
            {"speaker": v.source.speaker, "who": v.source.who, "verdict": _column(v), "claim": v.claim.id}
            for v in ledger.public
        ]
    )
    data = data.groupby(["speaker", "who", "verdict"], sort=False)["claim"].agg(claims="size").reset_index()
    return Table(
        id="claims-speakers",
        title=say(
            ledger,
            "Of {claims.public.total:number} other claims by {claims.public.speakers:number} speakers, these data can test {claims.public.testable:count}",
            keep=True,
        ),
        caption="Verdicts by who spoke. The counts say what can be tested and how it came out, not who is to be believed: which claims were collected and which can be tested differ by speaker."
        + (
            " Right, on our basis: claims of a basis that is not held, which can be found right on ours and not wrong, so that they tilt a tally."
            if ON_OURS in shown
            else ""
        ),
        source="Source: claims/sources, with the address of each statement. The statements are paraphrased.",
        datasets=("claims/sources",),
        columns=[
            Column("who", "Who spoke", align="left", width=2.4),
            *(Column(word, f"{word[:1].upper()}{word[1:]}", align="right", width=1) for word in words),
            Column("total", "Claims", align="right", width=0.8),
        ],
        rows=rows,
        row_header="who",
        data=data,
        made_by="korus_research.chapters.claims.cards.speakers_table",
        last_period=study.parameters.as_of,
        extra_findings=tuple(f for key, f in ledger.findings().items() if key.startswith("claims.public.")),
    )


def _column(v: Verdict) -> str:
    return ON_OURS if v.on_ours else v.word


def bases_table(study: Study, ledger: Ledger) -> Table | None:
    """Return, for every featured claim about flows or shares, the value on the default basis and its range over all bases.

    None where no featured claim had been made by then. The CSV holds every claim and basis.
    """
    if not ledger.featured:
        return None
    rows: list[dict[str, Cell]] = []
    datasets: dict[str, None] = {}
    for v in ledger.featured:
        if v.claim.measure not in ("flow-change", "deficit-ratio", "share"):
            continue
        datasets |= dict.fromkeys(d for m, _ in v.tried for d in m.datasets)
        decimals = 2 if v.claim.unit == "times" else 1
        rows.append(
            {
                "claim": f"{v.claim.number}. {v.claim.said}",
                "band": band_said(v),
                "default": number(v.measured.value if v.measured else None, decimals),
                "low": number(min(v.values, default=None), decimals),
                "high": number(max(v.values, default=None), decimals),
                "right": f"{v.right_on} of {len(v.tried)}",
                "verdict": {"text": v.word, "tone": TONES[v.word]},
            }
        )
    known = max(v.source.data_through for v in ledger.featured)
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
        made_by="korus_research.chapters.claims.cards.bases_table",
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
        source="Source: claims/lexicon.toml, declared before this code was run; the main figures had been seen by then. Two words ('about' of dollars, shares) and the rule and the tests for causes were corrected after the verdicts had been seen.",
        datasets=("claims/lexicon",),
        columns=[
            Column("words", "Words", align="left", width=2),
            Column("says", "Values admitted", align="left", width=3),
        ],
        rows=[{"words": ", ".join(w.words), "says": w.says} for w in words],
        row_header="words",
        data=pd.DataFrame([{"id": w.id, "words": "; ".join(w.words), "admits": w.says} for w in words]),
        made_by="korus_research.chapters.claims.cards.lexicon_table",
        last_period="",
        notes=(
            f"A claim about causes is {load_causal_rule().says}.",
            *(f"{said[:1].upper()}{said[1:]}." for said in load_rules_said().values()),
            "'Not identified' says that the estimates can't decide: they neither show what was said nor rule it out.",
        ),
    )


__all__ = ["VERDICTS", "bases_table", "claim_cards", "judged_ledger", "lexicon_table", "scoreboard", "speakers_table"]
