"""A fitted role pipeline, compiled: the same numbers in a third of the time.

scikit-learn's vectorizer builds every term of a text as a string and looks it up; here the words
of a text become numbers once, and terms of two or three words are looked up as numbers. A test
holds the probabilities to those of `Pipeline.predict_proba`. scikit-learn itself is not needed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from extractor.records import FieldName

_NONE = -1
_FEW = 40  # words


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of one text that the model knows: their columns in the model and their values;
    `known` counts, for each field, the words that stand in any term."""

    columns: NDArray[np.int64]
    values: NDArray[np.float64]
    known: tuple[int, ...]


class FieldTerms:
    """The terms of one field: from text to tf-idf values, as its TfidfVectorizer makes them."""

    def __init__(self, terms: list[str], idf: NDArray[np.float32], first: int):
        self._idf = np.asarray(idf, dtype=np.float64)
        self._first = first
        self._by_term = {term: column for column, term in enumerate(terms)}
        words = sorted({part for term in terms for part in term.split()})
        self._ids = {text: place for place, text in enumerate(words)}
        self._size = len(words) + 1
        split = [[self._ids[part] for part in term.split()] for term in terms]
        self.longest = max(map(len, split))
        self._keys: list[NDArray[np.int64]] = []
        self._columns: list[NDArray[np.int64]] = []
        for length in range(1, self.longest + 1):
            pairs = sorted(
                (self._key(parts), column)
                for column, parts in enumerate(split)
                if len(parts) == length
            )
            self._keys.append(np.array([key for key, _ in pairs] or [_NONE], dtype=np.int64))
            self._columns.append(np.array([column for _, column in pairs] or [0], dtype=np.int64))

        self._single = np.full(self._size, _NONE, dtype=np.int64)
        if self._keys[0][0] != _NONE:
            self._single[self._keys[0]] = self._columns[0]

    def _key(self, parts: list[int]) -> int:
        key = 0
        for part in parts:
            key = key * self._size + part
        return key

    def __call__(self, words: list[str]) -> Terms:
        """The known terms of a text; rows have unit length, as the vectorizer's have."""
        if len(words) < _FEW:
            columns, counts = self._count_few(words)
            known = sum(map(self._ids.__contains__, words))
        else:
            found = map(self._ids.get, words, repeat(self._size - 1))
            ids = np.fromiter(found, dtype=np.int64, count=len(words))
            hits = [self._look_up(ids, length) for length in range(1, self.longest + 1)]
            columns, counts = np.unique(np.concatenate(hits), return_counts=True)
            known = int(np.count_nonzero(ids != self._size - 1))
        values = (1.0 + np.log(counts)) * self._idf[columns]
        norm = math.sqrt(values @ values)
        return Terms(columns + self._first, values / norm if norm else values, (known,))

    def _count_few(self, words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """As below, without arrays: a title has too few words to make them worth their while."""
        counts: dict[int, int] = {}
        for length in range(1, self.longest + 1):
            for place in range(len(words) - length + 1):
                column = self._by_term.get(" ".join(words[place : place + length]))
                if column is not None:
                    counts[column] = counts.get(column, 0) + 1
        columns = sorted(counts)
        return np.array(columns, dtype=np.int64), np.array(
            [counts[c] for c in columns], dtype=np.int64
        )

    def _look_up(self, ids: NDArray[np.int64], length: int) -> NDArray[np.int64]:
        """The columns of the terms of so many words, one for each place where one stands."""
        if length == 1:
            single = self._single[ids]
            found: NDArray[np.int64] = single[single != _NONE]
            return found
        last = len(ids) - length + 1
        keys, is_known = ids[:last], ids[:last] != self._size - 1
        for step in range(1, length):
            follower = ids[step : last + step]
            keys, is_known = keys * self._size + follower, is_known & (follower != self._size - 1)
        keys = keys[is_known]
        known, columns = self._keys[length - 1], self._columns[length - 1]
        places = np.searchsorted(known, keys)
        places[places == len(known)] = 0
        hits: NDArray[np.int64] = columns[places[known[places] == keys]]
        return hits


@dataclass(frozen=True, slots=True, eq=False)
class RoleWeights:
    """All numbers of a fitted role pipeline.

    For each field in turn `terms` are its terms, `idf` their inverse document frequencies and
    `field_weights` how strongly it counts; `coefficients` has the shape (roles, all terms),
    `intercepts` (roles,).
    """

    roles: tuple[str, ...]
    fields: tuple[FieldName, ...]
    terms: tuple[list[str], ...]
    idf: tuple[NDArray[np.float32], ...]
    field_weights: tuple[float, ...]
    coefficients: NDArray[np.float32]
    intercepts: NDArray[np.float32]


class CompiledRoles:
    """Probabilities of a fitted role pipeline, row by row."""

    def __init__(self, weights: RoleWeights):
        self._field_weights = weights.field_weights
        self._fields: list[FieldTerms] = []
        self.terms: list[tuple[FieldName, str]] = []
        for field, terms, idf in zip(weights.fields, weights.terms, weights.idf):
            self._fields.append(FieldTerms(terms, idf, len(self.terms)))
            self.terms += [(field, term) for term in terms]
        self._coefficients = np.ascontiguousarray(weights.coefficients.T, dtype=np.float32)
        self._intercepts = np.asarray(weights.intercepts, dtype=np.float64)

    def row(self, texts: tuple[list[str], ...]) -> tuple[Terms, NDArray[np.float64]]:
        """The known terms of one posting's texts, given in words, and the probability of each
        role."""
        parts = [field(words) for field, words in zip(self._fields, texts)]
        columns = np.concatenate([part.columns for part in parts])
        values = np.concatenate([p.values * w for p, w in zip(parts, self._field_weights)])
        scores = values @ self._coefficients[columns] + self._intercepts
        chances = np.exp(scores - scores.max())
        known = tuple(part.known[0] for part in parts)
        return Terms(columns, values, known), chances / chances.sum()
