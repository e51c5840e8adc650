"""How much a posting wants each skill: cases in cases/needs.toml, and what is true of any text."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings

from extractor.analyzer import Analyzer
from extractor.clauses import Clauses
from extractor.errors import VocabularyError
from extractor.needs import NeedRules, Wanted
from extractor.parts import SectionFinder
from extractor.phrases import NeedPhrases, load_need_phrases
from extractor.records import Need, Skill
from extractor.words import DATA, load_headings, read_toml
from tests.marked import (
    MarkedCase,
    clauses_of,
    growth,
    parameters,
    read_marked,
    seconds,
    skill_at,
    texts_of,
)

CASES = read_marked("needs.toml")
PHRASES = read_toml(DATA / "needs.toml")
STRENGTH = ("unspecified", "preferred", "required")
REQUIRED, PREFERRED = Wanted("required"), Wanted("preferred")
NEGATED, NOTHING = Wanted("unspecified", True), Wanted("unspecified", False)

judge = NeedRules(load_need_phrases())
find_sections = SectionFinder(load_headings())


@pytest.fixture(scope="module")
def names(load_once: Callable[..., Analyzer]) -> Analyzer:
    """The Analyzer that finds the skills of the vocabulary and nothing else."""
    return load_once(parts=("skills",), discovery=False)


def wanted(text: str) -> list[Wanted]:
    """What each "Python", "SQL" and "Power BI" of a text says, headings apart."""
    return judge(clauses_of(text), ())


def wanted_in_parts(text: str) -> list[Wanted]:
    """The same with the headings that `sections` finds."""
    clauses = clauses_of(text)
    return judge(clauses, find_sections(clauses.view.text))


def meant(attribute: str) -> tuple[str, bool]:
    """Need and negation of a mark."""
    return ("unspecified", True) if attribute == "negated" else (attribute, False)


# --- cases ---------------------------------------------------------------------------------------


def test_every_case_has_a_name_of_its_own() -> None:
    found = [case.name for case in CASES]
    assert sorted(found) == sorted(set(found))


def test_every_mark_of_the_cases_is_read() -> None:
    assert [case.name for case in CASES if not case.marks or "](" in case.text] == []


def test_every_answer_is_given_in_some_case() -> None:
    given_answers = {answer for case in CASES for mark in case.marks for answer in mark.attributes}
    assert given_answers == {"required", "preferred", "unspecified", "negated"}


@pytest.mark.parametrize("case", parameters(CASES))
def test_each_skill_is_wanted_as_the_case_says(names: Analyzer, case: MarkedCase) -> None:
    result = names.analyze(case.text)
    found = [skill_at(result, mark) for mark in case.marks]
    assert [skill and (skill.id, skill.need, skill.is_negated) for skill in found] == [
        (mark.skill, *meant(mark.attributes[0])) for mark in case.marks
    ]


@pytest.mark.parametrize(
    ("sign", "other"),
    [("\n", "\r\n"), ("\n", " \n"), (" ", "\u00a0"), ("'", "’"), ("’", "'")],
    ids=["CRLF", "space at line ends", "no-break spaces", "curly", "straight"],
)
def test_signs_that_look_alike_say_the_same(names: Analyzer, sign: str, other: str) -> None:
    assert [
        case.name
        for case in CASES
        if needs_of(names, case.text.replace(sign, other)) != needs_of(names, case.text)
    ] == []


def needs_of(names: Analyzer, text: str) -> list[tuple[str, list[tuple[Need, bool]]]]:
    skills = names.analyze(text).skills
    return [(one.id, [(m.need, m.is_negated) for m in one.mentions]) for one in skills]


# --- the mentions of one skill put together ------------------------------------------------------


def only_skill(names: Analyzer, text: str, title: str = "") -> Skill:
    (skill,) = names.analyze(text, title=title).skills
    return skill


@pytest.mark.parametrize(
    ("text", "needs", "strongest"),
    [
        ("Ideally SQL. SQL is required.", ["preferred", "required"], "required"),
        ("SQL is required. Ideally SQL.", ["required", "preferred"], "required"),
        ("We use SQL. SQL would be a plus.", ["unspecified", "preferred"], "preferred"),
        ("We use SQL. We run on SQL.", ["unspecified", "unspecified"], "unspecified"),
    ],
)
def test_a_skill_is_wanted_as_by_its_strongest_mention(
    names: Analyzer, text: str, needs: list[Need], strongest: Need
) -> None:
    skill = only_skill(names, text)
    assert ([m.need for m in skill.mentions], skill.need) == (needs, strongest)


@pytest.mark.parametrize(
    ("text", "mentions", "need", "is_negated"),
    [
        ("No SQL needed. SQL is not required.", [True, True], "unspecified", True),
        ("No SQL needed. SQL is required.", [True, False], "required", False),
        ("We use SQL. No SQL needed.", [False, True], "unspecified", False),
    ],
)
def test_a_skill_is_negated_only_when_every_mention_is(
    names: Analyzer, text: str, mentions: list[bool], need: Need, is_negated: bool
) -> None:
    skill = only_skill(names, text)
    assert [m.is_negated for m in skill.mentions] == mentions
    assert (skill.need, skill.is_negated) == (need, is_negated)


def test_a_title_says_nothing_of_need(names: Analyzer) -> None:
    skill = only_skill(names, "SQL would be a plus.", title="SQL required")
    assert [(m.field, m.need) for m in skill.mentions] == [
        ("title", "unspecified"),
        ("description", "preferred"),
    ]
    assert skill.need == "preferred"


def test_a_skill_in_the_title_is_not_negated(names: Analyzer) -> None:
    """It is the job's own, whatever the text says of it in some place."""
    skill = only_skill(names, "No SQL needed.", title="SQL Developer")
    assert [m.is_negated for m in skill.mentions] == [False, True]
    assert skill.is_negated is False


def test_each_posting_is_judged_alone(names: Analyzer) -> None:
    """The lead-in of one must not reach the skills of the next."""
    from extractor.records import Posting

    texts = ["Nice to have:\nSQL", "SQL", "Requirements\nSQL", "SQL"]
    results = names.stream(Posting(str(place), text) for place, text in enumerate(texts))
    assert [skill.need for result in results for skill in result.skills] == [
        "preferred",
        "unspecified",
        "required",
        "unspecified",
    ]


# --- the list of phrases -------------------------------------------------------------------------

_KINDS = {"preferred": PREFERRED, "required": REQUIRED, "negated": NEGATED, "asked": REQUIRED}
_LISTED = [
    (kind, place, side)
    for kind in _KINDS
    for side in PHRASES[kind]
    for place in (("before", "after") if side == "either" else (side,))
]


@pytest.mark.parametrize(("kind", "place", "side"), _LISTED)
@pytest.mark.parametrize(
    "write",
    [
        str,
        lambda phrase: phrase.upper().replace("'S", "'s"),
        lambda phrase: phrase.replace("'", "’"),
        lambda phrase: phrase.replace(" - ", "-"),
    ],
    ids=["as listed", "upper case", "curly", "tight"],
)
def test_every_phrase_counts_on_its_side(
    kind: str, place: str, side: str, write: Callable[[str], str]
) -> None:
    """A phrase that no text can hold, or that another hides, would be a dead entry."""
    text = "We keep bees. {} Python" if place == "before" else "Python {}."
    phrases = PHRASES[kind][side]
    assert [one for one in phrases if wanted(text.format(write(one))) != [_KINDS[kind]]] == []


@pytest.mark.parametrize("text", ["{} Python.", "Python {}."])
def test_a_neutral_phrase_says_nothing(text: str) -> None:
    phrases = PHRASES["neutral"]["phrases"]
    assert [one for one in phrases if wanted(text.format(one)) != [NOTHING]] == []


@pytest.mark.parametrize("phrase", PHRASES["same"]["before"])
@pytest.mark.parametrize(
    ("cue", "need"),
    [("is essential", REQUIRED), ("is a plus", PREFERRED), ("is not required", NEGATED)],
)
def test_a_phrase_of_sameness_takes_over_what_was_said(phrase: str, cue: str, need: Wanted) -> None:
    assert wanted(f"Python {cue}, {phrase} SQL.") == [need, need]
    assert wanted(f"Bees, {phrase} SQL.") == [NOTHING]


@pytest.mark.parametrize("lead", PHRASES["clauses"]["leads"])
def test_a_heading_inside_a_long_line_speaks_for_all_behind_it(lead: str) -> None:
    """A line as long as that has lost its line ends."""
    (need,) = wanted(f"{lead.title()} {'bees ' * 40}Python {'bees ' * 150}")
    assert need in (REQUIRED, PREFERRED)
    assert wanted(f"{lead.title()} {'bees ' * 40}Python") != [need]


@pytest.mark.parametrize("stop", [*PHRASES["clauses"]["stops"], ".", "!", "?"])
def test_a_phrase_ends_with_its_clause(stop: str) -> None:
    assert wanted(f"Python{stop} SQL preferred") == [NOTHING, PREFERRED]


@pytest.mark.parametrize("turn", PHRASES["clauses"]["turns"])
def test_a_turn_ends_what_a_phrase_says(turn: str) -> None:
    assert wanted(f"Python preferred {turn} SQL mandatory") == [PREFERRED, REQUIRED]
    assert wanted(f"Python {turn} SQL mandatory") == [NOTHING, REQUIRED]


@pytest.mark.parametrize("stop", [".", "!", "?"])
def test_a_sign_inside_a_word_ends_nothing(stop: str) -> None:
    assert wanted(f"Python, bees{stop}hive and SQL preferred") == [PREFERRED, PREFERRED]


def test_a_phrase_inside_a_name_says_nothing() -> None:
    clauses = clauses_of("Desirable SQL and Python")
    assert judge(clauses, ()) == [PREFERRED, PREFERRED]
    named = Clauses(clauses.view, [(0, 13), (18, 24)], frozenset())
    assert judge(named, ()) == [NOTHING, NOTHING]


def test_a_phrase_reaches_only_so_far() -> None:
    assert wanted(f"Ideally {'bees ' * 20}Python") == [PREFERRED]
    assert wanted(f"Ideally {'bees ' * 40}Python") == [NOTHING]
    assert wanted(f"Python {'bees ' * 20}preferred") == [PREFERRED]
    assert wanted(f"Python {'bees ' * 40}preferred") == [NOTHING]


# --- what is true of any text --------------------------------------------------------------------

_texts = texts_of(
    *("ideally", "nice to have", "a plus", "preferred", "bonus points", "Nice to have\n", "(D)"),
    *("must have", "required", "is essential", "Requirements:\n", "minimum", "needed", "(E)"),
    *("no", "not required", "neither", "don’t need", "as is", "so are", "not"),
    *("you have", "experience with", "strong", "skills", "as required", "Duties\n", "bees", "hive"),
    *("Benefits\n", "Our stack:", "Not required\n"),
)


@settings(deadline=None, max_examples=200)
@given(text=_texts)
def test_each_mention_of_any_text_has_one_answer(text: str) -> None:
    found = wanted_in_parts(text)
    assert len(found) == len(clauses_of(text).tokens)
    assert set(found) <= {REQUIRED, PREFERRED, NEGATED, NOTHING}


@settings(deadline=None, max_examples=60)
@given(text=_texts, other=_texts)
def test_no_text_changes_the_answers_of_the_next(text: str, other: str) -> None:
    fresh = NeedRules(load_need_phrases())(clauses_of(text), ())
    wanted(other)
    assert judge(clauses_of(text), ()) == fresh


@settings(deadline=None, max_examples=60)
@given(text=_texts)
def test_without_a_mention_nothing_is_said(text: str) -> None:
    view = clauses_of(text).view
    assert judge(Clauses(view, [], frozenset(".")), find_sections(view.text)) == []


@settings(deadline=None, max_examples=60)
@given(text=_texts)
def test_every_skill_of_any_text_is_put_together_from_its_mentions(
    names: Analyzer, text: str
) -> None:
    for skill in names.analyze(text, title="Python, no SQL").skills:
        assert skill.need == max((m.need for m in skill.mentions), key=STRENGTH.index)
        assert skill.is_negated == (False not in [m.is_negated for m in skill.mentions])
        assert not skill.is_negated or skill.need == "unspecified"


@pytest.mark.parametrize(
    "text",
    [
        "ideally " * 100_000 + "Python",
        "Python " + "required " * 100_000,
        "Python " + "as is " * 20_000,
        "no " * 20_000 + "Python",
        "experience " * 20_000 + "Python",
        "Ideally Python " * 5_000,
        "No Python or " * 5_000,
        "(" * 50_000 + "Python" + ")" * 50_000 + " preferred",
        "[Python (required " * 10_000,
        "; . but " * 30_000 + "Python",
        "Python " + "bees and hives " * 67_000 + "required",
        "x" * 1_000_000 + " Python",
        "Ideally\n" * 10_000 + "Python",
        "\n" * 500_000 + "Python",
    ],
    ids=[
        "wishes",
        "demands",
        "sameness",
        "denials",
        "experience",
        "wishes and names",
        "denials and names",
        "nested brackets",
        "open brackets",
        "stops",
        "one line",
        "one word",
        "lead-ins",
        "line ends",
    ],
)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    clauses = clauses_of(text)
    assert seconds(lambda: judge(clauses, ())) < 5


@pytest.mark.parametrize(
    ("piece", "times"),
    [
        pytest.param("Ideally Python ", 500, id="wishes"),
        pytest.param("Python required, ", 500, id="demands"),
        pytest.param("You have:\nPython\n", 500, id="asked on lines"),
        pytest.param(
            "experience Python ",
            300,
            id="asked on one line",
        ),
        pytest.param(
            "Ideally:\nPython\n",
            300,
            id="lead-ins",
        ),
    ],
)
def test_time_grows_with_the_text(piece: str, times: int) -> None:
    assert growth(lambda clauses: judge(clauses, ()), piece, times) < 20


def test_time_grows_with_the_number_of_sections() -> None:
    def act(clauses: Clauses) -> None:
        judge(clauses, find_sections(clauses.view.text))

    assert growth(act, "Duties\nPython\nBenefits\nPython\n", 100) < 20


# --- known faults --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Python is not required but SQL is essential.",
        "Python is not essential but SQL is required.",
        "Python is not mandatory but SQL is a must.",
    ],
)
def test_one_not_required_but_another_required(text: str) -> None:
    assert wanted(text) == [NEGATED, REQUIRED]


@pytest.mark.xfail(strict=True, reason="a heading with two spaces in it is not read as one")
@pytest.mark.parametrize(
    ("text", "need"), [("About  you\nPython", REQUIRED), ("Good  to have: Python", PREFERRED)]
)
def test_two_spaces_in_a_heading_are_one(text: str, need: Wanted) -> None:
    assert wanted_in_parts(text) == [need]


@pytest.mark.xfail(strict=True, reason="such a line is taken for a heading")
@pytest.mark.parametrize("line", ["SQL preferred", "SQL is desirable"])
def test_a_line_without_a_bullet_speaks_for_itself(line: str) -> None:
    text = f"Requirements\nPython\n{line}\nPower BI"
    assert wanted_in_parts(text) == [REQUIRED, PREFERRED, REQUIRED]


@pytest.mark.xfail(strict=True, reason='"\'S" is two tokens, "\'s" is one')
def test_a_phrase_in_capitals_holds_its_apostrophe() -> None:
    assert wanted("MASTER'S in Python") == wanted("Master's in Python") == [REQUIRED]


# --- clauses -------------------------------------------------------------------------------------


def test_mentions_are_counted_among_tokens() -> None:
    """Tokens: Python , SQL or Power BI ."""
    clauses = clauses_of("Python, SQL or Power BI.")
    assert clauses.tokens == [(0, 1), (2, 3), (4, 6)]
    assert list(clauses.mentions(0, 7)) == [0, 1, 2]
    assert list(clauses.mentions(1, 4)) == [1]
    assert list(clauses.mentions(5, 7)) == []


def test_a_token_past_the_end_is_no_word() -> None:
    clauses = clauses_of("Learn Python")
    assert [clauses.word(place) for place in range(3)] == ["learn", "python", ""]


@pytest.mark.parametrize(
    ("start", "end", "is_inside"),
    [(0, 1, False), (0, 2, True), (1, 3, True), (2, 3, True), (2, 4, True), (3, 4, False)],
)
def test_tokens_that_touch_a_mention_are_inside_it(start: int, end: int, is_inside: bool) -> None:
    """Tokens: know Power BI well"""
    assert clauses_of("know Power BI well").is_inside(start, end) is is_inside


def test_a_clause_lies_between_stops_on_its_line() -> None:
    """Tokens: Bees . Some Python but SQL ; hives, and Wax on the next line."""
    clauses = clauses_of("Bees. Some Python but SQL; hives\nWax")
    assert clauses.clause(3, 4) == (2, 4)
    assert clauses.clause(3, 4, is_sentence=True) == (2, 6)
    assert clauses.clause(5, 6) == (5, 6)
    assert clauses.clause(7, 8) == (7, 8)
    assert clauses.clause(8, 9) == (8, 9)


def test_the_bracket_around_a_token_is_found() -> None:
    """Tokens: ( a [ b ] c ) d"""
    clauses = clauses_of("(a [b] c) d")
    assert [clauses.opening(0, place) for place in (1, 3, 5, 7)] == [0, 2, 0, None]
    assert clauses.opening(1, 5) is None
    assert [clauses.close(place, 8) for place in (1, 3, 5, 7)] == [6, 4, 6, 8]
    assert clauses.close(1, 5) == 5


# --- the faults of needs.toml --------------------------------------------------------------------

GOOD = """
[preferred]
before = ["Ideally"]
after = ["nice-to-have", "a plus"]
[neutral]
phrases = ["plus bonus"]
[clauses]
stops = [";"]
turns = ["but"]
joins = ["or"]
fillers = ["any"]
leads = ["Nice to have"]
"""
NeedsFile = Callable[[str], Path]


@pytest.fixture
def needs_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NeedsFile:
    """Writes the needs.toml that is read instead of the bundled one."""
    monkeypatch.setattr("extractor.phrases.DATA", tmp_path)

    def write(text: str) -> Path:
        path = tmp_path / "needs.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def load() -> NeedPhrases:
    """The phrases, read anew."""
    return load_need_phrases.__wrapped__()


def refusal() -> str:
    with pytest.raises(VocabularyError) as caught:
        load()
    return str(caught.value)


def without(table: str) -> str:
    """The good file without a table."""
    return re.sub(rf"^\[{table}\]\n(?:[^\[].*\n)*", "", GOOD, flags=re.MULTILINE)


def test_a_good_file_is_read_whole(needs_file: NeedsFile) -> None:
    needs_file(GOOD)
    assert load() == NeedPhrases(
        cues={
            ("plus", "bonus"): ("neutral", "either"),
            ("ideally",): ("preferred", "before"),
            ("nice", "-", "to", "-", "have"): ("preferred", "after"),
            ("a", "plus"): ("preferred", "after"),
        },
        stops=frozenset({";"}),
        turns=frozenset({"but"}),
        joins=frozenset({"or"}),
        fillers=frozenset({"any"}),
        leads=frozenset({("nice", "to", "have")}),
    )


@pytest.mark.parametrize("key", ["phrases", "stops", "turns", "joins", "fillers", "leads"])
def test_a_missing_key_is_refused(needs_file: NeedsFile, key: str) -> None:
    path = needs_file(re.sub(rf"^{key} = .*\n", "", GOOD, flags=re.MULTILINE))
    assert refusal() == f"{path}: no table or key {key!r}"


@pytest.mark.parametrize("table", ["clauses", "neutral"])
def test_a_missing_table_is_refused(needs_file: NeedsFile, table: str) -> None:
    path = needs_file(without(table))
    assert refusal() == f"{path}: no table or key {table!r}"


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ('before = ["Ideally", "ideally"]', "ideally"),
        ('before = ["Ideally", "IDEALLY"]', "IDEALLY"),
        ('before = ["Ideally", "nice - to - have"]', "nice-to-have"),
        ('before = ["Ideally", "plus  bonus"]', "plus  bonus"),
    ],
    ids=["as it is", "in another case", "on another side", "neutral too"],
)
def test_a_phrase_listed_twice_is_refused(needs_file: NeedsFile, line: str, phrase: str) -> None:
    path = needs_file(GOOD.replace('before = ["Ideally"]', line))
    assert refusal() == f"{path}: {phrase!r} is listed twice"


def test_a_missing_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("extractor.phrases.DATA", tmp_path)
    path = tmp_path / "needs.toml"
    assert refusal() == (
        f"{path}: cannot be read: [Errno 2] No such file or directory: {str(path)!r}"
    )


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("[preferred]", "[prefered]"),
        GOOD.replace("before =", "behind ="),
        GOOD.replace('["Ideally"]', '"ideal"'),
        GOOD.replace('["Ideally"]', '[""]'),
        GOOD.replace("leads =", "lead = []\nleads ="),
    ],
    ids=["unknown kind", "unknown side", "a text for a list", "empty phrase", "unknown key"],
)
def test_a_faulty_table_is_refused(needs_file: NeedsFile, text: str) -> None:
    path = needs_file(text)
    assert refusal().startswith(f"{path}: ")
