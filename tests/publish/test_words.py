"""The publisher's own words are data: each is used, and what is missing or broken is one clear error."""

from __future__ import annotations

import re

import pytest

from korus_research.data.toml import read_toml
from korus_research.errors import InvalidFile
from korus_research.publish import templates
from korus_research.publish.templates import FOLDER, Words, words

FILE = read_toml(FOLDER / "words.toml")
ENTRIES = FILE.content


def test_every_word_is_used_and_every_used_word_is_there():
    package = FOLDER.parent
    code = "\n".join(path.read_text(encoding="utf-8") for path in package.rglob("*.py"))
    looks = "\n".join(p.read_text(encoding="utf-8") for p in FOLDER.rglob("*") if p.suffix in (".j2", ".typ"))
    used = set(re.findall(r"\bwords\(\)\.([a-z_0-9]+)", code)) | set(re.findall(r"\bwords\.([a-z_0-9]+)", looks))
    used.remove("toml")  # the file itself
    assert used | {"figure", "table"} == set(ENTRIES)  # those two are looked up by the kind of a block
    assert all(isinstance(text, str) and text for text in ENTRIES.values())


def test_a_word_that_is_missing_is_named_with_its_file():
    with pytest.raises(InvalidFile, match=r"words\.toml, line 1: sauce is missing"):
        _ = Words(FILE).sauce


def test_a_broken_file_is_one_clear_error(tmp_path, monkeypatch):
    (tmp_path / "words.toml").write_text('source = "Source\n')
    monkeypatch.setattr(templates, "FOLDER", tmp_path)
    words.cache_clear()
    try:
        with pytest.raises(InvalidFile, match=r"words\.toml.*line 1"):
            words()
    finally:
        words.cache_clear()
