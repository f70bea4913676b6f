"""Asking: what is asked again and what is not, how long is waited, what is no answer; against a server that misbehaves."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import requests
from official import KEYS, Official, Reply
from urllib3.exceptions import MaxRetryError, NameResolutionError

from korus_research.data import sources
from korus_research.data.sources import failures, spec, web as module
from korus_research.data.sources.keys import Keys
from korus_research.data.sources.web import Patience, Web

Ask = Callable[..., list[sources.Answer]]
CENSUS = ("census", "exports-by-country")


def test_without_a_key_nothing_is_asked(official: Official, tmp_path: Path) -> None:
    keys = Keys(spec.key_names(), {"KORUS_KEYS": str(tmp_path / "none.toml")})
    (call, *_) = spec.requests("census", through="2025-12", datasets=("exports-by-country",))
    with Web(official.address, keys=keys) as web, pytest.raises(failures.NoKey, match="CENSUS_API_KEY"):
        list(web.ask(call))
    assert official.calls == []


def test_a_redirect_to_the_page_on_keys_is_not_followed(official: Official) -> None:
    keys = Keys(spec.key_names(), {**KEYS, "CENSUS_API_KEY": "f" * 40})
    (call, *_) = spec.requests("census", through="2025-12", datasets=("exports-by-country",))
    with Web(official.address, keys=keys) as web, pytest.raises(failures.KeyRefused, match="a key it does not know"):
        list(web.ask(call))
    assert len(official.calls) == 1


def test_another_redirect_is_not_followed_either(official: Official, ask: Ask) -> None:
    official.script("api.census.gov", Reply(b"", 301, {"Location": f"{official.address}/elsewhere"}))
    with pytest.raises(failures.UnexpectedAnswer, match="status 301"):
        ask(*CENSUS)
    assert len(official.calls) == 1


def test_nothing_is_an_answer_and_not_asked_again(official: Official, ask: Ask) -> None:
    (answer,) = ask(*CENSUS, since="2031-01", through="2031-02")
    assert (answer.status, answer.content, answer.empty) == (204, b"", True)
    assert sources.parse(answer).empty
    assert len(official.calls) == 1


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_trouble_that_passes_is_asked_again(official: Official, ask: Ask, status: int) -> None:
    official.script("api.census.gov", Reply("busy", status, {"Retry-After": "0"}), Reply("busy", status))
    (answer,) = ask(*CENSUS)
    assert answer.status == 200
    assert len(official.calls) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_what_is_refused_is_not_asked_again(official: Official, ask: Ask, status: int) -> None:
    official.script("api.census.gov", Reply("no", status))
    with pytest.raises(failures.SourceFailed, match=f"status {status}"):
        ask(*CENSUS)
    assert len(official.calls) == 1


def test_a_second_is_waited_where_the_source_asks_for_one(official: Official) -> None:
    official.script("api.worldbank.org", Reply("later", 503, {"Retry-After": "1"}))
    (call, *_) = spec.requests("worldbank", through="2025-12")
    with Web(official.address, patience=Patience(backoff=0.01, paced=False)) as web:
        list(web.ask(call))
    first, second = (call.at for call in official.calls)
    assert second - first >= 1


def test_a_source_that_asks_for_an_hour_is_left(official: Official, ask: Ask) -> None:
    official.script("apps.bea.gov", Reply("blocked", 429, {"Retry-After": "3600"}))
    with pytest.raises(failures.QuotaUsed, match="3,600 seconds"):
        ask("bea", "ita")
    assert len(official.calls) == 1


def test_figures_that_come_with_a_time_to_wait_are_figures(official: Official, ask: Ask) -> None:
    rows = '[["CTY_CODE","CTY_NAME","ALL_VAL_MO","time"],["5800","KOREA","7","2025-01"]]'
    official.script("api.census.gov", Reply(rows, headers={"Retry-After": "3600"}))
    (answer,) = ask(*CENSUS)
    assert sources.parse(answer)["value_usd"].tolist() == [7.0]


def test_a_server_in_trouble_is_given_up(official: Official, ask: Ask) -> None:
    official.script("api.census.gov", *[Reply("down", 503)] * 9)
    with pytest.raises(failures.Unreachable, match="status 503"):
        ask(*CENSUS)
    assert len(official.calls) == 3


@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_that_is_cut_is_asked_again(official: Official, ask: Ask, reset: bool) -> None:
    whole = json.dumps([["CTY_CODE", "CTY_NAME", "ALL_VAL_MO", "time"]] + [["5800", "KOREA", "1", "2025-01"]] * 5000)
    official.script("api.census.gov", Reply(whole, cut=90_000, reset=reset), Reply(whole, cut=0, reset=reset))
    (answer,) = ask(*CENSUS)
    assert len(official.calls) == 3
    assert len(sources.parse(answer)) > 0


@pytest.mark.parametrize("reset", [True, False])
def test_a_connection_that_is_always_cut_is_an_error(official: Official, ask: Ask, reset: bool) -> None:
    official.script("api.census.gov", *[Reply("[" + "1," * 50_000, cut=70_000, reset=reset)] * 3)
    with pytest.raises(failures.Unreachable, match=r"(broke off|was cut)"):
        ask(*CENSUS)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_an_answer_in_pieces_is_whole(official: Official, ask: Ask, encoding: str) -> None:
    rows = [["5800", "KOREA", str(n), f"{1000 + n}-01"] for n in range(3000)]
    body = json.dumps([["CTY_CODE", "CTY_NAME", "ALL_VAL_MO", "time"], *rows]).encode()
    packed = {"gzip": gzip.compress, "deflate": zlib.compress}.get(encoding, bytes)(body)
    headers = {"Transfer-Encoding": "chunked", "Content-Encoding": encoding or "identity"}
    official.script("api.census.gov", Reply(packed, headers=headers))
    (answer,) = ask(*CENSUS)
    assert answer.content == body
    assert sources.parse(answer)["value_usd"].sum() == sum(range(3000))


def test_nobody_listening_is_an_error(official: Official) -> None:
    with Official() as gone:
        address = gone.address
    (call, *_) = spec.requests("worldbank", through="2025-12")
    patience = Patience(attempts=2, backoff=0.01, paced=False)
    with Web(address, patience=patience) as web, pytest.raises(failures.Unreachable, match="refused"):
        list(web.ask(call))


def test_a_name_that_is_not_known_is_not_asked_for_again() -> None:
    """Without a network nine sources would else take minutes to say so."""
    unknown = NameResolutionError("api.example.org", None, OSError())  # type: ignore[arg-type]
    error = requests.ConnectionError(MaxRetryError(None, "https://api.example.org/?key=secret", unknown))  # type: ignore[arg-type]
    found, again = module._said(error)
    assert not again
    assert "secret" not in found


def test_a_silent_server_is_given_up(official: Official, ask: Ask, limited: Callable[..., None]) -> None:
    limited(silent_seconds=0.1)
    official.script("api.census.gov", *[Reply("[]", delay=0.5)] * 3)
    with pytest.raises(failures.Unreachable, match="no answer in time"):
        ask(*CENSUS)


def test_a_server_that_drips_is_given_up(official: Official, ask: Ask, limited: Callable[..., None]) -> None:
    limited(whole_seconds=0.2)
    official.script("api.census.gov", Reply("[" * 500, drip=0.02))
    with pytest.raises(failures.Unreachable, match="not all of it came"):
        ask(*CENSUS)
    assert len(official.calls) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_too_much_is_refused_while_it_comes(
    official: Official, ask: Ask, limited: Callable[..., None], packed: bool
) -> None:
    limited(megabytes=1)
    body = b"1" * (30 << 20)
    headers = {"Content-Encoding": "deflate"} if packed else {}
    official.script("api.census.gov", Reply(zlib.compress(body) if packed else body[: 3 << 20], headers=headers))
    with pytest.raises(failures.UnexpectedAnswer, match="more than 1 MB"):
        ask(*CENSUS)
    assert len(official.calls) == 1


PAGE = "<!DOCTYPE html>\n<html><body>Service unavailable</body></html>"


@pytest.mark.parametrize(
    ("source", "host"),
    [
        *(("census", "api.census.gov"), ("bea", "apps.bea.gov"), ("fred", "api.stlouisfed.org"), ("kcs", "data.go.kr")),
        *(("worldbank", "api.worldbank.org"), ("imf", "api.imf.org"), ("ecos", "ecos.bok"), ("kosis", "kosis.kr")),
        ("dataweb", "datawebws"),
    ],
)
@pytest.mark.parametrize(
    "content",
    [PAGE, '[["time",', '{"a": NaN}', '"text"', ""],
    ids=["page", "broken off", "not json", "other form", "empty"],
)
def test_what_is_not_of_the_form_is_one_error(
    official: Official, web: Web, source: str, host: str, content: str
) -> None:
    """Whatever a source answers with 200 is its figures, nothing, or one error that names it."""
    official.script(host, *[Reply(content, headers={"Content-Type": "text/html"})] * 3)
    dataset = sources.describe(source).dataset[0].id
    call = spec.requests(source, through="2025-12", since="2025-01", datasets=(dataset,))[0]
    if not content:
        assert all(sources.parse(answer).empty for answer in web.ask(call))
        return
    with pytest.raises(failures.SourceFailed, match=source) as failed:
        [sources.parse(answer) for answer in web.ask(call)]
    assert failed.value.expected
    assert failed.value.do


def test_pages_are_asked_for_until_the_last(official: Official, web: Web) -> None:
    whole = spec.requests("worldbank", through="2025-12", since="1980-01")[4]
    one = pd.concat([sources.parse(answer) for answer in web.ask(whole)])
    answers = list(web.ask(whole.asking(per_page="10")))
    pd.testing.assert_frame_equal(pd.concat([sources.parse(a) for a in answers], ignore_index=True), one)
    assert [call.query["page"] for call in official.calls[1:]] == ["1", "2", "3", "4", "5"]


def test_pages_of_fred_and_of_the_bank_of_korea(official: Official, web: Web) -> None:
    (prices,) = spec.requests("fred", through="2025-12", datasets=("consumer-prices",))
    rows = [len(sources.parse(answer)) for answer in web.ask(prices.asking(limit="200"))]
    assert rows == [200, 200, 21]  # 421 months are embedded
    (korean,) = spec.requests("ecos", through="2025-12")
    shorter = type(korean)(korean.source, korean.dataset, korean.address.replace("/1/1000/", "/1/300/"))
    assert [len(sources.parse(answer)) for answer in web.ask(shorter)] == [300, 83]


def test_a_source_is_not_asked_faster_than_it_wants(official: Official, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(module.time, "sleep", slept.append)
    calls = spec.requests("worldbank", through="2025-12")[:3]
    with Web(official.address, patience=Patience(paced=True)) as web:
        for call in calls:
            list(web.ask(call))
    waits = [seconds for seconds in slept if seconds > 0.5]  # the server sleeps too, for 0 seconds
    assert len(waits) == 2
    assert all(seconds <= 1 for seconds in waits)


@pytest.mark.parametrize(
    "at", ["https://127.0.0.1", "http://example.org", "http://127.0.0.1.example.org", "ftp://localhost"]
)
def test_calls_are_led_nowhere_but_to_this_machine(at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KORUS_SOURCES_AT", at)
    with pytest.raises(failures.SourceFailed, match="an address of this machine"):
        Web()


def test_no_password_of_netrc_and_no_proxy_is_used(
    official: Official, web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("default login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    list(web.ask(spec.requests("worldbank", through="2025-12")[0]))
    assert "authorization" not in official.calls[0].headers


def test_a_report_of_dataweb_is_posted_with_its_token(official: Official, ask: Ask) -> None:
    """The form is documented, not recorded: a column that was inserted in April 2026 stands in second place."""
    columns = [{"label": name} for name in ("HTS Number", "Year", "Country", "CSC", "Value")]
    rows = [["87032301", "2024", "South Korea", "KR", "10,101"], ["87032201", "2024", "South Korea", "", "8,181"]]
    entries = [{"rowEntries": [{"value": value} for value in row]} for row in rows]
    table = {"column_groups": [{"columns": columns}], "row_groups": [{"rowsNew": entries}]}
    official.script("datawebws", Reply(json.dumps({"dto": {"tables": [table], "errors": []}})))
    (answer,) = ask("dataweb", "use-by-programme", since="2024-01", through="2024-12")
    frame = sources.parse(answer)
    assert frame["imports_usd"].tolist() == [10101.0, 8181.0]
    assert frame["programme"].tolist() == ["KR", ""]
    (call,) = official.calls
    assert call.headers["authorization"] == f"Bearer {KEYS['USITC_DATAWEB_TOKEN']}"
    assert json.loads(call.body)["searchOptions"]["componentSettings"]["years"] == ["2024"]


def test_a_single_row_as_an_object_is_a_row(official: Official, web: Web) -> None:
    row = {"Indicator": "ExpGds", "AreaOrCountry": "SouthKorea", "Frequency": "A", "TimePeriod": "2024"}
    results: dict[str, Any] = {"Data": {**row, "UNIT_MULT": "3", "DataValue": "31,204,118", "NoteRef": " "}}
    official.script("apps.bea.gov", Reply(json.dumps({"BEAAPI": {"Results": results}})))
    (answer,) = web.ask(spec.requests("bea", through="2025-12")[0])
    frame = sources.parse(answer)
    assert frame["value_usd_mn"].tolist() == [31204.118]
    assert frame["quarter"].tolist() == [0]


def test_an_answer_with_a_gap_is_refused(official: Official, web: Web) -> None:
    """BEA was seen to answer a call for a year with its third and fourth quarter only; the first of all may be late."""

    def without(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[(rows["year"] != 2020) | (rows["quarter"] == 0) | (rows["quarter"] > 2)]

    call = spec.requests("bea", through="2025-12")[1]
    (whole,) = web.ask(call)
    assert not sources.parse(whole).empty
    official.revise("goods_services_bop", without)
    (answer,) = web.ask(call)
    with pytest.raises(failures.UnexpectedAnswer, match=r"2 periods lack .* 1220"):
        sources.parse(answer)


def test_progress_is_told(official: Official) -> None:
    told: list[sources.Progress] = []
    official.script("api.worldbank.org", Reply("", 503))
    patience = Patience(backoff=0.01, paced=False)
    with Web(official.address, on_progress=told.append, patience=patience) as web:
        (answer,) = web.ask(spec.requests("worldbank", through="2025-12")[0])
    stages = [one.stage for one in told]
    assert [stage for stage in stages if stage != "reading"] == ["asking", "waiting", "asking", "answered"]
    assert max(one.bytes for one in told) == len(answer.content)
