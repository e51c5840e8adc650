"""The data files, read once into frozen records. Nothing else reads `extractor/data/`.

A file is checked whole: an unknown or missing key, a wrong kind, an id that stands twice, a name
that two skills claim, lines out of order. The error names file and line.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from extractor.errors import VocabularyError
from extractor.records import Context, RoleEntry, SkillEntry
from extractor.view import TextView

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DATA = Path(__file__).parent / "data"
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# What a token pattern may ask of a token (https://spacy.io/usage/rule-based-matching).
_TOKEN_KEYS = frozenset(
    {"ORTH", "TEXT", "LOWER", "NORM", "LENGTH", "SHAPE", "OP", "LIKE_NUM", "LIKE_URL", "LIKE_EMAIL"}
    | {f"IS_{kind}" for kind in ("ALPHA", "ASCII", "DIGIT", "LOWER", "UPPER", "TITLE", "PUNCT")}
)


@dataclass(frozen=True, slots=True)
class Words:
    """`data/words.toml`: the word lists that matching needs.

    `groups` are the "@name" lists which the rules of skills may use; `separators` stand between
    the members of a list; `joints` between the parts of a shared head ("statistical and
    predictive modelling"), `unshared` words that are no such part; `glued` are words found run
    together with a name where a line break was lost; `tails` may follow a hyphen without tying the
    name to them ("Spark-based"); `versions` are the numbers that may end a name ("Python3") of one
    of the categories `versioned`; `people` are names of people, which no model holds.
    """

    groups: tuple[tuple[str, frozenset[str]], ...]
    separators: frozenset[str]
    joints: frozenset[str]
    unshared: frozenset[str]
    glued: frozenset[str]
    tails: frozenset[str]
    versions: tuple[str, ...]
    versioned: frozenset[str]
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class Headings:
    """`data/sections.toml`: what the lines that open a part of a posting say.

    `exact` maps a whole heading, `contains` a piece of one, `cues` a piece of a sentence to the
    kind of section that it opens or is; `silent` are the kinds that ask for nothing.
    """

    exact: tuple[tuple[str, str], ...]
    contains: tuple[tuple[str, str], ...]
    cues: tuple[tuple[str, str], ...]
    silent: frozenset[str]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """All skills, sorted by id. `version` is the first part of the files' SHA-256."""

    entries: tuple[SkillEntry, ...]
    words: Words
    version: str

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
    bundled = _read(DATA / "skills.jsonl", words, is_sorted=True)
    entries = {entry.id: entry for entry, _ in bundled}
    digest = _digest(DATA / "skills.jsonl")
    if extra is not None:
        own = _read(extra, words, is_sorted=False)
        entries |= {entry.id: entry for entry, _ in own}
        lines = {entry.id: line for entry, line in own}
        _check_claims(entries.values(), extra, lines)
        _check_heirs(own, entries, extra)
        digest += "+" + _digest(extra)
    ordered = tuple(entries[key] for key in sorted(entries))
    return Vocabulary(ordered, words, digest)


def read_skills(path: Path, *, words: Words, is_sorted: bool = True) -> tuple[SkillEntry, ...]:
    """The skills of one vocabulary file, in its order, each line checked.

    Raises:
        VocabularyError: with file and line, at the first line that is wrong.
    """
    return tuple(entry for entry, _ in _read(path, words, is_sorted=is_sorted))


def _read(path: Path, words: Words, *, is_sorted: bool) -> list[tuple[SkillEntry, int]]:
    adapter = TypeAdapter(SkillEntry)
    found: list[tuple[SkillEntry, int]] = []
    lines: dict[str, int] = {}
    for number, line in _lines(path):
        entry = _parse(adapter, line, path, number)
        _check_entry(entry, words, path, number)
        if entry.id in lines:
            message = f"id {entry.id!r} stands on line {lines[entry.id]} already; each id once"
            raise VocabularyError(message, path=path, line=number)
        if is_sorted and found and entry.id < found[-1][0].id:
            message = f"id {entry.id!r} comes after {found[-1][0].id!r}; lines are sorted by id"
            raise VocabularyError(message, path=path, line=number)
        lines[entry.id] = number
        found.append((entry, number))
    _check_claims((entry for entry, _ in found), path, lines)
    return found


def _check_heirs(
    own: list[tuple[SkillEntry, int]], entries: dict[str, SkillEntry], path: Path
) -> None:
    for entry, line in own:
        if entry.replaced_by is not None and entry.replaced_by not in entries:
            message = f"replaced_by {entry.replaced_by!r} is the id of no skill"
            raise VocabularyError(message, path=path, line=line)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise VocabularyError(f"cannot be read: {error.strerror}", path=path) from error
    except UnicodeDecodeError as error:
        raise VocabularyError("is not UTF-8; save it as UTF-8", path=path) from error
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _parse(adapter: TypeAdapter[SkillEntry], line: str, path: Path, number: int) -> SkillEntry:
    try:
        return adapter.validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        given = "" if first["type"] in ("missing", "json_invalid") else f", not {first['input']!r}"
        message = f"{where or 'line'}: {first['msg']}{given}"
        raise VocabularyError(message, path=path, line=number) from error


def _check_entry(entry: SkillEntry, words: Words, path: Path, number: int) -> None:
    """What a type cannot say: the id's form, rules that point at nothing."""
    for fault in (*_name_faults(entry), *_rule_faults(entry, words), *_pattern_faults(entry)):
        raise VocabularyError(fault, path=path, line=number)


def _name_faults(entry: SkillEntry) -> Iterator[str]:
    if not _ID.fullmatch(entry.id):
        yield f"id {entry.id!r} is not lower-case kebab, such as 'power-bi'"
    if any(not name.strip() for name in entry.names):
        yield "a name is empty; leave it out"
    for name in entry.ambiguous:
        if name not in entry.names:
            yield f"ambiguous {name!r} is none of the names: {', '.join(entry.names)}"
    roles = sorted(role.id for role in load_roles())
    for role in entry.guide:
        if role not in roles:
            yield f"guide {role!r} is no role; known: {', '.join(roles)}"


def _rule_faults(entry: SkillEntry, words: Words) -> Iterator[str]:
    for key in ("near", "not_near", "not_preceded_by", "not_followed_by"):
        for word in getattr(entry, key):
            if not word.strip() or word != word.strip().lower():
                yield f"{key} {word!r} is not a word in lower case"
    known = {f"@{name}" for name, _ in words.groups}
    for word in (*entry.near, *entry.not_near):
        if word.startswith("@") and word not in known:
            yield f"no word group {word!r}; known: {', '.join(sorted(known))}"


def _pattern_faults(entry: SkillEntry) -> Iterator[str]:
    for pattern in entry.patterns:
        if not pattern or not isinstance(pattern[0].get("LOWER"), str):
            yield 'a pattern begins with {"LOWER": "word"}, the word that sets it off'
        for odd in sorted({key for token in pattern for key in token} - _TOKEN_KEYS):
            known = ", ".join(sorted(_TOKEN_KEYS))
            yield f"patterns: no token attribute {odd!r}; known: {known}"


def folded(name: str) -> str:
    """The name as the matcher compares it: lower case, hyphens and spaces alike.

    >>> folded("Power-BI") == folded("power  bi")
    True
    """
    return re.sub(r"[\s\-]+", " ", name).strip().lower()


def _check_claims(entries: Any, path: Path, lines: dict[str, int]) -> None:
    """One name, one skill; two may share letters only when case tells them apart."""
    claims: dict[str, list[tuple[str, SkillEntry]]] = {}
    for entry in entries:
        if entry.replaced_by is None:
            for name in entry.names:
                claims.setdefault(folded(name), []).append((name, entry))
    for claim in claims.values():
        for place, other in enumerate(claim):
            for one in claim[:place]:
                if not _are_told_apart(*one, *other):
                    raise _claimed_twice(one, other, path, lines)


def _claimed_twice(
    one: tuple[str, SkillEntry],
    other: tuple[str, SkillEntry],
    path: Path,
    lines: dict[str, int],
) -> VocabularyError:
    """The error of a name that two skills claim; it speaks of the line in the file at hand."""
    if other[1].id not in lines:
        one, other = other, one
    message = (
        f"{other[0]!r} of {other[1].id!r} is a name of {one[1].id!r} too; "
        "keep it on one, or tell them apart by case or an ambiguous rule"
    )
    return VocabularyError(message, path=path, line=lines.get(other[1].id))


def _are_told_apart(name: str, first: SkillEntry, other: str, second: SkillEntry) -> bool:
    if name != other and first.case and second.case:
        return True
    return first.id != second.id and (name in first.ambiguous or other in second.ambiguous)


@lru_cache(maxsize=1)
def load_words() -> Words:
    """`data/words.toml`, checked."""
    table = read_toml(DATA / "words.toml")
    try:
        return Words(
            groups=tuple((name, frozenset(words)) for name, words in table["groups"].items()),
            separators=frozenset(table["lists"]["separators"]),
            joints=frozenset(table["lists"]["joints"]),
            unshared=frozenset(table["lists"]["unshared"]),
            glued=frozenset(table["lists"]["glued"]),
            tails=frozenset(table["lists"]["tails"]),
            versions=tuple(table["versions"]["numbers"]),
            versioned=frozenset(table["versions"]["categories"]),
            people=frozenset(table["names"]["people"]),
        )
    except KeyError as error:
        raise VocabularyError(f"no table or key {error}", path=DATA / "words.toml") from error


@lru_cache(maxsize=1)
def load_headings() -> Headings:
    """`data/sections.toml`, checked."""
    path = DATA / "sections.toml"
    kinds = read_toml(path)["kinds"]

    def pairs(key: str) -> tuple[tuple[str, str], ...]:
        return tuple((text, kind) for kind, table in kinds.items() for text in table.get(key, ()))

    for text, kind in (*pairs("exact"), *pairs("contains"), *pairs("cues")):
        if text != text.lower().strip():
            raise VocabularyError(f"{kind}: {text!r} is not lower case and trimmed", path=path)
    silent = frozenset(kind for kind, table in kinds.items() if table.get("silent"))
    return Headings(pairs("exact"), pairs("contains"), pairs("cues"), silent)


@lru_cache(maxsize=1)
def load_roles() -> tuple[RoleEntry, ...]:
    """The roles of `data/roles.toml` in the file's order; the last one is "none of these"."""
    table = read_toml(DATA / "roles.toml")
    adapter = TypeAdapter(tuple[RoleEntry, ...])
    try:
        return adapter.validate_python(table["roles"])
    except (KeyError, ValidationError) as error:
        raise VocabularyError(f"roles: {error}", path=DATA / "roles.toml") from error


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a table.

    Raises:
        VocabularyError: the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise VocabularyError(f"cannot be read: {error}", path=path) from error


def result_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one line of output."""
    loaded: dict[str, Any] = json.loads((DATA / "result.schema.json").read_text(encoding="utf-8"))
    return loaded


def _digest(path: Path) -> str:
    import hashlib

    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


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
