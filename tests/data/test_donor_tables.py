"""The donor table and Korea's other agreements: held against the trade table, other tables and the raw figures."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from korus_research.data import open_catalog
from korus_research.data.agreements import load_agreement
from korus_research.data.package.read import read_table
from korus_research.data.schema import read_package
from korus_research.errors import DamagedData

CATALOG = open_catalog()
DONORS = CATALOG.load("donor_status")
OTHERS = CATALOG.load("partner_agreements")
ADDRESS = re.compile(r"https?://[a-z0-9]")


def test_every_reason_is_described_and_used() -> None:
    dataset = CATALOG.describe("donor_status")
    codes = next(c.enum for c in dataset.columns if c.name == "reason")
    assert set(DONORS["reason"]) == set(codes)
    assert all(f"{code}: " in dataset.description for code in codes)
    assert "agreement" not in codes  # derived from us_agreements, never written down twice


def test_every_row_names_a_page_and_a_fact() -> None:
    for frame in (DONORS, OTHERS):
        assert frame["source"].map(lambda text: bool(ADDRESS.search(text))).all()
    assert DONORS["note"].str.len().gt(10).all()


def test_every_partner_is_a_country_of_the_trade_table() -> None:
    partners = CATALOG.load("partners").set_index("partner")
    assert not partners.loc[DONORS["partner"], "aggregate"].any()
    assert set(DONORS["partner"]) <= set(CATALOG.load("goods_trade_monthly")["partner"])


def test_years_rise_and_end_only_where_a_reason_ended() -> None:
    ended = DONORS.dropna(subset=["to_year"])
    assert (ended["from_year"] <= ended["to_year"].astype(int)).all()
    assert set(ended["partner"]) == {"5050", "2779"}  # Iraq's embargo, Aruba's refinery
    assert DONORS["from_year"].min() == int(CATALOG.describe("goods_trade_monthly").first[:4])


def test_the_partners_the_caution_counts_are_those_of_the_trade_table() -> None:
    trade = CATALOG.load("goods_trade_monthly")
    years = trade["month"].str[:4].astype(int)
    means = trade[years.between(2000, 2010) & (trade["partner"] != "0015")].groupby(["partner", "flow"])["value_usd_mn"]
    large = {partner for partner, flow in means.sum().div(11).loc[lambda mean: mean > 1_000].index}
    assert f"the {len(large)} partners" in " ".join(CATALOG.describe("donor_status").gaps)
    # What an economist would look for first among the large ones.
    reasons = DONORS[DONORS["partner"].isin(large)].groupby("reason")["partner"].agg(set)
    assert {"5170", "3070", "7530", "4039", "5050"} <= reasons["energy"]
    assert reasons["entrepot"] == {"5820", "5590", "4210"}
    assert reasons["pharma_gold"] == {"4190", "4419"}
    assert reasons["china_duties"] == {"5700"}


def test_energy_holds_in_the_imports_by_industry(raw_folder: Path) -> None:
    # By another road: NAICS 211 (oil and gas) and 324 (petroleum products) in US imports, where the file has the partner.
    imports = pd.read_parquet(raw_folder / "us_imports_naics3_monthly.parquet").query("year <= 2019")
    total = imports[imports["naics3"] == "00"].groupby("partner_code")["imports_usd"].sum()
    fuels = imports[imports["naics3"].isin(("211", "324"))].groupby("partner_code")["imports_usd"].sum()
    share = (fuels / total).drop(["TOTAL", "USMCA", "0003"]).dropna()
    energy = set(DONORS.loc[DONORS["reason"] == "energy", "partner"])
    assert (share[share.index.isin(energy)] > 0.5).all()
    # Colombia has an agreement and is judged by that; no other listed country's goods are mostly fuels.
    assert set(share[share > 0.5].index) - energy <= {"3010"}


def test_competitors_by_a_plain_loop(raw_folder: Path) -> None:
    imports = pd.read_parquet(raw_folder / "us_imports_naics3_monthly.parquet").query("year == 2013 and naics3 != '00'")
    shares: dict[str, dict[str, float]] = {}
    for partner, rows in imports.groupby("partner_code"):
        values = rows.groupby("naics3")["imports_usd"].sum()
        shares[str(partner)] = (values / values.sum()).to_dict()

    def alike(one: str) -> float:
        return sum(min(share, shares["5800"].get(industry, 0.0)) for industry, share in shares[one].items())

    bar = alike("TOTAL")
    found = {p for p in shares if p[0] in "123456789" and p != "5800" and alike(p) > bar}
    ours = DONORS[DONORS["reason"] == "competitor"]
    assert set(ours["relative_to"]) == {"5800"}
    assert set(ours["partner"]) == found | {"5700"}
    for row in ours[ours["partner"] != "5700"].itertuples():
        assert f"{alike(row.partner):.3f}" in row.note


def test_an_unknown_reason_is_refused(tmp_path: Path) -> None:
    for path in CATALOG.folder.glob("*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    text = (CATALOG.folder / "donor_status.csv").read_text(encoding="utf-8")
    (tmp_path / "donor_status.csv").write_text(text.replace(",pharma_gold,", ",pharmacy,", 1), encoding="utf-8")
    with pytest.raises(DamagedData, match="pharmacy"):
        read_table(read_package(tmp_path)["donor_status"])


def test_other_agreements_are_in_order_with_events_and_the_gravity_panel(raw_folder: Path) -> None:
    days = OTHERS.set_index("other")["in_force"].map(date.fromisoformat)
    assert (OTHERS.loc[OTHERS["precision"] == "month", "in_force"].str[-2:] == "01").all()
    eu = [e.date for e in load_agreement("korus").events if "European Union" in e.text and e.kind == "trade"]
    assert days["European Union"] in eu
    flows = pd.read_parquet(
        raw_folder / "gravity_penppml_1964_2016.parquet", columns=["exporter", "importer", "year", "has_agreement"]
    )
    flagged = flows[(flows["exporter"] == "KOR") & (flows["has_agreement"] == 1)].groupby("importer")["year"].min()
    # The panel has every fourth year to 2016. Developing partners shared the GSTP and are flagged long before.
    for other, country in {
        "EFTA": "CHE",
        "European Union": "DEU",
        "Turkey": "TUR",
        "Australia": "AUS",
        "Canada": "CAN",
        "New Zealand": "NZL",
    }.items():
        assert 0 <= flagged[country] - days[other].year < 4, other
