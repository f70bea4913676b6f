"""How did trade with the partner move? Levels, changes, the balance, every starting point."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
