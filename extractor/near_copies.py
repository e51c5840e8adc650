"""Near-copies among texts: adverts are posted two to five times with small changes.

Texts are compared by their shingles, the runs of five words in them (Broder, "On the resemblance
and containment of documents", 1997). Only letters count, so that a new date, salary or reference
number changes nothing. Of 5,000 texts of 4 kB the groups are found in three seconds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components
from sklearn.feature_extraction.text import HashingVectorizer

from extractor.errors import FormatError

# `\d` leaves out what is a number but no digit: powers, fractions and the numbers of lists.
_NO_LETTERS = re.compile(r"[\W\d_²³¹¼-¾①-⒛❶-➓]+")
_SHINGLE = 5  # words
# The shingles of a text are capped at those of its first 10,000 words, sixteen times an advert of
# 4 kB. Two texts that agree so far are copies; a million words cost little more than their reading.
_MAX_WORDS = 10_000
_COLUMNS = 2**22
_CHUNK = 500  # rows; their product with all others is held at once
# Shingles that more texts hold are a firm's or an agency's boilerplate. It says nothing of the
# post, and a product's time grows with the square of the texts that share a column.
_COMMON_TEXTS, _COMMON_SHARE = 50, 0.05

Pairs = NDArray[np.int64]


def near_copies(
    texts: Sequence[str], *, groups: Sequence[str | None] = (), least: float = 0.8
) -> list[int]:
    """For each text the number of its group, from 0 on in the order of first appearance.

    Two texts share a group when `groups` gives both the same value other than None, when their
    words are the same, or when the cosine of their sets of shingles is `least` (0 < `least` <= 1)
    or more; and so does whatever a chain of such pairs joins. Shingles in more than 50 and more
    than 5 % of the different texts do not count. Up to five words match only the same words, no
    word at all only the same characters. No texts have no numbers.

    Raises:
        FormatError: `groups` is given and not as long as `texts`.

    >>> bakers = "Our bakery in Ghent is looking for two bakers who like early mornings."
    >>> cook = "A cook with five years behind the stove is wanted by our canteen."
    >>> near_copies([bakers, cook, bakers.upper().replace("TWO", "2 (two)")])
    [0, 1, 0]
    """
    if len(groups) not in {0, len(texts)}:
        raise FormatError(f"{len(groups)} groups for {len(texts)} texts; give one a text or none")
    words = [_words(text) for text in texts]
    first = {value: place for place, value in reversed(list(enumerate(words)))}
    # Five words are one shingle, which the same words match without the chance of a hash.
    long = sorted(place for value, place in first.items() if value.count(" ") >= _SHINGLE)
    # Characters without a word can be no other text's words, so both go into one list.
    pairs = [_same([own or text for own, text in zip(words, texts)]), _same(groups)]
    if long:
        pairs.append(np.array(long)[_close([words[place] for place in long], least)])
    return _numbers(np.concatenate(pairs), len(texts))


def _words(text: str) -> str:
    """The words in lower case with one space between them, at most 10,000."""
    found = _NO_LETTERS.sub(" ", text.lower()).split(maxsplit=_MAX_WORDS)
    return " ".join(found[:_MAX_WORDS])


def _same(values: Iterable[str | None]) -> Pairs:
    """Each place whose value stood before, with the first place of that value."""
    first: dict[str, int] = {}
    pairs = [
        (first.setdefault(value, place), place)
        for place, value in enumerate(values)
        if value is not None
    ]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _shingles(words: str) -> Iterator[str]:
    parts = words.split(" ")
    return map(" ".join, zip(*(parts[start:] for start in range(_SHINGLE))))


def _close(texts: Sequence[str], least: float) -> Pairs:
    """The places of every two texts that are near-copies, shape (pairs, 2).

    The matrix holds ones and the product whole numbers, which are divided by the lengths last:
    rounded unit vectors would miss a cosine of exactly `least`.
    """
    rows, sizes = _table(texts)
    columns = rows.T.tocsr()
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(texts), _CHUNK):
        shared = (rows[start : start + _CHUNK] @ columns).tocoo()
        one, other = shared.row.astype(np.int64) + start, shared.col.astype(np.int64)
        cosine = shared.data / np.sqrt(sizes[one] * sizes[other])
        is_close = (one < other) & (cosine >= least)
        found.append(np.column_stack((one[is_close], other[is_close])))
    return np.concatenate(found)


def _table(texts: Sequence[str]) -> tuple[Any, NDArray[np.float64]]:
    """Ones where a text (row) holds a shingle (column), and how many shingles each text holds.

    The boilerplate is in neither, so that what is left is compared as if it were the whole; what
    only one text holds is in the number alone, for it adds nothing to any product.
    """
    hashing = HashingVectorizer(
        analyzer=_shingles,
        n_features=_COLUMNS,
        binary=True,
        norm=None,  # a row's length is known only when its boilerplate is gone
        alternate_sign=False,
        dtype=np.int32,
    )
    every = csr_array(hashing.transform(texts))
    holders = np.bincount(every.indices, minlength=_COLUMNS)
    is_rare = holders <= max(_COMMON_TEXTS, _COMMON_SHARE * len(texts))
    row_of = np.repeat(np.arange(len(texts)), np.diff(every.indptr))
    sizes = np.bincount(row_of[is_rare[every.indices]], minlength=len(texts))
    return every[:, np.flatnonzero(is_rare & (holders > 1))], sizes.astype(np.float64)


def _numbers(pairs: Pairs, size: int) -> list[int]:
    """The number of each place's group when the places of each pair share one."""
    if not size:
        return []
    graph = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    _, parts = connected_components(graph, directed=False)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(part, len(numbers)) for part in parts.tolist()]
