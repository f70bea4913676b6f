"""The datasets and their checks, the last period of each chapter's figures, and the parameters used."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from pydantic import Field

from korus_research.chapters.choices import Part
from korus_research.chapters.lacking import coverages, lacking
from korus_research.chapters.notebooks import titles
from korus_research.chapters.tariffs.measures import of as tariffs_of
from korus_research.data.parameters import ReportParameters
from korus_research.data.study import Study
from korus_research.data.toml import load_toml
from korus_research.errors import InvalidFile
from korus_research.show.blocks import Block, listing
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings
from korus_research.show.shown import Rows, Words, period_name, table

WORDS = Words("appendix")
CHECKS = Path(__file__).with_name("checks.toml")
TOLD = ("counterfactual", "gravity", "drivers", "reversal", "scenarios", "claims")  # whose methods are told in short


class Check(Part):
    """A check of collected figures against others: how close they came, and the note that records it."""

    what: str
    against: str
    result: str
    source: str
    agreement: str = ""
    until: int = 0


class Checks(Part):
    """All checks, in the order of the table."""

    check: tuple[Check, ...] = Field(min_length=1)


def package(study: Study) -> Findings:
    """Return counts of tables and of those read from copies, and the duty that was revised most.

    Names say which chapters the edition has.
    """
    tables = [study.catalog.describe(name) for name in study.catalog.names]
    copied = [t for t in tables if any(source.title.startswith("read from") for source in t.sources)]
    lacks = lacking(study.parameters, study.agreement)
    there = {f"has_{topic}": "" if topic in lacks else "yes" for topic in TOLD}
    values = [Value("datasets", len(tables)), Value("copied", len(copied))]
    own = made("appendix", values, {**study.names, **there})
    duties = {} if "tariffs" in lacks else tariffs_of(study).findings()
    return own | Findings(tuple(found for id_, found in duties.items() if id_.startswith("tariffs.revised.")))


@table("checks", id="data-checks", tables=("checks",))
def checks_table(study: Study) -> Rows:
    """Return the checks made against other figures when the data were collected, and their results.

    Raises InvalidFile: checks.toml does not say what it must.
    """
    year = int(study.parameters.as_of[:4])
    known = [one for one in load_toml(CHECKS, Checks, InvalidFile).check if one.until <= year]
    own = [one for one in known if one.agreement in ("", study.agreement.id)]
    rows = [one.model_dump(exclude={"agreement", "until"}) for one in own]
    return Rows(rows=rows, last="")


def dataset_list(study: Study) -> Block:
    """Return every dataset of the data package with source, basis, coverage, vintage, terms and hash."""
    entries = []
    for name in study.catalog.names:
        d = study.catalog.describe(name)
        entries.append(
            {
                "name": d.name,
                "title": d.title,
                "basis": d.basis,
                "coverage": d.coverage,
                "last_period": study.catalog.last_period(name, as_of=study.parameters.as_of) if d.time else "",
                "vintage": vintage_said(study, name),
                "licence": d.licence,
                "sha256": d.sha256,
                "source": "; ".join(s.title for s in d.sources),
                "address": d.address or None,
                "rows": d.rows,
                "cautions": [*d.gaps, *d.cautions],
            }
        )
    title = WORDS.label("datasets")
    rows = [(str(e["name"]), f"{e['title']}; {e['coverage']}; {e['vintage']}") for e in entries]
    return Block("datasets", {"id": "data-datasets", "title": title, "entries": entries}, listing(rows, title))


def vintage_said(study: Study, name: str) -> str:
    """Return when the values of a table that a study uses were published.

    That is the descriptor's vintage, but where the study asks for values as published then and releases of the table
    are known: of which one they are, for all partners or only its own, or that they are today's.
    """
    vintage, found = study.catalog.describe(name).vintage, study.vintage(name)
    if not study.parameters.published or not found.release:
        return vintage
    key = "today" if not found.published else "then" if found.whole else "partner" if found.only else "most"
    release = period_name(found.release) if found.published else ""
    return WORDS.label(f"values.{key}", release=release, vintage=vintage, **study.names)


@table("last-periods", id="data-last-periods")
def last_periods(study: Study) -> Rows:
    """Return, by chapter, the last period of the figures it rests on; a chapter without figures has no row.

    What a chapter rests on is said by its own folder (`rests_on` in coverage.py), so that nothing is listed here.
    """
    rows, tables, lacks = [], dict[str, None](), lacking(study.parameters, study.agreement)
    said = {chapter: module for chapter, module in coverages("rests_on") if chapter not in lacks}
    for chapter, title in titles().items():
        for key, names, last in said[chapter].rests_on(study) if chapter in said else ():
            tables |= dict.fromkeys(names)
            what = Words(chapter).label(f"rests_on.{key}")
            if last:
                rows.append({"chapter": title, "what": what, "last": period_name(last), "tables": ", ".join(names)})
    return Rows(rows=rows, given=study.names, tables=tuple(tables))


@table("parameters", id="data-parameters", tables=("parameters",))
def parameters_table(study: Study) -> Rows:
    """Return the parameters used, as the command line takes them."""
    p = study.parameters
    values = {
        "agreement": p.agreement,
        "as_of": p.as_of,
        "baseline_year": str(p.baseline_year),
        "comparators": ", ".join(f"{study.partner_names[c]} ({c})" for c in p.comparators),
        "values": p.values,
    }
    described = {name: str(info.description) for name, info in ReportParameters.model_fields.items()}
    return Rows(
        rows=[{"name": name, "value": value, "meaning": described[name]} for name, value in values.items()],
        data=pd.DataFrame(values.items(), columns=["parameter", "value"]),
    )
