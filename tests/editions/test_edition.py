"""An edition is complete, checked and described by its manifest, or it is not there."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from korus_research.data.agreements import load_agreement
from korus_research.data.parameters import ReportParameters
from korus_research.editions import content
from korus_research.editions.edition import Draft, Edition, drafting, open_edition, versions
from korus_research.errors import InvalidFile, OutputFolder, PublishFailed

ABOUT = {
    "agreement": "korus",
    "as_of": "2016-12",
    "edition": "Data through December 2016",
    "name": "Toy",
    "parameters": {},
}


def fill(draft: Draft, text: str = "new") -> None:
    draft.write("findings.json", f'["{text}"]')
    draft.write("report.html", f"<p>{text}</p>")
    draft.write("report.pdf", f"%PDF {text}")
    draft.write("tables/flows.csv", f"month,value\n2016-12,{text}\n")


def publish(target: Path, text: str = "new", *, change: Callable[[Draft], object] = lambda draft: None) -> Edition:
    with drafting(target) as draft:
        fill(draft, text)
        change(draft)
        return draft.publish(ABOUT, ("html", "pdf"))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "out" / "korus" / "2016-12"


def test_the_manifest_has_the_hash_of_every_file_and_versions_but_no_clock_and_no_path(target: Path) -> None:
    edition = publish(target)
    text = (target / "manifest.json").read_text()
    manifest = json.loads(text)
    files = {p.relative_to(target).as_posix() for p in target.rglob("*") if p.is_file()} - {"manifest.json"}
    assert set(manifest["outputs"]) == files == {"findings.json", "report.html", "report.pdf", "tables/flows.csv"}
    for name, digest in manifest["outputs"].items():
        assert hashlib.sha256((target / name).read_bytes()).hexdigest() == digest
    assert str(target.parents[1]) not in text
    assert manifest["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert {"papermill", "pandas", "typst"} <= set(manifest["versions"])
    assert edition.problems() == []
    assert (edition.html, edition.pdf, edition.brief) == (target / "report.html", target / "report.pdf", None)


def test_what_is_damaged_missing_or_added_later_is_found(target: Path) -> None:
    edition = publish(target)
    (target / "report.html").write_text("<p>new.</p>")
    (target / "report.pdf").unlink()
    (target / "tables" / "more.csv").write_text("x")
    assert edition.problems() == [
        "report.pdf is missing",
        "tables/more.csv is not in the manifest",
        "report.html has changed",
    ]


def test_an_edition_replaces_another_whole(target: Path) -> None:
    with drafting(target) as draft:
        fill(draft, "old")
        draft.write("notebooks/only_in_the_old.ipynb", "{}")
        draft.publish(ABOUT, ())
    publish(target)
    assert (target / "report.html").read_text() == "<p>new</p>"
    assert not (target / "notebooks").exists()
    assert [path.name for path in target.parent.iterdir()] == ["2016-12"]


def test_a_file_that_stays_as_it_is_is_not_written_again(target: Path) -> None:
    publish(target, "same")
    before = {path.name: path.stat().st_ino for path in target.rglob("*") if path.is_file()}
    edition = publish(target, "same", change=lambda draft: draft.write("report.html", "<p>other</p>"))
    after = {path.name: path.stat().st_ino for path in target.rglob("*") if path.is_file()}
    assert after["flows.csv"] == before["flows.csv"]
    assert after["report.html"] != before["report.html"]
    assert (target / "report.html").read_text() == "<p>other</p>"
    assert edition.problems() == []


def test_what_is_written_twice_leaves_the_present_edition_as_it_is(target: Path) -> None:
    publish(target, "same")
    with drafting(target) as draft:  # and never published
        fill(draft, "same")  # linked to the present files
        draft.write("report.html", "<p>other</p>")
    assert (target / "report.html").read_text() == "<p>same</p>"
    found = open_edition(target)
    assert found is not None
    assert found.problems() == []


def test_an_edition_without_pdf_is_fine_when_none_was_asked_for(target: Path) -> None:
    with drafting(target) as draft:
        draft.write("findings.json", "[]")
        draft.write("report.html", "<p></p>")
        edition = draft.publish(ABOUT, ("html",))
    assert edition.pdf is None
    assert edition.html is not None


@pytest.mark.parametrize("leave_out", ["findings.json", "report.html", "report.pdf"])
def test_an_incomplete_edition_is_not_published(target: Path, leave_out: str) -> None:
    publish(target, "old")
    with pytest.raises(PublishFailed, match=leave_out):
        publish(target, change=lambda draft: (draft.content / leave_out).unlink())
    assert (target / "report.html").read_text() == "<p>old</p>"
    assert [path.name for path in target.parent.iterdir()] == ["2016-12"]


def test_an_empty_file_is_not_published(target: Path) -> None:
    with pytest.raises(PublishFailed, match=r"tables/empty\.csv is empty"):
        publish(target, change=lambda draft: draft.write("tables/empty.csv", ""))
    assert not target.exists()


@pytest.mark.parametrize("place", ["prefix", "home"])
def test_a_path_of_this_machine_is_not_published_but_an_address_that_looks_like_one_is(
    target: Path, place: str
) -> None:
    path = {"prefix": sys.prefix, "home": str(Path.home())}[place]
    publish(target, change=lambda draft: draft.write("tables/source.csv", f"https://example.org{path}/index.html\n"))
    warning = f'"{path}/lib/module.py:1: UserWarning"\n'
    with pytest.raises(PublishFailed, match=r"tables/warning\.csv holds a path"):
        publish(target, change=lambda draft: draft.write("tables/warning.csv", warning))


def test_whatever_is_not_an_edition_is_never_touched(target: Path, tmp_path: Path) -> None:
    target.mkdir(parents=True)
    (target / "thesis.txt").write_text("two years of work")
    with pytest.raises(OutputFolder, match="exists and is not an edition"), drafting(target):
        pass
    assert (target / "thesis.txt").read_text() == "two years of work"
    (target / "manifest.json").write_text('{"name": "a web app"}')
    assert open_edition(target) is None
    with pytest.raises(OutputFolder, match="exists and is not an edition"), drafting(target):
        pass
    real = publish(tmp_path / "elsewhere" / "korus" / "2016-12").folder
    link = tmp_path / "out" / "korus" / "2017-12"
    link.symlink_to(real)
    with pytest.raises(OutputFolder, match="exists and is not an edition"), drafting(link):
        pass


def test_a_folder_that_appears_during_the_run_is_not_replaced(target: Path) -> None:
    def appear(draft: Draft) -> None:
        draft.target.mkdir()
        (draft.target / "mine.txt").write_text("mine")

    with pytest.raises(OutputFolder, match="is not an edition"):
        publish(target, change=appear)
    assert (target / "mine.txt").read_text() == "mine"


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputFolder, match="is not a folder"), drafting(tmp_path / "out" / "korus" / "2016-12"):
        pass


PUBLISH = """
import sys
from collections.abc import Callable
from pathlib import Path
from korus_research.errors import KorusError
from korus_research.editions.edition import drafting
try:
    with drafting(Path(sys.argv[1]) / "korus" / "2016-12") as draft:
        draft.write("findings.json", "[]")
        draft.write("report.html", "x" * int(sys.argv[2]))
        about = dict.fromkeys(("agreement", "edition", "name"), "x")
        draft.publish({**about, "as_of": "2016-12", "parameters": {}}, ("html",))
except KorusError as error:
    print(type(error).__name__, error)
print(sorted(str(p.relative_to(sys.argv[1])) for p in Path(sys.argv[1]).rglob("*") if p.is_file()))
"""


@pytest.mark.parametrize(
    ("options", "size", "said"),
    [("size=64k", 1_000_000, "OutputFolder There is no space left"), ("ro", 10, "OutputFolder * can't be written")],
    ids=["full disk", "read-only disk"],
)
def test_a_full_or_read_only_disk_leaves_what_was_there(tmp_path: Path, options: str, size: int, said: str) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    python = f"{sys.executable} -c '{PUBLISH}' {disk}"
    # A disk of its own in a mount namespace of its own: no privilege beyond what user namespaces give.
    script = (
        f"mount -t tmpfs -o size=64k none {disk} && {python} 10 && mount -o remount,{options} {disk} && {python} {size}"
    )
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount namespaces here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    first, message, second = done.stdout.splitlines()
    assert all(part in message for part in said.split(" * ")), message
    assert (
        second == first == str([f"korus/2016-12/{name}" for name in ("findings.json", "manifest.json", "report.html")])
    )


def test_a_failure_is_kept_until_the_next_success(target: Path) -> None:
    publish(target, "old")
    with drafting(target) as draft:
        (draft.work / "error.html").write_text("cell 4")
        (draft.work / "failed.ipynb").write_text("{}")
        page = draft.keep_failure()
    assert page == target.parent / ".failed-2016-12" / "error.html"
    assert page.read_text() == "cell 4"
    assert (page.parent / "failed.ipynb").exists()
    assert (target / "report.html").read_text() == "<p>old</p>"
    publish(target)
    assert not page.exists()


def test_versions_are_those_that_are_installed() -> None:
    import typer

    assert versions()["typer"] == typer.__version__


def test_another_patch_of_python_changes_no_byte_of_what_was_published(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh clone on Debian's Python must not come out changed after its first report."""
    publish(target)
    published, own = (target / "manifest.json").read_bytes(), platform.python_version().split(".")
    monkeypatch.setattr(platform, "python_version", lambda: ".".join([*own[:2], "99"]))
    publish(target)
    assert (target / "manifest.json").read_bytes() == published
    monkeypatch.setattr(platform, "python_version", lambda: "3.99.1")
    publish(target)
    assert json.loads((target / "manifest.json").read_text())["versions"]["python"] == "3.99.1"


def test_a_manifest_that_lacks_what_an_edition_has_is_no_edition(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text('{"kind": "korus-research edition 1"}', encoding="utf-8")
    assert open_edition(tmp_path) is None


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("title = ", "titel = ", "line 1: title can't be said (KeyError: 'title')"),
        ("{short_name}: promise", "{partner}: promise", "line 4: title can't be said (KeyError: 'partner')"),
        ("Did the {name} deliver", "Did the {name deliver", "line 5: subtitle can't be said (ValueError"),
    ],
)
def test_words_of_the_title_page_that_can_not_be_said_are_named_with_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str, found: str
) -> None:
    path = tmp_path / "words.toml"
    path.write_text(content.WORDS.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(content, "WORDS", path)
    with pytest.raises(InvalidFile, match=re.escape(f"{path}, {found}")):
        content.report_meta(load_agreement("korus"), ReportParameters.parse({}).resolve())


def test_a_file_that_somebody_laid_beside_an_edition_is_named_and_stays(target: Path) -> None:
    publish(target)
    (target / "ERRATUM.txt").write_text("page 7: read 3, not 5")
    with pytest.raises(OutputFolder, match=r"ERRATUM\.txt"):
        publish(target)
    assert (target / "ERRATUM.txt").read_text() == "page 7: read 3, not 5"
    (target / "ERRATUM.txt").unlink()
    (target / "notebooks" / ".ipynb_checkpoints").mkdir(parents=True)
    (target / "notebooks" / ".ipynb_checkpoints" / "01-checkpoint.ipynb").write_text("{}")
    publish(target)  # what JupyterLab leaves is nobody's work


def test_a_published_pdf_is_not_lost_where_only_html_is_asked_for(target: Path) -> None:
    publish(target)
    before = (target / "report.pdf").read_bytes()
    with pytest.raises(OutputFolder, match=r"report\.pdf, which would be deleted"), drafting(target, ("html",)):
        pytest.fail("a draft of what would lose the PDF")
    assert (target / "report.pdf").read_bytes() == before
