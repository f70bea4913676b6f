"""Files for a repository and for replication: README.md and ro-crate-metadata.json."""

from korus_research.editions.deposit.check import untruths
from korus_research.editions.deposit.write import deposit

__all__ = ["deposit", "untruths"]
