"""Making the findings of an analysis: what most of them share is said once, each line names only what differs."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from korus_research.show.finding import Finding, Findings, Unit


def _never(id_: str) -> str | None:
    return None


@dataclass
class Maker:
    """Collects findings whose ids begin alike.

    Attributes
    ----------
    prefix : str
        What stands before every id, "cars".
    basis, datasets, period
        Of a finding that names none of its own.
    reason : str or None
        Why a value is missing, where a finding does not say.
    decimals : mapping of unit to int
        Decimals of a finding that names none, where they differ from those of its unit.
    repeats : callable
        Of an id without prefix, the whole id of the finding that it says again in this edition; None for most.
    made : list of Finding
        What has been collected, in order.
    """

    prefix: str
    basis: str = ""
    datasets: tuple[str, ...] = ()
    period: str = ""
    reason: str | None = None
    decimals: Mapping[Unit, int] = field(default_factory=dict)
    repeats: Callable[[str], str | None] = _never
    made: list[Finding] = field(default_factory=list)

    def add(
        self,
        id_: str,
        label: str,
        value: float | None,
        unit: Unit,
        period: str | None = None,
        basis: str | None = None,
        datasets: tuple[str, ...] | None = None,
        *,
        decimals: int = -1,
        bounds: tuple[float | None, float | None] | None = None,
        interval: str | None = None,
        reason: str | None = None,
        repeats: str | None = None,
    ) -> None:
        """Add one finding, `bounds` being its interval in the unit of the value.

        Without a value, or with one that is not finite, it has a reason and no interval. `repeats` is a whole id.
        """
        missing = value is None or not math.isfinite(value)
        low, high = (None, None) if missing or bounds is None else bounds
        self.made.append(
            Finding(
                id=f"{self.prefix}.{id_}",
                label=label,
                value=None if missing else value,
                unit=unit,
                period=self.period if period is None else period,
                basis=self.basis if basis is None else basis,
                datasets=self.datasets if datasets is None else datasets,
                decimals=self.decimals.get(unit, -1) if decimals < 0 else decimals,
                low=low,
                high=high,
                interval=None if low is None else interval,
                reason=(reason or self.reason) if missing else None,
                repeats=self.repeats(id_) if repeats is None else repeats,
            )
        )

    def findings(self, names: Mapping[str, str | Sequence[str]]) -> Findings:
        """Return what has been collected, for sentences that use `names`."""
        return Findings(tuple(self.made), names)
