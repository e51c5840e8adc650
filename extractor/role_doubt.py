"""The limits below which a trained role model abstains, set on its own postings."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from extractor.doubt import DoubtRules
from extractor.evaluation import RoleAnswer
from extractor.language import detect_language
from extractor.parts import HIDDEN
from extractor.roles import FIELDS, RolesConfig, telling_words_of, words_of
from extractor.scoring import CompiledRoles, RoleWeights

_FEW_WORDS = 0.001  # of the postings trained on have fewer known words
_ODD = 0.005  # of them have a smaller share of known ones
_LANGUAGE_SHARE = 0.01  # of the postings; rarer languages were not really trained on


def doubt_rules(
    weights: RoleWeights,
    config: RolesConfig,
    rows: NDArray[np.object_],
    answers: Sequence[RoleAnswer],
    precision: float,
) -> DoubtRules:
    """Limits from cleaned titles and descriptions, shape (n, 2), and the cross-validated answers
    to them. Where even the surest answers do not reach the precision, nothing is answered."""
    least, coverage = least_confidence(answers, precision)
    words, shares = _known(weights, config, rows)
    counts = Counter(map(detect_language, rows[:, 1].tolist()))
    languages = {code for code, count in counts.items() if count >= _LANGUAGE_SHARE * len(rows)}
    return DoubtRules(
        least_confidence=least,
        precision=precision,
        coverage=coverage,
        least_words=int(np.quantile(words, _FEW_WORDS)),
        least_known=math.floor(1000 * np.quantile(shares, _ODD)) / 1000,
        languages=tuple(sorted(code for code in languages if code)),
    )


def least_confidence(answers: Sequence[RoleAnswer], precision: float) -> tuple[float, float]:
    """The lowest confidence (0-1) above which so many answers are right, and the share of the
    postings that have it; (1.0, 0.0) where there is none."""
    ordered = sorted(answers, key=lambda answer: -answer.confidence)
    sure = np.array([answer.confidence for answer in ordered])
    right = np.cumsum([answer.role == answer.primary for answer in ordered])
    is_last = np.append(sure[1:] < sure[:-1], True)  # of equal confidences all are answered
    enough = np.flatnonzero((right / np.arange(1, len(sure) + 1) >= precision) & is_last)
    if not len(enough):
        return 1.0, 0.0
    last = int(enough[-1])
    return float(sure[last]), (last + 1) / len(sure)


def _known(
    weights: RoleWeights, config: RolesConfig, rows: NDArray[np.object_]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """For each posting, how many of its words the model knows and the share of its description's
    tokens that it knows."""
    compiled = CompiledRoles(weights)
    split = words_of if config.reads_all else telling_words_of
    counts, shares = [], []
    for title, text in rows:
        words = words_of(title), split(text)
        known = compiled.row(words)[0].known
        tokens = len(words[1]) - words[1].count(HIDDEN)
        counts.append(sum(known))
        shares.append(known[FIELDS.index("description")] / tokens if tokens else 1.0)
    return np.array(counts), np.array(shares)
