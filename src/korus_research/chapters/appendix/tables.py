"""Tables of the appendix: where each chapter's figures end, and the parameters used."""

from __future__ import annotations

import pandas as pd

from korus_research.chapters.lacking import coverages
from korus_research.chapters.notebooks import titles
from korus_research.data.parameters import ReportParameters
from korus_research.data.study import Study
from korus_research.show.shown import Rows, period_name, table
from korus_research.show.words.text import NOTHING, Words


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
