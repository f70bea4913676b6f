"""Trade by sector (methods section 6): contributions, shift-share, concentration."""

from korus_research.analysis.sectors.result import Sectors, SectorsSpec, analyse_sectors

__all__ = ["Sectors", "SectorsSpec", "analyse_sectors"]
