"""Plain text and Markdown: one posting a file, its title on the first line when it looks so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from extractor.formats.rows import Columns, Row
from extractor.records import Failure

_MAX_TITLE = 100  # characters; a longer first line is a sentence
_TITLE_MARK = re.compile(r"^(?:#+\s*|(?:job )?title\s*:\s*)+", re.IGNORECASE)


def read_text(stream: BinaryIO, source: str, columns: Columns) -> Iterator[Row | Failure]:
    """The one posting of a text file. The description is the whole text, title line included,
    so that offsets count from the start of the file."""
    text = decode(stream.read())
    if text is None:
        yield Failure(source, "is not UTF-8; save it as UTF-8")
        return
    yield Row("", find_title(text), text, source)


def find_title(text: str) -> str:
    """The first line where it is short and no sentence, else "".

    >>> find_title("# Data Analyst\\n\\nYou will build reports.")
    'Data Analyst'
    """
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    title = _TITLE_MARK.sub("", first).strip()
    is_title = 0 < len(title) <= _MAX_TITLE and not title.endswith((".", ",", ";", ":", "!", "?"))
    return title if is_title and first != text.strip() else ""


def decode(data: bytes) -> str | None:
    """UTF-8, or UTF-16 that says so in its first bytes; None where neither fits."""
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None
