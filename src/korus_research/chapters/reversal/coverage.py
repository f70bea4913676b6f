"""Whether an edition holds the data that the chapter needs, and where they end."""

from __future__ import annotations

from collections.abc import Iterator

from korus_research.data.study import Study


def lacks(study: Study) -> tuple[str, str] | None:
    """Return what is lacking without the months of the duties by industry, or the duty that was cut."""
    from korus_research.chapters.reversal.choices import declared
    from korus_research.chapters.tariffs.coverage import lacks as tariffs_lack

    if study.parameters.as_of < declared().last:
        return "reversal", "months"
    return tariffs_lack(study) and ("reversal", "cut")


def rests_on(study: Study) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Yield what the chapter rests on: key, tables and last period."""
    as_of = study.parameters.as_of
    yield "industries", ("sector_duties_monthly",), study.catalog.last_period("sector_duties_monthly", as_of=as_of)
