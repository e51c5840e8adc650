"""Labels and the texts they speak of: a row holds its text, or names a posting of a corpus."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.errors import FormatError
from extractor.formats import Columns, Row, read_rows
from extractor.records import Failure

_NO_LETTERS = re.compile(r"[\W\d_]+")


def rows_with_texts(
    paths: Iterable[Path | str], corpus: Iterable[Path | str]
) -> Iterator[tuple[Row, Row]]:
    """Each labelled row, and the row that holds its text: itself, or the corpus's of that id.

    Raises:
        FormatError: a row that cannot be read, a text that is not to be had or is another than
            the one labelled.
    """
    rows = [sound_row(row) for row in read_rows(paths, Columns(needs_text=False))]
    missing = {row.id for row in rows if row.id and not row.text}
    found = _look_up(corpus, missing) if missing else {}
    for row in rows:
        text_row = row if row.text else found.get(row.id)
        if text_row is None:
            message = f"posting {row.id!r} has no text here; name its file with --corpus"
            raise FormatError(message, path=row.source)
        _check_digest(row, text_row.text)
        yield row, text_row


def sound_row(row: Row | Failure) -> Row:
    """The row; among labels one that cannot be read is an error, not a failure row."""
    if isinstance(row, Failure):
        raise FormatError(row.reason, path=row.source)
    return row


def _look_up(corpus: Iterable[Path | str], ids: set[str]) -> dict[str, Row]:
    rows: Iterator[Row] = (row for row in read_rows(corpus) if isinstance(row, Row))
    return {row.id: row for row in rows if row.id in ids}


def _check_digest(row: Row, text: str) -> None:
    given = row.values.get("sha256")
    if given and given != text_digest(text):
        message = f"the text of {row.id!r} is not the one that was labelled: its SHA-256 differs"
        raise FormatError(message, path=row.source)


def text_digest(text: str) -> str:
    """The SHA-256 of a text's UTF-8 bytes, in hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def group_of(row: Row) -> str:
    """What a posting shares with its near-copies: its `group`, or a digest of its letters."""
    if row.values.get("group") is not None:
        return str(row.values["group"])
    return _letters_digest(row.text)


def _letters_digest(text: str) -> str:
    """The same for texts that differ in spaces, digits and signs alone."""
    return text_digest(_NO_LETTERS.sub("", text.lower()))


def employer_of(row: Row) -> str:
    """Whose posting it is: its `company`, or its group where it names none."""
    return str(row.values.get("company") or group_of(row)).lower()


def different_rows(
    corpus: Iterable[Path | str], *, without: Iterable[Path | str] = ()
) -> Iterator[Row]:
    """One posting of each group of near-copies, and none of those in the files `without` or of a
    group that holds one of them: what is to be measured on is not to be learnt from."""
    barred = _marks_of(without)
    rows = [row for row in read_rows(corpus) if isinstance(row, Row) and row.text.strip()]
    seen = {group_of(row) for row in rows if barred and _is_barred(row, barred)}
    for row in rows:
        group = group_of(row)
        if group not in seen:
            seen.add(group)
            yield row


def _marks_of(paths: Iterable[Path | str]) -> frozenset[str]:
    """What tells the postings of these files: their ids and the digests of their letters."""
    found: set[str] = set()
    for row in map(sound_row, read_rows(paths)):
        found.update(filter(None, (row.id, str(row.values.get("posting_id") or ""))))
        found.add(_letters_digest(row.text))
    return frozenset(found)


def _is_barred(row: Row, barred: frozenset[str]) -> bool:
    return row.id in barred or _letters_digest(row.text) in barred
