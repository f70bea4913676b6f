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


def test_an_edition_without_estimates_says_so_and_shows_trade(study):
    described = study.flows().findings()
    assert "can't say: it estimates no trade without the agreement" in str(answer(described))
    assert kr.summary.key_figure(study, described).id == "summary-trade"


def test_the_answer_gives_the_main_effects_and_leaves_out_what_no_chapter_found(study, estimated):
    prose = answer(estimated)
    spoken = {f.id for f in prose.findings}
    assert {"counterfactual.exports.effect", "counterfactual.imports.effect", "counterfactual.both.chance"} <= spoken
    assert not any(key.startswith("forecasts.") for key in spoken), "there is no such chapter here"
    assert len(prose.sentences) <= 5


def test_the_key_figure_draws_every_method_that_has_an_estimate_once_a_flow(study, estimated):
    figure = kr.summary.key_figure(study, estimated)
    assert figure.id == "summary-effects"
    drawn = figure.data.set_index(["flow", "method"])["effect_percent"]
    assert len(drawn) == len(by_method(estimated)) == 8
    for flow, found in study.counterfactual().main.items():
        assert drawn[flow, "Synthetic control (main)"] == pytest.approx(found.effect_percent)
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


def both(name: str, one: str | None, other: str | None, *states: str) -> list[Finding]:
    """What chapters find of both flows: it is there where they read the same."""
    return [choice(name, one, *states)] if one and one == other else []


SIDES = ("above", "below", "includes")


def planted(sides: tuple[str | None, str | None], chances: tuple[float, float]) -> Findings:
    """Everything that the answer of a whole report speaks, made by hand."""
    chance = ("beyond" if each > 0 else "within" for each in chances)
    made = [
        told("counterfactual.curve.exports.main_above", 98.0),
        told("counterfactual.chance_level", 10.0),
        told("forecasts.exports.reference_base", 2007.0, unit="year"),
        *both("forecasts.both.side", *sides, *SIDES),
        *both("counterfactual.both.chance", *chance, "beyond", "within"),
    ]
    for flow, side, chance in zip(("exports", "imports"), sides, chances, strict=True):
        made += [
            told(f"counterfactual.{flow}.effect", 22.0, -3.0, 53.0),
            Finding(f"counterfactual.{flow}.beyond_chance", "distance", chance, "probability", "2013", "toy", ("t",)),
            told(f"gravity.{flow}.effect", -17.0, -40.0, 16.0),
            told(f"forecasts.{flow}.reference", 30.0, 28.0, 32.0),
            told(f"forecasts.{flow}.reference_usd", 10.3, 9.7, 10.9, unit="usd_bn"),
            choice(f"forecasts.{flow}.side", side, *SIDES),
            *(told(f"forecasts.{flow}.{name}", 7.0, unit="count") for name in ("comparisons", "below", "includes", "above")),
            told(f"flows.{flow}.evaluation.change", -1.2, unit="usd_bn"),
            told(f"flows.{flow}.latest.change", 34.7, unit="usd_bn"),
        ]  # fmt: skip
    names = dict.fromkeys(("agreement", "partner", "evaluation", "baseline", "latest"), "N")
    return Findings(tuple(made), names)


@pytest.mark.parametrize(
    ("sides", "chances", "forecast", "chance"),
    [
        (("includes", "includes"), (-0.01, -0.4), "We can't tell: what N did to exports and to imports can't be told from what was", "neither differs from zero"),
        (("below", "below"), (0.05, 0.09), "No: what N did to exports and to imports falls short of what was", "both differ from zero"),
        (("above", "above"), (-0.01, -0.4), "Yes: what N did to exports and to imports is more than what was", "neither differs from zero"),
        (("below", "includes"), (0.05, -0.4), "For exports the answer is no, for imports that we can't tell,", "that for exports differs from zero, that for imports does not."),
        (("includes", "above"), (-0.1, 0.04), "For exports the answer is that we can't tell, for imports yes,", "that for exports does not differ from zero, that for imports differs."),
    ],
)  # fmt: skip
def test_what_is_found_of_both_flows_is_said_once_or_of_each(sides, chances, forecast, chance):
    prose = answer(planted(sides, chances))
    assert len(prose.sentences) == 5
    assert prose.sentences[0].plain.startswith(forecast), "page 1 answers its question first"
    assert "percent of those of 2007" in prose.sentences[0].plain  # dollars were printed; percentages are ours
    assert chance in prose.sentences[1].plain
    assert "\N{MINUS SIGN}3 to +53 percent" in prose.sentences[1].plain  # the main interval beside the point
    assert "the 4 point estimates of Figure run from \N{MINUS SIGN}17 percent" in prose.sentences[2].plain
    assert "98 percent of all combinations" in prose.sentences[2].plain
    assert prose.sentences[3].plain.endswith("wholly below in 7 and wholly above in 7.")


def test_every_sentence_of_a_whole_answer_turns_with_its_findings():
    for sides, chances in ((("includes", "includes"), (-0.01, -0.4)), (("below", "includes"), (0.05, -0.4))):
        for sentence in answer(planted(sides, chances)).sentences:
            for finding in sentence.findings:
                others = tuple(f for f in sentence.findings if f.id != finding.id)
                turns = finding.state or finding.direction
                there = finding if turns else dataclasses.replace(finding, value=7.0)
                texts = [
                    speak(sentence.template, Findings((f, *others), planted(sides, chances).names)).plain
                    for f in (there, there.turned(), there.without_value())
                ]
                assert len(set(texts)) == 3, finding.id
                assert texts[2].startswith("We can't tell")


def test_a_flow_without_an_interval_is_said_to_be_unknown_and_not_dropped():
    lacking = planted(("includes", None), (-0.01, -0.4))
    assert any(s.plain.startswith("We can't tell") and "no interval" in s.plain for s in answer(lacking).sentences)  # fmt: skip


def test_the_table_of_effects_is_the_figure_in_numbers(study, estimated):
    table, figure = kr.summary.effects_table(study, estimated), kr.summary.key_figure(study, estimated)
    assert len(table.columns) <= 7
    shown = {(r["method"], r["flow"]): r for r in table.rows}
    assert len(shown) == len(table.rows) == len(figure.data)
    for flow, found in study.counterfactual().main.items():
        row, ends = shown["Synthetic control (main)", flow], found.interval_percent
        assert row["estimate"] == signed(found.effect_percent)
        assert row["range"] == f"{signed(ends[0])} to {signed(ends[1])}"
        assert row["years"] == "2013 to 2019"
    assert kr.summary.effects_table(study, study.flows().findings()) is None
