"""The clauses of a text, the mentions and the phrases in them: what is said beside a skill and how
far it reaches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from extractor.view import TextView

Value = TypeVar("Value")

_ENDS = frozenset(".!?")
_OPEN, _CLOSED = frozenset("(["), frozenset(")]")


class Clauses:
    """A text with its mentions in tokens, and where its clauses end."""

    def __init__(
        self,
        view: TextView,
        places: Sequence[tuple[int, int]],
        stops: frozenset[str],
        turns: frozenset[str] = frozenset(),
    ):
        self.view = view
        starts = view.starts
        self.tokens = [(bisect_left(starts, a), bisect_left(starts, b)) for a, b in places]
        self._starts = [start for start, _ in self.tokens]
        parting = stops | turns | _ENDS
        self._ends: list[int] = []
        self._stops: list[int] = []
        words = view.words
        for place in [place for place, word in enumerate(words) if word in parting]:
            word = words[place]
            if word in stops or (word in _ENDS and not view.is_tight(place + 1)):
                self._ends.append(place)
                self._stops.append(place)
            elif word in turns:
                self._stops.append(place)

    def word(self, place: int) -> str:
        """The token there, or nothing past the end."""
        return self.view.words[place] if place < len(self.view.words) else ""

    def mentions(self, first: int, last: int) -> range:
        """The mentions that begin among these tokens, half-open."""
        return range(bisect_left(self._starts, first), bisect_left(self._starts, last))

    def is_inside(self, start: int, end: int) -> bool:
        """Whether the tokens touch a mention."""
        place = bisect_right(self._starts, end - 1) - 1
        return place >= 0 and self.tokens[place][1] > start

    def clause(self, start: int, end: int, *, is_sentence: bool = False) -> tuple[int, int]:
        """The clause, in tokens, on the line of these ones; or their sentence, turns and all."""
        stops = self._ends if is_sentence else self._stops
        first, last = self.view.line_around(start, end)
        before = bisect_left(stops, start) - 1
        if before >= 0:
            first = max(first, stops[before] + 1)
        after = bisect_left(stops, end)
        if after < len(stops):
            last = min(last, stops[after])
        return first, last

    def opening(self, first: int, place: int) -> int | None:
        """The open bracket in which a token stands."""
        return self._unmatched(range(place - 1, first - 1, -1), _OPEN, _CLOSED)

    def close(self, first: int, last: int) -> int:
        """Where the bracket closes that was open before these tokens, or their end."""
        found = self._unmatched(range(first, last), _CLOSED, _OPEN)
        return last if found is None else found

    def _unmatched(
        self, places: range, wanted: frozenset[str], other: frozenset[str]
    ) -> int | None:
        """The first of the wanted brackets whose other half is not passed before it."""
        depth = 0
        for at in places:
            word = self.view.words[at]
            if word in other:
                depth += 1
            elif word in wanted:
                if not depth:
                    return at
                depth -= 1
        return None


class Lexicon(Generic[Value]):
    """Finds the phrases of a table, which maps their words to what they say."""

    def __init__(self, table: Mapping[tuple[str, ...], Value]):
        self._table = table
        self._lengths: dict[str, list[int]] = {}
        for words in sorted(table, key=len, reverse=True):
            lengths = self._lengths.setdefault(words[0], [])
            if len(words) not in lengths:
                lengths.append(len(words))

    def find(self, text: Clauses) -> Iterator[tuple[int, int, Value]]:
        """The phrases in a text, in tokens, half-open, and what they say: the longest where
        several begin, none over another, none that touches a mention."""
        words = text.view.words
        after = 0
        for place in [place for place, word in enumerate(words) if word in self._lengths]:
            if place < after:
                continue
            for length in self._lengths[words[place]]:
                value = self._table.get(tuple(words[place : place + length]))
                if value is not None:
                    after = place + length
                    if not text.is_inside(place, after):
                        yield place, after, value
                    break
