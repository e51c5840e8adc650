"""A Doc's tokens as plain lists: what the components look at again and again.

Making a spaCy Token for every look costs more than the matching itself, so each Doc is read once.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IDX, IS_SPACE, LENGTH, LOWER
from spacy.tokens import Doc

HYPHENS = frozenset("-–—‐‑")
LINE_END = "\n"


class DocView:
    """The tokens of one Doc by index: `lowers` are the hashes of their lower-case words, `starts`
    and `ends` their characters, `blank` whether they are white space."""

    __slots__ = ("text", "table", "lowers", "starts", "ends", "blank")

    def __init__(self, doc: Doc):
        self.text: str = doc.text
        self.table: NDArray[np.uint64] = doc.to_array([LOWER, IDX, LENGTH, IS_SPACE])
        self.lowers: list[int] = self.table[:, 0].tolist()
        self.starts: list[int] = self.table[:, 1].tolist()
        self.ends: list[int] = (self.table[:, 1] + self.table[:, 2]).tolist()
        self.blank: list[int] = self.table[:, 3].tolist()

    def __len__(self) -> int:
        return len(self.lowers)

    def word(self, place: int) -> str:
        """The token's text."""
        return self.text[self.starts[place] : self.ends[place]]

    def span(self, start: int, end: int) -> str:
        """The text of the tokens from `start` to before `end`."""
        return self.text[self.starts[start] : self.ends[end - 1]]

    def is_tight(self, place: int) -> bool:
        """Whether the token touches the one before it."""
        return 0 < place < len(self.starts) and self.ends[place - 1] == self.starts[place]

    def is_line_end(self, place: int) -> bool:
        """Whether the token is white space that ends a line."""
        return bool(self.blank[place]) and LINE_END in self.word(place)

    def tokens_of(self, start: int, end: int) -> tuple[int, int]:
        """The tokens, half-open, that the characters from `start` to before `end` touch."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)
