"""Your own estimates, with another partner, year, window, donors or estimator, and their charts and tables.

mine = kr.estimate(study, "imports", partner="Vietnam", starting=2015)
kr.explore.path(mine)
kr.bench(study)
"""

from korus_research.explore.bench import Bench, bench
from korus_research.explore.estimate import Estimate, estimate
from korus_research.explore.figures import path, placebos, summary, together
from korus_research.explore.tables import balance, donors, effect

__all__ = [
    "Bench",
    "Estimate",
    "balance",
    "bench",
    "donors",
    "effect",
    "estimate",
    "path",
    "placebos",
    "summary",
    "together",
]
