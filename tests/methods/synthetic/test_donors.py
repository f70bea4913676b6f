"""The annual panel and the donor pools, against plain recomputation and hand-made tables."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from korus_research.errors import IncompletePanel, InvalidSpecification, MissingPartner, NoDonors
from korus_research.methods.synthetic.donors import DonorStatus, donor_pool, donor_status
from korus_research.methods.synthetic.panel import TradePanel, annual_panel
from korus_research.methods.synthetic.specification import DonorRule, Specification

YEARS = range(2000, 2011)


def toy(**changes: float) -> TradePanel:
    """Ten partners with flows of 1,000 to 10,000; `p3=nan` takes the year 2005 of one away."""
    table = pd.DataFrame({f"p{k}": 1000.0 * k for k in range(1, 11)}, index=list(YEARS))
    for partner, value in changes.items():
        table.loc[2005, partner] = value
    return TradePanel({"exports": table, "imports": table}, pd.DataFrame({"exports": table.sum(axis=1)}), {"p1": "One"})


def status(*rows: tuple[str, str, float, float, str | None]) -> DonorStatus:
    columns = ["partner", "reason", "from_year", "to_year", "relative_to"]
    table = pd.DataFrame(rows, columns=columns).assign(note="", source="here")
    return DonorStatus(table.astype({"relative_to": object}))


def pool(panel: TradePanel, codes: DonorStatus, *excludes: str, threshold: float = 0.0, treated: str = "p1"):
    rule = DonorRule("toy", "toy", excludes)
    spec = Specification("exports", "sc", "log", (2000, 2008), (), (2010, 2010), rule, threshold, 2009)
    return donor_pool(panel, codes, spec, treated=treated, lead=2)


def test_annual_sums_are_those_of_complete_years_only(study) -> None:
    trade, partners = study.load("goods_trade_monthly"), study.load("partners")
    panel = annual_panel(trade, partners, study.partner_names)
    rows = trade[(trade["partner"] == "5800") & (trade["flow"] == "imports") & trade["month"].str.startswith("2016")]
    assert panel.flows["imports"].loc[2016, "5800"] == pytest.approx(rows["value_usd_mn"].sum())
    assert np.isnan(panel.flows["imports"].loc[2026, "5800"])  # to July only
    assert panel.years == (1987, 2024)  # the world total begins later than the partners
    assert panel.span("5800", around=2011) == (1987, 2024)  # 2025 is held, but not of every partner
    assert panel.span("7140", around=2005) == (1992, 2024)  # Morocco: no trade by itself before
    assert "0015" not in panel.flows["exports"]
    spring = rows.loc[rows["month"].isin(["2016-04", "2016-05", "2016-06"]), "value_usd_mn"].sum()
    assert panel.quarters["imports"].loc[4 * 2016 + 1, "5800"] == pytest.approx(spring)
    aggregates = set(partners.loc[partners["aggregate"].astype(bool), "partner"])
    assert not aggregates & set(panel.flows["exports"].columns)
    with pytest.raises(MissingPartner, match="no complete year"):
        panel.span("9999", around=2011)


def test_a_reason_counts_in_its_own_years_only() -> None:
    codes = status(
        ("p2", "sanctions", 2009, np.nan, None),
        ("p3", "sanctions", 2011, np.nan, None),
        ("p4", "sanctions", 1990, 1999, None),
    )
    found = pool(toy(), codes, "sanctions")
    assert found.dropped == {"p2": "sanctions"}
    assert {"p3", "p4"} <= set(found.donors)


def test_an_agreement_counts_from_two_years_before_the_window() -> None:
    made = pd.DataFrame(
        {
            "partner": ["p2", "p3", "p4"],
            "agreement": "x",
            "in_force": ["1997-12-31", "1998-01-01", "2010-06-01"],
            "source": "here",
        }
    )
    empty = status().table
    found = pool(toy(), donor_status(empty, made), "agreement")
    assert found.dropped == {"p3": "agreement", "p4": "agreement"}


def test_a_competitor_is_one_of_the_partner_it_competes_with() -> None:
    codes = status(("p2", "competitor", np.nan, np.nan, "p1"), ("p3", "competitor", np.nan, np.nan, "p9"))
    assert pool(toy(), codes, "competitor").dropped == {"p2": "competitor"}
    assert pool(toy(), codes, "competitor", treated="p9").dropped == {"p3": "competitor"}


def test_small_and_incomplete_partners_are_no_donors_and_the_treated_never_is() -> None:
    found = pool(toy(p8=np.nan, p9=0.0), status(), threshold=3500)
    assert set(found.donors) == {"p4", "p5", "p6", "p7", "p10"}
    assert found.dropped == {"p8": "incomplete", "p9": "incomplete"}
    assert found.treated == "p1"


@pytest.mark.parametrize("value", [np.nan, 0.0])
def test_a_treated_unit_without_a_year_is_an_error_that_names_the_year(value: float) -> None:
    with pytest.raises(IncompletePanel, match="Exports with One are missing or zero in 2005"):
        pool(toy(p1=value), status())


def test_nobody_left_is_an_error_that_names_the_rule() -> None:
    with pytest.raises(NoDonors, match="'toy' leaves no donors for exports with One"):
        pool(toy(), status(), threshold=1e9)


def test_an_unknown_reason_code_is_an_error_with_the_nearest_one() -> None:
    codes = status(("p2", "energy", np.nan, np.nan, None))
    with pytest.raises(InvalidSpecification, match="'enrgy' is not a reason code.*'energy'"):
        pool(toy(), codes, "enrgy")


def test_the_main_pool_has_no_agreement_partner_and_no_energy_exporter(study) -> None:
    """By plain look-up in the tables: nobody with a US agreement of 1998-2019, no row with reason energy."""
    agreements = study.load("us_agreements")
    year = agreements["in_force"].str[:4].astype(int)
    new = set(agreements.loc[year.between(1998, 2019), "partner"])
    curated = study.load("donor_status")
    energy = set(curated.loc[curated["reason"] == "energy", "partner"])
    for flow, found in study.counterfactual().main.items():
        donors = set(found.pool.donors)
        assert len(donors) >= 20, flow
        assert not donors & (new | energy | {"5800"})
        trade = study.load("goods_trade_monthly")
        rows = trade[(trade["flow"] == flow) & trade["partner"].isin(donors)]
        years = rows["month"].str[:4].astype(int)
        means = rows[years.between(2000, 2010)].groupby("partner")["value_usd_mn"].sum() / 11
        assert (means > 3000).all()


def test_an_old_agreement_is_no_new_one_but_one_all_the_same() -> None:
    made = pd.DataFrame(
        {
            "partner": ["p2", "p3", "p4"],
            "agreement": "x",
            "in_force": ["1985-09-01", "2004-01-01", "2011-01-01"],
            "source": "here",
        }
    )
    codes = donor_status(status().table, made)
    assert pool(toy(), codes, "agreement").dropped == {"p3": "agreement"}
    assert pool(toy(), codes, "any_agreement").dropped == {"p2": "any_agreement", "p3": "any_agreement"}
