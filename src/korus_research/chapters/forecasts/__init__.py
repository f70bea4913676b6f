"""Forecasts: against what was promised? Forecasts and published evaluations beside our estimates, raw changes apart.

`rules` say which figures of others are comparable and how they become percentages, `compared` sets them side by side,
`saved` is the duty saved as published; `measures` joins them.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
