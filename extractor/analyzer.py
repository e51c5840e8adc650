"""The library's front door: load once, then postings in, results out."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from extractor.language import detect_language
from extractor.parts import SectionFinder
from extractor.records import Posting, Result, Role, Skill
from extractor.role_classifier import RoleClassifier
from extractor.role_store import default_model, load_model
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import Vocabulary, load_vocabulary
from extractor.words import load_headings

if TYPE_CHECKING:
    from extractor.skill_reader import SkillReader

Part = Literal["role", "skills"]
ALL_PARTS: tuple[Part, ...] = ("role", "skills")


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a worker process needs to make the same Analyzer."""

    model: Path | None
    vocabulary: Path | None
    parts: tuple[Part, ...]
    discovery: bool
    allow_pickle: bool = False


class Analyzer:
    """Finds role and skills of job postings. `Analyzer.load()` makes one; it can be shared.

    >>> analyzer = Analyzer.load()
    >>> result = analyzer.analyze("You will train models in Python.", title="ML Engineer")
    >>> [skill.id for skill in result.skills]
    ['machine-learning', 'python']
    """

    def __init__(
        self,
        reader: SkillReader | None,
        classifier: RoleClassifier | None,
        vocabulary: Vocabulary,
        settings: _Settings,
    ):
        self.vocabulary = vocabulary
        self._reader = reader
        self.classifier = classifier
        self._settings = settings
        self._find_sections = SectionFinder(load_headings())

    @classmethod
    def load(
        cls,
        model: Path | str | None = None,
        vocabulary: Path | str | None = None,
        *,
        parts: Sequence[Part] = ALL_PARTS,
        discovery: bool = True,
        allow_pickle: bool = False,
    ) -> Analyzer:
        """An Analyzer with the bundled model and vocabulary, or those given.

        `model` is a model folder, `vocabulary` a JSONL file that adds or replaces skills, `parts`
        what is wanted: leaving one out saves its time. A `model` that is a joblib pickle runs
        code when it is opened, and is so only with `allow_pickle`.

        Raises:
            ModelError: the model folder is damaged or of another format.
            VocabularyError: a line of the vocabulary is wrong.
        """
        chosen = _path(model), _path(vocabulary), tuple(parts), discovery
        settings = _Settings(*chosen, allow_pickle)
        classifier = None
        if "role" in parts:
            classifier = load_model(settings.model or default_model(), allow_pickle=allow_pickle)
        vocab = load_vocabulary(settings.vocabulary)
        reader = None
        if "skills" in parts:
            from extractor.skill_reader import SkillReader
            from extractor.tagger_store import default_tagger, load_tagger

            tagger = load_tagger(default_tagger(), vocab) if discovery else None
            reader = SkillReader(vocab, tagger)
        return cls(reader, classifier, vocab, settings)

    def analyze(self, text: str, *, title: str = "", id: str = "", source: str = "") -> Result:
        """What one posting holds; offsets are characters into `text` or `title` as given."""
        return next(self.stream([Posting(id, text, title, source)]))

    def stream(
        self, postings: Iterable[Posting], *, batch_size: int = 32, processes: int = 1
    ) -> Iterator[Result]:
        """A Result for each Posting, in their order, made `batch_size` at a time.

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
        """Stage by stage over all of them, so that the tables of one stage stay in the
        processor's cache: posting by posting took a third more."""
        with _no_collection():
            return self._read(postings)

    def _read(self, postings: Sequence[Posting]) -> list[Result]:
        titles = [TextView(clean(one.title)) for one in postings]
        texts = [TextView(clean(one.text)) for one in postings]
        languages = [detect_language(one.text) for one in postings]
        sections = [self._find_sections(view.text) for view in texts]
        roles: Sequence[Role | None] = [None] * len(postings)
        if self.classifier is not None:
            reads = map(self.classifier.read_views, postings, titles, texts, sections)
            roles = list(map(self.classifier.answer, reads, languages))
        skills: Sequence[tuple[Skill, ...]] = [()] * len(postings)
        if self._reader is not None:
            skills = self._reader.read(postings, titles, texts, sections)
        return [
            Result(one.id, one.source, one.title, language, role, found)
            for one, language, role, found in zip(postings, languages, roles, skills)
        ]


@contextmanager
def _no_collection() -> Iterator[None]:
    """No garbage collection for the time of a batch: it makes no cycles, and looking through the
    whole vocabulary again and again took a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(postings: Iterable[Posting], size: int) -> Iterator[tuple[Posting, ...]]:
    source = iter(postings)
    while batch := tuple(islice(source, size)):
        yield batch


@lru_cache(maxsize=2)
def _of(settings: _Settings) -> Analyzer:
    return Analyzer.load(
        settings.model,
        settings.vocabulary,
        parts=settings.parts,
        discovery=settings.discovery,
        allow_pickle=settings.allow_pickle,
    )


def _in_worker(settings: _Settings, postings: Sequence[Posting]) -> list[Result]:
    return _of(settings)._batch(postings)


def _path(given: Path | str | None) -> Path | None:
    return None if given is None else Path(given)
