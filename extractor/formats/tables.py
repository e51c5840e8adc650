"""CSV and TSV: one posting a row, the columns recognised by their names."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from extractor.errors import FormatError
from extractor.formats.rows import Columns, Row, pick, row_of
from extractor.records import Failure

_MAX_CELL = 20_000_000  # characters; the csv module's own limit of 131,072 is short for an advert
_DELIMITERS = ",;\t|"


def read_csv(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Row | Failure]:
    """One row each; the delimiter is the one of comma, semicolon, tab and bar that the header
    holds most often."""
    text = _text(stream)
    header = text.readline()
    delimiter = max(_DELIMITERS, key=header.count)
    text.seek(0)
    yield from _read(text, source, columns, delimiter)


def read_tsv(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Row | Failure]:
    """One row each, columns parted by tabs."""
    yield from _read(_text(stream), source, columns, "\t")


def _text(stream: BinaryIO) -> io.TextIOWrapper:
    # Bytes that are not UTF-8 become lone surrogates, so that one bad row does not end the file.
    start = stream.read(2)
    stream.seek(0)
    encoding = "utf-16" if start in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return io.TextIOWrapper(stream, encoding=encoding, errors="surrogateescape", newline="")


def _read(
    text: io.TextIOWrapper, source: str, columns: Columns, delimiter: str
) -> Iterator[Row | Failure]:
    csv.field_size_limit(_MAX_CELL)
    reader = csv.reader(text, delimiter=delimiter)
    try:
        names = next(reader, None)
    except (csv.Error, UnicodeDecodeError) as error:
        raise FormatError(f"is no table: {error}", path=source) from error
    if not names:
        raise FormatError("is empty; the first line names the columns", path=source)
    chosen = pick(names, columns, source)
    while True:
        place = f"{source}:{reader.line_num + 1}"
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Failure(place, f"is no row of a table: {error}")
            continue
        except UnicodeDecodeError as error:
            message = f"is cut off or in another encoding: {error}"
            raise FormatError(message, path=place) from error
        if cells:
            yield _row(dict(zip(names, cells)), chosen, place)


def _row(values: dict[str, str], chosen: Mapping[str, str], place: str) -> Row | Failure:
    row = row_of(values, chosen, place)
    if _is_broken(row.title) or _is_broken(row.text):
        return Failure(place, "is not UTF-8; save the table as UTF-8", row.id or None)
    return row


def _is_broken(text: str) -> bool:
    return not text.isascii() and any("\udc80" <= c <= "\udcff" for c in text)
