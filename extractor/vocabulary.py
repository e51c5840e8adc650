"""The vocabulary: all skills, and what the rules of each mean. Nothing else reads its file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from extractor.errors import VocabularyError
from extractor.records import Context, SkillEntry
from extractor.skill_lines import check_claims, check_heirs, folded, read_lines
from extractor.view import TextView
from extractor.words import DATA, Words, load_words


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All skills, sorted by id. `version` is the first part of the files' SHA-256, `own` the ids
    of the lines that a file of the user's added."""

    entries: tuple[SkillEntry, ...]
    words: Words
    version: str
    own: frozenset[str] = frozenset()

    def entry(self, skill_id: str) -> SkillEntry | None:
        """The skill of that id; None when there is none."""
        return self._by_id.get(skill_id)

    @cached_property
    def _by_id(self) -> dict[str, SkillEntry]:
        return {entry.id: entry for entry in self.entries}

    def context(self, entry: SkillEntry) -> Context:
        """The rule for the ambiguous names of a skill, its "@group" words spelled out."""
        groups = dict(self.words.groups)
        return Context(
            near=_expand(entry.near, groups),
            beside=entry.beside,
            not_near=_expand(entry.not_near, groups),
            not_preceded_by=_neighbours(entry.not_preceded_by, -1),
            not_followed_by=_neighbours(entry.not_followed_by, 0),
        )


def _expand(words: tuple[str, ...], groups: dict[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    for word in words:
        found |= groups[word[1:]] if word.startswith("@") else {word}
    # A text has "bachelor's" and "fine-tuning" as several words, of which the longest tells most;
    # "4g" leaves but a letter and a number, which tell nothing.
    return frozenset(filter(None, map(_telling, found)))


@lru_cache(maxsize=10_000)  # the same few thousand words stand in many rules
def _telling(word: str) -> str | None:
    parts = TextView(word).words
    if len(parts) == 1:
        return parts[0]
    return max((part for part in parts if part.isalpha() and len(part) > 1), key=len, default=None)


def _neighbours(words: tuple[str, ...], place: int) -> frozenset[str]:
    """The token of each word that touches the name: "start" of "start-up" behind it."""
    found = ((word, TextView(word).words) for word in words)
    return frozenset(
        parts[place] for word, parts in found if len(parts) == 1 or parts[place].isalpha()
    )


def load_vocabulary(extra: Path | str | None = None) -> Vocabulary:
    """The bundled vocabulary; a line of `extra` adds a skill or replaces the one of the same id.

    Raises:
        VocabularyError: a line that is not a skill, or a name that two skills claim.
    """
    if extra is None:
        return _load(None, 0)
    path = Path(extra)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError as error:
        raise VocabularyError(f"cannot be read: {error.strerror}", path=path) from error
    return _load(path, stamp)


@lru_cache(maxsize=4)
def _load(extra: Path | None, _stamp: int) -> Vocabulary:
    words = load_words()
    bundled = read_lines(DATA / "skills.jsonl", words, is_sorted=True)
    entries = {entry.id: entry for entry, _ in bundled}
    added: dict[str, SkillEntry] = {}
    digest = _digest(DATA / "skills.jsonl")
    if extra is not None:
        own = read_lines(extra, words, is_sorted=False)
        added = {entry.id: entry for entry, _ in own}
        entries |= added
        lines = {entry.id: line for entry, line in own}
        check_claims(entries.values(), extra, lines)
        check_heirs(own, entries, extra)
        digest += "+" + _digest(extra)
    ordered = tuple(entries[key] for key in sorted(entries))
    return Vocabulary(ordered, words, digest, own=frozenset(added))


def search_skills(vocabulary: Vocabulary, word: str) -> Iterator[SkillEntry]:
    """The skills of which a name holds the word, in any case, in the order of their ids."""
    wanted = folded(word)
    for entry in vocabulary.entries:
        if any(wanted in folded(name) for name in entry.names):
            yield entry


def skill_line(vocabulary: Vocabulary, skill_id: str) -> str:
    """The skill as a vocabulary line.

    Raises:
        VocabularyError: no skill has that id.
    """
    entry = vocabulary.entry(skill_id)
    if entry is None:
        raise VocabularyError(f"no skill {skill_id!r}; `extractor skills search WORD` finds ids")
    line = {key: value for key, value in asdict(entry).items() if value or key == "id"}
    return json.dumps(line, ensure_ascii=False)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
