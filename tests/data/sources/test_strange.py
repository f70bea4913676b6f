"""Whatever a source says is its figures, nothing, or one error that names it: never another error of Python."""

from __future__ import annotations

import contextlib
import copy
import json
import random
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st

from korus_research.data import sources
from korus_research.data.sources import spec
from korus_research.data.sources.answer import Answer, Request
from korus_research.data.sources.reading import Reader

HERE = Path(__file__).parent / "recorded"
LAYOUTS = {
    spec.describe(name).layout(one.id): (name, one.id) for name in spec.names() for one in spec.describe(name).dataset
}
WORDS = (
    *(
        "BEAAPI",
        "Results",
        "Data",
        "Error",
        "Notes",
        "DataValue",
        "NoteRef",
        "observations",
        "count",
        "offset",
        "message",
    ),
    *("data", "dataSets", "structures", "dimensions", "series", "observation", "values", "attributes", "dataflows"),
    *(
        "RESULT",
        "CODE",
        "StatisticSearch",
        "row",
        "list_total_count",
        "err",
        "errMsg",
        "dto",
        "tables",
        "page",
        "pages",
    ),
    *("column_groups", "columns", "label", "row_groups", "rowsNew", "rowEntries", "value", "errors", "error_message"),
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.sampled_from(["", "0", "x", "2024", "2024-13", "9" * 400])
)
ANY = st.recursive(
    SCALARS,
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inside, max_size=4),
    max_leaves=14,
)


def _read(layout: str, content: bytes, status: int = 200) -> None:
    """Do with an answer all that is done with one; SourceFailed is the only error there may be."""
    source, dataset = LAYOUTS[layout]
    answer = Answer(source, dataset, {}, "", status, {}, "", sha256(content).hexdigest(), content)
    reader = Reader(source, dataset)
    reader.marked(answer)
    with contextlib.suppress(sources.SourceFailed):
        reader.frame(answer)
    with contextlib.suppress(sources.SourceFailed):
        if reader.refused(answer) is None:
            reader.more(Request(source, dataset, "https://example.org/json/en/1/9/x"), answer)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=20)
@example(content=[[[]]], status=200)  # once pandas' own error
@given(content=ANY, status=st.sampled_from([200, 400]))
def test_any_json_is_an_answer_or_one_error(layout: str, content: object, status: int) -> None:
    _read(layout, json.dumps(content).encode(), status)


@pytest.mark.parametrize("layout", LAYOUTS)
@settings(max_examples=20)
@given(
    content=st.binary(max_size=80) | st.binary(max_size=40).map(lambda tail: b"PK\x03\x04" + tail),
    status=st.sampled_from([200, 400]),
)
def test_any_bytes_are_an_answer_or_one_error(layout: str, content: bytes, status: int) -> None:
    _read(layout, content, status)


RECORDED = [path for path in sorted(HERE.rglob("*.json")) if path.stat().st_size]


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_answer_with_a_part_changed_is_an_answer_or_one_error(path: Path) -> None:
    """Each part in turn taken out, or made a text, null, a list, an object."""
    whole = json.loads(path.read_text(encoding="utf-8"))
    places = list(_places(whole))
    for keys in random.Random(0).sample(places, min(len(places), settings().max_examples // 8)):
        for changed in (None, "x", [], {}, [None], {"x": None}, 10**400, ...):
            made = copy.deepcopy(whole)
            inside = made
            for key in keys[:-1]:
                inside = inside[key]
            if changed is ...:
                del inside[keys[-1]]
            else:
                inside[keys[-1]] = changed
            _read(path.parent.name, json.dumps(made).encode())


def _places(part: Any, *keys: str | int) -> Any:
    if keys:
        yield keys
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inside:
        yield from _places(value, *keys, key)
