"""What a batch of postings looks like to a role model, in shares and counts: kept of the postings
that it was trained on, to set later ones beside."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from extractor.language import detect_language
from extractor.parts import HIDDEN
from extractor.records import Posting
from extractor.role_classifier import RoleClassifier

CONFIDENCE_EDGES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
LENGTH_EDGES = (50, 100, 200, 300, 400, 600, 800, 1200)  # tokens
KNOWN_EDGES = (0.5, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85)
_COMMON = 300  # terms whose use is kept


@dataclass(frozen=True, slots=True)
class BatchProfile:
    """Postings in counts: by role, by confidence, by length in tokens, by the share of known
    tokens, by language, and how many hold each of the commonest terms of descriptions."""

    postings: int
    roles: dict[str, int]
    confidence: dict[str, int]
    length: dict[str, int]
    known: dict[str, int]
    language: dict[str, int]
    terms: dict[str, int]


def profile(
    classifier: RoleClassifier,
    postings: Iterable[Posting],
    *,
    roles: Sequence[tuple[str, float]] | None = None,
    terms: Iterable[str] | None = None,
) -> tuple[BatchProfile, Counter[str]]:
    """The profile of some postings, and in how many of them each word stands that the model does
    not know.

    `roles` are the (role, confidence) to count instead of the model's own answers, for postings
    that it was trained on; `terms` those to count instead of the commonest ones.
    """
    counts: dict[str, Counter[str]] = {key: Counter() for key in _KEYS}
    unknown: Counter[str] = Counter()
    number = 0
    for number, posting in enumerate(postings, 1):
        read = classifier.read(posting)
        language = detect_language(posting.text)
        if roles is None:
            role = classifier.answer(read, language)
            answer = role.id, role.confidence
        else:
            answer = roles[number - 1]
        found, _ = classifier.compiled.row(read.words)
        tokens = [word for word in read.words[1] if word != HIDDEN]
        counts["roles"][answer[0]] += 1
        counts["confidence"][_bin(answer[1], CONFIDENCE_EDGES)] += 1
        counts["length"][_bin(len(tokens), LENGTH_EDGES)] += 1
        counts["known"][_bin(found.known[1] / max(1, len(tokens)), KNOWN_EDGES)] += 1
        counts["language"][language or "too short"] += 1
        held = (classifier.compiled.terms[column] for column in found.columns.tolist())
        counts["terms"].update(term for field, term in held if field == "description")
        unknown.update({word for word in tokens if word.isalpha()} - classifier.known)
    kept = counts.pop("terms")
    chosen = list(terms) if terms is not None else _commonest(kept)
    shares = {key: dict(sorted(values.items())) for key, values in counts.items()}
    return BatchProfile(
        postings=number, **shares, terms={term: kept[term] for term in chosen}
    ), unknown


_KEYS = ("roles", "confidence", "length", "known", "language", "terms")


def _commonest(counts: Counter[str]) -> list[str]:
    ordered = sorted(counts, key=lambda term: (-counts[term], term))
    return sorted(ordered[:_COMMON])


def _bin(value: float, edges: Sequence[float]) -> str:
    """The bin's name: "0.5-0.6", the lower end in, the upper out."""
    place = bisect_right(edges, value)
    low = f"{edges[place - 1]:g}" if place else ""
    high = f"{edges[place]:g}" if place < len(edges) else ""
    return f"{low}-{high}" if low and high else f"below {high}" if high else f"from {low}"
