"""What was said, and does it hold? Claims as data, a lexicon, and the ledger of verdicts."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
