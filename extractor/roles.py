"""Which role a posting is: a plain scikit-learn Pipeline over title and description.

Input is an array of shape (n, 2): titles and descriptions, cleaned text. Probabilities are those
of the logistic regression, its temperature folded into the coefficients at training time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from extractor.records import Evidence, FieldName, Posting, Role, RoleEntry
from extractor.scoring import CompiledRoles, RoleWeights, Terms
from extractor.text import clean
from extractor.view import TextView

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline

FIELDS: tuple[FieldName, FieldName] = ("title", "description")
# A term is made of such words: letters, "c++", "c#". No digits, so no telephone number is one.
WORD = re.compile(r"[^\W\d_]+[+#]*")
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
    title_weight: float = 0.4
    strength: float = 60.0


def words_of(text: str) -> list[str]:
    """The lower-case tokens of a text, as the skills' matcher reads them too."""
    return TextView(text).words


# How scikit-learn's vectorizers are to split a text.
SPLITTING: dict[str, Any] = {"lowercase": False, "tokenizer": words_of, "token_pattern": None}


def vectorizer(max_words: int, terms: Sequence[str] | None = None) -> TfidfVectorizer:
    """Terms of one to `max_words` words; their vocabulary is given or learnt by fit."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        **SPLITTING,
        ngram_range=(1, max_words),
        vocabulary=None if terms is None else list(terms),
        sublinear_tf=True,
        dtype=np.float32,
    )


def build(config: RolesConfig, terms: tuple[Sequence[str], Sequence[str]]) -> Pipeline:
    """The unfitted pipeline over the given terms of titles and descriptions."""
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline

    features = ColumnTransformer(
        [
            (field, vectorizer(words, known), column)
            for column, (field, words, known) in enumerate(zip(FIELDS, config.max_words, terms))
        ],
        transformer_weights={"title": config.title_weight, "description": 1.0},
    )
    classifier = LogisticRegression(C=config.strength, max_iter=400, tol=1e-3)
    return Pipeline([("features", features), ("classifier", classifier)])


def weights_of(pipeline: Pipeline, config: RolesConfig) -> RoleWeights:
    """The numbers of a fitted pipeline."""
    features, classifier = pipeline.named_steps["features"], pipeline.named_steps["classifier"]
    fitted = [features.named_transformers_[field] for field in FIELDS]
    return RoleWeights(
        roles=tuple(str(role) for role in classifier.classes_),
        fields=FIELDS,
        terms=tuple([str(term) for term in one.get_feature_names_out()] for one in fitted),
        idf=tuple(np.asarray(one.idf_, dtype=np.float32) for one in fitted),
        field_weights=(config.title_weight, 1.0),
        coefficients=_both(np.asarray(classifier.coef_, dtype=np.float32)),
        intercepts=_both(np.asarray(classifier.intercept_, dtype=np.float32)),
    )


def _both(numbers: NDArray[np.float32]) -> NDArray[np.float32]:
    """For two roles scikit-learn keeps one row, the log-odds of the second: half of it for the
    one and minus half of it for the other give the same probabilities."""
    return np.concatenate([-numbers / 2, numbers / 2]) if len(numbers) == 1 else numbers


def pipeline_of(weights: RoleWeights, config: RolesConfig) -> Pipeline:
    """The fitted pipeline of such numbers. The features are fitted on two empty rows and given
    their own idf afterwards, so no private part of scikit-learn is touched."""
    pipeline = build(config, (weights.terms[0], weights.terms[1]))
    features, classifier = pipeline.named_steps["features"], pipeline.named_steps["classifier"]
    features.fit(np.array([["", ""], ["", ""]], dtype=object))
    for field, idf in zip(FIELDS, weights.idf):
        features.named_transformers_[field].idf_ = idf
    classifier.classes_ = np.array(weights.roles)
    is_pair = len(weights.roles) == 2
    classifier.coef_ = 2 * weights.coefficients[1:] if is_pair else weights.coefficients
    classifier.intercept_ = 2 * weights.intercepts[1:] if is_pair else weights.intercepts
    classifier.n_features_in_ = weights.coefficients.shape[1]
    return pipeline


def table(postings: Iterable[Posting]) -> NDArray[np.object_]:
    """The pipeline's input: shape (n, 2), cleaned title and description of each posting."""
    rows = [(clean(posting.title), clean(posting.text)) for posting in postings]
    found = np.empty((len(rows), 2), dtype=object)
    for place, row in enumerate(rows):
        found[place] = row
    return found


class RoleClassifier:
    """A fitted pipeline with the names of its roles: postings in, roles with reasons out."""

    def __init__(self, weights: RoleWeights, config: RolesConfig, entries: Sequence[RoleEntry]):
        self.weights = weights
        self.config = config
        self._compiled = CompiledRoles(weights)
        self._names = {entry.id: entry.name for entry in entries}
        coefficients = np.asarray(weights.coefficients, dtype=np.float64)
        others = (coefficients.sum(axis=0) - coefficients) / max(1, len(coefficients) - 1)
        self._pull = coefficients - others  # log-odds of a role over the mean of the others

    @property
    def roles(self) -> tuple[str, ...]:
        """The ids of the roles it knows."""
        return self.weights.roles

    @cached_property
    def pipeline(self) -> Pipeline:
        """The same as a scikit-learn Pipeline, over the array that `table` makes."""
        return pipeline_of(self.weights, self.config)

    def predict(self, postings: Iterable[Posting]) -> list[Role]:
        """A Role for each posting, in their order."""
        return [
            self.predict_view(
                posting, TextView(clean(posting.title)), TextView(clean(posting.text))
            )
            for posting in postings
        ]

    def predict_view(self, posting: Posting, title: TextView, description: TextView) -> Role:
        """As `predict`, for one posting whose texts have been split already."""
        terms, probabilities = self._compiled.row((title, description))
        order = np.argsort(-probabilities, kind="stable").tolist()
        scores = tuple((self.roles[i], round(float(probabilities[i]), 6)) for i in order)
        best = self.roles[order[0]]
        evidence = self._evidence(posting, (title, description), terms, order[0])
        return Role(best, self._names.get(best, best), scores[0][1], scores, evidence)

    def _evidence(
        self, posting: Posting, views: tuple[TextView, TextView], terms: Terms, best: int
    ) -> tuple[Evidence, ...]:
        """The terms that spoke most for the role, strongest first, none inside another."""
        weights = terms.values * self._pull[best, terms.columns]
        texts = dict(zip(FIELDS, zip((posting.title, posting.text), views)))
        found: list[Evidence] = []
        for i in _largest(weights, 2 * _MAX_EVIDENCE):
            if weights[i] <= 0 or len(found) == _MAX_EVIDENCE:
                break
            field, term = self._compiled.terms[terms.columns[i]]
            text, view = texts[field]
            place = find_term(term.split(), view)
            if place is None or any(_overlap(e, field, *place) for e in found):
                continue
            start, end = place
            weight = round(float(weights[i]), 4)
            found.append(Evidence(text[start:end], start, end, field, weight))
        return tuple(found)


def _largest(values: NDArray[np.float64], count: int) -> list[int]:
    """The places of the largest values, the largest first."""
    if len(values) > count:
        some = np.argpartition(values, -count)[-count:]
    else:
        some = np.arange(len(values))
    order = np.lexsort((some, -values[some]))
    return [int(place) for place in some[order]]


def _overlap(one: Evidence, field: FieldName, start: int, end: int) -> bool:
    return one.field == field and one.start < end and start < one.end


def find_term(words: list[str], view: TextView) -> tuple[int, int] | None:
    """The characters, half-open, where the words first follow each other in a text.

    >>> find_term(["r"], TextView("for our R users")), find_term(["no"], TextView("yes"))
    ((8, 9), None)
    """
    place, count = -1, len(words)
    while True:
        try:
            place = view.words.index(words[0], place + 1)
        except ValueError:
            return None
        if count == 1 or view.words[place : place + count] == words:
            return view.starts[place], view.ends[place + count - 1]
