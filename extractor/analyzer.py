"""The library's front door: load once, then postings in, results out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Literal

from spacy.language import Language

from extractor.language import detect_language
from extractor.pipeline import build_pipeline
from extractor.records import FieldName, Posting, Result, Role, Skill, SkillMention
from extractor.roles import RoleClassifier
from extractor.store import default_model, load_model
from extractor.text import clean
from extractor.tokens import SKILL_SPANS
from extractor.view import view_of
from extractor.vocabulary import Vocabulary, load_vocabulary

Part = Literal["role", "skills"]
# Between title and description in one Doc: no name crosses it, and a title that ends in a full
# stop opens no section ("Benefits Analyst").
_SEAM = ".\n\n"
ALL_PARTS: tuple[Part, ...] = ("role", "skills")


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a worker process needs to make the same Analyzer."""

    model: Path | None
    vocabulary: Path | None
    parts: tuple[Part, ...]


class Analyzer:
    """Finds role and skills of job postings. `Analyzer.load()` makes one; it can be shared.

    >>> analyzer = Analyzer.load()
    >>> result = analyzer.analyze("You will train models in Python.", title="ML Engineer")
    >>> [skill.id for skill in result.skills]
    ['ml', 'python']
    """

    def __init__(
        self,
        nlp: Language | None,
        classifier: RoleClassifier | None,
        vocabulary: Vocabulary,
        settings: _Settings,
    ):
        self.vocabulary = vocabulary
        self._nlp = nlp
        self._classifier = classifier
        self._settings = settings

    @classmethod
    def load(
        cls,
        model: Path | str | None = None,
        vocabulary: Path | str | None = None,
        *,
        parts: Sequence[Part] = ALL_PARTS,
    ) -> Analyzer:
        """An Analyzer with the bundled model and vocabulary, or those given.

        `model` is a model folder, `vocabulary` a JSONL file that adds or replaces skills, `parts`
        what is wanted: leaving one out saves its time.

        Raises:
            ModelError: the model folder is damaged or of another format.
            VocabularyError: a line of the vocabulary is wrong.
        """
        settings = _Settings(_path(model), _path(vocabulary), tuple(parts))
        classifier = load_model(settings.model or default_model()) if "role" in parts else None
        nlp = build_pipeline(settings.vocabulary) if "skills" in parts else None
        return cls(nlp, classifier, load_vocabulary(settings.vocabulary), settings)

    def analyze(self, text: str, *, title: str = "", id: str = "", source: str = "") -> Result:
        """What one posting holds; offsets are characters into `text` or `title` as given."""
        return next(self.stream([Posting(id, text, title, source)]))

    def stream(
        self, postings: Iterable[Posting], *, batch_size: int = 64, processes: int = 1
    ) -> Iterator[Result]:
        """A Result for each Posting, in their order, `batch_size` at a time.

        With `processes` above 1 the batches go to that many worker processes, each of which
        loads the model once; worth it from a few thousand postings on.
        """
        batches = _batches(postings, batch_size)
        if processes == 1:
            for batch in batches:
                yield from self._batch(batch)
            return
        from joblib import Parallel, delayed

        parallel = Parallel(n_jobs=processes, return_as="generator", pre_dispatch="2*n_jobs")
        for results in parallel(delayed(_in_worker)(self._settings, batch) for batch in batches):
            yield from results

    def _batch(self, postings: Sequence[Posting]) -> list[Result]:
        roles: Sequence[Role | None] = [None] * len(postings)
        if self._classifier is not None:
            roles = self._classifier.predict(postings)
        return [
            Result(
                posting.id,
                posting.source,
                posting.title,
                detect_language(posting.text),
                role,
                self._skills(posting),
            )
            for posting, role in zip(postings, roles)
        ]

    def _skills(self, posting: Posting) -> tuple[Skill, ...]:
        """The posting's skills in the order of their first mentions, the title's first."""
        if self._nlp is None:
            return ()
        mentions: dict[str, list[SkillMention]] = {}
        kinds: dict[str, str] = {}
        for start, end, skill_id, kind in self._spans(posting):
            field: FieldName = "description" if start >= 0 else "title"
            text = posting.text if start >= 0 else posting.title
            if start < 0:
                start, end = start + len(text) + len(_SEAM), end + len(text) + len(_SEAM)
            mention = SkillMention(start, end, text[start:end], field)
            mentions.setdefault(skill_id, []).append(mention)
            kinds[skill_id] = kind
        return tuple(
            Skill(skill_id, self._name(skill_id), kinds[skill_id], tuple(found))
            for skill_id, found in mentions.items()
        )

    def _spans(self, posting: Posting) -> Iterator[tuple[int, int, str, str]]:
        """(start, end, id, kind) of each mention, in characters into the description; those of
        the title lie before it, below 0. One Doc holds both: a second one for a few words would
        take a seventh of the first one's time."""
        if self._nlp is None:
            return
        head = posting.title + _SEAM if posting.title else ""
        text = clean(head + posting.text)
        doc = self._nlp.make_doc(text)
        view = view_of(doc, text)
        for _, component in self._nlp.pipeline:
            doc = component(doc)
        shift = len(head)
        for span in doc.spans.get(SKILL_SPANS, ()):
            start, end = view.starts[span.start], view.ends[span.end - 1]
            yield start - shift, end - shift, span.id_, span.label_

    def _name(self, skill_id: str) -> str:
        entry = self.vocabulary.entry(skill_id)
        return skill_id if entry is None else entry.name


def _batches(postings: Iterable[Posting], size: int) -> Iterator[tuple[Posting, ...]]:
    source = iter(postings)
    while batch := tuple(islice(source, size)):
        yield batch


@lru_cache(maxsize=2)
def _of(settings: _Settings) -> Analyzer:
    return Analyzer.load(settings.model, settings.vocabulary, parts=settings.parts)


def _in_worker(settings: _Settings, postings: Sequence[Posting]) -> list[Result]:
    return _of(settings)._batch(postings)


def _path(given: Path | str | None) -> Path | None:
    return None if given is None else Path(given)
