"""gravity."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
