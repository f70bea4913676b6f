"""The HTML page around pandoc's output for a manuscript: head, contents, search, scripts, pop-overs."""

from __future__ import annotations

import base64
import hashlib
import re
from html import escape, unescape

from korus_research.publish.blocks import html, svg
from korus_research.publish.context import ANNEX, BRIEF, RenderContext
from korus_research.publish.converters import fonts
from korus_research.publish.converters.pandoc import pandoc
from korus_research.publish.converters.piece import NO_CACHE, PieceCache
from korus_research.publish.markup import plain
from korus_research.publish.meta import ReportMeta
from korus_research.publish.templates import FOLDER, environment, words

WORDS_A_MINUTE = 230  # of prose, read silently: Brysbaert 2019, doi 10.1016/j.jml.2019.104047, has 238 for non-fiction
_HEADING = re.compile(r'<h(?P<level>[2-4]) id="(?P<id>[^"]+)">(?P<text>.*?)</h(?P=level)>', re.DOTALL)
_SPOKEN = re.compile(r'data-f="([^"]+)"')
_NOT_READ = re.compile(r"<(svg|table|template|details|math)\b.*?</\1>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ANSWER = re.compile(r'<div class="(?:standfirst|answer)">(.*?)</div>', re.DOTALL)
_PICTURE = re.compile(r'<figure class="picture[^"]*" id="fig-([^"]+)"')


def page_of(body: str, context: RenderContext, meta: ReportMeta, known: PieceCache = NO_CACHE) -> bytes:
    """Return a self-contained, accessible HTML file that works without scripts and loads nothing.

    PublishFailed if the Korean fonts are missing.
    """
    heading = words().annex_to.format(title=meta.title) if context.part == ANNEX else meta.title
    body = _headed(context.link_numbers(body))
    # The title of the brief, if there is one, is the question.
    briefed = any(chapter.part == BRIEF for chapter in context.report.chapters)
    titles = (words().in_brief if c.part == BRIEF else plain(c.title) for c in context.report.chapters)
    contents = [(c.number, title, c.anchor) for title, c in zip(titles, context.report.chapters, strict=True)]
    back = (("numbers", words().numbers), ("references", words().references))
    contents += [("", name, anchor) for anchor, name in back if f'id="{anchor}"' in body]
    links = _links(context.part or "report", meta.beside)
    shown = body + meta.name_ko + heading + meta.standfirst + "".join(map(str, meta.colophon))
    script = "\n".join(path.read_text(encoding="utf-8") for path in sorted((FOLDER / "scripts").glob("*.js")))
    # The content security policy allows one script, by its hash.
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    page = environment().get_template("page.html.j2")
    return page.render(
        meta=meta,
        part=context.part,
        whole=context.whole,
        heading=heading,
        briefed=briefed,
        lead="" if briefed or context.part == ANNEX else meta.subtitle,
        standfirst=pandoc(meta.standfirst, "html") if meta.standfirst and context.part != ANNEX else "",
        description=answer_in(body) or f"{meta.subtitle} {meta.edition}.".strip(),
        facts=_facts(body, meta),
        links=links,
        others=[(name, address) for name, address in links if re.fullmatch(r"\w+\.html", address)],
        contents=contents,
        titles=_elsewhere(context),
        pop_numbers=html.numbers_here(context, list(dict.fromkeys(_SPOKEN.findall(body)))),
        style=fonts.font_face(shown, known) + fonts.figure_faces(body, known) + style(),
        body=body,
        colophon=meta.colophon,
        script=script,
        script_hash=f"sha256-{digest}",
    ).encode()


def style() -> str:
    """Return the style sheet of all pages: that of the figures, then those in `styles` by name."""
    sheets = (path.read_text(encoding="utf-8") for path in sorted((FOLDER / "styles").glob("*.css")))
    return "\n".join([svg.style(), *sheets])


def answer_in(page: str) -> str:
    """Return the first answer in a page as plain text, "" if there is none."""
    found = _ANSWER.search(page)
    return " ".join(unescape(_TAG.sub("", found[1])).split()) if found else ""


def picture_in(page: str) -> str:
    """Return the id of the first figure in a page, "" if there is none."""
    found = _PICTURE.search(page)
    return found[1] if found else ""


def _headed(body: str) -> str:
    """Return the body with a link beside each heading that has an id; the script copies its address."""

    def linked(match: re.Match[str]) -> str:
        anchor = match["id"].removesuffix("-title")
        title = unescape(_TAG.sub("", match["text"]))
        link = f'<a class="anchor" href="#{anchor}" aria-label="{escape(words().link_to.format(title=title))}"></a>'
        return f'<div class="headed">{match[0]}{link}</div>'

    return _HEADING.sub(linked, body)


def _facts(body: str, meta: ReportMeta) -> list[str]:
    """Return the key facts for readers: month of data, day of publishing, reading time."""
    count = len(_TAG.sub(" ", _NOT_READ.sub(" ", body)).split())
    minutes = words().reading_time.format(minutes=max(2, round(count / WORDS_A_MINUTE)))
    return [fact for fact in (meta.edition, meta.dated, minutes) if fact]


def _links(part: str, beside: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the other files that the edition has, as (title, address)."""
    titles = {
        "report.html": words().report_html,
        "annex.html": words().annex_html,
        "brief.pdf": words().download_brief_pdf,
        "report.pdf": words().download_report_pdf,
        "annex.pdf": words().download_annex_pdf,
        "claims.csv": words().claims_csv,
        "findings.json": words().findings_json,
        "../../index.html": words().index_html,
    }
    return [(title, address) for address, title in titles.items() if address in beside and address != f"{part}.html"]


def _elsewhere(context: RenderContext) -> list[tuple[str, str, str]]:
    """Return (label, title, address) of the chapters and exhibits of the other documents, for the search."""
    report = context.report
    return [
        (report.labels[anchor], title, context.href(anchor))
        for anchor, title in report.titles.items()
        if anchor in report.elsewhere
    ]
