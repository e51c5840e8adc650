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
from scipy.sparse import csr_array
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline

from extractor.records import Evidence, FieldName, Posting, Role, RoleEntry
from extractor.text import clean, lower

FIELDS: tuple[FieldName, FieldName] = ("title", "description")
# Words of letters, "c++", "c#"; no digits, so no telephone number can become a term.
WORD = r"[^\W\d_]+[+#]*"
_MAX_EVIDENCE = 8


@dataclass(frozen=True, slots=True)
class RolesConfig:
    """How the pipeline is built; chosen by cross-validation over posting groups.

    `max_words` are the longest terms, in words, of titles and of descriptions; `min_employers`
    is how many employers must use a term before it becomes a feature; `title_weight` is how
    strongly the title counts beside the description; `strength` is C of the regression.
    """

    max_words: tuple[int, int] = (3, 2)
    min_employers: int = 10
    title_weight: float = 1.0
    strength: float = 4.0


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
        self._features = pipeline.named_steps["features"]
        self._classifier = pipeline.named_steps["classifier"]
        self.roles: tuple[str, ...] = tuple(str(role) for role in self._classifier.classes_)
        self._names = {entry.id: entry.name for entry in entries}
        coefficients = np.asarray(self._classifier.coef_, dtype=np.float64)
        others = (coefficients.sum(axis=0) - coefficients) / max(1, len(coefficients) - 1)
        self._pull = coefficients - others  # log-odds of a role over the mean of the others
        self._terms = [
            (field, term)
            for field in FIELDS
            for term in self._features.named_transformers_[field].get_feature_names_out()
        ]

    def predict(self, postings: Sequence[Posting], *, with_evidence: bool = True) -> list[Role]:
        """A Role for each posting, in their order."""
        if not postings:
            return []
        rows = table(postings)
        values = csr_array(self._features.transform(rows))
        probabilities = self._classifier.predict_proba(values)
        return [
            self._role(posting, rows[place], values, place, probabilities[place], with_evidence)
            for place, posting in enumerate(postings)
        ]

    def _role(
        self,
        posting: Posting,
        row: NDArray[np.object_],
        values: csr_array,
        place: int,
        probabilities: NDArray[np.float64],
        with_evidence: bool,
    ) -> Role:
        order = np.argsort(-probabilities, kind="stable")
        scores = tuple((self.roles[i], round(float(probabilities[i]), 6)) for i in order)
        best = int(order[0])
        evidence = self._evidence(posting, row, values, place, best) if with_evidence else ()
        name = self._names.get(self.roles[best], self.roles[best])
        return Role(self.roles[best], name, scores[0][1], scores, evidence)

    def _evidence(
        self,
        posting: Posting,
        row: NDArray[np.object_],
        values: csr_array,
        place: int,
        best: int,
    ) -> tuple[Evidence, ...]:
        """The terms that spoke most for the role, strongest first, none inside another."""
        span = slice(values.indptr[place], values.indptr[place + 1])
        indices = values.indices[span]
        weights = values.data[span] * self._pull[best, indices]
        lowered = {field: lower(str(row[column])) for column, field in enumerate(FIELDS)}
        original: dict[FieldName, str] = {"title": posting.title, "description": posting.text}
        found: list[Evidence] = []
        for i in np.argsort(-weights, kind="stable")[: 2 * _MAX_EVIDENCE]:
            if weights[i] <= 0 or len(found) == _MAX_EVIDENCE:
                break
            field, term = self._terms[indices[i]]
            hit = _term_pattern(term).search(lowered[field])
            if hit and not any(_overlap(e, field, hit.start(), hit.end()) for e in found):
                text = original[field][hit.start() : hit.end()]
                weight = round(float(weights[i]), 4)
                found.append(Evidence(text, hit.start(), hit.end(), field, weight))
        return tuple(found)


def _overlap(one: Evidence, field: FieldName, start: int, end: int) -> bool:
    return one.field == field and one.start < end and start < one.end


@lru_cache(maxsize=20_000)
def _term_pattern(term: str) -> re.Pattern[str]:
    """Where a term stands, as the vectorizer reads it: anything but word letters between words."""
    words = r"[\W\d_]+".join(map(re.escape, term.split()))
    return re.compile(rf"(?<![^\W\d_]){words}(?![^\W\d_])(?![+#])")
