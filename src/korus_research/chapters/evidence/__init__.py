"""What the data can show: the effects that each method would find, how likely they are, and ten agreements pooled."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
