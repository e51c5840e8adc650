"""Two role models on the same held-out postings: better, worse, or not to be told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from extractor.evaluation import RoleAnswer, role_figures

_DRAWS = 2_000
_LEAST = 50  # held-out postings below which nothing is said
_KEYS = ("postings", "accuracy", "accepted", "macro_f1", "ece", "log_loss")


def compare_roles(
    current: Sequence[RoleAnswer], candidate: Sequence[RoleAnswer], groups: Sequence[str]
) -> dict[str, Any]:
    """The verdict on a candidate beside the current model: both answered the same postings, in the
    same order, and had seen none of them.

    `difference` is the candidate's accuracy less the current one's, `low` and `high` its 95 %
    interval by bootstrap over whole groups of near-copies (percentiles of 2,000 draws, seeded);
    "better" and "worse" are said when the interval leaves 0 out, "undecided" otherwise and on
    fewer than 50 postings.
    """
    gains = np.array(
        [
            float(new.role == new.primary) - float(old.role == old.primary)
            for old, new in zip(current, candidate)
        ]
    )
    figures = {
        "current": _main(current),
        "candidate": _main(candidate),
    }
    if len(gains) < _LEAST:
        return {"verdict": "undecided", "postings": len(gains), **figures}
    low, high = _interval(gains, groups)
    verdict = "better" if low > 0 else "worse" if high < 0 else "undecided"
    difference = round(float(gains.mean()), 4)
    places = {"difference": difference, "low": low, "high": high}
    return {"verdict": verdict, "postings": len(gains), **places, **figures}


def _main(answers: Sequence[RoleAnswer]) -> dict[str, Any]:
    figures = role_figures(answers)
    return {key: figures[key] for key in _KEYS if key in figures}


def _interval(gains: np.ndarray[Any, Any], groups: Sequence[str]) -> tuple[float, float]:
    _, places = np.unique(np.array(groups), return_inverse=True)
    sums = np.bincount(places, weights=gains)
    sizes = np.bincount(places)
    random = np.random.default_rng(0)
    means = np.empty(_DRAWS)
    for draw in range(_DRAWS):
        drawn = random.integers(len(sums), size=len(sums))
        means[draw] = sums[drawn].sum() / sizes[drawn].sum()
    low, high = np.quantile(means, [0.025, 0.975])
    return round(float(low), 4), round(float(high), 4)


def sentence(comparison: dict[str, Any]) -> str:
    """The verdict in one line."""
    if "difference" not in comparison:
        return (
            f"undecided: only {comparison['postings']} postings that the current model has not "
            f"seen; {_LEAST} are needed"
        )
    difference, low, high = (100 * comparison[key] for key in ("difference", "low", "high"))
    return (
        f"{comparison['verdict']}: {difference:+.1f} points of accuracy beside the current model "
        f"on {comparison['postings']} postings (95 % interval {low:+.1f} to {high:+.1f})"
    )
