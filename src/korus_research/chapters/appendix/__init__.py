"""Where does each number come from? Datasets, where each chapter's figures end, parameters."""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
