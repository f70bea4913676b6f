"""How the data and the parameters look: the list of datasets and the parameters used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from korus_research.show.blocks import Block, listing
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import Column, Table

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

    from korus_research.data.study import Study


def dataset_list(study: Study) -> Block:
    """Return every dataset of the data package with source, basis, coverage, vintage, terms and hash."""
    as_of = study.parameters.as_of
    entries = []
    for name in study.catalog.names:
        d = study.catalog.describe(name)
        last = study.catalog.last_period(name, as_of=as_of) if d.time else ""
        entries.append(
            {
                "name": d.name,
                "title": d.title,
                "basis": d.basis,
                "coverage": d.coverage,
                "last_period": last,
                "vintage": d.vintage,
                "licence": d.licence,
                "sha256": d.sha256,
                "source": "; ".join(s.title for s in d.sources),
                "address": d.address or None,
                "rows": d.rows,
                "cautions": [*d.gaps, *d.cautions],
            }
        )
    data = {"id": "data-datasets", "title": "Where each number comes from", "entries": entries}
    return Block(
        "datasets",
        data,
        listing(
            [(str(e["name"]), f"{e['title']}; {e['coverage']}; {e['vintage']}") for e in entries], str(data["title"])
        ),
    )


def parameters_table(study: Study) -> Table:
    """Return the parameters used, as the command line takes them."""
    import pandas as pd

    p = study.parameters
    described = {name: str(info.description) for name, info in _fields().items()}
    values = {
        "agreement": p.agreement,
        "as_of": p.as_of,
        "baseline_year": str(p.baseline_year),
        "comparators": ", ".join(f"{study.partner_names[c]} ({c})" for c in p.comparators),
    }
    return Table(
        id="data-parameters",
        title="Parameters used",
        caption="What this edition was made with.",
        source="Source: the parameters of this run, see manifest.json.",
        datasets=("parameters",),
        columns=[
            Column("name", "Parameter", align="left", width=1),
            Column("value", "Value", align="left", width=2),
            Column("meaning", "Meaning", align="left", width=3),
        ],
        rows=[{"name": k, "value": v, "meaning": described[k]} for k, v in values.items()],
        row_header="name",
        data=pd.DataFrame([{"parameter": k, "value": v} for k, v in values.items()]),
        made_by="korus_research.chapters.appendix.datasets.parameters_table",
        last_period=p.as_of,
    )


def _fields() -> dict[str, FieldInfo]:
    from korus_research.data.parameters import ReportParameters

    return dict(ReportParameters.model_fields)


def provenance(study: Study) -> Findings:
    """How many tables the report rests on, and how many of them were read from copies."""
    tables = [study.catalog.describe(name) for name in study.catalog.names]
    copied = [t for t in tables if any(source.title.startswith("read from") for source in t.sources)]
    counts = {
        "methods.datasets": ("tables in the data package", len(tables)),
        "methods.copied": (
            "tables read from copies of official files or from pages that printed them",
            len(copied),
        ),
    }
    package = ("this edition", "datapackage.json", ())
    made = [Finding(id_, label, float(count), "count", *package) for id_, (label, count) in counts.items()]
    return Findings(tuple(made), study.names)
