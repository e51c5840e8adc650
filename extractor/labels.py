"""Labelled postings for training and evaluation, read and checked.

A row holds its text, or names a posting of a corpus by `id` (and `sha256` of the text, checked
where given). The role stands in `primary`, `role` or `label`, further roles in `also`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from extractor.corpus import different_rows, employer_of, group_of, rows_with_texts
from extractor.errors import FormatError
from extractor.formats import Row
from extractor.records import Posting

_ROLE_KEYS = ("primary", "role", "label")


@dataclass(frozen=True, slots=True)
class LabelledPosting:
    """A posting with its role. `group` is shared by near-copies, `employer` by one firm's."""

    posting: Posting
    role: str
    also: tuple[str, ...] = ()
    group: str = ""
    employer: str = ""
    corpus: str = ""


def read_labelled(
    paths: Iterable[Path | str], *, corpus: Iterable[Path | str] = (), roles: Iterable[str]
) -> tuple[LabelledPosting, ...]:
    """All labelled rows, the texts of those that lack one looked up in the corpus.

    Raises:
        FormatError: a row that cannot be read, an unknown role, a text that is not to be had.
    """
    known = frozenset(roles)
    return tuple(
        _labelled(text_row, _role(row, known), other_roles(row))
        for row, text_row in rows_with_texts(paths, corpus)
    )


def read_weakly_labelled(
    corpus: Iterable[Path | str],
    field: str,
    *,
    roles: Iterable[str],
    limit: int,
    without: Iterable[Path | str] = (),
) -> tuple[LabelledPosting, ...]:
    """Corpus rows whose `field` names a role: one a group, at most `limit` a role, in the
    corpus's order. Rows whose field is empty or names none are left out, and so are the postings
    of the files `without` and their near-copies."""
    known = frozenset(roles)
    counts: dict[str, int] = {}
    found = []
    for row in different_rows(corpus, without=without):
        role = row.values.get(field)
        if isinstance(role, str) and role in known and counts.get(role, 0) < limit:
            counts[role] = counts.get(role, 0) + 1
            found.append(_labelled(row, role, ()))
    return tuple(found)


def _role(row: Row, known: frozenset[str]) -> str:
    given = next((row.values[key] for key in _ROLE_KEYS if row.values.get(key)), None)
    if given is None:
        message = f"no role; it stands in one of {', '.join(_ROLE_KEYS)}"
        raise FormatError(message, path=row.source)
    if not isinstance(given, str) or given not in known:
        message = f"unknown role {given!r}; known: {', '.join(sorted(known))}"
        raise FormatError(message, path=row.source)
    return str(given)


def other_roles(row: Row) -> tuple[str, ...]:
    """The roles in a row's `also`: a list, or ids parted by spaces as a table has them."""
    also = row.values.get("also") or ()
    if isinstance(also, str):
        return tuple(also.split())
    if not isinstance(also, (list, tuple)):
        message = f"also is {also!r}; it is a list of roles, or their ids parted by spaces"
        raise FormatError(message, path=row.source)
    return tuple(map(str, also))


def _labelled(row: Row, role: str, also: tuple[str, ...]) -> LabelledPosting:
    origin = str(row.values.get("source") or "")
    posting = Posting(row.id or row.source, row.text, row.title, row.source)
    return LabelledPosting(posting, role, also, group_of(row), employer_of(row), origin)
