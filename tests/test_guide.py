"""Everything that the guide names for a role is in the vocabulary, and is found in a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from extractor.vocabulary import Vocabulary
from extractor.words import read_toml

if TYPE_CHECKING:
    from spacy.language import Language

CASES = read_toml(Path(__file__).parent / "cases" / "guide.toml")["case"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_thing_that_the_guide_names_is_found(nlp: Language, case: dict[str, Any]) -> None:
    doc = nlp(case["text"])
    found = [(span.text, span.id_) for span in doc.spans["skills"]]
    assert (case["name"], case["id"]) in found


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_its_line_says_for_which_roles_the_guide_names_it(
    vocabulary: Vocabulary, case: dict[str, Any]
) -> None:
    entry = vocabulary.entry(case["id"])
    assert entry is not None
    assert set(case["roles"]) <= set(entry.guide)


def test_each_of_the_six_roles_has_its_skills(vocabulary: Vocabulary) -> None:
    counts: dict[str, int] = {}
    for entry in vocabulary.entries:
        for role in entry.guide:
            counts[role] = counts.get(role, 0) + 1
    assert sorted(counts) == [
        "ai-engineer",
        "bi-data-analyst",
        "data-scientist",
        "machine-learning-engineer",
        "ml-software-engineer",
        "nlp-engineer",
    ]
    assert min(counts.values()) >= 15
