"""Near-copies: what was posted again with small changes shares a number, and nothing else does."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from extractor.errors import FormatError
from extractor.near_copies import near_copies

BAKER = (
    "Our bakery in Ghent is looking for two bakers who like early mornings. You knead, shape and "
    "bake forty kinds of bread, and you teach an apprentice how rye differs from wheat. "
    "We pay 2,900 EUR a month from 1 March 2024 and close on Sundays."
)
COOK = (
    "A canteen with three hundred guests wants a cook. Behind the stove you plan menus, count "
    "calories and keep the cold store in order, and on Fridays there is always fish."
)
SAILOR = (
    "The ferry to the islands needs a deckhand who splices ropes, paints rails and helps elderly "
    "passengers over the gangway in any weather that the harbour master still allows."
)


def made(seed: int, size: int) -> list[str]:
    """Invented words, other ones for each seed."""
    rng = random.Random(seed)
    return ["".join(rng.choices(string.ascii_lowercase, k=7)) for _ in range(size)]


def parted(numbers: Sequence[int]) -> set[frozenset[int]]:
    """The places that share a number, whatever the number is."""
    return {
        frozenset(place for place, one in enumerate(numbers) if one == number) for number in numbers
    }


# --- what is a copy ------------------------------------------------------------------------------


def test_different_adverts_have_different_numbers() -> None:
    assert near_copies([BAKER, COOK, SAILOR]) == [0, 1, 2]


def test_numbers_follow_first_appearance() -> None:
    assert near_copies([COOK, BAKER, COOK, SAILOR, BAKER]) == [0, 1, 0, 2, 1]


@pytest.mark.parametrize(
    "copy",
    [
        BAKER.replace("2,900", "3,150").replace("1 March 2024", "15 March 2025"),
        BAKER.replace("2,900", "2 900,50"),
        BAKER.replace("2,900", "②").replace("2024", "½"),
        BAKER.upper(),
        BAKER.replace(" ", "\n\t  "),
        BAKER.replace(" ", "\u00a0"),
        BAKER.replace(".", "!").replace(",", " –"),
        f"*** {BAKER} *** (4711)",
    ],
    ids="digits money numerals case breaks no-break-spaces punctuation frame".split(),
)
def test_only_letters_count(copy: str) -> None:
    assert near_copies([BAKER, COOK, copy], least=1.0) == [0, 1, 0]


def test_one_changed_word_leaves_a_copy() -> None:
    assert near_copies([BAKER, BAKER.replace("forty", "thirty")]) == [0, 0]


def test_a_rewritten_half_leaves_no_copy() -> None:
    sentences = BAKER.split(". ")
    assert near_copies([BAKER, ". ".join([sentences[0], *COOK.split(". ")])]) == [0, 1]


def test_the_order_of_sentences_hardly_counts() -> None:
    first, second = " ".join(made(1, 100)), " ".join(made(2, 100))
    assert near_copies([f"{first} {second}", f"{second} {first}"]) == [0, 0]


def test_a_cosine_of_exactly_least_is_enough() -> None:
    """Nine words are five shingles; without the first word four of another's five are left."""
    one = "we grow tall red roses for small corner shops"
    other = "grow tall red roses for small corner shops everywhere"
    assert near_copies([one, other], least=0.8) == [0, 0]
    assert near_copies([one, other], least=0.81) == [0, 1]


def test_a_repeated_sentence_counts_once() -> None:
    assert near_copies([COOK, " ".join([COOK] * 9)]) == [0, 0]


def test_a_chain_of_copies_is_one_group() -> None:
    """Each is near the next one, the ends are not near each other."""
    words = made(3, 104)
    other = made(4, 30)
    chain = [" ".join(other[:changed] + words[changed:]) for changed in (0, 15, 30)]
    assert near_copies([chain[0], chain[2]]) == [0, 1]
    assert near_copies([chain[0], chain[2], COOK, chain[1]]) == [0, 0, 1, 0]


# --- given groups --------------------------------------------------------------------------------


def test_a_given_group_joins_different_texts() -> None:
    assert near_copies([BAKER, COOK, SAILOR], groups=["a", "b", "a"]) == [0, 1, 0]


def test_different_given_groups_do_not_part_copies() -> None:
    assert near_copies([BAKER, COOK, BAKER], groups=["a", "b", "c"]) == [0, 1, 0]


def test_none_is_no_group() -> None:
    assert near_copies([BAKER, COOK, SAILOR], groups=[None, None, None]) == [0, 1, 2]


def test_given_groups_and_copies_make_one_chain() -> None:
    texts = [BAKER, COOK, BAKER.lower(), SAILOR, "Gardener"]
    assert near_copies(texts, groups=[None, "a", "b", "b", "a"]) == [0, 1, 0, 0, 1]


def test_a_given_group_is_never_taken_for_a_text() -> None:
    assert near_copies(["cook", "baker"], groups=["baker", None]) == [0, 1]


@pytest.mark.parametrize("groups", [["a"], ["a", None, "b"]])
def test_groups_of_another_length_are_refused(groups: list[str | None]) -> None:
    with pytest.raises(FormatError) as caught:
        near_copies([BAKER, COOK], groups=groups)
    message = f"{len(groups)} groups for 2 texts; give one a text or none"
    assert str(caught.value) == message


# --- short texts ---------------------------------------------------------------------------------


def test_short_texts_match_only_the_same_words() -> None:
    texts = ["Head cook", "head  COOK (2)", "Head cook wanted", "Cook, head", "Headcook"]
    assert near_copies(texts) == [0, 0, 1, 2, 3]


def test_five_words_are_compared_whole() -> None:
    texts = ["a cook for our canteen", "A cook for our canteen!", "a cook for our kitchen"]
    assert near_copies(texts) == [0, 0, 1]


def test_many_short_texts_are_not_joined_by_chance() -> None:
    """Two of 6,000 hashes are nearly always the same; these texts are not hashed."""
    words = made(5, 30_000)
    texts = [" ".join(words[start : start + 5]) for start in range(0, 30_000, 5)]
    assert near_copies(texts) == list(range(6_000))


def test_a_text_without_words_matches_only_itself() -> None:
    texts = ["", "12 34", "   ", "12  34", "", "12 34", "...", BAKER]
    assert near_copies(texts) == [0, 1, 2, 3, 0, 1, 4, 5]


def test_no_texts_have_no_numbers() -> None:
    assert near_copies([]) == []
    assert near_copies([], groups=[]) == []


# --- boilerplate ---------------------------------------------------------------------------------


def test_boilerplate_of_all_joins_no_different_adverts() -> None:
    boilerplate = " ".join(made(6, 300))
    adverts = [" ".join(made(100 + number, 40)) for number in range(60)]
    assert near_copies([f"{advert} {boilerplate}" for advert in adverts]) == list(range(60))


def test_copies_are_found_beside_boilerplate() -> None:
    boilerplate = " ".join(made(6, 300))
    adverts = [made(100 + number, 60) for number in range(60)]
    again = [*adverts[7][:30], "changed", *adverts[7][31:]]
    texts = [f"{' '.join(advert)} {boilerplate}" for advert in [*adverts, again]]
    assert near_copies(texts) == [*range(60), 7]


def test_boilerplate_alone_matches_itself() -> None:
    """Nothing is left of it to compare, but the same words are the same words."""
    boilerplate = " ".join(made(6, 300))
    adverts = [f"{' '.join(made(100 + number, 40))} {boilerplate}" for number in range(60)]
    texts = [boilerplate, *adverts, boilerplate.upper()]
    assert near_copies(texts) == [*range(61), 0]


def test_the_same_text_many_times_is_no_boilerplate() -> None:
    """A shingle's texts are counted once each, or the changed copy would lose all it shares."""
    texts = [SAILOR] * 200 + [SAILOR.replace("elderly", "younger"), COOK]
    assert near_copies(texts) == [0] * 201 + [1]


# --- order ---------------------------------------------------------------------------------------


def test_the_order_of_texts_changes_no_group() -> None:
    texts = [BAKER, COOK, BAKER.replace("forty", "thirty"), SAILOR, COOK.upper(), "Cook"]
    order = [5, 2, 4, 0, 3, 1]
    shuffled = near_copies([texts[place] for place in order])
    assert shuffled == [0, 1, 2, 1, 3, 2]
    back = {frozenset(order[place] for place in group) for group in parted(shuffled)}
    assert back == parted(near_copies(texts))


def test_copies_are_found_across_chunks() -> None:
    adverts = [made(number, 80) for number in range(700)]
    again = [["new", *advert[1:]] for advert in reversed(adverts)]
    texts = [" ".join(advert) for advert in adverts + again]
    assert near_copies(texts) == [*range(700), *reversed(range(700))]


def test_texts_are_left_as_they_were() -> None:
    texts, groups = [BAKER, COOK], ["a", None]
    near_copies(texts, groups=groups)
    assert (texts, groups) == ([BAKER, COOK], ["a", None])


# --- hostile texts -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [
        "x" * 1_000_000,
        f"{BAKER} {'y' * 1_000_000} {COOK}",
        "a " * 1_000_000,
        " ".join(map(str, range(200_000))),
        "\0" * 1_000_000,
        "\ud800",
        "\udfff " * 1_000,
        f"one \ud83d two {SAILOR} \udc00",
        "İ" * 50 + " ǅ ß ﬁ " * 50,
        "\u202e\ufeff\u0301 \u0301 \u0301 \u0301 \u0301 \u0301",
    ],
    ids="giant in-text million numbers nul lone lones around odd-case marks".split(),
)
def test_a_hostile_text_matches_itself_alone(hostile: str) -> None:
    assert near_copies([hostile, BAKER, hostile, COOK]) == [0, 1, 0, 2]


def test_nuls_and_surrogates_part_words_like_spaces() -> None:
    assert near_copies([BAKER, re.sub(" ", "\0", BAKER), re.sub(" ", "\ud800", BAKER)]) == [0] * 3


def test_what_follows_ten_thousand_words_is_not_compared() -> None:
    words = made(8, 10_000)
    texts = [" ".join(words), " ".join([*words, *made(9, 30_000)]), " ".join(made(9, 10_000))]
    assert near_copies(texts) == [0, 0, 1]


_texts = st.lists(
    st.one_of(
        st.text(alphabet=st.characters(), max_size=40),  # lone surrogates too
        st.lists(st.sampled_from("abc"), max_size=12).map(" ".join),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(_texts)
@example(["a a a a a a", "a a a a a", "a a a a a a a"])
def test_every_text_has_a_number_that_stood_before_or_is_the_next(texts: list[str]) -> None:
    numbers = near_copies(texts)
    assert list(dict.fromkeys(numbers)) == list(range(len(set(numbers))))
    assert len(numbers) == len(texts)
    assert numbers == near_copies(texts)


@settings(deadline=None, max_examples=60)
@given(_texts)
def test_posting_all_again_adds_no_group(texts: list[str]) -> None:
    once = near_copies(texts)
    assert near_copies([*texts, *texts]) == once * 2
