"""Any agreement: what the loader accepts, how it refuses, and that nothing in it is about KORUS."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import unicodedata
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings, strategies as st
from toy_agreement import MINIMAL

from korus_research.data import agreements
from korus_research.data.agreements import list_agreements, load_agreement
from korus_research.data.agreements.model import Agreement
from korus_research.data.period import month_end
from korus_research.errors import InvalidAgreement, UnknownAgreement


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "toy.toml"


def test_an_agreement_without_commitments_events_or_other_names(file: Path) -> None:
    file.write_text(MINIMAL, encoding="utf-8")
    toy = load_agreement(file)
    assert toy.name == "Toyland Free Trade Agreement"
    assert toy.events_until("2030-01") == toy.commitments_until("2030-01") == toy.milestones_until("2030-01") == ()
    assert toy.partner.census_code == "3370"
    assert toy.partner.currency is None
    assert load_agreement(str(file)) is toy


def test_the_loader_reads_an_edited_file_again(file: Path) -> None:
    file.write_text(MINIMAL, encoding="utf-8")
    assert load_agreement(file).short_name == "TOY"
    file.write_text(MINIMAL.replace('"TOY"', '"TOYLAND"'), encoding="utf-8")
    assert load_agreement(file).short_name == "TOYLAND"


EVENT = '\n[[event]]\ndate = 2005-01-01\nkind = "trade"\ntext = "A"\nsource = "s"\nverified = true\n'
DUTY = '\n[[commitment]]\nid = "wine"\nkind = "duty"\nimporter = "USA"\nproduct = "wine"\nvalue = 5\nunit = "percent"\nfrom = 2004-01-01\nto = 2005-12-31\nsource = "s"\n'


@pytest.mark.parametrize(
    ("old", "new", "field", "expected"),
    [
        ('short_name = "TOY"\n', "", "short_name is missing", "a value"),
        ("short_name", "shortname", "line 3: shortname is no field here", "did you mean 'short_name'?"),
        ('id = "toy"', 'id = "Toy Land"', "id is 'Toy Land'", "pattern"),
        ('census_code = "3370"', "census_code = 337.0", "partner census_code is 337.0", "`korus partners` lists them"),
        ('census_code = "3370"', 'census_code = "337"', "partner census_code is '337'", "four digits"),
        ('census_code = "3370"\n', "", "partner census_code is missing", "a value"),
        ('iso3 = "CHL"', 'iso3 = "Chile"', "partner iso3 is 'Chile'", "pattern"),
        ("in_force = 2004-01-01", "in_force = 2002-01-01", "line 24: dates in_force is 2002-01-01", "key dates in their order; 2003-06-06 stands before it"),
        ("in_force = 2004-01-01", "in_force = 2004", "line 24: dates in_force is 2004", "not a year alone"),
        ('sources = { signed = "page 1", in_force', "sources = { in_force", "line 25: dates sources is without signed", "one source for each date: signed, in_force"),
        ("signed = 2003-06-06", 'signed = "last summer"', "dates signed is 'last summer'", "date"),
        ('short_name = "TOY"', 'short_name = "TOY"\nmilestnoe = []', "milestnoe is no field", "did you mean 'milestone'?"),
        ("years = [2002, 2003]", "years = [2003, 2002]", "line 43: baselines years is [2003, 2002]", "rising years"),
        ("years = [2002, 2003]", "years = [2001, 2002]", "line 43: baselines years is [2001, 2002]", "the baseline year, 2003, and one before 2004"),
        ("year = 2008", "year = 2003", "line 38: evaluation year is 2003", "2004, or a later year"),
        ("year = 2004", "year = 2002", "line 33: first_full year is 2002", "a year from 2004 on"),
        ('names = { en = "', 'names = { de = "', "line 5: names is without en", "English name"),
        ('census_code = "3330"', 'census_code = "3370"', "line 48: comparator 1 (Peru) census_code is '3370', the agreement's partner", "another partner"),
        ('role = "peer"', 'role = "rival"', "comparator 1 (Peru) role is 'rival'", "'peer' or 'context'"),
        ('why = "neighbour"', 'why = " "', "comparator 1 (Peru) why", "at least 1 character"),
        ('source = "page 4"\n', f'source = "page 4"\n{EVENT}{EVENT}', "line 62: event 2 (2005-01-01) is there twice", "each event once; twice"),
        ('source = "page 4"\n', f'source = "page 4"\n{EVENT}{EVENT.replace("2005", "2004")}', "line 63: event 2 (2004-01-01) date is 2004-01-01", "events by date; 2005-01-01 stands before it"),
        ('source = "page 4"\n', f'source = "page 4"\n{EVENT.replace("trade", "gossip")}', "event 1 (2005-01-01) kind is 'gossip'", "'security'"),
        ('source = "page 4"\n', f'source = "page 4"\n{EVENT.replace("2005-01-01", "2005-02-30")}', "can't be read as TOML", "a TOML file"),
        ('source = "page 4"\n', f'source = "page 4"\n{DUTY}{DUTY}', "line 73: commitment 2 (wine) from is 2004-01-01", "steps of commitment wine one after the other"),
        ('source = "page 4"\n', f'source = "page 4"\n{DUTY.replace("2005-12-31", "2003-12-31")}', "commitment 1 (wine) is inconsistent", "`to` on or after `from`"),
        ('source = "page 4"\n', f'source = "page 4"\n{DUTY.replace("value = 5", "value = -5")}', "commitment 1 (wine) value is -5", "greater than or equal to 0"),
        ('source = "page 4"\n', f'source = "page 4"\n{DUTY.replace("USA", "FRA")}', "line 58: commitment 1 (wine) importer is 'FRA'", "one of the two parties, USA or CHL"),
        ('id = "toy"', 'id = "toy', "can't be read as TOML", "a TOML file"),
    ],
)  # fmt: skip
def test_what_an_agreement_must_not_say(file: Path, old: str, new: str, field: str, expected: str) -> None:
    assert old in MINIMAL
    file.write_text(MINIMAL.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidAgreement) as caught:
        load_agreement(file)
    message = str(caught.value)
    assert re.match(rf"{re.escape(str(file))}(, line \d+)?: ", message)
    assert field in message
    assert expected in caught.value.expected, caught.value.expected
    assert "\n" not in caught.value.found


def test_a_code_may_be_a_number(file: Path) -> None:
    file.write_text(MINIMAL.replace('census_code = "3370"', "census_code = 3370"), encoding="utf-8")
    assert load_agreement(file).partner.census_code == "3370"


def test_unknown_names_suggest_the_closest() -> None:
    with pytest.raises(UnknownAgreement, match=r"'korsu' is not an agreement \(did you mean 'korus'\?\)"):
        load_agreement("korsu")
    with pytest.raises(UnknownAgreement, match="no such file"):
        load_agreement(Path("nowhere.toml"))


def test_the_id_is_the_name_of_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreements, "HOME", file.parent)
    file.with_name("chile.toml").write_text(MINIMAL, encoding="utf-8")
    assert list_agreements() == ("chile",)
    with pytest.raises(InvalidAgreement, match="id is 'toy'"):
        load_agreement("chile")


def test_importing_the_package_needs_no_pydantic() -> None:
    code = "import sys; import korus_research.data.agreements as a; assert a.list_agreements(); assert 'pydantic' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_model_knows_no_particular_agreement() -> None:
    folder = Path(agreements.__file__).parent
    for path in folder.glob("*.py"):
        words = path.read_text(encoding="utf-8").lower()
        for ours in ("korus_research", "`korus ", "koruserror"):  # the package, the command, the base of errors
            words = words.replace(ours, "")
        assert not any(word in words for word in ("korus", "korea", "5800", "2012-03")), path.name


def test_a_loaded_agreement_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_agreement("korus").short_name = "OTHER"  # type: ignore[misc]


MONTHS = st.builds("{:04d}-{:02d}".format, st.integers(2005, 2042), st.integers(1, 12))


@settings(max_examples=50, deadline=None)
@given(month=MONTHS, kinds=st.none() | st.sets(st.sampled_from(["trade", "tariff", "security", "politics"])))
def test_events_until_a_month_are_a_prefix_of_the_list(month: str, kinds: set[Any] | None) -> None:
    korus = load_agreement("korus")
    kept = korus.events_until(month, kinds)
    of_kind = [e for e in korus.events if kinds is None or e.kind in kinds]
    assert list(kept) == of_kind[: len(kept)]
    assert all(e.date.isoformat()[:7] <= month for e in kept)
    assert all(e.date.isoformat()[:7] > month for e in of_kind[len(kept) :])


@settings(max_examples=50, deadline=None)
@given(day=st.dates(date(2005, 1, 1), date(2045, 12, 31)))
def test_one_duty_a_product_applies_on_any_day(day: date) -> None:
    korus = load_agreement("korus")
    duties = [c.id for c in korus.commitments_on(day, kind="duty")]
    assert sorted(duties) == sorted({c.id for c in korus.commitments if c.kind == "duty"})


@given(year=st.integers(1900, 2199), month=st.integers(1, 12))
def test_month_end_is_the_day_before_the_next_month(year: int, month: int) -> None:
    following = date(year + month // 12, month % 12 + 1, 1)
    assert month_end(f"{year:04d}-{month:02d}") == following - timedelta(days=1)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=30)


@settings(max_examples=30, deadline=None)
@example(texts=["\uf900"], start=date(2012, 3, 15), steps=[0] * 6)  # a compatibility ideograph
@given(
    texts=st.lists(TEXTS, min_size=1, max_size=6, unique=True),
    start=st.dates(date(2004, 1, 1), date(2030, 1, 1)),
    steps=st.lists(st.integers(0, 900), min_size=6, max_size=6),
)
def test_what_is_written_is_what_is_loaded(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], start: date, steps: list[int]
) -> None:
    days = [start + timedelta(days=sum(steps[: n + 1])) for n in range(len(texts))]
    blocks = [
        # A TOML basic string takes the escapes of JSON, but no surrogates.
        f'[[event]]\ndate = {day}\nkind = "trade"\ntext = {json.dumps(text, ensure_ascii=False)}\nsource = "s"\nverified = false\n'
        for day, text in zip(days, texts, strict=True)
    ]
    path = tmp_path_factory.mktemp("agreement") / "toy.toml"
    path.write_text(MINIMAL + "\n" + "\n".join(blocks), encoding="utf-8")
    toy = load_agreement(path)
    composed = [unicodedata.normalize("NFC", text) for text in texts]  # what is read is brought to it
    assert [(e.date, e.text) for e in toy.events] == list(zip(days, composed, strict=True))
    assert Agreement.model_validate(toy.model_dump(by_alias=True)) == toy
