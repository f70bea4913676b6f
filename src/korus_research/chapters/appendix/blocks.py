"""Where each chapter's figures end, the parameters used, the list of datasets, and what is said of the package."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.lacking import coverages
from korus_research.chapters.notebooks import titles
from korus_research.data.parameters import ReportParameters
from korus_research.data.study import Study
from korus_research.show.blocks import Block, listing
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings
from korus_research.show.shown import Rows, period_name, table
from korus_research.show.words.text import NOTHING, Words

WORDS = Words("appendix")


def package(study: Study) -> Findings:
    """Return how many tables the report rests on, and how many of them were read from copies."""
    tables = [study.catalog.describe(name) for name in study.catalog.names]
    copied = [t for t in tables if any(source.title.startswith("read from") for source in t.sources)]
    return made("appendix", [Value("datasets", len(tables)), Value("copied", len(copied))], study.names)


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
                "vintage": d.vintage,
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


@table("last-periods", id="data-last-periods")
def last_periods(study: Study) -> Rows:
    """Return, by chapter, the last period of the figures it rests on; a chapter without figures has no row.

    What a chapter rests on is said by its own folder (`rests_on` in coverage.py), so that nothing is listed here.
    """
    rows, tables, said = [], dict[str, None](), dict(coverages("rests_on"))
    for chapter, title in titles().items():
        for key, names, last in said[chapter].rests_on(study) if chapter in said else ():
            tables |= dict.fromkeys(names)
            what = Words(chapter).label(f"rests_on.{key}")
            if last:
                rows.append({"chapter": title, "what": what, "last": period_name(last), "tables": ", ".join(names)})
    return Rows(
        of=NOTHING,
        rows=rows,
        data=pd.DataFrame(rows),
        last=study.parameters.as_of,
        given=study.names,
        tables=tuple(tables),
    )


@table("parameters", id="data-parameters", tables=("parameters",))
def parameters_table(study: Study) -> Rows:
    """Return the parameters used, as the command line takes them."""
    p = study.parameters
    values = {
        "agreement": p.agreement,
        "as_of": p.as_of,
        "baseline_year": str(p.baseline_year),
        "comparators": ", ".join(f"{study.partner_names[c]} ({c})" for c in p.comparators),
    }
    described = {name: str(info.description) for name, info in ReportParameters.model_fields.items()}
    return Rows(
        of=NOTHING,
        rows=[{"name": name, "value": value, "meaning": described[name]} for name, value in values.items()],
        data=pd.DataFrame([{"parameter": name, "value": value} for name, value in values.items()]),
        last=p.as_of,
    )
