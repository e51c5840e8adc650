"""Writers: results and failures out, as a table for people, JSON Lines, JSON or CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from typing import Any, TextIO

from extractor.records import Failure, Result, Skill

Outcome = Result | Failure

_CSV_COLUMNS = (
    "id", "source", "title", "language", "role", "confidence", "doubt", "skills", "failure",
)  # fmt: skip
# A spreadsheet runs a cell that begins with one of these as a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_TABLE_SKILLS = 8


def write_jsonl(outcomes: Iterable[Outcome], stream: TextIO) -> None:
    """One object a line, as they come."""
    for outcome in outcomes:
        stream.write(json_line(outcome.to_dict()) + "\n")


def write_json(outcomes: Iterable[Outcome], stream: TextIO) -> None:
    """A list of the same objects."""
    stream.write("[")
    for number, outcome in enumerate(outcomes):
        stream.write((",\n " if number else "\n ") + json_line(outcome.to_dict()))
    stream.write("\n]\n")


def json_line(value: dict[str, Any]) -> str:
    """An object as one line of JSON that can be written as UTF-8."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate in the posting: escaped, it can be written
        return json.dumps(value)
    return text


def write_csv(outcomes: Iterable[Outcome], stream: TextIO) -> None:
    """One row a posting: role, confidence and the names of the skills it asks for, parted by
    "; "."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(_CSV_COLUMNS)
    for outcome in outcomes:
        writer.writerow([harmless(cell) for cell in _cells(outcome)])


def _cells(outcome: Outcome) -> tuple[str, ...]:
    if isinstance(outcome, Failure):
        return (outcome.id or "", outcome.source, "", "", "", "", "", "", outcome.reason)
    role = outcome.role
    return (
        outcome.id,
        outcome.source,
        outcome.title,
        outcome.language or "",
        role.id if role else "",
        f"{role.confidence:.4f}" if role else "",
        (role.doubt or "") if role else "",
        "; ".join(_names(outcome.skills)),
        "",
    )


def harmless(cell: str) -> str:
    """The cell with a mark before what a spreadsheet would run as a formula."""
    text = cell.encode("utf-8", "replace").decode("utf-8")
    return "'" + text if text.startswith(_FORMULA) else text


def write_table(outcomes: Iterable[Outcome], stream: TextIO) -> None:
    """A table for the eye: posting, role with its confidence and a "?" where the model abstains,
    the first skills."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(show_lines=False, expand=False)
    table.add_column("posting", overflow="fold", ratio=3)
    table.add_column("role", overflow="fold", ratio=2)
    table.add_column("sure", justify="right")
    table.add_column("skills", overflow="fold", ratio=5)
    for outcome in outcomes:
        table.add_row(*(Text(_visible(cell)) for cell in _table_cells(outcome)))
    Console(file=stream, highlight=False).print(table)


def visible_lines(text: str) -> str:
    """Lines without what would steer a terminal."""
    return "\n".join(map(_visible, text.split("\n")))


def _visible(text: str) -> str:
    """The text without what would steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)


def _table_cells(outcome: Outcome) -> tuple[str, str, str, str]:
    if isinstance(outcome, Failure):
        return outcome.source, "not read", "", outcome.reason
    role, skills = outcome.role, _names(outcome.skills)
    shown = ", ".join(skills[:_TABLE_SKILLS])
    more = f" and {len(skills) - _TABLE_SKILLS} more" if len(skills) > _TABLE_SKILLS else ""
    return (
        outcome.title or outcome.id or outcome.source,
        (f"{role.name}?" if role.is_abstained else role.name) if role else "",
        f"{role.confidence:.0%}" if role else "",
        shown + more,
    )


WRITERS: dict[str, Callable[[Iterable[Outcome], TextIO], None]] = {
    "csv": write_csv,
    "json": write_json,
    "jsonl": write_jsonl,
    "table": write_table,
}


def _names(skills: Iterable[Skill]) -> list[str]:
    """The skills that are asked for: those that are said not to be needed are left out."""
    return [skill.name for skill in skills if not skill.is_negated]
