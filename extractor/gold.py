"""A gold file against an Analyzer: the figures of `evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from extractor.analyzer import Analyzer
from extractor.corpus import sound_row
from extractor.errors import FormatError
from extractor.evaluation import MarkedText, RoleAnswer, role_figures, skill_figures
from extractor.formats import Row, read_rows
from extractor.labels import other_roles
from extractor.marks import marks_of
from extractor.records import Posting, Result


def evaluate_file(
    gold: Path, *, model: Path | str | None = None, vocabulary: Path | str | None = None
) -> dict[str, Any]:
    """`{"roles": …, "skills": …}` for the rows that carry `primary` or `mentions`.

    Raises:
        FormatError: a row that cannot be read, or no row with either.
    """
    rows = [sound_row(row) for row in read_rows([gold])]
    analyzer = Analyzer.load(model, vocabulary)
    postings = [Posting(row.id, row.text, row.title, row.source) for row in rows]
    results = list(analyzer.stream(postings))
    answers = [_answer(row, r) for row, r in zip(rows, results) if row.values.get("primary")]
    marked = [_marked(row, r) for row, r in zip(rows, results) if "mentions" in row.values]
    if not answers and not marked:
        raise FormatError("no row carries `primary` or `mentions`", path=gold)
    figures: dict[str, Any] = {}
    if answers:
        figures["roles"] = role_figures(answers)
    if marked:
        figures["skills"] = skill_figures(marked)
    return figures


def _answer(row: Row, result: Result) -> RoleAnswer:
    role = result.role
    if role is None:
        raise FormatError("the model gave no role", path=row.source)
    values = row.values
    source = str(values.get("source") or "").split(":")[0]
    return RoleAnswer(
        str(values["primary"]), other_roles(row), role.id, role.confidence, role.scores, source
    )


def _marked(row: Row, result: Result) -> MarkedText:
    gold = tuple((mark.start, mark.end, mark.kind) for mark in marks_of(row, len(row.text)))
    found = tuple(
        (mention.start, mention.end, skill.kind)
        for skill in result.skills
        for mention in skill.mentions
        if mention.field == "description"
    )
    return MarkedText(gold, found)


def summary_of(figures: dict[str, Any]) -> str:
    """The main figures in a few lines."""
    lines = []
    if roles := figures.get("roles"):
        keys = ("postings", "accuracy", "accepted", "macro_f1", "ece", "log_loss", "sure80")
        lines.append("roles   " + "  ".join(f"{key} {roles[key]}" for key in keys))
        for role, row in roles["per_role"].items():
            cells = "  ".join(f"{key} {row[key]}" for key in ("precision", "recall", "f1"))
            lines.append(f"  {role:26} {cells}  postings {row['postings']}")
    if skills := figures.get("skills"):
        counts = "  ".join(f"{key} {skills[key]}" for key in ("postings", "gold", "predicted"))
        lines.append("skills  " + counts)
        for level in ("strict", "relaxed"):
            cells = "  ".join(f"{key} {value}" for key, value in skills[level].items())
            lines.append(f"  {level:8} {cells}")
        kinds = "  ".join(f"{kind} {value}" for kind, value in skills["recall_by_kind"].items())
        lines.append(f"  relaxed recall by kind: {kinds}")
    return "\n".join(lines)
