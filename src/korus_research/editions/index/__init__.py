"""The page that lists all published editions."""

from korus_research.editions.index.page import NAME, find_editions, index_page, write_index

__all__ = ["NAME", "find_editions", "index_page", "write_index"]
