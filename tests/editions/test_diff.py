"""What differs between two editions: planted changes are found, each as what it is, and nothing else."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from korus_research.editions.diff import difference, find_edition
from korus_research.editions.edition import drafting
from korus_research.errors import OutputFolder

ABOUT: dict[str, Any] = {
    "agreement": "korus",
    "as_of": "2026-07",
    "edition": "Data through July 2026",
    "name": "KORUS",
    "parameters": {"as_of": "2026-07", "baseline_year": 2011},
    "data": {"trade": "aa" * 32, "gone": "bb" * 32},
    "chapters": {"01_flows.ipynb": "cc" * 32},
}


def finding(name: str, value: float | None, text: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "label": f"the {name}", "value": value, "text": text, **more}


FINDINGS = [
    finding("a.kept", 1.0, "1 percent"),
    finding("a.moved", 100.0, "$100 billion"),
    finding("a.little", 100.0, "100"),
    finding("a.turned", -2.0, "−2 percent"),
    finding("a.mood", None, "", state="open", unit="choice"),
    finding("a.lost", 3.0, "3"),
    finding("a.missing", None, "", reason="no data"),
]


def edition(out: Path, month: str, findings: list[dict[str, Any]], verdicts: dict[str, str], **about: Any) -> None:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerows([["id", "said", "verdict"], *([name, f"{name} is so", word] for name, word in verdicts.items())])
    with drafting(out / "korus" / month, ()) as draft:
        draft.write("findings.json", json.dumps(findings))
        draft.write("claims.csv", table.getvalue())
        draft.write("tables/same.csv", "a\n1\n")
        draft.write("tables/other.csv", f"a\n{month}\n")
        draft.publish({**ABOUT, "as_of": month, **about}, ())


@pytest.fixture
def out(tmp_path: Path) -> Path:
    edition(tmp_path, "2026-07", FINDINGS, {"x": "Wrong", "y": "Right", "z": "Right"})
    changed = [
        FINDINGS[0],
        finding("a.moved", 150.0, "$150 billion"),
        finding("a.little", 101.0, "101"),
        finding("a.turned", 2.0, "2 percent"),
        finding("a.mood", None, "", state="closed", unit="choice"),
        FINDINGS[6],
        finding("a.new", 1.0, "1"),
    ]
    about = {
        "edition": "Data through August 2026",
        "parameters": {"as_of": "2026-08", "baseline_year": 2011},
        "data": {"trade": "dd" * 32, "new": "ee" * 32},
    }
    edition(tmp_path, "2026-08", changed, {"x": "Wrong", "y": "Wrong", "new": "Right"}, **about)
    return tmp_path


def test_planted_changes_are_found_and_nothing_else(out: Path) -> None:
    found = difference(find_edition("korus/2026-07", out), find_edition("korus/2026-08", out))
    assert [(m.id, m.before, m.now, m.turned) for m in found.findings] == [
        ("a.moved", "$100 billion", "$150 billion", False),
        ("a.little", "100", "101", False),
        ("a.turned", "−2 percent", "2 percent", True),
        ("a.mood", "open", "closed", True),
    ]
    assert [(m.id, m.before, m.now) for m in found.verdicts] == [("y", "Right", "Wrong")]
    assert found.exhibits == ("tables/other.csv",)
    assert found.added == {"claims": ("new",), "findings": ("a.new",), "exhibits": ()}
    assert found.gone == {"claims": ("z",), "findings": ("a.lost",), "exhibits": ()}
    assert [(m.id, m.before, m.now) for m in found.inputs["parameters"]] == [("as_of", "2026-07", "2026-08")]
    assert [m.id for m in found.inputs["data"]] == ["gone", "new", "trade"]
    assert found.inputs["chapters"] == found.inputs["versions"] == ()


def test_the_text_begins_with_what_moved_most_and_json_has_all(out: Path) -> None:
    found = difference(find_edition("korus/2026-07", out), find_edition("korus/2026-08", out))
    text = found.to_text()
    assert text.startswith("KORUS, Data through July 2026 -> KORUS, Data through August 2026\n")
    assert text.index("the a.moved: $100 billion -> $150 billion") < text.index("the a.little: 100 -> 101")
    assert text.index("the a.turned: −2 percent -> 2 percent") < text.index("the a.moved")
    assert json.loads(found.to_json())["verdicts"][0]["now"] == "Wrong"


def test_an_edition_and_itself_differ_in_nothing(out: Path) -> None:
    one = find_edition("korus/2026-07", out)
    found = difference(one, one)
    assert not found.findings
    assert not found.verdicts
    assert not found.exhibits
    assert "none" in found.to_text()


def test_what_is_no_edition_names_those_that_there_are(out: Path) -> None:
    with pytest.raises(OutputFolder, match=r"'korus/2026-70' is no edition .*korus/2026-07"):
        find_edition("korus/2026-70", out)


def test_a_file_that_can_not_be_read_is_one_line(out: Path) -> None:
    (out / "korus" / "2026-07" / "findings.json").unlink()
    one = find_edition("korus/2026-07", out)
    with pytest.raises(OutputFolder, match=r"findings\.json can't be read"):
        difference(one, one)
