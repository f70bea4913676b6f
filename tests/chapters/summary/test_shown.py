"""The brief: its answer in words, its figure, what changed and what applies, in editions with and without each."""

from __future__ import annotations

import dataclasses
import math
import re

import pandas as pd
import pytest
from turned import sign_turned

import korus_research as kr
from korus_research.chapters.summary.facts import names_told
from korus_research.chapters.topic import HERE
from korus_research.data.toml import read_toml
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.sentence import speak

LIKELY = ("very_likely", "likely", "open", "unlikely", "very_unlikely")
SAID = [name for name in read_toml(HERE / "summary" / "words.toml").content["say"] if name != "column"]


@pytest.fixture(scope="module")
def flows_only(study) -> Findings:
    return kr.summary.told(study, study.flows().findings())


@pytest.fixture(scope="module")
def estimated(study) -> Findings:
    return kr.summary.told(study, study.flows().findings() | study.counterfactual().findings())


def told(name: str, value: float, **more) -> Finding:
    given = {"unit": "percent", "period": "2013 to 2019", "basis": "toy", "datasets": ("t",), "decimals": 0, **more}
    return Finding(id=name, label=f"what {name} is", value=value, **given)


def choice(name: str, state: str | None, *states: str) -> Finding:
    reason = None if state else "no interval"
    return Finding(name, f"where {name} is", None, "choice", "2013", "toy", ("t",), state=state, states=states, reason=reason)  # fmt: skip


def planted(
    rose: str = "likely",
    attained: str | None = "very_unlikely",
    seen: str | None = "seldom",
    forecast: float | None = 30.0,
) -> Findings:
    """Everything that the answer of a whole report speaks, made by hand."""
    made = [
        told("counterfactual.exports.leading", 9.0),
        told("evidence.exports.forecast", forecast, reason=None if forecast else "none is known"),
        told("evidence.exports.led.reached", 8.0),
        told("evidence.exports.highest.reached", 20.0),
        told("evidence.exports.led.above", 81.0),
        told("evidence.pooled.exports.count", 10.0, unit="count"),
        told("evidence.pooled.exports.scaled.effect", 13.0),
        told("evidence.pooled.exports.scaled.low", -1.0),
        choice("evidence.exports.led.attained", attained, *LIKELY),
        choice("evidence.exports.led.rose", rose, *LIKELY),
        choice("evidence.imports.led.seen", seen, "reliably", "often", "seldom"),
    ]
    names = {"agreement": "the Pact", "partner": "Ruritania", "reporter_adjective": "US", "estimated": "effects"}
    return Findings(tuple(made), names | {"as_of": "May 2020"})


@pytest.mark.parametrize(
    ("given", "standfirst", "lede"),
    [
        ({}, "The Pact probably raised US exports to Ruritania, but very likely by less than officially forecast.", "very likely fell short, though that is not proven"),
        ({"attained": "likely"}, "The Pact probably raised US exports to Ruritania, probably by as much as officially forecast.", "probably kept its promise"),
        ({"rose": "open"}, "It is unclear whether the Pact raised US exports to Ruritania, but it very likely did not raise them by as much as officially forecast.", "at most 20 percent by any method"),
        ({"rose": "very_unlikely"}, "The Pact very likely did not raise US exports to Ruritania.", "The chance that the forecast came true is 8 percent"),
        ({"attained": None, "seen": None, "forecast": None}, "The Pact probably raised US exports to Ruritania.", "Our best estimate of what the Pact did to US exports to Ruritania for 2013 to 2019 is 9 percent more"),
        ({"seen": "reliably"}, "The Pact probably", "can show an effect as large as forecast"),
    ],
)  # fmt: skip
def test_the_answer_follows_the_odds(given, standfirst, lede):
    findings = planted(**given)
    assert str(kr.summary.say("standfirst", findings)).startswith(standfirst)
    answer = str(kr.summary.say("lede", findings))
    assert lede in answer
    assert 40 <= len(answer.split()) <= 90
    assert len(re.findall(r"\b\d+\b(?<!20\d\d)", answer)) <= 6
    assert "We can't tell" not in answer


def test_without_a_forecast_nothing_is_said_of_a_promise():
    words = [
        str(kr.summary.say(name, planted(attained=None, seen=None, forecast=None)))
        for name in ("standfirst", "lede", "mind")
    ]
    assert not re.search(r"promise|fell short|forecast(?! to compare)", " ".join(words))


@pytest.mark.parametrize("name", SAID)
def test_every_sentence_turns_with_its_findings(name, estimated, study):
    made = estimated | study.sectors().findings() | study.cars().findings() | study.tariffs().findings()
    every = {**planted(), **made}
    prose = kr.summary.say(name, Findings(tuple(every.values()), {**planted().names, **estimated.names}))
    for sentence in prose.sentences if prose else ():
        for finding in sentence.findings:
            if all(rest.startswith(("@", ":?")) for rest in sentence.template.split(finding.id)[1:]):
                continue  # its years alone are said, or whether it is there
            others = tuple(f for f in sentence.findings if f.id != finding.id)
            there = finding if finding.state or finding.direction else dataclasses.replace(finding, value=7.0)
            there, turned, missing = (
                speak(sentence.template, Findings((f, *others), sentence.names)).plain
                for f in (there, sign_turned(there), there.without_value())
            )
            assert len({there, turned, missing}) == 3, finding.id
            assert missing.startswith("We can't tell") or f"{finding.id}:?" in sentence.template


def test_the_figure_is_trade_itself_and_the_path_without(study, estimated):
    figure, trade = kr.summary.trade(study, estimated), study.load("goods_trade_monthly")
    own = trade[trade["partner"] == study.agreement.partner.census_code]
    for flow, rows in figure.data.groupby("flow"):
        summed = rows[rows["sum_of_12_months"].notna()].set_index("period")["sum_of_12_months"]
        monthly = own[own["flow"] == flow].set_index("month")["value_usd_mn"].sort_index()
        for month in ("2016-12", summed.index[-1]):
            assert summed[month] == pytest.approx(monthly.loc[:month].tail(12).sum() / 1000)
        paths = rows[rows["without"].notna()].set_index("period")
        assert (paths["low"] <= paths["without"]).all()
        assert (paths["without"] <= paths["high"]).all()
        # The effect is the mean of the yearly gaps in logs: the path must give it back.
        effect = study.counterfactual().led[flow]
        years = [str(year) for year in range(effect.spec.post[0], effect.spec.post[1] + 1)]
        gaps = [math.log(summed[f"{year}-12"] / paths["without"][year]) for year in years]
        assert 100 * math.expm1(sum(gaps) / len(gaps)) == pytest.approx(effect.effect_percent, abs=0.5)


def test_without_estimates_the_figure_shows_trade_alone(study, flows_only):
    figure = kr.summary.trade(study, flows_only)
    assert "without" not in figure.data.dropna(axis=1, how="all")
    assert "band" not in figure.caption
    assert "dashed" not in str(figure.alt).lower()


@pytest.mark.parametrize(("as_of", "years"), [("2017-11", ["2010"]), ("2018-12", ["2010", "2018"]), ("2026-03", ["2010", "2018", "2025", "2026"])])  # fmt: skip
def test_what_changed_and_what_applies_are_what_was_known(as_of, years):
    edition = kr.open_study(as_of=as_of)
    findings = kr.summary.told(edition, Findings((), edition.names))
    assert findings.names["change_years"] == years
    changed, applies = (str(kr.summary.say(name, findings)) for name in ("changed", "applies"))
    assert ("forced labor" in changed) == (as_of >= "2026-07"), "the duty of July 2026"
    assert ("10 percent on top" in applies) == (as_of == "2026-03"), "the surcharge of February 2026"
    assert ("25 percent on light trucks" in applies) == (as_of < "2025-03")
    assert f"as revised since {edition.names['as_of']}" in str(kr.summary.say("sure", findings))


def test_the_newest_figures_have_not_been_revised(study, flows_only):
    assert "revised" not in str(kr.summary.say("sure", flows_only))


def sum_of_exports(study, last: str) -> float:
    """The exports of the twelve months to `last`, from the compiled table."""
    trade = study.load("goods_trade_monthly")
    own = trade[(trade["partner"] == study.agreement.partner.census_code) & (trade["flow"] == "exports")]
    months = [str(month) for month in pd.period_range(end=last, periods=12, freq="M")]
    return float(own.loc[own["month"].isin(months), "value_usd_mn"].sum())


@pytest.mark.parametrize(("agreement", "as_of"), [("korus", "2013-06"), ("korus", "2012-06"), ("colombia", "2013-01")])
def test_before_the_first_year_is_over_the_newest_months_happened(agreement, as_of):
    edition = kr.open_study(agreement, as_of=as_of)
    tiles = str(kr.summary.say("tiles", kr.summary.told(edition, edition.flows().findings())))
    change = 100 * (sum_of_exports(edition, as_of) / sum_of_exports(edition, "2011-12") - 1)
    amount = f"{abs(change):.0f} percent {'higher' if change > 0 else 'lower'}"
    what = f"US exports in the year to {edition.names['as_of']}, compared with 2011. These are changes, not effects."
    assert f"Happened {amount} {what}" in " ".join(tiles.split())
    assert "We can't tell" not in tiles
    assert "they" not in tiles.lower().split()


def test_the_newest_months_are_compared_with_the_year_before_the_agreement(study, flows_only):
    change = 100 * (sum_of_exports(study, study.parameters.as_of) / sum_of_exports(study, "2011-12") - 1)
    tiles = kr.summary.say("tiles", flows_only).plain
    assert f"they were {abs(change):.0f} percent {'higher' if change > 0 else 'lower'} than in 2011." in tiles


@pytest.mark.parametrize(
    ("low", "high", "ending"),
    [(-18.0, 44.0, "zero or the forecast."), (-6.0, 31.5, "zero or the forecast."), (-6.0, 20.0, "zero."), (2.0, 44.0, None), (None, None, "zero or the forecast.")],
)  # fmt: skip
def test_only_what_the_range_does_not_leave_out_yet_would_change_our_mind(study, low, high, ending):
    reason = "no range" if low is None else None
    ends = [
        told(f"counterfactual.exports.leading.{end}", value, reason=reason)
        for end, value in (("low", low), ("high", high))
    ]
    made = [*ends, told("counterfactual.exports.beyond_chance", 0.0), told("evidence.exports.forecast", 29.9)]
    findings = Findings(tuple(made), study.names)
    said = kr.summary.say("mind", Findings(tuple(made), {**study.names, **names_told(study, findings)}))
    assert (said is None) if ending is None else said.plain.endswith(f"leaves out {ending}")


def test_another_agreement_has_nothing_of_this_one():
    edition = kr.open_study("colombia", as_of="2019-12")
    findings = kr.summary.told(edition, edition.flows().findings())
    said = [str(kr.summary.say(name, findings) or "") for name in SAID]
    assert not re.search("Korea|KORUS|won\\b", " ".join(said))
    assert kr.summary.say("changed", findings) is None
    assert kr.summary.say("applies", findings) is None


def test_the_column_is_judged_once_it_had_been_written(study):
    rows = [
        kr.summary.verdict_rows(kr.claims.of(edition, only_featured=True))
        for edition in (study, study.as_known("2016-12"))
    ]
    assert rows[1] is None
    assert [row["number"] for row in rows[0].data["rows"]] == [str(number) for number in range(1, 13)]
    for row in rows[0].data["rows"]:
        assert len(row["said"]) <= 58, "a line of the brief"
        assert len(row["deciding"]) <= 34
