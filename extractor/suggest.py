"""What postings ask for and the vocabulary lacks, as lines ready to be edited into a vocabulary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sklearn.feature_extraction.text import TfidfVectorizer

from extractor.analyzer import Analyzer
from extractor.records import Posting, Skill
from extractor.skill_lines import folded
from extractor.vocabulary import Vocabulary

CATEGORY = "suggested"
_EXAMPLES = 3
_AROUND = 50  # characters of context to either side
_ALIKE, _MAX_ALIKE = 0.6, 3  # cosine of letter groups from which a name is a likely duplicate
_BATCH = 64


@dataclass(slots=True)
class _Suggestion:
    """One discovered skill while the postings are read."""

    names: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    documents: int = 0
    confidence: float = 0.0
    examples: list[str] = field(default_factory=list)


def suggest_skills(
    postings: Iterable[Posting], analyzer: Analyzer, *, min_documents: int = 2
) -> list[dict[str, Any]]:
    """Vocabulary lines of the skills that discovery finds in so many postings, those of most
    postings first.

    What was counted stands under `notes`: `count` of mentions, `documents` that hold one,
    `confidence` of the surest, `examples` of its surroundings, and `near`, the known skills with
    a name like it (id, name, likeness 0-1): likely duplicates.
    """
    found: dict[str, _Suggestion] = {}
    batch: list[Posting] = []
    for posting in postings:
        batch.append(posting)
        if len(batch) == _BATCH:
            _collect(batch, analyzer, found)
            batch = []
    _collect(batch, analyzer, found)
    kept = {key: one for key, one in found.items() if one.documents >= min_documents}
    order = sorted(kept, key=lambda key: (-kept[key].documents, key))
    near = _near([kept[key].names.most_common(1)[0][0] for key in order], analyzer.vocabulary)
    claimed = {folded(name) for entry in analyzer.vocabulary.entries for name in entry.names}
    return [
        line
        for key, alike in zip(order, near)
        if (line := _line(key, kept[key], alike, claimed)) is not None
    ]


def _collect(
    postings: Sequence[Posting], analyzer: Analyzer, found: dict[str, _Suggestion]
) -> None:
    for posting, result in zip(postings, analyzer.stream(postings)):
        for skill in result.skills:
            if skill.source == "discovered":
                _add(found.setdefault(skill.id, _Suggestion()), skill, posting.text)


def _add(one: _Suggestion, skill: Skill, text: str) -> None:
    one.documents += 1
    one.kinds[skill.kind] += 1
    one.confidence = max(one.confidence, skill.confidence or 0.0)
    one.names.update(" ".join(mention.text.split()) for mention in skill.mentions)
    if len(one.examples) < _EXAMPLES:
        first = skill.mentions[0]
        around = text[max(0, first.start - _AROUND) : first.end + _AROUND]
        one.examples.append(" ".join(around.split()))


def _line(
    key: str, one: _Suggestion, near: list[dict[str, Any]], claimed: set[str]
) -> dict[str, Any] | None:
    """The vocabulary line; None where another line has all its names."""
    names = []
    for name, _ in one.names.most_common():
        if folded(name) not in claimed:
            claimed.add(folded(name))
            names.append(name)
    if not names:
        return None
    notes = {
        "count": one.names.total(),
        "documents": one.documents,
        "confidence": one.confidence,
        "examples": one.examples,
        "near": near,
    }
    kind = one.kinds.most_common(1)[0][0]
    line = {"id": key, "name": names[0], "kind": kind, "category": CATEGORY}
    return {**line, "aliases": names[1:], "notes": notes}


def _near(names: Sequence[str], vocabulary: Vocabulary) -> list[list[dict[str, Any]]]:
    """For each name the known skills of which a name shares most groups of letters with it."""
    if not names:
        return []
    known = [(name, entry) for entry in vocabulary.entries for name in entry.names]
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))
    table = letters.fit_transform([name for name, _ in known])
    likeness = (letters.transform(names) @ table.T).tocsr()
    found = []
    for row in range(len(names)):
        values = likeness[[row]]
        best: dict[str, dict[str, Any]] = {}
        for value, column in sorted(zip(values.data, values.indices), reverse=True):
            if value < _ALIKE or len(best) == _MAX_ALIKE:
                break
            entry = known[column][1]
            near = {"id": entry.id, "name": entry.name, "likeness": round(float(value), 2)}
            best.setdefault(entry.id, near)
        found.append(list(best.values()))
    return found
