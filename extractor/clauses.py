"""The clauses of a text and the mentions in them: where what is said beside a skill reaches."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from extractor.view import TextView

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
        depth = 0
        for at in range(place - 1, first - 1, -1):
            word = self.view.words[at]
            if word in _CLOSED:
                depth += 1
            elif word in _OPEN:
                if not depth:
                    return at
                depth -= 1
        return None

    def close(self, first: int, last: int) -> int:
        """Where the bracket closes that was open before these tokens, or their end."""
        depth = 0
        for at in range(first, last):
            word = self.view.words[at]
            if word in _OPEN:
                depth += 1
            elif word in _CLOSED:
                if not depth:
                    return at
                depth -= 1
        return last
