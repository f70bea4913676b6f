"""Tariffs: what was actually saved, and what have new duties undone? Duty calculated at entry, its steps and its sums.

`rates` are duty over imports by month, `steps` their changes at the dates of the agreement, `savings` the duty not due,
`added` the months under duties from outside it, `schedule` what the agreement and its events say; `measures` joins
them.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
