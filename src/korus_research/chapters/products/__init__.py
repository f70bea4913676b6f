"""What did the agreement save line by line? The use of the preference, and growth where duties were cut.

`preference` reads the lines of one year, `files` a user's trade and cuts by line, from which `lines` estimates;
`measures` joins them.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
