"""`korus new agreement`: a file that a study takes at once, whatever the partner, with the lines that wait for somebody."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

import korus_research as kr
from korus_research import cli
from korus_research.chapters.claims.statements import load_claims
from korus_research.cli.new.agreement import new_agreement
from korus_research.cli.new.claim import new_own_claim
from korus_research.data.agreements import HOME as AGREEMENTS, to_fill
from korus_research.errors import InvalidAgreement, InvalidClaim, InvalidParameter, OutputFolder


def begin(folder: Path, name: str = "usmca", partner: str = "Mexico", day: date = date(2020, 7, 1)) -> Path:
    [path] = new_agreement(folder, name, partner=partner, in_force=day, signed=date(day.year - 1, 11, 30))
    return folder / path


@pytest.mark.parametrize("partner", ["Mexico", "1220", "united kingdom", "Chile"])
def test_a_study_takes_the_file_as_it_is(tmp_path: Path, partner: str) -> None:
    study = kr.open_study(begin(tmp_path, partner=partner))
    assert study.agreement.id == "usmca"
    assert study.flows().level("exports", 2019) > 0
    # Peers by another road: the largest of 2019 in plain pandas, without those that have an agreement.
    trade, bound = study.load("goods_trade_monthly"), set(study.load("us_agreements")["partner"])
    single = (
        set(study.load("partners").query("not aggregate")["partner"]) - bound - {study.agreement.partner.census_code}
    )
    year = trade[trade["month"].str.startswith("2019") & trade["partner"].isin(single)]
    largest = year.groupby("partner")["value_usd_mn"].sum().nlargest(5)
    assert {peer.census_code for peer in study.agreement.comparators} == set(largest.index)


def test_the_years_follow_the_day_of_entry_into_force(tmp_path: Path) -> None:
    for day, first, years in ((date(2020, 7, 1), 2021, range(2015, 2021)), (date(2020, 1, 1), 2020, range(2015, 2020))):
        made = tomllib.loads(begin(tmp_path, f"a{day.month}", day=day).read_text("utf-8"))
        assert made["first_full"]["year"] == first
        assert made["baselines"]["years"] == list(years)
        assert (made["baseline"]["year"], made["evaluation"]["year"]) == (2019, 2024)


def test_an_agreement_of_this_year_is_taken(tmp_path: Path) -> None:
    last = kr.open_study("korus").parameters.as_of
    study = kr.open_study(begin(tmp_path, partner="Switzerland", day=date(int(last[:4]), 1 + int(last[5:]) // 2, 2)))
    assert max(study.agreement.baseline_years) == int(last[:4]) - 1
    assert study.agreement.first_full_year == int(last[:4]) + 1


def test_what_waits_is_told_until_it_is_filled_in(tmp_path: Path) -> None:
    file = begin(tmp_path)
    lines = file.read_text("utf-8").splitlines()
    marks = to_fill(file)
    assert len(marks) > 10
    for number, what in marks:
        assert lines[number - 1].endswith(what)
    file.write_text("\n".join(line.partition(" # FILL")[0] for line in lines), "utf-8")
    assert to_fill(file) == []
    assert kr.open_study(file).agreement.id == "usmca"


def test_a_title_is_taken_whatever_stands_in_it(tmp_path: Path) -> None:
    title = 'A "fair"\nand \\ {free} [[ deal ]]\t#1'
    day = date(2020, 7, 1)
    [path] = new_agreement(tmp_path, "deal", partner="Mexico", in_force=day, signed=day, title=title)
    assert kr.open_study(tmp_path / path).agreement.name == 'A "fair" and \\ {free} [[ deal ]] #1'


def test_a_name_or_a_partner_that_can_not_be_one(tmp_path: Path) -> None:
    begin(tmp_path)
    with pytest.raises(OutputFolder, match=r"usmca\.toml exists"):
        begin(tmp_path)
    with pytest.raises(InvalidAgreement, match="'US MCA' can't be a name here"):
        begin(tmp_path, "US MCA")
    with pytest.raises(InvalidParameter, match=r"'Mexco' is not a partner .* \(did you mean '2010', Mexico\?\)"):
        begin(tmp_path, "other", partner="Mexco")
    with pytest.raises(InvalidAgreement, match="'korus' is an agreement of the package"):  # a report would refuse it
        begin(tmp_path, "korus")
    with pytest.raises(InvalidParameter, match="no complete 1970"):
        begin(tmp_path, "other", day=date(1971, 1, 1))
    assert [path.name for path in tmp_path.iterdir()] == ["usmca.toml"]


def test_the_command_asks_for_days_as_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ["new", "agreement", "usmca", "--partner", "Mexico", "--signed", "2018-11-30"]
    refused = CliRunner().invoke(cli.app, [*asked, "--in-force", "2020"])
    assert refused.exit_code == 2
    assert "'2020' is not a date written YYYY-MM-DD" in refused.output.replace("\n", " ")
    assert CliRunner().invoke(cli.app, [*asked, "--in-force", "2020-07-01"]).output == "usmca.toml\n"


def test_a_claim_about_an_own_agreement_stands_in_its_file_and_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of a checkout: an installed package is enough."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    file = begin(tmp_path / "mine")
    before = tomllib.loads(file.read_text("utf-8"))
    for name in ("ustr-2021", "usda-2022"):
        done = CliRunner().invoke(cli.app, ["new", "claim", name, "--agreement", "mine/usmca.toml"])
        assert (done.exit_code, done.output) == (0, "mine/usmca.toml\n")
    written = tomllib.loads(file.read_text("utf-8"))
    assert {key: value for key, value in written.items() if key != "claims"} == before
    assert [source["claim"][0]["number"] for source in written["claims"]] == [1, 2]

    study = kr.open_study("mine/usmca.toml")
    [one, two] = study.claims().verdicts
    said = one.claim
    assert (one.source.id, two.source.id, said.word, said.stated) == ("ustr-2021", "usda-2022", "more-than", 10)
    # By another road: twelve months of each year in plain pandas.
    trade = study.load("goods_trade_monthly").query("partner == '2010' and flow == 'exports'")
    years = trade.groupby(trade["month"].str[:4])["value_usd_mn"].sum()
    assert one.word == ("Right" if years[said.last] / years[said.first] > 1.1 else "Wrong")
    assert kr.open_study("mine/usmca.toml", as_of="2024-12").claims().verdicts == (), "it was made later"

    file.write_text(file.read_text("utf-8").replace("stated = 10.0", "stated = 1000.0", 1), "utf-8")
    assert [v.word for v in kr.open_study("mine/usmca.toml").claims().verdicts] == ["Wrong", two.word]


@pytest.mark.parametrize(
    ("was", "now", "said"),
    [
        ('word = "more-than"', 'word = "more-then"', r"claim 1 \(one\) word is 'more-then' .did you mean 'more-than'"),
        ('speaker = "ustr"', 'speaker = "ustrr"', "source speaker is 'ustrr'.*did you mean 'ustr'"),
        ('agreement = "usmca"', 'agreement = "korus"', "source agreement is another. Expected 'usmca'"),
        ("number = 1", "number = 0", "number is 0"),
        (
            'what = "exports"',
            'what = "export"',
            "what is 'export' .did you mean 'exports'.*Expected what change can measure",
        ),
        ('topic = "Exports"\n', "", "topic is missing"),
    ],
)
def test_what_is_wrong_with_an_own_claim_is_told_with_its_line(tmp_path: Path, was: str, now: str, said: str) -> None:
    file = begin(tmp_path)
    new_own_claim(file, "one")
    text = file.read_text("utf-8")
    assert text.count(was) == 1
    file.write_text(text.replace(was, now), "utf-8")
    with pytest.raises(InvalidClaim, match=rf"usmca\.toml, line \d+: .*{said}"):
        kr.open_study(file)
    with pytest.raises(InvalidClaim, match=r"usmca\.toml, line \d+"):
        new_own_claim(file, "two")


def test_a_claim_of_a_taken_name_is_refused_and_nothing_written(tmp_path: Path) -> None:
    file = begin(tmp_path)
    new_own_claim(file, "one")
    before = file.read_bytes()
    for name, said in (("one", "has a claim 'one'"), ("One", "'One' can't be a name here")):
        with pytest.raises(InvalidClaim, match=said):
            new_own_claim(file, name)
    assert file.read_bytes() == before


def test_a_claim_in_a_copy_of_an_agreement_stands_beside_those_of_the_package(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes((AGREEMENTS / "korus.toml").read_bytes())
    new_own_claim(file, "one")
    taken = {claim.number for _, claim in load_claims("korus", as_of="9999-12")}
    assert kr.open_study(file).agreement.claims[0]["claim"][0]["number"] == max(taken) + 1
    text = file.read_text("utf-8")
    file.write_text(text.replace(f"number = {max(taken) + 1}", "number = 1"), "utf-8")
    with pytest.raises(InvalidClaim, match="number is 1, as in the package"):
        kr.open_study(file)


def test_a_claim_is_added_and_what_was_written_stays(tmp_path: Path) -> None:
    file, link = begin(tmp_path), tmp_path / "link.toml"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    file.chmod(0o600)
    before = file.read_bytes()
    link.symlink_to(file.name)
    new_own_claim(link, "one")
    after = file.read_bytes()
    assert link.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o600
    assert after.startswith(before)
    assert after.count(b"\n") == after.count(b"\r\n")
    assert len(kr.open_study(link).agreement.claims) == 1
