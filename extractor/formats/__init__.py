"""Readers and writers by suffix: postings in, results out.

`READERS` is the registry: a suffix and a function from an open binary file to postings and
failures. A new format is one module and its line here.
"""

from __future__ import annotations

import gzip
import io
import lzma
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from extractor.errors import FormatError
from extractor.formats import html, json_lines, plain, tables
from extractor.formats.rows import Columns, Row
from extractor.records import Failure, Posting

__all__ = ["READERS", "Columns", "Row", "read_postings", "read_rows"]

MAX_TEXT = 10_000_000  # characters of one posting; the longest real advert seen had 24,047

Reader = Callable[[BinaryIO, str, Columns], Iterator[Row | Failure]]

READERS: dict[str, Reader] = {
    ".csv": tables.read_csv,
    ".htm": html.read_html,
    ".html": html.read_html,
    ".json": json_lines.read_json,
    ".jsonl": json_lines.read_jsonl,
    ".md": plain.read_text,
    ".ndjson": json_lines.read_jsonl,
    ".tsv": tables.read_tsv,
    ".txt": plain.read_text,
}
_OPENERS: dict[str, Callable[..., object]] = {".gz": gzip.open, ".xz": lzma.open}
_STDIN = "-"


def read_postings(
    paths: Iterable[Path | str], columns: Columns | None = None
) -> Iterator[Posting | Failure]:
    """The postings of all paths in order: files, folders (walked, sorted), "-" for stdin.

    A row that cannot be read is a Failure in its place.

    Raises:
        FormatError: a path that is missing or of unknown kind, a folder without any posting, a
            table without the columns needed.
    """
    for row in read_rows(paths, columns):
        if isinstance(row, Failure):
            yield row
        elif len(row.text) > MAX_TEXT:
            reason = f"{len(row.text):,} characters; one posting may have {MAX_TEXT:,}"
            yield Failure(row.source, reason, row.id or None)
        elif not row.text.strip():
            yield Failure(row.source, "no text; the description is empty", row.id or None)
        else:
            yield Posting(row.id or row.source, row.text, row.title, row.source)


def read_rows(
    paths: Iterable[Path | str], columns: Columns | None = None
) -> Iterator[Row | Failure]:
    """As `read_postings`, with all that a row holds besides: labels, for instance."""
    wanted = columns or Columns()
    files = [file for path in paths for file in _files(str(path))]
    for file in files:
        if file == _STDIN:
            yield from _read_stdin(wanted)
        else:
            yield from _read_file(Path(file), wanted)


def _files(path: str) -> Iterator[str]:
    """The path itself, or the files in it that some reader knows."""
    given = Path(path)
    if path == _STDIN:
        yield path
    elif given.is_dir():
        found = sorted(
            str(file)
            for file in given.rglob("*")
            if file.is_file() and _suffix(file) in READERS and not _is_hidden(file, given)
        )
        if not found:
            raise FormatError(f"no postings in this folder; known: {_known()}", path=path)
        yield from found
    elif not given.exists():
        raise FormatError("no such file or folder", path=path)
    elif _suffix(given) not in READERS:
        raise FormatError(f"no reader for {_suffix(given)!r}; known: {_known()}", path=path)
    else:
        yield path


def _is_hidden(file: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(folder).parts)


def _suffix(path: Path) -> str:
    """The suffix that says the format: ".jsonl" of "ads.jsonl.xz"."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if len(suffixes) > 1 and suffixes[-1] in _OPENERS:
        return suffixes[-2]
    return suffixes[-1] if suffixes else ""


def _known() -> str:
    return ", ".join(sorted(READERS))


def _read_file(path: Path, columns: Columns) -> Iterator[Row | Failure]:
    opener = _OPENERS.get(path.suffix.lower())
    try:
        with cast(BinaryIO, opener(path, "rb") if opener else path.open("rb")) as stream:
            yield from READERS[_suffix(path)](stream, str(path), columns)
    except (EOFError, lzma.LZMAError, gzip.BadGzipFile, zlib.error) as error:
        raise FormatError(f"is damaged: {error}", path=path) from error
    except OSError as error:
        raise FormatError(f"cannot be read: {error.strerror}", path=path) from error


def _read_stdin(columns: Columns) -> Iterator[Row | Failure]:
    """Standard input: JSON Lines when its first line is an object, JSON when it begins like it,
    else one posting in plain text."""
    stream = cast(BinaryIO, sys.stdin.buffer)
    head = b""
    for line in stream:
        head += line
        if line.strip():
            break
    first = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if first.startswith(b"{") and json_lines.is_object(first):
        lines = cast(BinaryIO, chain(head.splitlines(keepends=True), stream))  # only iterated
        yield from json_lines.read_jsonl(lines, _STDIN, columns)
        return
    reader = json_lines.read_json if first[:1] in (b"{", b"[") else plain.read_text
    yield from reader(io.BytesIO(head + stream.read()), _STDIN, columns)
