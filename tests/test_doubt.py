"""When a role model does not answer: its rules, in which order, and how training sets them."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from extractor.doubt import DoubtRules
from extractor.evaluation import RoleAnswer
from extractor.records import Posting
from extractor.role_doubt import doubt_rules, least_confidence
from extractor.roles import table
from extractor.training import TrainedRoles

RULES = DoubtRules(least_confidence=0.7, least_words=5, least_known=0.5, languages=("en", "nl"))
WELL = (0.9, (2, 20), 30, "en")  # what no rule doubts

# --- the rules -----------------------------------------------------------------------------------


def test_rules_by_default_rule_nothing() -> None:
    assert DoubtRules().of(0.0, (0, 0), 0, None) is None
    assert DoubtRules().of(0.0, (0, 0), 900, "zh") is None


def test_what_keeps_all_limits_is_answered() -> None:
    assert RULES.of(*WELL) is None


@pytest.mark.parametrize(
    ("confidence", "doubt"), [(0.7, None), (0.699999, "unsure"), (0.0, "unsure"), (1.0, None)]
)
def test_an_answer_below_the_least_confidence_is_unsure(
    confidence: float, doubt: str | None
) -> None:
    assert RULES.of(confidence, (2, 20), 30, "en") == doubt


@pytest.mark.parametrize(
    ("known", "doubt"),
    [((0, 5), None), ((5, 0), None), ((2, 3), None), ((2, 2), "short"), ((0, 0), "short")],
)
def test_known_words_of_title_and_description_count_together(
    known: tuple[int, int], doubt: str | None
) -> None:
    assert RULES.of(0.9, known, known[1], "en") == doubt


@pytest.mark.parametrize(
    ("language", "doubt"), [("en", None), ("nl", None), ("de", "language"), (None, None)]
)
def test_a_language_is_doubted_when_it_is_told_and_not_trained_on(
    language: str | None, doubt: str | None
) -> None:
    assert RULES.of(0.9, (2, 20), 30, language) == doubt


@pytest.mark.parametrize(
    ("known", "tokens", "doubt"),
    [((0, 10), 20, None), ((0, 10), 21, "unlike"), ((9, 9), 20, "unlike"), ((9, 0), 0, None)],
)
def test_a_description_of_too_few_known_words_is_unlike_the_trained_ones(
    known: tuple[int, int], tokens: int, doubt: str | None
) -> None:
    assert RULES.of(0.9, known, tokens, "en") == doubt


def test_a_share_of_known_words_at_its_limit_is_enough() -> None:
    assert DoubtRules(least_known=0.07).of(0.9, (0, 7), 100, "en") is None


_BREAKS = {  # which argument breaks which rule, first those that are told first
    "short": {"known": (1, 1)},
    "language": {"language": "de"},
    "unlike": {"tokens": 900},
    "unsure": {"confidence": 0.1},
}


@pytest.mark.parametrize(("first", "second"), list(itertools.combinations(_BREAKS, 2)))
def test_of_two_doubts_the_more_basic_is_told(first: str, second: str) -> None:
    given = dict(zip(("confidence", "known", "tokens", "language"), WELL))
    assert RULES.of(**(given | _BREAKS[second])) == second  # type: ignore[arg-type]
    assert RULES.of(**(given | _BREAKS[second] | _BREAKS[first])) == first  # type: ignore[arg-type]


# --- the least confidence ------------------------------------------------------------------------


def answers(*pairs: tuple[float, bool]) -> list[RoleAnswer]:
    return [RoleAnswer("a", (), "a" if ok else "b", value, ()) for value, ok in pairs]


@pytest.mark.parametrize(
    ("given", "precision", "expected"),
    [
        ([(0.9, True), (0.8, True), (0.4, False)], 1.0, (0.8, 2 / 3)),
        ([(0.4, False), (0.8, True), (0.9, True)], 1.0, (0.8, 2 / 3)),
        ([(0.9, True), (0.8, True), (0.4, True)], 0.9, (0.4, 1.0)),
        ([(0.9, True), (0.8, False), (0.7, True), (0.6, True)], 0.75, (0.6, 1.0)),
        ([(0.9, False), (0.8, True), (0.7, False), (0.6, False)], 0.5, (0.8, 0.5)),
        ([(0.9, True), (0.8, False)], 0.5, (0.8, 1.0)),
        ([(0.9, False), (0.8, False)], 0.0, (0.8, 1.0)),
        ([(0.123456, True)], 1.0, (0.123456, 1.0)),
        ([(0.9, False), (0.8, True)], 0.9, (1.0, 0.0)),
        ([(0.9, False)], 0.1, (1.0, 0.0)),
        ([], 0.9, (1.0, 0.0)),
    ],
)
def test_the_least_confidence_is_the_lowest_that_reaches_the_precision(
    given: list[tuple[float, bool]], precision: float, expected: tuple[float, float]
) -> None:
    assert least_confidence(answers(*given), precision) == expected


def test_only_the_primary_role_is_right_not_one_also_accepted() -> None:
    accepted = RoleAnswer("a", ("b",), "b", 0.9, ())
    assert least_confidence([accepted], 0.9) == (1.0, 0.0)


def test_the_answers_above_the_least_confidence_reach_the_precision_where_some_are_equal() -> None:
    """One right and three wrong of 0.9 each: at 0.9 a quarter is right, so nowhere is enough."""
    given = answers((0.9, True), (0.9, False), (0.9, False), (0.9, False))
    assert least_confidence(given, 0.9) == (1.0, 0.0)


def test_the_order_of_answers_of_equal_confidence_changes_nothing() -> None:
    given = answers((0.9, True), (0.9, False))
    assert least_confidence(given, 0.9) == least_confidence(given[::-1], 0.9)


def test_the_share_is_that_of_the_answers_that_reach_the_rounded_limit() -> None:
    given = answers((0.95, True), (0.80006, True))
    least, share = least_confidence(given, 0.9)
    assert share == sum(one.confidence >= least for one in given) / len(given)


# --- limits from the postings trained on ---------------------------------------------------------

ENGLISH = (
    "You build the dashboards of our sales team and explain the figures to the managers with care."
)
GERMAN = "Sie erstellen Berichte für den Vertrieb und erklären den Leitern die Zahlen mit Geduld."


def rules_of(tiny: TrainedRoles, *texts: str, precision: float = 0.9) -> DoubtRules:
    rows = table(Posting(str(place), text) for place, text in enumerate(texts))
    return doubt_rules(tiny.weights, tiny.config, rows, tiny.answers, precision)


@pytest.mark.parametrize(
    ("english", "german", "expected"),
    [
        (99, 1, ("de", "en")),
        (199, 1, ("en",)),
        (1, 99, ("de", "en")),
        (0, 3, ("de",)),
    ],
)
def test_a_language_of_a_hundredth_of_the_postings_is_trained_on(
    tiny: TrainedRoles, english: int, german: int, expected: tuple[str, ...]
) -> None:
    assert rules_of(tiny, *[ENGLISH] * english, *[GERMAN] * german).languages == expected


def test_texts_too_short_to_tell_are_no_language(tiny: TrainedRoles) -> None:
    assert rules_of(tiny, *["SQL"] * 9).languages == ()


def test_limits_of_words_are_those_of_the_poorest_postings(tiny: TrainedRoles) -> None:
    """Four of three hundred: more than the share that may fall below."""
    poor = "You build dashboards for zorblax wimbledrum quuxify frumious."
    rules = rules_of(tiny, *[ENGLISH] * 296, *[poor] * 4)
    assert rules.least_words == 4
    assert rules.least_known == pytest.approx(0.444, abs=1e-9)  # 4 of 8 words and a full stop


def test_postings_trained_on_that_are_all_alike_are_not_unlike(tiny: TrainedRoles) -> None:
    """Two known words and an unknown one: two thirds, and the limit is 0.667."""
    rules = rules_of(tiny, *["build dashboards zorblax"] * 9)
    assert replace(rules, least_confidence=0.0).of(1.0, (0, 2), 3, None) is None


def test_the_rules_hold_what_the_least_confidence_says(tiny: TrainedRoles) -> None:
    rules = rules_of(tiny, ENGLISH, precision=0.9)
    assert (rules.least_confidence, rules.coverage) == least_confidence(tiny.answers, 0.9)
    assert rules.precision == 0.9


def test_where_no_answer_is_right_the_model_never_answers(tiny: TrainedRoles) -> None:
    wrong = [replace(one, primary="other") for one in tiny.answers]
    rules = doubt_rules(tiny.weights, tiny.config, table([Posting("x", ENGLISH)]), wrong, 0.9)
    assert (rules.least_confidence, rules.coverage) == (1.0, 0.0)


def test_hidden_words_count_neither_as_tokens_nor_as_known(tiny: TrainedRoles) -> None:
    plain = rules_of(tiny, ENGLISH)
    padded = rules_of(tiny, ENGLISH + "\nBenefits\n" + "Zorblax dashboards. " * 20)
    assert padded == plain
    assert 0 < plain.least_known <= 1


def test_a_posting_without_description_is_not_unlike(tiny: TrainedRoles) -> None:
    rows = np.array([["Data Analyst", ""]], dtype=object)
    rules = doubt_rules(tiny.weights, tiny.config, rows, tiny.answers, 0.9)
    assert (rules.least_words, rules.least_known) == (2, 1.0)
