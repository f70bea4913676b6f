"""What did the agreement save line by line? The use of the preference, and growth where duties were cut.

`preference` reads the lines of one year, `files` the files of a user with trade and cuts by line, `lines` estimates from
those; `measures` joins them.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
