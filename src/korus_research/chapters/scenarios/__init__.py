"""What if it ended, and what do new duties cost? The agreement undone, MFN duties back, new duties, in equilibrium.

`model` holds what goes in and one method a scenario (the solver is methods/equilibrium), `measures` solves all that the
edition's data allow, `ranges` says what a range bounds, `box_tables` shows the assumptions.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
