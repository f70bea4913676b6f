"""A report on an agreement of one's own: a file by its path, that the edition carries and no path of which it holds."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from runnable import Notebooks, prose
from toy_agreement import MINIMAL

import korus_research as kr
from korus_research.data.agreements import HOME, list_agreements
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
from korus_research.editions.edition import Edition
from korus_research.editions.explain import explain
from korus_research.editions.sweep import orders
from korus_research.errors import InvalidAgreement, UnknownAgreement

READS = 'agreement = "korus"\nas_of = None'
# The kernel finds the file by the name that it is given, in its own folder.
SAYS = "import tomllib\nname = tomllib.loads(open(agreement, encoding='utf-8-sig').read())['names']['en']"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with the agreement in a folder below, under a name that is not its id."""
    (tmp_path / "files of mine").mkdir()
    (tmp_path / "files of mine" / "draft 2.toml").write_text(MINIMAL, encoding="utf-8-sig")
    monkeypatch.chdir(tmp_path)
    return tmp_path / "files of mine" / "draft 2.toml"


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    made.add("01_flows", SAYS, prose("Exports.", ("flows.exports", 42.3)), parameters=READS)
    return made


def make(notebooks: Notebooks, agreement: str | Path, out: Path) -> Edition:
    parameters = ReportParameters.parse({"agreement": agreement, "as_of": "2016-12"})
    return build_report(parameters, out=out, formats=("html",), notebooks=notebooks.folder)


@pytest.mark.slow
def test_an_edition_carries_the_file_and_no_path_of_it(here: Path, notebooks: Notebooks, tmp_path: Path) -> None:
    edition = make(notebooks, "files of mine/draft 2.toml", tmp_path / "out")
    assert edition.folder == tmp_path / "out" / "toy" / "2016-12"
    assert (edition.folder / "notebooks" / "toy.toml").read_bytes() == here.read_bytes()
    digest = sha256(here.read_bytes()).hexdigest()
    assert edition.manifest["agreement_file"] == {"name": "toy.toml", "sha256": digest}
    assert edition.manifest["parameters"]["agreement"] == "toy.toml"
    for path in edition.folder.rglob("*"):
        assert not path.is_file() or b"files of mine" not in path.read_bytes(), path
    assert digest[:12] in (edition.folder / "report.html").read_text("utf-8")
    executed = json.loads((edition.folder / "notebooks" / "01_flows.ipynb").read_text("utf-8"))
    assert any('agreement = "toy.toml"' in "".join(cell["source"]) for cell in executed["cells"])

    asked = ReportParameters.parse({"agreement": str(here), "as_of": "2016-12"})
    assert [one.runs for one in explain(asked, notebooks=notebooks.folder)] == [False], "by another path"
    here.write_text(MINIMAL + "\n# a remark\n", encoding="utf-8")
    [told] = explain(asked, notebooks=notebooks.folder)
    assert told.runs
    assert "toy.toml" in told.why


def test_a_study_takes_a_path(here: Path) -> None:
    study = kr.open_study("./files of mine/draft 2.toml", as_of="2016-12")
    assert study.agreement.short_name == "TOY"
    assert kr.open_study(here, as_of="2016-12").parameters == study.parameters
    assert "files of mine" not in study.parameters.model_dump_json()


def test_a_file_of_the_package_is_its_agreement_by_any_path() -> None:
    named, by_path = (kr.open_study(name, as_of="2016-12") for name in ("colombia", HOME / "colombia.toml"))
    assert named.parameters == by_path.parameters


def test_a_file_beside_is_meant_by_its_bare_name(here: Path) -> None:
    here.rename("usmca.toml")
    with pytest.raises(UnknownAgreement, match=r"Write \./usmca\.toml"):
        kr.open_study("usmca")
    with pytest.raises(UnknownAgreement, match=r"/usmac\.toml: no such file"):
        kr.open_study("./usmac.toml")


def test_an_id_of_the_package_is_refused_for_an_edition(here: Path, notebooks: Notebooks, tmp_path: Path) -> None:
    here.write_text(MINIMAL.replace('id = "toy"', 'id = "chile"'), encoding="utf-8")
    assert kr.open_study(here, as_of="2016-12").agreement.id == "chile", "a study replaces nothing"
    with pytest.raises(InvalidAgreement, match="id is 'chile', which is also an agreement of the package"):
        make(notebooks, here, tmp_path / "out")
    assert not list((tmp_path / "out").glob("chile/*"))


def test_a_sweep_takes_a_path(here: Path, tmp_path: Path) -> None:
    [order] = orders([str(here)], ["2016-12"], out=tmp_path, formats=("html",))
    assert order.folder == tmp_path / "toy"
    every = orders(["all", str(here)], ["2016-12"], out=tmp_path, formats=("html",))
    assert [one.folder.name for one in every] == [*list_agreements(), "toy"]
