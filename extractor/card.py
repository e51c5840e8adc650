"""The card of a role model for people: what it was trained on, when it abstains, how good it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from extractor.comparison import sentence
from extractor.role_classifier import RoleClassifier

SUMMARY = ("accuracy", "accepted", "macro_f1", "ece", "log_loss", "sure80")


def notes_of(classifier: RoleClassifier, card: Mapping[str, Any]) -> list[str]:
    """What there is to say beside the figures, a paragraph each."""
    training, doubt, config = card["training"], classifier.doubt, classifier.config
    read, terms = sum(training["read"].values()), training["terms"]
    return [
        f"{len(classifier.roles)} roles, told by title and description. Trained on {read:,} "
        f"labelled postings from {', '.join(training['data'])}: {terms['title']:,} title terms and "
        f"{terms['description']:,} description terms, each used by {config.min_employers} "
        f"employers or more. Temperature {training['temperature']}, folded into the weights.",
        f"It abstains below a confidence of {doubt.least_confidence:.3f}: in cross-validation the "
        f"{doubt.coverage:.0%} of the postings above it were answered with a precision of "
        f"{doubt.precision}. It abstains, too, where it knows fewer than {doubt.least_words} words "
        f"of a posting or less than {doubt.least_known:.1%} of the tokens of its description, and "
        f"on other languages than {', '.join(doubt.languages) or 'any'}.",
    ]


def card_text(notes: Sequence[str], card: Mapping[str, Any]) -> str:
    """The card for people, in Markdown."""
    figures, untitled = card["cross_validation"], card["untitled"]
    one = card["one_occupation"]
    lines = ["# Role model", ""]
    for note in notes:
        lines += [note, ""]
    lines += ["Grouped cross-validation over the labelled postings:", ""]
    lines += _table(
        ("", *SUMMARY),
        (
            ("as they are", *_main(figures)),
            ("without their titles", *_main(untitled)),
            ("roles of one ESCO occupation taken for one", *_main(one)),
        ),
    )
    if "difference" in (card.get("comparison") or {}):
        lines += ["", f"Beside the model in use before: {sentence(card['comparison'])}."]
    lines += ["", "| role | postings | precision | recall | F1 |", "|---|---|---|---|---|"]
    for role, row in figures["per_role"].items():
        lines.append(_row((role, row["postings"], row["precision"], row["recall"], row["f1"])))
    lines += ["", "Each row a role as labelled, each column what the model answered:", ""]
    roles = list(figures["per_role"])
    counts = ((role, figures["confusion"].get(role, {})) for role in roles)
    lines += _table(
        ("", *roles), ((role, *(row.get(other, 0) for other in roles)) for role, row in counts)
    )
    lines += [
        "",
        *_table(
            ("source", "postings", "accuracy", "accepted"),
            (
                (source, row["postings"], row["accuracy"], row["accepted"])
                for source, row in figures["per_source"].items()
            ),
        ),
    ]
    return "\n".join([*lines, *_ablations(card)]) + "\n"


def _ablations(card: Mapping[str, Any]) -> list[str]:
    """What each part is worth: the same cross-validation with one thing changed."""
    variants = card.get("ablations")
    if not variants:
        return []
    whole = (*_main(card["cross_validation"]), card["untitled"]["accuracy"])
    rows = [("as shipped", *whole)]
    rows += [
        (name, *(row[key] for key in (*SUMMARY, "untitled"))) for name, row in variants.items()
    ]
    head = [
        "",
        "The same cross-validation with one thing changed; last the accuracy on the postings",
    ]
    return [*head, "without their titles:", "", *_table(("", *SUMMARY, "untitled"), rows)]


def _main(figures: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(figures[key] for key in SUMMARY)


def _row(cells: Iterable[Any]) -> str:
    return "| " + " | ".join(map(str, cells)) + " |"


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    return [_row(head), "|---" * len(head) + "|", *map(_row, rows)]
