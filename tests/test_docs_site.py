"""The documentation as a site: it is built without a warning, asks no other host for anything, and no link is dead."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from lxml import html

from korus_research import _HOMES

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, its gallery with the figures of one topic."""
    folder = tmp_path_factory.mktemp("docs")
    command = [sys.executable, ROOT / "tools" / "build_docs.py", "--topics", "flows", "--build", folder]
    kept = {
        **os.environ,
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
    }  # nobody answers there
    done = subprocess.run(command, cwd=ROOT, env=kept, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "site"


@pytest.mark.slow
def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    for page in site.rglob("*.html"):
        tree = html.fromstring(page.read_bytes())
        loaded = [*tree.xpath("//@src"), *tree.xpath("//link[@rel!='canonical']/@href"), *tree.xpath("//@srcset")]
        assert not [where for where in loaded if re.match(r"(https?:)?//", where)], page.name
    for style in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*['\"]?(https?:)?//", style.read_text("utf-8")), style.name


@pytest.mark.slow
def test_every_link_leads_to_a_page_and_a_place_on_it(site: Path) -> None:
    trees = {page: html.fromstring(page.read_bytes()) for page in site.rglob("*.html")}
    names = {page: {*tree.xpath("//@id"), *tree.xpath("//a/@name")} for page, tree in trees.items()}
    for page, tree in trees.items():
        for target in (unquote(t) for t in (*tree.xpath("//a/@href"), *tree.xpath("//img/@src"))):
            if page.name == "404.html" or re.match(r"https?:|mailto:", target):
                continue
            file, _, place = target.partition("#")
            there = (page.parent / file).resolve() if file else page
            there = there / "index.html" if there.is_dir() else there
            assert there.exists(), f"{page.relative_to(site)} leads to {target}"
            assert not place or there.suffix != ".html" or place in names[there], f"{page.name} leads to {target}"


@pytest.mark.slow
def test_the_reference_has_what_a_newcomer_asks_for(site: Path) -> None:
    pages = {path.stem: path.read_text("utf-8") for path in (site / "api").glob("*.html")}
    for page, name in (
        ("study", "open_study"),
        ("kr_flows", "flow_levels"),
        ("data", "Catalog"),
        ("agreements", "Dates"),
    ):
        assert re.search(rf"[>.]{name}</", pages[page]), name
    places = {place for text in pages.values() for place in re.findall(r'id="(korus_research\.[\w.]+)"', text)}
    assert {f"korus_research.{home}.{name}" for name, home in _HOMES.items()} - places == set()
    gallery = (site / "gallery.html").read_text("utf-8")
    for made in re.findall(r'src="(gallery/[\w-]+\.png)"', gallery):
        assert (site / made).read_bytes().startswith(b"\x89PNG")
    assert "flows-levels.png" in gallery
