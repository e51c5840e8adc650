"""The terms of a role model: employers share them, none is a name, none spans a hidden part."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from extractor.errors import FormatError
from extractor.role_terms import choose_terms
from extractor.roles import RolesConfig

TITLE = "data analyst"


def terms_of(
    texts: Sequence[str], employers: Sequence[str] | None = None, **options: object
) -> list[str]:
    """The terms of descriptions, each of an employer of its own where none are given."""
    rows = np.array([[TITLE, text] for text in texts], dtype=object)
    names = employers or [str(place) for place in range(len(texts))]
    config = RolesConfig(**({"min_employers": 2} | options))  # type: ignore[arg-type]
    return choose_terms(rows, names, config)[1]


def test_a_term_of_as_many_employers_as_asked_for_is_chosen() -> None:
    texts = ["red apples", "red pears", "green pears", "red plums"]
    assert terms_of(texts) == ["pears", "red"]
    assert terms_of(texts, min_employers=3) == ["red"]


def test_many_postings_of_one_employer_count_once() -> None:
    texts = ["red apples", "red apples", "red apples", "red pears"]
    assert terms_of(texts, ["one", "one", "one", "two"]) == ["red"]


def test_terms_are_in_the_order_of_the_alphabet() -> None:
    assert terms_of(["plums and apples"] * 2) == [
        "and",
        "and apples",
        "apples",
        "plums",
        "plums and",
    ]


def test_terms_are_no_longer_than_asked_for() -> None:
    texts = ["ripe red apples"] * 2
    assert terms_of(texts, max_words=(1, 1)) == ["apples", "red", "ripe"]
    assert "ripe red apples" in terms_of(texts, max_words=(1, 3))


def test_titles_have_terms_of_their_own() -> None:
    rows = np.array([["lead analyst", "you lead every analyst"]] * 2, dtype=object)
    titles, texts = choose_terms(rows, ["a", "b"], RolesConfig(min_employers=2))
    assert titles == ["analyst", "lead", "lead analyst"]
    assert "every analyst" in texts
    assert "every" not in titles


@pytest.mark.parametrize("name", ["Brimblewick", "BRIMBLEWICK"])
def test_what_is_only_written_with_a_capital_is_no_term(name: str) -> None:
    assert terms_of([f"we at {name} sell apples"] * 9, max_words=(1, 1)) == [
        "apples",
        "at",
        "sell",
        "we",
    ]


def test_a_name_is_part_of_no_longer_term() -> None:
    assert [t for t in terms_of(["we at Brimblewick sell"] * 9) if "brimblewick" in t] == []


@pytest.mark.parametrize(("small", "is_term"), [(2, True), (1, False)])
def test_a_word_written_small_in_a_fifth_of_its_texts_is_a_term(small: int, is_term: bool) -> None:
    texts = ["apples orchard"] * small + ["apples Orchard"] * (10 - small)
    assert ("orchard" in terms_of(texts)) == is_term


def test_a_skill_that_is_only_written_with_a_capital_is_a_term() -> None:
    assert terms_of(["we use TensorFlow and SQL"] * 3, max_words=(1, 1)) == [
        "and",
        "flow",
        "sql",
        "tensor",
        "use",
        "we",
    ]


@pytest.mark.parametrize("text", ["call anna", "call 12345", "call xxxx", "call -", "call a1"])
def test_people_numbers_masks_and_marks_are_no_terms(text: str) -> None:
    assert terms_of([text] * 3) == ["call"]


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (1, ["plums"]),
        (2, ["pears", "plums"]),
        (3, ["apples", "pears", "plums"]),
        (9, ["apples", "pears", "plums"]),
    ],
)
def test_of_too_many_terms_those_of_most_employers_are_kept(most: int, expected: list[str]) -> None:
    texts = ["apples, pears, plums"] * 2 + ["pears, plums", "plums"]
    assert terms_of(texts, max_terms=most) == expected


def test_of_terms_of_as_many_employers_the_first_of_the_alphabet_are_kept() -> None:
    assert terms_of(["plums, apples, pears"] * 2, max_terms=2) == ["apples", "pears"]


def test_employers_not_postings_decide_which_terms_are_kept() -> None:
    texts = ["plums"] * 5 + ["plums, apples", "apples", "apples"]
    employers = ["one"] * 5 + ["two", "three", "four"]
    assert terms_of(texts, employers, max_terms=1) == ["apples"]


def test_words_of_a_hidden_part_are_no_terms() -> None:
    text = "red apples\nBenefits\nfree lunch\nRequirements\nripe pears"
    assert terms_of([text] * 3, max_words=(1, 1)) == [
        "apples",
        "pears",
        "red",
        "requirements",
        "ripe",
    ]
    assert "lunch" in terms_of([text] * 3, reads_all=True)


def test_no_term_spans_a_hidden_part() -> None:
    text = "red apples. This is our privacy policy.\nripe pears"
    found = terms_of([text] * 3, max_words=(1, 3))
    assert found == ["apples", "pears", "red", "red apples", "ripe", "ripe pears"]
    assert "policy" in terms_of([text] * 3, reads_all=True)


def test_a_field_that_is_empty_everywhere_has_one_term_of_no_weight() -> None:
    rows = np.array([["", "red apples"]] * 2, dtype=object)
    titles, _ = choose_terms(rows, ["a", "b"], RolesConfig(min_employers=2))
    assert titles == ["untitled"]


@pytest.mark.parametrize(
    ("text", "terms"),
    [("the baker waits", ["baker", "master", "master baker"]), ("it waits", ["master"])],
)
def test_a_word_of_titles_is_a_term_when_descriptions_write_it_small(
    text: str, terms: list[str]
) -> None:
    """Titles write every word with a capital, so they cannot tell which is a name."""
    rows = np.array([["Master Baker", f"{text} with a master"]] * 4, dtype=object)
    titles, _ = choose_terms(rows, list("abcd"), RolesConfig(min_employers=2))
    assert titles == terms


def test_too_few_employers_are_told() -> None:
    with pytest.raises(FormatError) as caught:
        terms_of(["red apples"] * 3, ["one"] * 3)
    message = "no term is used by 2 employers; give more postings, or a lower --min-employers"
    assert str(caught.value) == message
