"""The list of datasets, and what the chapter says of the package."""

from __future__ import annotations

from korus_research.data.study import Study
from korus_research.show.blocks import Block, listing
from korus_research.show.declared import Value, made
from korus_research.show.finding import Findings
from korus_research.show.words.text import Words

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
