"""Word vectors: words that stand in the same places are alike, and nobody's name is a word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.word_vectors import WordUse, WordVectors

# "cats" and "dogs" stand where the other could, "bread" and "cheese" too.
PETS = [
    f"we {verb} our {pet} each {day}"
    for verb in ("stroke", "feed", "comb")
    for pet in ("cats", "dogs")
    for day in ("monday", "friday")
]
FOOD = [
    f"they {verb} some {food} for {meal}"
    for verb in ("slice", "buy", "eat")
    for food in ("bread", "cheese")
    for meal in ("lunch", "supper")
]
WORDS = ("bread", "cats", "cheese", "dogs")

_postings = st.lists(st.lists(st.sampled_from("abcdef"), max_size=8), max_size=8)


def learnt(texts: Sequence[str], words: Sequence[str], size: int, **how: int) -> Any:
    learner = WordVectors()
    for text in texts:
        learner.add(text.split())
    return learner.learn(words, size, **how)


def likeness(vectors: Any, one: str, other: str) -> float:
    """The cosine of two words' vectors."""
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return float(unit[WORDS.index(one)] @ unit[WORDS.index(other)])


def likenesses(vectors: Any) -> Any:
    """Those of all pairs: vectors are the same but for how space is turned."""
    return vectors @ vectors.T


def use_of(*postings: tuple[str, str]) -> WordUse:
    use = WordUse()
    for text, employer in postings:
        use.add(text.split(), employer)
    return use


# --- vectors -------------------------------------------------------------------------------------


def test_words_in_the_same_places_are_alike() -> None:
    vectors = learnt([*PETS, *FOOD], WORDS, 3)
    assert likeness(vectors, "cats", "dogs") > 0.9
    assert likeness(vectors, "bread", "cheese") > 0.9
    assert likeness(vectors, "cats", "bread") < 0.3


def test_the_order_of_the_words_asked_for_decides_that_of_the_vectors() -> None:
    texts = [*PETS, *FOOD]
    one, other = learnt(texts, WORDS, 2), learnt(texts, sorted(WORDS, key=len), 2)
    order = [1, 3, 0, 2]
    assert likenesses(one)[order][:, order] == pytest.approx(likenesses(other), abs=1e-3)
    assert abs(likenesses(one) - likenesses(other)).max() > 1


def test_the_order_of_the_postings_changes_no_likeness() -> None:
    texts = [*PETS, *FOOD]
    one, other = learnt(texts, WORDS, 2), learnt(texts[::-1], WORDS, 2)
    assert likenesses(one) == pytest.approx(likenesses(other), abs=1e-3)


def test_places_before_and_behind_are_told_apart() -> None:
    """ "x a" and "a y" share no place, though "a" stands in both."""
    vectors = learnt(["bread a", "a cats", "cheese a", "a dogs"], WORDS, 2)
    assert likeness(vectors, "bread", "cheese") == pytest.approx(1.0, abs=1e-4)
    assert likeness(vectors, "bread", "cats") == pytest.approx(0.0, abs=1e-4)


def test_a_neighbour_three_words_away_is_none() -> None:
    words = ("red", "blue")
    near = learnt(["red x x2 kite", "blue y y2 hive"], words, 1)
    other = learnt(["red x x2 hive", "blue y y2 kite"], words, 1)
    assert np.allclose(near, other, atol=1e-5)


def test_the_next_posting_holds_no_neighbour() -> None:
    assert learnt(["a", "b", "c"], ("a", "b", "c"), 2).tolist() == [[0.0, 0.0]] * 3


def test_a_word_never_seen_has_zeros() -> None:
    vectors = learnt([*PETS, *FOOD], ("cats", "whales"), 1)
    assert abs(vectors[0, 0]) == pytest.approx(3.0, rel=1e-4)
    assert vectors[1].tolist() == [0.0]


def test_with_too_little_text_the_last_columns_are_zeros() -> None:
    vectors = learnt([*PETS, *FOOD], WORDS, 6)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([3.0] * 4, rel=1e-4)
    assert vectors[:, 3:].tolist() == [[0.0] * 3] * 4


@pytest.mark.parametrize("texts", [[], [""], ["cats"], ["cats", "dogs"]])
def test_no_text_gives_zeros(texts: list[str]) -> None:
    assert learnt(texts, ("cats", "dogs"), 2).tolist() == [[0.0, 0.0]] * 2


def test_no_words_have_no_vectors() -> None:
    assert learnt(PETS, (), 4).shape == (0, 4)


def test_the_same_text_and_seed_give_the_same_vectors() -> None:
    texts = [*PETS, *FOOD]
    assert np.array_equal(learnt(texts, WORDS, 3, seed=5), learnt(texts, WORDS, 3, seed=5))


def test_a_learner_can_be_asked_twice_and_goes_on_learning() -> None:
    learner = WordVectors()
    learner.add(["cats", "purr"])
    before = learner.learn(("cats",), 1).tolist()
    assert learner.learn(("cats",), 1).tolist() == before
    for text in (*PETS, *FOOD):
        learner.add(text.split())
    after = learner.learn(WORDS, 3)
    assert likeness(after, "bread", "cheese") > 0.9


@settings(deadline=None, max_examples=75)
@given(postings=_postings, size=st.integers(1, 8))
def test_vectors_of_any_text_have_three_for_their_greatest_length(
    postings: list[list[str]], size: int
) -> None:
    vectors = learnt(list(map(" ".join, postings)), tuple("abcz"), size)
    assert vectors.shape == (4, size)
    assert (np.linalg.norm(vectors, axis=1) <= 3.001).all()
    assert vectors[3].tolist() == [0.0] * size


# --- use -----------------------------------------------------------------------------------------


def test_employers_are_counted_once() -> None:
    use = use_of(("Bees sting", "acme"), ("bees bees", "acme"), ("BEES", "honey & sons"))
    assert [use.employers(word) for word in ("bees", "sting", "wasps")] == [2, 1, 0]


def test_words_are_those_seen_in_lower_case() -> None:
    assert sorted(use_of(("Bees sting", "acme"), ("BEES 7", "acme")).words) == [
        "7",
        "bees",
        "sting",
    ]


@pytest.mark.parametrize(
    ("small", "capital", "is_common"), [(1, 0, True), (1, 4, True), (1, 5, False), (0, 3, False)]
)
def test_a_word_is_common_when_a_fifth_of_its_postings_write_it_small(
    small: int, capital: int, is_common: bool
) -> None:
    use = use_of(*[("we hone", "a")] * small, *[("at Hone", "a")] * capital)
    assert use.is_common("hone") is is_common


def test_a_posting_counts_once_however_often_it_writes_a_word() -> None:
    use = use_of(("hone " * 50, "a"), *[("Hone", "b")] * 5)
    assert not use.is_common("hone")


def test_a_posting_that_writes_it_both_ways_writes_it_small() -> None:
    assert use_of(*[("Hone and hone", "a")] * 3).is_common("hone")
