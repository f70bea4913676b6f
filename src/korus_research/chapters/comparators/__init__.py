"""How did others fare? The partner beside the world, partners without a new agreement and the peers."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
