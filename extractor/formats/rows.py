"""What readers yield, and how the columns of a table are recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from extractor.errors import FormatError
from extractor.words import DATA, read_toml


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns to read instead of the usual ones; None looks for the usual names.

    Without `needs_text`, rows may lack the text: labels that name their postings by id.
    """

    title: str | None = None
    text: str | None = None
    id: str | None = None
    needs_text: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One advert as a file holds it; `values` are all its columns, for labelled data."""

    id: str
    title: str
    text: str
    source: str
    values: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=1)
def usual_names() -> dict[str, tuple[str, ...]]:
    """`data/columns.toml`."""
    return {key: tuple(names) for key, names in read_toml(DATA / "columns.toml").items()}


def pick(names: Iterable[str], columns: Columns, path: str) -> dict[str, str]:
    """Which of a table's columns hold title, text and id, as {"text": "Job Description", …}.

    Raises:
        FormatError: no column for the text, or a column asked for that is not there.
    """
    available = list(names)
    found = {}
    for key, asked in (("title", columns.title), ("text", columns.text), ("id", columns.id)):
        name = _asked(asked, available, path) if asked else _usual(key, available)
        if name is not None:
            found[key] = name
    if "text" not in found and columns.needs_text:
        usual = ", ".join(usual_names()["text"][:4])
        message = (
            f"no column for the text among {', '.join(sorted(map(repr, available)))}; "
            f"usual names: {usual}; or say which with --text-field"
        )
        raise FormatError(message, path=path)
    return found


def _asked(asked: str, available: list[str], path: str) -> str:
    if asked not in available:
        message = f"no column {asked!r}; known: {', '.join(sorted(available))}"
        raise FormatError(message, path=path)
    return asked


def _usual(key: str, available: list[str]) -> str | None:
    plain = {re.sub(r"[\s_\-]+", "", name).lower(): name for name in reversed(available)}
    return next((plain[name] for name in usual_names()[key] if name in plain), None)


def row_of(values: Mapping[str, Any], chosen: Mapping[str, str], source: str) -> Row:
    """The row of a mapping whose columns are chosen; what is not text is written as text."""

    def cell(key: str) -> str:
        value = values.get(chosen[key]) if key in chosen else None
        return "" if value is None else value if isinstance(value, str) else str(value)

    return Row(cell("id"), cell("title"), cell("text"), source, values)
