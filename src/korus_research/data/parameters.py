"""The parameters of a report: one typed model for the parameters cells, the command line and the printed parameters.

A parameter is added with the chapter that reads it (decision 15); windows, estimators and seeds are declared in files
instead (decision 23).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from korus_research.data.agreements import load_agreement, own_file
from korus_research.data.agreements.held import check_partners, check_years, in_file
from korus_research.data.agreements.model import Agreement
from korus_research.data.catalog import Catalog, open_catalog
from korus_research.data.period import MONTH
from korus_research.errors import InvalidParameter, UnknownParameter, code_meant, did_you_mean, unknown

if TYPE_CHECKING:
    import pandas as pd

TODAY, PUBLISHED = "today", "published"


class ReportParameters(BaseModel):
    """The parameters that a reader or the command line may set; None is the agreement's own default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreement: str = Field("korus", description="agreement: its name, or the path of a TOML file")
    as_of: str | None = Field(None, description="last month of data used, YYYY-MM; default: the last month there is")
    # Left out of dumps where it has its default, so that results cached before it existed stay valid.
    values: Literal["today", "published"] = Field(
        "today",
        description="published: values as published when as_of was new, where they are known; default: today",
        exclude_if=lambda values: values == TODAY,
    )
    baseline_year: int | None = Field(None, description="year the changes are counted from; default: the agreement's")
    comparators: tuple[str, ...] | None = Field(
        None, description="Census codes of the peers, separated by commas; default: the agreement's"
    )

    @field_validator("agreement", mode="before")
    @classmethod
    def _named(cls, value: object) -> object:
        if not isinstance(value, str | os.PathLike):
            raise ValueError("the name of an agreement, or the path of its file")
        return os.fspath(value)

    @field_validator("as_of", mode="before")
    @classmethod
    def _month(cls, value: object) -> object:
        if value is None or (isinstance(value, str) and MONTH.fullmatch(value)):
            return value
        raise ValueError("a month as YYYY-MM, for example 2016-12")

    @field_validator("baseline_year", mode="before")
    @classmethod
    def _year(cls, value: object) -> object:
        if value is None or (isinstance(value, Integral) and not isinstance(value, bool)):
            return value if value is None else int(value)  # numpy's are no int
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value):
            return int(value)
        raise ValueError("a year in four digits, for example 2011")

    @field_validator("values", mode="before")
    @classmethod
    def _one_of(cls, value: object) -> object:
        if value in (TODAY, PUBLISHED):
            return value
        raise ValueError(f"'{TODAY}' or '{PUBLISHED}'")

    @field_validator("comparators", mode="before")
    @classmethod
    def _codes(cls, value: object) -> object:
        if value is None:
            return value
        parts = value.split(",") if isinstance(value, str) else [value] if isinstance(value, Integral) else value
        given = [_code(part) for part in parts] if isinstance(parts, Iterable) else []
        if given and all(re.fullmatch(r"[0-9]{4}", code) for code in given):
            return tuple(dict.fromkeys(given))
        raise ValueError("Census codes in four digits separated by commas, for example 5880,5830")

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> ReportParameters:
        """Return validated parameters.

        UnknownParameter for an unknown name (a close match is suggested); InvalidParameter for an invalid value.
        """
        for name in values:
            if name not in cls.model_fields:
                do = "See `korus report --help`"
                raise unknown(UnknownParameter, name, "a report parameter", cls.model_fields, do=do)
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0])
            found, expected = f"{name} is {_shown(values.get(name))}", first["msg"]
            meant = code_meant(values[name], single_partners(open_catalog())) if name == "comparators" else ""
            meant = did_you_mean(str(values[name]), (TODAY, PUBLISHED)) if name == "values" else meant
            raise InvalidParameter(
                found + meant, expected=expected.removeprefix("Value error, "), do="See `korus report --help`"
            ) from None

    def resolve(self, agreement: Agreement | None = None, catalog: Catalog | None = None) -> ResolvedParameters:
        """Return the parameters with all defaults filled in, checked against the agreement and the data.

        A user's own agreement is named by its id with ".toml": no path of a machine gets into an edition.

        UnknownAgreement if there is none; InvalidAgreement if its file names something that the data lack;
        InvalidParameter for an `as_of` outside the data or before entry into force, a baseline year or peer without
        data, or a peer without data for the baseline year.
        """
        from korus_research.methods.series import WORLD

        agreement = agreement or load_agreement(self.agreement)
        catalog = catalog or open_catalog()
        check_partners(self.agreement, agreement, catalog.load("partners"))
        months = partner_months(catalog, agreement.partner.census_code)
        as_of = self._month_in(months, agreement)
        # A year must be complete for the partner and for the world, with which it is compared.
        begin = max(months[0], partner_months(catalog, WORLD)[0])
        held = [int(m[:4]) for m in months if m.endswith("-12") and f"{m[:4]}-01" >= begin]
        check_years(self.agreement, agreement, held)
        years = [year for year in held if f"{year}-12" <= as_of]
        known = set(single_partners(catalog)) - {agreement.partner.census_code}
        baseline, peers = self._baseline_in(years, agreement), self._peers_in(known, agreement)
        for number, peer in enumerate(peers):
            try:
                _check_peer(catalog, peer, baseline)
            except InvalidParameter as error:
                if self.comparators is not None:
                    raise
                at, found = ("comparator", number, "census_code"), error.found.removeprefix("comparators ")
                raise in_file(self.agreement, at, found, expected=error.expected, do=error.do) from None
        own = own_file(self.agreement)
        return ResolvedParameters(
            agreement=own.name if own else agreement.id,
            as_of=as_of,
            baseline_year=baseline,
            comparators=peers,
            values=self.values,
        )

    def _month_in(self, months: list[str], agreement: Agreement) -> str:
        first, last, in_force = months[0], months[-1], f"{agreement.dates.in_force:%Y-%m}"
        as_of = self.as_of or last
        if first <= as_of <= last and in_force <= as_of:
            return as_of
        found, do = "outside the data", f"Leave it out for the newest edition ({last})"
        if first <= as_of <= last:
            found = f"before {agreement.short_name} entered into force"
            do = "Choose a later month; there are no results to report before"
        raise InvalidParameter(f"as_of is {as_of}, {found}", expected=f"a month from {in_force} to {last}", do=do)

    def _baseline_in(self, years: list[int], agreement: Agreement) -> int:
        baseline = agreement.baseline_year if self.baseline_year is None else self.baseline_year
        if baseline not in years or baseline > agreement.dates.in_force.year:
            raise InvalidParameter(
                f"baseline_year is {baseline}",
                expected=f"a complete year of data from {years[0]} to {min(years[-1], agreement.dates.in_force.year)}",
                do=f"The agreement's own baseline is {agreement.baseline_year}",
            )
        return baseline

    def _peers_in(self, known: set[str], agreement: Agreement) -> tuple[str, ...]:
        peers = self.comparators or tuple(c.census_code for c in agreement.comparators)
        for code in peers:
            if code not in known:
                raise InvalidParameter(
                    f"comparators names '{code}', which is the partner itself or has no data",
                    expected="Census Schedule C codes of other single countries",
                    do="List them with `korus partners`",
                )
        return peers


class ResolvedParameters(BaseModel):
    """Report parameters with all defaults filled in, as an edition prints them and its manifest has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agreement: str
    as_of: str
    baseline_year: int
    comparators: tuple[str, ...]
    values: Literal["today", "published"] = Field("today", exclude_if=lambda values: values == TODAY)

    @property
    def published(self) -> bool:
        """Whether values are those published when `as_of` was new, as far as they are known."""
        return self.values == PUBLISHED


def _check_peer(catalog: Catalog, peer: str, baseline: int) -> None:
    """Check that a peer has data for every month of the baseline year; InvalidParameter if not."""
    months = partner_months(catalog, peer)
    if not {f"{baseline}-{month:02d}" for month in range(1, 13)} <= set(months):
        raise InvalidParameter(
            f"comparators names '{peer}', which has data from {months[0]} to {months[-1]}",
            expected=f"a partner with data for every month of {baseline}, the baseline year",
            do="Choose another peer or baseline_year",
        )


def check_published(catalog: Catalog, agreement: Agreement, as_of: str) -> None:
    """Check that a table has values as published when `as_of` was new; InvalidParameter, with such months, if not."""
    in_force = f"{agreement.dates.in_force:%Y-%m}"
    known = [m for m in catalog.published_months(partner=agreement.partner.census_code) if m >= in_force]
    if as_of not in known:
        months = f"as_of {', '.join(known[:-1])} or {known[-1]}" if len(known) > 1 else f"as_of {''.join(known)}"
        raise InvalidParameter(
            f"values is '{PUBLISHED}', and no table has values as published when {as_of} was new",
            expected=months if known else f"'{TODAY}', as no release of earlier figures is known",
            do="Leave values out for today's",
        )


def _code(part: object) -> str:
    """Return a Census code as text; YAML and papermill read 5880 as a number."""
    return str(int(part)) if isinstance(part, Integral) and not isinstance(part, bool) else str(part).strip()


def _shown(value: object) -> str:
    """Return the repr of a value, that of numpy's numbers without their type."""
    return repr(value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value)


def names_by_code(partners: pd.DataFrame) -> dict[str, str]:
    """Return the names of `partners` by Census code, in the form used in sentences."""
    # The Census writes "Korea, South".
    said = partners["name"].str.replace(r"^(\w+), (North|South)$", r"\2 \1", regex=True)
    return dict(zip(partners["partner"], said, strict=True))


def single_partners(catalog: Catalog) -> dict[str, str]:
    """Return the names of single countries, not groups, by Census code."""
    table = catalog.load("partners")
    return names_by_code(table[~table["aggregate"].astype(bool)])


def partner_months(catalog: Catalog, partner: str) -> list[str]:
    """Return the months with goods trade data for `partner`, in order; InvalidParameter if there are none."""
    trade = catalog.load("goods_trade_monthly")
    months = sorted(trade.loc[trade["partner"] == partner, "month"].unique().tolist())
    if not months:
        raise InvalidParameter(
            f"The data hold no goods trade with partner '{partner}'",
            expected="an agreement whose partner is in goods_trade_monthly",
            do="Correct census_code in the agreement's file",
        )
    return months
