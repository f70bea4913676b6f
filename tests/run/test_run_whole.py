"""A whole report from small chapters: what it leaves behind, that it is the same every time, and that it needs no network."""

from __future__ import annotations

import errno
import html
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from runnable import Notebooks, prose

from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
from korus_research.editions.index import find_editions

pytestmark = pytest.mark.slow  # makes reports, small ones (decision 37)

PARAMETERS = ReportParameters.parse({"as_of": "2016-12"})


@pytest.fixture
def notebooks(tmp_path: Path) -> Notebooks:
    made = Notebooks(tmp_path / "notebooks")
    made.add("00_summary", "import json; found = json.load(open(findings_file))", prose("In short."), wave=2)
    made.add("01_flows", prose("Exports rose.", ("flows.exports", 42.3)))
    made.add("02_comparators", prose("Shares fell.", ("comparators.share", -3.1)))
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_the_same_inputs_give_the_same_bytes_in_any_folder_and_with_any_number_of_jobs(
    notebooks: Notebooks, tmp_path: Path
) -> None:
    build_report(PARAMETERS, out=tmp_path / "one", jobs=2, notebooks=notebooks.folder)
    build_report(PARAMETERS, out=tmp_path / "a place elsewhere" / "two", jobs=1, notebooks=notebooks.folder)
    one, two = files(tmp_path / "one"), files(tmp_path / "a place elsewhere" / "two")
    assert sorted(one) == sorted(two)
    assert [name for name in one if one[name] != two[name]] == []
    edition = {name.removeprefix("korus/2016-12/") for name in one if name.startswith("korus/2016-12/")}
    stems = ("00_summary", "01_flows", "02_comparators")
    notebooks_made = {f"notebooks/{stem}.ipynb" for stem in stems}
    described = {"README.md", "ro-crate-metadata.json", "manifest.json"}
    assert edition == {"report.html", "report.pdf", "findings.json", *described, *notebooks_made}
    assert "index.html" in one


def test_an_edition_says_what_it_was_made_from(notebooks: Notebooks, tmp_path: Path) -> None:
    from korus_research.data import open_catalog

    notebooks.add("15_claims", prose("Claims."))
    edition = build_report(PARAMETERS, out=tmp_path / "out", formats=("html",), notebooks=notebooks.folder)
    manifest = edition.manifest
    assert manifest["parameters"]["as_of"] == "2016-12"
    assert manifest["parameters"]["baseline_year"] == 2011, "the default of the agreement, filled in"
    assert set(manifest["data"]) == set(open_catalog().names)
    assert edition.problems() == []
    found = json.loads((edition.folder / "findings.json").read_text(encoding="utf-8"))
    assert [(f["id"], f["value"]) for f in found] == [("comparators.share", -3.1), ("flows.exports", 42.3)]
    assert [e.folder for e in find_editions(tmp_path / "out")] == [edition.folder]


def test_a_chapter_that_the_agreement_can_not_have_is_left_out_and_the_report_says_so(
    notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebooks.add("15_claims", "raise SystemError('never run')")
    monkeypatch.setattr("korus_research.chapters.lacking.lacking", lambda *_: {"claims": ("claims", "claims")})
    edition = build_report(PARAMETERS, out=tmp_path / "out", formats=("html",), notebooks=notebooks.folder)
    assert [entry["title"] for entry in edition.manifest["left_out"]] == ["Claims"]
    assert edition.html is not None
    text = html.unescape(edition.html.read_text(encoding="utf-8"))
    assert "Left out: Claims" in text
    why = edition.manifest["left_out"][0]["reason"]
    assert "claims" in why
    assert "December 2016" in why
    assert why in text
    assert not (edition.folder / "notebooks" / "15_claims.ipynb").exists()


def test_an_edition_is_replaced_by_the_next(notebooks: Notebooks, tmp_path: Path) -> None:
    build_report(PARAMETERS, out=tmp_path / "out", formats=("html",), notebooks=notebooks.folder)
    notebooks.save(
        "01_flows", json.loads(json.dumps(notebooks.read("01_flows")).replace("Exports rose", "Exports fell"))
    )
    edition = build_report(PARAMETERS, out=tmp_path / "out", formats=("html",), notebooks=notebooks.folder)
    assert edition.html is not None
    assert "Exports fell" in edition.html.read_text(encoding="utf-8")
    assert [path.name for path in edition.folder.parent.iterdir()] == ["2016-12"]


BUILD = """
import socket, sys
from pathlib import Path
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
if __name__ == "__main__":
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=1)
    except OSError as error:
        print(error.errno)
    parameters = ReportParameters.parse({"as_of": "2016-12"})
    print(build_report(parameters, out=Path(sys.argv[2]), notebooks=Path(sys.argv[1])).pdf.name)
"""


def test_a_report_is_made_where_there_is_no_network_at_all_not_even_loopback(
    notebooks: Notebooks, tmp_path: Path
) -> None:
    import errno

    if not shutil.which("unshare") or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("network namespaces are not permitted here")
    script = tmp_path / "build.py"
    script.write_text(BUILD)
    command = ["unshare", "-rn", sys.executable, str(script), str(notebooks.folder), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str(errno.ENETUNREACH), "report.pdf"]


def test_a_full_disk_while_publishing_is_one_clear_error(
    notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from korus_research.errors import OutputFolder
    from korus_research.publish.converters import fragments

    def full(**more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/tmp/korus-x")

    monkeypatch.setattr(fragments.tempfile, "TemporaryDirectory", full)
    with pytest.raises(OutputFolder, match="no space left"):
        build_report(PARAMETERS, out=tmp_path / "out", notebooks=notebooks.folder)
    assert not list((tmp_path / "out").rglob("report.*"))
