"""Chapter 03: what it shows is recomputed from the raw months and from its own CSVs, and held to what it says."""

from __future__ import annotations

import gc
import io
import os
import re
import weakref

import numpy as np
import pandas as pd
import pytest
from chapter_objects import notebook, shown, thin_curve
from turned import sign_turned

import korus_research as kr
from korus_research.chapters.counterfactual.coverage import lacks
from korus_research.data import Catalog
from korus_research.data.agreements import load_agreement
from korus_research.methods.series import FLOWS
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import Table
from korus_research.show.words.prose import Prose
from korus_research.show.words.sentence import speak
from korus_research.show.words.text import Words

CHAPTER = notebook("counterfactual")


@pytest.fixture(scope="module")
def curve(study):
    with thin_curve():
        return study.specification_curve()


@pytest.fixture(scope="module")
def annual(study):
    """Years by partner, for each flow: complete calendar years from the raw months, in plain pandas."""
    trade = study.load("goods_trade_monthly")
    partners = study.load("partners")
    trade = trade[trade["partner"].isin(partners.loc[~partners["aggregate"], "partner"])]
    tables = {}
    for flow in FLOWS:
        rows = trade[trade["flow"] == flow]
        groups = rows.groupby([rows["month"].str[:4].astype(int), "partner"])["value_usd_mn"]
        tables[flow] = groups.sum().where(groups.size() == 12).unstack()
    return tables


def csv(item: Figure | Table) -> pd.DataFrame:
    return pd.read_csv(io.StringIO(item.to_json()["data_csv"]), dtype={"partner": str})


# What is drawn and tabulated


def test_the_paths_follow_from_the_weights_and_the_gap_after_is_the_effect(study, annual):
    """Both paths move as the weighted donors do: that declared first from its own mean, the leading one in parallel."""
    weights, paths = csv(kr.counterfactual.weights_table(study)), csv(kr.counterfactual.actual_and_synthetic(study))
    effects = study.counterfactual()
    for flow in FLOWS:
        logs = np.log(annual[flow].loc[2000:2019].where(lambda t: t > 0))
        own = weights[(weights["flow"] == flow) & (weights["weight"] > 0)].set_index("partner")["weight"]
        assert own.sum() == pytest.approx(1.0, abs=1e-8)
        centred = logs - logs.loc[2000:2010].mean()
        declared = np.exp((centred[own.index] * own).sum(axis=1) + logs["5800"].loc[2000:2010].mean())
        rows = paths[paths["flow"] == flow].set_index("year")
        assert rows["actual"].to_numpy() == pytest.approx(annual[flow].loc[2000:2019, "5800"].to_numpy())
        assert rows["declared"].to_numpy() == pytest.approx(declared.to_numpy(), rel=1e-7)
        led = effects.led[flow]
        apart = np.log(rows["synthetic"]) - (logs[led.weights.index] * led.weights).sum(axis=1)
        assert np.ptp(apart) < 1e-8
        after = np.log(rows["actual"] / rows["synthetic"]).loc[2013:2019].mean()
        assert 100 * np.expm1(after) == pytest.approx(led.effect_percent)
        assert (rows["low"] < rows["synthetic"]).all()
        assert (rows["synthetic"] < rows["high"]).all()


def test_every_large_partner_is_a_donor_or_is_left_out_for_a_reason_with_a_source(study, annual):
    weights, dropped = csv(kr.counterfactual.weights_table(study)), csv(kr.counterfactual.dropped_table(study))
    for flow in FLOWS:
        large = annual[flow].loc[2000:2010].mean() > 3000
        donors = set(weights.loc[weights["flow"] == flow, "partner"])
        out = set(dropped.loc[dropped["flows"].str.contains(flow), "partner"])
        assert donors.isdisjoint(out)
        assert donors | out | {"5800"} == set(large.index[large])
    known = dropped["reason"] != "incomplete"
    assert dropped.loc[known, "source"].notna().all()
    assert set(dropped["reason"]) <= {"agreement", "energy", "incomplete"}  # what the main rule may leave out


def test_a_long_list_of_left_out_partners_is_cut_and_says_so(study, monkeypatch):
    from korus_research.chapters.counterfactual import tables

    whole = kr.counterfactual.dropped_table(study)
    monkeypatch.setattr(tables, "MOST", 3)
    cut = tables.dropped_table(study)
    assert list(cut.rows) == list(whole.rows)[:3]
    assert len(csv(cut)) == len(csv(whole))
    assert f"have {len(whole.rows) - 3} more partners" in cut.notes[0]


def test_the_rank_of_the_partner_is_counted_again(study):
    data = csv(kr.counterfactual.standardised_effects(study))
    findings = study.counterfactual().findings()
    for flow in FLOWS:
        rows = data[data["flow"] == flow].set_index("partner")
        rows = rows[rows["rmspe"] >= 1e-3]  # decision 64
        size = (rows["effect"] / rows["rmspe"]).abs()
        rank = int((size >= size["5800"]).sum())
        assert findings[f"counterfactual.{flow}.larger"].value == rank - 1
        assert findings[f"counterfactual.{flow}.p_value"].value == pytest.approx(rank / len(size))


def test_dots_that_stand_on_each_other_do_not_touch():
    from korus_research.chapters.counterfactual.estimates.drawn import WIDE, _stacked

    values = np.random.default_rng(7).normal(0, 3, 60)
    heights = _stacked(values)
    assert heights[0] == 0
    for k in range(1, len(values)):
        same = (heights[1:] == heights[k]) & (np.arange(1, len(values)) != k)
        assert (np.abs(values[1:][same] - values[k]) >= WIDE / 32).all()


def test_variants_without_an_interval_say_so_and_no_others(study):
    table = kr.counterfactual.variants_table(study)
    data = csv(table)
    for flow in FLOWS:
        shown_ = [str(row[f"{flow}_effect"]) for row in table.rows]
        missing = data.loc[data["flow"] == flow, "low"].isna()
        assert sum(kr.counterfactual.label("no_interval") in cell for cell in shown_) == int(missing.sum())
        assert "nan" not in " ".join(shown_)
    names = [str(row["variant"]) for row in table.rows]
    assert len(set(names)) == len(names)
    assert any("energy exporters kept" in name for name in names)
    assert "no energy exporters" in names[0]


def test_a_partner_copied_to_the_last_digit_has_no_interval_of_no_width():
    """Colombia's exports among all partners: with more donors than years, a fit can be exact by accident."""
    rows = kr.open_study("colombia").counterfactual().variants.query("flow == 'exports'").set_index("value")
    assert rows.loc["everyone", ["low", "high"]].isna().all()
    known = rows.dropna(subset=["low"])
    assert "main" in known.index
    exact = rows.loc[["everyone", "2008-2009"]]
    assert exact["p_value"].isna().all()  # its rank would be an accident too, and is in no count
    findings = kr.open_study("colombia").counterfactual().findings()
    assert findings["counterfactual.exports.variants.significant"].value == int((rows["p_value"] < 0.10).sum())
    table = kr.counterfactual.variants_table(kr.open_study("colombia"))
    cells = {str(row["variant"]): str(row["exports_p"]) for row in table.rows}
    assert cells["Window: fitted without 2008 and 2009"] == "\N{EN DASH}"
    assert (known["high"] - known["low"] > 5).all()  # percent; an interval of a point claims what nobody knows


def test_a_rule_that_leaves_nobody_more_out_is_no_variant_of_that_partner():
    rules = kr.open_study("chile").counterfactual().variants.query("choice == 'rule'")["value"]
    assert "no-competitor" not in set(rules)  # competitors are known of Korea only
    assert "no-competitor" in set(kr.open_study("korus").counterfactual().variants["value"])


def test_agreements_beyond_chance_are_those_of_the_tables_data_and_are_named(study):
    data = csv(kr.counterfactual.other_agreements(study))
    findings = study.counterfactual().findings()
    for flow in FLOWS:
        rows = data[data["flow"] == flow].set_index("id")
        clear = rows.loc[rows["p_value"] < 0.10, "label"]
        assert findings[f"counterfactual.{flow}.agreements.clear"].value == len(clear)
        assert set(findings.names[f"apart_{flow}"]) == set(clear)
        assert findings[f"counterfactual.{flow}.agreements.median"].value == pytest.approx(
            rows["effect_percent"].median()
        )


# The curve


def test_the_curve_marks_the_main_specification_and_its_own_median(study, curve):
    # Here and not above: seaborn takes SciPy and statsmodels along where they are, and not every worker draws the curve.
    from korus_research.chapters.counterfactual.curve_figures import _place

    figure = kr.counterfactual.specification_curve(study, curve)
    data = csv(figure)
    findings = curve.findings()
    for flow in FLOWS:
        rows = data[data["flow"] == flow].reset_index(drop=True)
        assert rows["effect_log"].is_monotonic_increasing
        median = 100 * (np.exp(rows["effect_log"].median()) - 1)
        assert findings[f"counterfactual.curve.{flow}.median"].value == pytest.approx(median, abs=1e-3)
        main = study.counterfactual().main[flow]
        place = _place(curve.curve.of(flow), main.spec)
        assert place is not None
        assert rows.loc[place, "effect_percent"] == pytest.approx(main.effect_percent, abs=1e-3)
        below = 100 * (rows["effect_percent"] < round(main.effect_percent, 4)).mean()
        assert findings[f"counterfactual.curve.{flow}.main_above"].value == pytest.approx(below)


def test_each_strip_of_marks_is_one_value_of_one_choice(study, curve):
    from korus_research.chapters.counterfactual.curve_figures import _rows

    rows = _rows(curve)
    table = curve.curve.table
    for choice in curve.effects.window.choices:
        values = {value for name, value, _ in rows if name == choice}
        there = set(table[choice].astype(str))
        assert values == (there if len(there) > 1 else set())  # a choice nobody varies is none
    labels = [label for _, _, label in rows]
    assert len(set(labels)) == len(labels)


def test_figures_stay_light(study, curve):
    figures = [
        kr.counterfactual.specification_curve(study, curve),
        kr.counterfactual.actual_and_synthetic(study),
        kr.counterfactual.standardised_effects(study),
    ]
    for figure in figures:
        assert len(figure.svg) < 300_000
        assert len(str(figure.alt)) > 80


# What else happened


def test_every_measure_of_a_confounder_is_a_finding_and_every_published_figure_is_in_the_data(study):
    findings = study.counterfactual().findings() | kr.counterfactual.energy_in_exports(study).findings()
    table = study.load("published_estimates")
    confounders = study.agreement.confounders
    assert {
        "eu-korea",
        "partner-agreements",
        "diversion",
        "collapse-2009",
        "shale-and-gas",
        "covid",
        "duties-2025",
    } <= {c.id for c in confounders}
    for each in confounders:
        assert all(findings[key].value is not None for key in each.measures), each.id
        if each.published:
            rows = table[(table["study"] == each.published.study) & (table["outcome"] == each.published.outcome)]
            assert len(rows)


def test_the_table_of_confounders_tells_their_figures_and_no_later_ones(study, column_study):
    table = kr.counterfactual.confounders(study)
    assert isinstance(table, Table)
    told = {row["id"]: row["measured"] for row in csv(table).fillna("").to_dict("records")}
    findings = study.counterfactual().findings()
    without = findings["counterfactual.exports.without.2008-2009"].text("signed")
    assert f"exports {without}" in told["collapse-2009"]
    assert "$13.1 billion in 2013" in told["diversion"]
    assert "$13.8 billion in 2014" in told["diversion"]
    assert {f.id for f in table.findings} >= {
        "counterfactual.partner_agreements",
        "counterfactual.exports.post_last.11",
    }
    earlier = kr.counterfactual.confounders(column_study)
    assert isinstance(earlier, Table)
    before = csv(earlier).fillna("").set_index("id")
    assert {"covid", "duties-2025", "china-duties"}.isdisjoint(before.index)
    assert "13.1" not in before.loc["diversion", "measured"]  # published in 2019
    assert not re.search(r"\b20(?:1[89]|2\d)\b", " ".join(map(str, before.drop(columns="source").to_numpy().ravel())))


def test_an_agreement_without_confounders_says_that_its_file_names_none():
    said = kr.counterfactual.confounders(kr.open_study("chile"))
    assert isinstance(said, Prose)
    assert "Chile" in str(said)


def test_energy_is_what_the_monthly_tables_add_up_to(study):
    fuels, trade = study.load("exports_energy_monthly"), study.load("goods_trade_monthly")
    fuels = fuels[fuels["partner"] == "5800"]
    trade = trade[(trade["partner"] == "5800") & (trade["flow"] == "exports")]
    findings = kr.counterfactual.energy_in_exports(study).findings()
    for end, year in (("first", "2013"), ("last", "2019")):
        energy = fuels.loc[fuels["month"].str[:4] == year, "value_usd_mn"].sum() / 1000
        total = trade.loc[trade["month"].str[:4] == year, "value_usd_mn"].sum() / 1000
        assert findings[f"counterfactual.energy.energy_{end}"].value == pytest.approx(energy)
        assert findings[f"counterfactual.energy.other_{end}"].value == pytest.approx(total - energy)


def test_partner_agreements_are_counted_in_the_years_that_the_title_names(study):
    table = kr.counterfactual.partner_agreements_table(study)
    assert table is not None
    years = csv(table).groupby("agreement")["in_force"].min().str[:4].astype(int)
    finding = study.counterfactual().findings()["counterfactual.partner_agreements"]
    first, last = map(int, finding.period.split(" to "))
    assert finding.value == int(years.between(first, last).sum())
    assert "Israel and the Philippines have no row" in " ".join(table.notes)
    assert kr.counterfactual.partner_agreements_table(kr.open_study("chile")) is None


def test_the_answer_is_three_sentences_and_partners_without_a_new_agreement_are_not_called_without_one(study, curve):
    """Canada, Israel and Mexico are donors: their agreements are older, and the text below the figure names them."""
    answer = kr.counterfactual.say("answer", study.counterfactual())
    assert len(answer.sentences) == 3
    leads = str(kr.counterfactual.say("leading", study.counterfactual()))
    assert "without a new agreement" in leads
    assert "ithout any agreement" not in str(answer) + leads
    older_ones = str(kr.counterfactual.say("older", study.counterfactual()))
    us = study.load("us_agreements")
    donors = {code for found in study.counterfactual().main.values() for code in found.pool.donors}
    older = us[us["partner"].isin(donors) & (us["in_force"] < "2020")]
    assert len(older) == 3
    for code in older["partner"]:
        assert study.partner_names[code] in older_ones


def test_agreements_are_told_with_and_without_energy_exporters(study):
    data = csv(kr.counterfactual.other_agreements(study))
    assert data["with_energy_percent"].notna().all()
    korea = data[(data["id"] == "korus") & (data["flow"] == "imports")].iloc[0]
    kept = study.counterfactual().variants.query("flow == 'imports' and value == 'no-agreement'").iloc[0]
    assert korea["with_energy_percent"] == pytest.approx(kept["effect_percent"])


def test_the_curve_stays_far_from_the_residual_that_would_stop_it(curve):
    from korus_research.methods.synthetic.simplex import ACCEPTED

    assert curve.curve.table["kkt"].max() < ACCEPTED / 5  # a margin, not an even race


def test_placebos_in_time_that_end_before_signature_are_not_told_twice():
    """Chile was signed in 2003 and in force in 2004: one window ends before both."""
    labels = [str(row["check"]) for row in kr.counterfactual.checks_table(kr.open_study("chile")).rows]
    assert "Effect in a time before entry into force" in labels
    assert "Effect in a time before the year of signature" not in labels


# The words, for other agreements


# Billions and intervals; millions and none. Bahrain is estimated for no other test.
@pytest.fixture(scope="module", params=["chile", pytest.param("bahrain", marks=pytest.mark.slow)])
def other(request):
    return load_agreement(request.param), shown(CHAPTER, agreement=request.param)


def spoken(objects):
    found = []
    for item in objects:
        parts = [item] if isinstance(item, Prose) else []
        if isinstance(item, Figure | Table):
            parts = [p for p in (item.title, getattr(item, "alt", None)) if isinstance(p, Prose)]
        found += [s for p in parts for s in p.sentences]
    return found


def test_the_chapter_reads_right_for_another_agreement(other):
    agreement, objects = other
    texts = [s.plain for s in spoken(objects)]
    texts += [f"{i.subtitle} {i.caption}" for i in objects if isinstance(i, Figure)]
    assert any(agreement.partner.short in text for text in texts)
    assert not [text for text in texts if re.search(r"KORUS|Korea|None|\bnan\b|not available", text)]
    assert not [text for text in texts if "$0.0 billion" in text]
    untold = [text for text in texts if text.startswith("We can't tell")]
    assert len(untold) <= 1
    assert all("energy" in text for text in untold)


def test_every_sentence_turns_for_another_agreement(other):
    agreement, objects = other
    names = kr.open_study(agreement.id).counterfactual().findings().names
    for sentence in spoken(objects):
        for finding in sentence.findings:
            rest = tuple(f for f in sentence.findings if f.id != finding.id)
            if any(f.value is None for f in sentence.findings):
                continue
            there = finding if finding.direction else _with(finding, 7.0)
            base = speak(sentence.template, Findings((there, *rest), names)).plain
            assert speak(sentence.template, Findings((sign_turned(there), *rest), names)).plain != base, (
                sentence.template
            )
            gone = speak(sentence.template, Findings((there.without_value(), *rest), names)).plain
            assert gone.startswith(tuple(f"We can't tell {word} " for word in ("the", "how", "whether"))), gone


def _with(finding: Finding, value: float) -> Finding:
    data = finding.to_json()
    return Finding.from_json({**data, "value": value, "reason": None})


def test_an_effect_beyond_chance_is_called_that(study):
    answer = kr.counterfactual.say("answer", study.counterfactual())
    led = study.counterfactual().led
    assert not [flow for flow, found in led.items() if found.p_value < 0.10]
    assert "chance can explain both differences" in str(answer)
    effects = study.counterfactual()
    found = {f.id: f for f in effects.findings().values()}
    id_ = "counterfactual.exports.leading.beyond_chance"
    found[id_] = _with(found[id_], 0.05)
    del found["counterfactual.both.leading"]
    answer = str(kr.counterfactual.say("answer", Findings(tuple(found.values()), effects.findings().names)))
    assert "chance can't explain the difference in exports and can explain that in imports" in answer


def test_methods_stand_side_by_side_with_old_ranges_next_to_new_ones(study):
    """The figures of the table are those of its CSV; the first edition's interval for imports stands in it."""
    table = kr.counterfactual.methods_table(study)
    data = csv(table).set_index(["flow", "method"])
    assert len(table.rows) == 6
    assert sum("declared first" in str(row["method"]) for row in table.rows) == 1
    assert sum("errs least" in str(row["method"]) for row in table.rows) == 1
    assert data["placebo_error"].notna().all()
    exact = csv(kr.counterfactual.exact_table(study)).set_index(["flow", "method", "rule"])
    old, new = (exact.loc[("imports", "sc", rule)] for rule in ("ranked", "left-out"))
    # Published in the first edition, and what a referee found by one rule for all (issue 12).
    assert (round(old["low"]), round(old["high"])) == (-46, 98)
    assert (round(new["low"]), round(new["high"])) == (-30, 52)
    assert old["p_floor"] == pytest.approx(0.097, abs=5e-4)
    ridges = csv(kr.counterfactual.ridges_table(study)).set_index(["flow", "ridge"])
    main = study.counterfactual().main
    for flow in FLOWS:
        assert ridges.loc[(flow, 1e-4), "effect_percent"] == pytest.approx(main[flow].effect_percent)
        chosen = ridges.loc[flow, "error"].idxmin()
        cv = data.loc[(flow, "sc-cv"), "effect_percent"]
        assert ridges.loc[(flow, chosen), "effect_percent"] == pytest.approx(cv)


# What the chapter requires


def test_the_chapter_is_there_from_the_first_full_year_on():
    for name, lacking, there in (("korus", "2013-11", "2013-12"), ("chile", "2004-11", "2004-12")):
        assert lacks(kr.open_study(name, as_of=there)) is None
        topic, key = lacks(kr.open_study(name, as_of=lacking))
        assert Words(topic).text(f"lacking.{key}", as_of="November 2013").startswith("to November 2013 the trade table")


def test_what_an_edition_lacks_is_known_no_longer_than_its_study():
    study = kr.open_study("korus", as_of="2016-12")
    assert lacks(study) is lacks(study) is None
    gone = weakref.ref(study)
    del study
    gc.collect()
    assert gone() is None


@pytest.mark.parametrize("month", ["2003-07", "2013-05"])
def test_a_gap_in_the_partners_trade_leaves_the_chapter_out(month, monkeypatch):
    load = Catalog.load

    def with_a_gap(self, name, **options):
        table = load(self, name, **options)
        if name != "goods_trade_monthly":
            return table
        return table[~((table["partner"] == "5800") & (table["flow"] == "imports") & (table["month"] == month))]

    assert lacks(kr.open_study("korus", as_of="2016-12")) is None
    monkeypatch.setattr(Catalog, "load", with_a_gap)
    assert lacks(kr.open_study("korus", as_of="2016-12")) is not None


def test_the_curve_reports_its_progress(study, monkeypatch):
    monkeypatch.setenv("KORUS_CACHE", os.devnull)
    seen = []
    with thin_curve(every=200):
        study.specification_curve(progress=lambda done, total: seen.append((done, total)))
    totals = {total for _, total in seen}
    assert len(totals) == 1
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1][0] == totals.pop()
