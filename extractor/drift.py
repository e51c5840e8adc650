"""What has moved between the postings a model was trained on and a new batch.

Each feature has its population-stability index: the sum over its bins of the difference of the
shares times the logarithm of their ratio. Below 0.1 nothing much has moved, from 0.25 on it has
(the usual reading: N. Siddiqi, Credit Risk Scorecards, 2006).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from extractor.batch_profile import BatchProfile, profile
from extractor.errors import FormatError
from extractor.records import Failure, Posting
from extractor.role_classifier import RoleClassifier

MOVED, MOVED_MUCH = 0.1, 0.25
_FEATURES = ("roles", "confidence", "length", "known", "language")
_LEAST_SHARE = 1e-4  # for bins that one side lacks
_CHANCE = 3.0  # times the index that two samples of one population have in the mean
_SHOWN = 20
_UNKNOWN_SHARE = 0.01  # of the postings that hold an unknown word worth telling


@dataclass(frozen=True, slots=True)
class Moved:
    """A feature, its index, what samples of these sizes have by chance, and its shares before and
    now, those that moved most first."""

    feature: str
    index: float
    chance: float
    shares: tuple[tuple[str, float, float], ...]

    @property
    def verdict(self) -> str:
        """How far it moved: "stable", "moved" or "moved much"."""
        if self.index < max(MOVED, _CHANCE * self.chance):
            return "stable"
        return "moved" if self.index < MOVED_MUCH else "moved much"


@dataclass(frozen=True, slots=True)
class Drift:
    """A batch beside the training postings: features, terms whose use moved, and words that the
    model does not know with the share of the postings that hold them."""

    postings: int
    before: int
    failures: int
    features: tuple[Moved, ...]
    terms: tuple[Moved, ...]
    unknown: tuple[tuple[str, float], ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `drift --json`."""
        return {
            "postings": self.postings,
            "before": self.before,
            "failures": self.failures,
            "features": [_moved_dict(one) for one in self.features],
            "terms": [_moved_dict(one) for one in self.terms],
            "unknown": [{"word": word, "share": share} for word, share in self.unknown],
        }


def find_drift(
    classifier: RoleClassifier, before: BatchProfile, postings: Iterable[Posting | Failure]
) -> Drift:
    """What the postings look like beside those before.

    Raises:
        FormatError: no posting that can be read.
    """
    failures: list[Failure] = []
    now, unknown = profile(classifier, _sound(postings, failures), terms=before.terms)
    if not now.postings:
        raise FormatError("no posting to compare; name files with at least one")
    features = (
        _moved(name, getattr(before, name), getattr(now, name), before.postings, now.postings)
        for name in _FEATURES
    )
    terms = (
        _moved(term, _both(before, term), _both(now, term), before.postings, now.postings)
        for term in before.terms
    )
    moved = sorted((one for one in terms if one.verdict != "stable"), key=lambda one: -one.index)
    return Drift(
        postings=now.postings,
        before=before.postings,
        failures=len(failures),
        features=tuple(sorted(features, key=lambda one: -one.index)),
        terms=tuple(moved[:_SHOWN]),
        unknown=_telling(unknown, now.postings),
    )


def _sound(postings: Iterable[Posting | Failure], failures: list[Failure]) -> Iterable[Posting]:
    for posting in postings:
        if isinstance(posting, Failure):
            failures.append(posting)
        else:
            yield posting


def _both(batch: BatchProfile, term: str) -> dict[str, int]:
    return {"with": batch.terms[term], "without": batch.postings - batch.terms[term]}


def _moved(
    feature: str, before: Mapping[str, int], now: Mapping[str, int], old: int, new: int
) -> Moved:
    names = sorted({*before, *now})
    shares = [(name, before.get(name, 0) / old, now.get(name, 0) / new) for name in names]
    index = sum(_index(was, is_now) for _, was, is_now in shares)
    chance = max(0, len(names) - 1) * (1 / old + 1 / new)
    ordered = sorted(shares, key=lambda one: -abs(one[2] - one[1]))
    rounded = tuple((name, round(was, 4), round(is_now, 4)) for name, was, is_now in ordered)
    return Moved(feature, round(index, 4), round(chance, 4), rounded)


def _index(was: float, is_now: float) -> float:
    low, high = max(was, _LEAST_SHARE), max(is_now, _LEAST_SHARE)
    return (high - low) * math.log(high / low)


def _telling(unknown: Counter[str], postings: int) -> tuple[tuple[str, float], ...]:
    least = max(2.0, _UNKNOWN_SHARE * postings)
    ordered = sorted(unknown.items(), key=lambda one: (-one[1], one[0]))
    kept = [(word, round(count / postings, 4)) for word, count in ordered if count >= least]
    return tuple(kept[:_SHOWN])


def _moved_dict(moved: Moved) -> dict[str, Any]:
    shares = [{"of": name, "before": was, "now": now} for name, was, now in moved.shares]
    return {
        "feature": moved.feature,
        "index": moved.index,
        "chance": moved.chance,
        "verdict": moved.verdict,
        "shares": shares,
    }


def drift_text(drift: Drift) -> str:
    """The drift for people."""
    lines = [f"{drift.postings} postings beside the {drift.before} that the model was trained on"]
    for one in drift.features:
        line = f"  {one.feature:11} {one.index:.3f}  {one.verdict}"
        if one.verdict != "stable":
            most = (f"{name} {was:.0%} -> {now:.0%}" for name, was, now in one.shares[:4])
            line += ": " + ", ".join(most)
        lines.append(line)
    if drift.terms:
        shown = (f"{one.feature} {_with(one)}" for one in drift.terms[:10])
        lines.append("  terms that moved: " + ", ".join(shown))
    if drift.unknown:
        shown = (f"{word} {share:.0%}" for word, share in drift.unknown[:10])
        lines.append("  words that the model does not know: " + ", ".join(shown))
    return "\n".join(lines)


def _with(moved: Moved) -> str:
    was, now = next((was, now) for name, was, now in moved.shares if name == "with")
    return f"{was:.0%} -> {now:.0%}"
