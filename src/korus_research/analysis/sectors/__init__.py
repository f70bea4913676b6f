"""Trade by sector (methods section 6): contributions, shift-share, concentration."""

from korus_research.analysis.sectors.result import Sectors, analyse_sectors
from korus_research.analysis.sectors.spec import SectorsSpec

__all__ = ["Sectors", "SectorsSpec", "analyse_sectors"]
