"""The library's front door: load once, then postings in, results out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from extractor.language import detect_language
from extractor.records import Posting, Result, Skill, SkillEntry, SkillMention
from extractor.roles import RoleClassifier
from extractor.store import default_model, load_model
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import Vocabulary, load_vocabulary
from extractor.words import load_headings

if TYPE_CHECKING:
    from extractor.sections import SectionFinder
    from extractor.skills import SkillFinder

Part = Literal["role", "skills"]
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
    ['machine-learning', 'python']
    """

    def __init__(
        self,
        finders: tuple[SectionFinder, SkillFinder] | None,
        classifier: RoleClassifier | None,
        vocabulary: Vocabulary,
        settings: _Settings,
    ):
        self.vocabulary = vocabulary
        self._finders = finders
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
        vocab = load_vocabulary(settings.vocabulary)
        finders = None
        if "skills" in parts:
            from extractor.sections import SectionFinder
            from extractor.skills import SkillFinder

            finders = SectionFinder(load_headings()), SkillFinder(vocab)
        return cls(finders, classifier, vocab, settings)

    def analyze(self, text: str, *, title: str = "", id: str = "", source: str = "") -> Result:
        """What one posting holds; offsets are characters into `text` or `title` as given."""
        return next(self.stream([Posting(id, text, title, source)]))

    def stream(
        self, postings: Iterable[Posting], *, batch_size: int = 64, processes: int = 1
    ) -> Iterator[Result]:
        """A Result for each Posting, in their order.

        With `processes` above 1, batches of `batch_size` postings go to that many worker
        processes, each of which loads the model once; worth it from a few thousand postings on.
        """
        if processes == 1:
            yield from map(self._one, postings)
            return
        batches = _batches(postings, batch_size)
        from joblib import Parallel, delayed

        parallel = Parallel(n_jobs=processes, return_as="generator", pre_dispatch="2*n_jobs")
        for results in parallel(delayed(_in_worker)(self._settings, batch) for batch in batches):
            yield from results

    def _one(self, posting: Posting) -> Result:
        title, description = TextView(clean(posting.title)), TextView(clean(posting.text))
        role = None
        if self._classifier is not None:
            role = self._classifier.predict_view(posting, title, description)
        return Result(
            posting.id,
            posting.source,
            posting.title,
            detect_language(posting.text),
            role,
            self._skills(posting, title, description) if self._finders else (),
        )

    def _skills(
        self, posting: Posting, title: TextView, description: TextView
    ) -> tuple[Skill, ...]:
        """The posting's skills in the order of their first mentions, the title's first."""
        if self._finders is None:
            return ()
        find_sections, find_skills = self._finders
        mentions: dict[SkillEntry, list[SkillMention]] = {}
        for start, end, entry in find_skills(title):
            mention = SkillMention(start, end, posting.title[start:end], "title")
            mentions.setdefault(entry, []).append(mention)
        for start, end, entry in find_skills(description, find_sections(description.text)):
            mention = SkillMention(start, end, posting.text[start:end], "description")
            mentions.setdefault(entry, []).append(mention)
        return tuple(
            Skill(entry.id, entry.name, entry.kind, tuple(found))
            for entry, found in mentions.items()
        )


def _batches(postings: Iterable[Posting], size: int) -> Iterator[tuple[Posting, ...]]:
    source = iter(postings)
    while batch := tuple(islice(source, size)):
        yield batch


@lru_cache(maxsize=2)
def _of(settings: _Settings) -> Analyzer:
    return Analyzer.load(settings.model, settings.vocabulary, parts=settings.parts)


def _in_worker(settings: _Settings, postings: Sequence[Posting]) -> list[Result]:
    return list(map(_of(settings)._one, postings))


def _path(given: Path | str | None) -> Path | None:
    return None if given is None else Path(given)
