"""Which of the names found are skills where they stand: rules of ambiguous names, line ends,
run-together words, and the longest name where several overlap."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.matching import Candidate, Name
from extractor.records import Context
from extractor.view import HYPHENS, TextView
from extractor.words import Words

WINDOW = 7  # tokens to either side, punctuation too, in which `near` and `not_near` look
_MAX_SEPARATORS = 4  # tokens between two members of a list: ", and (" and the like

Found = tuple[int, int, Name]


class ContextRules:
    """Decides on the candidates of one text after another."""

    def __init__(self, words: Words):
        self._separators = words.separators
        self._glued = words.glued
        self._tails = words.tails

    def choose(self, view: TextView, candidates: Iterable[Candidate]) -> list[Found]:
        """(start, end, name) in tokens, sorted and disjoint: sure names, ambiguous ones that
        their context bears out, the longest first where two overlap."""
        sure: dict[tuple[int, int], Name] = {}
        asking: dict[tuple[int, int], Name] = {}
        letters: dict[tuple[int, int], Name] = {}
        unsure = list(self._unsure(view, candidates, sure, letters))
        covered: dict[int, int] = {}  # token -> length in tokens of the longest sure name on it
        for start, end in sure if unsure else ():
            for place in range(start, end):
                if covered.get(place, 0) < end - start:
                    covered[place] = end - start
        for candidate in unsure:
            start, end = candidate.start, candidate.end
            if covered.get(start, 0) <= end - start or covered.get(end - 1, 0) <= end - start:
                self._sort(view, candidate, sure, asking)
        if asking:
            self._settle_lists(view, sure, asking)
        if letters:
            self._settle_letters(view, sure, letters)
        return _longest(sure)

    def _unsure(
        self,
        view: TextView,
        candidates: Iterable[Candidate],
        sure: dict[tuple[int, int], Name],
        letters: dict[tuple[int, int], Name],
    ) -> Iterator[Candidate]:
        """The quick look, which settles most: sure names go into `sure`, what is none of its
        names is dropped, the others are given back."""
        text, starts, ends, last = view.text, view.starts, view.ends, len(view.starts)
        for candidate in candidates:
            start, end, names, width, surfaces = candidate
            at, to = starts[start], ends[end - 1]
            if surfaces is not None and text[at:to] not in surfaces:
                if to - at == 1 and text[at].upper() in surfaces:
                    letters[start, end] = names[0]
            elif (
                (start and ends[start - 1] == at)
                or (end < last and starts[end] == to)
                or (end - start > 1 and "\n" in text[at:to])
            ) and not self._stands_free(view, start, end):
                pass
            elif width == to - at:
                sure[start, end] = names[0]
            else:
                yield candidate

    def _settle_letters(
        self,
        view: TextView,
        sure: dict[tuple[int, int], Name],
        letters: dict[tuple[int, int], Name],
    ) -> None:
        """A small letter counts in a list between two tools: the "c" of "python,c,java"."""
        tools = [place for place, name in sure.items() if name.entry.kind == "tool"]
        edges = {("end", end) for _, end in tools} | {("start", start) for start, _ in tools}
        for place, name in letters.items():
            own = set(self._edges(view, place))
            if len(own) == 2 and own <= edges:
                sure[place] = name

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
            if (
                not (rule.near or rule.beside)
                or self._is_near(view, start, end, rule.near)
                or (rule.beside and self._is_alone(view, start, end))
            ):
                sure[place] = name
                return
            if rule.beside:
                asking.setdefault(place, name)
        if plain is not None:
            sure[place] = plain
            asking.pop(place, None)

    def _is_vetoed(self, view: TextView, start: int, end: int, rule: Context) -> bool:
        words = view.words
        if (rule.near or rule.beside) and self._is_compound(view, start, end):
            return True
        if start and words[start - 1] in rule.not_preceded_by and _is_said(view, start - 1, start):
            return True
        if end < len(words) and words[end] in rule.not_followed_by and _is_said(view, end, end):
            return True
        return self._is_near(view, start, end, rule.not_near)

    def _is_compound(self, view: TextView, start: int, end: int) -> bool:
        """Whether a hyphen ties a name to its neighbour: "C-level", "Go-to-market"; but not
        "Spark-based"."""
        if view.is_tight(start) and view.words[start - 1] in HYPHENS:
            return True
        if not view.is_tight(end) or view.words[end] not in HYPHENS:
            return False
        return end + 1 == len(view.words) or view.words[end + 1] not in self._tails

    def _is_near(self, view: TextView, start: int, end: int, words: frozenset[str]) -> bool:
        """Whether one of the words stands within `WINDOW` on either side, on the same line."""
        if not words:
            return False
        first, last = view.line_around(start, end)
        before = view.words[max(first, start - WINDOW) : start]
        return not (
            words.isdisjoint(before) and words.isdisjoint(view.words[end : min(last, end + WINDOW)])
        )

    def _is_alone(self, view: TextView, start: int, end: int) -> bool:
        """Whether a capitalised name is an item of a list on a line of its own."""
        first, last = view.line_around(start, end)
        if last - first - (end - start) > 2 or not view.text[view.starts[start]].isupper():
            return False
        if first == 0 and last == len(view.words):
            return False
        if last < len(view.words) and view.text[view.starts[last]].islower():
            return False  # a sentence that goes on
        others = view.words[first:start] + view.words[end:last]
        return not any(map(str.isalnum, others))

    def _settle_lists(
        self,
        view: TextView,
        sure: dict[tuple[int, int], Name],
        asking: dict[tuple[int, int], Name],
    ) -> None:
        """Lists vouch for their members: "Java, C, Go" goes from the sure one outwards, and
        "Go and Rust" for each other when both are written as names are."""
        beside: dict[tuple[str, int], list[tuple[int, int]]] = {}
        for place in asking:
            for edge in self._edges(view, place):
                beside.setdefault(edge, []).append(place)
        pending = list(sure)
        while pending:  # from each sure one to those beside it, and on from these
            start, end = pending.pop()
            for place in (*beside.get(("end", end), ()), *beside.get(("start", start), ())):
                if place in asking:
                    sure[place] = asking.pop(place)
                    pending.append(place)
        written = {place: name for place, name in asking.items() if name.written is not None}
        edges = {("start", start) for start, _ in written} | {("end", end) for _, end in written}
        for place, name in written.items():
            if not edges.isdisjoint(self._edges(view, place)):
                sure[place] = name

    def _edges(self, view: TextView, place: tuple[int, int]) -> Iterator[tuple[str, int]]:
        """Where the members of a list beside this one end and start, where there are such."""
        left, right = self._skip(view, place[0] - 1, -1), self._skip(view, place[1], 1)
        if left is not None:
            yield "end", left + 1
        if right is not None:
            yield "start", right

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
        if view.is_tight(start) and self._is_glued(view, start, start - 1):
            return False
        if view.is_tight(end) and self._is_glued(view, end, end):
            return False
        return end - start == 1 or not _crosses_lines(view, start, end)

    def _is_glued(self, view: TextView, seam: int, foreign: int) -> bool:
        """Whether the token at `seam` goes on a word, the part at `foreign` being no word."""
        at = view.starts[seam]
        if not (view.text[at - 1].isalpha() and view.text[at].isalpha()):
            return False
        return view.words[foreign] not in self._glued


def _is_said(view: TextView, place: int, seam: int) -> bool:
    """Whether a veto word at `place` speaks of its neighbour: a sign must touch it, so that "R&D"
    is no R and "Python & R" is."""
    return view.words[place].isalnum() or view.is_tight(seam)


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
