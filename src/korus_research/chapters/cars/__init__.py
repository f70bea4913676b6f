"""Cars: did the cap on cars limit sales? Makers' counts against the allowance, duties on vehicles, what was traded.

`points` are makers' counts and what each bounds, `values` exports around the raise of the allowance; `measures` joins
them.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
