"""The index is made from the manifests alone: right links, right order, nothing from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sample
from lxml import html

from korus_research.editions.edition import drafting
from korus_research.editions.index import find_editions, write_index

VERDICTS = {"a": ["Toy exports rose.", "Right"], "b": ["Toy imports fell.", "Can't be settled"]}


def publish(out: Path, agreement: str, as_of: str, *, pdf: bool = True, compared: Any = None, **front: Any) -> None:
    about = {
        "compared": compared or {},
        "agreement": agreement,
        "as_of": as_of,
        "edition": f"Data through {as_of}",
        "name": f"The <{agreement}> & Co",
        "name_ko": "협정",
        "parameters": {"baseline_year": 2011},
        "front": {"title": f"<{agreement}>: promise", "answer": "It fell & rose.", "published": "May 1, 2027"}
        | {"picture": "figures/toy-trade.svg", "verdicts": VERDICTS}
        | front,
    }
    with drafting(out / agreement / as_of) as draft:
        for name in ("findings.json", "report.html", "claims.csv", *(["report.pdf"] if pdf else [])):
            draft.write(name, "x")
        draft.write("figures/toy-trade.svg", "<svg/>")
        draft.publish(about, ("html",))


def page(out: Path) -> html.HtmlElement:
    return html.fromstring(write_index(out).read_text(encoding="utf-8"))


def test_every_edition_is_there_the_newest_first_and_every_link_leads_to_a_file(tmp_path: Path) -> None:
    for as_of in ("2016-12", "2026-07", "2017-11"):
        publish(tmp_path, "korus", as_of, pdf=as_of != "2017-11")
    publish(tmp_path, "chile", "2020-01")
    document = page(tmp_path)
    shown = [" ".join(one.text_content().split()) for one in document.xpath("//article//p[@class='facts']/span[1]")]
    assert shown == [f"Data through {m}" for m in ("2026-07", "2017-11", "2016-12", "2020-01")]
    links = document.xpath("//article//a/@href | //article//img/@src")
    assert "korus/2017-11/report.html" in links
    assert "korus/2017-11/report.pdf" not in links
    assert links.count("korus/2017-11/figures/toy-trade.svg") == 1
    for link in links:
        assert (tmp_path / link).is_file()
    assert document.xpath("//h2/text()") == ["The <korus> & Co", "The <chile> & Co"]
    assert document.xpath("//h3/a/text()")[-1] == "<chile>: promise"
    assert document.text_content().count("It fell & rose.") == 4


def test_what_changed_since_the_edition_before_is_told(tmp_path: Path) -> None:
    moved = VERDICTS | {"b": ["Toy imports fell.", "Wrong"], "c": ["Toys were sold.", "Right"]}
    publish(tmp_path, "korus", "2016-12")
    publish(tmp_path, "korus", "2017-02", verdicts=moved)
    publish(tmp_path, "korus", "2017-03", verdicts=moved)
    newest, second, oldest = (" ".join(one.text_content().split()) for one in page(tmp_path).xpath("//article"))
    assert "Since data through 2017-02: 1 more month of data; no verdict moved." in newest
    assert "Since data through 2016-12: 2 more months of data; 1 more claim." in second
    assert "Toy imports fell. Wrong, earlier can't be settled." in second
    assert "Toy exports rose." not in second
    assert "Since" not in oldest


@pytest.mark.parametrize(
    ("then", "now", "told"),
    [
        (9.0, -3.2, "our estimate for exports is 3 percent lower, earlier 9 percent higher"),
        (0.2, 9.0, "our estimate for exports is 9 percent higher, earlier no change"),
        (9.1, 9.0, ""),
        (9.0, None, "our estimate for exports is none made, earlier 9 percent higher"),
    ],
)
def test_an_estimate_that_moved_is_told(tmp_path: Path, then: float, now: float | None, told: str) -> None:
    name = "counterfactual.exports.leading"
    for as_of, value in (("2016-12", then), ("2017-02", now)):
        finding = sample.finding(name, "", value, unit="percent", decimals=0, reason=None if value else "Too few.")
        publish(tmp_path, "korus", as_of, compared={name: finding})
    newest = " ".join(page(tmp_path).xpath("//article")[0].text_content().split())
    assert told in newest
    assert ("our estimate" in newest) is bool(told)


def test_an_edition_of_an_older_program_is_listed_with_what_it_has(tmp_path: Path) -> None:
    publish(tmp_path, "korus", "2016-12")
    manifest = tmp_path / "korus" / "2016-12" / "manifest.json"
    known = json.loads(manifest.read_text(encoding="utf-8"))
    del known["front"]
    manifest.write_text(json.dumps(known), encoding="utf-8")
    publish(tmp_path, "korus", "2017-01")
    newest, oldest = (" ".join(one.text_content().split()) for one in page(tmp_path).xpath("//article"))
    assert oldest.startswith("The <korus> & Co Data through 2016-12")
    # The older manifest has no verdicts to compare with, so nothing is said of them.
    assert "1 more month of data." in newest
    assert "verdict" not in newest


def test_the_page_needs_nothing_from_elsewhere_and_can_be_heard(tmp_path: Path) -> None:
    publish(tmp_path, "korus", "2016-12")
    document = page(tmp_path)
    assert document.get("lang") == "en"
    assert not document.xpath("//script | //link | //iframe")
    assert document.xpath("//img/@alt") == [""], "a picture that says nothing which is not beside it"
    assert not [a for a in document.xpath("//@href | //@src") if "//" in a]
    assert len(document.xpath("//h1")) == 1
    texts = [a.text_content() for a in document.xpath("//article//a")]
    assert len(texts) == len(set(texts)), "no two links of the same name lead to different places"
    assert document.xpath("//*[@lang='ko']/text()") == ["협정"]


def test_drafts_failures_and_other_folders_are_not_listed(tmp_path: Path) -> None:
    publish(tmp_path, "korus", "2016-12")
    manifest = (tmp_path / "korus" / "2016-12" / "manifest.json").read_text()
    for place in (".failed-2017-01", ".new-2017-01-1"):
        (tmp_path / "korus" / place).mkdir()
        (tmp_path / "korus" / place / "manifest.json").write_text(manifest)
    (tmp_path / "korus" / "app").mkdir()
    (tmp_path / "korus" / "app" / "manifest.json").write_text(json.dumps({"name": "web app"}))
    assert [edition.folder.name for edition in find_editions(tmp_path)] == ["2016-12"]


def test_an_index_without_editions_says_so(tmp_path: Path) -> None:
    assert "There is none yet" in page(tmp_path).text_content()
