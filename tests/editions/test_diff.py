"""What differs between two editions: planted changes are found, each as what it is, and nothing else."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pandas as pd
import pytest
from lxml import html
from typer.testing import CliRunner

from korus_research.cli import app
from korus_research.editions.diff import difference, find_edition
from korus_research.editions.diff.difference import moved
from korus_research.editions.diff.exhibits import exhibits, traced
from korus_research.editions.diff.models import Cause, Share, schema
from korus_research.editions.diff.page import keep_cause, name_of
from korus_research.editions.diff.text import to_text
from korus_research.editions.edition import Edition, drafting, open_edition, pairs
from korus_research.editions.index import write_index
from korus_research.errors import OutputFolder

ROOT = Path(__file__).parents[2]
PAIR = ("korus/2026-07", "korus/2026-08")

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


PAGE = """<section class="brief"><span data-f="a.little">100</span></section><section class="chapter">
<div class="title" id="fig-line-title"><span class="label">Figure 1</span><p>A line until {month}</p></div></section>"""


def edition(out: Path, month: str, findings: list[dict[str, Any]], verdicts: dict[str, str], **about: Any) -> None:
    table = io.StringIO()
    rows = csv.writer(table, lineterminator="\n")
    rows.writerows([["id", "said", "verdict"], *([name, f"{name} is so", word] for name, word in verdicts.items())])
    with drafting(out / "korus" / month, ("html",)) as draft:
        draft.write("findings.json", json.dumps(findings))
        draft.write("claims.csv", table.getvalue())
        draft.write("tables/same.csv", "a\n1\n")
        draft.write("figures/line.csv", f"month,value\n2011-01,1\n2011-02,{month[-1]}\n")
        draft.write("figures/line.svg", "<svg/>")
        draft.write("report.html", PAGE.format(month=month))
        draft.write("tables/other.csv", f"a\n{month}\n")
        draft.publish({**ABOUT, "as_of": month, **about}, ("html",))


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
        ("a.turned", "−2 percent", "2 percent", True),
        ("a.mood", "open", "closed", True),
        ("a.little", "100", "101", False),  # spoken in the brief
        ("a.moved", "$100 billion", "$150 billion", False),
    ]
    assert [(m.id, m.before, m.now) for m in found.verdicts] == [("y", "Right", "Wrong")]
    assert [one.name for one in found.tables] == ["tables/other"]
    assert found.added == {"claims": ("new",), "findings": ("a.new",), "tables": (), "figures": ()}
    assert found.gone == {"claims": ("z",), "findings": ("a.lost",), "tables": (), "figures": ()}
    assert [(m.id, m.before, m.now) for m in found.inputs["parameters"]] == [("as_of", "2026-07", "2026-08")]
    assert [m.id for m in found.inputs["data"]] == ["gone", "new", "trade"]
    assert found.inputs["chapters"] == found.inputs["versions"] == ()


def test_the_text_begins_with_what_moved_most_and_json_has_all(out: Path) -> None:
    found = difference(find_edition("korus/2026-07", out), find_edition("korus/2026-08", out))
    text = to_text(found)
    assert text.startswith("KORUS, Data through July 2026 -> KORUS, Data through August 2026\n")
    assert text.index("the a.little: 100 -> 101") < text.index("the a.moved: $100 billion -> $150 billion")
    assert text.index("the a.turned: −2 percent -> 2 percent") < text.index("the a.little")
    assert json.loads(found.to_json())["verdicts"][0]["now"] == "Wrong"
    assert "+ the a.new (a.new)" in text, "what only one has, by its label"


def test_tables_and_chapters_have_their_titles(out: Path) -> None:
    before, now = pair(out)
    known = {"data": {"goods_trade_monthly": "1" * 64}, "chapters": {"01_flows.ipynb": "1" * 64, "99_own.ipynb": "1"}}
    found = difference(dataclasses.replace(before, manifest={**before.manifest, **known}), now)
    labels = {move.id: move.label for kind in known for move in found.inputs[kind]}
    heading = json.loads((ROOT / "notebooks" / "01_flows.ipynb").read_text("utf-8"))["cells"][0]["source"]
    assert labels["01_flows.ipynb"] in "".join(heading)
    assert labels["99_own.ipynb"] == "99_own.ipynb"
    tables = json.loads((ROOT / "src/korus_research/data/tables/datapackage.json").read_text("utf-8"))["resources"]
    assert labels["goods_trade_monthly"] == next(t["title"] for t in tables if t["name"] == "goods_trade_monthly")


def test_an_edition_and_itself_differ_in_nothing(out: Path) -> None:
    one = find_edition("korus/2026-07", out)
    found = difference(one, one)
    assert not found.findings
    assert not found.verdicts
    assert not found.tables
    assert "none" in to_text(found)


def test_what_is_no_edition_names_those_that_there_are(out: Path) -> None:
    with pytest.raises(OutputFolder, match=r"'korus/2026-70' is not an edition .*korus/2026-07"):
        find_edition("korus/2026-70", out)


def test_a_file_that_can_not_be_read_is_one_line(out: Path) -> None:
    (out / "korus" / "2026-07" / "findings.json").unlink()
    one = find_edition("korus/2026-07", out)
    with pytest.raises(OutputFolder, match=r"findings\.json can't be read"):
        difference(one, one)


def pair(out: Path) -> tuple[Edition, Edition]:
    return find_edition(PAIR[0], out), find_edition(PAIR[1], out)


def test_cells_rows_and_columns_of_a_table_are_told_apart(tmp_path: Path) -> None:
    old = "who,year,value,gone\na,1,10,x\na,2,20,x\nb,1,30,x\n"
    new = "who,year,value,new\na,1,10,y\na,2,21,y\nc,1,40,y\n"
    (one,) = exhibits([("tables/t", old, new), ("tables/same", old, old)], "", "", cells=True)
    assert [(c.row, c.column, c.before, c.now) for c in one.cells] == [("a, 2", "value", "20", "21")]
    assert (one.compared, one.changed, one.rows_new, one.rows_gone, one.columns) == (2, 1, 1, 1, ("new", "gone"))


def test_a_cell_is_traced_under_the_name_that_it_has_between_first_and_last() -> None:
    """Also where a state between them lacks the column that names a row, or has the name twice."""
    old, new, known = (f"who,year,value\na,1,{a}\nb,2,{b}\n" for a, b in ((10, 20), (11, 22), (12, 21)))
    unnamed, twice = "year,value\n1,12\n2,21\n", "who,value\na,12\na,21\n"
    (one,) = exhibits([("tables/t", old, new)], "", "", cells=True)
    for between, cell in ((known, "12"), (unnamed, None), (twice, None), ("", None)):
        found = traced([old, between, new])
        assert {(moved.row, moved.column) for moved in one.cells} == found.keys()
        assert found["a", "value"] == ["10", cell, "11"]


def test_a_number_that_moves_names_no_row() -> None:
    old = "month,partner,index,flow\n2011-01,5800,1.5,exports\n2011-01,5800,2.5,imports\n2011-02,5800,1.5,exports\n"
    (one,) = exhibits([("figures/f", old, old.replace("2.5", "2.75"))], "", "", cells=True)
    assert [(c.row, c.column, c.now) for c in one.cells] == [("2011-01, imports", "index", "2.75")]
    assert (one.compared, one.rows_new, one.rows_gone) == (6, 0, 0)


def test_a_value_beyond_the_range_given_before_is_marked_and_another_unit_has_no_size() -> None:
    old = finding("a", 2.0, "2 percent", low=1.0, high=3.0, unit="percent")
    marks = [moved(old, {**old, "value": value, "text": str(value)}) for value in (2.9, 3.1, 0.9)]
    assert [one.beyond for one in marks if one] == [False, True, True]
    other = moved(old, {**old, "value": 2e9, "text": "$2 billion", "unit": "usd"})
    assert other is not None
    assert other.size == 0


def test_a_verdict_that_only_has_another_name_has_not_moved(tmp_path: Path) -> None:
    edition(tmp_path, "2026-07", FINDINGS, {"x": "holds", "y": "not identified"})
    edition(tmp_path, "2026-08", FINDINGS, {"x": "Right", "y": "Wrong"})
    found = difference(*pair(tmp_path))
    assert [m.id for m in found.verdicts] == ["y"]
    assert [m.id for m in found.reworded] == ["x"]


def test_the_page_stands_beside_the_list_is_linked_and_needs_nothing_else(out: Path) -> None:
    index = html.fromstring(write_index(out).read_text(encoding="utf-8"))
    (link,) = [a for a in index.xpath("//article//a/@href") if a.startswith("changes/")]
    page = html.fromstring((out / link).read_text(encoding="utf-8"))
    assert not page.xpath("//script | //link | //iframe | //*[@style]")
    links = [a for a in page.xpath("//@href | //@src") if not a.startswith("#")]
    assert links
    for one in links:
        assert (out / "changes" / one).is_file(), one
    assert page.xpath("//figcaption/text()") == [
        "Data through July 2026: A line until 2026-07",
        "Data through August 2026",
    ]
    heads = page.xpath("//section[@aria-labelledby='numbers']//th[@scope='row']/text()")
    assert heads == ["The a.turned", "The a.mood", "The a.little", "The a.moved"]
    assert len(page.xpath("//h1")) == 1
    names = page.xpath("//@id")
    assert len(names) == len(set(names))


def test_a_variant_is_no_predecessor(out: Path) -> None:
    """An edition with another baseline year in between is compared with none, and parts no two others."""
    another = {"as_of": "2026-08", "parameters": {"as_of": "2026-08", "baseline_year": 2007}}
    edition(out, "2026-08-baseline-2007", FINDINGS, {"x": "Wrong"}, **another)
    before, now = pair(out)
    variant = open_edition(out / "korus" / "2026-08-baseline-2007")
    assert variant is not None
    assert pairs([now, variant, before]) == [(before, now)]


def test_the_data_beside_the_page_follow_the_documented_schema(out: Path) -> None:
    write_index(out)
    (data,) = (out / "changes").glob("*.json")
    documented = json.loads((ROOT / "docs" / "difference.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(json.loads(data.read_text(encoding="utf-8")), documented)
    assert documented == json.loads(json.dumps(schema())), "tools/contract_schema.py writes it"


def test_pages_of_pairs_that_are_no_more_go_and_a_damaged_edition_has_none(out: Path) -> None:
    write_index(out)
    stale = out / "changes" / "korus-2026-07-since-2026-06.html"
    stale.write_text("x")
    (out / "korus" / "2026-08" / "findings.json").write_text("[]")
    assert "changes/" not in write_index(out).read_text(encoding="utf-8")
    assert not list((out / "changes").iterdir())


def test_why_numbers_moved_is_kept_until_an_edition_is_another(out: Path) -> None:
    before, now = pair(out)
    share = Share(step="data", before="$100 billion", now="$150 billion", change=50.0)
    cause = Cause(order=("data", "method"), held=("trade",), open=(), findings={"a.moved": (share,)}, verdicts={})
    keep_cause(out, before, now, cause)
    place = out / "changes" / f"{name_of(before, now)}.html"
    write_index(out)
    assert "data $100 billion → $150 billion" in " ".join(html.fromstring(place.read_text()).text_content().split())
    text = to_text(difference(before, now).model_copy(update={"cause": cause}))
    assert "[data: $100 billion -> $150 billion]" in text
    assert [line.strip() for line in text.splitlines()[3:5]] == ["data: 1", "method: 0"]
    edition(out, "2026-08", FINDINGS, {"x": "Wrong"})
    write_index(out)
    assert "→" not in place.read_text(encoding="utf-8")


def test_the_published_pair_is_compared_in_three_seconds() -> None:
    start = time.process_time()  # what the processor did: others on the machine don't count
    to_text(difference(*pair(ROOT / "reports")))
    assert time.process_time() - start < 3


def test_numbers_that_moved_counted_by_another_road() -> None:
    before, now = pair(ROOT / "reports")
    tables = [pd.DataFrame(json.loads((e.folder / "findings.json").read_text())) for e in (before, now)]
    both = tables[0].merge(tables[1], on="id", suffixes=("_old", "_new"))
    found = difference(before, now)
    told = both["text_old"].fillna("") != both["text_new"].fillna("")
    assert {m.id for m in found.findings if m.before != m.now} >= set(both[told & both["value_new"].notna()]["id"])
    turned = both[both["value_old"] * both["value_new"] < 0]
    assert {m.id for m in found.turned} >= set(turned[turned["unit_old"] == turned["unit_new"]]["id"])
    assert found.compared == len(both)


def test_the_command_writes_a_page_and_says_where(out: Path, tmp_path: Path) -> None:
    place = tmp_path / "made" / "page.html"
    done = CliRunner().invoke(app, ["diff", *PAIR, "--out", str(out), "--html", str(place)])
    assert (done.exit_code, Path(done.output.strip())) == (0, place)
    for link in html.fromstring(place.read_text(encoding="utf-8")).xpath("//img/@src"):
        assert (place.parent / link).resolve().is_file()


def test_steps_are_told_in_the_order_in_which_they_were_taken_whatever_the_hash_seed():
    code = (
        "from korus_research.editions.diff.models import Share, by_step\n"
        "a, b, c = (Share(step=s, before='1', now='2') for s in ('words', 'data', 'method'))\n"
        "print(by_step([(a, b, b), (c,), (b, a)], ('parameters', 'data', 'method', 'words')))"
    )
    for seed in ("0", "1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
        )
        assert done.stdout.strip() == "{'data': 2, 'method': 1, 'words': 2}", done.stderr
