"""Did the agreement deliver what was promised? The answer, the key figure, and every method side by side."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
