"""What is worth a human look: the postings on which a model is least sure, or sees another role
than their label."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TextIO

from extractor.corpus import rows_with_texts
from extractor.formats import Columns, Row, read_rows
from extractor.formats.writers import harmless
from extractor.labels import given_role, other_roles
from extractor.records import Posting, Role
from extractor.role_classifier import RoleClassifier

_COLUMNS = (
    "primary", "also", "title", "text", "id", "suggested", "confidence", "second", "why",
    "given", "company", "group", "source",
)  # fmt: skip


_CLOSE = 0.5  # 1 less the margin between the two likeliest roles


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A posting to look at; `worth` is higher the more there is to gain: 1 less the margin
    between the two likeliest roles, 1 to 2 where the label is another role than the model's."""

    row: Row
    role: Role
    given: str
    worth: float

    @property
    def why(self) -> str:
        """What makes it worth a look."""
        if self.worth > 1:
            return f"label {self.given}, model {self.role.id}"
        if self.role.doubt:
            return f"abstained: {self.role.doubt}"
        return "close between two roles" if self.worth > _CLOSE else "sure"


def read_for_review(paths: Iterable[str], corpus: Iterable[str] = ()) -> tuple[int, list[Row]]:
    """How many rows could not be read, and the others; with a `corpus` the texts of labels that
    have none are looked up in it.

    Raises:
        FormatError: with a `corpus`, a row that cannot be read or a text that is not to be had.
    """
    names = list(corpus)
    if names:
        pairs = rows_with_texts(paths, names)
        return 0, [
            Row(text.id, text.title, text.text, row.source, {**text.values, **row.values})
            for row, text in pairs
        ]
    rows = list(read_rows(paths, Columns()))
    sound = [row for row in rows if isinstance(row, Row)]
    return len(rows) - len(sound), sound


def worth_a_look(classifier: RoleClassifier, rows: Iterable[Row], *, count: int) -> list[ReviewRow]:
    """The `count` postings most worth a look, the most worth first; near-certain answers that
    agree with their label come last."""
    found = list(_judged(classifier, rows))
    return sorted(found, key=lambda one: (-one.worth, one.row.source))[:count]


def _judged(classifier: RoleClassifier, rows: Iterable[Row]) -> Iterator[ReviewRow]:
    for row in rows:
        if not row.text.strip():
            continue
        (role,) = classifier.predict([Posting(row.id, row.text, row.title, row.source)])
        given = str(given_role(row) or "")
        margin = role.scores[0][1] - role.scores[1][1]
        is_other = bool(given) and role.id not in (given, *other_roles(row))
        worth = (
            1.0 + role.confidence - dict(role.scores).get(given, 0.0) if is_other else 1 - margin
        )
        yield ReviewRow(row, role, given, worth)


def write_review(rows: Iterable[ReviewRow], stream: TextIO) -> None:
    """A CSV for a spreadsheet: `primary` holds the given label, or the model's where none was
    given, to be corrected; the file then goes into `train` as it is."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for one in rows:
        values = one.row.values
        cells = (
            one.given or one.role.id,
            " ".join(other_roles(one.row)),
            one.row.title,
            one.row.text,
            one.row.id,
            one.role.id,
            f"{one.role.confidence:.3f}",
            one.role.likeliest[1],
            one.why,
            one.given,
            str(values.get("company") or ""),
            str(values.get("group") if values.get("group") is not None else ""),
            one.row.source,
        )
        writer.writerow(map(harmless, cells))
