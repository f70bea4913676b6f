"""Check an agreement's file against the data: partners by their codes, years with complete figures."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from korus_research.data.agreements import find_agreement
from korus_research.data.toml import Keys, read_toml
from korus_research.errors import InvalidAgreement, KorusError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from korus_research.data.agreements.model import Agreement


def in_file(name: str | Path, keys: Keys, found: str, *, expected: str, do: str = "Correct the file") -> KorusError:
    """Return the error about `keys` of an agreement's file, with the line."""
    return read_toml(find_agreement(name), InvalidAgreement).error(keys, found, expected=expected, do=do)


def check_partners(name: str, agreement: Agreement, partners: pd.DataFrame) -> None:
    """Check that every partner in the file is a single country of `partners` with the same ISO code.

    InvalidAgreement, with the line, for the first one that is not.
    """
    known = partners.set_index("partner")
    named: dict[Keys, tuple[str, str]] = {("partner",): (agreement.partner.census_code, agreement.partner.iso3)}
    for key, several in (("comparator", agreement.comparators), ("context_partner", agreement.context_partners)):
        named |= {(key, number): (one.census_code, one.iso3) for number, one in enumerate(several)}
    for at, (code, iso3) in named.items():
        if code not in known.index or known["aggregate"][code]:
            found, expected = f"is '{code}'", "the Census code of a single country in the data"
            raise in_file(name, (*at, "census_code"), found, expected=expected, do="List them with `korus partners`")
        if known["iso3"][code] not in ("", iso3):
            raise in_file(
                name, (*at, "iso3"), f"is '{iso3}'", expected=f"'{known['iso3'][code]}', as partner {code} is called"
            )


def check_years(name: str, agreement: Agreement, years: Collection[int]) -> None:
    """Check that each of `baselines.years` is among the complete `years` of the data; InvalidAgreement if not."""
    if lacking := [year for year in agreement.baseline_years if year not in years]:
        found, expected = f"has {lacking[0]}", f"complete years of data, from {min(years)} to {max(years)}"
        raise in_file(name, ("baselines", "years"), found, expected=expected)
