"""How did imports respond where duties rose in 2025? And what that implies for the cuts of an agreement.

`cells` lays out partners, industries and months, `estimates` has the slopes, `measures` joins them with what the
agreement had cut.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
