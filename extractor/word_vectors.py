"""Word vectors learnt from unmarked postings: what stands in the same places means alike.

The counts of each word's neighbours (two to either side, told apart by place), weighed by
positive pointwise mutual information, in their first singular directions (Levy & Goldberg, 2014).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array, hstack
from sklearn.decomposition import TruncatedSVD

from extractor.network import Floats

_NEIGHBOURS = (-2, -1, 1, 2)
_MAX_CONTEXTS = 6_000  # the commonest words, which are counted as neighbours
_SMOOTHING = 0.75  # of the neighbours' counts: rare ones say less than they seem to
_SCALE = 3.0  # of the unit vectors, as the network's first layer likes them
_SMALL_SHARE = 0.2  # of the texts that hold a word, those that write it small


class WordUse:
    """Who uses which words, and how they are written: text after text."""

    def __init__(self) -> None:
        self._written: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        self._employers: dict[str, set[str]] = {}

    def add(self, surfaces: Iterable[str], employer: str) -> None:
        """One posting's tokens as they are written, and whose posting it is."""
        different = set(surfaces)
        self._small.update(word for word in different if word.islower())
        lowered = {word.lower() for word in different}
        self._written.update(lowered)
        for word in lowered:
            self._employers.setdefault(word, set()).add(employer)

    def employers(self, word: str) -> int:
        """How many employers use the word."""
        return len(self._employers.get(word, ()))

    def is_common(self, word: str) -> bool:
        """Whether it is written small often enough: what always has a capital is the name of a
        person, a place or a firm."""
        return self._small[word] >= _SMALL_SHARE * self._written[word]

    @property
    def words(self) -> Iterable[str]:
        """All words that were seen, in lower case."""
        return self._written


class WordVectors:
    """Learns vectors from postings, text after text."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._stream = array("i")

    def add(self, words: Iterable[str]) -> None:
        """One posting's words in lower case."""
        ids = self._ids
        self._stream.extend([ids.setdefault(word, len(ids)) for word in words])
        self._stream.extend([-1, -1])

    def learn(self, words: Sequence[str], size: int, seed: int = 0) -> Floats:
        """A vector for each of the words, shape (len(words), size); zeros for one never seen.

        With too little text for so many directions the last columns are zeros.
        """
        stream = np.frombuffer(self._stream, dtype=np.intc) if self._stream else np.zeros(0, int)
        rows = np.full(len(self._ids) + 1, -1)  # the last one for what is -1 itself
        for row, word in enumerate(words):
            if word in self._ids:
                rows[self._ids[word]] = row
        counts = np.bincount(stream[stream >= 0], minlength=len(self._ids))
        contexts = np.full(len(self._ids) + 1, -1)
        commonest = np.argsort(-counts, kind="stable")[:_MAX_CONTEXTS]
        contexts[commonest] = np.arange(len(commonest))
        weighed = _weighed(_counted(rows[stream], contexts[stream], len(words), len(commonest)))
        return _reduced(weighed, size, seed)


def _counted(
    rows: NDArray[np.int64], contexts: NDArray[np.int64], height: int, width: int
) -> csr_array:
    """How often each context stands at each place beside each word."""
    parts = []
    for offset in _NEIGHBOURS:
        beside = np.roll(contexts, -offset)
        is_pair = (rows >= 0) & (beside >= 0)
        ones = np.ones(int(is_pair.sum()), dtype=np.float32)
        pairs = coo_array((ones, (rows[is_pair], beside[is_pair])), shape=(height, width))
        parts.append(pairs.tocsr())
    return csr_array(hstack(parts))


def _weighed(counts: csr_array) -> csr_array:
    """Positive pointwise mutual information of the counts."""
    of_words = np.asarray(counts.sum(axis=1)).ravel()
    of_contexts = np.asarray(counts.sum(axis=0)).ravel() ** _SMOOTHING
    share = of_contexts / max(1.0, of_contexts.sum())
    pairs = counts.tocoo()
    rows, columns = pairs.coords
    values = np.log(pairs.data / (of_words[rows] * share[columns]))
    is_kept = values > 0
    kept = (values[is_kept], (rows[is_kept], columns[is_kept]))
    return coo_array(kept, shape=counts.shape).tocsr()


def _reduced(table: csr_array, size: int, seed: int) -> Floats:
    found = np.zeros((table.shape[0], size), dtype=np.float32)
    directions = min(size, min(table.shape) - 1)
    if directions < 1 or not table.nnz:
        return found
    svd = TruncatedSVD(directions, n_iter=4, random_state=seed)
    reduced = svd.fit_transform(table) / np.sqrt(np.maximum(svd.singular_values_, 1e-6))
    lengths = np.linalg.norm(reduced, axis=1, keepdims=True)
    found[:, :directions] = _SCALE * reduced / np.maximum(lengths, 1e-6)
    return found
