"""How much does the partner weigh, what was agreed, and what else happened? (chapter 11)."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
