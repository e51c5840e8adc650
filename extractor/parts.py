"""The parts of a posting under their headings, found in cleaned text.

A part begins at a heading of `data/sections.toml` and ends at the next. A sentence that holds a cue
("equal opportunity") is a part of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator

from extractor.records import Section
from extractor.text import lower
from extractor.view import TextView
from extractor.words import Headings

HIDDEN = "\x00"  # a word that no table holds

_MAX_HEADING = 60  # characters; longer lines are sentences
_MAX_HEADING_WORDS = 8
_MAX_LINE = 1_000  # characters; a longer line has lost its breaks and holds other parts too
_MAX_SENTENCE = 600  # characters looked back for the start of a sentence
_EDGES = " \t\r*#•·●▪-–—_=:;.!?>|()[]…0123456789"
_SENTENCE_END = re.compile(r"[.!?]\s|\n")


class SectionFinder:
    """Finds the parts of a posting."""

    def __init__(self, headings: Headings):
        self._exact = dict(headings.exact)
        self._contains = headings.contains
        self._cues = headings.cues

    def __call__(self, text: str) -> tuple[Section, ...]:
        """The parts of a cleaned text, first those under headings, then single sentences."""
        lowered = lower(text)
        return (*self._parts(lowered), *self._sentences(lowered))

    def _parts(self, text: str) -> Iterator[Section]:
        """The text from each heading to the next. What stands before the first has no part."""
        kind, start, after = None, 0, 0
        for line in text.split("\n"):
            begin, after = after, after + len(line) + 1
            if not line or (len(line) > _MAX_HEADING and ":" not in line[: _MAX_HEADING + 1]):
                continue
            opened, is_alone = self._opens(line)
            if opened is None:
                continue
            if kind is not None:
                yield Section(kind, start, begin)
            kind, start = opened, begin
            if not is_alone:  # "Benefits: …" speaks for its own line, if that is a line at all
                if len(line) <= _MAX_LINE:
                    yield Section(kind, begin, after - 1)
                kind = None
        if kind is not None:
            yield Section(kind, start, len(text))

    def _opens(self, line: str) -> tuple[str | None, bool]:
        """What kind of part a line opens, and whether it is all heading."""
        heading, colon, rest = line[: _MAX_HEADING + 1].partition(":")
        bare = heading.strip(_EDGES)
        is_alone = not rest.strip(_EDGES)
        kind = self._exact.get(bare)
        if kind is not None or not bare or not is_alone:
            return kind, is_alone
        if len(bare.split()) > _MAX_HEADING_WORDS or line.rstrip().endswith((".", ",", ";")):
            return None, False
        if line.lstrip().startswith(("•", "-", "*", "·")):
            return None, False
        known = next((kind for piece, kind in self._contains if piece in bare), None)
        return known or ("other" if colon or line.rstrip().endswith("?") else None), True

    def _sentences(self, text: str) -> Iterator[Section]:
        """Each sentence that holds a cue."""
        for cue, kind in self._cues:
            place = text.find(cue)
            while place >= 0:
                earliest = max(0, place - _MAX_SENTENCE)
                breaks = [m.end() for m in _SENTENCE_END.finditer(text, earliest, place)]
                after = _SENTENCE_END.search(text, place)
                end = after.start() + 1 if after else len(text)
                yield Section(kind, breaks[-1] if breaks else earliest, end)
                place = text.find(cue, end)


def telling_words(view: TextView, sections: Iterable[Section], silent: frozenset[str]) -> list[str]:
    """The words of a text with those in silent parts (the firm, its benefits, its legal text)
    hidden, so that places stay the same."""
    words = list(view.words)
    for section in sections:
        if section.kind in silent:
            first = bisect_left(view.starts, section.start)
            last = bisect_left(view.starts, section.end)
            words[first:last] = [HIDDEN] * (last - first)
    return words
