"""What is read from the sources' forms are the figures that were put into them: each table's by plain pandas."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from official import KEYS, Official

from korus_research.data import sources
from korus_research.data.sources import spec
from korus_research.data.sources.keys import Keys
from korus_research.data.sources.web import Web

Ask = Callable[..., list[sources.Answer]]
NUMBERS = dict.fromkeys(("value_usd_mn", "lcu_per_usd", "prices", "imports_usd_mn", "exports_usd_mn"), "")
AREAS = {"AllCountries": "0000", "SouthKorea": "5800", "Vietnam": "5520"}
TABLES = Path(spec.__file__).parents[1] / "tables"


def _table(name: str) -> pd.DataFrame:
    path = TABLES / name
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype={"partner": str, "code": str}, keep_default_na=False, na_values=NUMBERS)


def _same(found: pd.DataFrame, wanted: pd.DataFrame, key: list[str], value: str, rtol: float = 0) -> None:
    """Compare one value of two frames row by row; the found one must have every wanted row, and no row twice."""
    left, right = found.set_index(key)[value], wanted.set_index(key)[value]
    assert left.index.is_unique
    assert len(right) > 0
    pd.testing.assert_series_equal(
        left.reindex(right.index), right, check_names=False, check_dtype=False, rtol=rtol, atol=0
    )


@pytest.fixture
def read(ask: Ask) -> Callable[..., pd.DataFrame]:
    """Ask and parse a data set."""

    def frame(*asked: str) -> pd.DataFrame:
        return pd.concat([sources.parse(answer) for answer in ask(*asked)], ignore_index=True)

    return frame


@pytest.mark.parametrize("flow", ["exports", "imports"])
def test_goods_by_country(read: Callable[..., pd.DataFrame], flow: str) -> None:
    """In whole dollars: what is embedded is rounded to USD 0.1 million from 2025. Groups of countries are not read."""
    found = read("census", f"{flow}-by-country", "2025-01", "2026-08")
    goods = _table("goods_trade_monthly.parquet")
    goods = goods[(goods["flow"] == flow) & (goods["month"] >= "2025-01")]
    goods = goods.assign(value_usd=(goods["value_usd_mn"] * 1e6).round())
    _same(found, goods, ["month", "partner"], "value_usd")
    assert set(found.dropna(subset="value_usd")["partner"]) == set(goods["partner"])
    assert set(found["flow"]) == {flow}


def test_duty_by_country(read: Callable[..., pd.DataFrame]) -> None:
    found = read("census", "imports-by-country", "2024-01", "2026-08")
    duties = _table("partner_duties_monthly.parquet")
    duties = duties[duties["month"] >= "2024-01"]
    for value in ("imports_usd", "duty_usd"):
        _same(found, duties, ["month", "partner"], value)
    korea = found.set_index(["partner", "month"]).loc[("5800", "2025-11")]
    assert 100 * korea["duty_usd"] / korea["imports_usd"] == pytest.approx(8.38, abs=0.005)  # as revised, docs/data.md


def test_exports_by_chapter(read: Callable[..., pd.DataFrame]) -> None:
    found = read("census", "exports-by-chapter")
    years = (
        found.assign(year=found["month"].str[:4].astype(int)).groupby(["partner", "code", "year"])["value_usd"].sum()
    )
    wanted = _table("sector_exports_annual.parquet")
    wanted = wanted[wanted["year"] == 2025]
    energy = _table("exports_energy_monthly.csv")
    energy = energy[energy["month"].str.startswith("2025")].assign(code="27")
    _same(years.reset_index(), wanted, ["partner", "code", "year"], "value_usd", rtol=1e-9)
    energy["value_usd"] = (energy["value_usd_mn"] * 1e6).round()
    _same(found, energy, ["partner", "code", "month"], "value_usd")


def test_imports_by_industry(read: Callable[..., pd.DataFrame]) -> None:
    found = read("census", "imports-by-industry")
    months = _table("sector_duties_monthly.parquet")
    months = months[months["month"] >= "2025"]
    for value in ("imports_usd", "duty_usd"):
        _same(found, months, ["partner", "code", "month"], value)


def test_goods_and_services(web: Web) -> None:
    calls = [call for call in spec.requests("bea", through="2025-12") if dict(call.query)["AreaOrCountry"] in AREAS]
    found = pd.concat([sources.parse(answer) for call in calls for answer in web.ask(call)])
    wanted = _table("goods_services_bop.csv")
    wanted = wanted[wanted["partner"].isin(AREAS.values())]
    key = ["partner", "scope", "flow", "year", "quarter"]
    _same(found, wanted, key, "value_usd_mn")
    assert (found["frequency"].eq("A") == found["quarter"].eq(0)).all()


def test_exchange_rates(read: Callable[..., pd.DataFrame]) -> None:
    """Of currencies quoted as dollars a unit, too: turned over twice, so equal to the last digit but one."""
    found = pd.concat([read("fred", name, "1981-01") for name in ("exchange-rates", "exchange-rates-inverse")])
    _same(found, _table("exchange_rates_monthly.csv"), ["iso3", "month"], "lcu_per_usd", rtol=1e-15)
    years = found.assign(year=found["month"].str[:4].astype(int)).groupby(["iso3", "year"])["lcu_per_usd"].mean()
    wanted = _table("currencies_annual.csv").dropna(subset="lcu_per_usd")
    _same(years.reset_index(), wanted, ["iso3", "year"], "lcu_per_usd", rtol=1e-12)


def test_consumer_prices(read: Callable[..., pd.DataFrame]) -> None:
    found = pd.concat([read("fred", "consumer-prices", "1990-01"), read("ecos", "consumer-prices", "1990-01")])
    wanted = _table("consumer_prices.csv")
    wanted = wanted[wanted["month"] > 0]
    wanted["month"] = wanted["year"].astype(str) + "-" + wanted["month"].astype(str).str.zfill(2)
    _same(found, wanted, ["iso3", "month"], "index")
    again = read("kosis", "consumer-prices", "1990-01")
    pd.testing.assert_frame_equal(again, read("ecos", "consumer-prices", "1990-01"))


def test_the_outlook(read: Callable[..., pd.DataFrame]) -> None:
    """Billions come in units with a scale of 9, so a division by a power of ten lies between: not bit by bit."""
    found = read("imf", "weo")
    _same(found, _table("macro_annual.csv"), ["iso3", "code", "year"], "value", rtol=1e-15)
    prices = _table("currencies_annual.csv")
    prices = prices.rename(columns={"prices": "value"}).dropna(subset="value")
    _same(read("imf", "weo-prices"), prices, ["iso3", "year"], "value", rtol=1e-3)  # two collections, three digits
    assert read("imf", "weo-version")["version"].tolist() == ["11.0.0"]


def test_gross_domestic_product_of_the_bank(read: Callable[..., pd.DataFrame]) -> None:
    found = read("worldbank", "gdp", "1980-01", "2026-01")
    wanted = _table("macro_annual.csv")
    wanted = wanted[(wanted["code"] == "NGDPD") & ~wanted["projection"] & (wanted["iso3"] != "TWN")]
    _same(found, wanted.assign(value=wanted["value"] * 1e9), ["iso3", "year"], "value")
    assert found["value"].isna().any(), "years without a figure are there, and are none"


def test_korean_customs(read: Callable[..., pd.DataFrame]) -> None:
    """The total among the rows is left out: with it every year would be twice what it is."""
    found = read("kcs", "totals", "2020-01", "2025-12")
    years = found.assign(year=found["month"].str[:4].astype(int)).groupby("year")["exports_usd"].sum().reset_index()
    wanted = _table("import_demand_annual.csv")
    wanted = wanted[wanted["year"].between(2020, 2025)].dropna(subset="imports_usd_mn")
    wanted = wanted.assign(exports_usd=wanted["exports_usd_mn"] * 1e6)
    _same(years, wanted, ["year"], "exports_usd", rtol=1e-12)


def test_older_values_have_the_days_on_which_they_stood(read: Callable[..., pd.DataFrame]) -> None:
    found = read("fred", "trade-vintages", "2023-01")
    korea = found[(found["flow"] == "imports") & (found["month"] == "2025-11")]
    pairs = _table("goods_trade_replaced.csv")
    old = pairs[(pairs["flow"] == "imports") & (pairs["month"] == "2025-11") & (pairs["partner"] == "5800")]
    goods = _table("goods_trade_monthly.parquet").set_index(["partner", "flow", "month"])["value_usd_mn"]
    assert korea["value_usd_mn"].tolist() == [*old["value_usd_mn"], goods["5800", "imports", "2025-11"]]
    assert korea["known_to"].tolist()[-1] == "9999-12-31"
    assert (korea["known_from"] <= korea["known_to"]).all()


def test_what_is_revised_is_read_as_revised(official: Official, read: Callable[..., pd.DataFrame]) -> None:
    official.revise("goods_trade_monthly", lambda rows: rows.assign(value_usd_mn=rows["value_usd_mn"] * 2))
    found = read("census", "exports-by-country", "2025-01", "2025-01").set_index("partner")["value_usd"]
    goods = _table("goods_trade_monthly.parquet").set_index(["partner", "flow", "month"])["value_usd_mn"]
    assert found["5800"] == pytest.approx(goods["5800", "exports", "2025-01"] * 2e6, abs=0.5)


def test_without_a_key_the_workbook_gives_the_same(official: Official, tmp_path: Path) -> None:
    """All countries by month since 1985; months not yet published are 0 in the file, and no rows."""
    pytest.importorskip("openpyxl")
    official.revise("goods_trade_monthly", lambda rows: rows[rows["month"] >= "2024"])
    with Web(official.address, keys=Keys(spec.key_names(), {"KORUS_KEYS": str(tmp_path / "none")})) as web:
        (call,) = sources.requests("census", through="2026-08", has_key=web.has_key("census"))
        (answer,) = web.ask(call)
    goods = _table("goods_trade_monthly.parquet")
    goods = goods[goods["month"] >= "2024"]
    found = sources.parse(answer)
    _same(found, goods.assign(value_usd=goods["value_usd_mn"] * 1e6), ["month", "partner", "flow"], "value_usd")
    assert len(found) == len(goods)


def test_a_workbook_with_a_footnote_mark_is_refused(official: Official, tmp_path: Path) -> None:
    """Pandas would read Korea's 7,243 with footnote 1 as 72,431 (findings/superscript_footnotes.sh)."""
    openpyxl = pytest.importorskip("openpyxl")
    from openpyxl.cell.rich_text import CellRichText, TextBlock
    from openpyxl.cell.text import InlineFont

    official.revise("goods_trade_monthly", lambda rows: rows[rows["month"] >= "2024"])
    with Web(official.address, keys=Keys(spec.key_names(), {"KORUS_KEYS": str(tmp_path / "none")})) as web:
        (call,) = sources.requests("census", through="2026-08", has_key=web.has_key("census"))
        (answer,) = web.ask(call)
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cell = book.active.cell(row=2, column=4)
    cell.value = CellRichText(str(cell.value), TextBlock(InlineFont(vertAlign="superscript"), "1"))
    marked = io.BytesIO()
    book.save(marked)
    content = marked.getvalue()
    meta = answer.meta() | {"sha256": hashlib.sha256(content).hexdigest()}
    with pytest.raises(sources.SourceFailed, match="digit of [0-9.]+1"):
        sources.parse(sources.Answer(**meta, content=content))


def test_without_a_key_a_month_s_file_gives_the_duty(official: Official, tmp_path: Path) -> None:
    (call,) = sources.requests("census", through="2025-11", since="2025-11", datasets=("import-files",))
    with Web(official.address, keys=Keys(spec.key_names(), {"KORUS_KEYS": str(tmp_path / "none")})) as web:
        (answer,) = web.ask(call)
    found = sources.parse(answer).groupby("partner")[["imports_usd", "duty_usd"]].sum().reset_index()
    duties = _table("partner_duties_monthly.parquet")
    duties = duties[(duties["month"] == "2025-11") & (duties["partner"] != "0015")]
    for value in ("imports_usd", "duty_usd"):
        _same(found, duties, ["partner"], value)


def test_a_stored_answer_is_read_again(ask: Ask) -> None:
    (answer,) = ask("fred", "consumer-prices")
    again = sources.Answer(**answer.meta(), content=answer.content)
    assert again == answer
    pd.testing.assert_frame_equal(sources.parse(again), sources.parse(answer))
    with pytest.raises(sources.SourceFailed, match="was changed"):
        sources.Answer(**answer.meta(), content=answer.content + b" ")


def test_keys_of_the_test_server_are_those_of_the_sources() -> None:
    assert set(KEYS) == set(spec.key_names())
