"""The terms that a role model is made of: words and runs of words that enough employers use."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import CountVectorizer

from extractor.errors import FormatError
from extractor.roles import FIELDS, WORD, RolesConfig, splitting
from extractor.view import TOKEN, TextView
from extractor.vocabulary import load_vocabulary

_NO_TERM = "untitled"  # the one term, of no weight, of a field that is empty everywhere
_SMALL_SHARE = 0.2  # of the texts that hold a word, those that write it small

RoleTerms = tuple[list[str], list[str]]


def choose_terms(
    rows: NDArray[np.object_], employers: Sequence[str], config: RolesConfig
) -> RoleTerms:
    """The terms of titles and descriptions, shape (n, 2), that enough employers use; of more than
    `max_terms` those of most employers. No role is looked at, so the same terms serve every fold
    of a cross-validation.

    Raises:
        FormatError: no term is used by enough employers.
    """
    common = _common_words(rows[:, 1].tolist())
    chosen = [_of_field(column, rows[:, column], employers, config, common) for column in (0, 1)]
    if not all(chosen):
        message = (
            f"no term is used by {config.min_employers} employers; "
            "give more postings, or a lower --min-employers"
        )
        raise FormatError(message)
    return chosen[0], chosen[1]


def _of_field(
    column: int,
    texts: NDArray[np.object_],
    employers: Sequence[str],
    config: RolesConfig,
    common: frozenset[str],
) -> list[str]:
    counter = CountVectorizer(
        **splitting(FIELDS[column], config),
        ngram_range=(1, config.max_words[column]),
        binary=True,
        min_df=min(config.min_employers, max(1, len(texts) // 2)),
    )
    try:
        counts = counter.fit_transform(texts)
    except ValueError:  # no text has any word, or no word is used often enough
        return [] if any(map(str.strip, texts)) else [_NO_TERM]
    users = _employers(counts, employers)
    names = counter.get_feature_names_out()
    is_common = (all(map(common.__contains__, name.split(" "))) for name in names)
    shared = np.fromiter(is_common, dtype=bool, count=len(names)) & (users >= config.min_employers)
    kept = np.flatnonzero(shared)
    most = kept[np.argsort(-users[kept], kind="stable")[: config.max_terms]]
    return [str(names[place]) for place in np.sort(most)]


def _common_words(texts: Sequence[str]) -> frozenset[str]:
    """The words of which terms may be made: those of the vocabulary, and those that the texts
    write small often enough. What is always written with a capital is the name of a person, a
    place or a firm, and no name becomes a feature; the "xxxx" of a masked address neither."""
    written: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
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
