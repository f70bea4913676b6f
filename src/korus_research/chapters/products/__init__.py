"""What did the agreement save line by line, who used it, and did trade grow where duties were cut.

`preference` reads the lines of one year, `door` the files of a user with trade and cuts by line, `lines` estimates from
those; `measures` joins them.
"""

from korus_research.chapters.topic import topic

__getattr__, __dir__ = topic(__name__)
