"""What is said beside a skill: `data/needs.toml` and `data/levels.toml`, checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from extractor.errors import VocabularyError
from extractor.records import LEVELS, Level
from extractor.view import TextView
from extractor.words import DATA, read_toml

NEED_KINDS = ("required", "preferred", "asked", "negated", "same")
_SIDES = ("before", "after", "either")
_CLAUSES = ("stops", "turns", "joins", "fillers", "leads")
_YEARS = ("ranges", "not_after", "not_before", "practice", "fillers", "behind")
_LEVEL_LISTS = ("fillers", "behind", "not_before")
_LISTS = ("joins", "ties", "closers", "each")

_Value = TypeVar("_Value")


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
    clauses = _table(table, "clauses", _CLAUSES, path)
    neutral = _table(table, "neutral", ("phrases",), path)
    kinds = [kind for kind in table if kind not in ("clauses", "neutral")]
    for kind in kinds:
        _known(kind, NEED_KINDS, path)
        for side in table[kind]:
            _known(side, _SIDES, path)
    listed = [("neutral", "either", phrase) for phrase in _phrases(neutral["phrases"], path)]
    listed += [
        (kind, side, phrase)
        for kind in kinds
        for side, texts in table[kind].items()
        for phrase in _phrases(texts, path)
    ]
    return NeedPhrases(
        cues=_once(((phrase, (kind, side)) for kind, side, phrase in listed), path),
        leads=frozenset(words for words, _ in _phrases(clauses["leads"], path)),
        **{key: frozenset(_texts(clauses[key], path)) for key in _CLAUSES if key != "leads"},
    )


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
    years = _table(table, "years", (*_YEARS, "units", "numbers", "most"), path)
    levels = _table(table, "levels", (*LEVELS, *_LEVEL_LISTS), path)
    lists = _table(table, "lists", _LISTS, path)
    phrases = [(phrase, level) for level in LEVELS for phrase in _phrases(levels[level], path)]
    return LevelPhrases(
        units=_numbers(years["units"], path),
        numbers=_numbers(years["numbers"], path),
        most=frozenset(words for words, _ in _phrases(years["most"], path)),
        levels=_once(phrases, path),
        level_fillers=frozenset(_texts(levels["fillers"], path)),
        level_behind=frozenset(_texts(levels["behind"], path)),
        level_not_before=frozenset(_texts(levels["not_before"], path)),
        **{key: frozenset(_texts(years[key], path)) for key in _YEARS},
        **{key: frozenset(_texts(lists[key], path)) for key in _LISTS},
    )


_Phrase = tuple[tuple[str, ...], str]  # its words in lower case, and as it is written


def _table(
    tables: Mapping[str, Any], name: str, keys: Sequence[str], path: Path
) -> Mapping[str, Any]:
    """One table of a file, with all of these keys and no other."""
    for holder, wanted in ((tables, (name,)), (tables.get(name), keys)):
        for key in wanted:
            if not isinstance(holder, dict) or key not in holder:
                raise VocabularyError(f"no table or key {key!r}", path=path)
    table: Mapping[str, Any] = tables[name]
    for key in table:
        _known(key, keys, path)
    return table


def _known(key: str, keys: Sequence[str], path: Path) -> None:
    if key not in keys:
        message = f"unknown key {key!r}; known: {', '.join(sorted(keys))}"
        raise VocabularyError(message, path=path)


def _texts(given: Any, path: Path) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(one, str) and one for one in given):
        raise VocabularyError(f"{given!r} is not a list of words", path=path)
    return given


def _phrases(given: Any, path: Path) -> list[_Phrase]:
    return [(tuple(TextView(text).words), text) for text in _texts(given, path)]


def _once(pairs: Iterable[tuple[_Phrase, _Value]], path: Path) -> dict[tuple[str, ...], _Value]:
    """Each phrase with what it says; none may stand twice."""
    found: dict[tuple[str, ...], _Value] = {}
    for (words, text), value in pairs:
        if words in found:
            raise VocabularyError(f"{text!r} is listed twice", path=path)
        found[words] = value
    return found


def _numbers(given: Any, path: Path) -> dict[str, float]:
    is_table = isinstance(given, dict)
    if not is_table or not all(isinstance(one, (int, float)) for one in given.values()):
        raise VocabularyError(f"{given!r} is not a table of numbers", path=path)
    return {word: float(number) for word, number in given.items()}
