"""What would have happened without it? Synthetic control, its placebos, every declared choice, other agreements."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
