"""The Analyzer: the same answer however it is asked, and a sound one for any text."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from extractor import Analyzer, Posting, Result
from extractor.batch import Tally, analyze_all
from extractor.errors import FormatError, ModelError, VocabularyError
from extractor.records import Failure

ADVERTS = (
    Posting(
        "1",
        "Requirements\n- Python, SQL and Power BI\n- Statistical and predictive modelling\n\n"
        "Benefits\nWe use Kubernetes ourselves.",
        "Data Scientist (Python)",
        "ads.csv:2",
    ),
    Posting("2", "You build dashboards in Tableau\u00a0and Power-BI; R, C and Go.", "BI Analyst"),
    Posting("3", "You cut hair.\r\nNo experience needed.", "Hairdresser", "ads.csv:4"),
    Posting("4", "", "Machine Learning Engineer"),
    Posting("5", "Wir suchen eine Kollegin, die Python und SQL kennt und gerne erklärt.", ""),
)


def check(posting: Posting, result: Result) -> None:
    """What is true of any result: places, order, sums."""
    fields = {"title": posting.title, "description": posting.text}
    assert (result.id, result.source, result.title) == (posting.id, posting.source, posting.title)
    assert result.role is not None
    places = []
    for skill in result.skills:
        assert skill.mentions != ()
        for m in skill.mentions:
            assert fields[m.field][m.start : m.end] == m.text != ""
            places.append((m.field != "title", m.start, m.end))
        own = [(m.field != "title", m.start) for m in skill.mentions]
        assert own == sorted(own)
    for one, other in itertools.pairwise(sorted(places)):
        assert one[0] != other[0] or one[2] <= other[1], "mentions overlap"
    firsts = [(s.mentions[0].field != "title", s.mentions[0].start) for s in result.skills]
    assert firsts == sorted(firsts)
    for one in result.role.evidence:
        assert fields[one.field][one.start : one.end] == one.text != ""
        assert one.weight > 0
    weights = [one.weight for one in result.role.evidence]
    assert weights == sorted(weights, reverse=True)
    assert sum(value for _, value in result.role.scores) == pytest.approx(1.0, abs=1e-5)
    assert (result.role.id, result.role.confidence) == result.role.scores[0]


# --- the same answer however it is asked ---------------------------------------------------------


@pytest.mark.parametrize("posting", ADVERTS, ids=lambda posting: posting.id)
def test_analyze_equals_stream_of_one(analyzer: Analyzer, posting: Posting) -> None:
    (streamed,) = analyzer.stream([posting])
    alone = analyzer.analyze(
        posting.text, title=posting.title, id=posting.id, source=posting.source
    )
    assert alone == streamed


@pytest.mark.parametrize("batch_size", [1, 2, 64])
def test_batches_change_nothing(analyzer: Analyzer, batch_size: int) -> None:
    alone = [next(analyzer.stream([posting])) for posting in ADVERTS]
    assert list(analyzer.stream(ADVERTS, batch_size=batch_size)) == alone


def test_two_processes_give_the_same_results_in_the_same_order(analyzer: Analyzer) -> None:
    postings = [Posting(f"{n}", p.text, p.title) for n in range(6) for p in ADVERTS]
    expected = list(analyzer.stream(postings))
    assert list(analyzer.stream(postings, batch_size=4, processes=2)) == expected


def test_the_second_time_gives_the_same(analyzer: Analyzer) -> None:
    assert list(analyzer.stream(ADVERTS)) == list(analyzer.stream(ADVERTS))


def test_a_stream_takes_postings_only_as_it_needs_them(analyzer: Analyzer) -> None:
    taken = 0

    def endless() -> Iterator[Posting]:
        nonlocal taken
        while True:
            taken += 1
            yield ADVERTS[1]

    stream = analyzer.stream(endless(), batch_size=2)
    assert next(stream) == next(stream)
    assert taken == 2


def test_a_stream_of_nothing_is_empty(analyzer: Analyzer) -> None:
    assert list(analyzer.stream([])) == []


# --- what a result says --------------------------------------------------------------------------


def test_a_result_names_role_skills_and_places(analyzer: Analyzer) -> None:
    posting = ADVERTS[0]
    (result,) = analyzer.stream([posting])
    check(posting, result)
    assert result.language is None or result.language == "en"
    assert result.role is not None
    assert (result.role.id, result.role.name) == ("data-scientist", "Data Scientist")
    found = {skill.id: skill for skill in result.skills}
    assert found["python"].name == "Python"
    assert found["python"].kind == "tool"
    assert [(m.field, m.start, m.end, m.text) for m in found["python"].mentions] == [
        ("title", 16, 22, "Python"),
        ("description", 15, 21, "Python"),
    ]
    assert "predictive-modelling" in found or "predictive-modeling" in found
    assert "kubernetes" not in found  # named only where the firm speaks of itself


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Analyst, SQL", "SQL"),
        ("Statistician, Python and R", "R"),
        ("Developer C#", "C#"),
        ("Developer C++", "C++"),
        ("Developer .NET", ".NET"),
        ("Developer Node.js", "Node.js"),
        ("Python", "Python"),
    ],
)
def test_a_name_at_the_very_end_of_a_title_is_found(
    analyzer: Analyzer, title: str, name: str
) -> None:
    result = analyzer.analyze("You write code with our developers.", title=title)
    ends = [(m.text, m.end) for s in result.skills for m in s.mentions if m.field == "title"]
    assert (name, len(title)) in ends


def test_no_name_crosses_from_title_to_text(analyzer: Analyzer) -> None:
    result = analyzer.analyze("learning is fun", title="Machine")
    assert [s.id for s in result.skills if s.id in ("ml", "machine-learning")] == []
    assert [m.field for s in result.skills for m in s.mentions if m.text == "Machine"] == []


def test_a_title_that_reads_like_a_heading_silences_nothing(analyzer: Analyzer) -> None:
    result = analyzer.analyze("You know Python.", title="Benefits")
    assert [skill.id for skill in result.skills] == ["python"]


def test_results_fit_the_schema(analyzer: Analyzer, valid: Draft202012Validator) -> None:
    for posting, result in zip(ADVERTS, analyzer.stream(ADVERTS)):
        check(posting, result)
        valid.validate(result.to_dict())


def test_a_result_as_a_dictionary_holds_plain_values(analyzer: Analyzer) -> None:
    found = analyzer.analyze(ADVERTS[0].text, title=ADVERTS[0].title).to_dict()
    pending: list[object] = [found]
    while pending:
        value = pending.pop()
        if type(value) is dict:
            pending += value.values()
        elif type(value) is list:
            pending += value
        else:
            assert type(value) in (str, int, float, bool, type(None)), value


# --- loading -------------------------------------------------------------------------------------


def test_only_the_parts_asked_for_are_found(load_once: Callable[..., Analyzer]) -> None:
    text = "You know Python and SQL."
    only_role = load_once(parts=("role",)).analyze(text)
    only_skills = load_once(parts=("skills",)).analyze(text)
    whole = load_once().analyze(text)
    assert (only_role.role, only_role.skills) == (whole.role, ())
    assert (only_skills.role, only_skills.skills) == (None, whole.skills)


def test_a_model_of_ones_own_is_used(tiny_model: Path) -> None:
    analyzer = Analyzer.load(model=str(tiny_model), parts=("role",))
    role = analyzer.analyze("You tune tokenizers.", title="NLP Engineer").role
    assert role is not None
    assert next(name for name, _ in role.scores) == "nlp-engineer"
    assert len(role.scores) == 3


def test_a_vocabulary_of_ones_own_adds_and_overrides(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text(
        '{"id": "zz-kite", "name": "Kitewing", "kind": "tool", "category": "x"}\n'
        '{"id": "python", "name": "Pythonish", "kind": "soft", "category": "x"}\n'
    )
    analyzer = Analyzer.load(vocabulary=str(path), parts=("skills",))
    found = analyzer.analyze("Kitewing, Python and Pythonish and SQL.").skills
    assert [(skill.id, skill.name, skill.kind) for skill in found] == [
        ("zz-kite", "Kitewing", "tool"),
        ("python", "Pythonish", "soft"),
        ("sql", "SQL", "tool"),
    ]


def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        Analyzer.load(model=tmp_path)
    message = "no model here: No such file or directory; a model folder holds card.json"
    assert str(caught.value) == f"{tmp_path / 'card.json'}: {message}"


def test_a_wrong_vocabulary_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text('{"id": "zz-kite"}\n')
    with pytest.raises(VocabularyError) as caught:
        Analyzer.load(vocabulary=path, parts=("skills",))
    assert str(caught.value) == f"{path}:1: name: Field required"


# --- any text ------------------------------------------------------------------------------------

SENTENCE = "You will build models in Python and SQL with our team. "
GERMAN = (
    "Für unser Team suchen wir eine Datenanalystin, die Berichte in Power BI baut, SQL sicher "
    "beherrscht und den Fachbereichen die Zahlen verständlich erklärt."
)
HOSTILE = {
    "empty": "",
    "blank": " \n\t\r\n ",
    "ten words": "We look for an analyst who knows SQL and Excel",
    "German": GERMAN,
    "5 MB": SENTENCE * (5_000_000 // len(SENTENCE)),
    "one line of 1 MB": "python sql " * 95_000,
    "control characters": "".join(map(chr, range(32))) * 300 + " Python\x00SQL \x7f\x9f",
    "lone surrogates": "Python \ud800 and \udfff SQL \udcff\ud83d",
    "right-to-left marks": "\u202ePython\u202c \u200fSQL\u200e \u2067R and C++\u2069 \ufeffJava",
    "zero width": "Py\u200bthon SQL\u200d R\u2060",
    "combining": "Python\u0301 SQL" + "\u0301" * 10_000,
    "full width": "Ｐｙｔｈｏｎ ａｎｄ ＳＱＬ",
    "growing letters": "İSTANBUL İ Python ŉ ǰ SQL ẞ",
    "emoji": "🐝 Python 👩\u200d💻 SQL 🇩🇪",
    "a word of 1 MB": "a" * 1_000_000,
    "changing case": "aB" * 500_000,
    "glued names": "Python" * 170_000,
    "brackets": "(" * 1_000_000,
    "pairs of brackets": "()" * 500_000,
    "slashes": "/" * 1_000_000,
    "hyphens": "-" * 1_000_000,
    "dots": "." * 1_000_000,
    "commas": "," * 1_000_000,
    "plus signs": "C" + "+" * 1_000_000,
    "line ends": "\n" * 1_000_000,
    "spaces": " " * 1_000_000,
    "and": "and " * 250_000,
    "a list of letters": "R, C, " * 30_000,
    "ambiguous": "go r c excel access spark " * 8_000,
    "shared heads": "statistical and " * 20_000 + "predictive modelling",
    "headings": "Requirements:\nBenefits:\n" * 20_000,
    "cues": "equal opportunity " * 40_000,
    "an address": "https://" + "a/" * 200_000,
    "letters of other alphabets": "データ分析とSQL と Python " * 5_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_a_hostile_text_gives_a_valid_result_in_time(
    analyzer: Analyzer, valid: Draft202012Validator, name: str
) -> None:
    posting = Posting("x", HOSTILE[name], "Data Analyst", "hostile")
    begin = time.perf_counter()
    (result,) = analyzer.stream([posting])
    assert time.perf_counter() - begin < 20
    check(posting, result)
    if sum(len(skill.mentions) for skill in result.skills) < 1_000:  # the validator is slow
        valid.validate(result.to_dict())


@pytest.mark.parametrize("name", sorted(name for name in HOSTILE if len(HOSTILE[name]) < 20_000))
def test_a_hostile_title_gives_a_valid_result(
    analyzer: Analyzer, valid: Draft202012Validator, name: str
) -> None:
    posting = Posting("x", "You know Python.", HOSTILE[name], "hostile")
    (result,) = analyzer.stream([posting])
    check(posting, result)
    valid.validate(result.to_dict())
    assert ("description", 9, 15) in [
        (m.field, m.start, m.end) for s in result.skills for m in s.mentions
    ]


@pytest.mark.parametrize(
    "name", ["control characters", "lone surrogates", "right-to-left marks", "full width", "emoji"]
)
def test_names_among_odd_characters_are_found(analyzer: Analyzer, name: str) -> None:
    found = {skill.id for skill in analyzer.analyze(HOSTILE[name]).skills}
    assert {"python", "sql"} <= found


def test_german_text_is_read_too(analyzer: Analyzer) -> None:
    result = analyzer.analyze(GERMAN, title="Datenanalystin")
    assert result.language == "de"
    assert {"power-bi", "sql"} <= {skill.id for skill in result.skills}


def test_an_empty_text_has_no_language_and_no_skills(analyzer: Analyzer) -> None:
    result = analyzer.analyze("")
    assert (result.language, result.skills, result.title) == (None, (), "")


NAMES = (
    "Python,SQL,R,C,C++,C#,.NET,Go,Excel,Power BI,power-bi,Node.js,React,CI/CD,PL/SQL,AWS,EC2,"
    "machine learning,statistical,predictive modelling,Master's,degree,English,Spark,R&D,LLMs"
).split(",")
JOINTS = (
    " ",
    ", ",
    ",",
    "/",
    " and ",
    "\n",
    "\r\n",
    "(",
    ")",
    "-",
    ".",
    "•",
    "\u00a0",
    "\u202e",
    ":",
)
PLAIN = ("the", "experience with", "Requirements", "Benefits", "equal opportunity", "İ", "\ud800")
generated = st.lists(
    st.sampled_from((*NAMES, *JOINTS, *PLAIN)) | st.text(st.characters(codec=None), max_size=6),
    max_size=25,
).map("".join)


@settings(deadline=None, max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(title=generated, text=generated)
def test_any_text_gives_a_valid_result(
    analyzer: Analyzer, valid: Draft202012Validator, title: str, text: str
) -> None:
    posting = Posting("x", text, title)
    (result,) = analyzer.stream([posting])
    check(posting, result)
    valid.validate(result.to_dict())


# --- batches with failures -----------------------------------------------------------------------

BROKEN = Failure("ads.csv:3", "no text; the description is empty", "9")
MIXED: tuple[Posting | Failure, ...] = (
    BROKEN,
    ADVERTS[0],
    BROKEN,
    BROKEN,
    ADVERTS[1],
    ADVERTS[2],
    BROKEN,
)


@pytest.mark.parametrize("processes", [1, 2])
def test_failures_keep_their_place_and_are_counted(analyzer: Analyzer, processes: int) -> None:
    tally = Tally()
    found = list(analyze_all(analyzer, MIXED, tally, processes=processes))
    assert [one if isinstance(one, Failure) else one.id for one in found] == [
        BROKEN,
        "1",
        BROKEN,
        BROKEN,
        "2",
        "3",
        BROKEN,
    ]
    assert (tally.results, tally.failures) == (3, 4)


@pytest.mark.parametrize("processes", [1, 2])
def test_only_failures_are_passed_on(analyzer: Analyzer, processes: int) -> None:
    tally = Tally()
    found = list(analyze_all(analyzer, [BROKEN, BROKEN], tally, processes=processes))
    assert found == [BROKEN, BROKEN]
    assert (tally.results, tally.failures) == (0, 2)


@pytest.mark.parametrize("processes", [1, 2])
def test_a_strict_batch_stops_at_the_first_failure(analyzer: Analyzer, processes: int) -> None:
    postings = (ADVERTS[0], BROKEN, ADVERTS[1])
    outcomes = analyze_all(analyzer, postings, Tally(), processes=processes, is_strict=True)
    with pytest.raises(FormatError) as caught:
        list(outcomes)
    assert str(caught.value) == "ads.csv:3: no text; the description is empty"


def test_a_strict_batch_gives_what_stood_before_the_failure(analyzer: Analyzer) -> None:
    outcomes = analyze_all(analyzer, (ADVERTS[0], BROKEN), Tally(), is_strict=True)
    first = next(outcomes)
    assert isinstance(first, Result)
    assert first.id == "1"
