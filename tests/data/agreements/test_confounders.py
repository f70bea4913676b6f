"""What else happened near an agreement, as its file says it."""

from __future__ import annotations

import re

import pytest
from toy_agreement import MINIMAL

from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.data.agreements.parts import Confounder
from korus_research.errors import InvalidAgreement

ENTRY = """
[[confounder]]
id = "collapse"
what = "World trade fell"
flows = ["exports"]
bias = "unclear"
why = "It fell everywhere"
source = "page 5"
"""


def written(tmp_path, entry):
    file = tmp_path / "toy.toml"
    file.write_text(MINIMAL + entry, encoding="utf-8")
    return load_agreement(file)


def test_an_entry_is_read_with_its_defaults(tmp_path):
    [found] = written(tmp_path, ENTRY).confounders
    assert isinstance(found, Confounder)
    assert (found.flows, found.date, found.measures, found.published) == (("exports",), None, (), None)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('source = "page 5"\n', "", "source"),
        ('bias = "unclear"', 'bias = "large"', "bias"),
        ('flows = ["exports"]', "flows = []", "flows"),
        ('flows = ["exports"]', 'flows = ["services"]', "flows"),
        ('why = "It fell everywhere"', 'why = "It fell"\nmeasures = ["nodots"]', "measures"),
        ('why = "It fell everywhere"', 'why = "It fell"\npublished = { study = "A" }', "outcome"),
    ],
)
def test_an_entry_that_does_not_say_what_it_must_is_refused(tmp_path, old, new, named):
    assert old in ENTRY
    with pytest.raises(InvalidAgreement, match=named):
        written(tmp_path, ENTRY.replace(old, new))


def test_the_same_id_twice_is_refused(tmp_path):
    with pytest.raises(InvalidAgreement, match="each confounder once"):
        written(tmp_path, ENTRY + ENTRY)


def test_what_had_not_happened_yet_is_not_known(tmp_path):
    later = ENTRY.replace('"collapse"', '"later"').replace('source = "page 5"', 'date = 2020-03-11\nsource = "page 6"')
    agreement = written(tmp_path, ENTRY + later)
    assert [c.id for c in agreement.confounders_until("2020-02")] == ["collapse"]
    assert [c.id for c in agreement.confounders_until("2020-03")] == ["collapse", "later"]


@pytest.mark.parametrize("name", list_agreements())
def test_every_confounder_has_a_source_and_no_later_year_than_its_date(name):
    """A row that an edition shows must not speak of what came after its date."""
    for each in load_agreement(name).confounders:
        assert each.source
        if each.date is None:
            continue
        years = [int(year) for year in re.findall(r"\b(20\d\d)\b", f"{each.what} {each.why}")]
        assert all(year <= each.date.year for year in years), each.id
