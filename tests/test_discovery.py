"""Discovery: tagger and names decide together; a sound mention comes out of any text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from extractor import Analyzer, Posting
from extractor.discovery import DecisionConfig, SkillTagger, id_of
from extractor.errors import ModelError, VocabularyError
from extractor.features import TaggerTerms, TokenFeatures
from extractor.job_discovery import JobDiscovery, create_job_discovery
from extractor.network import LABELS, TaggerWeights
from extractor.records import SKILL_KINDS, Section, Skill, SkillEntry
from extractor.skill_reader import SkillReader
from extractor.skills import FoundSkill, SkillFinder
from extractor.tagger_store import load_tagger, save_tagger
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import Vocabulary
from extractor.words import load_words, result_schema

Found = list[tuple[str, str]]  # surface and skill id, in the order of the text

ID = re.compile(result_schema()["$defs"]["skill"]["properties"]["id"]["pattern"])
SAID = {"outside": (0.98, 0.01, 0.01), "begins": (0.05, 0.9, 0.05), "inside": (0.08, 0.12, 0.8)}
ENTRIES = (
    SkillEntry("go", "Go", "tool", "x", case=True, ambiguous=("Go",), near=("code",)),
    SkillEntry("kite", "Kitewing", "tool", "x"),
    SkillEntry("machine-learning", "machine learning", "technique", "x"),
    SkillEntry("old-loom", "Old Loom", "tool", "x", replaced_by="kite"),
    SkillEntry("predictive-modelling", "predictive modelling", "technique", "x"),
    SkillEntry("python", "Python", "tool", "x"),
    SkillEntry("sql", "SQL", "tool", "x"),
    SkillEntry("statistical-modelling", "statistical modelling", "technique", "x"),
    SkillEntry("teamwork", "teamwork", "soft", "x"),
)


def vocabulary_of(*own: str) -> Vocabulary:
    """The entries above; `own` are the ids of those that a user's file added."""
    return Vocabulary(ENTRIES, load_words(), "tiny", frozenset(own))


TINY = vocabulary_of()
FINDER = SkillFinder(TINY)


def tagger_that(
    vocabulary: Vocabulary = TINY,
    config: DecisionConfig | None = None,
    *,
    kinds: Mapping[str, str] | None = None,
    **said: str | tuple[float, float, float],
) -> SkillTagger:
    """A tagger that looks at nothing but the word and gives the probabilities said of it: outside,
    begins, inside; a word of which nothing is said is outside. `kinds` says theirs."""
    given = {word: SAID[value] if isinstance(value, str) else value for word, value in said.items()}
    terms = TaggerTerms(tuple(given), ("other",), ("the",), ("ing",))
    sizes = TokenFeatures(terms).sizes
    width = LABELS + len(SKILL_KINDS)
    tables = [np.zeros((size, width), dtype=np.float32) for size in sizes]
    rows = [SAID["outside"], SAID["outside"], *given.values()]
    tables[0][:, :LABELS] = np.log(np.array(rows)) + 20  # what is below 0 is lost on the way
    for row, word in enumerate(given, 2):
        kind = (kinds or {}).get(word, "tool")
        tables[0][row, LABELS + SKILL_KINDS.index(kind)] = 1
    nothing = np.zeros(width, dtype=np.float32)
    weights = TaggerWeights(tuple(tables), nothing, (), np.eye(width, dtype=np.float32), nothing)
    return SkillTagger(weights, terms, vocabulary, config)


def found_in(
    text: str,
    tagger: SkillTagger,
    sections: Sequence[Section] = (),
    finder: SkillFinder = FINDER,
) -> list[FoundSkill]:
    views = [TextView(clean(text))]
    return tagger.find_all(views, finder.look(views), [sections])[0]


def named_in(text: str, tagger: SkillTagger, sections: Sequence[Section] = ()) -> Found:
    return [(text[one.start : one.end], one.entry.id) for one in found_in(text, tagger, sections)]


# --- ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "skill_id"),
    [
        ("Knowledge Graphs", "knowledge-graphs"),
        (" knowledge\n graphs. ", "knowledge-graphs"),
        ("R&D", "r-d"),
        ("C++", "c-plus-plus"),
        ("Q#", "q-sharp"),
        ("Node.js 20", "node-js-20"),
        ("Café Über", "cafe-uber"),
        ("ﬁnance", "finance"),
        ("İstanbul", "istanbul"),
    ],
)
def test_an_id_is_made_from_the_letters_and_digits(text: str, skill_id: str) -> None:
    assert id_of(text) == skill_id


def test_a_text_without_latin_letters_has_an_id_of_its_own() -> None:
    one, other = id_of("データ"), id_of("分析")
    assert re.fullmatch("skill-[0-9a-f]{8}", one)
    assert one != other
    assert id_of("データ") == one


@settings(deadline=None, max_examples=300)
@given(text=st.text(min_size=1))
def test_every_id_fits_the_schema(text: str) -> None:
    assert ID.fullmatch(id_of(text))


@settings(deadline=None, max_examples=100)
@given(words=st.lists(st.text("abcxyz09", min_size=1), min_size=1), gap=st.sampled_from(" \n-/&"))
def test_case_and_what_stands_between_the_words_make_no_other_id(
    words: list[str], gap: str
) -> None:
    assert id_of(gap.join(words).upper()) == id_of(" ".join(words)) == "-".join(words)


# --- what the tagger marks -----------------------------------------------------------------------


def test_what_the_tagger_marks_is_a_skill() -> None:
    tagger = tagger_that(hive="begins", weaving="inside", kinds={"hive": "technique"})
    (one,) = found_in("We like Hive  weaving here.", tagger)
    assert (one.start, one.end) == (8, 21)
    entry = one.entry
    assert (entry.id, entry.name, entry.category) == ("hive-weaving", "Hive weaving", "discovered")
    assert entry.aliases == ()


@pytest.mark.parametrize("kind", SKILL_KINDS)
def test_its_kind_is_the_likeliest_of_its_words_together(kind: str) -> None:
    kinds = {"a": kind, "b": "tool", "c": kind}
    tagger = tagger_that(a="begins", b="inside", c="inside", kinds=kinds)
    assert [one.entry.kind for one in found_in("a b c", tagger)] == [kind]


def test_two_skills_beside_each_other_are_two() -> None:
    kinds = {"hive": "soft", "loom": "language"}
    tagger = tagger_that(hive="begins", loom="begins", kinds=kinds)
    found = found_in("hive loom", tagger)
    assert [(one.start, one.end, one.entry.kind) for one in found] == [
        (0, 4, "soft"),
        (5, 9, "language"),
    ]


def test_its_confidence_is_the_product_of_the_probabilities() -> None:
    tagger = tagger_that(hive=(0.1, 0.7, 0.2), weaving=(0.1, 0.3, 0.6), loom=(0.1, 0.8, 0.1))
    found = found_in("the hive weaving\nand loom", tagger)
    assert [one.confidence for one in found] == [pytest.approx(0.42, abs=1e-3), 0.8]


def test_a_skill_ends_with_its_line() -> None:
    tagger = tagger_that(hive="begins", weaving="inside")
    assert named_in("hive\nweaving", tagger) == [("hive", "hive"), ("weaving", "weaving")]


@pytest.mark.parametrize(("letters", "found"), [(80, 1), (81, 0)])
def test_what_is_as_long_as_a_sentence_is_no_skill(letters: int, found: int) -> None:
    tagger = tagger_that(hive="begins", weaving="inside")
    text = "hive" + " " * (letters - len("hiveweaving")) + "weaving"
    assert len(named_in(text, tagger)) == found


@pytest.mark.parametrize("text", ["7", "+", "5 + 7"])
def test_what_has_no_letters_is_no_skill(text: str) -> None:
    tagger = tagger_that(**{"5": "begins", "+": "begins", "7": "begins"})
    assert named_in(text, tagger) == []


# --- tagger and names together -------------------------------------------------------------------


def test_a_name_that_the_tagger_marks_is_the_known_skill() -> None:
    words = {"python": "begins", "machine": "begins", "-": "inside", "learning": "inside"}
    tagger = tagger_that(**words)
    found = found_in("PYTHON and Machine-learning", tagger)
    assert [(one.entry.id, one.confidence) for one in found] == [
        ("python", None),
        ("machine-learning", None),
    ]


def test_a_marked_name_that_shares_its_head_is_the_known_skill() -> None:
    tagger = tagger_that(statistical="begins", predictive="begins", modelling="inside")
    assert named_in("statistical and predictive modelling", tagger) == [
        ("statistical", "statistical-modelling"),
        ("predictive modelling", "predictive-modelling"),
    ]


def test_the_tagger_says_where_a_skill_ends() -> None:
    tagger = tagger_that(machine="begins", learning="inside", theory="inside", python="begins")
    assert named_in("machine learning theory", tagger) == [
        ("machine learning theory", "machine-learning-theory")
    ]
    assert named_in("machine and python theory", tagger) == [
        ("machine", "machine"),
        ("python theory", "python-theory"),
    ]


def test_a_text_with_the_letters_of_an_id_is_the_skill_of_that_id() -> None:
    """ "machine/learning" is no name of it, yet nothing else."""
    tagger = tagger_that(**{"machine": "begins", "/": "inside", "learning": "inside"})
    (one,) = found_in("machine/learning", tagger)
    assert one.entry is TINY.entry("machine-learning")
    assert one.confidence is None


def test_the_tagger_bears_out_a_name_that_its_rule_does_not() -> None:
    text = "We use Go daily."
    assert named_in(text, tagger_that(go="begins")) == [("Go", "go")]
    assert named_in(text, tagger_that()) == []


def test_the_id_of_a_retired_skill_is_not_used_again() -> None:
    """What is written like it is the skill that stands for it."""
    tagger = tagger_that(old="begins", loom="inside")
    assert named_in("Old Loom", tagger) == [("Old Loom", "kite")]


@pytest.mark.parametrize(
    ("outside", "found"),
    [
        (0.45, ["python", "teamwork"]),
        (0.55, ["python"]),
        (0.85, ["python"]),
        (0.95, []),
    ],
)
def test_a_name_that_is_not_marked_stays_where_enough_speaks_for_it(
    outside: float, found: list[str]
) -> None:
    """Less is enough for a tool."""
    rest = (1 - outside) / 2
    chances = (outside, rest, rest)
    tagger = tagger_that(python=chances, teamwork=chances)
    entries = [skill_id for _, skill_id in named_in("python, teamwork", tagger)]
    assert entries == found


def test_what_speaks_for_a_name_is_the_mean_of_its_words() -> None:
    config = DecisionConfig(least=0.3)
    for second, found in ((0.55, ["machine-learning"]), (0.65, [])):
        machine, learning = (0.85, 0.1, 0.05), (second, (1 - second) / 2, (1 - second) / 2)
        tagger = tagger_that(config=config, machine=machine, learning=learning)
        entries = [one.entry.id for one in found_in("machine learning", tagger)]
        assert entries == found


def test_how_much_is_enough_is_for_the_caller_to_say() -> None:
    eager = tagger_that(config=DecisionConfig(least=0.0, least_tool=0.0))
    strict = tagger_that(config=DecisionConfig(least=1.0, least_tool=1.0), python="inside")
    assert named_in("python, teamwork", eager) == [("python", "python"), ("teamwork", "teamwork")]
    assert named_in("python, teamwork, SQL", strict) == [("python", "python")]


def test_a_name_beside_a_mark_keeps_its_place() -> None:
    config = DecisionConfig(least_tool=0.0)
    tagger = tagger_that(config=config, hive="begins")
    assert named_in("SQL, hive, Python", tagger) == [
        ("SQL", "sql"),
        ("hive", "hive"),
        ("Python", "python"),
    ]


def test_names_in_a_mark_that_is_too_long_are_kept() -> None:
    tagger = tagger_that(python="begins", weaving="inside")
    assert named_in("Python" + " weaving" * 12, tagger) == [("Python", "python")]


# --- a user's own names --------------------------------------------------------------------------


def test_a_users_own_name_is_found_though_nothing_speaks_for_it() -> None:
    text = "We sell Kitewing to fishermen."
    assert named_in(text, tagger_that()) == []
    assert named_in(text, tagger_that(vocabulary_of("kite"))) == [("Kitewing", "kite")]


def test_a_users_own_name_is_never_part_of_another_skill() -> None:
    tagger = tagger_that(
        vocabulary_of("kite"), modern="begins", kitewing="inside", flying="inside", sql="begins"
    )
    assert named_in("modern Kitewing flying, SQL", tagger) == [("Kitewing", "kite"), ("SQL", "sql")]


def test_a_users_own_name_that_is_marked_is_found_once() -> None:
    tagger = tagger_that(vocabulary_of("kite"), kitewing="begins")
    assert named_in("Kitewing, kitewing", tagger) == [("Kitewing", "kite"), ("kitewing", "kite")]


def test_a_users_own_name_in_a_silent_part_is_left_out() -> None:
    tagger, text = tagger_that(vocabulary_of("kite")), "Benefits\nA Kitewing"
    assert named_in(text, tagger, [Section("benefits", 0, len(text))]) == []


def test_a_users_own_skill_is_of_the_vocabulary_whatever_its_category() -> None:
    own = SkillEntry("zz-kite", "Zzkite", "tool", "discovered")
    vocabulary = Vocabulary((own,), load_words(), "tiny", frozenset({own.id}))
    tagger = tagger_that(vocabulary, **{"zz": "begins", "/": "inside", "kite": "inside"})
    text = "You fly a Zzkite, or zz/kite."
    for discovery, places in ((None, [10]), (tagger, [10, 21])):
        reader = SkillReader(vocabulary, discovery)
        ((skill,),) = reader.read([Posting("", text)], [TextView("")], [TextView(text)], [()])
        assert (skill.id, skill.source, skill.confidence) == ("zz-kite", "vocabulary", None)
        assert [mention.start for mention in skill.mentions] == places


# --- silent parts --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["benefits", "firm", "legal"])
def test_a_silent_part_asks_for_nothing_that_is_not_marked(kind: str) -> None:
    config = DecisionConfig(least=0.0, least_tool=0.0)
    tagger = tagger_that(config=config, hive="begins", sql="begins")
    text = "Python and teamwork. Python, SQL and hive"
    silent = [Section(kind, 21, len(text))]
    assert named_in(text, tagger, silent) == [
        ("Python", "python"),
        ("teamwork", "teamwork"),
        ("SQL", "sql"),
        ("hive", "hive"),
    ]


@pytest.mark.parametrize("kind", ["duties", "required", "preferred", "other"])
def test_other_parts_keep_their_names(kind: str) -> None:
    tagger = tagger_that(config=DecisionConfig(least_tool=0.0))
    assert named_in("Python", tagger, [Section(kind, 0, 6)]) == [("Python", "python")]


# --- as records -----------------------------------------------------------------------------------


def test_a_discovered_skill_has_the_confidence_of_its_surest_mention() -> None:
    words = {"hive": "begins", "/": "inside", "weaving": "inside"}
    text = "Hive/weaving\nhive weaving\nHIVE / weaving"
    views = [TextView(text)]
    reader = SkillReader(TINY, tagger_that(**words))
    ((skill,),) = reader.read([Posting("", text)], [TextView("")], views, [()])
    assert (skill.id, skill.name, skill.source) == ("hive-weaving", "Hive/weaving", "discovered")
    assert [mention.text for mention in skill.mentions] == text.split("\n")
    assert skill.confidence == pytest.approx(0.9 * 0.8, abs=1e-3)


# --- any text and any weights --------------------------------------------------------------------

_WORDS = ("hive", "loom", "weaving", "machine", "learning", "python", "go", "code", "old", "+")
_texts = st.lists(
    st.sampled_from(
        [
            *("hive", "Loom", "weaving", "Machine", "learning", "Python", "Go", "code", "SQL"),
            *("Old Loom", "Kitewing", "teamwork", "データ", "+", "7", "x", "C#", "long" * 30),
            *(" ", " ", " ", " ", "\n", ", ", ". ", "/", "-", "• ", "\u00a0", "\ud800"),
        ]
    ),
    max_size=30,
).map("".join)


def said_of(one: FoundSkill) -> tuple[object, ...]:
    """A mention without its entry, of which each discovery makes one of its own."""
    return one.start, one.end, one.entry.id, one.entry.kind, one.entry.name, one.confidence


def random_numbers(seed: int) -> tuple[TaggerWeights, TaggerTerms]:
    terms = TaggerTerms(_WORDS, ("benefits", "other"), ("pyt",), ("ing",))
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> Any:
        return rng.normal(0, 1, shape).astype(np.float32)

    width, scores = 6, LABELS + len(SKILL_KINDS)
    weights = TaggerWeights(
        tables=tuple(numbers(size, width) for size in TokenFeatures(terms).sizes),
        bias=numbers(width),
        layers=((numbers(width, 3 * width), numbers(width)),),
        output=numbers(scores, width),
        output_bias=numbers(scores),
    )
    return weights, terms


def random_tagger(seed: int, vocabulary: Vocabulary = TINY) -> SkillTagger:
    return SkillTagger(*random_numbers(seed), vocabulary)


@settings(deadline=None, max_examples=200)
@given(text=_texts, seed=st.integers(0, 9), parts=st.lists(st.integers(0, 80), max_size=2))
def test_mentions_of_any_text_are_sound(text: str, seed: int, parts: list[int]) -> None:
    """Sorted, disjoint, never blank at either end, and what is new has a sound id."""
    sections = [Section("benefits", min(parts), max(parts))] if parts else []
    found = found_in(text, random_tagger(seed), sections)
    borders = [border for one in found for border in (one.start, one.end)]
    assert borders == sorted(borders)
    for one in found:
        surface = text[one.start : one.end]
        assert surface == surface.strip() != ""
        assert ID.fullmatch(one.entry.id)
        is_new = one.entry.category == "discovered"
        assert is_new == (one.confidence is not None)
        assert 0 <= (one.confidence or 0) <= 1
        assert is_new or one.entry in ENTRIES


@settings(deadline=None, max_examples=75)
@given(texts=st.lists(_texts, max_size=5), seed=st.integers(0, 9))
def test_many_texts_together_give_what_each_gives_alone(texts: list[str], seed: int) -> None:
    tagger = random_tagger(seed)
    views = [TextView(clean(text)) for text in texts]
    together = tagger.find_all(views, FINDER.look(views), [()] * len(views))
    assert [list(map(said_of, found)) for found in together] == [
        list(map(said_of, found_in(text, tagger))) for text in texts
    ]


@settings(deadline=None, max_examples=75)
@given(text=_texts, seed=st.integers(0, 9))
def test_a_users_own_names_are_all_found(text: str, seed: int) -> None:
    """Those that the rules of names find, whatever the tagger marks."""
    tagger = random_tagger(seed, vocabulary_of("kite", "python"))
    view = TextView(clean(text))
    own = [one for one in FINDER(view) if one.entry.id in ("kite", "python")]
    assert set(own) - set(found_in(text, tagger)) == set()


def test_no_texts_have_no_skills() -> None:
    assert tagger_that().find_all([], [], []) == []


# --- the bundled tagger --------------------------------------------------------------------------

ADVERTS = (
    "Requirements\n- Hands-on experience with Zorblax, Python and SQL\n- Strong stakeholder "
    "choreography skills\n- Knowledge of beehive telemetry and pollination modelling",
    "You have three years of experience in pollination modelling, quill forecasting and "
    "Tableau. Proficiency in Zorblax or Quibblenet is a plus.\n\nBenefits\nA hive of your own.",
    "Skills: honey grading, wax casting, Excel, communication skills, Mossbank, Power BI",
    "Our client is a bakery.\nYou bake bread.",
    "",
)


def skills_in(analyzer: Analyzer) -> list[Skill]:
    return [skill for text in ADVERTS for skill in analyzer.analyze(text).skills]


def test_skills_that_no_vocabulary_line_holds_are_discovered(analyzer: Analyzer) -> None:
    new = [skill for skill in skills_in(analyzer) if skill.source == "discovered"]
    assert "zorblax" in {skill.id for skill in new}
    for skill in new:
        assert analyzer.vocabulary.entry(skill.id) is None
        assert (skill.category, skill.name) == ("discovered", skill.mentions[0].text)
        assert skill.id == id_of(skill.name)
        assert ID.fullmatch(skill.id)
        assert skill.confidence is not None
        assert 0 < skill.confidence <= 1


def test_known_skills_keep_what_the_vocabulary_says_of_them(analyzer: Analyzer) -> None:
    known = [skill for skill in skills_in(analyzer) if skill.source == "vocabulary"]
    assert {"python", "sql", "tableau", "excel", "power-bi"} <= {skill.id for skill in known}
    for skill in known:
        entry = analyzer.vocabulary.entry(skill.id)
        assert entry is not None
        assert (skill.name, skill.kind, skill.category) == (entry.name, entry.kind, entry.category)
        assert skill.confidence is None


def test_results_with_discovered_skills_fit_the_schema(
    analyzer: Analyzer, valid: Draft202012Validator
) -> None:
    found = [analyzer.analyze(text).to_dict() for text in ADVERTS]
    assert [one for one in found for skill in one["skills"] if "confidence" in skill] != []
    for one in found:
        valid.validate(one)


def test_without_discovery_only_the_vocabulary_is_found(load_once: Callable[..., Analyzer]) -> None:
    found = skills_in(load_once(parts=("skills",), discovery=False))
    assert {skill.source for skill in found} == {"vocabulary"}
    assert {skill.confidence for skill in found} == {None}
    assert {"python", "sql", "tableau"} <= {skill.id for skill in found}


def test_a_title_is_too_short_to_discover_anything_in(analyzer: Analyzer) -> None:
    title = "Experience with Zorblax, Quibblenet and Python required"
    found = analyzer.analyze("You bake bread.", title=title).skills
    assert [(skill.id, skill.mentions[0].field) for skill in found] == [("python", "title")]


@pytest.mark.parametrize("text", ADVERTS, ids=range(len(ADVERTS)))
def test_a_neighbour_in_the_batch_changes_nothing(analyzer: Analyzer, text: str) -> None:
    for other in ADVERTS:
        postings = [Posting("1", text), Posting("2", other)]
        assert next(analyzer.stream(postings)) == analyzer.analyze(text, id="1")


def test_the_firm_may_speak_of_what_it_uses(analyzer: Analyzer) -> None:
    text = "Requirements\nExperience with SQL\n\nBenefits\nWe use Kubernetes ourselves."
    assert [skill.id for skill in analyzer.analyze(text).skills] == ["sql"]


def test_what_is_asked_for_under_a_silent_heading_is_found(
    analyzer: Analyzer, load_once: Callable[..., Analyzer]
) -> None:
    text = "What we offer\nProficiency in Python and SQL\nStrong knowledge of machine learning"
    assert {"python", "sql"} <= {skill.id for skill in analyzer.analyze(text).skills}
    assert load_once(parts=("skills",), discovery=False).analyze(text).skills == ()


# --- a vocabulary of one's own -------------------------------------------------------------------


@pytest.fixture(scope="module")
def own_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("own") / "ours.jsonl"
    path.write_text(
        '{"id": "zz-bread", "name": "sourdough", "kind": "technique", "category": "baking"}\n'
        '{"id": "zz-net", "name": "Quibblenet", "kind": "soft", "category": "baking"}\n'
    )
    return path


def test_names_of_ones_own_are_found_where_the_tagger_marks_nothing(
    own_file: Path, analyzer: Analyzer, load_once: Callable[..., Analyzer]
) -> None:
    text = "A sourdough was sold to the mayor, and sourdough it was that he ate. Sourdough"
    own = load_once(vocabulary=own_file, parts=("skills",)).analyze(text).skills
    assert [skill.id for skill in own] == ["zz-bread"]
    assert [mention.start for mention in own[0].mentions] == [2, 39, 69]
    assert analyzer.analyze(text).skills == ()


def test_names_of_ones_own_are_no_discoveries(
    own_file: Path, load_once: Callable[..., Analyzer]
) -> None:
    found = skills_in(load_once(vocabulary=own_file, parts=("skills",)))
    own = {skill.id: skill for skill in found}["zz-net"]
    assert (own.name, own.kind, own.category) == ("Quibblenet", "soft", "baking")
    assert (own.source, own.confidence) == ("vocabulary", None)
    assert "quibblenet" not in {skill.id for skill in found}


# --- the component -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pipeline() -> Language:
    """A pipeline with sections and discovery."""
    nlp = spacy.blank("en")
    nlp.add_pipe("job_sections")
    nlp.add_pipe("job_discovery")
    return nlp


def places(doc: Doc) -> list[tuple[int, int, str, str]]:
    return [(s.start_char, s.end_char, s.label_, s.id_) for s in doc.spans["skills"]]


@pytest.mark.parametrize("text", ADVERTS, ids=range(len(ADVERTS)))
def test_the_component_finds_what_the_analyzer_finds(
    pipeline: Language, analyzer: Analyzer, text: str
) -> None:
    expected = [
        (mention.start, mention.end, skill.kind, skill.id)
        for skill in analyzer.analyze(text).skills
        for mention in skill.mentions
    ]
    assert places(pipeline(text)) == sorted(expected)


def test_the_component_discovers(pipeline: Language) -> None:
    doc = pipeline(ADVERTS[0])
    assert {("Zorblax", "zorblax"), ("Python", "python")} <= {
        (span.text, span.id_) for span in doc.spans["skills"]
    }


def test_the_component_leaves_other_spans_alone(pipeline: Language) -> None:
    doc = pipeline("Requirements\nExperience with Zorblax\n\nBenefits\nA van")
    assert [span.label_ for span in doc.spans["sections"]] == ["required", "benefits"]


def test_spans_survive_a_doc_bin(pipeline: Language) -> None:
    docs = [pipeline(text) for text in ADVERTS]
    stored = DocBin(docs=docs).to_bytes()
    restored = list(DocBin().from_bytes(stored).get_docs(spacy.blank("en").vocab))
    assert "zorblax" in [place[3] for place in places(restored[0])]
    assert [places(doc) for doc in restored] == [places(doc) for doc in docs]


def test_a_pipe_of_texts_finds_what_each_text_gives(pipeline: Language) -> None:
    assert [places(doc) for doc in pipeline.pipe(ADVERTS)] == [
        places(pipeline(text)) for text in ADVERTS
    ]


def test_several_processes_find_what_one_finds(pipeline: Language) -> None:
    alone = [places(pipeline(text)) for text in ADVERTS]
    together = [places(doc) for doc in pipeline.pipe(ADVERTS, n_process=2, batch_size=2)]
    assert together == alone


@pytest.mark.usefixtures("few_names")
def test_a_pipeline_read_from_disk_finds_the_same(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("job_sections")
    nlp.add_pipe("job_discovery")
    nlp.to_disk(tmp_path / "pipeline")
    reloaded = spacy.load(tmp_path / "pipeline")
    assert reloaded.pipe_names == ["job_sections", "job_discovery"]
    assert "zorblax" in [place[3] for place in places(reloaded(ADVERTS[0]))]
    assert [places(reloaded(text)) for text in ADVERTS] == [places(nlp(text)) for text in ADVERTS]


def test_a_pipeline_from_bytes_finds_the_same(pipeline: Language) -> None:
    before = [places(pipeline(text)) for text in ADVERTS]
    pipeline.from_bytes(pipeline.to_bytes())
    assert [places(pipeline(text)) for text in ADVERTS] == before


def test_without_sections_nothing_is_silent(pipeline: Language) -> None:
    component = JobDiscovery(FINDER, tagger_that(config=DecisionConfig(least_tool=0.0)))
    plain = pipeline.make_doc("Benefits\nPython courses")
    parted = pipeline.get_pipe("job_sections")(plain.copy())
    assert [span.text for span in component(plain).spans["skills"]] == ["Python"]
    assert list(component(parted).spans["skills"]) == []


@pytest.fixture
def few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tiny vocabulary in place of the bundled one, which takes a second to compile."""
    bread = SkillEntry("bread", "sourdough", "technique", "x")
    ours = Vocabulary((bread, *ENTRIES), load_words(), "tiny", frozenset({"bread"}))
    own = {None: TINY, "ours.jsonl": ours}
    monkeypatch.setattr("extractor.job_discovery.load_vocabulary", own.__getitem__)


@pytest.mark.usefixtures("few_names")
@pytest.mark.parametrize(("path", "found"), [("ours.jsonl", ["sourdough"]), (None, [])])
def test_the_component_takes_a_vocabulary_of_ones_own(path: str | None, found: list[str]) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("job_discovery", config={"vocabulary": path})
    doc = nlp("A sourdough was sold to the mayor.")
    assert [span.text for span in doc.spans["skills"]] == found


@pytest.mark.usefixtures("few_names")
def test_the_component_takes_a_tagger_of_ones_own(tmp_path: Path) -> None:
    folder, text = tmp_path / "tagger", "hive weaving, old looms and machine learning; code"
    save_tagger(*random_numbers(3), folder, {}, "")
    nlp = spacy.blank("en")
    nlp.add_pipe("job_discovery", config={"model": str(folder)})
    expected = found_in(text, load_tagger(folder, TINY))
    assert expected != []
    assert places(nlp(text)) == [
        (one.start, one.end, one.entry.kind, one.entry.id) for one in expected
    ]


@pytest.mark.usefixtures("few_names")
def test_the_tokenizer_is_left_alone_on_demand() -> None:
    text = "React.js/Node.js, SQL;Java and R."
    tokens = {}
    for splits in (True, False):
        nlp = spacy.blank("en")
        create_job_discovery(nlp, "job_discovery", None, None, splits)
        tokens[splits] = [token.text for token in nlp(text)]
    assert tokens[False] == [token.text for token in spacy.blank("en")(text)]
    assert {"React.js", "/", "Node.js", "SQL", ";", "Java", "R"} <= set(tokens[True])


def test_a_folder_that_is_no_tagger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        create_job_discovery(spacy.blank("en"), "job_discovery", None, str(tmp_path), False)
    message = "no model here: No such file or directory; a model folder holds card.json"
    assert str(caught.value) == f"{tmp_path / 'card.json'}: {message}"


def test_a_vocabulary_that_is_not_there_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "ours.jsonl")
    with pytest.raises(VocabularyError) as caught:
        create_job_discovery(spacy.blank("en"), "job_discovery", path, None, False)
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


def test_mentions_are_the_same_the_second_time(pipeline: Language) -> None:
    for one, other in itertools.pairwise([places(pipeline(ADVERTS[0])) for _ in range(3)]):
        assert one == other
