"""Who gained? Trade by sector since the tables begin, beside the same sectors elsewhere."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
