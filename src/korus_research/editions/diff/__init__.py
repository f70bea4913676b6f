"""The differences between two editions, and their causes."""

from korus_research.editions.diff.difference import difference, find_edition
from korus_research.editions.diff.models import Difference, Move

__all__ = ["Difference", "Move", "difference", "find_edition"]
