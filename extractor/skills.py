"""The spaCy component "job_skills": the vocabulary's skills as spans in `doc.spans["skills"]`.

A span's `label_` is the skill's kind and its `id_` the skill's id; both are strings, so the spans
survive `DocBin` and `n_process`. Works in any pipeline: `nlp.add_pipe("job_skills")`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc, Span

from extractor.context import ContextRules
from extractor.coordination import SharedParts
from extractor.matching import Candidate, Name, NameMatcher
from extractor.tokens import SECTION_SPANS, SKILL_SPANS, adapt_tokenizer
from extractor.view import DocView, view_of
from extractor.vocabulary import Vocabulary, load_headings, load_vocabulary

# A firm that speaks of itself for longer has begun to speak of the job under an unknown heading.
_MAX_SILENT = 400  # tokens
_PATTERN_REACH = 8  # tokens past its first word that a token pattern may take


@Language.factory(
    "job_skills",
    assigns=["doc.spans"],
    default_config={"vocabulary": None, "splits_names": True},
)
def create_job_skills(
    nlp: Language, name: str, vocabulary: str | None, splits_names: bool
) -> JobSkills:
    """The component over the bundled vocabulary, or with the lines of the file `vocabulary` added.

    `splits_names` adds infix rules to the pipeline's tokenizer, without which names that are
    written together ("C#/.NET") stay hidden in one token; False leaves the tokenizer alone.
    """
    if splits_names:
        adapt_tokenizer(nlp)
    return JobSkills(nlp, load_vocabulary(vocabulary))


class JobSkills:
    """Finds skills: names from the vocabulary, judged where they stand."""

    def __init__(self, nlp: Language, vocabulary: Vocabulary):
        self.vocabulary = vocabulary
        self._names = NameMatcher(vocabulary, nlp.tokenizer)
        self._rules = ContextRules(vocabulary.words, nlp.vocab.strings)
        self._shared = SharedParts(self._names, vocabulary.words, nlp.vocab.strings)
        self._patterns = _TokenPatterns(nlp, vocabulary)
        self._silent = load_headings().silent

    def __call__(self, doc: Doc) -> Doc:
        view = view_of(doc)
        candidates = self._names(view)
        candidates += self._patterns(doc, view)
        found = self._shared.add(view, self._rules.choose(view, candidates))
        silent = self._silent_tokens(doc)
        doc.spans[SKILL_SPANS] = [
            Span(doc, start, end, label=name.entry.kind, span_id=name.entry.id)
            for start, end, name in found
            if start not in silent
        ]
        return doc

    def _silent_tokens(self, doc: Doc) -> set[int]:
        """Tokens of the parts that ask for nothing: firm, benefits, legal text."""
        silent: set[int] = set()
        if SECTION_SPANS in doc.spans:
            for span in doc.spans[SECTION_SPANS]:
                if span.label_ in self._silent:
                    silent.update(range(span.start, min(span.end, span.start + _MAX_SILENT)))
        return silent

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """Nothing: what the component knows comes from its config."""
        return b""

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> JobSkills:
        """The component as its config made it."""
        return self

    def to_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> None:
        """Writes nothing: what the component knows comes from its config."""

    def from_disk(self, path: Path, *, exclude: Iterable[str] = ()) -> JobSkills:
        """The component as its config made it."""
        return self


class _TokenPatterns:
    """spaCy Matcher patterns of vocabulary lines, tried only where their first word stands:
    a Matcher over the whole text would cost more than all the names together."""

    def __init__(self, nlp: Language, vocabulary: Vocabulary):
        self._matcher = Matcher(nlp.vocab)
        self._names: dict[str, tuple[Name, ...]] = {}
        firsts: set[str] = set()
        for entry in vocabulary.entries:
            if entry.patterns and entry.replaced_by is None:
                patterns: list[list[dict[str, Any]]] = [list(p) for p in entry.patterns]
                self._matcher.add(entry.id, patterns, greedy="LONGEST")
                self._names[entry.id] = (Name(entry, entry.name, None, None, None, solid=False),)
                firsts.update(pattern[0]["LOWER"] for pattern in patterns)
        self._first = frozenset(map(nlp.vocab.strings.add, firsts))

    def __call__(self, doc: Doc, view: DocView) -> list[Candidate]:
        if self._first.isdisjoint(view.lowers):
            return []
        found = set()
        for place, lower in enumerate(view.lowers):
            if lower in self._first:
                for span in self._matcher(doc[place : place + _PATTERN_REACH], as_spans=True):
                    if span.start == place:
                        found.add(Candidate(span.start, span.end, self._names[span.label_], 0))
        return list(found)
