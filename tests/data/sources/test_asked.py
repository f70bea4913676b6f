"""What is asked is data that hangs together: with the embedded tables, with itself, with docs/refresh.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from korus_research.data.catalog import open_catalog
from korus_research.data.sources import failures, spec
from korus_research.data.sources.reading import Reader

DOCS = Path(__file__).resolve().parents[3] / "docs" / "refresh.md"
DATASETS = [(name, one.id) for name in spec.names() for one in spec.describe(name).dataset]


@pytest.mark.parametrize(("source", "dataset"), DATASETS)
def test_a_data_set_names_what_there_is(source: str, dataset: str) -> None:
    one = spec.describe(source).describe(dataset)
    tables = set(open_catalog().names)
    assert {*one.feeds, *one.vintages_of, *one.checks} <= tables
    assert all(column.codes in {"", *spec.describe(source).codes} for column in one.columns.values())
    assert set(one.instead_of) <= {other.id for other in spec.describe(source).dataset}
    assert Reader(source, dataset).dataset == one


@pytest.mark.parametrize(("source", "dataset"), DATASETS)
def test_calls_have_every_word_filled_in_and_no_key(source: str, dataset: str) -> None:
    for call in spec.requests(source, through="2026-08", since="2026-05", datasets=(dataset,)):
        assert call.address.startswith("https://")
        assert "{" not in call.at().replace("{key}", "")
        assert not re.search(r"<\w+>", call.body)


def test_codes_are_asked_for_that_can_be_read() -> None:
    for source, dataset in DATASETS:
        whole = spec.describe(source)
        one = whole.describe(dataset)
        for values in one.each.values():
            tables = [whole.codes[column.codes] for column in one.columns.values() if column.codes]
            assert all(any(value in table for table in tables) for value in values) or not tables


MONTHS = st.integers(2010 * 12, 2030 * 12).map(lambda count: f"{count // 12}-{count % 12 + 1:02d}")


@given(first=MONTHS, last=MONTHS)
def test_pieces_of_a_span_cover_every_month_once(first: str, last: str) -> None:
    first, last = sorted((first, last))
    calls = spec.requests("kcs", through=last, since=first)
    covered = []
    for call in calls:
        begin, end = (int(value[:4]) * 12 + int(value[4:]) for _, value in call.query)
        assert end - begin < 12
        covered += range(begin, end + 1)
    whole = range(int(first[:4]) * 12 + int(first[5:]), int(last[:4]) * 12 + int(last[5:]) + 1)
    assert covered == list(whole)


@pytest.mark.parametrize(("through", "since"), [("2026-08", "2023-01"), ("2026-04", "2023-01"), ("2026-03", "2025-01")])
def test_the_whole_span_open_to_revision_is_asked(through: str, since: str) -> None:
    """Census revises the year with each month, and with the June release (figures of April) three years back."""
    call = spec.requests("census", through=through, datasets=("exports-by-country",))[0]
    assert dict(call.query)["time"] == f"from {since} to {through}"


def test_without_a_key_only_keyless_roads_are_planned_where_there_are_any() -> None:
    assert [call.dataset for call in spec.requests("census", through="2026-08", has_key=False)] == ["country-workbook"]
    assert spec.requests("bea", through="2026-08", has_key=False) == spec.requests("bea", through="2026-08")


def test_an_unknown_name_is_one_error_with_the_nearest() -> None:
    with pytest.raises(failures.UnknownSource, match="did you mean 'census'"):
        spec.requests("cencus", through="2026-08")
    with pytest.raises(failures.UnknownSource, match="did you mean 'weo'"):
        spec.requests("imf", through="2026-08", datasets=("woe",))


def test_the_page_on_refreshing_lists_every_source_key_and_point_to_confirm() -> None:
    text = " ".join(DOCS.read_text(encoding="utf-8").split())
    for name in spec.names():
        source = spec.describe(name)
        wanted = [source.title, source.terms, *(one.id for one in source.dataset)]
        wanted += [source.notice] if source.notice else []
        wanted += [source.key.name, source.key.register_at.split(" ")[0]] if source.key else []
        wanted += [part for one in source.confirm for part in (one.point, one.how)]
        assert [said for said in wanted if said not in text] == []
