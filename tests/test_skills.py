from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from extractor.records import SkillEntry
from extractor.vocabulary import load_vocabulary

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MARK = re.compile(r"\[([^\[\]]+)\]\(([a-z0-9-]+)\)")
_VOCABULARY = load_vocabulary()
_SAMPLE = "Stack: C#/.NET, AWS(EC2,S3), Power-BI; statistical and predictive modelling, Ph.D."


@dataclass(frozen=True, slots=True)
class Case:
    """A text and its mentions as (surface, skill id), in the order of the text."""

    name: str
    text: str
    mentions: tuple[tuple[str, str], ...]


def read_cases(path: Path) -> list[Case]:
    """The cases of a file, the answers taken out of their texts."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return [
        Case(case["name"], _MARK.sub(r"\1", case["text"]), tuple(_MARK.findall(case["text"])))
        for case in table["case"]
    ]


def mentions(doc: Doc) -> tuple[tuple[str, str], ...]:
    return tuple((span.text, span.id_) for span in doc.spans["skills"])


def places(doc: Doc) -> list[tuple[int, int, str, str]]:
    return [(s.start_char, s.end_char, s.label_, s.id_) for s in doc.spans["skills"]]


CASES = read_cases(Path(__file__).parent / "cases" / "skills.toml")
TEXTS = [case.text for case in CASES]

# Names as the vocabulary writes them and otherwise, between what stands between them in adverts.
_names = st.sampled_from([name for entry in _VOCABULARY.entries for name in entry.names])
_respelt = st.builds(
    lambda name, change: change(name),
    _names,
    st.sampled_from(
        [str, str.lower, str.upper, lambda n: n.replace(" ", "-"), lambda n: n.replace(" ", "\n")]
    ),
)
_punctuation = st.sampled_from(
    [
        *".,;:/|&+()[]-–—•·*'\"?!\n\t ıİﬁ\u00a0",
        *("\r\n", "\n\n", "  ", " and ", " or "),
    ]
)
_words = st.sampled_from(
    [
        "we",
        "the",
        "of",
        "in",
        "to",
        "go",
        "word",
        "skills",
        "Benefits:",
        "Requirements",
        "5+",
        "33kV",
    ]
)
_texts = st.lists(st.one_of(_respelt, _punctuation, _words, st.just(" ")), max_size=40).map("".join)


def test_case_names_are_unique() -> None:
    names = [case.name for case in CASES]
    assert sorted(set(names)) == sorted(names)


def test_cases_name_only_skills_of_the_vocabulary() -> None:
    named = {skill_id for case in CASES for _, skill_id in case.mentions}
    live = {entry.id for entry in _VOCABULARY.entries if entry.replaced_by is None}
    assert named - live == set()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mentions_are_what_the_guide_demands(nlp: Language, case: Case) -> None:
    assert mentions(nlp(case.text)) == case.mentions


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_mentions_of_cases_are_sorted_and_disjoint(nlp: Language, case: Case) -> None:
    assert_sorted_and_disjoint(nlp(case.text))


@settings(deadline=None, max_examples=300)
@given(text=_texts)
def test_mentions_of_any_text_are_sorted_and_disjoint(nlp: Language, text: str) -> None:
    assert_sorted_and_disjoint(nlp(text))


def assert_sorted_and_disjoint(doc: Doc) -> None:
    borders = [border for start, end, _, _ in places(doc) for border in (start, end)]
    assert borders == sorted(borders)
    assert all(start < end for start, end, _, _ in places(doc))


@settings(deadline=None, max_examples=300)
@given(text=_texts)
def test_offsets_of_any_text_are_exact(nlp: Language, text: str) -> None:
    doc = nlp(text)
    assert doc.text == text
    assert [text[s.start_char : s.end_char] for s in doc.spans["skills"]] == [
        s.text for s in doc.spans["skills"]
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_offsets_of_cases_are_exact(nlp: Language, case: Case) -> None:
    doc = nlp(case.text)
    assert [doc.text[s.start_char : s.end_char] for s in doc.spans["skills"]] == [
        s.text for s in doc.spans["skills"]
    ]


@settings(deadline=None, max_examples=150)
@given(text=_texts)
def test_no_mention_begins_or_ends_with_white_space(nlp: Language, text: str) -> None:
    found = [surface for surface, _ in mentions(nlp(text))]
    assert found == [surface.strip() for surface in found]


@settings(deadline=None, max_examples=150)
@given(text=_texts)
def test_every_mention_carries_id_and_kind_of_a_skill(nlp: Language, text: str) -> None:
    for _, _, kind, skill_id in places(nlp(text)):
        entry = _VOCABULARY.entry(skill_id)
        assert entry is not None
        assert (kind, entry.replaced_by) == (entry.kind, None)


def test_every_name_without_a_rule_is_found_whole(nlp: Language) -> None:
    names = [name for entry in _VOCABULARY.entries for name in sure_names(entry)]
    docs = nlp.pipe(f"You know {name} well." for name in names)
    found = [tuple(surface for surface, _ in mentions(doc)) for doc in docs]
    assert [name for name, surfaces in zip(names, found) if surfaces != (name,)] == []


def sure_names(entry: SkillEntry) -> tuple[str, ...]:
    """The names that are the skill wherever they stand; none of a retired skill."""
    if entry.replaced_by is not None:
        return ()
    ruled = entry.ambiguous or (() if _VOCABULARY.context(entry).is_empty else (entry.name,))
    return tuple(name for name in entry.names if name not in ruled)


@settings(deadline=None, max_examples=100)
@given(text=_texts)
def test_a_text_gives_the_same_mentions_twice(nlp: Language, text: str) -> None:
    assert places(nlp(text)) == places(nlp(text))


def test_spans_survive_a_doc_bin(nlp: Language) -> None:
    docs = [nlp(text) for text in TEXTS]
    stored = DocBin(docs=docs).to_bytes()
    restored = DocBin().from_bytes(stored).get_docs(spacy.blank("en").vocab)
    assert [places(doc) for doc in restored] == [places(doc) for doc in docs]


def test_a_doc_survives_to_bytes(nlp: Language) -> None:
    doc = nlp(_SAMPLE)
    restored = Doc(spacy.blank("en").vocab).from_bytes(doc.to_bytes())
    assert places(restored) == places(doc)
    assert mentions(restored)[:2] == (("C#", "csharp"), (".NET", "dotnet"))


def test_several_processes_find_what_one_finds(nlp: Language) -> None:
    """A Doc that holds an object of ours cannot travel back from a worker."""
    alone = [places(nlp(text)) for text in TEXTS]
    together = [places(doc) for doc in nlp.pipe(TEXTS, n_process=2, batch_size=32)]
    assert together == alone


def test_a_pipeline_read_from_disk_finds_the_same(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "pipeline")
    reloaded = spacy.load(tmp_path / "pipeline")
    assert places(reloaded(_SAMPLE)) == places(nlp(_SAMPLE))


def test_the_component_works_in_any_pipeline() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("job_skills")
    assert mentions(nlp("C#/.NET and Power-BI")) == (
        ("C#", "csharp"),
        (".NET", "dotnet"),
        ("Power-BI", "power-bi"),
    )


def test_without_sections_nothing_is_silent() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("job_skills")
    assert mentions(nlp("Benefits\nPython courses")) == (("Python", "python"),)


def test_the_component_leaves_other_spans_alone() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("job_sections")
    nlp.add_pipe("job_skills")
    doc = nlp("Requirements\nPython\n\nBenefits\nA van")
    assert [span.label_ for span in doc.spans["sections"]] == ["required", "benefits"]


def test_the_tokenizer_is_left_alone_on_demand() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("job_skills", config={"splits_names": False})
    text = "React.js/Node.js, SQL;Java and R."
    assert [token.text for token in nlp(text)] == [token.text for token in spacy.blank("en")(text)]


def test_an_own_vocabulary_adds_a_skill(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    line = '{"id": "zorblax", "name": "Zorblax", "kind": "tool", "category": "own"}\n'
    path.write_text(line, encoding="utf-8")
    nlp = spacy.blank("en")
    nlp.add_pipe("job_skills", config={"vocabulary": str(path)})
    assert mentions(nlp("Zorblax and Python")) == (("Zorblax", "zorblax"), ("Python", "python"))
