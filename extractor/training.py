"""Read, split by group, fit, calibrate, evaluate, save: how a role model is made.

Labels by reading carry full weight; weak ones (guessed from titles) help with `weak_weight` each
and are never evaluated on. Every figure of the card comes from grouped cross-validation over the
read labels: a posting is judged by a model that saw neither it nor a near-copy of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import f_classif
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline

from extractor.card import SUMMARY, card_text
from extractor.errors import FormatError
from extractor.evaluation import RoleAnswer, role_figures
from extractor.labels import LabelledPosting, read_labelled, read_weakly_labelled
from extractor.role_store import save_model
from extractor.roles import FIELDS, SPLITTING, WORD, RolesConfig, build, table, weights_of
from extractor.view import TOKEN, TextView
from extractor.vocabulary import load_vocabulary
from extractor.words import load_roles

_NO_TERM = "untitled"  # the one term, of no weight, of a field that is empty everywhere
_SMALL_SHARE = 0.2  # of the texts that hold a word, those that write it small
_MIN_EACH = 2  # postings a role needs: fewer cannot be split


@dataclass(frozen=True, slots=True)
class TrainedRoles:
    """A fitted, calibrated pipeline and the figures of its cross-validation."""

    pipeline: Pipeline
    config: RolesConfig
    figures: dict[str, Any]
    counts: dict[str, Any]

    @property
    def summary(self) -> str:
        """The main figures of the cross-validation in one line."""
        return "  ".join(f"{key} {self.figures[key]}" for key in ("postings", *SUMMARY))


def train_roles(
    read: Sequence[LabelledPosting],
    weak: Sequence[LabelledPosting] = (),
    *,
    config: RolesConfig | None = None,
    weak_weight: float = 0.02,
    folds: int = 5,
) -> TrainedRoles:
    """A model fitted on all labels, its temperature and figures from `folds` grouped folds.

    Weak postings that share a group with a read one are left out.

    Raises:
        FormatError: fewer than two roles, or a role with fewer than two postings.
    """
    chosen = config or RolesConfig()
    _check(read)
    groups = {one.group for one in read}
    weak = [one for one in weak if one.group not in groups]
    data = _Data(read, weak, weak_weight)
    terms = _choose_terms(data, chosen)
    outside, classes = _out_of_fold(data, chosen, terms, folds)
    temperature = _temperature(outside, classes, data.roles[: len(read)])
    figures = role_figures(_answers(read, outside, classes, temperature))
    pipeline = _fit(data, chosen, terms, np.arange(len(data.roles)))
    classifier = pipeline.named_steps["classifier"]
    classifier.coef_ = classifier.coef_ / temperature
    classifier.intercept_ = classifier.intercept_ / temperature
    return TrainedRoles(pipeline, chosen, figures, _counts(read, weak, temperature, terms))


class _Data:
    """All labelled postings as arrays, the read ones first."""

    def __init__(
        self, read: Sequence[LabelledPosting], weak: Sequence[LabelledPosting], weight: float
    ):
        rows = (*read, *weak)
        self.read = len(read)
        self.table = table(one.posting for one in rows)
        self.roles = np.array([one.role for one in rows])
        self.groups = np.array([one.group for one in rows])
        self.employers = [one.employer for one in rows]
        self.weights = np.array([1.0] * len(read) + [weight] * len(weak))


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


def _choose_terms(data: _Data, config: RolesConfig) -> tuple[list[str], list[str]]:
    """The terms of titles and descriptions that enough employers use, the most telling ones."""
    chosen: list[list[str]] = []
    words_of_use = _common_words(data)
    for column, words in enumerate(config.max_words):
        counter = CountVectorizer(
            **SPLITTING,
            ngram_range=(1, words),
            binary=True,
            min_df=min(config.min_employers, max(1, len(data.roles) // 2)),
        )
        try:
            counts = counter.fit_transform(data.table[:, column])
        except ValueError:  # no text has any word, or no word is used often enough
            is_empty = not any(map(str.strip, data.table[:, column]))
            chosen.append([_NO_TERM] if is_empty else [])
            continue
        shared = _employers(counts, data.employers) >= config.min_employers
        names = counter.get_feature_names_out()
        is_common = (all(map(words_of_use.__contains__, name.split())) for name in names)
        shared &= np.fromiter(is_common, dtype=bool, count=len(names))
        kept = np.flatnonzero(shared)
        if len(kept) > config.max_terms:
            with np.errstate(divide="ignore", invalid="ignore"):  # terms that every text has
                telling = np.nan_to_num(f_classif(counts[:, kept], data.roles)[0])
            kept = np.sort(kept[np.argsort(-telling, kind="stable")[: config.max_terms]])
        chosen.append([str(term) for term in names[kept]])
    if not all(chosen):
        message = (
            f"no term is used by {config.min_employers} employers; "
            "give more postings, or a lower --min-employers"
        )
        raise FormatError(message)
    return chosen[0], chosen[1]


def _common_words(data: _Data) -> frozenset[str]:
    """The words of which terms may be made: those of the vocabulary, and those that the texts
    write small often enough. What is always written with a capital is the name of a person, a
    place or a firm, and no name becomes a feature; the "xxxx" of a masked address neither."""
    written: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in data.table[:, 1]:
        words = set(TOKEN.findall(text))
        small.update(word for word in words if word.islower())
        written.update({word.lower() for word in words})
    common = {word for word, count in small.items() if count >= _SMALL_SHARE * written[word]}
    vocabulary = load_vocabulary()
    for entry in vocabulary.entries:
        for name in entry.names:
            common.update(TextView(name).words)
    common -= vocabulary.words.people
    return frozenset(w for w in common if WORD.fullmatch(w) and not set(w) <= {"x"})


def _employers(counts: csr_array, employers: Sequence[str]) -> NDArray[np.int64]:
    """For each term, how many different employers use it."""
    places = {name: place for place, name in enumerate(sorted(set(employers)))}
    rows = np.array([places[name] for name in employers])
    ones = np.ones(len(rows), dtype=np.int32)
    belongs = csr_array((ones, (rows, np.arange(len(rows)))), shape=(len(places), len(rows)))
    used = csr_array(belongs @ csr_array(counts))
    return np.bincount(used.indices, minlength=counts.shape[1])


def _fit(
    data: _Data,
    config: RolesConfig,
    terms: tuple[list[str], list[str]],
    rows: NDArray[np.int64],
) -> Pipeline:
    pipeline = build(config, terms)
    weights = {"classifier__sample_weight": data.weights[rows]}
    return pipeline.fit(data.table[rows], data.roles[rows], **weights)


def _out_of_fold(
    data: _Data, config: RolesConfig, terms: tuple[list[str], list[str]], folds: int
) -> tuple[NDArray[np.float64], list[str]]:
    """Decision values of each read posting by a model that saw nothing of its group."""
    classes = sorted(set(data.roles))
    found = np.full((data.read, len(classes)), -20.0)
    groups = data.groups[: data.read]
    splits = GroupKFold(min(folds, len(set(groups))))
    weak = np.arange(data.read, len(data.roles))
    for train, test in splits.split(groups, groups=groups):
        rows = np.concatenate([train, weak])
        if len(set(data.roles[rows])) == 1:  # nothing to tell apart: the one role is the answer
            found[test, classes.index(data.roles[rows[0]])] = 0.0
            continue
        pipeline = _fit(data, config, terms, rows)
        columns = [classes.index(role) for role in pipeline.classes_]
        values = np.log(np.clip(pipeline.predict_proba(data.table[test]), 1e-12, 1.0))
        found[np.ix_(test, columns)] = values
    return found, classes


def _temperature(values: NDArray[np.float64], classes: list[str], roles: NDArray[np.str_]) -> float:
    """The temperature under which the out-of-fold answers are likeliest (Guo et al., 2017)."""
    wanted = np.array([classes.index(role) for role in roles])
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
    read: Sequence[LabelledPosting],
    values: NDArray[np.float64],
    classes: list[str],
    temperature: float,
) -> list[RoleAnswer]:
    chances = np.exp(_log_softmax(values / temperature))
    answers = []
    for one, row in zip(read, chances):
        best = int(row.argmax())
        scores = tuple(zip(classes, map(float, row)))
        origin = one.corpus.split(":")[0]
        answers.append(
            RoleAnswer(one.role, one.also, classes[best], float(row[best]), scores, origin)
        )
    return answers


def _counts(
    read: Sequence[LabelledPosting],
    weak: Sequence[LabelledPosting],
    temperature: float,
    terms: tuple[list[str], list[str]],
) -> dict[str, Any]:
    return {
        "read": dict(sorted(Counter(one.role for one in read).items())),
        "weak": dict(sorted(Counter(one.role for one in weak).items())),
        "terms": dict(zip(FIELDS, map(len, terms))),
        "temperature": round(temperature, 4),
    }


def train_from_files(
    data: Sequence[str],
    folder: Path,
    *,
    corpus: Sequence[str] = (),
    without: Sequence[str] = (),
    weak_field: str | None = None,
    weak_limit: int = 2500,
    min_employers: int | None = None,
) -> TrainedRoles:
    """Read labelled files, train, and write the model folder; what the command `train` does.

    `without` are files with postings that stay out of the weak labels, to be measured on.

    Raises:
        FormatError: the data cannot be read or is too little.
    """
    roles = [entry.id for entry in load_roles()]
    read = read_labelled(data, corpus=corpus, roles=roles)
    weak = (
        read_weakly_labelled(corpus, weak_field, roles=roles, limit=weak_limit, without=without)
        if weak_field
        else ()
    )
    config = RolesConfig() if min_employers is None else RolesConfig(min_employers=min_employers)
    trained = train_roles(read, weak, config=config)
    names = [Path(name).name for name in (*data, *corpus)]
    save_trained(trained, folder, names)
    return trained


def save_trained(trained: TrainedRoles, folder: Path, data: Sequence[str]) -> None:
    """Write the model folder with its card; `data` names the files it was trained on."""
    card = {"training": {"data": list(data), **trained.counts}, "cross_validation": trained.figures}
    weights = weights_of(trained.pipeline, trained.config)
    text = card_text(trained.config, trained.counts, trained.figures, data)
    save_model(weights, trained.config, folder, card, text)
