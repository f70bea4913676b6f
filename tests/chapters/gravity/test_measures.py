"""The gravity estimates of a study: planted panels, plain recomputation, the rules of the panel, clear errors."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from korus_research.chapters.gravity import choices
from korus_research.chapters.gravity.choices import GravitySpec, Window
from korus_research.chapters.gravity.measures import fit_gravity
from korus_research.chapters.gravity.panel import annual_census, panel_coverage
from korus_research.data import open_catalog
from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.errors import (
    InvalidPanel,
    InvalidSpecification,
    KorusError,
    MissingPartner,
    NotIdentified,
    TooFewPairs,
)
from tests.support.by_pyfixest import fit_pyfixest

PANEL = open_catalog().load("gravity_panel")
NO_CENSUS = pd.DataFrame({"year": [], "iso3": [], "flow": [], "value_usd_mn": []})
WINDOWS = (Window("main", 1988), Window("without_entry", 1988, without_entry=True))


def spec(**changes: object) -> GravitySpec:
    made = {"reporter": "AAA", "partner": "BBB", "entry_year": 2012, "windows": WINDOWS, "share": 0.1, "most": 100, "fewest": 5, "level": 0.8}  # fmt: skip
    return GravitySpec(**{**made, **changes})  # type: ignore[arg-type]


def planted(effects: tuple[float, float] = (0.5, -0.3), average: float = 0.2) -> pd.DataFrame:
    """A panel that obeys the model to the last digit, with an agreement of C and D from 2000 and of A and B from 2012."""
    rng = np.random.default_rng(5)
    names, years = [c * 3 for c in "ABCDEFG"], range(1988, 2017, 4)
    out, into = rng.normal(0, 0.4, (2, 7, 8))
    pair = rng.normal(5, 0.5, (7, 7))
    rows = []
    for i, one in enumerate(names):
        for j, two in enumerate(names):
            for t, year in enumerate(years):
                other = {one, two} == {"CCC", "DDD"} and year >= 2000
                own = {one, two} == {"AAA", "BBB"} and year >= 2012
                effect = effects[0] if one == "AAA" else effects[1]
                logs = out[i, t] + into[j, t] + pair[i, j] + average * other + effect * own
                if one != two:
                    name = "C and D" if other else "A and B" if own else ""
                    rows.append((year, one, two, math.exp(logs), other or own, name))
    return pd.DataFrame(rows, columns=["year", "exporter", "importer", "trade_usd_mn", "in_force", "agreement"])


def test_planted_effects_are_found_in_every_window_and_year():
    result = fit_gravity(planted(), NO_CENSUS, spec=spec())
    assert list(result.estimates) == ["main", "without_entry"]
    for estimates in result.estimates.values():
        assert estimates.effects["exports"] == pytest.approx(0.5, abs=1e-6)
        assert estimates.effects["imports"] == pytest.approx(-0.3, abs=1e-6)
        assert estimates.average == pytest.approx(0.2, abs=1e-6)
        assert np.abs(estimates.placebos["effect"]).max() < 1e-6
    path = result.path.set_index(["flow", "year"])["effect"]
    assert result.reference_year == 2008
    for flow, effect in (("exports", 0.5), ("imports", -0.3)):
        assert path[flow].loc[1988:2008].abs().max() < 1e-6
        assert path[flow].loc[2012:].to_numpy() == pytest.approx(effect, abs=1e-6)


def test_the_published_fit_equals_pyfixest_in_coefficients_errors_and_observations(study):
    """Dummies written out by hand on the embedded panel, against effects that our solver takes for the pair's own."""
    main = study.gravity().main
    rows = PANEL[PANEL["year"].isin(main.years)]
    exporter, importer, year = rows["exporter"], rows["importer"], rows["year"]
    out, back = ((exporter == a) & (importer == b) for a, b in (("USA", "KOR"), ("KOR", "USA")))
    dummies = {
        "exports": out & (year >= 2012), "imports": back & (year >= 2012),
        "past_exports": out & (year < 2008), "past_imports": back & (year < 2008),
        "rta": rows["in_force"] & ~out & ~back,
    }  # fmt: skip
    pair = exporter.where(exporter < importer, importer) + importer.where(exporter < importer, exporter)
    found = fit_pyfixest(
        rows.assign(**dummies, ey=exporter + year.astype(str), iy=importer + year.astype(str), p=exporter + importer,
                    pair=pair).astype(dict.fromkeys(dummies, float)),
        outcome="trade_usd_mn", regressors=tuple(dummies), effects=("iy", "ey", "p"), cluster="pair",
    )  # fmt: skip
    effects, last = main.standings["last"].effects, ["exports", "imports"]
    ours = [effects["exports"], effects["imports"], main.average]
    assert ours == pytest.approx(found.coefficients[[*last, "rta"]].tolist(), abs=1e-6)
    errors = [main.errors["exports"], main.errors["imports"], main.average_error]
    assert errors == pytest.approx([found.error(name) for name in (*last, "rta")], rel=1e-5)
    assert main.observations == found.observations


def test_the_studied_pair_is_no_part_of_the_average_agreement():
    panel = planted()
    own = panel["exporter"].isin(["AAA", "BBB"]) & panel["importer"].isin(["AAA", "BBB"])
    never = panel.assign(in_force=panel["in_force"] & ~own)
    one, two = (fit_gravity(p, NO_CENSUS, spec=spec()).main for p in (panel, never))
    assert one.average == pytest.approx(two.average, abs=1e-9)
    assert one.effects["exports"] == pytest.approx(two.effects["exports"], abs=1e-9)


def test_results_do_not_depend_on_the_order_of_rows():
    panel = planted()
    shuffled = panel.sample(frac=1, random_state=1).reset_index(drop=True)
    one, two = (fit_gravity(p, NO_CENSUS, spec=spec()).main for p in (panel, shuffled))
    assert one.effects["exports"] == pytest.approx(two.effects["exports"], abs=1e-9)
    assert list(one.placebos.index) == list(two.placebos.index)


def test_findings_speak_percent_of_logs_and_bounds_hold_the_value():
    result = fit_gravity(planted(), NO_CENSUS, spec=spec(names={"partner": "B"}))
    findings = result.findings()
    assert findings["gravity.exports.effect"].value == pytest.approx(100 * math.expm1(0.5), abs=1e-3)
    assert findings["gravity.imports.last"].value == pytest.approx(100 * math.expm1(-0.3), abs=1e-3)
    assert findings["gravity.exports.coverage.tilt"].value is None
    assert findings["gravity.exports.last_even"].value is None
    within = [findings[f"gravity.{flow}.within"].state for flow in ("exports", "imports")]
    assert findings["gravity.flows_within"].state == ("neither", "one", "both")[within.count("within")]
    for finding in findings.values():
        if finding.low is not None and finding.high is not None and finding.value is not None:
            assert finding.low <= finding.value <= finding.high, finding.id


@pytest.mark.parametrize(
    ("changes", "kind", "found"),
    [
        ({"partner": "ZZZ"}, MissingPartner, "no exports from AAA to ZZZ"),
        ({"entry_year": 2018}, NotIdentified, "no year of AAA to BBB from entry into force on"),
        ({"entry_year": 1988}, NotIdentified, "no year of AAA to BBB before entry into force"),
        ({"fewest": 500}, NotIdentified, "pairs of the gravity panel are comparable with AAA-BBB"),
        ({"level": 0.9999}, NotIdentified, "give no 100% interval"),
    ],
)
def test_what_can_not_be_estimated_is_one_clear_error(changes, kind, found):
    with pytest.raises(kind, match=found) as caught:
        fit_gravity(planted(), NO_CENSUS, spec=spec(**changes)).to_frame()
    assert isinstance(caught.value, KorusError)
    assert caught.value.expected
    assert caught.value.do


def test_no_positive_trade_after_entry_is_one_clear_error():
    panel = planted()
    gone = (panel["exporter"] == "AAA") & (panel["importer"] == "BBB") & (panel["year"] >= 2012)
    panel["trade_usd_mn"] = panel["trade_usd_mn"].mask(gone, 0.0)
    with pytest.raises(NotIdentified, match="AAA has no exports to BBB in 2012, 2016"):
        fit_gravity(panel, NO_CENSUS, spec=spec(share=0.0))


def test_panel_flags_agreements_from_the_first_panel_year_after_entry_into_force():
    """The agreements' own dates against the panel's flags, another source."""
    years, checked = sorted(PANEL["year"].unique()), 0
    for name in list_agreements():
        agreement = load_agreement(name)
        pair = {agreement.reporter.iso3, agreement.partner.iso3}
        rows = PANEL[PANEL["exporter"].isin(pair) & PANEL["importer"].isin(pair)]
        if rows.empty:
            continue
        first = next(year for year in years if year >= agreement.dates.in_force.year)
        assert set(rows.loc[rows["in_force"], "year"]) == {year for year in years if year >= first}, name
        assert rows["exporter"].nunique() == 2
        checked += 1
    assert checked >= 8


def test_panel_is_what_its_recipe_says(collected_folder):
    """Recomputed from the raw file in plain pandas: the traders, the values, the limit of rows."""
    raw = pd.read_parquet(collected_folder / "gravity_penppml_1964_2016.parquet")
    raw = raw[raw["year"] >= 1988].astype({"exporter": str, "importer": str})
    countries = set(PANEL["exporter"])
    assert countries == set(PANEL["importer"])
    among = raw[raw["exporter"].isin(countries) & raw["importer"].isin(countries)]
    assert len(among) == len(PANEL) <= 50_000
    assert among["export_usd"].sum() / 1e6 == pytest.approx(PANEL["trade_usd_mn"].sum(), rel=1e-12)
    sold = raw.groupby("exporter")["export_usd"].sum()
    total = sold.add(raw.groupby("importer")["export_usd"].sum(), fill_value=0)
    exporters = sold[sold > 0].index
    left_out = [c for c in exporters if c not in countries]
    assert total[left_out].max() < total[list(countries)].min()
    more = {*countries, total[left_out].idxmax()}
    assert (raw["exporter"].isin(more) & raw["importer"].isin(more)).sum() > 50_000


def lasting(panel: pd.DataFrame, pair: set[str], names: dict[int, str]) -> pd.DataFrame:
    """The panel with an agreement of a pair in every year, called as `names` say from each of their years on."""
    own = panel["exporter"].isin(pair) & panel["importer"].isin(pair)
    for year, name in names.items():
        panel = panel.assign(agreement=panel["agreement"].mask(own & (panel["year"] >= year), name))
    return panel.assign(in_force=panel["in_force"] | own)


@pytest.mark.parametrize(
    ("names", "renamed", "comparable"),
    [
        ({1988: "Union"}, {}, True),
        ({1988: "Association", 2000: "Union"}, {}, False),
        ({1988: "Community", 2000: "Union"}, {"Community": "Union"}, True),
        ({1988: "Union", 2012: ""}, {}, False),
    ],
)
def test_a_deeper_agreement_in_the_place_of_another_is_a_change(names, renamed, comparable):
    panel = lasting(planted(), {"EEE", "FFF"}, names)
    if names.get(2012) == "":
        panel["in_force"] &= panel["agreement"] != ""
    found = fit_gravity(panel, NO_CENSUS, spec=spec(renamed=renamed)).main.placebos
    assert (("EEE", "FFF") in found.index) is (("FFF", "EEE") in found.index) is comparable
    if comparable:
        assert found.index[found["lasting"]].tolist() == [("EEE", "FFF"), ("FFF", "EEE")]


def test_no_comparable_pair_of_the_panel_changed_its_agreement(study):
    """Every pair's names by plain pandas: one name in all years, or the one relabelling that gravity.toml declares."""
    result = study.gravity()
    for estimates in result.estimates.values():
        rows = PANEL[PANEL["year"].isin(estimates.years)]
        known = rows.groupby(["exporter", "importer"])["agreement"].agg(lambda s: frozenset(s.fillna("")))
        for pair in estimates.placebos.index:
            assert len(known[pair]) == 1 or known[pair] == {"EC (12) Enlargement", "EC/EU"}, (pair, known[pair])
            assert (known[pair] != {""}) == estimates.placebos.at[pair, "lasting"]
    for pair in (("ARG", "BRA"), ("AUT", "CHE"), ("FIN", "SWE"), ("DEU", "NOR")):
        assert pair not in result.main.placebos.index
    size = PANEL.groupby(["exporter", "importer"])["trade_usd_mn"].mean()
    own = min(size["USA", "KOR"], size["KOR", "USA"])
    for pair, row in result.main.placebos.iterrows():
        assert row["size"] == pytest.approx(min(size[pair], size[pair[::-1]]) / own)
        assert row["size"] >= 0.1


def test_parts_of_the_comparable_pairs_are_their_own_tests(study):
    result = study.gravity()
    placebos, found = result.main.placebos, result.findings()
    parts = {
        "never": placebos[~placebos["lasting"]],
        "always": placebos[placebos["lasting"]],
        "large": placebos[placebos["size"] >= 0.5],
    }
    assert len(parts["never"]) + len(parts["always"]) == len(placebos)
    for part, rows in parts.items():
        effects = rows["effect"].abs().sort_values(ascending=False).to_numpy()
        # A pair counts once, each of its flows for a half: the furthest effect that is rejected in a tenth of the pairs.
        kept = [d for d in effects if (1 + (effects >= d).sum() / 2) / (len(effects) / 2 + 1) > 0.1]
        reach = max(kept)
        for flow in ("exports", "imports"):
            finding, b = found[f"gravity.{flow}.{part}"], result.main.effects[flow]
            assert finding.low == pytest.approx(100 * math.expm1(b - reach))
            assert finding.high == pytest.approx(100 * math.expm1(b + reach))
            p = (1 + (effects >= abs(b)).sum() / 2) / (len(effects) / 2 + 1)
            assert found[f"gravity.{flow}.{part}_p"].value == pytest.approx(p)
        assert found[f"gravity.pairs_{part}"].value == len(rows) / 2
    assert found["gravity.size.median"].value == pytest.approx(100 * placebos["size"].median())


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda p: p.drop(columns="agreement"), "has no column agreement"),
        (lambda p: p.assign(trade_usd_mn=p["trade_usd_mn"].where(p.index != 7)), "a flow that is no number: "),
        (lambda p: p.assign(trade_usd_mn=p["trade_usd_mn"].mask(p.index == 7, math.inf)), "a flow that is no number: "),
        (lambda p: p.assign(trade_usd_mn=p["trade_usd_mn"].astype(object).mask(p.index == 7, "n/a")), "no number: "),
        (lambda p: p.assign(trade_usd_mn=p["trade_usd_mn"].mask(p.index == 7, -1.0)), "a negative flow: "),
        (lambda p: p.assign(exporter=p["exporter"].where(p.index != 7)), "a row without its pair, year or flag"),
        (lambda p: pd.concat([p, p.iloc[[7]]], ignore_index=True), "two rows of one flow: "),
        (lambda p: p.assign(importer=p["importer"].mask(p.index == 7, p["exporter"])), "a country to itself: "),
    ],
)
def test_a_damaged_panel_is_one_error_that_names_the_fault(damage, found):
    panel = planted()
    with pytest.raises(InvalidPanel, match=found) as caught:
        fit_gravity(damage(panel), NO_CENSUS, spec=spec())
    assert "AAA to" in str(caught.value) or ": " not in found
    assert caught.value.expected
    assert caught.value.do


def test_a_window_without_comparable_pairs_is_left_out_and_the_main_one_is_not():
    """Before 1996 an agreement of every other pair: later years have comparable pairs, all years together do not."""
    panel = planted()
    others = ~(panel["exporter"].isin(["AAA", "BBB"]) & panel["importer"].isin(["AAA", "BBB"]))
    early = others & (panel["year"] < 1996)
    changed = panel.assign(in_force=panel["in_force"] | early, agreement=panel["agreement"].mask(early, "Old"))
    late = Window("main", 1996)
    result = fit_gravity(changed, NO_CENSUS, spec=spec(windows=(late, Window("from_2000", 1992))))
    assert list(result.estimates) == ["main"]
    with pytest.raises(TooFewPairs, match="0 pairs of the gravity panel are comparable with AAA-BBB"):
        fit_gravity(changed, NO_CENSUS, spec=spec())


def test_a_window_beyond_the_panel_is_left_out():
    windows = (Window("main", 1988), Window("from_2000", 2020))
    assert list(fit_gravity(planted(), NO_CENSUS, spec=spec(windows=windows)).estimates) == ["main"]


def test_what_changed_coverage_of_this_pair_alone_would_do():
    """Coverage of the partner falls from 0.9 to 0.8, that of the others from 0.8 to 0.6: the flow rose by 32 in 27."""
    result = fit_gravity(planted(), NO_CENSUS, spec=spec())
    years = (result.reference_year, result.main.years[-1])
    rows = [(year, "exports", *shares) for year, shares in zip(years, ((0.9, 0.8), (0.8, 0.6)), strict=True)]
    coverage = pd.DataFrame(rows, columns=["year", "flow", "partner", "others"])
    findings = replace(result, coverage=coverage).findings()
    assert findings["gravity.exports.coverage.tilt"].value == pytest.approx(100 * (32 / 27 - 1))
    assert not [key for key in findings if key.startswith("gravity.imports.coverage")]
    even, last = findings["gravity.exports.last_even"], findings["gravity.exports.last"]
    for one, other in ((even.value, last.value), (even.low, last.low), (even.high, last.high)):
        assert 1 + one / 100 == pytest.approx((1 + other / 100) * 27 / 32)


def test_coverage_by_hand():
    panel = pd.DataFrame(
        [(2008, "AAA", "BBB", 80.0), (2008, "AAA", "CCC", 50.0), (2016, "AAA", "BBB", 60.0), (2016, "AAA", "CCC", 70.0),
         (2016, "AAA", "DDD", 9.0)],
        columns=["year", "exporter", "importer", "trade_usd_mn"],
    )  # fmt: skip
    trade = [(f"{y}-{m:02d}", p, "exports", 100 / 12) for y in (2008, 2016) for m in range(1, 13) for p in "234"]
    trade += [("2012-01", "2", "exports", 100.0)]  # no complete year
    census = annual_census(
        pd.DataFrame(trade, columns=["month", "partner", "flow", "value_usd_mn"]),
        pd.DataFrame({"partner": ["2", "3", "4", "5"], "iso3": ["", "CCC", "DDD", ""]}),
        also={"2": "BBB"},
    )
    assert set(census["year"]) == {2008, 2016}
    found = panel_coverage(panel, census, reporter="AAA", partner="BBB")
    # D is in one year of the panel only, and so in neither sum.
    assert found.to_dict("list") == {
        "year": [2008, 2016],
        "flow": ["exports", "exports"],
        "partner": pytest.approx([0.8, 0.6]),
        "others": pytest.approx([0.5, 0.7]),
    }


def test_the_standard_takes_the_earlier_level_out_and_the_old_one_does_not():
    """A pair that had stood 0.4 above its later level for twenty years: no effect against the last year before."""
    panel = planted(effects=(0.0, 0.0))
    early = (panel["exporter"] == "AAA") & (panel["importer"] == "BBB") & (panel["year"] < 2008)
    panel["trade_usd_mn"] = panel["trade_usd_mn"].mask(early, panel["trade_usd_mn"] * math.exp(0.4))
    main = fit_gravity(panel, NO_CENSUS, spec=spec()).main
    assert main.standings["last"].effects["exports"] == pytest.approx(0, abs=1e-6)
    assert main.standings["mean"].effects["exports"] < -0.25


def test_with_one_year_before_there_is_no_past_to_adjust_for():
    panel = planted()
    panel["in_force"] &= panel["year"] >= 2012  # an agreement that begins within the two years
    main = fit_gravity(panel, NO_CENSUS, spec=spec(windows=(Window("main", 2008),))).main
    assert set(main.standings) == {"last", "mean"}
    assert main.past is None
    assert main.standings["last"].effects == pytest.approx(main.standings["mean"].effects, abs=1e-9)


def test_the_standard_is_the_one_with_the_least_placebo_error(study):
    """Errors again in plain Python, on the embedded panel."""
    main = study.gravity().main
    errors = {key: math.sqrt((one.placebos**2).mean()) for key, one in main.standings.items()}
    assert main.standard == min(("last", "adjusted"), key=errors.__getitem__)
    assert errors["last"] < errors["mean"]
    assert not {"USA", "KOR"} & {country for pair in main.placebos.index for country in pair}


def test_a_choice_that_can_not_be_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "gravity.toml"
    path.write_text(choices.FILE.read_text(encoding="utf-8").replace("level = 0.9", "level = 9"), encoding="utf-8")
    monkeypatch.setattr(choices, "FILE", path)
    with pytest.raises(
        InvalidSpecification, match=r"gravity.toml, line \d+: interval level is 9. Expected less than 1"
    ):
        GravitySpec.declared("USA", "KOR", 2012, {})
