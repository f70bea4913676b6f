"""A finding is made because something speaks, draws, tables or judges it (decision 5): those of no use are listed here."""

from __future__ import annotations

import pytest
from findings_asked import recorded, unasked

from korus_research.show.finding import Finding, Findings


def test_what_is_reached_by_its_id_is_asked_for_and_what_is_walked_over_is_not():
    toys = tuple(Finding(f"toy.{name}", name, 1.0, "count", "", "", ()) for name in ("a", "b", "c", "d"))
    with recorded() as record:
        findings = Findings(toys[:3]) | Findings(toys[3:])
        assert [*findings.values()] == [*toys]
        assert dict(findings.items()).keys() == set(findings)
        assert "toy.b" in findings
        findings.to_json()
        assert record.offenders() == {"toy": ["toy.a", "toy.b", "toy.c", "toy.d"]}
        assert findings["toy.a"].value == findings.get("toy.b").value == 1
    assert record.offenders() == {"toy": ["toy.c", "toy.d"]}
    assert len(Findings(toys)) == 4
    assert record.made == {f.id for f in toys}, "nothing is recorded afterwards"


@pytest.mark.slow
def test_no_finding_is_made_that_nothing_asks_for():
    found = unasked()
    assert not found, found  # `python tests/support/findings_asked.py FILE` writes which
