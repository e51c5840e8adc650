"""The errors this package raises; each names the place, what is wrong and what would be right."""

from __future__ import annotations

from pathlib import Path

EXIT_FAILED_ROWS = 5  # the exit code of a run that could not read some rows


class ExtractorError(Exception):
    """Anything that the user can put right: a file, a row, a model, a vocabulary.

    `path` and `line` are the place, where there is one; they stand at the front of the message.
    """

    def __init__(self, message: str, *, path: Path | str | None = None, line: int | None = None):
        self.message = message
        self.path = None if path is None else str(path)
        self.line = line
        super().__init__(message, self.path, line)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line) if part is not None)
        return f"{place}: {self.message}" if place else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.path, self.line)


class VocabularyError(ExtractorError):
    """A vocabulary or another data file that does not hold what it must."""


class FormatError(ExtractorError):
    """Input or output in a form that cannot be read or written."""


class ModelError(ExtractorError):
    """A model folder that is damaged, foreign or of another format version."""


def _rebuild(
    kind: type[ExtractorError], message: str, path: str | None, line: int | None
) -> ExtractorError:
    return kind(message, path=path, line=line)
