"""The spaCy component "job_discovery": skills known and new as spans in `doc.spans["skills"]`.

It takes the place of "job_skills" in a pipeline; after "job_sections" it knows the parts too.
A span's `label_` is the skill's kind, its `id_` the skill's id.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from spacy.language import Language
from spacy.tokens import Doc

from extractor.discovery import SkillTagger
from extractor.skills import SkillFinder, sections_of, skill_spans
from extractor.tagger_store import default_tagger, load_tagger
from extractor.text import clean
from extractor.tokens import SKILL_SPANS, adapt_tokenizer
from extractor.view import TextView
from extractor.vocabulary import load_vocabulary


@Language.factory(
    "job_discovery",
    assigns=["doc.spans"],
    default_config={"vocabulary": None, "model": None, "splits_names": True},
)
def create_job_discovery(
    nlp: Language, name: str, vocabulary: str | None, model: str | None, splits_names: bool
) -> JobDiscovery:
    """The component over the bundled tagger and vocabulary, or with the lines of the file
    `vocabulary` added, or the tagger in the folder `model`; `splits_names` as in "job_skills"."""
    if splits_names:
        adapt_tokenizer(nlp)
    known = load_vocabulary(vocabulary)
    tagger = load_tagger(default_tagger() if model is None else Path(model), known)
    return JobDiscovery(SkillFinder(known), tagger)


class JobDiscovery:
    """The component: skills as spans, on the tokens that hold them."""

    def __init__(self, finder: SkillFinder, tagger: SkillTagger):
        self._finder = finder
        self._tagger = tagger

    def __call__(self, doc: Doc) -> Doc:
        views = [TextView(clean(doc.text))]
        found = self._tagger.find_all(views, self._finder.look(views), [sections_of(doc)])
        doc.spans[SKILL_SPANS] = skill_spans(doc, found[0])
        return doc

    def to_disk(self, path: object, *, exclude: Iterable[str] = ()) -> None:
        """Writes nothing: what the component knows comes from its config."""

    def from_disk(self, path: object, *, exclude: Iterable[str] = ()) -> JobDiscovery:
        """The component as its config made it."""
        return self
