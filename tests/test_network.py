"""The tagger's network against the same sums in plain Python, and the best labels likewise."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.features import TaggerTerms, TokenFeatures
from extractor.network import (
    BEGINS,
    INSIDE,
    LABELS,
    OUTSIDE,
    CompiledTagger,
    TaggerWeights,
    best_labels,
    spans,
)
from extractor.records import SKILL_KINDS

Chances = tuple[float, ...]
Unit = list[Chances]  # of the tokens between two breaks

_WIDTH = 5
_TERMS = TaggerTerms(("prune", "purple", "kite"), ("duties", "other"), ("pur",), ("ple", "une"))
_FEATURES = TokenFeatures(_TERMS)
_ANY = (0.4, 0.3, 0.3)  # of a break: nothing looks at it

_coarse = st.tuples(*[st.integers(0, 4)] * LABELS).filter(any)
_fine = st.tuples(*[st.floats(1e-6, 1.0)] * LABELS)
_chances = (_coarse | _fine).map(lambda given: tuple(value / sum(given) for value in given))
_units = st.lists(st.lists(_chances, max_size=9), max_size=6)


def rows_of(units: Sequence[Unit]) -> tuple[Any, Any]:
    """The units one after another as `best_labels` wants them, each behind its break."""
    chances = [row for unit in units for row in (_ANY, *unit)]
    is_break = [place == 0 for unit in units for place in range(len(unit) + 1)]
    return np.array(chances, dtype=np.float32).reshape(-1, LABELS), np.array(is_break, dtype=bool)


def labels_of(units: Sequence[Unit]) -> list[int]:
    found: list[int] = best_labels(*rows_of(units)).tolist()
    return found


def cut(values: Sequence[int], units: Sequence[Unit]) -> list[list[int]]:
    """The values of each unit, its break's first."""
    rest = iter(values)
    return [[next(rest) for _ in range(len(unit) + 1)] for unit in units]


def worth(labels: Sequence[int], unit: Unit) -> float:
    """The log-probability of the labels of a unit's tokens."""
    return sum(math.log(chances[label] + 1e-9) for label, chances in zip(labels, unit))


def viterbi(unit: Unit) -> float:
    """The highest log-probability that labels of the unit's tokens can have."""
    best = {OUTSIDE: 0.0}
    for chances in unit:
        after = {}
        for label in range(LABELS):
            before = [best[b] for b in best if label != INSIDE or b != OUTSIDE]
            if before:
                after[label] = max(before) + math.log(chances[label] + 1e-9)
        best = after
    return max(best.values())


# --- the best labels -----------------------------------------------------------------------------


@settings(deadline=None, max_examples=150)
@given(units=_units)
def test_labels_are_worth_what_a_plain_viterbi_finds(units: list[Unit]) -> None:
    found = cut(labels_of(units), units)
    assert [worth(labels[1:], unit) for labels, unit in zip(found, units)] == pytest.approx(
        [viterbi(unit) for unit in units], abs=1e-4
    )


@settings(deadline=None, max_examples=150)
@given(units=_units)
def test_no_label_goes_on_what_has_not_begun(units: list[Unit]) -> None:
    for labels in cut(labels_of(units), units):
        pairs = itertools.pairwise(labels)
        assert [one for one, other in pairs if other == INSIDE and one == OUTSIDE] == []


@settings(deadline=None, max_examples=100)
@given(units=_units)
def test_a_break_is_outside(units: list[Unit]) -> None:
    assert [labels[0] for labels in cut(labels_of(units), units)] == [OUTSIDE] * len(units)


@settings(deadline=None, max_examples=100)
@given(units=_units)
def test_each_unit_is_told_by_itself(units: list[Unit]) -> None:
    """However many of whatever length stand beside it."""
    assert labels_of(units) == [label for unit in units for label in labels_of([unit])]


@pytest.mark.parametrize(
    ("unit", "labels"),
    [
        ([(0.1, 0.2, 0.7)], [BEGINS]),
        ([(0.5, 0.1, 0.4), (0.1, 0.5, 0.4)], [OUTSIDE, BEGINS]),
        ([(0.5, 0.3, 0.2), (0.1, 0.1, 0.8)], [BEGINS, INSIDE]),
        ([(0.1, 0.8, 0.1), (0.1, 0.8, 0.1)], [BEGINS, BEGINS]),
        ([(0.1, 0.8, 0.1), (0.6, 0.2, 0.2), (0.1, 0.3, 0.6)], [BEGINS, OUTSIDE, BEGINS]),
        ([(0.1, 0.8, 0.1), (0.4, 0.2, 0.4), (0.1, 0.2, 0.7)], [BEGINS, INSIDE, INSIDE]),
        ([(1.0, 0.0, 0.0)] * 3, [OUTSIDE] * 3),
        ([(0.0, 0.0, 1.0)] * 3, [BEGINS, INSIDE, INSIDE]),
    ],
)
def test_labels_that_a_reader_can_check(unit: Unit, labels: list[int]) -> None:
    assert labels_of([unit]) == [OUTSIDE, *labels]


def test_no_rows_have_no_labels() -> None:
    assert labels_of([]) == []


def test_a_unit_without_tokens_is_but_a_break() -> None:
    assert labels_of([[], [(0.0, 1.0, 0.0)], []]) == [OUTSIDE, OUTSIDE, BEGINS, OUTSIDE]


# --- spans ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("labels", "places"),
    [
        ([], []),
        ([OUTSIDE, OUTSIDE], []),
        ([OUTSIDE, BEGINS], [[1, 1]]),
        ([OUTSIDE, BEGINS, INSIDE, OUTSIDE], [[1, 2]]),
        ([BEGINS, BEGINS, INSIDE, INSIDE], [[0, 0], [1, 3]]),
        ([BEGINS, INSIDE, OUTSIDE, BEGINS, OUTSIDE], [[0, 1], [3, 3]]),
    ],
)
def test_spans_are_the_first_and_last_row_of_each_skill(
    labels: list[int], places: list[list[int]]
) -> None:
    assert spans(np.array(labels, dtype=np.int64)).tolist() == places


@settings(deadline=None, max_examples=100)
@given(units=_units)
def test_spans_hold_all_that_the_labels_say(units: list[Unit]) -> None:
    labels = labels_of(units)
    rebuilt = [OUTSIDE] * len(labels)
    for first, last in spans(np.array(labels, dtype=np.int64)).tolist():
        rebuilt[first : last + 1] = [BEGINS] + [INSIDE] * (last - first)
    assert rebuilt == labels


# --- the scores ----------------------------------------------------------------------------------


def random_weights(layers: int, seed: int = 0) -> TaggerWeights:
    rng = np.random.default_rng(seed)

    def numbers(*shape: int) -> Any:
        return rng.normal(0, 0.5, shape).astype(np.float32)

    scores = LABELS + len(SKILL_KINDS)
    return TaggerWeights(
        tables=tuple(numbers(size, _WIDTH) for size in _FEATURES.sizes),
        bias=numbers(_WIDTH),
        layers=tuple((numbers(_WIDTH, 3 * _WIDTH), numbers(_WIDTH)) for _ in range(layers)),
        output=numbers(scores, _WIDTH),
        output_bias=numbers(scores),
    )


def random_table(rows: int, seed: int = 0) -> Any:
    """As `TokenFeatures` makes it: the affixes of a known word are its own."""
    rng = np.random.default_rng(seed)
    table = rng.integers(0, _FEATURES.sizes, (rows, len(_FEATURES.sizes))).astype(np.int32)
    is_known = table[:, 0] > 0
    table[is_known, 5:] = _FEATURES.affixes[table[is_known, 0]]
    return table


def plainly(weights: TaggerWeights, table: Any) -> list[list[float]]:
    """The scores of each row as the class of the weights describes them, number by number."""
    hidden = [
        [
            max(0.0, sum(float(t[value][i]) for t, value in zip(weights.tables, row)) + float(b))
            for i, b in enumerate(weights.bias)
        ]
        for row in table.tolist()
    ]
    nothing = [0.0] * _WIDTH
    for layer, bias in weights.layers:
        padded = [nothing, *hidden, nothing]
        hidden = [
            [h + max(0.0, x) for h, x in zip(now, product(layer, bias, [*before, *now, *after]))]
            for before, now, after in zip(padded, hidden, padded[2:])
        ]
    return [product(weights.output, weights.output_bias, row) for row in hidden]


def product(matrix: Any, bias: Any, values: Sequence[float]) -> list[float]:
    return [
        sum(float(one) * value for one, value in zip(row, values)) + float(b)
        for row, b in zip(matrix, bias)
    ]


def softmax(scores: Sequence[float]) -> Iterator[float]:
    powers = [math.exp(score - max(scores)) for score in scores]
    return (power / sum(powers) for power in powers)


@pytest.mark.parametrize("layers", [0, 1, 3])
@pytest.mark.parametrize("rows", [1, 2, 7])
def test_scores_are_those_of_the_plain_sums(layers: int, rows: int) -> None:
    weights, table = random_weights(layers), random_table(rows)
    chances, kinds = CompiledTagger(weights, _FEATURES.affixes)(table)
    wanted = plainly(weights, table)
    assert chances.tolist() == [
        pytest.approx(list(softmax(row[:LABELS])), abs=1e-5) for row in wanted
    ]
    assert kinds.tolist() == [pytest.approx(row[LABELS:], abs=1e-4) for row in wanted]


def test_the_probabilities_of_the_labels_add_up_to_one() -> None:
    chances, _ = CompiledTagger(random_weights(3), _FEATURES.affixes)(random_table(300))
    assert chances.sum(axis=1) == pytest.approx(np.ones(300), abs=1e-6)


def test_huge_scores_give_probabilities_too() -> None:
    """Their powers would overflow."""
    sound = random_weights(0)
    weights = TaggerWeights(
        sound.tables, sound.bias, (), sound.output, sound.output_bias + np.float32(5_000)
    )
    table = random_table(20)
    chances, _ = CompiledTagger(weights, _FEATURES.affixes)(table)
    expected, _ = CompiledTagger(sound, _FEATURES.affixes)(table)
    assert chances == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("layers", [0, 1, 3])
def test_a_token_is_seen_as_far_as_there_are_layers(layers: int) -> None:
    tagger, table = CompiledTagger(random_weights(layers), _FEATURES.affixes), random_table(21)
    other = table.copy()
    other[10] = [0, *[(value + 1) % 2 for value in table[10, 1:]]]
    is_other = (tagger.hidden(table) != tagger.hidden(other)).any(axis=1)
    assert set(np.flatnonzero(is_other)) <= set(range(10 - layers, 11 + layers))
    assert is_other[10]


@pytest.mark.parametrize("order", ["C", "F"])
def test_scoring_changes_no_table(order: Any) -> None:
    table = np.asarray(random_table(9), order=order)
    before = table.copy()
    CompiledTagger(random_weights(2), _FEATURES.affixes)(table)
    assert np.array_equal(table, before)


def test_scoring_changes_no_weights() -> None:
    weights = random_weights(2)
    CompiledTagger(weights, _FEATURES.affixes)(random_table(9))
    again = random_weights(2)
    assert all(np.array_equal(one, other) for one, other in zip(weights.tables, again.tables))
    assert np.array_equal(weights.output_bias, again.output_bias)


def test_an_empty_table_has_no_scores() -> None:
    chances, kinds = CompiledTagger(random_weights(3), _FEATURES.affixes)(random_table(0))
    assert (chances.shape, kinds.shape) == ((0, LABELS), (0, len(SKILL_KINDS)))
