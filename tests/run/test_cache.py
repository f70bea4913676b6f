"""The cache gives back what was put, or nothing: never half of it, never something else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from korus_research.errors import InvalidParameter, OutputFolder
from korus_research.run.cache import Cache, open_cache

KEY = f"chapter-{'a' * 64}"
OTHER = f"chapter-{'b' * 64}"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 1 << 20)


def entries(cache: Cache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file()]


def test_what_was_put_comes_back_and_nothing_else(cache: Cache) -> None:
    assert cache.get(KEY) is None
    cache.put(KEY, b"one")
    cache.put(OTHER, b"")
    assert (cache.get(KEY), cache.get(OTHER)) == (b"one", b"")
    cache.put(KEY, b"two")
    assert cache.get(KEY) == b"two"


@given(place=st.integers(0, 200), bit=st.integers(0, 7), cut=st.booleans())
def test_a_damaged_entry_is_absent(tmp_path_factory: pytest.TempPathFactory, place: int, bit: int, cut: bool) -> None:
    cache = Cache(tmp_path_factory.mktemp("cache"), 1 << 20)
    cache.put(KEY, os.urandom(150))
    (path,) = entries(cache)
    content = bytearray(path.read_bytes())
    place %= len(content)
    if cut:
        content = content[:place]
    else:
        content[place] ^= 1 << bit
    path.write_bytes(content)
    assert cache.get(KEY) is None
    assert entries(cache) == [], "and gone, so that the next run can put it again"


def test_what_was_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 2500)
    keys = [f"chapter-{letter * 64}" for letter in "abc"]
    for key in keys:
        cache.put(key, os.urandom(1000))
    for age, key in zip((300, 200, 100), keys, strict=True):
        path = next(p for p in entries(cache) if p.name == key[-64:])
        os.utime(path, (time.time() - age,) * 2)
    assert cache.get(keys[0]) is not None, "used again, so the second is now the oldest"
    cache.prune()
    assert [cache.get(key) is not None for key in keys] == [True, False, True]


def test_drafts_of_processes_that_are_gone_are_removed_and_those_of_others_left(cache: Cache) -> None:
    cache.put(KEY, b"one")
    (path,) = entries(cache)
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    left, mine = (path.with_name(f".{path.name}-{pid}") for pid in (gone.pid, os.getpid()))
    left.write_bytes(b"half")
    mine.write_bytes(b"half")
    cache.prune()
    assert sorted(entries(cache)) == sorted([path, mine])


def test_a_file_in_the_place_of_the_cache_says_so(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(OutputFolder, match="is not a folder"):
        Cache(tmp_path / "cache", 1).put(KEY, b"")


def test_a_process_killed_while_it_writes_leaves_no_entry_that_is_read(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from korus_research.run.cache import Cache\n"
        "cache = Cache(Path(sys.argv[1]), 1 << 30)\n"
        "print('ready', flush=True)\n"
        "while True:\n"
        "    for letter in 'abcdef':\n"
        "        cache.put('chapter-' + letter * 64, letter.encode() * 3_000_000)\n"
    )
    for delay in (0.0, 0.003, 0.01, 0.03, 0.1):
        with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        for letter in "abcdef":
            found = Cache(tmp_path, 1 << 30).get("chapter-" + letter * 64)
            assert found in (None, letter.encode() * 3_000_000)


def test_the_cache_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORUS_CACHE", str(tmp_path / "mine"))
    monkeypatch.setenv("KORUS_CACHE_MB", "7")
    cache = open_cache()
    assert (cache.folder, cache.bound) == (tmp_path / "mine", 7 << 20)
    monkeypatch.delenv("KORUS_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if sys.platform == "linux":
        assert open_cache().folder == tmp_path / "xdg" / "korus-research"
    monkeypatch.setenv("KORUS_CACHE_MB", "some")
    with pytest.raises(InvalidParameter, match="KORUS_CACHE_MB is 'some'"):
        open_cache()
