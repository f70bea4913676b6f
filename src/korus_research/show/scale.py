"""How amounts of money of one study are written, so that the smaller of two flows keeps at least two figures."""

from __future__ import annotations

from dataclasses import dataclass

MILLIONS = 3  # so many decimals of a billion are whole millions, and read better as such


@dataclass(frozen=True, slots=True)
class Scale:
    """The rounding of amounts in USD billion: `decimals` of a billion, or whole millions from `MILLIONS` on."""

    decimals: int = 1

    @property
    def millions(self) -> bool:
        """Whether amounts are written in millions."""
        return self.decimals >= MILLIONS

    @property
    def factor(self) -> float:
        """The factor from USD billion to the unit shown."""
        return 1_000.0 if self.millions else 1.0

    @property
    def shown(self) -> int:
        """Decimals in the unit shown."""
        return self.decimals - MILLIONS if self.millions else self.decimals

    @property
    def unit(self) -> str:
        """The unit shown, for axes and captions."""
        return "million dollars" if self.millions else "billion dollars"

    @property
    def short(self) -> str:
        """The unit shown, for the head of a column."""
        return "$ million" if self.millions else "$ billion"


def scale_of(*sizes: float | None) -> Scale:
    """Return the scale for amounts of these sizes in USD billion: one decimal from 10 on, two from 1 on, else millions.

    The smallest size decides; sizes that are None count for nothing.
    """
    known = [abs(size) for size in sizes if size is not None]
    smallest = min(known, default=10.0)
    return Scale(1 if smallest >= 10 else 2 if smallest >= 1 else MILLIONS)
