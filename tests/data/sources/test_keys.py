"""No key gets out: not into an answer, an error, a traceback with its values, a log; and a file of keys is private."""

from __future__ import annotations

import html
import json
import logging
import pickle
import traceback
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
from hypothesis import given, strategies as st
from official import KEYS, Official, Reply
from pydantic import SecretStr

from korus_research.data import sources
from korus_research.data.sources import failures, spec
from korus_research.data.sources.keys import Keys, Redactor
from korus_research.data.sources.web import Patience, Web

HOSTS = {
    "census": "api.census.gov",
    "bea": "apps.bea.gov",
    "fred": "api.stlouisfed.org",
    "ecos": "ecos.bok.or.kr",
    "kosis": "kosis.kr",
    "kcs": "apis.data.go.kr",
    "dataweb": "datawebws.usitc.gov",
}
QUICK = Patience(attempts=2, backoff=0.01, longest=0.5, paced=False)


def _forms(key: str) -> set[str]:
    """Return a key as it may be written, in lower case."""
    once = quote(key, safe="")
    forms = {
        key,
        once,
        quote(once, safe=""),
        html.escape(key),
        json.dumps(key)[1:-1],
        json.dumps(key.replace("/", "\\/"))[1:-1],
    }
    forms |= {"".join(c if c.isalnum() else f"\\u{ord(c):04x}" for c in key), key.replace("/", "\\/")}
    return {form.lower() for form in forms}


def _leaks(key: str, *texts: object) -> list[str]:
    """Return the forms of a key that a text holds, in either case, also of what it is when decoded."""
    whole = "\n".join(map(str, texts)).lower()
    return [form for one in (key, unquote(key)) for form in _forms(one) if form in whole or form in unquote(whole)]


def _echoes(key: str) -> list[Reply]:
    """Return replies that hold the key as servers were seen to: in capitals, encoded, in a page, in an address."""
    said = f'{{"request": "{key.upper()}", "again": "{quote(key, safe="")}", "cut": "{key[:-2]}'
    page = f"<html><body>No such key: {html.escape(key)}</body></html>"
    return [
        Reply(said),
        Reply(
            json.dumps(
                {"err": "11", "errMsg": key, "error_message": f"api_key {key}", "RESULT": {"CODE": "X", "MESSAGE": key}}
            )
        ),
        Reply(
            f'{{"BEAAPI": {{"Results": {{"Error": {{"APIErrorCode": "9", "APIErrorDescription": "{key.lower()}"}}}}}}}}'
        ),
        Reply(said, 400),
        Reply(json.dumps({"error_message": f"for {key}"}), 400),
        Reply(page, 200),
        Reply(page, 403),
        Reply(b"", 302, {"Location": f"https://example.org/?key={quote(key, safe='')}"}),
        Reply(said, 429, {"Retry-After": "9999"}),
        Reply("x" * 90_000, cut=70_000),
    ]


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("source", HOSTS)
def test_no_key_gets_out(source: str, number: int, official: Official, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    name = sources.describe(source).key.name  # type: ignore[union-attr]
    key = KEYS[name]
    official.script(HOSTS[source], *[_echoes(key)[number]] * 2)
    dataset = sources.describe(source).dataset[0].id
    call = spec.requests(source, through="2025-12", since="2025-01", datasets=(dataset,))[0]
    told: list[object] = []
    seen: list[object] = []
    with Web(official.address, keys=Keys(spec.key_names(), KEYS), on_progress=told.append, patience=QUICK) as web:
        try:
            for answer in web.ask(call):
                seen += [answer, answer.meta(), answer.content.decode()]
                seen.append(sources.parse(answer).to_csv())
        except failures.SourceFailed as failed:
            chain, links = failed, 0
            while chain is not None and links < 9:
                below = chain.__traceback__ and chain.__traceback__.tb_next  # this test's own variables hold the key
                shown = traceback.TracebackException(type(chain), chain, below, capture_locals=True)
                seen += [repr(chain), str(chain), vars(chain), "".join(shown.format()), pickle.dumps(chain)]
                assert not type(chain).__module__.startswith(("requests", "urllib3")), "it holds the address"
                chain, links = chain.__cause__ or chain.__context__, links + 1  # type: ignore[assignment]
    assert seen
    assert official.calls
    assert _leaks(key, *seen, told, repr(web), vars(web), *(vars(record) for record in caplog.records)) == []
    assert _leaks(key, official.calls), "the key was sent"


def test_the_library_logs_addresses_and_so_the_filter_is_needed(
    official: Official, web: Web, caplog: pytest.LogCaptureFixture
) -> None:
    """Were nothing logged, the test above would say nothing of logs."""
    caplog.set_level(logging.DEBUG)
    call = spec.requests("fred", through="2025-12", datasets=("consumer-prices",))[0]
    list(web.ask(call))
    said = [record.getMessage() for record in caplog.records if "series_id=CPIAUCNS" in record.getMessage()]
    assert said
    assert all("REDACTED" in one for one in said)


def test_an_encoded_key_is_sent_encoded_once(official: Official) -> None:
    """The portal hands out each key in two forms, and refuses one that is encoded twice."""
    for form in (KEYS["DATA_GO_KR_KEY"], quote(KEYS["DATA_GO_KR_KEY"], safe="")):
        keys = Keys(spec.key_names(), {"DATA_GO_KR_KEY": form})
        with Web(official.address, keys=keys, patience=QUICK) as web:
            (answer,) = web.ask(spec.requests("kcs", through="2025-12", since="2025-01")[0])
        assert not sources.parse(answer).empty
        assert _leaks(form, answer.address, answer.content.decode()) == []


PRINTED = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=60)


@given(key=PRINTED, around=st.text(max_size=30), form=st.integers(0, 5))
def test_every_form_of_a_key_is_taken_out(key: str, around: str, form: int) -> None:
    redactor = Redactor()
    redactor.add(SecretStr(key))
    written = [
        *(key, key.swapcase(), quote(key, safe=""), quote(quote(key, safe=""), safe="").lower()),
        *(json.dumps(key)[1:-1], html.escape(key)),
    ][form]
    assert redactor.text(f"{around}\n{written}\n") == f"{redactor.text(around)}\nREDACTED\n"


@given(text=st.text(alphabet='0123456789,.[]" ', max_size=200))
def test_what_holds_no_key_stays_as_it_is(text: str) -> None:
    redactor = Redactor()
    for key in KEYS.values():
        redactor.add(SecretStr(key))
    assert redactor.text(text) == text


def test_keys_come_from_the_environment_then_from_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('FRED_API_KEY = "of-the-file-0001"\nBEA_API_KEY = "of-the-file-0002"\n')
    path.chmod(0o600)
    keys = Keys(spec.key_names(), {"KORUS_KEYS": str(path), "FRED_API_KEY": " of-the-environment\n"})
    found = [keys.find(name) for name in ("FRED_API_KEY", "BEA_API_KEY", "CENSUS_API_KEY")]
    assert [one and one.get_secret_value() for one in found] == ["of-the-environment", "of-the-file-0002", None]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('FRED_API_KY = "abcdefgh12345678"', "did you mean 'FRED_API_KEY'"),
        ("FRED_API_KEY = 12345678901", "is not a key"),
        ('FRED_API_KEY = "abcd efgh12345678"', "without spaces"),
        ('FRED_API_KEY = "sample"', "8 or more"),
        ("FRED_API_KEY = abcdefgh12345678", "can't be read"),
        ('FRED_API_KEY = "abcdefgh1234567\xff8', "can't be read"),
        ('[FRED_API_KEY]\nvalue = "abcdefgh12345678"', "is not a key"),
    ],
)
def test_a_file_of_keys_that_is_none_is_one_error_without_a_key(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "keys.toml"
    path.write_bytes(content.encode("latin-1"))
    path.chmod(0o600)
    with pytest.raises(failures.UnsafeKeys, match=said) as caught:
        Keys(spec.key_names(), {"KORUS_KEYS": str(path)}).find("FRED_API_KEY")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=False)
    assert not any(
        part in "".join(shown.format()).split("korus_research")[-1] for part in ("abcdefgh1234567", "12345678901")
    )


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('FRED_API_KEY = "abcdefgh12345678"\n')
    path.chmod(mode)
    with pytest.raises(failures.UnsafeKeys, match=f"mode {mode:04o}"):
        Keys(spec.key_names(), {"KORUS_KEYS": str(path)}).find("FRED_API_KEY")


@pytest.mark.parametrize("linked", [False, True])
def test_a_file_in_a_checkout_is_refused(tmp_path: Path, linked: bool) -> None:
    checkout = tmp_path / "project"
    (checkout / ".git").mkdir(parents=True)
    (checkout / "conf").mkdir()
    path = checkout / "conf" / "keys.toml"
    path.write_text('FRED_API_KEY = "abcdefgh12345678"\n')
    path.chmod(0o600)
    named = tmp_path / "keys.toml"
    if linked:
        named.symlink_to(path)
    with pytest.raises(failures.UnsafeKeys, match="lies in a checkout"):
        Keys(spec.key_names(), {"KORUS_KEYS": str(named if linked else path)}).find("FRED_API_KEY")
