"""What the summary's findings amount to; what each is stands in `findings.toml`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from korus_research.chapters.summary.methods import ESTIMATED, by_method
from korus_research.methods.series import FLOWS
from korus_research.show.declared import Value
from korus_research.show.finding import Findings


def values(findings: Findings) -> Iterator[Value]:
    """Yield how many estimates all methods give, and the least and the largest of each flow."""
    estimates = by_method(findings)
    yield Value("count", len(estimates))
    for flow in FLOWS:
        own = [estimate.finding for estimate in estimates if estimate.flow == flow]
        for name, choose in (("lowest", min), ("highest", max)):
            if not own:
                yield Value(f"{flow}.{name}", None)
                continue
            extreme = choose(own, key=lambda finding: finding.value or 0.0)
            period, basis, tables = extreme.period, extreme.basis, extreme.datasets
            yield Value(f"{flow}.{name}", extreme.value, period, basis=basis, tables=tables)


def names(findings: Findings) -> Mapping[str, str | Sequence[str]]:
    """Return the names that sentences of the summary use, those of the study apart."""
    key = "flows.exports.latest.change"
    again = key in findings and findings[key].repeats
    return {
        "estimated": "effects" if ESTIMATED in findings else "",
        "again": findings[key].period if again else "",
    }
