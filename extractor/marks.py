"""Postings with marked skills, for training and evaluation.

A row holds its text, or names a posting of a corpus by `id`; `mentions` are objects with `start`
and `end` (characters of the text, half-open), `kind` and, where it is known, `need`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from extractor.corpus import employer_of, group_of, rows_with_texts
from extractor.errors import FormatError
from extractor.formats import Row
from extractor.records import SKILL_KINDS, Posting


@dataclass(frozen=True, slots=True)
class Mark:
    """One skill marked by a reader; `need` is empty where the reader did not say."""

    start: int
    end: int
    kind: str
    need: str = ""


@dataclass(frozen=True, slots=True)
class MarkedPosting:
    """A posting with its marks. `group` is shared by near-copies, `employer` by one firm's."""

    posting: Posting
    marks: tuple[Mark, ...]
    group: str = ""
    employer: str = ""


def read_marked(
    paths: Iterable[Path | str], *, corpus: Iterable[Path | str] = ()
) -> tuple[MarkedPosting, ...]:
    """All marked rows, the texts of those that lack one looked up in the corpus.

    Raises:
        FormatError: a row that cannot be read, a mark outside its text, a text not to be had.
    """
    return tuple(
        MarkedPosting(
            Posting(row.id, text_row.text, text_row.title, row.source),
            marks_of(row, len(text_row.text)),
            group_of(text_row),
            employer_of(text_row),
        )
        for row, text_row in rows_with_texts(paths, corpus)
    )


def marks_of(row: Row, length: int) -> tuple[Mark, ...]:
    """The marks in a row's `mentions`, JSON where a table holds them, for a text that long."""
    given = row.values.get("mentions")
    try:
        listed = json.loads(given) if isinstance(given, str) else given
        marks = tuple(
            Mark(int(m["start"]), int(m["end"]), str(m["kind"]), str(m.get("need") or ""))
            for m in listed or ()
        )
    except (
        KeyError,
        TypeError,
        ValueError,
        AttributeError,
        OverflowError,
        RecursionError,
    ) as error:
        message = f"mentions: {error!r}; each is an object with start, end and kind"
        raise FormatError(message, path=row.source) from error
    for mark in marks:
        if not 0 <= mark.start < mark.end <= length:
            message = (
                f"mention {mark.start}-{mark.end} lies outside the text of {length} characters"
            )
            raise FormatError(message, path=row.source)
        if mark.kind not in SKILL_KINDS:
            known = ", ".join(sorted(SKILL_KINDS))
            raise FormatError(f"unknown kind {mark.kind!r}; known: {known}", path=row.source)
    return marks
