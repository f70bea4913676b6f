"""What drove the flows? Accounting, demand equations, and what they predict."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
