"""The cache gives back what was put, or nothing: never half of it, never something else."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from korus_research.data.cache.store import TAG, Cache, open_cache
from korus_research.errors import InvalidParameter

KEY = f"chapter-{'a' * 64}"
OTHER = f"chapter-{'b' * 64}"


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache", 1 << 20)


def entries(cache: Cache) -> list[Path]:
    return [path for path in cache.folder.rglob("*") if path.is_file() and path.name != TAG]


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


def test_drafts_that_nobody_holds_are_removed_and_those_of_others_left(cache: Cache) -> None:
    """Whoever writes one may be in another container, where its process number means nothing."""
    cache.put(KEY, b"one")
    (path,) = entries(cache)
    left, held = (path.with_name(f".{path.name}-{letter * 16}") for letter in "ab")
    left.write_bytes(b"half")
    with held.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        cache.prune()
        assert sorted(entries(cache)) == sorted([path, held])


@pytest.mark.parametrize("bound", [1 << 30, 0])
def test_files_that_are_not_of_the_cache_stay(tmp_path: Path, bound: int) -> None:
    """`KORUS_CACHE` may name a home, or the folder of another store of hashes."""
    cache, number = Cache(tmp_path, bound), "0" * 64
    cache.put(KEY, b"one")
    names = [".bashrc", "docs/thesis.tex", "x/.env", "chapter/aa/notes", "chapter/aa/.git", f"Objects/00/{number}"]
    for name in [*names, f"chapter/zz/{number}", f"chapter/00/.{number}-1"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (0, 0))
    cache.prune()
    assert all((tmp_path / name).read_text() == name for name in names)
    assert (cache.get(KEY) is None) == (bound == 0)


def test_a_folder_that_the_cache_has_not_marked_is_never_pruned(cache: Cache) -> None:
    cache.put(KEY, os.urandom(cache.bound + 1))
    (cache.folder / TAG).unlink()
    cache.prune()
    assert len(entries(cache)) == 1


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    assert not Cache(tmp_path / "cache", 1).put(KEY, b"")
    assert Cache(tmp_path / "cache", 1).get(KEY) is None


def test_a_full_disk_costs_time_only(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    cache.put(OTHER, b"before")
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", full)
        assert not cache.put(KEY, b"one")
    assert (cache.get(KEY), cache.get(OTHER)) == (None, b"before")
    assert len(entries(cache)) == 1


def test_only_its_user_can_read_it(cache: Cache) -> None:
    before = os.umask(0)
    try:
        cache.put(KEY, b"one")
    finally:
        os.umask(before)
    (path,) = entries(cache)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    folders = [cache.folder, *(one for one in cache.folder.rglob("*") if one.is_dir())]
    assert {stat.S_IMODE(one.stat().st_mode) for one in folders} == {0o700}


def test_what_another_user_has_put_there_is_absent(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.put(KEY, b"one")
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    assert cache.get(KEY) is None
    monkeypatch.undo()
    assert cache.get(KEY) == b"one"


def test_a_link_in_the_place_of_an_entry_is_absent(cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, b"one")
    (path,) = entries(cache)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert cache.get(KEY) is None


def test_an_entry_under_another_name_is_absent(cache: Cache) -> None:
    cache.put(KEY, b"one")
    (path,) = entries(cache)
    other = cache.folder / "chapter" / "bb" / ("b" * 64)
    other.parent.mkdir()
    path.rename(other)
    assert cache.get(OTHER) is None


def test_a_process_killed_while_it_writes_leaves_no_entry_that_is_read(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from korus_research.data.cache.store import Cache\n"
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


def test_a_user_without_a_home_has_a_cache_that_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    def no_home(*_: object, **__: object) -> Path:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.delenv("KORUS_CACHE", raising=False)
    monkeypatch.setattr(platformdirs, "user_cache_path", no_home)
    cache = open_cache()
    assert not cache.keeps
    assert not cache.put(KEY, b"one")
    assert cache.get(KEY) is None


def test_a_cache_says_whether_it_keeps_anything(cache: Cache, tmp_path: Path) -> None:
    assert cache.keeps
    (tmp_path / "file").write_text("")
    assert not Cache(tmp_path / "file" / "cache", 1 << 20).keeps
