"""Figures as a reader meets them, wide and on a phone: letters in their place, none on another, each value told."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.browser

# What is shown of each figure, its letters and what lies on what; 3.5 px of height is what a halo may cover.
LOOK = """() => [...document.querySelectorAll('.drawn')].filter(x => x.getClientRects().length).map(drawn => {
  const page = drawn.getBoundingClientRect(), scale = drawn.getScreenCTM().a;
  const texts = [...drawn.querySelectorAll('text')].filter(x => x.textContent.trim())
    .map(x => [x.textContent, x.getBoundingClientRect(), parseFloat(getComputedStyle(x).fontSize) * scale]);
  const touching = [];
  texts.forEach(([a, r], i) => texts.slice(i + 1).forEach(([b, s]) => {
    const across = Math.min(r.right, s.right) - Math.max(r.left, s.left);
    const down = Math.min(r.bottom, s.bottom) - Math.max(r.top, s.top);
    if (across > 2 && down > 3.5) touching.push(`${a} / ${b}`);
  }));
  return {
    id: drawn.id, smallest: Math.min(...texts.map(t => t[2])), touching,
    outside: texts.filter(([, r]) => r.left < page.left - 3 || r.right > page.right + 3).map(t => t[0]),
  };
})"""
TOLD = """() => {
  const all = [...document.querySelectorAll('.drawn')].filter(x => x.getClientRects().length);
  return all.map(drawn => {
    const marks = [...drawn.querySelectorAll('.tips > *')];
    const mark = marks[marks.length >> 1];
    mark.scrollIntoView({block: 'center'});
    const box = mark.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return [drawn.id, hit.closest('.tips') !== null || hit.tagName];
  });
}"""


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("document", ["report", "annex"])
def test_letters_of_figures_can_be_read_where_they_stand(newest: Path, browse: Any, document: str, width: int) -> None:
    seen = browse((newest / f"{document}.html").as_uri(), width=width).page.evaluate(LOOK)
    assert len(seen) > 3
    narrow = [each["id"] for each in seen if each["id"].endswith("-narrow")]
    # Beside the brief's other column a figure has no more room than on a phone.
    assert len(narrow) == len(seen) if width == 360 else len(narrow) <= 1
    assert not [each["id"] for each in seen if each["smallest"] < 11]
    assert not {each["id"]: each["outside"] for each in seen if each["outside"]}
    assert not {each["id"]: each["touching"] for each in seen if each["touching"]}


@pytest.mark.parametrize("document", ["report", "annex"])
def test_a_pointer_on_a_mark_finds_its_value(newest: Path, browse: Callable[..., Any], document: str) -> None:
    page = browse((newest / f"{document}.html").as_uri()).page
    told = page.evaluate(TOLD)
    # A label may lie on a mark; its letters are then what is found.
    assert {found for _, found in told} <= {True, "text"}
    assert sum(found is True for _, found in told) > 0.7 * len(told)


def test_letters_of_figures_are_found_selected_and_follow_a_dark_page(newest: Path, browse: Callable[..., Any]) -> None:
    colours = []
    for scheme in ("light", "dark"):
        page = browse((newest / "report.html").as_uri(), scheme=scheme).page
        colours.append(
            page.evaluate("""() => [...document.querySelectorAll('.drawn.wide text')]
              .map(x => getComputedStyle(x).fill)""")
        )
        word = page.evaluate("() => document.querySelector('.drawn.wide text').textContent.trim()")
        assert page.evaluate("word => window.find(word)", word)
        assert word.lower() in page.evaluate("() => getSelection().toString()").lower()
        loaded = page.evaluate("() => [...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
        assert any("Korus Figures" in family for family in loaded)
    same = sum(light == dark for light, dark in zip(*colours, strict=True))
    assert same == 0, "no letter keeps the colour of a light page"
