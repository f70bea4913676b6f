"""Donor pools, chosen by reason codes in data, never by a list of countries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from korus_research.errors import (
    IncompletePanel,
    InvalidSpecification,
    MissingPartner,
    NoDonors,
    code_meant,
    unknown,
)
from korus_research.methods.series import Flow
from korus_research.methods.synthetic.panel import TradePanel
from korus_research.methods.synthetic.specification import Specification

AGREEMENT = "agreement"  # a new one: in force since the years of a specification, or shortly before
ANY_AGREEMENT = "any_agreement"  # one in force in those years, however old
FEWEST = 5  # with fewer donors a rank among placebos says nothing, and weights have no choice


@dataclass(frozen=True)
class DonorStatus:
    """Reasons why partners are not valid donors: one row for each partner and reason, with its years.

    `table` has the columns partner, reason, relative_to (a partner's code if the reason is competition with that
    partner), from_year, to_year (NaN: no end), note, source; the rows for `AGREEMENT` and `ANY_AGREEMENT` come from
    `us_agreements`.
    """

    table: pd.DataFrame

    @cached_property
    def reasons(self) -> tuple[str, ...]:
        """The reason codes in the table, sorted."""
        return tuple(sorted(set(self.table["reason"])))

    def concerns(self, code: str, treated: str) -> bool:
        """Return whether any partner has the reason `code` when `treated` is the treated unit."""
        return bool(((self.table["reason"] == code) & self.about(treated)).any())

    def about(self, treated: str) -> pd.Series:
        """Return which rows apply when `treated` is the treated unit: those not relative to another partner."""
        other = self.table["relative_to"]
        return other.isna() | (other == "") | (other == treated)

    def excluded(self, codes: tuple[str, ...], *, treated: str, first: int, last: int, lead: int) -> dict[str, str]:
        """Return the partners that `codes` exclude between the years `first` and `last`, with the first such code.

        An agreement counts if it entered into force at most `lead` years before `first`.

        Raises InvalidSpecification for a code that is not in the table.
        """
        for code in codes:
            if code not in self.reasons:
                do = "Correct the donor rule, or add rows with that code to donor_status"
                raise unknown(InvalidSpecification, code, "a reason code", self.reasons, do=do)
        rows = self._columns
        applies = rows["relative_to_nobody"] | (rows["relative_to"] == treated)
        since = np.where(rows["new_agreement"], rows["begin"] >= first - lead, rows["end"] >= first)
        chosen = applies & (rows["begin"] <= last) & since & (rows["partner"] != treated)
        found: dict[str, str] = {}
        for code in codes:
            for partner in rows["partner"][chosen & (rows["reason"] == code)]:
                found.setdefault(str(partner), code)
        return found

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        """The columns of the table as arrays: a curve calls `excluded` hundreds of times."""
        t = self.table
        other = t["relative_to"]
        return {
            "partner": t["partner"].to_numpy(object),
            "reason": t["reason"].to_numpy(object),
            "relative_to": other.to_numpy(object),
            "relative_to_nobody": (other.isna() | (other == "")).to_numpy(bool),
            "begin": t["from_year"].fillna(-np.inf).to_numpy(float),
            "end": t["to_year"].fillna(np.inf).to_numpy(float),
            "new_agreement": (t["reason"] == AGREEMENT).to_numpy(bool),
        }


@dataclass(frozen=True)
class DonorPool:
    """The treated unit and its donors over the years of a specification.

    Attributes
    ----------
    values : DataFrame
        Years by units, USD million, complete and positive; the treated unit is the first column.
    dropped : mapping
        Large enough partners that are not donors, with the reason: a reason code, or "incomplete".
    """

    values: pd.DataFrame
    dropped: Mapping[str, str]

    @property
    def treated(self) -> str:
        """Census code of the treated unit."""
        return str(self.values.columns[0])

    @property
    def donors(self) -> tuple[str, ...]:
        """Census codes of the donors, in the order of the panel."""
        return tuple(map(str, self.values.columns[1:]))


def donor_status(curated: pd.DataFrame, agreements: pd.DataFrame) -> DonorStatus:
    """Join the curated reasons with the partners' agreements (`us_agreements`: partner, in_force, agreement)."""
    made = pd.DataFrame(
        {
            "partner": agreements["partner"],
            "reason": "",
            "relative_to": None,
            "from_year": agreements["in_force"].str[:4].astype(float),
            "to_year": np.nan,
            "note": agreements["agreement"],
            "source": agreements["source"],
        }
    )
    known = curated.assign(from_year=curated["from_year"].astype(float), to_year=curated["to_year"].astype(float))
    both = (made.assign(reason=code) for code in (AGREEMENT, ANY_AGREEMENT))
    table = pd.concat([known[made.columns], *both], ignore_index=True)
    return DonorStatus(table.astype({"partner": object, "reason": object, "relative_to": object}))


def _grid(panel: TradePanel, flow: Flow, treated: str, years: range) -> tuple[list[str], NDArray[np.float64]]:
    """Return partners and their flows by year, those of the treated unit complete."""
    codes, table = panel.grid(flow, years)  # partners by years; lookups in pandas would dominate the run time
    if treated not in codes and treated not in panel.names:
        raise MissingPartner(
            f"'{treated}' is not the code of a partner{code_meant(treated, panel.names)}",
            expected="a Census code in four digits, such as '5800'",
            do="List the codes with `korus partners`",
        )
    own = table[codes.index(treated)] if treated in codes else np.full(len(years), np.nan)
    if bad := [year for year, value in zip(years, own, strict=True) if not value > 0]:
        spoken = ", ".join(map(str, bad[:5])) + (" ..." if len(bad) > 5 else "")
        raise IncompletePanel(
            f"{flow.capitalize()} with {panel.name(treated)} are missing or zero in {spoken}",
            expected=f"twelve months of trade in every year from {years[0]} to {years[-1]}",
            do="Choose windows inside the data of that partner",
        )
    begin, end = panel.years
    if years[0] < begin or years[-1] > end:
        raise IncompletePanel(
            f"The windows run from {years[0]} to {years[-1]}, the panel of partners from {begin} to {end}",
            expected="years in which all partners' trade is held",
            do="Choose windows inside the panel",
        )
    return codes, table


def donor_pool(panel: TradePanel, status: DonorStatus, spec: Specification, *, treated: str, lead: int) -> DonorPool:
    """Choose the donors of one specification.

    A donor has complete and positive flows in all years of the windows, a mean annual flow above the threshold in the
    pre-period, and no reason code that the rule excludes.

    Raises
    ------
    IncompletePanel
        The treated unit has a missing year or one without trade, or the panel does not cover the years.
    NoDonors
        Fewer than `FEWEST` donors remain.
    InvalidSpecification
        The rule has an unknown reason code.
    """
    first, last = spec.pre[0], spec.post[1]
    codes, table = _grid(panel, spec.flow, treated, range(first, last + 1))
    sizes = table[:, : spec.pre[1] - first + 1]
    with np.errstate(invalid="ignore"):  # a partner without any trade in those years has no mean
        large: NDArray[np.bool_] = np.nansum(sizes, axis=1) / np.isfinite(sizes).sum(axis=1) > spec.threshold
    complete = np.asarray((table > 0).all(axis=1))
    excluded = status.excluded(spec.rule.excludes, treated=treated, first=first, last=last, lead=lead)
    others = [(place, code) for place, code in enumerate(codes) if large[place] and code != treated]
    dropped = {
        code: excluded.get(code, "incomplete") for place, code in others if code in excluded or not complete[place]
    }
    donors = [code for place, code in others if complete[place] and code not in excluded]
    if len(donors) < FEWEST:
        raise NoDonors(
            f"The rule '{spec.rule.id}' leaves {len(donors) or 'no'} donors for {spec.flow} with {panel.name(treated)} "
            f"from {first} to {last}",
            expected=f"at least {FEWEST}",
            do="Choose a rule that excludes less, a lower threshold or a shorter window",
        )
    units = [treated, *donors]
    values = table[[codes.index(code) for code in units]].T  # stored by unit: sums depend on it in the last digit
    index, columns = pd.RangeIndex(first, last + 1, name="year"), pd.Index(units, dtype=object, name="partner")
    return DonorPool(pd.DataFrame(values, index=index, columns=columns, copy=False), dropped)
