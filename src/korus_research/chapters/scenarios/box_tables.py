"""The assumptions of each scenario: what changes, by how much, and the source of the figure."""

from __future__ import annotations

from korus_research.chapters.scenarios.inputs import method
from korus_research.chapters.scenarios.measures import Scenarios, of
from korus_research.chapters.scenarios.model.choices import BASELINE, USED, tables_used
from korus_research.chapters.scenarios.ranges import WORDS
from korus_research.data.study import Study
from korus_research.methods.series import FLOWS
from korus_research.show.shown import Rows, table

CELLS = ("what", "assumed", "source")


@table("box", id="scenarios-box-model")
def model_box(study: Study) -> Rows:
    """Return what all scenarios have in common: baseline, elasticity, deficits, numeraire."""
    result = of(study)
    given = {"before": str(result.duties.years[0]), "tested": "yes" if result.tested else ""}
    return _box(result, "model", _rows(result, "model", given), BASELINE, str(result.spec.baseline_year))


@table("box", id="scenarios-box-undone")
def undone_box(study: Study) -> Rows | None:
    """Return the assumptions of the agreement undone; nothing where it is left out."""
    result = of(study)
    if not result.undone:
        return None
    effects = [
        _row(
            result, "effect", {"flow": flow, "estimate": key, "chapter": one.chapter, "method": method(result, key),
                               "level": f"{100 * one.level:.0f}"},
        )
        for key, one in result.spec.estimates.items()
        for flow in FLOWS
    ]  # fmt: skip
    rows = [*effects, *_rows(result, "undone", {"seed": str(result.spec.seed)})]
    return _box(result, "undone", rows, tables_used(result.undone), str(result.spec.baseline_year))


@table("box", id="scenarios-box-mfn")
def mfn_box(study: Study) -> Rows | None:
    """Return the assumptions of the duties before the agreement back; nothing where they are left out."""
    result = of(study)
    if (former := result.duties.former) is None:
        return None
    given = {
        "before": str(result.duties.years[0]),
        "former_year": str(former.year),
        "study": study.catalog.describe("average_tariffs").basis,
    }
    return _box(result, "mfn", _rows(result, "mfn", given), USED["mfn"], given["before"])


@table("box", id="scenarios-box-duties")
def duties_box(study: Study) -> Rows | None:
    """Return the assumptions of the scenarios of new duties; nothing where they are left out."""
    result = of(study)
    if "duties_all" not in result.outcomes:
        return None
    given = {
        "before": str(result.duties.years[0]),
        "imputed": ", ".join(result.economies[code] for code in result.duties.without_own),
    }
    return _box(result, "duties", _rows(result, "duties", given), USED["duties_all"], str(result.duties.years[1]))


def _box(result: Scenarios, box: str, rows: list[dict[str, str]], tables: tuple[str, ...], last: str) -> Rows:
    return Rows(of=result, last=last, rows=rows, given={"box": box}, tables=tables)


def _rows(result: Scenarios, box: str, given: dict[str, str]) -> list[dict[str, str]]:
    """Return the rows of a box, without those for which this edition assumes nothing."""
    rows = (_row(result, f"box_{box}.{name}", given) for name in WORDS.labels(f"box_{box}"))
    return [row for row in rows if row["assumed"]]


def _row(result: Scenarios, at: str, given: dict[str, str]) -> dict[str, str]:
    return {cell: WORDS.label(f"{at}.{cell}", result, **given) for cell in CELLS}
