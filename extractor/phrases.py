"""What is said beside a skill: `data/needs.toml` and `data/levels.toml`, checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from extractor.errors import VocabularyError
from extractor.records import LEVELS, Level
from extractor.view import TextView
from extractor.words import DATA, read_toml


@dataclass(frozen=True, slots=True)
class NeedPhrases:
    """`data/needs.toml`: what says how badly a skill is wanted.

    `cues` maps a phrase, as lower-case words, to its kind ("required", "preferred", "asked",
    "negated", "same", "neutral") and to the side of its skills on which it stands ("before",
    "after", "either"). `stops` part clauses, `turns` turn a sentence to another need, `joins`
    stand between skills that one phrase joins, `fillers` between a phrase and the skill that it
    speaks of; `leads` are phrases that are headings where line ends were lost.
    """

    cues: dict[tuple[str, ...], tuple[str, str]]
    stops: frozenset[str]
    turns: frozenset[str]
    joins: frozenset[str]
    fillers: frozenset[str]
    leads: frozenset[tuple[str, ...]]


@lru_cache(maxsize=1)
def load_need_phrases() -> NeedPhrases:
    """`data/needs.toml`, checked."""
    path = DATA / "needs.toml"
    table = read_toml(path)
    cues: dict[tuple[str, ...], tuple[str, str]] = {}
    try:
        clauses, kinds = table.pop("clauses"), {**table, "neutral": {}}
        listed = [("neutral", "either", text) for text in table["neutral"]["phrases"]]
        listed += [
            (kind, side, text)
            for kind, sides in kinds.items()
            for side, texts in sides.items()
            for text in texts
        ]
        for kind, side, text in listed:
            words = tuple(TextView(text).words)
            if words in cues:
                raise VocabularyError(f"{text!r} is listed twice", path=path)
            cues[words] = kind, side
        return NeedPhrases(
            cues=cues,
            stops=frozenset(clauses["stops"]),
            turns=frozenset(clauses["turns"]),
            joins=frozenset(clauses["joins"]),
            fillers=frozenset(clauses["fillers"]),
            leads=frozenset(tuple(TextView(text).words) for text in clauses["leads"]),
        )
    except KeyError as error:
        raise VocabularyError(f"no table or key {error}", path=path) from error


@dataclass(frozen=True, slots=True)
class LevelPhrases:
    """`data/levels.toml`: what says for how long and how well a skill must be known.

    `units` are years and months in years, `numbers` words for numbers, `ranges` stand between two
    of them, `most` before a number that is an upper bound. Next to words of `not_after` and
    `not_before` years are those of something else. `practice` makes them those of a person,
    `fillers` may stand between them and the skill, `behind` between a skill and its years.
    `levels` maps a phrase to its level, with fillers of its own. Of the lists `joins` part the
    members, `ties` a skill from another of the same years; `closers` may stand
    behind the last member, and `each` behind years that speak of all before them.
    """

    units: dict[str, float]
    numbers: dict[str, float]
    ranges: frozenset[str]
    most: frozenset[tuple[str, ...]]
    not_after: frozenset[str]
    not_before: frozenset[str]
    practice: frozenset[str]
    fillers: frozenset[str]
    behind: frozenset[str]
    levels: dict[tuple[str, ...], Level]
    level_fillers: frozenset[str]
    level_behind: frozenset[str]
    level_not_before: frozenset[str]
    joins: frozenset[str]
    ties: frozenset[str]
    closers: frozenset[str]
    each: frozenset[str]


@lru_cache(maxsize=1)
def load_level_phrases() -> LevelPhrases:
    """`data/levels.toml`, checked."""
    path = DATA / "levels.toml"
    table = read_toml(path)
    try:
        years, levels = table["years"], table["levels"]
        return LevelPhrases(
            units=years["units"],
            numbers=years["numbers"],
            ranges=frozenset(years["ranges"]),
            most=frozenset(tuple(TextView(text).words) for text in years["most"]),
            not_after=frozenset(years["not_after"]),
            not_before=frozenset(years["not_before"]),
            practice=frozenset(years["practice"]),
            fillers=frozenset(years["fillers"]),
            behind=frozenset(years["behind"]),
            levels={
                tuple(TextView(text).words): level for level in LEVELS for text in levels[level]
            },
            level_fillers=frozenset(levels["fillers"]),
            level_behind=frozenset(levels["behind"]),
            level_not_before=frozenset(levels["not_before"]),
            **{key: frozenset(words) for key, words in table["lists"].items()},
        )
    except KeyError as error:
        raise VocabularyError(f"no table or key {error}", path=path) from error
