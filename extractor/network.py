"""The skill tagger's numbers, and what they say of each token.

A small convolutional network: the rows of a token's features are summed, three residual layers
look one token to either side each, and the last layer gives the scores. The tables of features
are those of training multiplied into the first layer, so that reading them costs no product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from extractor.features import BREAK, UNKNOWN

LABELS = 3  # outside, begins a skill, goes on in it
OUTSIDE, BEGINS, INSIDE = range(LABELS)

_NEVER = -1e9  # the logarithm of no chance at all
_LEAST = 1e-9  # added to a probability before its logarithm is taken

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class TaggerWeights:
    """All numbers of a trained tagger of width w.

    `tables` has for each of `features.COLUMNS` the shape (values, w); `bias` is (w,); `layers`
    holds for each convolution its weights (w, 3 w) over the token before, the token, the token
    after, and bias (w,); `output` (3 + kinds, w) and its bias give the scores of labels and kinds.
    """

    tables: tuple[Floats, ...]
    bias: Floats
    layers: tuple[tuple[Floats, Floats], ...]
    output: Floats
    output_bias: Floats


class CompiledTagger:
    """Scores of one table of features after another."""

    def __init__(self, weights: TaggerWeights, affixes: NDArray[np.int32]):
        word, shape, name, candidate, section, prefix, suffix = weights.tables
        # A known word's affixes are known too; only those of unknown words are left to look up.
        self._word = np.asarray(word + weights.bias, dtype=np.float32)
        self._word[BREAK:] += (prefix[affixes[:, 0]] + suffix[affixes[:, 1]])[BREAK:]
        self._prefix, self._suffix = prefix, suffix
        # Two small tables of all pairs are read in half the time of four.
        self._names = _pairs(name, candidate)
        self._marks = _pairs(shape, section)
        self._candidates, self._sections = len(candidate), len(section)
        self._layers = [(np.ascontiguousarray(w.T), b) for w, b in weights.layers]
        self._output = np.ascontiguousarray(weights.output.T)
        # Products so small are quicker on one thread, and many times so beside other work.
        self.on_one_thread = ThreadpoolController().limit
        self._output_bias = weights.output_bias

    def hidden(self, table: NDArray[np.int32]) -> Floats:
        """What the last layer sees of each row, shape (rows, w)."""
        hidden: Floats = self._word[table[:, 0]]
        hidden += self._names[table[:, 2] * self._candidates + table[:, 3]]
        hidden += self._marks[table[:, 1] * self._sections + table[:, 4]]
        unknown = np.flatnonzero(table[:, 0] == UNKNOWN)
        hidden[unknown] += self._prefix[table[unknown, 5]] + self._suffix[table[unknown, 6]]
        np.maximum(hidden, 0.0, out=hidden)
        for weights, bias in self._layers:
            hidden += _convolved(hidden, weights, bias)
        return hidden

    def __call__(self, table: NDArray[np.int32]) -> tuple[Floats, Floats]:
        """Probabilities of the labels, shape (rows, 3), and scores of the kinds, (rows, kinds)."""
        scores = self.hidden(table) @ self._output + self._output_bias
        labels = np.exp(scores[:, :LABELS] - scores[:, :LABELS].max(axis=1, keepdims=True))
        labels /= labels.sum(axis=1, keepdims=True)
        return labels, scores[:, LABELS:]


def _convolved(hidden: Floats, weights: Floats, bias: Floats) -> Floats:
    rows, width = hidden.shape
    window = np.empty((rows, 3 * width), dtype=np.float32)
    window[:1, :width] = 0.0
    window[1:, :width] = hidden[:-1]
    window[:, width : 2 * width] = hidden
    window[:-1, 2 * width :] = hidden[1:]
    window[-1:, 2 * width :] = 0.0
    found = window @ weights
    found += bias
    return np.maximum(found, 0.0, out=found)


def _pairs(one: Floats, other: Floats) -> Floats:
    """The sum of every row of one with every row of the other, shape (one * other, w)."""
    both: Floats = (one[:, None, :] + other[None, :, :]).reshape(-1, one.shape[1])
    return np.ascontiguousarray(both, dtype=np.float32)


def best_labels(chances: Floats, is_break: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The likeliest labels of which none goes on a skill that has not begun, shape (rows,).

    `chances` are the labels' probabilities, shape (rows, 3), of any number of texts one after
    another; what stands between two breaks is told by itself (Viterbi, 1967), all at once.
    """
    starts = np.flatnonzero(is_break)
    unit = np.cumsum(is_break) - 1
    step = np.arange(len(chances)) - starts[unit]
    steps = int(step.max(initial=0)) + 1
    given = np.full((steps, len(starts), LABELS), _NEVER)
    given[:, :, OUTSIDE] = 0.0
    given[step, unit] = np.log(chances + _LEAST)
    given[0] = (0.0, _NEVER, _NEVER)  # the breaks
    back = np.zeros((steps, len(starts), LABELS), dtype=np.int8)
    score = given[0]
    for place in range(1, steps):
        best = score.argmax(axis=1)
        back[place, :, :INSIDE] = best[:, None]
        back[place, :, INSIDE] = np.where(score[:, BEGINS] >= score[:, INSIDE], BEGINS, INSIDE)
        score = np.take_along_axis(score, back[place].astype(np.intp), axis=1) + given[place]
    labels = np.empty((steps, len(starts)), dtype=np.int64)
    labels[-1] = score.argmax(axis=1)
    every = np.arange(len(starts))
    for place in range(steps - 1, 0, -1):
        labels[place - 1] = back[place, every, labels[place]]
    found: NDArray[np.int64] = labels[step, unit]
    return found


def spans(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first and last row of each skill that the labels hold, shape (skills, 2)."""
    begins = labels == BEGINS
    is_last = (labels != OUTSIDE) & np.concatenate([labels[1:] != INSIDE, [True]])
    return np.stack([np.flatnonzero(begins), np.flatnonzero(is_last)], axis=1)
