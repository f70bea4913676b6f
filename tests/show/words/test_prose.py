"""The template language: what it says, and what it refuses to say."""

from __future__ import annotations

import contextlib
import re
import string
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st
from turned import sign_turned

from korus_research.errors import InvalidSentence, UnknownFinding
from korus_research.show.finding import Finding, Findings
from korus_research.show.words.prose import say


def findings(value, unit="usd_bn", **names):
    made = Finding("x.change", "the change in x", value, unit, "2011 to 2016", "a basis", ("goods_trade_monthly",))
    return Findings((made,), names)


TEMPLATE = "Exports {x.change:rose|fell|did not change} by {x.change:abs}."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.2, "Exports rose by $1.2 billion."),
        (-1.2, "Exports fell by $1.2 billion."),
        (0.01, "Exports did not change by $0.0 billion."),
    ],
)
def test_words_follow_the_sign(value, text):
    assert say(findings(value), TEMPLATE).plain == text


def test_a_missing_value_is_said_instead_of_the_sentence():
    text = say(findings(None), "First. " + TEMPLATE, "Second sentence.").plain
    assert text.startswith("We can't tell the change in x: ")
    assert "rose" not in text
    assert text.endswith("Second sentence.")


def test_spoken_numbers_carry_their_finding_and_dollars_are_no_formula():
    assert say(findings(-1.2), "It is {x.change}.").markdown == 'It is [−\\$1.2 billion]{.f data-f="x.change"}.'


def test_names_are_filled_in_and_not_marked_up():
    assert (
        say(findings(1.0, partner="Korea_*"), "To {partner}: {x.change:signed}.").plain == "To Korea_*: +$1.0 billion."
    )
    assert say(findings(1.0, partner="Korea_*"), "To {partner}.").markdown == "To Korea\\_\\*."


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("It moved by {x.change:abs}.", "spoken without its direction"),
        ("It {x.change:rose|fell}.", "offers 2 words"),
        ("It is {x.change:loud}.", "not a way to write a finding"),
        ("In {x.change@basis}.", "not something a finding says"),
        ("In {country}.", "neither a finding nor a name"),
    ],
)
def test_sentences_that_could_mislead_are_refused(template, message):
    with pytest.raises(InvalidSentence, match=message):
        say(findings(1.0), template)


def test_an_unknown_finding_is_refused():
    with pytest.raises(UnknownFinding, match="did you mean 'x.change'"):
        say(findings(1.0), "It is {x.chang}.")


def test_lists_and_what_jupyterlab_shows():
    prose = say(findings(1.0), "One <b>{x.change}</b>.", "Two.", role="points")
    bundle = prose._repr_mimebundle_()
    shown = re.sub(r"</?span[^>]*>", "", bundle["text/html"])
    assert (
        shown
        == '<div class="mathjax_ignore">' + "<ul><li>One &lt;b&gt;$1.0 billion&lt;/b&gt;.</li><li>Two.</li></ul></div>"
    )
    data = bundle["application/vnd.korus.prose+json"]
    assert data["markdown"].count("\n- ") == 1
    assert [f["id"] for f in data["findings"]] == ["x.change"]


@given(
    st.floats(-1e5, 1e5).filter(lambda v: abs(v) >= 0.05),
    st.text(alphabet=string.ascii_letters + " ,;", max_size=30),
    st.sampled_from(["usd_bn", "percent", "points"]),
)
def test_turning_the_sign_turns_any_sentence(value, words, unit):
    template = words + "{x.change:up|down|level} by {x.change:abs} or {x.change:signed}" + words
    there = findings(value, unit)
    turned = Findings(tuple(sign_turned(f) for f in there.values()))
    assert say(there, template).plain != say(turned, template).plain


@given(st.text(max_size=60))
def test_any_text_is_either_spoken_or_one_of_our_errors(template):
    # ValueError is str.Formatter's own for unbalanced braces; anything else escapes and fails.
    with contextlib.suppress(InvalidSentence, UnknownFinding, ValueError):
        assert isinstance(say(findings(1.0), template).plain, str)


def test_a_sentence_whose_finding_repeats_another_is_left_out():
    first, again = (
        Finding("x.a", "a", 1.0, "usd_bn", "2016", "b", ()),
        Finding("x.b", "b", 1.0, "usd_bn", "2016", "b", (), repeats="x.a"),
    )
    prose = say(Findings((first, again)), "**A.** It is {x.a}.", "Again {x.b}.", "More.", "**B.** End.", role="points")
    assert prose.markdown.count("\n- ") == 1
    assert prose.plain.replace("\n", " ") == "A. It is $1.0 billion. More. B. End."
    shown = re.sub(r"</?span[^>]*>", "", prose._repr_mimebundle_()["text/html"])
    assert "<li><strong>A.</strong> It is $1.0 billion. More.</li><li><strong>B.</strong> End.</li>" in shown


def test_a_range_is_spoken_from_the_ends_of_the_interval_and_turns_with_it():
    made = Finding(
        "x.change", "the change in x", 22.1, "percent", "2013", "b", ("t",), low=-2.8, high=53.5, interval="90 %"
    )
    assert (
        say(Findings((made,)), "It is {x.change} ({x.change:range}).").plain
        == "It is 22.1 percent (\N{MINUS SIGN}2.8 to +53.5 percent)."
    )
    assert say(Findings((sign_turned(made),)), "({x.change:range}).").plain == "(\N{MINUS SIGN}53.5 to +2.8 percent)."


def test_the_ends_of_an_interval_are_spoken_in_words_and_turn_with_it():
    made = Finding("x.change", "the change", 20.0, "percent", "", "2016", (), decimals=0, low=-3.0, high=53.0)
    ends = [f"{{x.change@{end}:{{x.change@{end}:abs}} higher|{{x.change@{end}:abs}} lower|no different}}" for end in ("low", "high")]  # fmt: skip
    told = f"Anything from {ends[0]} to {ends[1]} is possible."
    assert say(Findings((made,)), told).plain == "Anything from 3 percent lower to 53 percent higher is possible."
    assert (
        say(Findings((sign_turned(made),)), told).plain
        == "Anything from 53 percent lower to 3 percent higher is possible."
    )
    none = replace(made, low=None, high=None)
    assert say(Findings((none,)), told).plain.startswith("We can't tell the change: the data allow no")
    with pytest.raises(InvalidSentence, match="without its direction"):
        say(Findings((made,)), "It is {x.change:abs} {x.change:up|down|level}, at the least {x.change@low:abs}.")


def test_a_range_that_there_is_not_is_said_to_be_lacking():
    assert (
        say(findings(1.0), "From {x.change:range}.").plain
        == "We can't tell the change in x: the data allow no interval."
    )


def test_an_optional_sentence_about_a_finding_that_is_not_there_is_left_out():
    text = say(findings(1.0), "It is {x.change:signed}.", "So is {y.change:signed}, {partner}.", optional=True).plain
    assert text == "It is +$1.0 billion."
    with pytest.raises(UnknownFinding):
        say(findings(1.0), "So is {y.change:signed}.")


def test_an_optional_sentence_with_a_loop_is_kept_where_each_of_its_findings_is_there():
    made = [Finding(f"x.{k}", f"x in {k}", 1.5, "usd_bn", "2016", "", ("goods_trade_monthly",)) for k in ("a", "b")]
    told = "Known: {places:*{x.<places>}|; }."
    assert say(Findings(tuple(made), {"places": ("a", "b")}), told, optional=True).plain.startswith("Known: $1.5 ")
    assert say(Findings(tuple(made[:1]), {"places": ("a", "b")}), told, optional=True).plain == ""
    assert say(Findings(tuple(made), {"places": ()}), told, optional=True).plain == "Known: ."


@pytest.mark.parametrize("source", ["Exports {x.change:rose|fell|did not change}.", 3, None])
def test_what_has_no_findings_is_refused(source: object) -> None:
    """A text is made of texts, and so on without end."""
    with pytest.raises(InvalidSentence, match="in place of findings. Expected a result or findings, and then"):
        say(source, findings(1.0))
