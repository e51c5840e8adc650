"""The library's front door: load once, then postings in, results out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from extractor.language import detect_language
from extractor.records import FieldName, Posting, Result, Role, Skill, SkillEntry, SkillMention
from extractor.roles import RoleClassifier
from extractor.store import default_model, load_model
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import Vocabulary, load_vocabulary
from extractor.words import load_headings

if TYPE_CHECKING:
    from extractor.sections import SectionFinder
    from extractor.skills import FoundSkill, SkillFinder

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
        titles = [TextView(clean(one.title)) for one in postings]
        texts = [TextView(clean(one.text)) for one in postings]
        languages = [detect_language(one.text) for one in postings]
        roles: Sequence[Role | None] = [None] * len(postings)
        if self._classifier is not None:
            roles = list(map(self._classifier.predict_view, postings, titles, texts))
        skills = self._skills(postings, titles, texts)
        return [
            Result(one.id, one.source, one.title, language, role, found)
            for one, language, role, found in zip(postings, languages, roles, skills)
        ]

    def _skills(
        self, postings: Sequence[Posting], titles: list[TextView], texts: list[TextView]
    ) -> list[tuple[Skill, ...]]:
        """Each posting's skills in the order of their first mentions, the title's first."""
        if self._finders is None:
            return [()] * len(postings)
        find_sections, find_skills = self._finders
        in_titles = find_skills.find_all(titles, [()] * len(titles))
        sections = [find_sections(view.text) for view in texts]
        in_texts = find_skills.find_all(texts, sections)
        return list(map(_skills_of, postings, in_titles, in_texts))


def _skills_of(
    posting: Posting, in_title: list[FoundSkill], in_text: list[FoundSkill]
) -> tuple[Skill, ...]:
    mentions: dict[SkillEntry, list[SkillMention]] = {}
    fields: tuple[tuple[FieldName, str, list[FoundSkill]], ...] = (
        ("title", posting.title, in_title),
        ("description", posting.text, in_text),
    )
    for field, text, found in fields:
        for start, end, entry in found:
            mention = SkillMention(start, end, text[start:end], field)
            mentions.setdefault(entry, []).append(mention)
    return tuple(
        Skill(entry.id, entry.name, entry.kind, tuple(own)) for entry, own in mentions.items()
    )


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
