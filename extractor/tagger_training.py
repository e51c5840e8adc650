"""How the skill tagger is made: a network in thinc over the features of marked postings.

The weights come out multiplied together (`TaggerWeights`), so that running them takes NumPy alone.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from thinc.api import (
    Adam,
    Dropout,
    Embed,
    Linear,
    Model,
    Optimizer,
    Relu,
    chain,
    concatenate,
    expand_window,
    fix_random_seed,
    residual,
    with_array,
)
from thinc.layers.array_getitem import ints_getitem

from extractor.features import FIRST_WORD, UNKNOWN, TokenFeatures
from extractor.network import LABELS, CompiledTagger, Floats, TaggerWeights
from extractor.records import SKILL_KINDS

_WIDTHS = (8, 16, 12, 8, 16, 24)  # of the features besides the word
_UNMARKED = -1
_WARM_UP = 0.2  # of all steps; the rate rises so long, then falls
_LAST_RATE = 0.01  # of the highest


@dataclass(frozen=True, slots=True)
class TaggerConfig:
    """How the network is built and trained.

    `width` and `layers` are its size, `epochs` the passes over the postings, `batch` the postings
    a step, `rate` the highest learning rate, `dropout` the share of hidden numbers left out in a
    step, `word_dropout` that of words made unknown, `seed` starts the random numbers.
    """

    width: int = 64
    layers: int = 3
    epochs: int = 12
    batch: int = 8
    rate: float = 0.002
    dropout: float = 0.3
    word_dropout: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class TaggedRows:
    """One text to learn from: its features, shape (rows, features), the label of each row, -1 for
    a break, and its kind, an index into `SKILL_KINDS` or -1 outside."""

    table: NDArray[np.int32]
    labels: NDArray[np.int64]
    kinds: NDArray[np.int64]


def fit_tagger(
    texts: Sequence[TaggedRows],
    vectors: Floats,
    features: TokenFeatures,
    config: TaggerConfig,
    report: Callable[[str], None] = lambda line: None,
    *,
    start: TaggerWeights | None = None,
) -> TaggerWeights:
    """A tagger fitted on the texts.

    `vectors` are the word vectors to start from, shape (words, any), in the order of the words'
    rows. With `start`, a tagger of the same features, it is fitted further instead.
    """
    fix_random_seed(config.seed)
    texts = [one for one in texts if len(one.table)]
    if start is None:
        network = _build(vectors, features.sizes, config)
    else:
        network = _continued(start, features.sizes, config)
    adam = Adam(learn_rate=config.rate, L2=1e-5, grad_clip=1.0)
    shuffled, chance = random.Random(config.seed), np.random.RandomState(config.seed)
    steps = -(-len(texts) // config.batch) * config.epochs
    step = 0
    for epoch in range(config.epochs):
        loss = 0.0
        for batch in _batches(texts, config.batch, shuffled):
            adam.learn_rate = config.rate * _rate(step / steps)
            loss += _learn(network, batch, adam, config.word_dropout, chance)
            step += 1
        report(f"epoch {epoch + 1} of {config.epochs}: loss {loss / max(1, len(texts)):.4f}")
    return _with_kinds(_folded(network), texts, features.affixes)


@dataclass(frozen=True, slots=True, eq=False)
class _Network:
    """The network and those of its layers that hold numbers, in their order."""

    whole: Model[Any, Any]
    embeds: tuple[Model[Any, Any], ...]
    hidden: tuple[Model[Any, Any], ...]
    last: Model[Any, Any]


def _build(vectors: Floats, sizes: Sequence[int], config: TaggerConfig) -> _Network:
    """A fresh network, its words known by their vectors."""
    network = _wired((vectors.shape[1], *_WIDTHS), sizes, config)
    table = np.zeros((sizes[0], vectors.shape[1]), dtype=np.float32)
    table[FIRST_WORD:] = vectors
    _set(network.embeds[0], "E", table)
    return network


def _continued(start: TaggerWeights, sizes: Sequence[int], config: TaggerConfig) -> _Network:
    """A network that gives what a fitted tagger gives: its tables are multiplied into the first
    layer already, so that this one only adds them up."""
    width = len(start.bias)
    layers = replace(config, width=width, layers=len(start.layers))
    network = _wired((width,) * len(sizes), sizes, layers)
    for embed, table in zip(network.embeds, start.tables):
        _set(embed, "E", table)
    first, *convolutions = network.hidden
    _set(first, "W", np.tile(np.eye(width, dtype=np.float32), len(sizes)))
    _set(first, "b", start.bias)
    for layer, (weights, bias) in zip(convolutions, start.layers):
        _set(layer, "W", weights)
        _set(layer, "b", bias)
    _set(network.last, "W", start.output[:LABELS])
    _set(network.last, "b", start.output_bias[:LABELS])
    return network


def _wired(widths: Sequence[int], sizes: Sequence[int], config: TaggerConfig) -> _Network:
    width = config.width
    embeds: tuple[Model[Any, Any], ...] = tuple(
        Embed(nO=wide, nV=size) for size, wide in zip(sizes, widths)
    )
    columns: Iterator[Model[Any, Any]] = (
        chain(ints_getitem((slice(0, None), column)), embed) for column, embed in enumerate(embeds)
    )
    first = Relu(nO=width, nI=sum(widths))
    convolutions = tuple(Relu(nO=width, nI=3 * width) for _ in range(config.layers))
    last = Linear(nO=LABELS, nI=width)
    network: Model[Any, Any] = chain(
        concatenate(*columns),
        Dropout(config.dropout),
        first,
        Dropout(config.dropout),
        *(residual(chain(expand_window(1), one, Dropout(config.dropout))) for one in convolutions),
        last,
    )
    whole: Model[Any, Any] = with_array(network)
    whole.initialize()
    return _Network(whole, embeds, (first, *convolutions), last)


def _batches(
    texts: Sequence[TaggedRows], size: int, shuffled: random.Random
) -> Iterator[list[TaggedRows]]:
    order = list(range(len(texts)))
    shuffled.shuffle(order)
    for start in range(0, len(order), size):
        yield [texts[i] for i in order[start : start + size]]


def _rate(done: float) -> float:
    """The share of the highest learning rate after so large a share of the steps."""
    if done < _WARM_UP:
        return max(_LAST_RATE, done / _WARM_UP)
    return max(_LAST_RATE, (1 - done) / (1 - _WARM_UP))


def _learn(
    network: _Network,
    batch: Sequence[TaggedRows],
    adam: Optimizer,
    word_dropout: float,
    chance: np.random.RandomState,
) -> float:
    """One step; the loss of the batch, in nats a token, times its texts."""
    tables = []
    for one in batch:
        table = one.table.copy()
        is_hidden = (chance.rand(len(table)) < word_dropout) & (table[:, 0] >= FIRST_WORD)
        table[is_hidden, 0] = UNKNOWN
        tables.append(table)
    scores, back = network.whole.begin_update(tables)
    both = np.concatenate(scores)
    labels = np.concatenate([one.labels for one in batch])
    gradient, loss = _cross_entropy(both, labels)
    back(np.split(gradient, np.cumsum([len(one.table) for one in batch])[:-1]))
    network.whole.finish_update(adam)
    return loss * len(batch)


def _cross_entropy(scores: Floats, wanted: NDArray[np.int64]) -> tuple[Floats, float]:
    """Gradient and mean loss of a softmax over the rows that have a wanted answer."""
    rows = np.flatnonzero(wanted != _UNMARKED)
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    gradient = np.zeros_like(scores)
    if not len(rows):
        return gradient, 0.0
    loss = -float(np.log(chances[rows, wanted[rows]] + 1e-12).mean())
    gradient[rows] = chances[rows]
    gradient[rows, wanted[rows]] -= 1.0
    gradient /= len(rows)
    return gradient, loss


def _folded(network: _Network) -> TaggerWeights:
    """The weights as they run: each feature's table times its part of the first layer."""
    first, *convolutions = network.hidden
    tables = [_numbers(embed, "E") for embed in network.embeds]
    cuts = np.cumsum([table.shape[1] for table in tables])[:-1]
    parts = np.split(_numbers(first, "W"), cuts.tolist(), axis=1)
    return TaggerWeights(
        tables=tuple(table @ part.T for table, part in zip(tables, parts)),
        bias=_numbers(first, "b"),
        layers=tuple((_numbers(one, "W"), _numbers(one, "b")) for one in convolutions),
        output=_numbers(network.last, "W"),
        output_bias=_numbers(network.last, "b"),
    )


def _numbers(layer: Model[Any, Any], name: str) -> Floats:
    return np.array(layer.get_param(name), dtype=np.float32)


def _set(layer: Model[Any, Any], name: str, numbers: Floats) -> None:
    copied: Any = np.array(numbers, dtype=np.float32)
    layer.set_param(name, copied)


def _with_kinds(
    weights: TaggerWeights, texts: Sequence[TaggedRows], affixes: NDArray[np.int32]
) -> TaggerWeights:
    """The weights with scores of the kinds beside those of the labels.

    They are fitted afterwards, on what the last layer sees: learnt together with the labels they
    cost these two points of F1.
    """
    see = CompiledTagger(weights, affixes).hidden
    inside = [np.flatnonzero(one.kinds != _UNMARKED) for one in texts]
    shape = (len(SKILL_KINDS), len(weights.bias))
    none = np.zeros((0, shape[1]), dtype=np.float32), np.zeros(0, dtype=np.int64)
    seen = np.concatenate([none[0], *(see(t.table)[rows] for t, rows in zip(texts, inside))])
    kinds = np.concatenate([none[1], *(t.kinds[rows] for t, rows in zip(texts, inside))])
    scores, bias = np.zeros(shape), np.full(shape[0], -1e3)  # kinds never seen are never given
    classes = sorted(set(kinds.tolist()))
    bias[classes] = 0.0
    if len(classes) > 1:
        fitted = LogisticRegression(max_iter=500).fit(seen, kinds)
        told = classes[-len(fitted.coef_) :]  # of two kinds only the second has numbers
        scores[told], bias[told] = fitted.coef_, fitted.intercept_
    return replace(
        weights,
        output=np.concatenate([weights.output, scores]).astype(np.float32),
        output_bias=np.concatenate([weights.output_bias, bias]).astype(np.float32),
    )
