"""The role model as scikit-learn has it: a plain Pipeline over title and description.

Input is an array of shape (n, 2): titles and descriptions, cleaned text. Probabilities are those
of the logistic regression, its temperature folded into the coefficients at training time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from extractor.parts import SectionFinder, telling_words
from extractor.records import FieldName, Posting
from extractor.scoring import RoleWeights
from extractor.text import clean
from extractor.view import TextView
from extractor.words import load_headings

if TYPE_CHECKING:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.pipeline import Pipeline

FIELDS: tuple[FieldName, FieldName] = ("title", "description")
# A term is made of such words: letters, "c++", "c#". No digits, so no telephone number is one.
WORD = re.compile(r"[^\W\d_]+[+#]*")


@dataclass(frozen=True, slots=True)
class RolesConfig:
    """How the pipeline is built and fitted; chosen by cross-validation over posting groups.

    `max_words` are the longest terms, in words, of titles and of descriptions; `max_terms` how
    many terms of each are kept, those of most employers first; `min_employers` is how many
    employers must use a term before it becomes a feature, so that no name does; `title_weight`
    is how strongly the title counts beside the description; `strength` is C of the regression.
    `untitled_weight` is what each posting counts once more without its title, `also_share` what
    of a posting's weight goes to the other roles that its reader accepted, and `balance` how far
    rare roles are weighted up: 0 not at all, 1 until all count the same. `reads_all` has the parts
    on the firm, its benefits and the law read too.
    """

    max_words: tuple[int, int] = (3, 2)
    max_terms: int = 60_000
    min_employers: int = 10
    title_weight: float = 0.35
    strength: float = 40.0
    untitled_weight: float = 0.3
    also_share: float = 0.2
    balance: float = 0.25
    reads_all: bool = False


def words_of(text: str) -> list[str]:
    """The lower-case tokens of a text, as the skills' matcher reads them too."""
    return TextView(text).words


def telling_words_of(text: str) -> list[str]:
    """The same with those hidden that stand in a part on the firm, its benefits or the law.

    Leaving them out made cross-validated accuracy 0.795 where it had been 0.784.
    """
    find, silent = _section_finder()
    return telling_words(TextView(text), find(text), silent)


@lru_cache(maxsize=1)
def _section_finder() -> tuple[SectionFinder, frozenset[str]]:
    headings = load_headings()
    return SectionFinder(headings), headings.silent


def splitting(field: FieldName, config: RolesConfig) -> dict[str, Any]:
    """How scikit-learn's vectorizers are to split the text of a field."""
    is_whole = field == "title" or config.reads_all
    split = words_of if is_whole else telling_words_of
    return {"lowercase": False, "tokenizer": split, "token_pattern": None}


def vectorizer(
    field: FieldName, config: RolesConfig, terms: Sequence[str] | None = None
) -> TfidfVectorizer:
    """Terms of one to `max_words` words; their vocabulary is given or learnt by fit."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        **splitting(field, config),
        ngram_range=(1, config.max_words[FIELDS.index(field)]),
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
            (field, vectorizer(field, config, known), column)
            for column, (field, known) in enumerate(zip(FIELDS, terms))
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
