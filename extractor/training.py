"""Split by group, fit, calibrate, judge: how a role model is made of labelled postings.

Every figure comes from grouped cross-validation: a posting is judged by a model that saw neither
it nor a near-copy of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_array, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline

from extractor.doubt import DoubtRules
from extractor.errors import FormatError
from extractor.evaluation import RoleAnswer, role_figures
from extractor.labels import LabelledPosting
from extractor.role_doubt import doubt_rules
from extractor.role_terms import choose_terms
from extractor.roles import FIELDS, RolesConfig, build, table, weights_of
from extractor.scoring import RoleWeights

_MIN_EACH = 2  # postings a role needs: fewer cannot be split
_NEVER = -20.0  # decision value of a role that a fold did not see

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class TrainedRoles:
    """A fitted, calibrated pipeline and what its cross-validation says: the answer to each
    posting, titled and without its title, and the figures over them."""

    pipeline: Pipeline
    config: RolesConfig
    doubt: DoubtRules
    answers: tuple[RoleAnswer, ...]
    figures: dict[str, Any]
    untitled: dict[str, Any]
    counts: dict[str, Any]

    @property
    def weights(self) -> RoleWeights:
        """The numbers of the pipeline."""
        return weights_of(self.pipeline, self.config)


def train_roles(
    read: Sequence[LabelledPosting],
    *,
    config: RolesConfig | None = None,
    folds: int = 5,
    precision: float = 0.9,
    jobs: int = 1,
    progress: Progress = lambda _: None,
) -> TrainedRoles:
    """A model fitted on all labels; temperature, doubt and figures from `folds` grouped folds.

    `precision` (0-1) is what the answers are to reach that the model does not abstain from.

    Raises:
        FormatError: fewer than two roles, or a role with fewer than two postings.
    """
    chosen = config or RolesConfig()
    _check(read)
    progress(f"terms of {len(read)} postings")
    data = _Data(read, chosen)
    progress(f"{folds} folds over {sum(map(len, data.terms))} terms")
    titled, untitled = _out_of_fold(data, folds, jobs)
    temperature = _temperature(titled, data.roles)
    answers = _answers(read, titled / temperature, data.classes)
    blind = _answers(read, untitled / temperature, data.classes)
    progress("the whole")
    classifier = _fit(data, np.arange(len(read)))
    classifier.coef_ = classifier.coef_ / temperature
    classifier.intercept_ = classifier.intercept_ / temperature
    pipeline = Pipeline([("features", data.features), ("classifier", classifier)])
    doubt = doubt_rules(weights_of(pipeline, chosen), chosen, data.table, answers, precision)
    return TrainedRoles(
        pipeline=pipeline,
        config=chosen,
        doubt=doubt,
        answers=answers,
        figures=role_figures(answers),
        untitled=role_figures(blind),
        counts=_counts(read, temperature, data.terms),
    )


class _Data:
    """All labelled postings as arrays, and their features once for all folds: terms and their
    inverse document frequencies look at no role."""

    def __init__(self, read: Sequence[LabelledPosting], config: RolesConfig):
        self.config = config
        self.table = table(one.posting for one in read)
        self.roles = np.array([one.role for one in read])
        self.classes = sorted(set(self.roles.tolist()))
        known = frozenset(self.classes)
        self.also = [tuple(role for role in one.also if role in known) for one in read]
        self.groups = np.array([one.group for one in read])
        self.terms = choose_terms(self.table, [one.employer for one in read], config)
        self.features = build(config, self.terms).named_steps["features"]
        self.titled = csr_array(self.features.fit_transform(self.table))
        wide = len(self.terms[0])
        no_title = csr_array((len(read), wide), dtype=self.titled.dtype)
        self.untitled = csr_array(hstack([no_title, self.titled[:, wide:]]))

    def examples(
        self, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.str_], NDArray[np.float64]]:
        """The postings of these rows with their roles and weights: once for the role, and once
        for each other role that the reader accepted."""
        places, roles, weights = [], [], []
        for row in rows.tolist():
            also = self.also[row]
            share = self.config.also_share if also else 0.0
            places += [row] * (1 + len(also))
            roles += [str(self.roles[row]), *also]
            weights += [1.0 - share, *[share / len(also) for _ in also]]
        counts = Counter(self.roles[rows].tolist())
        mean = len(rows) / len(counts)
        scale = {role: (mean / count) ** self.config.balance for role, count in counts.items()}
        kept = [place for place, role in enumerate(roles) if role in scale]
        scaled = [weights[place] * scale[roles[place]] for place in kept]
        found = np.array(places)[kept], np.array(roles)[kept]
        return (*found, np.array(scaled))


def _check(read: Sequence[LabelledPosting]) -> None:
    counts = Counter(one.role for one in read)
    if len(counts) < 2:
        found = ", ".join(sorted(counts)) or "none"
        raise FormatError(f"training needs two roles at least; found: {found}")
    for role, count in sorted(counts.items()):
        groups = {one.group for one in read if one.role == role}
        if len(groups) < _MIN_EACH:
            message = f"role {role!r} has {count} posting(s); each needs {_MIN_EACH} different ones"
            raise FormatError(message)


def _fit(data: _Data, rows: NDArray[np.int64]) -> LogisticRegression:
    places, roles, weights = data.examples(rows)
    lighter = weights * data.config.untitled_weight
    classifier = build(data.config, data.terms).named_steps["classifier"]
    return classifier.fit(
        vstack([data.titled[places], data.untitled[places]]).tocsr(),
        np.concatenate([roles, roles]),
        sample_weight=np.concatenate([weights, lighter]),
    )


def _out_of_fold(
    data: _Data, folds: int, jobs: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decision values of each posting, titled and untitled, by a model that saw nothing of its
    group."""
    from joblib import Parallel, delayed

    shape = len(data.roles), len(data.classes)
    titled, untitled = np.full(shape, _NEVER), np.full(shape, _NEVER)
    splits = GroupKFold(min(folds, len(set(data.groups.tolist()))))
    parted = list(splits.split(data.groups, groups=data.groups))
    values = Parallel(n_jobs=jobs)(delayed(_fold)(data, train, test) for train, test in parted)
    for (_, test), (columns, seen, blind) in zip(parted, values):
        titled[np.ix_(test, columns)] = seen
        untitled[np.ix_(test, columns)] = blind
    return titled, untitled


def _fold(
    data: _Data, train: NDArray[np.int64], test: NDArray[np.int64]
) -> tuple[list[int], NDArray[np.float64], NDArray[np.float64]]:
    """The columns of the roles that a fold's model knows, and its log-probabilities."""
    roles = set(data.roles[train].tolist())
    if len(roles) == 1:  # nothing to tell apart: the one role is the answer
        sure = np.zeros((len(test), 1))
        return [data.classes.index(roles.pop())], sure, sure
    classifier = _fit(data, train)
    columns = [data.classes.index(role) for role in classifier.classes_]
    values = [
        np.log(np.clip(classifier.predict_proba(features[test]), 1e-12, 1.0))
        for features in (data.titled, data.untitled)
    ]
    return columns, values[0], values[1]


def _temperature(values: NDArray[np.float64], roles: NDArray[np.str_]) -> float:
    """The temperature under which the out-of-fold answers are likeliest (Guo et al., 2017)."""
    wanted = np.searchsorted(np.unique(roles), roles)
    rows = np.arange(len(wanted))

    def loss(log_temperature: float) -> float:
        return -float(np.mean(_log_softmax(values / np.exp(log_temperature))[rows, wanted]))

    best = minimize_scalar(loss, bounds=(-2.0, 2.0), method="bounded")
    return float(np.exp(best.x))


def _log_softmax(values: NDArray[np.float64]) -> NDArray[np.float64]:
    shifted = values - values.max(axis=1, keepdims=True)
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return result


def _answers(
    read: Sequence[LabelledPosting], values: NDArray[np.float64], classes: list[str]
) -> tuple[RoleAnswer, ...]:
    answers = []
    for one, row in zip(read, np.exp(_log_softmax(values))):
        best = int(row.argmax())
        scores = tuple(zip(classes, map(float, row)))
        origin = one.corpus.split(":")[0]
        answers.append(
            RoleAnswer(one.role, one.also, classes[best], float(row[best]), scores, origin)
        )
    return tuple(answers)


def _counts(
    read: Sequence[LabelledPosting], temperature: float, terms: tuple[list[str], list[str]]
) -> dict[str, Any]:
    return {
        "read": dict(sorted(Counter(one.role for one in read).items())),
        "terms": dict(zip(FIELDS, map(len, terms))),
        "temperature": round(temperature, 4),
    }
