"""The card of a skill tagger for people: what it was trained on and how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from extractor.features import TaggerTerms


def skill_card_text(figures: dict[str, Any], terms: TaggerTerms, data: Sequence[str]) -> str:
    """The card for people, in Markdown."""
    lines = [
        "# Skill tagger",
        "",
        f"Marks skills where they stand, together with the vocabulary. Trained on "
        f"{figures['postings']:,} postings with",
        f"{figures['gold']:,} mentions marked by reading, from: {', '.join(data)}.",
        f"Knows {len(terms.words):,} words, none of them a name of a person, a place or a firm.",
        "",
        "Grouped cross-validation over the marked postings, vocabulary and tagger together:",
        "",
        "| | precision | recall | F1 |",
        "|---|---|---|---|",
    ]
    for level in ("strict", "relaxed"):
        row = figures[level]
        lines.append(f"| {level} | {row['precision']} | {row['recall']} | {row['f1']} |")
    lines += ["", "| kind | relaxed recall |", "|---|---|"]
    lines += [f"| {kind} | {value} |" for kind, value in figures["recall_by_kind"].items()]
    return "\n".join(lines) + "\n"
