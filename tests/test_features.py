"""What the tagger sees of each token: whole numbers, each within its table."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.context import Found
from extractor.features import (
    BREAK,
    CANDIDATE_SIZE,
    COLUMNS,
    FIRST_WORD,
    NAME_SIZE,
    SHAPE_SIZE,
    UNKNOWN,
    Rows,
    TaggerTerms,
    TokenFeatures,
    shape_of,
    unit_starts,
)
from extractor.matching import Candidate, Name
from extractor.records import SKILL_KINDS, Section, SkillEntry
from extractor.text import clean
from extractor.view import TextView

TERMS = TaggerTerms(
    ("bees", "keep", "keeper", "you"), ("benefits", "duties"), ("bee", "kee"), ("eep", "ers")
)
FEATURES = TokenFeatures(TERMS)

_pieces = st.sampled_from(
    [
        *("You", "keep", "bees", "keepers", "GPS", "X", "x", "iPad", "42", "Śa", "データ", "ﬁn"),
        *(" ", " ", " ", " ", "\n", "\n\n", "\t", ". ", ".", "! ", "?", ", ", "• ", "●", "·"),
        *("1.5", "C++", "e.g.", "word " * 70, "A. " * 40, "• hive\n" * 30),
    ]
)
_texts = st.lists(_pieces | st.text(max_size=4), max_size=25).map("".join)


def view_of(text: str) -> TextView:
    return TextView(clean(text))


def name(kind: Any) -> Name:
    return Name(SkillEntry(f"a-{kind}", "A", kind, "x"), "A", None, None, None, solid=False)


def candidate(start: int, end: int, kind: str = "tool") -> Candidate:
    return Candidate(start, end, (name(kind),), 0)


def column(rows: Rows, key: str, place: slice = slice(None)) -> list[int]:
    """A column of the rows that are tokens."""
    found: list[int] = rows.table[rows.places >= 0, COLUMNS.index(key)][place].tolist()
    return found


def features_of(
    text: str,
    candidates: Sequence[Candidate] = (),
    found: Sequence[Found] = (),
    sections: Sequence[Section] = (),
) -> Rows:
    return FEATURES(view_of(text), candidates, found, sections)


# --- units ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "|You keep bees.",
        "|You keep bees. |We keep wasps! |Do you? |Yes",
        "|You keep bees\n|We keep wasps\n\n|Yes",
        "\n\n|You keep bees\n",
        "|You keep bees. they sting",  # no sentence begins small: "approx. two"
        "|You keep bees.They sting",  # nor without a space: "Node.js"
        "|You keep 1.5 hives.",
        "|You keep: |• bees |• wasps",
        "|●bees|●wasps|▪ hens |· ducks",
        "|You keep bees. |• Wasps",
        "|You keep bees.\n|We keep wasps",
        "|Bees, wasps; hens (and ducks)",
        "|. |A",
    ],
)
def test_a_unit_begins_at_lines_sentences_and_items(text: str) -> None:
    """A bar stands before each token that begins one."""
    view = view_of(text.replace("|", ""))
    bars = [place - number for number, place in enumerate(bars_of(text))]
    assert [view.starts[token] for token in unit_starts(view)] == bars


def bars_of(text: str) -> list[int]:
    return [place for place, sign in enumerate(text) if sign == "|"]


@pytest.mark.parametrize("text", ["", " \n\t\n "])
def test_no_words_make_no_unit(text: str) -> None:
    assert unit_starts(view_of(text)) == []


@pytest.mark.parametrize(
    ("words", "starts"),
    [(60, [0]), (61, [0, 60]), (120, [0, 60]), (121, [0, 60, 120]), (200, [0, 60, 120, 180])],
)
def test_a_long_unit_is_cut_every_sixty_tokens(words: int, starts: list[int]) -> None:
    assert unit_starts(view_of("bee " * words)) == starts


def test_only_the_long_unit_is_cut() -> None:
    assert unit_starts(view_of("one two\n" + "bee " * 70 + "\nthree")) == [0, 2, 62, 72]


@settings(deadline=None, max_examples=200)
@given(text=_texts)
def test_unit_starts_are_sorted_and_each_is_one_token(text: str) -> None:
    view = view_of(text)
    starts = unit_starts(view)
    assert starts == sorted(set(starts))
    assert set(starts) <= set(range(len(view.words)))


@settings(deadline=None, max_examples=200)
@given(text=_texts)
def test_the_first_unit_begins_with_the_first_token(text: str) -> None:
    view = view_of(text)
    assert unit_starts(view)[:1] == [0][: len(view.words)]


@settings(deadline=None, max_examples=200)
@given(text=_texts)
def test_no_unit_is_longer_than_sixty_tokens(text: str) -> None:
    view = view_of(text)
    borders = [*unit_starts(view), len(view.words)]
    assert [end - start for start, end in itertools.pairwise(borders) if end - start > 60] == []


@settings(deadline=None, max_examples=100)
@given(text=_texts)
def test_every_line_begins_a_unit(text: str) -> None:
    view = view_of(text)
    assert set(view.line_starts()) - set(unit_starts(view)) == set()


# --- shapes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "alike",
    [
        ("bees", "keeper2", "śa", "ß3"),
        ("a", "x", "ś"),
        ("GPS", "EC2", "ŚA"),
        ("A", "X", "Ś"),
        ("Bees", "Śa"),
        ("PhD", "MSc", "LLMs"),
        ("iPad", "iOS", "データ"),
        ("42", "7"),
        (".", "1.5", "•", "-"),
    ],
    ids=lambda alike: alike[0],
)
def test_words_written_alike_have_one_shape(alike: tuple[str, ...]) -> None:
    assert len({shape_of(surface) for surface in alike}) == 1


def test_words_written_otherwise_have_shapes_of_their_own() -> None:
    surfaces = ["bees", "a", "GPS", "A", "Bees", "PhD", "iPad", "42", "."]
    shapes = [shape_of(surface) for surface in surfaces]
    assert sorted(shapes) == list(range(1, SHAPE_SIZE))  # 0 is a break's


# --- the table -----------------------------------------------------------------------------------


def test_a_row_is_a_token_or_the_break_before_a_unit() -> None:
    rows = features_of("You keep bees. You\nkeep")
    assert rows.places.tolist() == [-1, 0, 1, 2, 3, -1, 4, -1, 5]
    assert rows.table[rows.places < 0].tolist() == [[BREAK, 0, 0, 0, 0, 0, 0]] * 3


def test_words_are_known_by_their_place_in_the_terms() -> None:
    words = column(features_of("You KEEP wasps, bees"), "word")
    assert words == [FIRST_WORD + 3, FIRST_WORD + 1, UNKNOWN, UNKNOWN, FIRST_WORD]


def test_affixes_are_the_first_and_last_three_letters() -> None:
    """Of unknown words too: "beekeepers" is none of the terms."""
    rows = features_of("keep Beekeepers bee it")
    assert column(rows, "prefix") == [2, 1, 1, 0]
    assert column(rows, "suffix") == [1, 2, 0, 0]


def test_the_affixes_of_known_words_are_those_that_the_table_has() -> None:
    rows = features_of("you keep bees keeper")
    for word, prefix, suffix in zip(*(column(rows, key) for key in ("word", "prefix", "suffix"))):
        assert FEATURES.affixes[word].tolist() == [prefix, suffix]
    assert FEATURES.affixes[:FIRST_WORD].tolist() == [[0, 0]] * FIRST_WORD


def test_shapes_are_those_of_the_text_as_written() -> None:
    surfaces = ["You", "keep", "GPS", "."]
    assert column(features_of("You keep GPS."), "shape") == list(map(shape_of, surfaces))


def test_a_part_is_the_kind_of_its_section() -> None:
    text = "Duties\nYou keep\nBenefits\nbees"
    sections = [Section("duties", 0, 15), Section("benefits", 16, 29)]
    assert column(features_of(text, sections=sections), "section") == [2, 2, 2, 1, 1]


def test_where_sections_overlap_the_last_counts() -> None:
    text = "You keep bees and wasps"
    sections = [Section("duties", 0, 23), Section("benefits", 4, 13)]
    assert column(features_of(text, sections=sections), "section") == [2, 1, 1, 2, 2]


def test_a_section_of_a_kind_that_the_terms_lack_is_none() -> None:
    text = "You keep bees"
    assert column(features_of(text, sections=[Section("legal", 4, 13)]), "section") == [0, 0, 0]


@pytest.mark.parametrize("kind", SKILL_KINDS)
def test_a_name_tells_first_inner_and_last_tokens_apart(kind: str) -> None:
    row, count = SKILL_KINDS.index(kind) + 1, len(SKILL_KINDS)
    first, inner, last = row, row + count, row + 2 * count
    found = [(0, 1, name(kind)), (1, 4, name(kind)), (5, 7, name(kind))]
    assert column(features_of("a b c d e f g h", found=found), "name") == [
        *(last,),
        *(first, inner, inner + 2 * count),
        0,
        *(first, inner + 2 * count),
        0,
    ]


def test_of_names_on_one_token_the_longest_candidate_counts() -> None:
    soft, tool, count = SKILL_KINDS.index("soft") + 1, SKILL_KINDS.index("tool") + 1, 5
    candidates = [candidate(1, 2), candidate(0, 3, "soft"), candidate(2, 3), candidate(3, 4)]
    for order in itertools.permutations(candidates):
        rows = features_of("a b c d e", order)
        assert column(rows, "candidate") == [soft, soft + count, soft + count, tool, 0]


@pytest.mark.parametrize("ends", [[(0, 1), (0, 1)], [(0, 2), (1, 3)]])
def test_of_candidates_equally_long_the_first_counts(ends: list[tuple[int, int]]) -> None:
    kinds = ("soft", "tool")
    rows = features_of("a b c", [candidate(*places, kind) for places, kind in zip(ends, kinds)])
    start, end = ends[0]
    soft = SKILL_KINDS.index("soft") + 1
    assert column(rows, "candidate", slice(start, end)) == [soft, soft + 5][: end - start]


def test_an_empty_text_has_no_rows() -> None:
    rows = features_of("")
    assert (rows.table.shape, rows.places.tolist()) == ((0, len(COLUMNS)), [])


def test_the_sizes_are_those_of_the_terms() -> None:
    assert FEATURES.sizes == (FIRST_WORD + 4, SHAPE_SIZE, NAME_SIZE, CANDIDATE_SIZE, 3, 3, 3)


_kinds = st.sampled_from(SKILL_KINDS)
_places = st.tuples(st.integers(0, 40), st.integers(1, 5), _kinds)


@settings(deadline=None, max_examples=150)
@given(
    text=_texts,
    places=st.lists(_places, max_size=8),
    parts=st.lists(
        st.tuples(st.sampled_from(["duties", "legal"]), st.integers(0, 90), st.integers(0, 90)),
        max_size=3,
    ),
)
def test_every_number_has_its_row_in_its_table(
    text: str, places: list[tuple[int, int, str]], parts: list[tuple[str, int, int]]
) -> None:
    size = len(view_of(text).words)
    inside = [(start, start + n, kind) for start, n, kind in places if start + n <= size]
    candidates = [candidate(*place) for place in inside]
    found = [(start, end, name(kind)) for start, end, kind in disjoint(inside)]
    sections = [Section(kind, min(ends), max(ends)) for kind, *ends in parts]
    table, rows = features_of(text, candidates, found, sections)
    assert (table >= 0).all()
    assert (table < np.array(FEATURES.sizes)).all()
    assert rows[rows >= 0].tolist() == list(range(size))
    assert len(rows) - size == len(unit_starts(view_of(text)))


def disjoint(places: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    chosen: list[tuple[int, int, str]] = []
    for place in sorted(places):
        if not chosen or chosen[-1][1] <= place[0]:
            chosen.append(place)
    return chosen
