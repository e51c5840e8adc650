"""For how long and how well each skill must be known: "5+ years of Python", "expert-level SQL".

Years and levels speak of the skill that follows them, and of the list that it begins; where none
follows, of the one just before ("SQL (advanced)"); on a line of their own, of the lines below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from extractor.clauses import Clauses, Lexicon
from extractor.phrases import LevelPhrases
from extractor.records import Level, Years

_MAX_YEARS = 40
_MAX_BETWEEN = 8  # tokens between what is said and its skill
_MAX_HEADING_WORDS = 14
_MAX_MEMBERS = 30  # of a list
_SUBJECT = 40  # tokens back in which the "you" of a sentence stands


class Asked(NamedTuple):
    """What one mention says of time and skill; None where it says nothing."""

    years: Years | None = None
    level: Level | None = None


class _Said(NamedTuple):
    """Years or a level in the text, in tokens."""

    start: int
    end: int
    asked: Asked

    @property
    def is_years(self) -> bool:
        """Whether it is years and not a level."""
        return self.asked.years is not None


class LevelRules:
    """Decides on the mentions of one text after another."""

    def __init__(self, phrases: LevelPhrases):
        self._phrases = phrases
        self._lexicon = Lexicon(phrases.levels)

    def __call__(self, text: Clauses) -> list[Asked]:
        """What is asked at each mention of the text."""
        found = [Asked()] * len(text.tokens)
        if not found:
            return found
        phrases = self._phrases
        for said in self._levels(text):
            for mention in self._reached(text, said, phrases.level_fillers, phrases.level_behind):
                follower = text.word(text.tokens[mention][1])
                if follower not in phrases.level_not_before:
                    found[mention] = found[mention]._replace(level=said.asked.level)
        for said in self._years(text):
            for mention in self._reached(text, said, phrases.fillers, phrases.behind):
                found[mention] = found[mention]._replace(years=said.asked.years)
        return found

    def _levels(self, text: Clauses) -> Iterator[_Said]:
        for start, end, level in self._lexicon.find(text):
            yield _Said(start, end, Asked(level=level))

    def _years(self, text: Clauses) -> Iterator[_Said]:
        units, words = self._phrases.units, text.view.words
        for place in [i for i, word in enumerate(words) if word in units]:
            said = self._number(words, place, text)
            if said is not None:
                yield said

    def _number(self, words: Sequence[str], unit: int, text: Clauses) -> _Said | None:
        """The years that end with the unit there, if a person can have them."""
        phrases = self._phrases
        end = unit + 1
        while end < len(words) and words[end] in {"'", "’", "+", "-"}:
            end += 1
        if end < len(words) and words[end] in phrases.not_before:
            return None
        place = unit - 1
        if place >= 0 and words[place] == "-":  # "a 3-year contract", "5-year forecasts"
            return None
        place = _before_plus(words, place)
        most = self._value(words, place)
        if most is None:
            return None
        place -= 1
        if words[place + 1] == ")":  # "five (5)"
            place -= 2
            place -= self._value(words, place) is not None
        least = self._least(words, place, most, text)
        if least is not None:
            place -= 2
        before = words[place] if place >= 0 else ""
        if before in phrases.not_after:
            return None
        scale = phrases.units[words[unit]]
        start = place + 1
        if least is not None:
            return _said(start, end, least * scale, most * scale)
        for length in (3, 2, 1):
            if tuple(words[max(0, start - length) : start]) in phrases.most:
                return _said(start - length, end, 0.0, most * scale)
        return _said(start, end, most * scale, None)

    def _least(self, words: Sequence[str], place: int, most: float, text: Clauses) -> float | None:
        """The lower number of a range that joins to its upper one there; no version number of a
        name ("Java 8 and 5 years of SQL")."""
        if (
            place < 1
            or words[place] not in self._phrases.ranges
            or text.is_inside(place - 1, place)
        ):
            return None
        if words[place] == "and" and (place < 2 or words[place - 2] != "between"):
            return None
        least = 0.0 if words[place - 1] == "0" else self._value(words, place - 1)
        return least if least is not None and least < most else None

    def _value(self, words: Sequence[str], place: int) -> float | None:
        if not 0 <= place < len(words):
            return None
        word = words[place]
        if word == ")" and place > 1:  # "five (5)"
            word = words[place - 1]
        try:
            value = float(word)
        except ValueError:
            return self._phrases.numbers.get(word)
        return value if 0 < value <= _MAX_YEARS else None

    def _reached(
        self, text: Clauses, said: _Said, fillers: frozenset[str], behind: frozenset[str]
    ) -> list[int]:
        """The mentions of which years or a level speak."""
        words = text.view.words
        first, last = text.clause(said.start, said.end, is_sentence=True)
        is_years = said.is_years
        ahead = text.mentions(said.end, last)
        if ahead and text.tokens[ahead[0]][0] - said.end <= _MAX_BETWEEN:
            between = words[said.end : text.tokens[ahead[0]][0]]
            is_practice = is_years and not self._phrases.practice.isdisjoint(between)
            is_parted = not {",", ")", "]"}.isdisjoint(between)
            if not is_parted and (is_practice or fillers.issuperset(between)):
                return self._list(text, ahead[:_MAX_MEMBERS], is_years)
        back = text.mentions(first, said.start)[-_MAX_MEMBERS:]
        if back:
            end = text.tokens[back[-1]][1]
            between = words[end : said.start] if said.start - end <= _MAX_BETWEEN else [""]
            if behind.issuperset(between) and self._is_plain(words, said, between, first):
                return list(back) if text.word(said.end) in self._phrases.each else [back[-1]]
            return []
        first, last = text.view.line_around(said.start, said.end)
        if not text.mentions(first, last) and last - first <= _MAX_HEADING_WORDS:
            return self._below(text, last)
        return []

    def _list(self, text: Clauses, ahead: range, is_years: bool) -> list[int]:
        """The first mention and those joined to it."""
        reached = [ahead[0]]
        for mention in ahead[1:]:
            between = text.view.words[text.tokens[mention - 1][1] : text.tokens[mention][0]]
            is_tied = is_years and self._phrases.ties.issuperset(between)
            if not between or not (is_tied or self._joins(text, between, mention)):
                break
            reached.append(mention)
        return reached

    def _joins(self, text: Clauses, between: Sequence[str], mention: int) -> bool:
        """Whether these words make the mention the next member of a list; behind a mere comma it
        may begin a clause of its own: "2 years of Python, Docker welcome"."""
        phrases = self._phrases
        if not phrases.joins.issuperset(between):
            return False
        follower = text.word(text.tokens[mention][1])
        is_last = not follower.isalpha() or follower in phrases.joins | phrases.closers
        return is_last or any(word != "," for word in between)

    def _is_plain(
        self, words: Sequence[str], said: _Said, between: Sequence[str], first: int
    ) -> bool:
        """Whether what stands behind a skill is said of it: nothing else follows in its clause,
        and years "for" which something was done are those of the reader."""
        if "for" in between:
            return "you" in words[max(first, said.start - _SUBJECT) : said.start]
        follower = words[said.end] if said.end < len(words) else ""
        return said.is_years or bool(between) or not follower.isalpha()

    def _below(self, text: Clauses, place: int) -> list[int]:
        """The mentions on the lines below a line without any, up to the next such line."""
        words = text.view.words
        reached: list[int] = []
        while place < len(words):
            first, last = text.view.line_around(place, place + 1)
            own = text.mentions(first, last)
            if not own or text.view.line_ends(first) > 1:
                break
            reached += own
            place = last
        return reached


def _before_plus(words: Sequence[str], place: int) -> int:
    """The token before a "+", "plus" or "or more" that stands there, else the token itself."""
    if place >= 0 and words[place] in {"+", "plus"}:
        return place - 1
    if place >= 1 and words[place] == "more" and words[place - 1] == "or":
        return place - 2
    return place


def _said(start: int, end: int, least: float, most: float | None) -> _Said:
    years = Years(round(least, 2), None if most is None else round(most, 2))
    return _Said(start, end, Asked(years=years))
