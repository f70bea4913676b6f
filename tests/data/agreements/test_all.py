"""Every agreement's file against the tables and against the rules that the files state."""

from __future__ import annotations

import re
from datetime import date

import pytest

import korus_research as kr
from korus_research.data import open_catalog
from korus_research.data.agreements import Agreement, list_agreements, load_agreement

CATALOG = open_catalog()
PARTNERS = CATALOG.load("partners").set_index("partner")
IN_FORCE = CATALOG.load("us_agreements").set_index("partner")["in_force"]
STUDIED = {"chile", "singapore", "australia", "morocco", "bahrain", "oman", "peru", "colombia", "panama", "korus"}


@pytest.fixture(params=list_agreements())
def agreement(request: pytest.FixtureRequest) -> Agreement:
    return load_agreement(request.param)


def test_the_agreements_of_methods_section_3_are_there() -> None:
    assert set(list_agreements()) >= STUDIED


def test_it_took_effect_on_the_day_of_the_table(agreement: Agreement) -> None:
    assert agreement.dates.in_force == date.fromisoformat(IN_FORCE[agreement.partner.census_code])


def test_years_follow_from_the_day_it_took_effect(agreement: Agreement) -> None:
    day = agreement.dates.in_force
    whole = (day.month, day.day) == (1, 1)
    assert agreement.first_full_year == (day.year if whole else day.year + 1)
    assert agreement.baseline_year == day.year - 1
    assert agreement.evaluation_year == agreement.baseline_year + 5
    five = list(range(agreement.baseline_year - 4, agreement.baseline_year + 1))
    assert list(agreement.baseline_years) == (five if whole else [*five, day.year])


def test_every_date_has_a_place_to_look_it_up(agreement: Agreement) -> None:
    for name, source in agreement.dates.sources.items():
        # A page, or a numbered act or report.
        assert re.search(r"[a-z]\.[a-z]{2,}|\bRL?\d{5}\b|IF\d{5}|Proclamation", source), (name, source)
    marked = {m.date for m in agreement.milestones}
    assert {agreement.dates.signed, agreement.dates.in_force} <= marked
    days = set(agreement.dates.given().values())
    assert all(m.source for m in agreement.milestones if m.date in days)


def test_every_partner_is_a_country_of_the_data(agreement: Agreement) -> None:
    others = [*agreement.comparators, *agreement.context_partners]
    codes = [agreement.partner.census_code, *(c.census_code for c in others)]
    assert not PARTNERS.loc[codes, "aggregate"].any()
    for party in (agreement.partner, *others):
        census = PARTNERS.loc[party.census_code, "name"]
        assert party.name in census or census in party.name or census == "Korea, South", (party.name, census)
        iso3 = PARTNERS.loc[party.census_code, "iso3"]
        assert iso3 in ("", party.iso3)


def test_peers_have_no_agreement_in_the_years_compared(agreement: Agreement) -> None:
    assert 4 <= len(agreement.comparators) <= 5
    for peer in agreement.comparators:
        since = IN_FORCE.get(peer.census_code, "9999")
        first = f"{agreement.baseline_years[0]}-01-01"
        # Mexico is among Korea's peers by choice: its agreement is older than the years compared.
        assert since < first or since == "9999", peer.name
        assert peer.why
        assert peer.source


def test_peers_have_data_through_2024(agreement: Agreement) -> None:
    trade = CATALOG.load("goods_trade_monthly")
    last = trade[trade["flow"] == "exports"].groupby("partner")["month"].agg(["min", "max"])
    for peer in agreement.comparators:
        assert last.loc[peer.census_code, "max"] >= "2024-12"
        assert last.loc[peer.census_code, "min"] <= f"{agreement.baseline_years[0]}-01"


def test_a_january_agreement_has_no_second_name_for_its_last_year() -> None:
    chile, colombia = kr.open_study("chile").flows(), kr.open_study("colombia").flows()
    assert chile.level("exports", "prior12") == pytest.approx(chile.level("exports", "2003"))
    assert chile.starts == chile.starts_before == ("1999", "2000", "2001", "2002", "2003")
    assert colombia.starts == ("2007", "2008", "2009", "2010", "2011", "2012", "prior12")
    assert colombia.starts_before == ("2007", "2008", "2009", "2010", "2011", "prior12")


@pytest.mark.parametrize(
    ("name", "as_of", "word"),
    [
        ("bahrain", "2024-12", "other countries"),
        ("oman", "2012-12", "from 2013 on"),
        ("chile", "2006-03", "from 2013 on"),
    ],
)
def test_why_energy_cannot_be_told(name: str, as_of: str, word: str) -> None:
    finding = kr.open_study(name, as_of=as_of).flows().findings()["flows.energy.other"]
    assert finding.value is None
    assert word in (finding.reason or "")
