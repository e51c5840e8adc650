"""The tables of words and codes in `extractor/data/`: TOML files and the output's schema."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from extractor.errors import VocabularyError
from extractor.records import RoleEntry

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Words:
    """`data/words.toml`: the word lists that matching needs.

    `groups` are the "@name" lists which the rules of skills may use; `separators` stand between
    the members of a list; `joints` between the parts of a shared head ("statistical and
    predictive modelling"), `unshared` words that are no such part; `glued` are words found run
    together with a name where a line break was lost; `tails` may follow a hyphen without tying the
    name to them ("Spark-based"); `versions` are the numbers that may end a name ("Python3") of one
    of the categories `versioned`; `people` are names of people, which no model holds; `taxonomies`
    the editions of those that the codes of the skills come from.
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
    taxonomies: tuple[str, ...]


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
            taxonomies=tuple(table["taxonomies"]["editions"]),
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


@lru_cache(maxsize=4)
def load_roles(path: Path | None = None) -> tuple[RoleEntry, ...]:
    """The roles of a file like `data/roles.toml`, or of that one, in the file's order; the last
    one of ours is "none of these".

    Raises:
        VocabularyError: no TOML, a key that no role has, or an id that stands twice.
    """
    source = path or DATA / "roles.toml"
    table = read_toml(source)
    try:
        entries = TypeAdapter(tuple[RoleEntry, ...]).validate_python(table["roles"])
    except KeyError as error:
        raise VocabularyError("holds no [[roles]]", path=source) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise VocabularyError(f"roles.{place}: {first['msg']}", path=source) from error
    ids = [entry.id for entry in entries]
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise VocabularyError(f"role {twice[0]!r} stands there twice", path=source)
    return entries


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
