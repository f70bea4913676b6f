"""Disks and streams that refuse, memories that hold something else: the report, or one line that names the right place."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
import zlib
from collections import namedtuple
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import sample
from forking import Server, use_light
from runnable import Notebooks, prose

from korus_research.data import files
from korus_research.data.cache.store import open_cache
from korus_research.data.parameters import ReportParameters
from korus_research.editions.build import build_report
from korus_research.editions.diff import difference
from korus_research.editions.edition import drafting, open_edition
from korus_research.editions.index import find_editions, write_index
from korus_research.errors import OutputFolder
from korus_research.run.kernels.pool import sockets_folder
from korus_research.run.progress import PlainProgress

pytestmark = pytest.mark.slow  # makes reports, small ones (decision 37); `make break-test`

PARAMETERS = ReportParameters.parse({"as_of": "2016-12"})
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def make(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, bytes]]:
    """Makes a small report and returns its files."""
    use_light(monkeypatch, server)
    made = Notebooks(tmp_path / "notebooks")
    made.add("00_summary", "import json; found = json.load(open(findings_file))", prose("In short."), wave=2)
    made.add("01_flows", prose("Exports rose.", ("flows.exports", 42.3)))

    def build(out: str) -> dict[str, bytes]:
        edition = build_report(PARAMETERS, out=tmp_path / out, notebooks=made.folder, formats=("html",))
        return {p.name: p.read_bytes() for p in sorted(edition.folder.rglob("*")) if p.is_file()}

    return build


def free(monkeypatch: pytest.MonkeyPatch, spaces: dict[Path, int]) -> None:
    """Let disks have so much space left."""

    def usage(path: Path) -> Usage:
        return Usage(1 << 40, 0, next(space for place, space in spaces.items() if path.is_relative_to(place)))

    monkeypatch.setattr(files.shutil, "disk_usage", usage)


def test_a_full_temporary_folder_is_told_before_anything_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files.tempfile, "tempdir", str(tmp_path))
    free(monkeypatch, {tmp_path: 256 << 10})
    with pytest.raises(OutputFolder, match=rf"{tmp_path} has 256 kB left.*TMPDIR"):
        sockets_folder()


@pytest.mark.parametrize("full", ["out", "temporary"])
def test_no_space_without_a_name_blames_the_fuller_place(
    full: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {name: tmp_path / name for name in ("out", "temporary")}
    for place in places.values():
        place.mkdir()
    monkeypatch.setattr(files.tempfile, "tempdir", str(places["temporary"]))
    free(monkeypatch, {place: (0 if name == full else 1 << 30) for name, place in places.items()})
    with pytest.raises(OutputFolder) as caught, files.output_errors(places["out"] / "korus"):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert str(places[full]) in str(caught.value)
    assert ("TMPDIR" in str(caught.value)) == (full == "temporary")


def test_no_temporary_folder_at_all_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in [...]")

    monkeypatch.setattr(files.tempfile, "gettempdir", none)
    with pytest.raises(OutputFolder, match="no temporary folder"):
        files.temporary_folder()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc and /dev/full")
@pytest.mark.parametrize(
    ("command", "redirected", "code", "said"),
    [
        ("report --as-of 2016-12 --out /proc/nowhere", "", 1, "OutputFolder: /proc/nowhere can't be written"),
        ("report --as-of 2016-12 --out /dev/null", "", 1, "is not a folder"),
        ("data list", ">&-", 0, ""),
        ("data list", ">/dev/full", 1, "No space left"),
        ("--help", ">&-", 0, ""),
        ("--help", ">/dev/full", 1, "No space left"),
        ("agreements", ">&- 2>&-", 0, ""),
    ],
)
def test_the_command_ends_with_one_line(command: str, redirected: str, code: int, said: str) -> None:
    shell = f"{sys.executable} -m korus_research {command} {redirected}"
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert len([line for line in done.stderr.splitlines() if not line.startswith("[")]) == bool(said)


def test_progress_that_nobody_can_read_stops_nothing() -> None:
    class Gone(StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    PlainProgress(Gone()).step("publishing")


def entries(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*/*/*")) if path.is_file()]


def kind(path: Path) -> str:
    return path.parts[-3]


def poison(path: Path, content: bytes) -> None:
    """Give an entry other content under the checksum that fits it."""
    packed = zlib.compress(content)
    key = f"{kind(path)}-{path.name}"
    path.write_bytes(hashlib.sha256(key.encode() + packed).digest() + packed)


@pytest.mark.parametrize(
    "content",
    [b"", b"x", b"null", b"[]", b"{}", b"7", b'{"cells": []}', b'{"resolved": {}, "lacks": 1}', b"[[[" * 9999, b"\xff"],
    ids=lambda content: content[:12].decode(errors="replace"),
)
def test_a_right_checksum_and_wrong_content_costs_time_only(
    content: bytes, make: Callable[[str], dict[str, bytes]]
) -> None:
    made = make("one")
    held = entries(open_cache().folder)
    assert {"chapter", "plan", "code", "last"} <= {kind(path) for path in held}
    for path in held:
        if kind(path) != "piece":  # any text can be one
            poison(path, content)
    assert make("two") == made


def test_a_plan_or_chapter_of_another_is_not_taken(make: Callable[[str], dict[str, bytes]]) -> None:
    made = make("one")
    chapters = [path for path in entries(open_cache().folder) if kind(path) == "chapter"]
    contents = [zlib.decompress(path.read_bytes()[32:]) for path in chapters]
    assert len(chapters) == 2
    for path, content in zip(chapters, reversed(contents), strict=True):
        poison(path, content)
    for path in entries(open_cache().folder):
        if kind(path) == "plan":
            plan = json.loads(zlib.decompress(path.read_bytes()[32:]))
            plan["resolved"]["as_of"] = "2017-11"
            poison(path, json.dumps(plan).encode())
    assert make("two") == made


@pytest.mark.skipif(os.geteuid() != 0 and sys.platform != "linux", reason="mounts")
@pytest.mark.parametrize("options", ["size=32k", "ro"])
def test_a_full_or_read_only_cache_costs_time_only(options: str, tmp_path: Path) -> None:
    """In a mount namespace of its own; the store answers as one that holds nothing."""
    (tmp_path / "cache").mkdir()
    code = (
        "import os; from korus_research.data.cache.store import open_cache; cache = open_cache();"
        "key = 'plan-' + '0' * 64; kept = cache.put(key, os.urandom(1 << 20)); cache.prune();"
        "print(kept, cache.get(key), cache.read(key, len))"
    )
    script = f'mount -t tmpfs -o {options} none {tmp_path}/cache && KORUS_CACHE={tmp_path}/cache {sys.executable} -c "{code}"'
    done = subprocess.run(["unshare", "-rm", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"no mount namespaces here: {done.stderr.strip()}")
    assert (done.returncode, done.stdout.split()) == (0, ["False", "None", "None"]), done.stderr


ABOUT: dict[str, Any] = {"agreement": "korus", "edition": "E", "name": "N", "parameters": {"baseline_year": 2011}}


def published(out: Path, as_of: str) -> Path:
    with drafting(out / "korus" / as_of) as draft:
        draft.write("findings.json", json.dumps([sample.finding("a.b", "1")]))
        draft.write("report.html", "<p>report</p>")
        draft.publish({**ABOUT, "as_of": as_of}, ("html",))
    return out / "korus" / as_of


@pytest.mark.parametrize(
    "change",
    [
        {"outputs": None},
        {"as_of": "soon"},
        {"as_of": 7},
        {"compared": {"a": {}}},
        {"compared": []},
        {"front": {"verdicts": {"a": "Right"}}},
        {"front": {"verdicts": 3}},
        {"parameters": []},
        {"name": None},
    ],
    ids=str,
)
def test_a_neighbour_s_broken_manifest_leaves_the_list_of_the_others(change: dict[str, Any], tmp_path: Path) -> None:
    published(tmp_path, "2016-12")
    neighbour = published(tmp_path, "2017-11") / "manifest.json"
    manifest = json.loads(neighbour.read_text(encoding="utf-8"))
    neighbour.write_text(json.dumps({**manifest, **change}), encoding="utf-8")
    assert "2016-12/report.html" in write_index(tmp_path).read_text(encoding="utf-8")
    assert [edition.folder.name for edition in find_editions(tmp_path)] == ["2016-12"]


def test_a_findings_file_that_was_edited_is_not_compared(tmp_path: Path) -> None:
    folder = published(tmp_path, "2016-12")
    (folder / "findings.json").write_text('[{"id": 1}]', encoding="utf-8")
    edition = open_edition(folder)
    assert edition is not None
    with pytest.raises(OutputFolder, match="was changed after it was published"):
        difference(edition, edition)
