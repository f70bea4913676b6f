"""A TOML file that doesn't say what it must is one error with file, line and key, wherever the key stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings, strategies as st
from pydantic import BaseModel, ConfigDict, Field, model_validator

import korus_research
from korus_research.data.toml import TomlFile, load_toml, read_toml
from korus_research.errors import InvalidClaim, InvalidFile


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Leg(Part):
    id: str
    length: int = Field(ge=0)
    kind: Literal["front", "back"] = "front"


class Table(Part):
    name: str
    wood: dict[str, Leg] = {}
    legs: tuple[Leg, ...] = Field((), alias="leg")

    @model_validator(mode="after")
    def _stands(self) -> Table:
        if len(self.legs) == 1:
            raise ValueError("no leg or more than one")
        return self


GOOD = 'name = "t"\n\n[[leg]]\nid = "a"\nlength = 1\n\n[[leg]]\nid = "b"\nlength = 2\n'


@pytest.mark.parametrize(
    ("text", "line", "found", "expected"),
    [
        (GOOD.replace("length = 2", "lenght = 2"), 9, "leg 2 (b) lenght is no field here", "one of id, length, kind (did you mean 'length'?)"),
        (GOOD.replace("length = 2\n", ""), 7, "leg 2 (b) length is missing", "a value"),
        (GOOD + "lenght = 2\n", 10, "leg 2 (b) lenght is no field here", "one of id, length, kind (did you mean 'length'?)"),
        (GOOD.replace("length = 2", "length = -2"), 9, "leg 2 (b) length is -2", "greater than or equal to 0"),
        (GOOD.replace("length = 1", 'length = 1\nkind = "middle"'), 6, "leg 1 (a) kind is 'middle'", "'front' or 'back'"),
        (GOOD.replace('name = "t"', "# no name\n"), 1, "name is missing", "a value"),
        (GOOD[: GOOD.rindex("[[leg]]")], 1, "the whole is inconsistent", "no leg or more than one"),
        (GOOD + '\n[wood]\noak = { id = "o", length = "x" }\n', 12, "wood oak length is 'x'", "a valid integer"),
        (GOOD + '\n[wood.oak]\nid = "o"\nlength = 1\nbark = 1\n', 14, "wood oak bark is no field here", "one of id, length, kind"),
        (GOOD.replace("leg]]", "legs]]"), 3, "legs is no field here", "did you mean 'leg'?"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named_with_its_line(
    tmp_path: Path, text: str, line: int, found: str, expected: str
) -> None:
    path = tmp_path / "table.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidClaim) as caught:
        load_toml(path, Table, InvalidClaim)
    assert caught.value.found == f"{path}, line {line}: {found}"
    assert expected in caught.value.expected
    assert caught.value.do == "Correct the file"


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"name = ", "Invalid value"),
        (b'name = "t"\nname = "u"\nx = 1\n', "line 2"),
        (b'# one\n# two \xff\nname = "t"', "byte 0xff in line 2 is not UTF-8"),
        (None, "no such file or directory"),
    ],
)
def test_what_can_not_be_read_is_one_line(tmp_path: Path, raw: bytes | None, found: str) -> None:
    path = tmp_path / "table.toml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(InvalidFile, match=rf"{re.escape(str(path))}: can't be read as TOML \(.*{found}.*\)") as caught:
        load_toml(path, Table)
    assert "\n" not in str(caught.value)
    assert caught.value.expected == "a TOML file in UTF-8"


def test_a_byte_order_mark_and_windows_newlines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "table.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert [leg.id for leg in load_toml(path, Table).legs] == ["a", "b"]
    assert read_toml(path).line("leg", 1, "length") == 9


def test_a_part_of_a_file_is_fitted_and_named_from_the_root(tmp_path: Path) -> None:
    path = tmp_path / "table.toml"
    path.write_text('[one]\nid = "a"\nlength = 1\n\n[two]\nid = "b"\nlength = "c"\n', encoding="utf-8")
    file = read_toml(path)
    assert file.fitted(Leg, "one").length == 1
    with pytest.raises(InvalidFile, match=r"table.toml, line 7: two length is 'c'"):
        file.fitted(Leg, "two")
    with pytest.raises(InvalidFile, match=r"table.toml, line 1: three id is missing"):
        file.fitted(Leg, "three")


def keys_of(content: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every key and list index of what tomllib read, and the value's text where it is a leaf."""
    children = content.items() if isinstance(content, dict) else enumerate(content) if isinstance(content, list) else ()
    for key, value in children:
        yield (*place, key)
        yield from keys_of(value, (*place, key))


def leaf(content: Any, place: tuple[str | int, ...]) -> Any:
    for key in place:
        content = content[key]
    return None if isinstance(content, dict | list) else content


KEYS = st.text("ab-_1", min_size=1, max_size=3) | st.text(" .#[]=\"'\\é\n", max_size=3)
TREES = st.recursive(
    st.integers(0, 6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


class Writer:
    """Writes a tree as TOML in one of the many ways there are; every leaf carries a number of its own."""

    def __init__(self, data: st.DataObject) -> None:
        self.data = data
        self.count = 1000

    def chance(self) -> bool:
        return self.data.draw(st.booleans())

    def key(self, name: str) -> str:
        if re.fullmatch(r"[A-Za-z0-9_-]+", name) and self.chance():
            return name
        if "'" not in name and "\n" not in name and self.chance():
            return f"'{name}'"
        return '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'

    def value(self, tree: Any) -> str:
        if isinstance(tree, list):
            gap = self.data.draw(st.sampled_from([" ", "\n", " # ]\n", ""]))
            return "[" + gap + f",{gap}".join(self.value(item) for item in tree) + gap + "]"
        if isinstance(tree, dict):
            return "{" + ", ".join(f"{self.key(k)} = {self.value(v)}" for k, v in tree.items()) + "}"
        self.count += 1
        n = self.count
        forms = [
            f"{n}", f"{n}.5", f'"{n} ] , # \\" }}"', f"'{n} [ \"'", f'"""{n}\n\nx = 1\n"]""""',
            f"'''{n}\n[x]\n'a''''", f"{n + 1000:04d}-01-02 03:04:05",
        ]  # fmt: skip
        return forms[tree]

    def table(self, tree: dict[str, Any], place: str = "") -> str:
        own, below = "", ""
        for name, value in tree.items():
            key = self.key(name)
            path = f"{place} . {key}" if place else key
            if isinstance(value, dict) and self.chance():
                below += f"\n[{path}] # a table\n" + self.table(value, path)
            elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value) and self.chance():
                below += "".join(f"\n[[ {path} ]]\n" + self.table(v, path) for v in value)
            elif isinstance(value, dict) and value and self.chance():
                own += "".join(f"{key}.{self.key(k)} = {self.value(v)}\n" for k, v in value.items())
            else:
                own += f"  {key} = {self.value(value)} # x = 1\n"
        return own + below


@settings(max_examples=100, deadline=None)
@given(tree=st.dictionaries(KEYS, TREES, max_size=5), data=st.data())
def test_every_key_is_found_on_the_line_where_its_value_begins(tree: dict[str, Any], data: st.DataObject) -> None:
    text = Writer(data).table(tree)
    content = tomllib.loads(text)
    file, lines = TomlFile(Path("x.toml"), text, content, InvalidFile), text.split("\n")
    assert file._lines.keys() == set(keys_of(content))
    for place in keys_of(content):
        if (value := leaf(content, place)) is not None:
            number = re.match(r"\d{4}", str(value))
            assert number
            assert number[0] in lines[file.line(*place) - 1], place


def test_every_toml_file_of_the_project_is_read_and_each_of_its_keys_found() -> None:
    paths = sorted(Path(korus_research.__file__).parent.rglob("*.toml"))
    assert len(paths) > 20
    for path in paths:
        file = read_toml(path)
        assert file._lines.keys() == set(keys_of(file.content)), path.name
