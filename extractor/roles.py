"""Which role a posting is: a plain scikit-learn Pipeline over title and description.

Input is an array of shape (n, 2): titles and descriptions, cleaned text. Probabilities are those
of the logistic regression, its temperature folded into the coefficients at training time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from extractor.records import Evidence, FieldName, Posting, Role, RoleEntry
from extractor.scoring import CompiledRoles, Terms
from extractor.text import clean, lower

FIELDS: tuple[FieldName, FieldName] = ("title", "description")
# Words of letters, "c++", "c#"; no digits, so no telephone number can become a term.
WORD = r"[^\W\d_]+[+#]*"
_MAX_EVIDENCE = 8


@dataclass(frozen=True, slots=True)
class RolesConfig:
    """How the pipeline is built; chosen by cross-validation over posting groups.

    `max_words` are the longest terms, in words, of titles and of descriptions; `max_terms` how
    many terms of descriptions are kept, the most telling first; `min_employers` is how many
    employers must use a term before it becomes a feature, so that no name does; `title_weight`
    is how strongly the title counts beside the description; `strength` is C of the regression.
    """

    max_words: tuple[int, int] = (3, 2)
    max_terms: int = 30_000
    min_employers: int = 10
    title_weight: float = 1.0
    strength: float = 10.0


def vectorizer(max_words: int, terms: Sequence[str] | None = None) -> TfidfVectorizer:
    """Terms of one to `max_words` words; their vocabulary is given or learnt by fit."""
    return TfidfVectorizer(
        preprocessor=lower,
        token_pattern=WORD,
        ngram_range=(1, max_words),
        vocabulary=None if terms is None else list(terms),
        sublinear_tf=True,
        dtype=np.float32,
    )


def build(config: RolesConfig, terms: tuple[Sequence[str], Sequence[str]]) -> Pipeline:
    """The unfitted pipeline over the given terms of titles and descriptions."""
    features = ColumnTransformer(
        [
            (field, vectorizer(words, known), column)
            for column, (field, words, known) in enumerate(zip(FIELDS, config.max_words, terms))
        ],
        transformer_weights={"title": config.title_weight, "description": 1.0},
    )
    classifier = LogisticRegression(C=config.strength, max_iter=400, tol=1e-3)
    return Pipeline([("features", features), ("classifier", classifier)])


def table(postings: Iterable[Posting]) -> NDArray[np.object_]:
    """The pipeline's input: shape (n, 2), cleaned title and description of each posting."""
    rows = [(clean(posting.title), clean(posting.text)) for posting in postings]
    found = np.empty((len(rows), 2), dtype=object)
    for place, row in enumerate(rows):
        found[place] = row
    return found


class RoleClassifier:
    """A fitted pipeline with the names of its roles: postings in, roles with reasons out."""

    def __init__(self, pipeline: Pipeline, entries: Sequence[RoleEntry]):
        self.pipeline = pipeline
        self._compiled = CompiledRoles(pipeline, WORD)
        classifier = pipeline.named_steps["classifier"]
        self.roles: tuple[str, ...] = tuple(str(role) for role in classifier.classes_)
        self._names = {entry.id: entry.name for entry in entries}
        coefficients = np.asarray(classifier.coef_, dtype=np.float64)
        others = (coefficients.sum(axis=0) - coefficients) / max(1, len(coefficients) - 1)
        self._pull = coefficients - others  # log-odds of a role over the mean of the others

    def predict(self, postings: Iterable[Posting]) -> list[Role]:
        """A Role for each posting, in their order."""
        return [self._role(posting) for posting in postings]

    def _role(self, posting: Posting) -> Role:
        texts = clean(posting.title), clean(posting.text)
        terms, probabilities = self._compiled.row(texts)
        order = np.argsort(-probabilities, kind="stable").tolist()
        scores = tuple((self.roles[i], round(float(probabilities[i]), 6)) for i in order)
        best = self.roles[order[0]]
        evidence = self._evidence(posting, texts, terms, order[0])
        return Role(best, self._names.get(best, best), scores[0][1], scores, evidence)

    def _evidence(
        self, posting: Posting, texts: tuple[str, str], terms: Terms, best: int
    ) -> tuple[Evidence, ...]:
        """The terms that spoke most for the role, strongest first, none inside another."""
        weights = terms.values * self._pull[best, terms.columns]
        lowered = {field: lower(text) for field, text in zip(FIELDS, texts)}
        original: dict[FieldName, str] = {"title": posting.title, "description": posting.text}
        found: list[Evidence] = []
        for i in np.argsort(-weights, kind="stable")[: 2 * _MAX_EVIDENCE].tolist():
            if weights[i] <= 0 or len(found) == _MAX_EVIDENCE:
                break
            field, term = self._compiled.terms[terms.columns[i]]
            place = find_term(term, lowered[field])
            if place is None or any(_overlap(e, field, *place) for e in found):
                continue
            start, end = place
            text = original[field][start:end]
            found.append(Evidence(text, start, end, field, round(float(weights[i]), 4)))
        return tuple(found)


def _overlap(one: Evidence, field: FieldName, start: int, end: int) -> bool:
    return one.field == field and one.start < end and start < one.end


def find_term(term: str, lowered: str) -> tuple[int, int] | None:
    """Where a term first stands in a lower-case text, as the vectorizer reads it: whole words,
    and anything but letters between them.

    >>> find_term("r", "for our r users"), find_term("deep learning", "deep-learning")
    ((8, 9), (0, 13))
    """
    start = lowered.find(term)
    while start >= 0:  # nearly always found at once, a tenth of the time of the expression
        end = start + len(term)
        if not (lowered[start - 1 : start].isalpha() or lowered[end : end + 1].isalpha()):
            if lowered[end : end + 1] not in ("+", "#"):
                return start, end
        start = lowered.find(term, start + 1)
    hit = _term_pattern(term).search(lowered)
    return None if hit is None else hit.span()


@lru_cache(maxsize=20_000)
def _term_pattern(term: str) -> re.Pattern[str]:
    words = r"[\W\d_]+".join(map(re.escape, term.split()))
    return re.compile(rf"(?<![^\W\d_]){words}(?![^\W\d_])(?![+#])")
