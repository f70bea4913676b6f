"""What did imports do where the duties of 2025 rose, and what does that say of the cuts of an agreement.

`cells` lays out partners, industries and months, `estimates` has the slopes, `measures` joins them with what the
agreement had cut.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
