"""Where output goes: standard output, or a file that appears whole or not at all."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from extractor.errors import FormatError


@contextlib.contextmanager
def sink(output: str | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole or not at all."""
    if output is None or output == "-":
        if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
            sys.stdout.reconfigure(encoding="utf-8")  # in a pipe on Windows it is not
        yield sys.stdout
        return
    target = Path(output)
    part = target.with_name(f".{target.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        part.replace(target)
    except OSError as error:
        raise FormatError(f"cannot be written: {error.strerror}", path=output) from error
    finally:
        part.unlink(missing_ok=True)
