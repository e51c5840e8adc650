"""Which of the names found are skills where they stand: rules of ambiguous names, line ends,
run-together words, and the longest name where several overlap."""

from __future__ import annotations

from collections.abc import Iterable

from extractor.matching import Candidate, Name
from extractor.records import Context
from extractor.view import HYPHENS, TextView
from extractor.vocabulary import Words

WINDOW = 7  # tokens to either side, punctuation too, in which `near` and `not_near` look
_MAX_SEPARATORS = 4  # tokens between two members of a list: ", and (" and the like

Found = tuple[int, int, Name]


class ContextRules:
    """Decides on the candidates of one text after another."""

    def __init__(self, words: Words):
        self._separators = words.separators
        self._glued = words.glued

    def choose(self, view: TextView, candidates: Iterable[Candidate]) -> list[Found]:
        """(start, end, name) in tokens, sorted and disjoint: sure names, ambiguous ones that
        their context bears out, the longest first where two overlap."""
        sure: dict[tuple[int, int], Name] = {}
        asking: dict[tuple[int, int], Name] = {}
        starts, ends, last = view.starts, view.ends, len(view.starts)
        unsure: list[Candidate] = []
        covered: dict[int, int] = {}  # token -> length in tokens of the longest sure name on it
        for candidate in candidates:
            start, end, names, width, surfaces = candidate
            at, to = starts[start], ends[end - 1]
            if surfaces is not None and view.text[at:to] not in surfaces:
                continue
            is_tight = (start and ends[start - 1] == at) or (end < last and starts[end] == to)
            if (is_tight or end - start > 1) and not self._stands_free(view, start, end):
                continue
            if width == to - at:
                sure[start, end] = names[0]
                for place in range(start, end):
                    if covered.get(place, 0) < end - start:
                        covered[place] = end - start
            else:
                unsure.append(candidate)
        for candidate in unsure:
            start, end = candidate.start, candidate.end
            if covered.get(start, 0) <= end - start or covered.get(end - 1, 0) <= end - start:
                self._sort(view, candidate, sure, asking)
        if asking:
            self._settle_lists(view, sure, asking)
        return _longest(sure)

    def _sort(
        self,
        view: TextView,
        candidate: Candidate,
        sure: dict[tuple[int, int], Name],
        asking: dict[tuple[int, int], Name],
    ) -> None:
        """Into the sure ones, or those that a neighbour in a list may still bear out."""
        start, end = place = candidate.start, candidate.end
        text = view.span(start, end)
        plain: Name | None = None
        for name in candidate.names:
            if not name.fits(text):
                continue
            if name.context is None:
                plain = plain or name
                continue
            rule = name.context
            if self._is_vetoed(view, start, end, rule):
                continue
            if (not rule.near and not rule.beside) or self._is_near(view, start, end, rule.near):
                sure[place] = name
                return
            if rule.beside:
                asking.setdefault(place, name)
        if plain is not None:
            sure[place] = plain
            asking.pop(place, None)

    def _is_vetoed(self, view: TextView, start: int, end: int, rule: Context) -> bool:
        if _is_compound(view, start) or _is_compound(view, end):
            return True
        words = view.words
        if start and words[start - 1] in rule.not_preceded_by:
            return True
        if end < len(view.words) and words[end] in rule.not_followed_by:
            return True
        return self._is_near(view, start, end, rule.not_near)

    def _is_near(self, view: TextView, start: int, end: int, words: frozenset[str]) -> bool:
        """Whether one of the words stands within `WINDOW` on either side, on the same line."""
        if not words:
            return False
        first, last = view.line_around(start, end)
        before = view.words[max(first, start - WINDOW) : start]
        return not (
            words.isdisjoint(before) and words.isdisjoint(view.words[end : min(last, end + WINDOW)])
        )

    def _settle_lists(
        self,
        view: TextView,
        sure: dict[tuple[int, int], Name],
        asking: dict[tuple[int, int], Name],
    ) -> None:
        """Lists vouch for their members: "Java, C, Go" goes from the sure one outwards, and
        "Go and Rust" for each other when both are written as names are."""
        changed = True
        while changed and asking:
            changed = False
            starts = {place[0] for place in sure}
            ends = {place[1] for place in sure}
            for place in list(asking):
                if self._has_neighbour(view, place, starts, ends):
                    sure[place] = asking.pop(place)
                    changed = True
        written = [place for place, name in asking.items() if name.written is not None]
        starts = {place[0] for place in written}
        ends = {place[1] for place in written}
        for place in written:
            if self._has_neighbour(view, place, starts, ends):
                sure[place] = asking[place]

    def _has_neighbour(
        self, view: TextView, place: tuple[int, int], starts: set[int], ends: set[int]
    ) -> bool:
        left = self._skip(view, place[0] - 1, -1)
        if left is not None and left + 1 in ends:
            return True
        right = self._skip(view, place[1], 1)
        return right is not None and right in starts

    def _skip(self, view: TextView, place: int, step: int) -> int | None:
        """The first token past the separators of a list; None where there is no separator."""
        for seen in range(_MAX_SEPARATORS + 1):
            if not 0 <= place < len(view.words):
                return None
            ends = view.line_ends(place + 1 if step < 0 else place)
            if ends > 1:
                return None
            if view.words[place] not in self._separators:
                return place if seen or ends else None
            place += step
        return None

    def _stands_free(self, view: TextView, start: int, end: int) -> bool:
        """False inside a longer word ("Java" in "JavaFX") and across what is no line wrap."""
        starts, ends = view.starts, view.ends
        if start and starts[start] == ends[start - 1] and self._is_glued(view, start, start - 1):
            return False
        if end < len(starts) and starts[end] == ends[end - 1] and self._is_glued(view, end, end):
            return False
        return end - start == 1 or not _crosses_lines(view, start, end)

    def _is_glued(self, view: TextView, seam: int, foreign: int) -> bool:
        """Whether the token at `seam` goes on a word, the part at `foreign` being no word."""
        at = view.starts[seam]
        if not (view.text[at - 1].isalpha() and view.text[at].isalpha()):
            return False
        return view.words[foreign] not in self._glued


def _is_compound(view: TextView, seam: int) -> bool:
    """Whether a hyphen ties an ambiguous name to its neighbour: "C-level", "Go-to-market"."""
    if not view.is_tight(seam):
        return False
    at = view.starts[seam]
    return view.text[at] in HYPHENS or view.text[at - 1] in HYPHENS


def _crosses_lines(view: TextView, start: int, end: int) -> bool:
    """Whether a line end inside a name parts two lines rather than wraps one: at an empty line,
    or where the name's first half is all there is on its line (an item of a list)."""
    if "\n" not in view.span(start, end):
        return False
    ends = sum(view.line_ends(place) for place in range(start + 1, end))
    if ends > 1 or start == 0 or view.line_ends(start):
        return True
    return not view.words[start - 1].isalpha()


def _longest(sure: dict[tuple[int, int], Name]) -> list[Found]:
    taken: set[int] = set()
    chosen: list[Found] = []
    for start, end in sorted(sure, key=_longest_first):
        if start not in taken and end - 1 not in taken:  # as nothing longer is left to hold both
            taken.update(range(start, end))
            chosen.append((start, end, sure[start, end]))
    chosen.sort(key=_start)
    return chosen


def _longest_first(place: tuple[int, int]) -> tuple[int, int]:
    return place[0] - place[1], place[0]


def _start(found: Found) -> int:
    return found[0]
