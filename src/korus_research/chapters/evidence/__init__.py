"""What can the data show? The effects that each method would detect, their chances, and agreements pooled."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
