#!/usr/bin/env python3
"""Make the documentation as a site: the pages of docs/, a reference of what code says of itself, a gallery drawn now.

    tools/build_docs.py [--agreement NAME] [--topics TOPIC ...] [--build FOLDER]

Writes build/docs and has MkDocs build build/site of it, where a warning is an error. No request leaves the machine.
"""

from __future__ import annotations

import argparse
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from korus_research.chapters.notebooks import titles
from korus_research.chapters.study import open_study
from korus_research.chapters.topic import HERE, topics
from korus_research.errors import MissingInput
from korus_research.show.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
WIDTH = 640  # pixels: small, and labels can be read
# What a figure takes beside the study.
GIVEN: dict[str, Callable[[Any], Any]] = {
    "findings": lambda study: study.findings(),
    "curve": lambda study: study.specification_curve(),
}
# The reference by what one looks for: page, title, modules.
API: dict[str, tuple[str, tuple[str, ...]]] = {
    "study": ("Studies", ("chapters.study", "data.study", "data.parameters")),
    "agreements": ("Agreements", ("data.agreements", "data.agreements.model", "data.agreements.parts")),
    "data": ("Data", ("data.catalog", "data.schema", "chapters.gathered")),
    "findings": ("Findings and words", ("show.finding", "show.declared", "show.words.text", "show.words.prose")),
    "figures": ("Figures and tables", ("show.figure", "show.table", "show.shown", "show.blocks")),
    "explore": ("Exploring", ("explore.*",)),
    "report": ("Reports", ("editions.build", "editions.edition", "run.plan")),
    "errors": ("Errors", ("errors",)),
}


def main() -> int:
    """Build the site; return what MkDocs returns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agreement", default="korus")
    parser.add_argument("--topics", nargs="*", default=topics(), help="whose figures the gallery shows; default: all")
    parser.add_argument(
        "--build", type=Path, default=ROOT / "build", help="the folder that docs/ and site/ are made in"
    )
    asked = parser.parse_args()
    pages = asked.build.resolve() / "docs"
    shutil.rmtree(pages, ignore_errors=True)
    shutil.copytree(DOCS, pages)
    for path in pages.rglob("*.md"):
        path.write_text(within(path, pages), encoding="utf-8")
    reference(pages / "api")
    gallery(pages, open_study(asked.agreement), asked.topics)
    config = pages.with_name("mkdocs.yml")
    config.write_text(yaml.safe_dump(configured(pages), sort_keys=False), encoding="utf-8")
    build = [sys.executable, "-m", "mkdocs", "build", "--strict", "-q", "-f", str(config)]
    return subprocess.run(build, check=False, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}).returncode


def configured(pages: Path) -> dict[str, Any]:
    """Return the configuration with the pages of folders in its navigation, its paths as they are from build/ on."""
    config: dict[str, Any] = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))
    config["docs_dir"], config["site_dir"] = "docs", "site"
    for plugin in config["plugins"]:
        if isinstance(plugin, dict) and "mkdocstrings" in plugin:
            plugin["mkdocstrings"]["handlers"]["python"]["paths"] = [str(ROOT / "src")]

    def named(at: Any) -> Any:
        if isinstance(at, list):
            return [named(one) for one in at]
        if isinstance(at, dict):
            return {name: named(one) for name, one in at.items()}
        return folder_of(pages, at) if at.endswith("/") else at

    config["nav"] = named(config["nav"])
    listed = set(re.findall(r"[\w./-]+\.md", yaml.safe_dump(config["nav"])))
    rest = [path.name for path in sorted(pages.glob("*.md")) if path.name not in listed]
    [last] = config["nav"][-1].values()
    last += rest  # a page that nobody has given a place is not lost
    return config


def folder_of(pages: Path, name: str) -> list[str]:
    """Return the pages of a folder for the navigation, what leads through it first."""
    paths = sorted((pages / name).glob("*.md"), key=lambda path: (path.stem not in ("README", "index"), path.name))
    return [path.relative_to(pages).as_posix() for path in paths]


def within(path: Path, pages: Path) -> str:
    """Return a page whose links to files that are no pages are plain text."""

    def kept(link: re.Match[str]) -> str:
        text, target = link[1], link[2].partition("#")[0]
        inside = re.match(r"https?:|mailto:", target) or not target
        return link[0] if inside or (path.parent / target).resolve().is_relative_to(pages) else text

    return re.sub(r"(?<!!)\[([^\]]+)\]\(([^)\s]+)\)", kept, path.read_text(encoding="utf-8"))


def reference(folder: Path) -> None:
    """Write a page for each group of modules, and one for each topic and each folder of methods."""
    folder.mkdir()
    made = {
        page: (title, [one for name in modules for one in modules_of(name)]) for page, (title, modules) in API.items()
    }
    for topic in topics():
        names = sorted(p.stem for p in (HERE / topic).glob("*.py") if p.stem.rpartition("_")[2] in SHOWN)
        made[f"kr_{topic}"] = (f"kr.{topic}", [f"korus_research.chapters.{topic}.{name}" for name in names])
    for path in sorted((HERE.parent / "methods").glob("[a-z]*")):
        modules = sorted(path.glob("[a-z]*.py")) if path.is_dir() else [path] if path.suffix == ".py" else []
        names = [
            f"korus_research.{m.relative_to(HERE.parent).with_suffix('').as_posix().replace('/', '.')}" for m in modules
        ]
        made[f"methods_{path.stem}"] = (f"methods.{path.stem}", names)
    made = {page: (title, names) for page, (title, names) in made.items() if names}
    for page, (title, names) in made.items():
        blocks = "".join(f"\n::: {name}\n" for name in names)
        (folder / f"{page}.md").write_text(f"# {title}\n{blocks}", encoding="utf-8")
    rows = [f"| [{title}]({page}.md) | {first_line(names[0])} |" for page, (title, names) in made.items()]
    head = "# Reference\n\nMade from the docstrings of the code.\n\n| page | begins with |\n|---|---|\n"
    (folder / "index.md").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")


SHOWN = ("measures", "figures", "tables", "blocks")


def modules_of(name: str) -> list[str]:
    """Return a module of the package by its whole name, nothing where there is none, all of a folder for "folder.*"."""
    path = HERE.parent / name.removesuffix(".*").replace(".", "/")
    if name.endswith(".*"):
        return [f"korus_research.{name[:-2]}.{one.stem}" for one in sorted(path.glob("[a-z]*.py"))]
    there = path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
    return [f"korus_research.{name}"] if there else []


def first_line(name: str) -> str:
    """Return the first line of a module's docstring."""
    return (import_module(name).__doc__ or "").strip().splitlines()[0].replace("|", "\\|")


def gallery(folder: Path, study: Any, shown_of: Collection[str]) -> None:
    """Draw every figure of every topic that the study allows, and write the page that shows them."""
    (folder / "gallery").mkdir()
    said = [f"# Gallery\n\nEvery figure, drawn from the embedded data when this page was made: {study!r}.\n"]
    for topic, title in {topic: titles().get(topic, topic) for topic in shown_of}.items():
        shown = []
        for name, made in figures_of(topic, study):
            (folder / "gallery" / f"{made.id}.png").write_bytes(made.png)
            picture = f'<img src="gallery/{made.id}.png" alt="{escape(plain(str(made.alt)))}" width="{WIDTH}">'
            code = f"```python\nkr.{topic}.{name}\n```"
            shown.append(f"### {plain(str(made.title))}\n\n{code}\n\n{picture}\n")
        if shown:
            said += [f"## {title}\n", *shown]
    (folder / "gallery.md").write_text("\n".join(said), encoding="utf-8")


def figures_of(topic: str, study: Any) -> Iterator[tuple[str, Figure]]:
    """Yield the figures of a topic with the call that makes each; what the study lacks data for is left out."""
    for path in sorted((HERE / topic).glob("*figures.py")):
        module = import_module(f"korus_research.chapters.{topic}.{path.stem}")
        for name, make in vars(module).items():
            own = inspect.isfunction(make) and make.__module__ == module.__name__ and not name.startswith("_")
            more = list(inspect.signature(make).parameters)[1:] if own else ["none"]
            if not own or set(more) - set(GIVEN):
                continue
            try:
                made = make(study, *(GIVEN[one](study) for one in more))
            except MissingInput:
                continue
            if isinstance(made, Figure):
                yield f"{name}({', '.join(['study', *(CALLS[one] for one in more)])})", made


CALLS = {"findings": "study.findings()", "curve": "study.specification_curve()"}


def plain(text: str) -> str:
    """Return a title without the spans around its numbers."""
    return re.sub(r"\[([^\]]*)\]\{[^}]*\}", r"\1", text)


if __name__ == "__main__":
    sys.exit(main())
