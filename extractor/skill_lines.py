"""A file of skills, one a line, checked whole as it is read.

An unknown or missing key, a wrong kind, an id that stands twice, a name that two skills claim, a
rule that points at nothing, lines out of order: the error names file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from extractor.errors import VocabularyError
from extractor.records import SkillEntry
from extractor.words import Words, load_roles

_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
# What a token pattern may ask of a token (https://spacy.io/usage/rule-based-matching).
_TOKEN_KEYS = frozenset(
    {"ORTH", "TEXT", "LOWER", "NORM", "LENGTH", "SHAPE", "OP", "LIKE_NUM", "LIKE_URL", "LIKE_EMAIL"}
    | {f"IS_{kind}" for kind in ("ALPHA", "ASCII", "DIGIT", "LOWER", "UPPER", "TITLE", "PUNCT")}
)


def read_skills(path: Path, *, words: Words, is_sorted: bool = True) -> tuple[SkillEntry, ...]:
    """The skills of one vocabulary file, in its order, each line checked.

    Raises:
        VocabularyError: with file and line, at the first line that is wrong.
    """
    return tuple(entry for entry, _ in read_lines(path, words, is_sorted=is_sorted))


def read_lines(path: Path, words: Words, *, is_sorted: bool) -> list[tuple[SkillEntry, int]]:
    """As `read_skills`, each with the number of its line."""
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
    check_claims((entry for entry, _ in found), path, lines)
    return found


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


def check_claims(entries: Iterable[SkillEntry], path: Path, lines: dict[str, int]) -> None:
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


def check_heirs(
    own: list[tuple[SkillEntry, int]], entries: dict[str, SkillEntry], path: Path
) -> None:
    """A retired skill names the one that took its place."""
    for entry, line in own:
        if entry.replaced_by is not None and entry.replaced_by not in entries:
            message = f"replaced_by {entry.replaced_by!r} is the id of no skill"
            raise VocabularyError(message, path=path, line=line)
