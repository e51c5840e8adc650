"""Skills that the vocabulary does not know, found by how they stand in the text.

The tagger sees each token with the names of the vocabulary on it, so the two decide together: what
it marks is a skill with the ends that it gives it, a known one where a name stands there; a name
that it does not mark stays a skill unless it is sure that it is none.

`job_discovery.py` has the spaCy component over it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extractor.context import Found
from extractor.features import Rows, TaggerTerms, TokenFeatures
from extractor.matching import Candidate
from extractor.network import (
    OUTSIDE,
    CompiledTagger,
    Floats,
    TaggerWeights,
    best_labels,
    spans,
)
from extractor.records import SKILL_KINDS, Section, SkillEntry
from extractor.skills import FoundSkill, Named, in_characters, outside_silence
from extractor.view import TextView
from extractor.vocabulary import Vocabulary
from extractor.words import load_headings

DISCOVERED = "discovered"  # the category of skills that no vocabulary line holds
_MAX_LENGTH = 80  # characters; what is longer is a sentence
_NO_ID = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class DecisionConfig:
    """When a name counts that the tagger does not mark: at this mean probability of its tokens
    to be in a skill. Tools are named where they are asked for, so less is enough for them."""

    least: float = 0.5
    least_tool: float = 0.1


class SkillTagger:
    """Finds the skills of texts of which the names are known."""

    def __init__(
        self,
        weights: TaggerWeights,
        terms: TaggerTerms,
        vocabulary: Vocabulary,
        config: DecisionConfig | None = None,
    ):
        self._features = TokenFeatures(terms)
        self._tagger = CompiledTagger(weights, self._features.affixes)
        self._vocabulary = vocabulary
        self._config = config or DecisionConfig()
        self._silent = load_headings().silent

    def find_all(
        self,
        views: Sequence[TextView],
        named: Sequence[Named],
        sections: Sequence[Iterable[Section]],
    ) -> list[list[FoundSkill]]:
        """Each text's mentions, sorted and disjoint."""
        rows = [
            self._features(view, names.candidates, names.found, parts)
            for view, names, parts in zip(views, named, sections)
        ]
        with self._tagger.on_one_thread(limits=1, user_api="blas"):
            scored = [self._tagger(one.table) for one in rows]
        labels = self._labels(rows, [chances for chances, _ in scored])
        return [self._decide(*one) for one in zip(views, named, sections, rows, scored, labels)]

    def _labels(self, rows: Sequence[Rows], chances: Sequence[Floats]) -> list[NDArray[np.int64]]:
        if not rows:
            return []
        is_break = np.concatenate([one.places for one in rows]) < 0
        labels = best_labels(np.concatenate(chances), is_break)
        return np.split(labels, np.cumsum([len(one.places) for one in rows])[:-1])

    def _decide(
        self,
        view: TextView,
        named: Named,
        sections: Iterable[Section],
        rows: Rows,
        scored: tuple[Floats, Floats],
        labels: NDArray[np.int64],
    ) -> list[FoundSkill]:
        """What the tagger marks, and the names that it left, but for silent sections: what it
        marks there may be the part of a posting that no heading parts from the firm's praise."""
        starts, ends = view.starts, view.ends
        known = {(start, end): name.entry for start, end, name in named.found}
        maybe = {(one.start, one.end): one for one in named.candidates}
        own = [one for one in named.found if one[2].entry.id in self._vocabulary.own]
        taken = {place for start, end, _ in own for place in range(start, end)}
        found = []
        for start, end, kind, chance in _marked(rows, scored, labels):
            places = range(start, end)
            if not taken.isdisjoint(places):
                continue
            at, to = starts[start], ends[end - 1]
            entry = known.get((start, end))
            if entry is None and (start, end) in maybe:
                entry = _fitting(maybe[start, end], view.text[at:to])
            entry = entry or self._entry(view.text[at:to], kind)
            if entry is not None:
                taken.update(places)
                is_new = self._vocabulary.entry(entry.id) is None
                found.append(FoundSkill(at, to, entry, round(chance, 4) if is_new else None))
        left = [*own, *self._left(view, named, rows, scored[0], taken)]
        found += outside_silence(in_characters(view, left), sections, self._silent)
        return sorted(found, key=_start)

    def _left(
        self, view: TextView, named: Named, rows: Rows, chances: Floats, taken: set[int]
    ) -> Iterator[Found]:
        """The names that the tagger does not mark, where it is not sure that they are none."""
        left = [one for one in named.found if taken.isdisjoint(range(one[0], one[1]))]
        if not left:
            return
        inside = np.zeros(len(view.words))
        is_token = rows.places >= 0
        inside[rows.places[is_token]] = 1.0 - chances[is_token, OUTSIDE]
        for start, end, name in left:
            least = self._config.least_tool if name.entry.kind == "tool" else self._config.least
            if inside[start:end].sum() >= least * (end - start):
                yield start, end, name

    def _entry(self, text: str, kind: int) -> SkillEntry | None:
        """The skill of a text that no name holds: with an id made from it, or the known skill of
        that id; None where it is no name at all."""
        if len(text) > _MAX_LENGTH or not any(map(str.isalpha, text)):
            return None
        skill_id = id_of(text)
        known = self._vocabulary.entry(skill_id)
        if known is not None and known.replaced_by is not None:
            known = self._vocabulary.entry(known.replaced_by)
        if known is not None:
            return known
        return SkillEntry(skill_id, " ".join(text.split()), SKILL_KINDS[kind], DISCOVERED)


def id_of(text: str) -> str:
    """The id of a skill that no vocabulary line holds: its letters and digits, lower case.

    >>> id_of("Knowledge  Graphs"), id_of("Q#")
    ('knowledge-graphs', 'q-sharp')
    """
    spelled = text.lower().replace("+", " plus ").replace("#", " sharp ")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    found = _NO_ID.sub("-", plain).strip("-")
    return found or "skill-" + hashlib.sha256(text.encode()).hexdigest()[:8]


def _marked(
    rows: Rows, scored: tuple[Floats, Floats], labels: NDArray[np.int64]
) -> Iterator[tuple[int, int, int, float]]:
    """Of each run of labels its tokens, half-open, the likeliest kind and how likely it is."""
    chances, kinds = scored
    runs = spans(labels)
    if not len(runs):
        return
    first, last = runs[:, 0], runs[:, 1]
    each = np.log(chances[np.arange(len(labels)), labels] + 1e-9).cumsum(dtype=np.float64)
    before = np.where(first > 0, each[first - 1], 0.0)
    sums = np.vstack([np.zeros(kinds.shape[1]), kinds.cumsum(axis=0, dtype=np.float64)])
    best = (sums[last + 1] - sums[first]).argmax(axis=1)
    yield from zip(
        rows.places[first].tolist(),
        (rows.places[last] + 1).tolist(),
        best.tolist(),
        np.exp(each[last] - before).tolist(),
    )


def _start(found: FoundSkill) -> int:
    return found.start


def _fitting(candidate: Candidate, text: str) -> SkillEntry | None:
    """The skill of a name that its rule does not bear out where it stands; the tagger does."""
    return next((name.entry for name in candidate.names if name.fits(text)), None)
