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

    __slots__ = ("_line_ends", "blank", "ends", "lowers", "starts", "table", "text")

    def __init__(self, doc: Doc, text: str | None = None):
        self.text = doc.text if text is None else text
        self.table: NDArray[np.uint64] = doc.to_array([LOWER, IDX, LENGTH, IS_SPACE])
        self.lowers: list[int] = self.table[:, 0].tolist()
        self.starts: list[int] = self.table[:, 1].tolist()
        self.ends: list[int] = (self.table[:, 1] + self.table[:, 2]).tolist()
        self.blank: list[int] = self.table[:, 3].tolist()
        self._line_ends: list[int] | None = None

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

    def line_around(self, start: int, end: int) -> tuple[int, int]:
        """The tokens, half-open, of the lines in which the tokens from `start` to `end` stand."""
        if self._line_ends is None:
            blanks = np.flatnonzero(self.table[:, 3]).tolist()
            self._line_ends = [place for place in blanks if self.is_line_end(place)]
        ends = self._line_ends
        before, after = bisect_left(ends, start), bisect_left(ends, end)
        first = ends[before - 1] + 1 if before else 0
        return first, ends[after] if after < len(ends) else len(self.lowers)

    def tokens_of(self, start: int, end: int) -> tuple[int, int]:
        """The tokens, half-open, that the characters from `start` to before `end` touch."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)


# The view of the Doc that was asked for last, so that the components of one pipeline share it. It
# cannot ride on the Doc itself: an object of ours there breaks `Doc.to_bytes`.
_last: tuple[Doc, DocView] | None = None


def view_of(doc: Doc, text: str | None = None) -> DocView:
    """The Doc's view. `text` is the Doc's text where the caller holds it: a Doc puts its own
    together anew each time, which takes a fifth of the time of tokenising it."""
    global _last  # noqa: PLW0603
    if _last is None or _last[0] is not doc or len(_last[1]) != len(doc):
        _last = (doc, DocView(doc, text))
    return _last[1]
