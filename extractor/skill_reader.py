"""Everything about the skills of postings: found, judged in their clauses, put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extractor.clauses import Clauses
from extractor.discovery import SkillTagger
from extractor.levels import Asked, LevelRules
from extractor.needs import NeedRules, Wanted
from extractor.phrases import load_level_phrases, load_need_phrases
from extractor.records import (
    LEVELS,
    FieldName,
    Level,
    Need,
    Posting,
    Section,
    Skill,
    SkillMention,
    Years,
)
from extractor.skills import FoundSkill, SkillFinder
from extractor.view import TextView
from extractor.vocabulary import Vocabulary

_MAX_TAGGED = 200_000  # characters; the longest real advert seen had 24,047
_STRENGTH: tuple[Need, ...] = ("unspecified", "preferred", "required")


class _Judged(NamedTuple):
    """A mention with what its place says of it."""

    mention: SkillMention
    found: FoundSkill
    asked: Asked


class SkillReader:
    """Reads the skills of one batch of postings after another."""

    def __init__(self, vocabulary: Vocabulary, tagger: SkillTagger | None):
        self.finder = SkillFinder(vocabulary)
        self.tagger = tagger
        self._phrases = load_need_phrases()
        self._needs = NeedRules(self._phrases)
        self._levels = LevelRules(load_level_phrases())

    def read(
        self,
        postings: Sequence[Posting],
        titles: Sequence[TextView],
        texts: Sequence[TextView],
        sections: Sequence[tuple[Section, ...]],
    ) -> list[tuple[Skill, ...]]:
        """Each posting's skills in the order of their first mentions, the title's first, made
        stage by stage. Titles are too short to discover anything in."""
        in_titles = self.finder.find_all(titles, [()] * len(titles))
        in_texts = self._find(texts, sections)
        clauses = list(map(self._clauses, texts, in_texts))
        needs = map(self._needs, clauses, sections)
        levels = map(self._levels, clauses)
        return [
            _skills(
                _judged("title", posting.title, in_title, (), ()),
                _judged("description", posting.text, in_text, wanted, asked),
            )
            for posting, in_title, in_text, wanted, asked in zip(
                postings, in_titles, in_texts, needs, levels
            )
        ]

    def _find(
        self, texts: Sequence[TextView], sections: Sequence[tuple[Section, ...]]
    ) -> list[list[FoundSkill]]:
        """The mentions in each text; what is too long to be an advert goes without the tagger."""
        if self.tagger is None:
            return self.finder.find_all(texts, sections)
        whole = [len(view.text) <= _MAX_TAGGED for view in texts]
        tagged = [view for view, is_whole in zip(texts, whole) if is_whole]
        parts = [own for own, is_whole in zip(sections, whole) if is_whole]
        found = iter(self.tagger.find_all(tagged, self.finder.look(tagged), parts))
        return [
            next(found) if is_whole else self.finder(view, own)
            for view, own, is_whole in zip(texts, sections, whole)
        ]

    def _clauses(self, view: TextView, found: Sequence[FoundSkill]) -> Clauses:
        places = [(one.start, one.end) for one in found]
        return Clauses(view, places, self._phrases.stops, self._phrases.turns)


def _judged(
    field: FieldName,
    text: str,
    found: Sequence[FoundSkill],
    needs: Iterable[Wanted],
    levels: Iterable[Asked],
) -> list[_Judged]:
    wanted = list(needs) or [Wanted()] * len(found)
    asked = list(levels) or [Asked()] * len(found)
    return [
        _Judged(SkillMention(one.start, one.end, text[one.start : one.end], field, *want), one, ask)
        for one, want, ask in zip(found, wanted, asked)
    ]


def _skills(in_title: list[_Judged], in_text: list[_Judged]) -> tuple[Skill, ...]:
    mentions: dict[str, list[_Judged]] = {}
    for one in (*in_title, *in_text):
        mentions.setdefault(one.found.entry.id, []).append(one)
    return tuple(map(_skill, mentions.values()))


def _skill(own: Sequence[_Judged]) -> Skill:
    entry = own[0].found.entry
    sure = [one.found.confidence for one in own if one.found.confidence is not None]
    return Skill(
        entry.id,
        entry.name,
        entry.kind,
        tuple(one.mention for one in own),
        category=entry.category,
        need=max((one.mention.need for one in own), key=_STRENGTH.index),
        is_negated=all(one.mention.is_negated for one in own),
        source="discovered" if sure else "vocabulary",
        confidence=max(sure, default=None),
        years=_longest([one.asked.years for one in own if one.asked.years]),
        level=_highest([one.asked.level for one in own if one.asked.level]),
    )


def _longest(stated: Sequence[Years]) -> Years | None:
    return max(stated, key=lambda years: years.least, default=None)


def _highest(stated: Sequence[Level]) -> Level | None:
    return max(stated, key=LEVELS.index, default=None)
