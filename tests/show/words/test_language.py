"""What the language of sentences can say beyond values and signs: counts, states, presence, lists, conditions."""

from __future__ import annotations

import pytest
from turned import sign_turned

from korus_research.errors import InvalidSentence, InvalidWords
from korus_research.show.finding import Finding, Findings
from korus_research.show.words import file
from korus_research.show.words.sentence import fields, keys_of, listed, speak
from korus_research.show.words.text import chosen, executed_part, spoken


def number(id_: str, value: float | None, unit: str = "count") -> Finding:
    return Finding(id_, f"the {id_}", value, unit, "2016", "a basis", ())


def choice(id_: str, state: str | None) -> Finding:
    return Finding(id_, f"the {id_}", None, "choice", "2016", "a basis", (), state=state, states=("open", "closed"))


def known(*made: Finding, **names: str | list[str]) -> Findings:
    return Findings(made, names)


def said(text: str, findings: Findings, **given: str) -> str:
    return spoken(text, findings, given).plain


@pytest.mark.parametrize(("count", "text"), [(0, "none reaches it"), (1, "one reaches it"), (2, "two reach it")])
def test_a_verb_agrees_with_a_count(count, text):
    assert said("{a.n:count} {a.n:#reaches|reach} it", known(number("a.n", count))) == text


def test_a_list_is_joined_and_a_verb_agrees_with_it():
    sentence = "{makers} {makers:#has|have} it"
    assert said(sentence, known(makers=["Ford"])) == "Ford has it"
    assert said(sentence, known(makers=["Ford", "GM"])) == "Ford and GM have it"
    assert said(sentence, known(makers=["Ford", "GM", "Tesla"])) == "Ford, GM and Tesla have it"
    assert listed([]) == ""


def test_a_choice_speaks_its_state_and_turns():
    sentence = "It {a.mood:open=may rise|closed=is shut}."
    mood = choice("a.mood", "open")
    assert said(sentence, known(mood)) == "It may rise."
    assert said(sentence, known(sign_turned(mood))) == "It is shut."
    assert said("It {a.mood:open=may rise|*=rests}.", known(sign_turned(mood))) == "It rests."
    assert said(sentence, known(mood.without_value())).startswith("We can't tell the a.mood")
    assert (mood.to_json()["value"], mood.to_json()["text"]) == (None, "open")
    assert Finding.from_json(mood.to_json()) == mood


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        ("It {a.mood:open=x}.", "no words"),
        ("It {a.mood:open=x|shut=y|*=z}.", "'shut' is no state"),
        ("It {a.n:#one}.", "offers 1 words"),
        ("It {a.n:?yes}.", "offers 1 words"),
        ("It {who:loud}.", "not a way to write a name"),
        ("It {who.", "A brace stands alone"),
    ],
)
def test_what_could_not_be_said_in_every_edition_is_refused(sentence, message):
    with pytest.raises(InvalidSentence, match=message):
        speak(sentence, known(choice("a.mood", "open"), number("a.n", 1), who="we"))


def test_presence_chooses_words_and_is_no_statement_about_what_is_missing():
    sentence = "It fell{a.n:?, {a.n:count} times|}."
    assert said(sentence, known(number("a.n", 2))) == "It fell, two times."
    assert said(sentence, known(number("a.n", None))) == "It fell."
    assert said("{who:?By {who}|By nobody}.", known(who="")) == "By nobody."
    assert said("{who:^} and {a.n:count^}", known(number("a.n", 2), who="we")) == "We and Two"


def test_words_for_each_item_of_a_list():
    findings = known(number("a.x", 1), number("a.y", 2), codes=["x", "y"], name_x="Ex", name_y="Why")
    assert said("{codes:*{name_<codes>} {a.<codes>:count}|; }", findings) == "Ex one; Why two"
    assert said("{codes:*{name_<codes>}|, | and }", findings) == "Ex and Why"
    assert said("{three:*<three>|, | and }", findings, three=["a", "b", "c"]) == "a, b and c"


def test_conditions_choose_lines():
    text = """
    [if a.n > 1] More than one.
    [unless a.n > 1] At most one.
    [if a.mood = open and who] Open, by {who}.
    [each flow in exports, imports] US <flow> {b.<flow>:number}.
    """
    made = (number("b.exports", 3), number("b.imports", 4))
    first = said(text, known(number("a.n", 2), choice("a.mood", "open"), *made, who="us"))
    assert first == "More than one. Open, by us. US exports 3. US imports 4."
    then = said(text, known(number("a.n", 1), choice("a.mood", "closed"), *made, who="us"))
    assert then == "At most one. US exports 3. US imports 4."


def test_what_code_gives_fills_ids_and_text():
    findings = known(number("b.exports", 3))
    assert said("The <flow>: {b.<flow>:number}, {flow}.", findings, flow="exports") == "The exports: 3, exports."
    assert list(chosen("[each code in codes] <code>", findings, {"codes": ["x", "y"]})) == ["x", "y"]


def test_lines_indented_below_a_condition_go_with_it():
    text = "[each code in codes]\n  Of <code>.\n  [if b.<code>]\n    It is {b.<code>:number}.\nAll.\n[unless codes]\n  None."
    findings = known(number("b.y", 2))
    assert [speak(t, findings).plain for t in chosen(text, findings, {"codes": ["x", "y"]})] == [
        "Of x.",
        "Of y.",
        "It is 2.",
        "All.",
    ]
    assert list(chosen(text, findings, {"codes": []})) == ["All.", "None."]


def test_fields_within_words_to_choose_from_are_found():
    assert keys_of("{a.n:?{b.m:count}|{who}} {c.o@period}") == ["a.n", "b.m", "c.o"]
    assert [name for name, _ in fields("{who:?{x}|{y}}")] == ["who", "x", "y"]


WRONG = {
    "[say]\nx = 3\n": ("line 2: say x", "of type int"),
    "[say.x]\ntext = 'a'\nrol = 'b'\n": ("line 3: say x rol", "did you mean 'role'"),
    "[say.x]\ntext = 'a'\nrole = 'shout'\n": ("line 3: say x role", "one of text, answer"),
    "[figure.x]\nalt = 'a'\n": ("line 1: figure x", "no title"),
    "[figure.x]\ntitle = 'It {a.b'\n": ("line 2: figure x title", "brace stands alone"),
    "[say]\nx = '''\n[if a.b It.\n'''\n": ("line 2: say x", "condition that does not end"),
    "[say]\nx = '[each in y] It.'\n": ("line 2: say x", "condition that does not end"),
    "[table.x]\ntitle = 'T'\ncolumns = [\n  { key = 'a', lable = 'A' },\n]\n": ("line 4", "lable", "label"),
    "[tabel.x]\ntitle = 'T'\n": ("line 1: tabel", "did you mean 'table'"),
    "x = \n": ("words.toml", "TOML", "line 1"),
}


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_a_wrong_file_is_one_error_with_file_line_and_key(tmp_path, content):
    path = tmp_path / "words.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidWords) as caught:
        file.load(path)
    for part in WRONG[content]:
        assert part in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_missing_entry_say_so(tmp_path):
    from korus_research.show.words.text import Words

    with pytest.raises(InvalidWords, match="is not there"):
        file.load(tmp_path / "words.toml")
    with pytest.raises(InvalidWords, match=r"no words 'say\.nothing'"):
        Words("context").say("nothing")


def test_the_executed_part_leaves_out_what_is_spoken_again():
    parsed = {
        "labels": {"a": "A"},
        "say": {"x": "text"},
        "figure": {"f": {"title": "T", "caption": "C", "given": ["x"]}},
        "table": {"t": {"title": "T", "columns": [{"key": "k", "label": "L", "unit": "U", "decimals": 1}]}},
    }
    assert executed_part(parsed) == {
        "labels": {"a": "A"},
        "figure": {"f": {"given": ["x"], "source": False}},
        "table": {"t": {"columns": [{"key": "k", "decimals": 1}], "source": False}},
    }
