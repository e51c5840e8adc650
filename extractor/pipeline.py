"""The spaCy pipeline put together: a blank English tokenizer and our own components."""

from __future__ import annotations

from pathlib import Path

import spacy
from spacy.language import Language

from extractor import sections, skills  # registers the factories, also without the entry points

MAX_LENGTH = 50_000_000  # characters; spaCy's own limit is for its parser, which is not used here

_COMPONENTS = (sections.create_job_sections, skills.create_job_skills)


def build_pipeline(vocabulary: Path | None = None) -> Language:
    """A Language whose Docs carry sections and skills; `vocabulary` adds to the bundled one."""
    nlp = spacy.blank("en")
    nlp.max_length = MAX_LENGTH
    nlp.add_pipe("job_sections")
    config = {"vocabulary": None if vocabulary is None else str(vocabulary)}
    nlp.add_pipe("job_skills", config=config)
    return nlp
