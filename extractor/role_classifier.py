"""The role of a posting with its reasons and its doubt, from the numbers of a fitted model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.doubt import DoubtRules
from extractor.language import detect_language
from extractor.parts import HIDDEN, SectionFinder, telling_words
from extractor.records import Evidence, FieldName, Posting, Role, RoleEntry, Section
from extractor.roles import FIELDS, RolesConfig, pipeline_of
from extractor.scoring import CompiledRoles, RoleWeights, Terms
from extractor.text import clean
from extractor.view import TextView
from extractor.words import load_headings

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

_MAX_EVIDENCE = 8


class ReadText(NamedTuple):
    """One posting split into its tokens; `words` holds them with the silent parts hidden."""

    posting: Posting
    title: TextView
    description: TextView
    words: tuple[list[str], list[str]]

    def view(self, field: FieldName) -> TextView:
        """The tokens of a field."""
        return self.title if field == "title" else self.description

    def text(self, field: FieldName) -> str:
        """The field as the posting has it."""
        return self.posting.title if field == "title" else self.posting.text


class RoleClassifier:
    """A fitted model with the names of its roles: postings in, roles with reasons out."""

    def __init__(
        self,
        weights: RoleWeights,
        config: RolesConfig,
        entries: Sequence[RoleEntry],
        doubt: DoubtRules | None = None,
    ):
        self.weights = weights
        self.config = config
        self.entries = tuple(entries)
        self.doubt = doubt or DoubtRules()
        self.compiled = CompiledRoles(weights)
        headings = load_headings()
        self.find_sections, self._silent = SectionFinder(headings), headings.silent
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
        return [self.answer(self.read(one), detect_language(one.text)) for one in postings]

    def read(self, posting: Posting) -> ReadText:
        """A posting split as the model sees it."""
        title, text = TextView(clean(posting.title)), TextView(clean(posting.text))
        return self.read_views(posting, title, text, self.find_sections(text.text))

    def read_views(
        self, posting: Posting, title: TextView, text: TextView, sections: Iterable[Section]
    ) -> ReadText:
        """The same where the texts have been split and their parts found already."""
        is_whole = self.config.reads_all
        words = text.words if is_whole else telling_words(text, sections, self._silent)
        return ReadText(posting, title, text, (title.words, words))

    def answer(self, read: ReadText, language: str | None) -> Role:
        """The role of a posting in a language (None: too short to tell)."""
        terms, probabilities = self.compiled.row(read.words)
        order = np.argsort(-probabilities, kind="stable").tolist()
        scores = tuple((self.roles[i], round(float(probabilities[i]), 6)) for i in order)
        best = self.roles[order[0]]
        evidence = self._evidence(read, terms, order[0], order[1])
        tokens = len(read.words[1]) - read.words[1].count(HIDDEN)
        doubt = self.doubt.of(float(probabilities[order[0]]), terms.known, tokens, language)
        return Role(best, self._names.get(best, best), scores[0][1], scores, evidence, doubt)

    def _evidence(
        self, read: ReadText, terms: Terms, best: int, second: int
    ) -> tuple[Evidence, ...]:
        """The terms that spoke most for the role, strongest first, none inside another."""
        weights = terms.values * self._pull[best, terms.columns]
        found: list[Evidence] = []
        for i in _largest(weights, 2 * _MAX_EVIDENCE):
            if weights[i] <= 0 or len(found) == _MAX_EVIDENCE:
                break
            column = int(terms.columns[i])
            field, term = self.compiled.terms[column]
            place = next(places_of(term.split(), read, field), None)
            if place is None or any(_overlap(e, field, *place) for e in found):
                continue
            start, end = place
            margin = float(terms.values[i]) * self.pull(best, second, column)
            weight = round(float(weights[i]), 4)
            text = read.text(field)[start:end]
            found.append(Evidence(text, start, end, field, weight, round(margin, 4)))
        return tuple(found)

    @cached_property
    def known(self) -> frozenset[str]:
        """The words that stand in any term of descriptions."""
        terms = self.weights.terms[FIELDS.index("description")]
        return frozenset(word for term in terms for word in term.split())

    def pull_over_mean(self, role: int, column: int) -> float:
        """What a term's value is multiplied by to give log-odds of a role over the mean of all
        others."""
        return float(self._pull[role, column])

    def pull(self, role: int, other: int, column: int) -> float:
        """What a term's value is multiplied by to give log-odds of a role over another."""
        numbers = self.weights.coefficients
        return float(numbers[role, column]) - float(numbers[other, column])


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


def places_of(term: Sequence[str], read: ReadText, field: FieldName) -> Iterator[tuple[int, int]]:
    """Where the words of a term follow each other in a field, in characters, half-open, hidden
    parts left out."""
    words, view = read.words[FIELDS.index(field)], read.view(field)
    place, count, first = -1, len(term), term[0]
    wanted = list(term)
    while True:
        try:
            place = words.index(first, place + 1)
        except ValueError:
            return
        if count == 1 or words[place : place + count] == wanted:
            yield view.starts[place], view.ends[place + count - 1]
