"""JSON Lines (one object a line) and JSON (an object, or a list of them)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, BinaryIO

from extractor.errors import FormatError
from extractor.formats.plain import decode
from extractor.formats.rows import Columns, Row, pick, row_of, usual_names
from extractor.records import Failure


def read_jsonl(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Row | Failure]:
    """One row a line; a line that is no JSON object is a failure and the rest goes on."""
    for number, line in enumerate(_lines(stream), 1):
        if line.strip():
            yield _line(line, f"{source}:{number}", columns)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a file; one in UTF-16 is read whole, as its line ends are two bytes long."""
    lines = iter(stream)
    first = next(lines, b"")
    if first[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return chain([first], lines)
    text = b"".join((first, *lines)).decode("utf-16", "replace")
    return (line.encode() for line in text.split("\n"))


def _line(line: bytes, place: str, columns: Columns) -> Row | Failure:
    text = decode(line)
    if text is None:
        return Failure(place, "is not UTF-8; save it as UTF-8")
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Failure(place, f"is not JSON: {error}")
    return _object(value, place, columns)


def _object(value: Any, place: str, columns: Columns) -> Row | Failure:
    if not isinstance(value, Mapping):
        return Failure(place, f"is no JSON object but {type(value).__name__}")
    try:
        chosen = pick(value, columns, place)
    except FormatError as error:
        return Failure(place, error.message)
    return row_of(value, chosen, place)


def is_object(line: bytes) -> bool:
    """Whether a line is a whole JSON object."""
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_json(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Row | Failure]:
    """One object, a list of objects, or an object that holds such a list.

    Raises:
        FormatError: the file is not JSON as a whole.
    """
    text = decode(stream.read())
    if text is None:
        raise FormatError("is not UTF-8; save it as UTF-8", path=source)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise FormatError(f"is not JSON: {error}", path=source) from error
    values = _list_of(value)
    for number, item in enumerate(values, 1):
        yield _object(item, source if len(values) == 1 else f"{source}:{number}", columns)


def _list_of(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, Mapping):
        for key in usual_names()["lists"]:
            if isinstance(value.get(key), list):
                found: list[Any] = value[key]
                return found
    return [value]
