"""The parts of a posting: cases in cases/sections.toml, and what is true of any text."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

import pytest
import spacy
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import DocBin

from extractor.parts import SectionFinder
from extractor.records import Section
from extractor.text import clean
from extractor.words import load_headings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CASES = tomllib.loads((Path(__file__).parent / "cases" / "sections.toml").read_text("utf-8"))[
    "case"
]
KINDS = {"duties", "required", "preferred", "firm", "benefits", "legal", "other"}
find = SectionFinder(load_headings())


def lines_of(case_text: str) -> list[tuple[str, str]]:
    """The kinds and the text of each line of a case."""
    pairs = (line.partition("|") for line in case_text.strip("\n").split("\n"))
    return [(kinds.strip(), text.removeprefix(" ")) for kinds, _, text in pairs]


def kinds_by_line(text: str) -> list[str]:
    """For each line of a text the kinds of the parts that hold the whole of it."""
    found, start = [], 0
    parts = find(clean(text))
    for line in text.split("\n"):
        end = start + len(line.rstrip("\r"))
        around = {one.kind for one in parts if one.start <= start and end <= one.end}
        found.append("+".join(sorted(around)))
        start += len(line) + 1
    return found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_each_line_lies_in_the_parts_that_the_case_says(
    case: dict[str, str], line_end: str
) -> None:
    lines = lines_of(case["text"])
    text = line_end.join(text for _, text in lines)
    assert kinds_by_line(text) == [kinds for kinds, _ in lines]


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case["name"] for case in CASES]
    assert sorted(names) == sorted(set(names))


def test_every_kind_of_part_has_a_case() -> None:
    given_kinds = {
        kind for case in CASES for kinds, _ in lines_of(case["text"]) for kind in kinds.split("+")
    }
    assert given_kinds - {""} == KINDS == set(dict(load_headings().exact).values())


@pytest.mark.parametrize(("text", "kind"), load_headings().exact)
def test_every_heading_of_the_list_opens_its_kind(text: str, kind: str) -> None:
    for written in (text, text.title(), text.upper(), f"{text}:", f"## {text}"):
        assert kinds_by_line(f"{written}\nbees") == [kind, kind], written


@pytest.mark.parametrize(("cue", "kind"), load_headings().cues)
def test_every_cue_of_the_list_marks_its_sentence(cue: str, kind: str) -> None:
    text = f"Bees are kept. We have {cue} in mind. Wasps are not."
    assert [s for s in find(text) if s.kind == kind] != []
    for section in find(text):
        assert text[section.start : section.end] == f"We have {cue} in mind."


def test_a_very_long_line_that_begins_like_a_heading_is_no_part_of_its_own() -> None:
    """It has lost its line ends and holds other parts too."""
    text = "Benefits: honey. " + "You look after forty hives. " * 60
    assert find(text) == ()


def test_a_sentence_without_an_end_is_taken_back_only_so_far() -> None:
    text = "bees " * 1_000 + "equal opportunity"
    (section,) = find(text)
    assert section == Section("legal", len(text) - len("equal opportunity") - 600, len(text))


pieces = st.sampled_from(
    [
        "Requirements",
        "Benefits:",
        "About us",
        "equal opportunity",
        ". ",
        "\n",
        "\r\n",
        " ",
        "bees",
        "•",
        "\u00a0",
        "?",
        "İ",
    ]
)
any_text = st.lists(pieces | st.text(st.characters(codec=None), max_size=5), max_size=30).map(
    "".join
)


@settings(max_examples=200)
@given(any_text)
def test_parts_lie_within_the_text_and_hold_something(text: str) -> None:
    for section in find(clean(text)):
        assert section.kind in KINDS
        assert 0 <= section.start < section.end <= len(text)


@settings(max_examples=200)
@given(any_text)
def test_parts_under_headings_are_in_order_and_disjoint(text: str) -> None:
    cues = [cue for cue, _ in load_headings().cues]
    cleaned = clean(text)
    parts = [s for s in find(cleaned) if not any(c in cleaned.lower() for c in cues)]
    for one, other in itertools.pairwise(parts):
        assert one.end <= other.start


@pytest.mark.parametrize(
    "text",
    ["Requirements\n" * 50_000, "equal opportunity " * 40_000, ":" * 700_000, "\n" * 700_000],
    ids=["headings", "cues", "colons", "line ends"],
)
def test_hostile_texts_take_no_long_time(text: str) -> None:
    begin = time.perf_counter()
    find(text)
    assert time.perf_counter() - begin < 5


# --- the spaCy component -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pipeline() -> spacy.Language:
    import extractor.sections  # noqa: F401  registers the factory without the entry point

    nlp = spacy.blank("en")
    nlp.add_pipe("job_sections")
    return nlp


TEXT = "Requirements\nA steady hand.\n\nBenefits\nHoney."


def test_the_component_marks_parts_as_spans(pipeline: spacy.Language) -> None:
    doc = pipeline(TEXT)
    assert [(span.label_, span.text) for span in doc.spans["sections"]] == [
        ("required", "Requirements\nA steady hand.\n\n"),
        ("benefits", "Benefits\nHoney."),
    ]


def test_spans_survive_being_stored(pipeline: spacy.Language) -> None:
    stored = DocBin(docs=[pipeline(TEXT)]).to_bytes()
    (doc,) = DocBin().from_bytes(stored).get_docs(pipeline.vocab)
    assert [span.label_ for span in doc.spans["sections"]] == ["required", "benefits"]


@pytest.mark.parametrize("text", ["", " ", "\n", "bees"])
def test_a_text_without_headings_has_an_empty_list_of_spans(
    pipeline: spacy.Language, text: str
) -> None:
    doc = pipeline(text)
    assert list(doc.spans["sections"]) == []


def test_the_component_survives_being_saved(pipeline: spacy.Language, tmp_path: Path) -> None:
    pipeline.to_disk(tmp_path / "nlp")
    doc = spacy.load(tmp_path / "nlp")(TEXT)
    assert [span.label_ for span in doc.spans["sections"]] == ["required", "benefits"]
