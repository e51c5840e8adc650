"""How badly a posting wants each skill, and which it says that it does not want.

The part of the posting speaks first ("Requirements", "Nice to have"), then a lead-in of its own
words ("It would be great if you also had:"), and loudest what stands close to the skill:
"ideally", "a plus", "(essential)", "no … needed". Of several phrases that reach a skill the
nearest counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from extractor.clauses import Clauses, Lexicon
from extractor.phrases import NeedPhrases
from extractor.records import Need, Section

_MAX_HEADING_WORDS = 12
_REACH = 25  # tokens that a phrase reaches where no sign ends its clause
_ASKED = 60  # tokens to either side of words that ask something of a person
_OPENING = 3  # tokens of a sentence in which it begins by asking: "Strong knowledge of …"
_LOST = 150  # tokens; a longer line has lost its breaks, and its headings stand inside
_NEAR = 3  # tokens between "no" and what it speaks of


class Wanted(NamedTuple):
    """What one mention says: its need, and whether the posting says that it is not needed."""

    need: Need = "unspecified"
    is_negated: bool = False


class _Cue(NamedTuple):
    """A phrase found, in tokens."""

    start: int
    end: int
    kind: str
    side: str


_WANTED = {
    "required": Wanted("required"),
    "preferred": Wanted("preferred"),
    "negated": Wanted("unspecified", True),
    "duties": Wanted(),
}
_Claim = tuple[int, int, str]  # the lowest counts: rank, distance in tokens, kind
_RANKS = {"negated": 0, "preferred": 1, "required": 1}


class NeedRules:
    """Decides on the mentions of one text after another."""

    def __init__(self, phrases: NeedPhrases):
        self._phrases = phrases
        self._lexicon = Lexicon(phrases.cues)

    def __call__(self, text: Clauses, sections: Sequence[Section]) -> list[Wanted]:
        """What each mention of the text says."""
        if not text.tokens:
            return []
        view = text.view
        cues = [_Cue(start, end, *cue) for start, end, cue in self._lexicon.find(text)]
        strong = _settled([cue for cue in cues if cue.kind in _RANKS or cue.kind == "same"])
        claims: dict[int, _Claim] = {}
        headings: list[tuple[int, str]] = []
        for place, cue in enumerate(strong):
            first, last = view.line_around(cue.start, cue.end)
            if (
                last - first > _LOST
                and tuple(view.words[cue.start : cue.end]) in self._phrases.leads
            ):
                headings.append((cue.start, cue.kind))
            elif text.mentions(first, last):
                self._claim(text, strong, place, claims)
            elif last - first <= _MAX_HEADING_WORDS and (first, "preferred") not in headings[-1:]:
                headings.append((first, cue.kind))  # "Desirable (not essential)" is desirable
        bases = _bases(text, sections, headings)
        asked, opened = self._asked(text, [cue for cue in cues if cue.kind == "asked"])
        found = []
        for mention, base in enumerate(bases):
            if mention in claims:
                found.append(_WANTED[claims[mention][2]])
            elif mention in (opened if base == "duties" else asked if base is None else ()):
                found.append(_WANTED["required"])
            else:
                found.append(_WANTED[base] if base else Wanted())
        return found

    def _claim(
        self, text: Clauses, cues: Sequence[_Cue], place: int, claims: dict[int, _Claim]
    ) -> None:
        cue = cues[place]
        first, last = text.clause(cue.start, cue.end)
        first, last = max(first, cue.start - _REACH), min(last, cue.end + _REACH)
        before = cues[place - 1].end if place and cues[place - 1].side != "before" else 0
        first = max(first, before)
        side = cue.side
        if side == "either":
            is_lead = text.word(cue.end) == ":" or not text.mentions(first, cue.start)
            side = "before" if is_lead else "after"
        if side == "after":
            reached = self._behind(text, cue, first)
        elif cue.kind == "negated":
            reached = self._denied(text, cue, last)
        else:
            for following in cues[place + 1 : place + 2]:
                if following.side != "after":
                    last = min(last, following.start)
            reached = text.mentions(cue.end, text.close(cue.end, last))
        for mention in reached:
            start, end = text.tokens[mention]
            distance = start - cue.end if side == "before" else cue.start - end
            claim = _RANKS[cue.kind], distance, cue.kind
            claims[mention] = min(claim, claims.get(mention, claim))

    def _behind(self, text: Clauses, cue: _Cue, first: int) -> Sequence[int]:
        """The mentions that a phrase behind them speaks of: those of its clause, but in brackets
        of its own only the one before, and those inside where it shares them."""
        opened = text.opening(first, cue.start)
        if opened is None:
            return text.mentions(first, cue.start)
        shared = text.mentions(opened + 1, cue.start)
        return shared or text.mentions(first, opened)[-1:]

    def _denied(self, text: Clauses, cue: _Cue, last: int) -> list[int]:
        """The mention right behind a "no", and those that "or" and "nor" join to it."""
        reached: list[int] = []
        at = cue.end
        for mention in text.mentions(cue.end, last):
            start, end = text.tokens[mention]
            between = text.view.words[at:start]
            allowed = (self._phrases.joins - {","}) if reached else self._phrases.fillers
            if len(between) > _NEAR or not allowed.issuperset(between):
                break
            reached.append(mention)
            at = end
        return reached

    def _asked(self, text: Clauses, cues: Sequence[_Cue]) -> tuple[set[int], set[int]]:
        """The mentions in sentences that ask something of a person, and those of them in
        sentences that begin by asking, as no duty does."""
        found: set[int] = set()
        opened: set[int] = set()
        for cue in cues:
            first, last = text.clause(cue.start, cue.end, is_sentence=True)
            mentions = text.mentions(max(first, cue.start - _ASKED), min(last, cue.end + _ASKED))
            found.update(mentions)
            if cue.start - first <= _OPENING:
                opened.update(mentions)
        return found, opened


def _settled(cues: Sequence[_Cue]) -> list[_Cue]:
    """The phrases, those that say "the same" with what the one before them says."""
    found: list[_Cue] = []
    for cue in cues:
        if cue.kind != "same":
            found.append(cue)
        elif found:
            found.append(cue._replace(kind=found[-1].kind))
    return found


def _bases(
    text: Clauses, sections: Sequence[Section], headings: Sequence[tuple[int, str]]
) -> list[str | None]:
    """What the part of the posting says of each mention: the lead-in above it where one stands
    in the same part, else the part's heading."""
    starts = text.view.starts
    found: list[str | None] = [None] * len(text.tokens)
    since = [-1] * len(text.tokens)
    for section in sorted(sections, key=lambda one: one.start):
        first = bisect_left(starts, section.start)
        for mention in text.mentions(first, bisect_left(starts, section.end)):
            found[mention] = section.kind if section.kind in _WANTED else None
            since[mention] = first
    lines = [line for line, _ in headings]
    for mention, (start, _) in enumerate(text.tokens):
        above = bisect_left(lines, start) - 1
        if above >= 0 and lines[above] >= since[mention]:
            found[mention] = headings[above][1]
    return found
