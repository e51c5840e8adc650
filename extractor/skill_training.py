"""Read, split by group, fit, evaluate, save: how a skill tagger is made from marked postings.

The word vectors come from the texts of the corpus, marked or not. The figures of the card come
from grouped cross-validation: a posting is judged by a tagger that was fitted on neither it nor
a near-copy of it (its words' vectors know it, its marks do not).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import GroupKFold

from extractor.corpus import different_rows, employer_of
from extractor.discovery import SkillTagger
from extractor.errors import FormatError
from extractor.evaluation import MarkedText, skill_figures
from extractor.features import TaggerTerms, TokenFeatures
from extractor.marks import Mark, MarkedPosting, read_marked
from extractor.network import BEGINS, INSIDE, OUTSIDE, Floats, TaggerWeights
from extractor.parts import SectionFinder
from extractor.records import SKILL_KINDS, Section
from extractor.skill_card import skill_card_text
from extractor.skills import Named, SkillFinder
from extractor.tagger_store import save_tagger
from extractor.tagger_training import TaggedRows, TaggerConfig, fit_tagger
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import Vocabulary, load_vocabulary
from extractor.word_vectors import WordUse, WordVectors
from extractor.words import load_headings

_VECTOR_SIZE = 128
_MIN_AFFIX = 4  # postings that hold words with these letters
_MIN_POSTINGS = 2
Report = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A marked posting with all that the tagger sees of it."""

    marked: MarkedPosting
    view: TextView
    named: Named
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TrainedTagger:
    """A fitted tagger and the figures of its cross-validation."""

    weights: TaggerWeights
    terms: TaggerTerms
    figures: dict[str, Any]

    @property
    def summary(self) -> str:
        """The main figures of the cross-validation in one line."""
        strict, relaxed = self.figures["strict"]["f1"], self.figures["relaxed"]["f1"]
        return f"postings {self.figures['postings']}  strict F1 {strict}  relaxed F1 {relaxed}"


def train_tagger_from_files(
    data: Sequence[str],
    folder: Path,
    *,
    corpus: Sequence[str] = (),
    without: Sequence[str] = (),
    folds: int = 5,
    min_employers: int = 10,
    report: Report = lambda line: None,
) -> TrainedTagger:
    """Read marked files, train, and write the model folder; what `skills train` does.

    `without` are files with postings that nothing may be learnt from.

    Raises:
        FormatError: the data cannot be read or is too little.
    """
    vocabulary = load_vocabulary()
    marked = read_marked(data, corpus=corpus)
    if len({one.group for one in marked}) < _MIN_POSTINGS:
        raise FormatError(f"training needs {_MIN_POSTINGS} different postings at least")
    report(f"{len(marked)} marked postings; learning word vectors")
    rows = different_rows(corpus, without=without) if corpus else ()
    texts = [(row.text, employer_of(row)) for row in rows]
    texts = texts or [(one.posting.text, one.employer) for one in marked]
    words, vectors = learn_words(texts, vocabulary, min_employers)
    if not words:
        message = f"no word is used by {min_employers} employers; give more postings, or a lower "
        raise FormatError(message + "--min-employers")
    report(f"{len(words)} words")
    trained = train_tagger(marked, words, vectors, vocabulary, folds=folds, report=report)
    names = [Path(name).name for name in (*data, *corpus)]
    config = asdict(TaggerConfig())
    card = {"config": config, "training": {"data": names}, "cross_validation": trained.figures}
    text = skill_card_text(trained.figures, trained.terms, names)
    save_tagger(trained.weights, trained.terms, folder, card, text)
    return trained


def learn_words(
    texts: Iterable[tuple[str, str]], vocabulary: Vocabulary, min_employers: int
) -> tuple[tuple[str, ...], Floats]:
    """The words that a tagger may know and their vectors, from texts with their employers: words
    of enough employers, and no names of people, places and firms."""
    use, learner = WordUse(), WordVectors()
    for text, employer in texts:
        view = TextView(clean(text))
        use.add(view.surfaces, employer)
        learner.add(view.words)
    words = tuple(sorted(known_words(use, vocabulary, min_employers)))
    return words, learner.learn(words, _VECTOR_SIZE)


def known_words(use: WordUse, vocabulary: Vocabulary, min_employers: int) -> set[str]:
    """The words of enough employers that are the vocabulary's or no names."""
    named = {
        word
        for entry in vocabulary.entries
        for name in entry.names
        for word in TextView(name).words
    }
    people = vocabulary.words.people
    return {
        word
        for word in use.words
        if use.employers(word) >= min_employers
        and word not in people
        and (word in named or use.is_common(word) or not any(map(str.isalpha, word)))
    }


def train_tagger(
    marked: Sequence[MarkedPosting],
    words: Sequence[str],
    vectors: Floats,
    vocabulary: Vocabulary,
    *,
    config: TaggerConfig | None = None,
    folds: int = 5,
    report: Report = lambda line: None,
) -> TrainedTagger:
    """A tagger fitted on all marked postings, and figures from `folds` grouped folds."""
    chosen = config or TaggerConfig()
    read = _read(marked, vocabulary)
    terms = _terms(read, words)
    features = TokenFeatures(terms)
    rows = [_tagged(one, features) for one in read]
    predicted: list[MarkedText] = []
    groups = [one.marked.group for one in read]
    splits = GroupKFold(min(folds, len(set(groups)))).split(groups, groups=groups)
    for fold, (train, test) in enumerate(splits, 1):
        report(f"fold {fold}")
        weights = fit_tagger([rows[i] for i in train], vectors, features, chosen, report)
        tagger = SkillTagger(weights, terms, vocabulary)
        predicted += _predicted(tagger, [read[i] for i in test])
    report("all postings")
    weights = fit_tagger(rows, vectors, features, chosen, report)
    return TrainedTagger(weights, terms, skill_figures(predicted))


def _read(marked: Sequence[MarkedPosting], vocabulary: Vocabulary) -> list[_Read]:
    find_sections, finder = SectionFinder(load_headings()), SkillFinder(vocabulary)
    read = []
    for one in marked:
        view = TextView(clean(one.posting.text))
        named = finder.look([view])[0]
        read.append(_Read(one, view, named, find_sections(view.text)))
    return read


def _terms(read: Sequence[_Read], words: Sequence[str]) -> TaggerTerms:
    prefixes: Counter[str] = Counter()
    suffixes: Counter[str] = Counter()
    for one in read:
        own = set(one.view.words)
        prefixes.update({word[:3] for word in own})
        suffixes.update({word[-3:] for word in own})
    headings = load_headings()
    kinds = {kind for _, kind in (*headings.exact, *headings.contains, *headings.cues)}
    return TaggerTerms(
        words=tuple(words),
        sections=tuple(sorted(kinds | {"other"})),
        prefixes=tuple(sorted(key for key, n in prefixes.items() if n >= _MIN_AFFIX)) or ("the",),
        suffixes=tuple(sorted(key for key, n in suffixes.items() if n >= _MIN_AFFIX)) or ("ing",),
    )


def _tagged(one: _Read, features: TokenFeatures) -> TaggedRows:
    """A posting's features with the labels that its marks give them."""
    rows = features(one.view, one.named.candidates, one.named.found, one.sections)
    size = len(one.view.words)
    labels, kinds = np.full(size + 1, OUTSIDE), np.full(size + 1, -1)  # the last is a break's
    for mark in one.marked.marks:
        first, last = _tokens(one.view, mark)
        if first == last:  # white space alone
            continue
        labels[first:last] = INSIDE
        labels[first] = BEGINS
        kinds[first:last] = SKILL_KINDS.index(mark.kind)
    labels[-1], kinds[-1] = -1, -1
    return TaggedRows(rows.table, labels[rows.places], kinds[rows.places])


def _tokens(view: TextView, mark: Mark) -> tuple[int, int]:
    return bisect_left(view.ends, mark.start + 1), bisect_left(view.starts, mark.end)


def _predicted(tagger: SkillTagger, read: Sequence[_Read]) -> list[MarkedText]:
    views, named = [one.view for one in read], [one.named for one in read]
    found = tagger.find_all(views, named, [one.sections for one in read])
    return [
        MarkedText(
            tuple((mark.start, mark.end, mark.kind) for mark in one.marked.marks),
            tuple((mention.start, mention.end, mention.entry.kind) for mention in mentions),
        )
        for one, mentions in zip(read, found)
    ]
