"""The prose of the report: nothing typed by hand, every sentence turns with its findings, every edition reads right."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from chapter_objects import CHAPTERS, NOTEBOOKS, about, cells, shown
from turned import sign_turned

import korus_research
from korus_research.chapters.lacking import coverages, lacking
from korus_research.data.agreements import load_agreement
from korus_research.data.parameters import ReportParameters
from korus_research.show.figure import Figure
from korus_research.show.finding import Finding, Findings
from korus_research.show.table import Table
from korus_research.show.words.prose import Prose
from korus_research.show.words.sentence import Sentence, speak

ARGUMENTS = ("title", "subtitle", "caption", "alt")
PACKAGE = Path(korus_research.__file__).parent
SOURCES = sorted(path for room in ("show", "chapters") for path in (PACKAGE / room).rglob("*.py"))
# The chapters that every agreement has.
DESCRIPTIVE = [name for name in CHAPTERS if about(name)["chapter"] not in dict(coverages("lacks"))]
EDITIONS = ("2026-08", "2017-11", "2016-12", "2012-06")

# Words that conclude something about numbers; only a finding's sign may choose them ({id:rose|fell|level}).
CONCLUSIONS = re.compile(
    r"\b(rose|risen|fell|fallen|grew|grown|increas\w+|decreas\w+|declin\w+|doubl\w+|tripl\w+|halv\w+|widen\w+|narrow\w+|"
    r"surg\w+|plung\w+|soar\w+|boost\w+|improv\w+|worsen\w+|because|therefore|caused by|due to|thanks to|led to|"
    r"hang(?:s|ed)? on|hung on|hinges? on|significant\w*|substantial\w*|strong(?:er|ly)?|weak(?:er|ly)?|outgrew|lagged|largest|smallest|most of)\b",
    re.IGNORECASE,
)
# Numbers that a sentence may hold: years, dates, tariff chapters, and the length of a sum of months.
ALLOWED = re.compile(
    r"\b(?:19|20)\d\d(?:-\d\d)?\b|\bHS \d+|\b12[- ]month|\bchapter \d+\b|\b12 months\b|X\^\{12\}|`[^`]*`|\[@[^\]]*\]|\]\(#[^)]*\)"
)


def literal(template: str) -> str:
    """What is typed in a template: everything outside its braces."""
    return re.sub(r"\{[^{}]*\}", " ", template)


def typed_in(path: Path) -> list[tuple[str, str]]:
    """Every text of a file typed by hand: Markdown cells, texts of `say` and of a title, subtitle, caption or alt."""
    if path.suffix == ".ipynb":
        found = [("Markdown", text) for text in cells(path.name, "markdown")]
        sources = cells(path.name, "code")
    else:
        found, sources = [], [path.read_text("utf-8")]
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Call):
            said = "say" in (getattr(node.func, "attr", ""), getattr(node.func, "id", ""))
            texts = [*(node.args if said else ()), *(k.value for k in node.keywords if k.arg in ARGUMENTS)]
            found += [(f"line {t.lineno}", t.value) for t in texts if isinstance(t, ast.Constant) and t.value]
    return found


# Read in the test: the worker that collects it need not be the one that runs it.
@pytest.mark.parametrize(
    "path", [*(NOTEBOOKS / name for name in CHAPTERS), *SOURCES], ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_no_statistic_and_no_conclusion_is_typed(path):
    for where, text in typed_in(path):
        rest = ALLOWED.sub(" ", literal(text))
        assert not re.search(r"\d", rest), f"{where}: a number typed by hand in {text!r}"
        assert not (word := CONCLUSIONS.search(rest)), f"{where}: '{word and word.group()}' typed by hand in {text!r}"


def test_the_net_catches_what_it_should():
    for bad in (
        "Exports rose.",
        "It doubled {x.y}.",
        "Imports were 57 billion.",
        "This was because of the won.",
        "It hangs on the years.",
    ):
        rest = ALLOWED.sub(" ", literal(bad))
        assert re.search(r"\d", rest) or CONCLUSIONS.search(rest), bad
    assert not CONCLUSIONS.search(literal("Exports {a.b:rose|fell|did not change} by {a.b:abs}."))


@pytest.fixture(scope="module", params=EDITIONS)
def edition(request) -> tuple[str, dict[str, list]]:
    """All objects of one edition by chapter; a chapter that the edition leaves out is not run."""
    lacks = lacking(ReportParameters(as_of=request.param).resolve())
    objects = {}
    for name in CHAPTERS:
        if about(name)["chapter"] not in lacks:
            objects[name] = shown(name, as_of=request.param)
    return request.param, objects


def sentences(objects: dict[str, list]) -> list[tuple[str, Sentence]]:
    """Every sentence of an edition: prose, titles, alt texts."""
    found = []
    for name, shown_ in objects.items():
        for item in shown_:
            prose = [item] if isinstance(item, Prose) else []
            if isinstance(item, Figure | Table):
                prose = [p for p in (item.title, getattr(item, "alt", None)) if isinstance(p, Prose)]
            found += [(name, s) for p in prose for s in p.sentences]
    return found


@pytest.mark.slow
def test_every_sentence_turns_with_every_finding(edition):
    as_of, objects = edition
    spoken = sentences(objects)
    assert len(spoken) > 25
    for name, sentence in spoken:
        names = sentence.names
        own = Findings(sentence.findings, names)
        before = speak(sentence.template, own).plain
        for finding in sentence.findings:
            known = tuple(_known(f, 3.0) for f in sentence.findings if f.id != finding.id)
            # A value that is missing or reads as zero in this edition has no sign: give it one to turn.
            there = _known(finding, 7.0)

            def said(one: Finding, known: tuple[Finding, ...] = known, sentence=sentence, names=names) -> str:
                return speak(sentence.template, Findings((one, *known), names)).plain

            base, gone = said(there), said(there.without_value())
            assert any(said(other) != base for other in _turned(there)), (as_of, name, finding.id, sentence.template)
            assert gone != base
            # A sentence may have words for what is not known; else it says so.
            asked = f"{{{finding.id}:?" in sentence.template
            assert asked or gone.startswith("We can't tell"), (as_of, name, finding.id)
        assert before


def _known(finding: Finding, value: float) -> Finding:
    """The finding with a value that has a sign, or with a state."""
    if finding.unit == "choice":
        return replace(finding, state=finding.state or finding.states[0], reason=None)
    return replace(finding, value=finding.value if finding.direction else value, reason=None)


def _turned(finding: Finding) -> list[Finding]:
    """The finding with its sign turned, or in each other state."""
    if finding.unit == "choice":
        return [replace(finding, state=state) for state in finding.states if state != finding.state]
    return [sign_turned(finding)]


@pytest.mark.slow
def test_no_edition_speaks_of_what_came_after_it(edition):
    as_of, objects = edition
    last_year = int(as_of[:4])
    texts = [s.plain for _, s in sentences(objects)]
    for item in (i for items in objects.values() for i in items if isinstance(i, Figure | Table)):
        data = (
            item.to_json()
            if isinstance(item, Table)
            else {"caption": item.caption, "source": item.source, "data_csv": item.data.to_csv()}
        )
        if data.get("id") in ("context-matrix", "context-commitments", "data-parameters"):
            continue  # a schedule agreed by then may reach into later years
        texts += [data["caption"], *data.get("notes", [])]
        texts += [str(cell) for row in data.get("rows", []) for key, cell in row.items() if key not in ("source",)]
    for text in texts:
        for year in re.findall(
            r"\b(20[0-4]\d)\b",
            re.sub(
                r"stays (?:to|until) 20\d\d|January 8, 2018|\(January 2018\)|put off to [^;.]*|published in [^;.]*|isn't known: [^.]*|[Vv]intage [^;.]*|outlook of April 20\d\d|`[^`]*`|can't tell .*",
                "",
                text,
            ),
        ):
            assert int(year) <= last_year, (as_of, text)


def test_every_edition_says_that_values_are_those_of_today():
    assert "as they stand today" in str(korus_research.appendix.say("limits"))


@pytest.mark.parametrize("name", CHAPTERS)
def test_chapters_are_thin_and_without_outputs(name):
    document = json.loads((NOTEBOOKS / name).read_text("utf-8"))
    ids = [cell["id"] for cell in document["cells"]]
    assert len(ids) == len(set(ids))
    for cell in document["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    for source in cells(name, "code"):
        assert not any(
            isinstance(node, ast.If | ast.For | ast.While | ast.FunctionDef) for node in ast.walk(ast.parse(source))
        )


@pytest.mark.parametrize("name", CHAPTERS)
def test_parameters_cells_are_the_parameters_model(name):
    tree = ast.parse(cells(name, "code")[0])
    found = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body}
    found.pop("findings_file", None)
    defaults = {field: info.default for field, info in ReportParameters.model_fields.items()}
    assert list(found) == [field for field in defaults if field in found], "in the order of the model"
    assert found.items() <= defaults.items()
    # What the cell names is what the study is opened with: a parameter that is only named would rerun the chapter.
    (opened,) = (n for source in cells(name, "code") for n in ast.walk(ast.parse(source))
                 if isinstance(n, ast.Call) and ast.unparse(n.func) == "kr.open_study")  # fmt: skip
    used = {ast.unparse(opened.args[0]), *(keyword.arg for keyword in opened.keywords)}
    assert used == set(found)


def test_chapter_list_and_metadata_agree():
    for name in CHAPTERS:
        metadata = about(name)
        first = cells(name, "markdown")[0]
        assert re.fullmatch(r"# \S.*\n\n\*\S.*\?\*", first), "a title and a question, said here alone"
        assert name.startswith(metadata["number"] + "_")


def test_front_door_is_all_a_notebook_uses():
    import korus_research as kr

    for name in CHAPTERS:
        for source in cells(name, "code"):
            for node in ast.walk(ast.parse(source)):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    assert ast.unparse(node) == "import korus_research as kr"
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "kr":
                    assert hasattr(kr, node.attr)


@pytest.mark.slow
@pytest.mark.parametrize("agreement", ["colombia", "bahrain", "chile"])  # billions, millions, in force in January
def test_another_agreement_is_another_file(agreement):
    partner = load_agreement(agreement).partner.short
    lacks = lacking(ReportParameters(agreement=agreement).resolve())
    assert "claims" in lacks
    objects = {name: shown(name, agreement=agreement) for name in DESCRIPTIVE}
    everywhere = ("00_summary", "01_flows", "02_comparators", "14_context", "16_data_and_methods")
    assert set(objects) == {f"{name}.ipynb" for name in everywhere}
    texts = [s.plain for _, s in sentences(objects)]
    figures = [i for items in objects.values() for i in items if isinstance(i, Figure)]
    assert all(f.svg for f in figures)
    texts += [f"{f.subtitle} {f.caption}" for f in figures]
    assert any(partner in text for text in texts)
    # Named as one of many partners it is "South Korea"; an agreement's partner is told by its short name.
    assert not [text for text in texts if "Korea" in text.replace("South Korea", "") or "KORUS" in text]
    assert any("no figures of their own" in text and "services" in text for text in texts)  # it is not in the BOP table
    assert not [text for text in texts if "$0.0 billion" in text]  # small trade is told in a unit that shows it
