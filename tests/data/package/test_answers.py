"""Stored answers: whole or absent, the same twice is once, what is damaged is noticed, two processes at once lose none."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from korus_research.data.package.answers import BOUND, Answers, open_answers
from korus_research.data.sources import Answer
from korus_research.errors import DamagedData, InvalidParameter, OutputFolder


def said(content: bytes, *, day: int = 1, month: str = "2026-08", status: int = 200) -> Answer:
    return Answer(
        source="fred",
        dataset="exchange-rates",
        request={"series_id": "EXKOUS", "through": month},
        address="https://api.stlouisfed.org/fred/series/observations?series_id=EXKOUS&api_key=REDACTED",
        status=status,
        headers={"date": "Sun, 29 Nov 2026 12:00:00 GMT"},
        fetched=f"2026-12-{day:02d}T12:00:00Z",
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        mark="2026-11-28",
    )


@pytest.fixture
def store(tmp_path: Path) -> Answers:
    return Answers(tmp_path / "answers", 1 << 20)


def test_an_answer_comes_back_as_it_was(store: Answers) -> None:
    answer = said(b'{"observations": []}')
    assert store.put(answer)
    (kept,) = store.newest()
    assert kept.read() == answer
    # By another road: the bytes lie under the name that sha256sum gives them.
    assert hashlib.sha256(kept.content.read_bytes()).hexdigest() == kept.content.name


def test_the_same_said_again_is_no_new_vintage_and_what_differs_is(store: Answers) -> None:
    assert [store.put(said(b"1", day=day)) for day in (1, 2)] == [True, False]
    assert store.put(said(b"2", day=3))
    assert store.put(said(b"1", day=4)), "back to what it was: that is news again"
    assert store.put(said(b"1", day=5, month="2026-09")), "another call"
    assert store.put(said(b"", day=6, status=204))
    assert [one.fetched[6:8] for one in store.vintages()] == ["01", "03", "04", "05", "06"]
    assert [one.fetched[6:8] for one in store.newest()] == ["05", "06"]


@pytest.mark.parametrize("damage", ["changed", "cut", "gone", "record", "swapped"])
def test_a_damaged_answer_is_noticed_and_asked_again(store: Answers, damage: str) -> None:
    store.put(said(b"a whole answer"))
    (kept,) = store.newest()
    if damage == "changed":
        kept.content.write_bytes(b"A whole answer")
    elif damage == "cut":
        kept.content.write_bytes(b"a whole")
    elif damage == "gone":
        kept.content.unlink()
    elif damage == "record":
        kept.record.write_text("{")
    else:
        kept.record.write_text(kept.record.read_text().replace("EXKOUS", "EXJPUS"))
    with pytest.raises(DamagedData, match="damaged") as problem:
        kept.read()
    assert str(kept.record) in str(problem.value)
    assert store.put(said(b"a whole answer", day=2)), "not taken for what is there already"
    assert store.newest()[-1].read().content == b"a whole answer"


def test_beyond_the_bound_the_oldest_go_and_never_the_last_of_a_call(tmp_path: Path) -> None:
    store = Answers(tmp_path / "answers", 3000)
    for day in range(1, 8):
        store.put(said(bytes([day]) * 1000, day=day))
    store.put(said(b"other" * 100, day=8, month="2026-09"))
    assert [one.fetched[6:8] for one in store.vintages()] == ["06", "07", "08"]
    assert sum(path.stat().st_size for path in tmp_path.glob("answers/*/content/*")) <= 3000
    with pytest.raises(OutputFolder, match=BOUND):
        store.put(said(b"x" * 4000, day=9))


def test_what_a_killed_writer_leaves_and_what_others_put_there_is_no_answer(store: Answers) -> None:
    store.put(said(b"1"))
    (kept,) = store.newest()
    (kept.record.parent / f".{kept.record.name}.new").write_text("half")
    (kept.record.parent / "notes.json").write_text("{}")
    (kept.content.parent / ("0" * 64)).write_bytes(b"no record names it")
    assert store.newest() == [kept]


WRITER = """
import sys
sys.path.insert(0, sys.argv[3])
from pathlib import Path
from test_answers import said
from korus_research.data.package.answers import Answers
store = Answers(Path(sys.argv[1]), 1 << 20)
for number in range(20):
    store.put(said(f"{sys.argv[2]} {number}".encode(), day=number + 1, month=sys.argv[2]))
    store.put(said(b"the same of both", day=1, month="both"))
"""


def test_two_processes_at_once_lose_nothing(store: Answers) -> None:
    here = str(Path(__file__).parent)
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, str(store.folder), name, here]) for name in ("one", "other")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    held = [one.read().content for one in store.vintages()]
    assert sorted(held) == sorted(
        [b"the same of both", *(f"{n} {i}".encode() for n in ("one", "other") for i in range(20))]
    )
    assert not list(store.folder.glob(".*.lock"))


def test_a_bound_that_is_no_number_and_a_folder_that_is_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputFolder, match="--answers"):
        open_answers(tmp_path / "file").put(said(b"1"))
    monkeypatch.setenv(BOUND, "much")
    with pytest.raises(InvalidParameter, match="megabytes"):
        open_answers()
