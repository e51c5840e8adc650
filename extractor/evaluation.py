"""Figures from gold labels and predictions: roles, their calibration, and skill spans."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

_BINS = 10
_SURE_SHARE = 0.8
_LEAST = 1e-6  # probabilities are clipped here before their logarithm is taken


@dataclass(frozen=True, slots=True)
class RoleAnswer:
    """One posting's gold role, the other roles a reading accepts, and what was predicted."""

    primary: str
    also: tuple[str, ...]
    role: str
    confidence: float
    scores: tuple[tuple[str, float], ...]
    source: str = ""


def role_figures(answers: Sequence[RoleAnswer]) -> dict[str, Any]:
    """Accuracy, accepted, macro F1, calibration and tables over postings.

    `accepted` counts an answer that is the primary role or one of the others that a reading
    accepts. `ece` is the expected calibration error of the confidence in 10 bins of equal width,
    `log_loss` that of the scores in nats, `sure80` the accuracy on the surest 80 %, `reliability`
    what those bins hold. All lie in 0–1 but `log_loss`; an empty input gives only `postings: 0`.
    """
    if not answers:
        return {"postings": 0}
    right = [a.role == a.primary for a in answers]
    order = sorted(range(len(answers)), key=lambda i: -answers[i].confidence)
    surest = order[: max(1, int(_SURE_SHARE * len(answers)))]
    per_role = _per_role(answers)
    f1s = [row["f1"] for row in per_role.values() if row["postings"]]
    return {
        "postings": len(answers),
        "accuracy": _share(right),
        "accepted": _share(a.role == a.primary or a.role in a.also for a in answers),
        "macro_f1": round(sum(f1s) / len(f1s), 4),
        "ece": _calibration_error(answers),
        "log_loss": _log_loss(answers),
        "sure80": _share(right[i] for i in surest),
        "reliability": _reliability(answers),
        "per_role": per_role,
        "confusion": _confusion(answers),
        "per_source": _per_source(answers),
    }


def _share(claims: Iterable[bool]) -> float:
    values = list(claims)
    return round(sum(values) / len(values), 4) if values else 0.0


def _per_role(answers: Sequence[RoleAnswer]) -> dict[str, dict[str, Any]]:
    found = {}
    for role in sorted({a.primary for a in answers} | {a.role for a in answers}):
        hits = sum(a.role == a.primary == role for a in answers)
        given = sum(a.role == role for a in answers)
        wanted = sum(a.primary == role for a in answers)
        figures = _precision_recall(hits, given, hits, wanted)
        found[role] = {**figures, "postings": wanted}
    return found


def _precision_recall(hits: int, given: int, reached: int, wanted: int) -> dict[str, float]:
    precision = hits / given if given else 0.0
    recall = reached / wanted if wanted else 0.0
    both = precision + recall
    f1 = 2 * precision * recall / both if both else 0.0
    return {"precision": round(precision, 4), "recall": round(recall, 4), "f1": round(f1, 4)}


def _bins(answers: Sequence[RoleAnswer]) -> dict[int, list[RoleAnswer]]:
    """The answers by their confidence, in bins of equal width."""
    bins: dict[int, list[RoleAnswer]] = {}
    for answer in answers:
        bins.setdefault(min(_BINS - 1, int(answer.confidence * _BINS)), []).append(answer)
    return bins


def _calibration_error(answers: Sequence[RoleAnswer]) -> float:
    gaps = (
        abs(sum(a.confidence for a in group) - sum(a.role == a.primary for a in group))
        for group in _bins(answers).values()
    )
    return round(sum(gaps) / len(answers), 4)


def _reliability(answers: Sequence[RoleAnswer]) -> list[dict[str, float]]:
    return [
        {
            "from": number / _BINS,
            "to": (number + 1) / _BINS,
            "postings": len(group),
            "confidence": round(sum(a.confidence for a in group) / len(group), 4),
            "accuracy": _share(a.role == a.primary for a in group),
        }
        for number, group in sorted(_bins(answers).items())
    ]


def _log_loss(answers: Sequence[RoleAnswer]) -> float:
    given = (dict(a.scores).get(a.primary, 0.0) for a in answers)
    total = -sum(math.log(min(1.0, max(_LEAST, value))) for value in given)
    return round(total / len(answers), 4)


def _confusion(answers: Sequence[RoleAnswer]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for answer in answers:
        counts.setdefault(answer.primary, Counter())[answer.role] += 1
    return {role: dict(counts[role].most_common()) for role in sorted(counts)}


def _per_source(answers: Sequence[RoleAnswer]) -> dict[str, dict[str, Any]]:
    found = {}
    for source in sorted({a.source for a in answers if a.source}):
        own = [a for a in answers if a.source == source]
        found[source] = {
            "postings": len(own),
            "accuracy": _share(a.role == a.primary for a in own),
            "accepted": _share(a.role == a.primary or a.role in a.also for a in own),
        }
    return found


@dataclass(frozen=True, slots=True)
class MarkedText:
    """The gold and the predicted skill mentions of one description, as (start, end, kind)."""

    gold: tuple[tuple[int, int, str], ...]
    predicted: tuple[tuple[int, int, str], ...]


def skill_figures(texts: Sequence[MarkedText]) -> dict[str, Any]:
    """Precision, recall and F1 of skill mentions.

    `strict` wants both ends equal; `relaxed` an overlap: recall over gold mentions that some
    prediction overlaps, precision over predictions that overlap some gold mention.
    """
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    kinds_found: Counter[str] = Counter()
    for text in texts:
        gold = {(start, end): kind for start, end, kind in text.gold}
        given = {(start, end) for start, end, _ in text.predicted}
        counts["gold"] += len(gold)
        counts["given"] += len(given)
        counts["exact"] += len(given & gold.keys())
        counts["hits"] += sum(any(_overlap(g, one) for g in gold) for one in given)
        for place, kind in gold.items():
            is_found = any(_overlap(place, one) for one in given)
            counts["reached"] += is_found
            kinds[kind] += 1
            kinds_found[kind] += is_found
    exact, given_count, gold_count = counts["exact"], counts["given"], counts["gold"]
    return {
        "postings": len(texts),
        "gold": gold_count,
        "predicted": given_count,
        "strict": _precision_recall(exact, given_count, exact, gold_count),
        "relaxed": _precision_recall(counts["hits"], given_count, counts["reached"], gold_count),
        "recall_by_kind": {
            kind: round(kinds_found[kind] / kinds[kind], 4) for kind in sorted(kinds)
        },
    }


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one[0] < other[1] and other[0] < one[1]
