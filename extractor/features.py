"""What the skill tagger sees of each token: the word, how it is written, which names of the
vocabulary stand there, and the part of the posting.

All of it as whole numbers in a table of shape (rows, `len(COLUMNS)`); a row is a token, or the
break before a line or sentence, so that the tagger knows where these begin.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.context import Found
from extractor.matching import Candidate
from extractor.records import SKILL_KINDS, Section
from extractor.view import TextView

COLUMNS = ("word", "shape", "name", "candidate", "section", "prefix", "suffix")
UNKNOWN, BREAK = 0, 1  # rows of the word table before the first word
FIRST_WORD = 2
_MAX_UNIT = 60  # tokens; where line ends were lost a "sentence" may be the whole posting
_STOPS = frozenset(".!?")
_BULLETS = frozenset("•●▪·")
_PARTING = _STOPS | _BULLETS
_SHAPES = ("break", "sign", "digits", "a", "A", "small", "CAPITALS", "Title", "MiXed", "miXed")
# A name's first token is another thing than its inner ones; a last one is known by `_LAST`.
_INNER, _LAST = len(SKILL_KINDS), 2 * len(SKILL_KINDS)
NAME_SIZE = 1 + 4 * len(SKILL_KINDS)
CANDIDATE_SIZE = 1 + 2 * len(SKILL_KINDS)
SHAPE_SIZE = len(_SHAPES)
_AFFIX = 3  # letters


@dataclass(frozen=True, slots=True)
class TaggerTerms:
    """The values that the features of a tagger may have: known words, kinds of sections, and the
    first and last three letters of words."""

    words: tuple[str, ...]
    sections: tuple[str, ...]
    prefixes: tuple[str, ...]
    suffixes: tuple[str, ...]


class Rows(NamedTuple):
    """The table of one text; `places` holds the token of each row, -1 for a break."""

    table: NDArray[np.int32]
    places: NDArray[np.int64]


@lru_cache(maxsize=30_000)
def shape_of(surface: str) -> int:
    """How a token is written, as a row of the shape table."""
    return _SHAPES.index(_shape(surface))


def _shape(surface: str) -> str:
    if not any(map(str.isalpha, surface)):
        return "digits" if surface.isdigit() else "sign"
    if surface.islower():
        return "small" if len(surface) > 1 else "a"
    if surface.isupper():
        return "CAPITALS" if len(surface) > 1 else "A"
    if surface.istitle():
        return "Title"
    return "MiXed" if surface[0].isupper() else "miXed"


class TokenFeatures:
    """Makes the table of one text after another, for the words and section kinds of a tagger."""

    def __init__(self, terms: TaggerTerms):
        self._words = _rows(terms.words, FIRST_WORD)
        self._sections = _rows(terms.sections)
        self._prefixes, self._suffixes = _rows(terms.prefixes), _rows(terms.suffixes)
        self._kinds = _rows(SKILL_KINDS)
        known = [(0, 0)] * FIRST_WORD + list(map(self._affixes_of, terms.words))
        self.affixes: NDArray[np.int32] = np.array(known, dtype=np.int32)
        self._prefix_rows, self._suffix_rows = np.ascontiguousarray(self.affixes.T)
        self.sizes = (
            FIRST_WORD + len(terms.words),
            SHAPE_SIZE,
            NAME_SIZE,
            CANDIDATE_SIZE,
            1 + len(terms.sections),
            1 + len(terms.prefixes),
            1 + len(terms.suffixes),
        )

    def _affixes_of(self, word: str) -> tuple[int, int]:
        return self._prefixes.get(word[:_AFFIX], 0), self._suffixes.get(word[-_AFFIX:], 0)

    def __call__(
        self,
        view: TextView,
        candidates: Iterable[Candidate],
        found: Iterable[Found],
        sections: Iterable[Section],
    ) -> Rows:
        """The table of a text: `candidates` are all names in it, `found` those that the context
        rules left."""
        breaks = np.array(unit_starts(view), dtype=np.int64)
        size = len(view.words)
        # Column by column in memory, as it is written and read.
        table = np.zeros((size + len(breaks), len(COLUMNS)), dtype=np.int32, order="F")
        places = np.full(len(table), -1)
        is_break = np.zeros(len(table), dtype=bool)
        is_break[breaks + np.arange(len(breaks))] = True
        at = np.flatnonzero(~is_break)
        places[at] = np.arange(size)
        words = np.array(view.look_up(self._words, UNKNOWN), dtype=np.int32)
        table[is_break, 0] = BREAK
        table[at, 0] = words
        table[at, 1] = list(map(shape_of, view.surfaces))
        table[at, 2] = self._names(size, found)
        table[at, 3] = self._candidates(size, candidates)
        table[at, 4] = self._parts(view, sections)
        table[at, 5] = self._prefix_rows[words]
        table[at, 6] = self._suffix_rows[words]
        for place in np.flatnonzero(words == UNKNOWN).tolist():
            table[at[place], 5:] = self._affixes_of(view.words[place])
        return Rows(table, places)

    def _names(self, size: int, found: Iterable[Found]) -> list[int]:
        marks = [0] * size
        for start, end, name in found:
            kind = self._kinds[name.entry.kind]
            marks[start:end] = [kind + _INNER] * (end - start)
            marks[start] = kind
            marks[end - 1] += _LAST
        return marks

    def _candidates(self, size: int, candidates: Iterable[Candidate]) -> list[int]:
        """The longest name on each token, the first of those equally long."""
        marks, lengths = [0] * size, [0] * size
        kinds = self._kinds
        for start, end, names, _, _ in candidates:
            length = end - start
            if length == 1:
                if not lengths[start]:
                    lengths[start], marks[start] = 1, kinds[names[0].entry.kind]
                continue
            kind = kinds[names[0].entry.kind]
            for place in range(start, end):
                if lengths[place] < length:
                    lengths[place] = length
                    marks[place] = kind if place == start else kind + _INNER
        return marks

    def _parts(self, view: TextView, sections: Iterable[Section]) -> list[int]:
        """The kind of section of each token, of the innermost one that comes last."""
        marks = [0] * len(view.words)
        for section in sections:
            first = bisect_left(view.starts, section.start)
            last = bisect_left(view.starts, section.end)
            marks[first:last] = [self._sections.get(section.kind, 0)] * (last - first)
        return marks


def _rows(values: Iterable[str], first: int = 1) -> dict[str, int]:
    """The row of each value in its table, from `first` on."""
    return {value: row for row, value in enumerate(values, first)}


def unit_starts(view: TextView) -> list[int]:
    """The tokens that begin a line, a sentence or an item; no two are more than 60 apart."""
    words, starts, ends, text = view.words, view.starts, view.ends, view.text
    last = len(words) - 1
    found = {0, *view.line_starts()} if words else set()
    for place in [place for place, word in enumerate(words) if word in _PARTING]:
        if words[place] in _BULLETS:
            found.add(place)
        elif place < last and ends[place] < starts[place + 1] and text[starts[place + 1]].isupper():
            found.add(place + 1)
    ordered = sorted(found)
    ordered.append(len(words))
    if all(end - begin <= _MAX_UNIT for begin, end in pairwise(ordered)):
        return ordered[:-1]
    for begin, end in pairwise(ordered):
        found.update(range(begin + _MAX_UNIT, end, _MAX_UNIT))
    return sorted(found)
