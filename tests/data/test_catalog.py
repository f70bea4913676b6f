"""The catalog: what it gives, what it refuses, and what `as_of` leaves."""

from __future__ import annotations

import subprocess
import sys

import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from korus_research.cli import data as show
from korus_research.data import catalog as catalog_module, open_catalog
from korus_research.errors import InvalidParameter, MissingPartner, UnknownDataset

CATALOG = open_catalog()
TIMED = [name for name in CATALOG.names if CATALOG.describe(name).time is not None]
MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(1984, 2042), st.integers(1, 12))


def annual(partner: str, flow: str, year: int) -> float:
    trade = CATALOG.load("goods_trade_monthly")
    cells = trade[(trade["partner"] == partner) & (trade["flow"] == flow) & trade["month"].str.startswith(f"{year}-")]
    assert len(cells) == 12
    return float(cells["value_usd_mn"].sum())


@pytest.mark.parametrize(
    ("year", "exports", "imports", "balance"),
    [(2011, 43_461.6, 56_661.4, -13_199.7), (2016, 42_262.2, 69_886.8, -27_624.6)],
)
def test_korea_is_what_the_census_bureau_published(year: int, exports: float, imports: float, balance: float) -> None:
    # Published to USD 0.1 million: half of that, and rounding of the difference.
    assert annual("5800", "exports", year) == pytest.approx(exports, abs=0.05)
    assert annual("5800", "imports", year) == pytest.approx(imports, abs=0.05)
    assert annual("5800", "exports", year) - annual("5800", "imports", year) == pytest.approx(balance, abs=0.06)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("5800", "Korea, South"),
        ("5880", "Japan"),
        ("5830", "Taiwan"),
        ("4280", "Germany"),
        ("5700", "China"),
        ("2010", "Mexico"),
        ("1220", "Canada"),
    ],
)
def test_codes_are_those_of_schedule_c(code: str, name: str) -> None:
    partners = CATALOG.load("partners").set_index("partner")
    assert partners.loc[code, "name"] == name
    assert not partners.loc[code, "aggregate"]


def test_every_partner_of_a_table_has_a_name() -> None:
    named = set(CATALOG.load("partners")["partner"])
    for name in CATALOG.names:
        if "partner" in {c.name for c in CATALOG.describe(name).columns}:
            held = set(CATALOG.load(name)["partner"].dropna())
            if name == "wiod_economies":  # the rest of the world is no partner
                held -= {""}
            assert held <= named, name


def test_iso_codes_are_one_to_one_and_name_the_currencies() -> None:
    partners = CATALOG.load("partners")
    coded = partners[partners["iso3"] != ""]
    assert coded["iso3"].is_unique
    currencies = set(CATALOG.load("exchange_rates_monthly")["iso3"])
    assert currencies - set(coded["iso3"]) == {"EUR"}


def test_descriptor_says_where_each_table_ends() -> None:
    assert CATALOG.last_period("goods_trade_monthly", partner="5800") == "2026-08"
    for partner in ("0015", "5700", "4280", "3010"):
        assert CATALOG.last_period("goods_trade_monthly", partner=partner) == "2026-08"
    assert CATALOG.last_period("goods_trade_monthly", partner="7990") == "2024-12"
    assert CATALOG.last_period("goods_services_bop", as_of="2017-11") == "2017-Q3"
    assert CATALOG.last_period("import_demand_annual", as_of="2017-11") == "2016"


def test_the_duty_on_korea_has_every_month_and_all_countries_end_before_the_revision() -> None:
    duties = CATALOG.load("realised_duties_monthly")
    assert sorted(duties["month"]) == list(pd.period_range("2005-01", "2026-08", freq="M").astype(str))
    partners = CATALOG.load("partner_duties_monthly")
    assert partners.loc[partners["partner"] == "0015", "month"].max() == "2024-12"
    both = duties.merge(partners, on=["month", "partner"])
    assert len(both) == 164  # from January 2013
    assert (both["duty_usd_x"] == both["duty_usd_y"]).all()


def test_imports_of_2021_stay_empty() -> None:
    demand = CATALOG.load("import_demand_annual").set_index("year")
    assert list(demand.index[demand["imports_usd_mn"].isna()]) == [2021]


def test_all_countries_hold_their_countries() -> None:
    bop = CATALOG.load("goods_services_bop")
    bop = bop[bop["scope"] == "goods"]
    parts = bop[bop["partner"] != "0000"].groupby(["year", "quarter", "flow"])["value_usd_mn"].sum()
    whole = bop[bop["partner"] == "0000"].set_index(["year", "quarter", "flow"])["value_usd_mn"]
    share = (parts / whole.reindex(parts.index)).dropna()
    assert len(share) == len(whole)
    # 23 countries trade most of the total, and no sum of parts is larger than the whole.
    assert share.between(0.6, 1.0).all()


@settings(max_examples=25, deadline=None)
@given(as_of=MONTHS, name=st.sampled_from(TIMED))
def test_as_of_keeps_what_had_ended(as_of: str, name: str) -> None:
    dataset = CATALOG.describe(name)
    assert dataset.time is not None
    rows, kept = CATALOG.load(name), CATALOG.load(name, as_of=as_of)
    limit = pd.Period(as_of, freq="M").end_time
    periods = rows[[c for c in (dataset.time.field, dataset.time.within) if c]].drop_duplicates()
    ended = [_end(dataset.time.frequency, *row) <= limit for row in periods.itertuples(index=False)]
    wanted = rows.merge(periods[ended], how="inner")
    pd.testing.assert_frame_equal(kept, wanted)


def _end(frequency: str, field: object, within: int | None = None) -> pd.Timestamp:
    """The last moment of a row's period, by pandas' own calendar."""
    if frequency == "publication-year":
        return pd.Period(str(field), freq="Y").start_time
    if within is None:
        return pd.Period(str(field), freq="Y" if frequency == "year" else "M").end_time
    if within == 0:
        return pd.Period(str(field), freq="Y").end_time
    return pd.Period(
        f"{field}Q{within}" if frequency == "quarter" else f"{field}-{within}",
        freq="Q" if frequency == "quarter" else "M",
    ).end_time


@pytest.mark.parametrize(
    "as_of", ["2016", "2016-13", "2016-1", "december 2016", "2016-12-31", "\u0662\u0660\u0661\u0666-12"]
)
def test_as_of_must_be_a_month(as_of: str) -> None:
    with pytest.raises(InvalidParameter, match="YYYY-MM"):
        CATALOG.load("partners", as_of=as_of)


def test_unknown_dataset_suggests_the_closest() -> None:
    with pytest.raises(UnknownDataset, match=r"did you mean 'goods_trade_monthly'\?"):
        CATALOG.load("goods_trade_montly")


def test_unknown_partner_or_a_table_without() -> None:
    with pytest.raises(MissingPartner, match="9999"):
        CATALOG.last_period("goods_trade_monthly", partner="9999")
    with pytest.raises(InvalidParameter, match="has no periods"):
        CATALOG.last_period("partners")
    with pytest.raises(InvalidParameter, match="has no partners"):
        CATALOG.last_period("macro_annual", partner="5800")


def test_a_caller_cannot_damage_what_the_next_one_gets() -> None:
    first = CATALOG.load("goods_trade_monthly")
    first["value_usd_mn"] = 0.0
    first.loc[0, "partner"] = "9999"
    first.columns.name = "spoiled"
    second = CATALOG.load("goods_trade_monthly")
    assert second["value_usd_mn"].sum() > 0
    assert "9999" not in set(second["partner"])
    assert second.columns.name is None


def test_a_file_is_hashed_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[str] = []
    from korus_research.data.package import read

    original = read.read_table
    monkeypatch.setattr(read, "read_table", lambda d: (reads.append(d.name), original(d))[1])
    monkeypatch.setattr(catalog_module, "_read", {})
    for _ in range(3):
        open_catalog().load("partners")
    assert reads == ["partners"]


def test_numbers_and_texts_have_their_types() -> None:
    for name in CATALOG.names:
        frame = CATALOG.load(name)
        for column in CATALOG.describe(name).columns:
            whole = "int64" if column.required else "Int64"
            kind = {"string": "str", "integer": whole, "number": "float64", "boolean": "bool"}[column.type]
            assert str(frame[column.name].dtype) == kind, (name, column.name)
            if column.type == "string":
                assert frame[column.name].notna().all(), (name, column.name)


def test_opening_the_catalog_needs_no_pandas() -> None:
    code = (
        "import sys; from korus_research.data import open_catalog; c = open_catalog(); c.describe('partners');"
        "assert not {'pandas', 'pyarrow', 'numpy'} & set(sys.modules), 'heavy import'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_show_names_unit_source_and_caution_of_every_table() -> None:
    for name in CATALOG.names:
        dataset, text = CATALOG.describe(name), " ".join(show.show_text(CATALOG, name).split())
        assert dataset.sha256 in text
        for column in dataset.columns:
            assert column.description in text
            assert column.unit in text
        for source in dataset.sources:
            assert source.title in text
        for caution in (*dataset.gaps, *dataset.cautions):
            assert caution in text


def test_list_has_a_row_for_every_table() -> None:
    rows = show.list_rows(CATALOG)
    assert [row["name"] for row in rows] == list(CATALOG.names)
    assert all(row["title"] and row["source"] and row["rows"] for row in rows)


def test_every_unit_of_a_number_is_named() -> None:
    for name in CATALOG.names:
        for column in CATALOG.describe(name).columns:
            if column.type == "number":
                assert column.unit, (name, column.name)


def test_the_package_stays_small() -> None:
    assert (
        sum(path.stat().st_size for path in CATALOG.folder.iterdir() if path.suffix in (".csv", ".parquet", ".json"))
        < 10_000_000
    )


def test_the_catalog_as_a_frame_and_as_jupyterlab_shows_it() -> None:
    catalog = open_catalog()
    frame = catalog.to_frame()
    assert frame.index.tolist() == [*catalog.names]
    for name in ("partners", "goods_trade_monthly"):  # one of each format
        assert frame.loc[name, "rows"] == len(catalog.load(name))
    shown = catalog._repr_html_()
    assert all(f"<th>{name}</th>" in shown for name in catalog.names)
    assert "..." not in shown
