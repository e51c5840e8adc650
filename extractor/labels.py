"""Labelled postings for training and evaluation, read and checked.

A row holds its text, or names a posting of a corpus by `id` (and `sha256` of the text, checked
where given). The role stands in `primary`, `role` or `label`, further roles in `also`; a file
without such a column takes the name of its folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from extractor.corpus import employer_of, group_of, rows_with_texts
from extractor.errors import FormatError
from extractor.formats import Row
from extractor.records import Posting

_ROLE_KEYS = ("primary", "role", "label")
_SHOWN = 5  # wrong rows named in one message


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
        FormatError: a row that cannot be read, a text that is not to be had, or labels that are
            no role: the first of them by place, and how many more there are.
    """
    known = frozenset(roles)
    found, wrong = [], []
    for row, text_row in rows_with_texts(paths, corpus):
        try:
            found.append(_labelled(text_row, _role(row, known), _also(row, known)))
        except FormatError as error:
            wrong.append(str(error))
    if wrong:
        raise FormatError("; ".join(wrong[:_SHOWN]) + and_more(len(wrong) - _SHOWN))
    return tuple(found)


def and_more(count: int) -> str:
    """What to say of the wrong rows that are not shown."""
    return f"; and {count} more" if count > 0 else ""


def given_role(row: Row) -> object:
    """What a row's columns say is its role; None where they say nothing."""
    return next((row.values[key] for key in _ROLE_KEYS if row.values.get(key)), None)


def _role(row: Row, known: frozenset[str]) -> str:
    given = given_role(row)
    folder = Path(row.source).parent.name
    if given is None and folder in known:
        return folder
    if given is None:
        message = f"no role; it stands in one of {', '.join(_ROLE_KEYS)}, or names the folder"
        raise FormatError(message, path=row.source)
    if not isinstance(given, str) or given not in known:
        message = f"unknown role {given!r}; known: {', '.join(sorted(known))}"
        raise FormatError(message, path=row.source)
    return str(given)


def _also(row: Row, known: frozenset[str]) -> tuple[str, ...]:
    """The other roles of a row, each a known one."""
    also = other_roles(row)
    strange = sorted(set(also) - known)
    if strange:
        message = f"unknown role {strange[0]!r} in also; known: {', '.join(sorted(known))}"
        raise FormatError(message, path=row.source)
    return also


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
