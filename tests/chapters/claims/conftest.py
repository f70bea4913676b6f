"""The ledger of the newest edition and of January 2018, judged once for all tests of a worker."""

from __future__ import annotations

import pytest

import korus_research as kr


@pytest.fixture(scope="session")
def gravity(study):
    """What the chapter gets from the gravity chapter, as in a report: without it each month judged fits the model anew."""
    return study.gravity().findings()


@pytest.fixture(scope="session")
def ledger(study, gravity):
    """Every claim, judged."""
    return kr.claims.of(study, gravity)


@pytest.fixture(scope="session")
def verdicts(ledger):
    """Its verdicts by the id of their claim."""
    return {v.claim.id: v for v in ledger.verdicts}


@pytest.fixture(scope="session")
def column_ledger(column_study, gravity):
    """What January 2018 could say."""
    return kr.claims.of(column_study, gravity)
