"""When a role model does not answer: it is not sure, or was not made for such a text.

The least confidence is set at training time so that the answers above it reach a stated
precision; what is too short, in a language that was not trained on, or unlike what was trained on
has no answer however sure the model is of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from extractor.records import Doubt


@dataclass(frozen=True, slots=True)
class DoubtRules:
    """The limits below which a model abstains; the defaults rule nothing.

    `least_confidence` is the probability that the likeliest role must have, with which
    cross-validation gave `precision` right among the share `coverage` that had it; `least_words`
    how many words the model must know of title and description together, `least_known` which
    share of the tokens of a description; `languages` are the ISO 639-1 codes that training saw,
    any when empty.
    """

    least_confidence: float = 0.0
    precision: float = 0.0
    coverage: float = 1.0
    least_words: int = 0
    least_known: float = 0.0
    languages: tuple[str, ...] = ()

    def of(
        self, confidence: float, known: Sequence[int], tokens: int, language: str | None
    ) -> Doubt | None:
        """Why not to answer, or None; `known` counts the words of title and description that the
        model knows, `tokens` all of the description that are not hidden."""
        if sum(known) < self.least_words:
            return "short"
        if self.languages and language is not None and language not in self.languages:
            return "language"
        if tokens and known[1] / tokens < self.least_known:
            return "unlike"
        is_sure = self.coverage > 0 and confidence >= self.least_confidence
        return None if is_sure else "unsure"
