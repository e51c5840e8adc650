"""The spaCy component "job_sections": the parts of a posting as spans in `doc.spans["sections"]`;
`label_` is the kind of part."""

from __future__ import annotations

from spacy.language import Language
from spacy.tokens import Doc

from extractor.parts import SectionFinder
from extractor.text import clean
from extractor.tokens import SECTION_SPANS
from extractor.words import load_headings


@Language.factory("job_sections", assigns=["doc.spans"])
def create_job_sections(nlp: Language, name: str) -> JobSections:
    """The component over the bundled headings."""
    return JobSections(SectionFinder(load_headings()))


class JobSections:
    """The component: parts of a posting as spans."""

    def __init__(self, find: SectionFinder):
        self._find = find

    def __call__(self, doc: Doc) -> Doc:
        spans = []
        for section in self._find(clean(doc.text)):
            span = doc.char_span(
                section.start, section.end, label=section.kind, alignment_mode="expand"
            )
            if span is not None:
                spans.append(span)
        doc.spans[SECTION_SPANS] = spans
        return doc
