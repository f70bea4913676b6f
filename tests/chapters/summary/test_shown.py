"""The front page: the answer and the key figure, with the effects of an edition and without."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest

import korus_research as kr
from korus_research.chapters.summary.methods import by_method
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.prose import Prose
from korus_research.show.words.sentence import speak


@pytest.fixture(scope="module")
def estimated(study) -> Findings:
    described = study.flows().findings() | study.comparators().findings()
    return kr.summary.with_methods(described | study.counterfactual().findings())


def answer(findings: Findings) -> Prose:
    return kr.summary.say("answer", kr.summary.with_methods(findings))


def estimates(findings: Findings) -> Prose:
    return kr.summary.say("estimates", kr.summary.with_methods(findings))


def test_an_edition_without_estimates_says_so_and_shows_trade(study):
    described = study.flows().findings()
    assert "estimates no trade without KORUS, and can't say whether it delivered" in str(answer(described))
    assert kr.summary.key_figure(study, described).id == "summary-trade"
    assert len(estimates(described).sentences) == 2, "what was seen, to the evaluation and to the newest month"


def test_estimates_give_the_leading_effects_and_leave_out_what_no_chapter_found(study, estimated):
    prose = estimates(estimated)
    spoken = {f.id for f in prose.findings}
    assert {"counterfactual.exports.leading", "counterfactual.imports.leading", "summary.exports.lowest"} <= spoken
    assert not any(key.startswith(("forecasts.", "evidence.")) for key in spoken), "there are no such chapters here"
    assert "We can't tell" not in str(prose)


def test_the_key_figure_draws_every_method_that_has_an_estimate_once_a_flow(study, estimated):
    figure = kr.summary.key_figure(study, estimated)
    assert figure.id == "summary-effects"
    drawn = figure.data.set_index(["flow", "method"])["effect_percent"]
    assert len(drawn) == len(by_method(estimated)) == 14
    for flow, found in study.counterfactual().main.items():
        assert drawn[flow, "Synthetic control (declared first)"] == pytest.approx(found.effect_percent)
    # Every label at a dot is its value with its sign, once a dot; the rest of the numbers are the ticks of two panels.
    labels = Counter(re.findall(r"<!-- ([+\N{MINUS SIGN}]?\d+) -->", figure.svg))
    ticks = Counter(2 * ["\N{MINUS SIGN}50", "0", "+50", "+100"])
    assert labels - ticks == Counter(signed(value) for value in drawn)


def signed(value: float) -> str:
    return f"{round(value):+d}".replace("-", "\N{MINUS SIGN}").replace("+0", "0")


def told(name: str, value: float, low: float | None = None, high: float | None = None, unit="percent", names=None):
    return Finding(name, f"what {name} is", value, unit, "2013 to 2019", "toy", ("t",), decimals=0, low=low, high=high, interval="toy")  # fmt: skip


def choice(name: str, state: str | None, *states: str) -> Finding:
    reason = None if state else "no interval"
    return Finding(name, f"where {name} is", None, "choice", "2013", "toy", ("t",), state=state, states=states, reason=reason)  # fmt: skip


WORDS = ("very_likely", "likely", "open", "unlikely", "very_unlikely")


def planted(attained: str | None = "very_unlikely", rose: str = "likely", seen: str | None = "seldom") -> Findings:
    """Everything that the answer of a whole report speaks, made by hand."""
    made = [
        told("counterfactual.exports.beyond_chance", -0.1),
        told("evidence.exports.led.reached", 9.0),
        told("evidence.exports.highest.reached", 20.0),
        told("evidence.exports.led.above", 81.0),
        told("evidence.imports.led.power", 18.0),
        choice("evidence.exports.led.attained", attained, *WORDS),
        choice("evidence.exports.led.rose", rose, *WORDS),
        choice("evidence.imports.led.seen", seen, "reliably", "often", "seldom"),
    ]
    names = dict.fromkeys(("agreement", "partner", "reporter_adjective"), "N")
    return Findings(tuple(made), names)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"attained": "very_unlikely"}, ["N very likely did not raise N exports to N by as much as officially forecast.", "The chance that it did is 9 percent and at most 20 percent by any method."]),
        ({"attained": "very_likely"}, ["N very likely raised N exports to N by as much as officially forecast."]),
        ({"rose": "open"}, ["It may or may not have raised them by some amount: the chance of that is 81 percent."]),
        ({"attained": None, "seen": None}, ["N probably raised N exports to N: the chance of that is 81 percent.", "No official forecast of its effect"]),
        ({"seen": "seldom"}, ["Whether imports did, the data can't show: such a rise would be found in 18 percent of cases."]),
        ({"seen": "reliably"}, ["Whether imports did, the data can show"]),
    ],
)  # fmt: skip
def test_the_answer_tells_power_and_chances_in_words(given, said):
    prose = str(answer(planted(**given)))
    assert all(text in prose for text in said), prose
    assert len(prose.split()) <= 70


def test_every_sentence_of_a_whole_answer_turns_with_its_findings():
    for given in ({}, {"attained": None}):
        for sentence in answer(planted(**given)).sentences:
            for finding in sentence.findings:
                others = tuple(f for f in sentence.findings if f.id != finding.id)
                turns = finding.state or finding.direction
                there = finding if turns else dataclasses.replace(finding, value=7.0)
                texts = [
                    speak(sentence.template, Findings((f, *others), planted().names)).plain
                    for f in (there, there.turned(), there.without_value())
                ]
                assert len(set(texts)) == 3, finding.id
                assert texts[2].startswith("We can't tell")


def test_page_one_of_a_whole_report_speaks_of_power_chances_and_agreements_together(study, estimated):
    whole = kr.summary.with_methods(estimated | study.evidence().findings() | study.forecasts(Findings()).findings())
    said = {f.id for f in (*answer(whole).findings, *estimates(whole).findings)}
    assert {"evidence.exports.led.reached", "evidence.exports.led.above", "evidence.imports.led.power"} <= said
    assert {"evidence.pooled.exports.scaled.effect", "forecasts.exports.reference_usd"} <= said
    assert not re.search(r"[+\N{MINUS SIGN}\N{PLUS-MINUS SIGN}]\d", str(answer(whole)) + str(estimates(whole)))


def test_the_table_of_effects_is_the_figure_in_numbers(study, estimated):
    table, figure = kr.summary.effects_table(study, estimated), kr.summary.key_figure(study, estimated)
    assert len(table.columns) <= 7
    shown = {(r["method"], r["flow"]): r for r in table.rows}
    assert len(shown) == len(table.rows) == len(figure.data)
    for flow, found in study.counterfactual().main.items():
        row, ends = shown["Synthetic control (declared first)", flow], found.interval_percent
        assert row["estimate"] == signed(found.effect_percent)
        assert row["range"] == f"{signed(ends[0])} to {signed(ends[1])}"
        assert row["years"] == "2013 to 2019"
    assert kr.summary.effects_table(study, study.flows().findings()) is None
