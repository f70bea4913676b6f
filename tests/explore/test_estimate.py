"""One's own estimates: the chapter's numbers, plain pandas, another solver, a planted effect, the code that is kept."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell
from scipy.optimize import minimize
from toy_agreement import MINIMAL
from turned import sign_turned

import korus_research as kr
from korus_research.chapters.counterfactual.estimates.declared import declared
from korus_research.data.agreements import HOME
from korus_research.errors import IncompletePanel, InvalidFigure, InvalidSpecification, MissingPartner, NoDonors
from korus_research.show.finding import Findings
from korus_research.show.words.prose import Prose
from korus_research.show.words.sentence import speak

pytestmark = pytest.mark.shared_results

SIX = ("Japan", "France", "Italy", "Germany", "United Kingdom", 4210)


@pytest.fixture(scope="module")
def vietnam(study):
    return kr.estimate(study, "imports", partner="Vietnam", starting=2015)


def annual(study, flow: str) -> pd.DataFrame:
    """Years by partner code, in plain pandas; only whole years."""
    trade = study.load("goods_trade_monthly")
    rows = trade[trade["flow"] == flow].assign(year=lambda t: t["month"].str[:4].astype(int))
    sums = rows.groupby(["year", "partner"])["value_usd_mn"].agg(["sum", "count"])
    return sums["sum"].where(sums["count"] == 12).unstack("partner")


def test_nothing_asked_is_the_chapters_main_estimate(study):
    effects = study.counterfactual()
    for flow in ("exports", "imports"):
        mine = kr.estimate(study, flow)
        assert mine.found.spec == effects.main[flow].spec
        assert mine.found.effect_log == effects.main[flow].effect_log
        pd.testing.assert_frame_equal(mine.to_frame(), effects.main[flow].paths)


def test_another_partner_by_plain_pandas(study):
    mine = kr.estimate(study, "imports", partner="Vietnam", starting=2015, before=(2002, 2012), after=(2015, 2019),
                       estimator="did")  # fmt: skip
    logs = np.log(annual(study, "imports").replace(0, np.nan))
    change = logs.loc[2015:2019].mean() - logs.loc[2002:2012].mean()
    donors = list(mine.found.pool.donors)
    assert "5520" not in donors
    assert mine.found.effect_log == pytest.approx(change["5520"] - change[donors].mean(), abs=1e-12)


def test_donors_of_ones_own_by_another_solver(study):
    mine = kr.estimate(study, "exports", donors=SIX)
    codes = list(mine.found.pool.donors)
    names = {study.partner_names[code] for code in codes}
    assert names == {"Japan", "France", "Italy", "Germany", "United Kingdom", "Netherlands"}
    logs = np.log(annual(study, "exports").replace(0, np.nan))
    pre = logs.loc[2000:2010]
    gaps = (pre - pre.mean())[["5800", *codes]].to_numpy().T
    ridge = declared().ridges.sc * np.trace(gaps @ gaps.T) / len(gaps)

    def miss(w):
        return ((gaps[0] - w @ gaps[1:]) ** 2).sum() + ridge * (w**2).sum()

    start = np.full(len(codes), 1 / len(codes))
    solved = minimize(miss, start, bounds=[(0, 1)] * len(codes), constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
                      options={"ftol": 1e-14, "maxiter": 500}).x  # fmt: skip
    change = logs.loc[2013:2019].mean() - pre.mean()
    assert mine.found.effect_log == pytest.approx(change["5800"] - solved @ change[codes], abs=1e-4)


def test_a_planted_effect_is_found(study):
    planted = kr.open_study("korus")
    trade = study.load("goods_trade_monthly").copy()
    rows = (trade["partner"] == "5520") & (trade["flow"] == "imports") & (trade["month"] >= "2015-01")
    trade.loc[rows, "value_usd_mn"] *= 1.3
    load = planted.load
    planted.load = lambda name: trade if name == "goods_trade_monthly" else load(name)
    asked = {"partner": "Vietnam", "starting": 2015}
    before, after = (kr.estimate(each, "imports", **asked).found.effect_log for each in (study, planted))
    assert after - before == pytest.approx(math.log(1.3), abs=1e-9)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"flow": "imports", "partner": "vietnam", "starting": 2015, "estimator": "sdid"},
        {"donors": SIX, "after": (2013, 2017)},
        {"outcome": "share", "without": (2008, 2009), "rule": "everyone", "threshold": 1000},
        {"partner": "Colombia", "frequency": "quarterly"},
    ],
)
def test_the_code_that_is_kept_makes_the_same_estimate(study, asked):
    known = study.as_known("2025-12")
    mine = kr.estimate(known, **asked)
    names: dict[str, object] = {}
    exec(mine.code, names)
    again = names["mine"]
    assert again.choices == mine.choices
    assert again.found.effect_log == mine.found.effect_log
    assert again.study.parameters.as_of == "2025-12"
    pd.testing.assert_frame_equal(again.to_frame(), mine.to_frame())


def test_tab_completes_what_an_analyst_holds(study, vietnam):
    """As JupyterLab asks: a kernel's shell, with jedi, which fails on some annotations and then shows nothing."""
    shell = InteractiveShell()
    effects = study.counterfactual()
    held = {"study": (study, "flows"), "vietnam": (vietnam, "to_frame"), "effects": (effects, "estimate")}
    held |= {"found": (vietnam.found, "p_value"), "bench": (kr.bench(study), "keep"), "kr": (kr, "explore")}
    held |= {"drawn": (kr.explore.path(vietnam), "save"), "listed": (kr.explore.donors(vietnam), "html")}
    held |= {"told": (vietnam.findings(), "items"), "catalog": (study.catalog, "describe")}
    shell.push({name: value for name, (value, _) in held.items()})
    for name, (_, wanted) in held.items():
        with provisionalcompleter():
            found = {one.text for one in shell.Completer.completions(f"{name}.", len(name) + 1)}
        assert wanted in found, name


@pytest.mark.parametrize("opened", ["../toy.toml", "~/toy.toml", "absolute"])
def test_the_code_that_is_kept_opens_an_own_agreement_where_it_lies(tmp_path, monkeypatch, opened):
    (tmp_path / "toy.toml").write_text(MINIMAL, "utf-8")
    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    monkeypatch.setenv("HOME", str(tmp_path))
    path = str(tmp_path / "toy.toml") if opened == "absolute" else opened
    mine = kr.bench(kr.open_study(path, as_of="2016-12").as_known("2015-12")).keep()
    names: dict[str, object] = {}
    exec(mine.code, names)
    assert names["mine"].choices == mine.choices
    assert names["mine"].study.parameters == mine.study.parameters


def test_the_code_that_is_kept_takes_values_as_published_then():
    mine = kr.estimate(kr.open_study(as_of="2025-11", values="published"))
    names: dict[str, object] = {}
    exec(mine.code, names)
    assert names["mine"].study.parameters == mine.study.parameters


def test_the_code_that_is_kept_names_an_agreement_of_the_package_and_no_path():
    assert 'kr.open_study("colombia"' in kr.estimate(kr.open_study(HOME / "colombia.toml")).code


@pytest.mark.parametrize(
    ("asked", "error", "said"),
    [
        ({"donors": ["Japan"]}, InvalidSpecification, "1 donor named. Expected at least 5"),
        ({"donors": []}, InvalidSpecification, "0 donors named"),
        ({"flow": None}, InvalidSpecification, "'None' is not a flow. Expected one of exports, imports"),
        ({"flow": "Imports"}, InvalidSpecification, "did you mean 'imports'?"),
        ({"rule": "All"}, InvalidSpecification, "'All' is not a donor rule"),
        ({"donors": "Japan"}, InvalidSpecification, "1 donor named"),
        ({"donors": ["Japan", "Atlantis"]}, MissingPartner, "'Atlantis' is not a partner"),
        (
            {"donors": ["Japan", "North Korea", "Cuba", "Iran", "Germany", "South Sudan"]},
            NoDonors,
            "North Korea, South Sudan lack exports",
        ),
        ({"partner": "Vietnm"}, MissingPartner, "did you mean 'Vietnam'?"),
        ({"partner": "Vietnam"}, InvalidSpecification, "starting=2015"),
        ({"before": (1950, 1960)}, IncompletePanel, "1950"),
        ({"before": (2005,)}, InvalidSpecification, "its first and its last year"),
        ({"before": (2010, 2000)}, InvalidSpecification, "in this order"),
        ({"starting": 2026}, IncompletePanel, "Give an earlier starting"),
        ({"starting": 1986}, IncompletePanel, "Give a later starting"),
        ({"partner": "North Korea", "starting": 2010}, IncompletePanel, "Choose another partner"),
        ({"starting": "2015-03"}, InvalidSpecification, "A year is given as '2015-03'"),
        ({"before": 2000}, InvalidSpecification, "its first and its last year"),
        ({"before": ("2000-01", "2010-12")}, InvalidSpecification, "A year is given as '2000-01'"),
        ({"without": 1999}, InvalidSpecification, "is not among the fitted years"),
        ({"threshold": -1}, InvalidSpecification, "zero or more"),
        ({"threshold": "many"}, InvalidSpecification, "zero or more"),
        ({"donors": ["Korea", *SIX]}, InvalidSpecification, "its own donor"),
        ({"flow": "export"}, InvalidSpecification, "did you mean 'exports'?"),
        ({"rule": "no-agreements"}, InvalidSpecification, "did you mean 'no-agreement'?"),
        ({"estimator": "ols"}, InvalidSpecification, "'ols' is not an estimator"),
        ({"outcome": "level"}, InvalidSpecification, "'level' is not an outcome"),
    ],
)
def test_what_cant_be_is_one_line(study, asked, error, said):
    with pytest.raises(error) as caught:
        kr.estimate(study, **asked)
    assert said in str(caught.value)
    assert caught.value.expected


@pytest.mark.parametrize("partner", ["Vietnam", "VIETNAM", "5520", 5520, np.int64(5520), "VNM"])
def test_partners_are_understood_however_they_are_written(study, vietnam, partner):
    assert kr.estimate(study, "imports", partner=partner, starting=2015).choices == vietnam.choices


def test_power_is_what_planting_on_each_placebo_finds(study):
    """By hand: the detectable effect is rejected for that share of placebos and signs, a little less is not."""
    mine = kr.estimate(study, "exports")
    errors = mine.found.errors_log
    size, level = np.abs(errors), mine.found.level

    def rejected(effect: float) -> float:
        found = []
        for own in range(errors.size):
            others = np.delete(size, own)
            for sign in (1, -1):
                stat = abs(effect + sign * errors[own])
                found.append((1 + (others >= stat).sum()) / (others.size + 1) <= 1 - level + 1e-9)
        return float(np.mean(found))

    needed = math.log1p(mine.detectable_percent / 100)
    assert rejected(needed + 1e-6) >= 0.8
    assert rejected(needed - 1e-3) < 0.8
    both = np.concatenate([mine.found.effect_log + errors, mine.found.effect_log - errors])
    assert mine.chance_percent == pytest.approx(100 * (both >= 0).mean())


def test_charts_take_one_estimate_or_several(study, vietnam):
    korea, colombia = kr.estimate(study), kr.estimate(study, partner="Colombia")
    charts = [kr.explore.path(korea), kr.explore.path(vietnam), kr.explore.placebos(korea, vietnam),
              kr.explore.together(korea, colombia), kr.explore.summary(vietnam)]  # fmt: skip
    assert len({chart.id for chart in charts}) == len(charts)
    for chart in charts:
        assert chart.svg.count("<svg") == 1
        assert chart.svg_narrow
    together = charts[3].data
    assert set(together["estimate"]) == {"US exports to Korea, from 2013", "US exports to Colombia, from 2013"}
    first = together.groupby("estimate")["since"].min()
    assert (first == -13).all()
    own = kr.explore.placebos(vietnam).data.set_index("partner")
    assert own.loc["5520", "standardised"] == pytest.approx(own.loc["5520", "effect"] / own.loc["5520", "rmspe"])


@pytest.mark.parametrize("given", [(), ("x",), (None,)])
def test_charts_refuse_what_is_no_estimate(given):
    for chart in (kr.explore.placebos, kr.explore.together, kr.explore.effect):
        with pytest.raises(InvalidFigure, match=r"results of kr\.estimate"):
            chart(*given)


def test_balance_by_plain_pandas(study, vietnam):
    rows = {row["what"]: row for row in kr.explore.balance(vietnam).rows}
    changes = 100 * np.log(annual(study, "imports")).loc[2002:2012].diff().iloc[1:]
    assert float(rows["Growth a year"]["own"]) == pytest.approx(changes["5520"].mean(), abs=0.05)
    assert float(rows["Spread of yearly changes"]["own"]) == pytest.approx(changes["5520"].std(ddof=0), abs=0.05)
    donors = changes[list(vietnam.found.pool.donors)]
    assert float(rows["Growth a year"]["donors"]) == pytest.approx(donors.mean().mean(), abs=0.05)
    weights = sum(float(row["weight"]) for row in kr.explore.donors(kr.estimate(study)).rows)
    assert weights == pytest.approx(100, abs=0.5)


def test_every_sentence_turns_with_its_findings(study, vietnam):
    korea = kr.estimate(study)
    shown = [kr.explore.path(vietnam), kr.explore.summary(korea), kr.explore.placebos(korea, vietnam),
             kr.explore.together(korea, vietnam)]  # fmt: skip
    said = [
        s for item in shown for prose in (item.title, item.alt) if isinstance(prose, Prose) for s in prose.sentences
    ]
    spoken = [sentence for sentence in said if sentence.findings]
    assert len(spoken) >= 6
    for sentence in spoken:
        for finding in sentence.findings:
            others = [other for other in sentence.findings if other.id != finding.id]

            def told(one, others=others, sentence=sentence):
                return speak(sentence.template, Findings((one, *others), sentence.names)).plain

            there = replace(finding, value=7.0, reason=None)
            assert told(sign_turned(there)) != told(there)
            assert told(there.without_value()).startswith("We can't tell")


def test_what_is_no_study_is_one_line():
    for wrong in ("korus", 3):
        with pytest.raises(InvalidSpecification, match=r"kr\.open_study"):
            kr.estimate(wrong)
        with pytest.raises(kr.KorusError, match=r"kr\.open_study"):
            kr.bench(wrong)


def test_what_is_not_drawn_is_not_told(study, vietnam):
    korea = kr.estimate(study, donors=SIX)
    for mine, why in ((vietnam, "reach beyond tenfold"), (korea, "are too few")):
        figure = kr.explore.path(mine)
        assert "without a range" in str(figure.title)
        assert why in figure.caption
        assert "The band" not in figure.caption
        assert "dotted lines" not in kr.explore.placebos(mine).caption
    banded = kr.explore.path(kr.estimate(study))
    assert "The band" in banded.caption
    assert "range" not in str(banded.title)


def test_ticks_say_where_they_stand(study):
    """Steps of 2.5 are not rounded: what a tick says is its place."""
    from lxml import etree

    figure = kr.explore.path(kr.estimate(study, partner="Colombia"))
    texts = [text.text for text in etree.fromstring(figure.svg.encode()).iter("{*}text")]
    numbers = sorted({float(text) for text in texts if text and text.replace(".", "").isdigit() and float(text) < 1000})
    assert len(set(np.diff(numbers).round(9))) == 1
