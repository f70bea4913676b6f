"""What an agreement's file names must be in the data: each fault is told with its line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from toy_agreement import MINIMAL

import korus_research as kr
from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.errors import InvalidAgreement

CONFOUNDER = """

[[confounder]]
id = "oil"
what = "the price of oil fell"
flows = ["exports"]
bias = "up"
why = "exports were counted in dollars"
measures = ["flows.energy.total", "flows.nothing"]
source = "page 5"
"""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('census_code = "3330"', 'census_code = "9999"', "line 48: comparator 1 (Peru) census_code is '9999'"),
        ('census_code = "3330"', 'census_code = "0015"', "line 48: comparator 1 (Peru) census_code is '0015'"),
        ('"3330"\niso3 = "PER"', '"5880"\niso3 = "JAP"', "line 49: comparator 1 (Peru) iso3 is 'JAP'. Expected 'JPN'"),
        ('census_code = "3370"', 'census_code = "9999"', "line 16: partner census_code is '9999'"),
        ('iso3 = "CHL"\ncensus_code = "3370"', 'iso3 = "JAP"\ncensus_code = "5880"', "line 15: partner iso3 is 'JAP'"),
        (
            'source = "page 4"',
            f'source = "page 4"{CONFOUNDER}',
            "line 61: confounder 1 (oil) measures 2 is 'flows.nothing'",
        ),
        ("years = [2002, 2003]", "years = [1901, 2003]", "line 43: baselines years has 1901. Expected complete years"),
    ],
)
def test_what_the_data_do_not_hold(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in MINIMAL
    file = tmp_path / "toy.toml"
    file.write_text(MINIMAL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidAgreement, match=re.escape(f"{file}, {told}")):
        kr.open_study(file, as_of="2016-12")


@pytest.mark.parametrize("name", list_agreements())
def test_the_names_of_partners_are_those_of_the_table(name: str) -> None:
    table = kr.open_catalog().load("partners").set_index("partner")["iso3"]
    agreement = load_agreement(name)
    for one in (agreement.partner, *agreement.comparators, *agreement.context_partners):
        assert table[one.census_code] in ("", one.iso3)
