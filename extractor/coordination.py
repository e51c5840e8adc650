"""Members of a coordination that share a word with the name beside them.

"statistical and predictive modelling" names two skills, "data analysis and visualisation" too:
the word alone is marked, as the skill that it is with the shared part.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.context import Found
from extractor.matching import Name, NameMatcher
from extractor.view import HYPHENS, TextView
from extractor.words import Words


class SharedParts:
    """Adds to the names found in a Doc those that share a part with them."""

    def __init__(self, names: NameMatcher, words: Words):
        self._names = names
        self._joints = words.joints
        self._unshared = words.unshared

    def add(self, view: TextView, found: list[Found]) -> list[Found]:
        """The names found and the shared ones, sorted and disjoint."""
        taken = {place for start, end, _ in found for place in range(start, end)}
        extra: list[Found] = []
        tokens, joints, last = view.words, self._joints, len(view.words)
        for start, end, _ in found:
            is_joined = (start and tokens[start - 1] in joints) or (
                end < last and tokens[end] in joints
            )
            if is_joined and end - start > 1:
                before = self._past_joints(view, start - 1, -1)
                after = self._past_joints(view, end, 1)
                if before is None and after is None:
                    continue
                words = _words(view, start, end)
                extra += self._before(view, before, words, taken)
                extra += self._after(view, after, words, taken)
        return sorted(found + extra, key=lambda one: one[0]) if extra else found

    def _before(
        self, view: TextView, place: int | None, words: list[str], taken: set[int]
    ) -> Iterator[Found]:
        """ "supervised" and "unsupervised" before "and reinforcement learning"."""
        while place is not None and place not in taken and view.words[place].isalpha():
            first = view.words[place]
            if first in self._unshared:
                return
            name = self._sure_name([first, *words[i:]] for i in range(1, len(words)))
            if name is None:
                return
            taken.add(place)
            yield place, place + 1, name
            place = self._past_joints(view, place - 1, -1)

    def _after(
        self, view: TextView, place: int | None, words: list[str], taken: set[int]
    ) -> Iterator[Found]:
        """ "visualisation" after "data analysis and"; a comma alone joins too loosely."""
        if place is None or place in taken or view.words[place - 1] == ",":
            return
        last = view.words[place]
        if not last.isalpha() or last in self._unshared:
            return
        name = self._sure_name([[*words[:-1], last]])
        if name is not None:
            taken.add(place)
            yield place, place + 1, name

    def _sure_name(self, spellings: Iterable[list[str]]) -> Name | None:
        for words in spellings:
            for name in self._names.names(words):
                if name.context is None and name.written is None:
                    return name
        return None

    def _past_joints(self, view: TextView, place: int, step: int) -> int | None:
        """The first token past "and", "/", ", and" …; None where nothing joins."""
        first = place
        while 0 <= place < len(view.words) and view.words[place] in self._joints:
            if abs(place - first) == 2:
                return None
            place += step
        return place if place != first and 0 <= place < len(view.words) else None


def _words(view: TextView, start: int, end: int) -> list[str]:
    return [word for word in view.words[start:end] if word not in HYPHENS]
