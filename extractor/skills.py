"""The skills of a posting: names from the vocabulary, judged where they stand.

`SkillFinder` works on a text; the spaCy component "job_skills" puts what it finds into
`doc.spans["skills"]` of any pipeline: a span's `label_` is the skill's kind, its `id_` the skill's
id; both are strings, so the spans survive `DocBin` and `n_process`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from extractor.context import ContextRules, Found
from extractor.coordination import SharedParts
from extractor.matching import Candidate, Name, NameMatcher
from extractor.records import Section, SkillEntry
from extractor.text import clean
from extractor.tokens import SECTION_SPANS, SKILL_SPANS, adapt_tokenizer
from extractor.view import TextView
from extractor.vocabulary import Vocabulary, load_vocabulary
from extractor.words import load_headings

# A firm that speaks of itself for longer has begun to speak of the job under an unknown heading.
_MAX_SILENT = 2_500  # characters
_PATTERN_REACH = 8  # tokens from its first word on that a token pattern may take


class FoundSkill(NamedTuple):
    """A mention of a skill in a text, in characters, half-open. `confidence` is that of the tagger
    in a skill that the vocabulary does not know, and None for one that it knows."""

    start: int
    end: int
    entry: SkillEntry
    confidence: float | None = None


class Named(NamedTuple):
    """The names in a text, in tokens: all of them, and those that count where they stand."""

    candidates: list[Candidate]
    found: list[Found]


class SkillFinder:
    """Finds the skills of one text after another."""

    def __init__(self, vocabulary: Vocabulary):
        self._names = NameMatcher(vocabulary)
        self._rules = ContextRules(vocabulary.words)
        self._shared = SharedParts(self._names, vocabulary.words)
        self._patterns = _TokenPatterns(vocabulary)
        self._silent = load_headings().silent

    def __call__(self, view: TextView, sections: Iterable[Section] = ()) -> list[FoundSkill]:
        """Each mention in a cleaned text, sorted and disjoint; none in sections that ask for
        nothing: firm, benefits, legal text."""
        return self.find_all([view], [sections])[0]

    def find_all(
        self, views: Sequence[TextView], sections: Sequence[Iterable[Section]]
    ) -> list[list[FoundSkill]]:
        """The same for many texts, stage by stage."""
        found = (in_characters(view, named.found) for view, named in zip(views, self.look(views)))
        return [outside_silence(own, parts, self._silent) for own, parts in zip(found, sections)]

    def look(self, views: Sequence[TextView]) -> list[Named]:
        """The names in each text, whatever part of it they stand in, stage by stage."""
        named = [self._names(view) + self._patterns(view) for view in views]
        chosen = list(map(self._rules.choose, views, named))
        return list(map(Named, named, map(self._shared.add, views, chosen)))


def in_characters(view: TextView, found: Iterable[Found]) -> list[FoundSkill]:
    """Names found in the tokens of a text as mentions in its characters."""
    starts, ends = view.starts, view.ends
    return [FoundSkill(starts[first], ends[last - 1], name.entry) for first, last, name in found]


def outside_silence(
    found: list[FoundSkill], sections: Iterable[Section], silent_kinds: frozenset[str]
) -> list[FoundSkill]:
    """Those mentions that do not stand in sections of the kinds that ask for nothing."""
    silent = [
        (section.start, min(section.end, section.start + _MAX_SILENT))
        for section in sections
        if section.kind in silent_kinds
    ]
    if not silent:
        return found
    return [one for one in found if not _lies_in(one.start, silent)]


def _lies_in(place: int, parts: Sequence[tuple[int, int]]) -> bool:
    return any(start <= place < end for start, end in parts)


class _TokenPatterns:
    """spaCy Matcher patterns of vocabulary lines, tried only where their first word stands:
    a Matcher over the whole text would cost more than all the names together."""

    def __init__(self, vocabulary: Vocabulary):
        self._vocab = Vocab()
        self._matcher = Matcher(self._vocab)
        self._names: dict[str, tuple[Name, ...]] = {}
        self._first: set[str] = set()
        for entry in vocabulary.entries:
            if entry.patterns and entry.replaced_by is None:
                patterns: list[list[dict[str, Any]]] = [list(p) for p in entry.patterns]
                self._matcher.add(entry.id, patterns, greedy="LONGEST")
                self._names[entry.id] = (Name(entry, entry.name, None, None, None, solid=False),)
                self._first.update(pattern[0]["LOWER"] for pattern in patterns)

    def __call__(self, view: TextView) -> list[Candidate]:
        if self._first.isdisjoint(view.words):
            return []
        found = []
        for place, word in enumerate(view.words):
            if word in self._first:
                reach = range(place, min(place + _PATTERN_REACH, len(view.words)))
                words = [view.span(token, token + 1) for token in reach]
                for span in self._matcher(Doc(self._vocab, words=words), as_spans=True):
                    if span.start == 0:
                        names = self._names[span.label_]
                        found.append(Candidate(place, place + span.end, names, 0))
        return found


@Language.factory(
    "job_skills",
    assigns=["doc.spans"],
    default_config={"vocabulary": None, "splits_names": True},
)
def create_job_skills(
    nlp: Language, name: str, vocabulary: str | None, splits_names: bool
) -> JobSkills:
    """The component over the bundled vocabulary, or with the lines of the file `vocabulary` added.

    `splits_names` adds infix rules to the pipeline's tokenizer, without which a name that is
    written together with another ("C#/.NET") gets a span over both; False leaves it alone.
    """
    if splits_names:
        adapt_tokenizer(nlp)
    return JobSkills(SkillFinder(load_vocabulary(vocabulary)))


def sections_of(doc: Doc) -> list[Section]:
    """The parts that "job_sections" found in a Doc."""
    return [
        Section(span.label_, span.start_char, span.end_char)
        for span in doc.spans.get(SECTION_SPANS, ())
    ]


def skill_spans(doc: Doc, found: Iterable[FoundSkill]) -> list[Span]:
    """The mentions as spans over the tokens that hold them, none over another's."""
    spans: list[Span] = []
    for start, end, entry, _ in found:
        span = doc.char_span(
            start, end, label=entry.kind, span_id=entry.id, alignment_mode="expand"
        )
        if span is not None and (not spans or spans[-1].end <= span.start):
            spans.append(span)
    return spans


class JobSkills:
    """The component: skills as spans, on the tokens that hold them."""

    def __init__(self, find: SkillFinder):
        self._find = find

    def __call__(self, doc: Doc) -> Doc:
        sections = sections_of(doc)
        doc.spans[SKILL_SPANS] = skill_spans(doc, self._find(TextView(clean(doc.text)), sections))
        return doc

    def to_disk(self, path: object, *, exclude: Iterable[str] = ()) -> None:
        """Writes nothing: what the component knows comes from its config."""

    def from_disk(self, path: object, *, exclude: Iterable[str] = ()) -> JobSkills:
        """The component as its config made it."""
        return self
