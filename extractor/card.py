"""The card of a role model for people: what it was trained on and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.roles import RolesConfig

SUMMARY = ("accuracy", "accepted", "macro_f1", "ece", "log_loss", "sure80")


def card_text(
    config: RolesConfig, counts: dict[str, Any], figures: dict[str, Any], data: Sequence[str]
) -> str:
    """The card for people, in Markdown."""
    read, weak = sum(counts["read"].values()), sum(counts["weak"].values())
    lines = [
        "# Role model",
        "",
        f"{len(figures['per_role'])} roles, told by title and description. Trained on "
        f"{read:,} postings labelled by",
        f"reading and {weak:,} weakly labelled by title, from: {', '.join(data)}.",
        f"{counts['terms']['title']:,} title terms and {counts['terms']['description']:,}",
        f"description terms, each used by {config.min_employers} employers or more.",
        f"Temperature {counts['temperature']}, folded into the weights.",
        "",
        "Grouped cross-validation over the postings labelled by reading:",
        "",
        "| accuracy | accepted | macro F1 | ECE | log loss | surest 80 % |",
        "|---|---|---|---|---|---|",
        "| " + " | ".join(str(figures[key]) for key in SUMMARY) + " |",
        "",
        "| role | postings | precision | recall | F1 |",
        "|---|---|---|---|---|",
    ]
    for role, row in figures["per_role"].items():
        cells = (role, row["postings"], row["precision"], row["recall"], row["f1"])
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    lines += ["", "Each row a role by reading, each column what the model answered:", ""]
    roles = list(figures["per_role"])
    lines += ["| | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    for role in roles:
        row = figures["confusion"].get(role, {})
        lines.append(f"| {role} | " + " | ".join(str(row.get(other, 0)) for other in roles) + " |")
    lines += ["", "| source | postings | accuracy | accepted |", "|---|---|---|---|"]
    for source, row in figures["per_source"].items():
        lines.append(f"| {source} | {row['postings']} | {row['accuracy']} | {row['accepted']} |")
    return "\n".join(lines) + "\n"
