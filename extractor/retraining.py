"""What the command `train` does: labelled files in, a model folder with its cards out, set beside
the model that is in use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from extractor.ablation import ablate
from extractor.batch_profile import profile
from extractor.card import SUMMARY, card_text, notes_of
from extractor.comparison import compare_roles, sentence
from extractor.corpus import text_digest
from extractor.errors import ModelError
from extractor.evaluation import RoleAnswer, role_figures
from extractor.evaluation_page import evaluation_page
from extractor.label_checks import CheckedLabels, check_labels
from extractor.labels import LabelledPosting, read_labelled
from extractor.records import RoleEntry
from extractor.role_classifier import RoleClassifier
from extractor.role_store import default_model, load_model, promote, save_model, seen_texts
from extractor.roles import RolesConfig
from extractor.training import Progress, TrainedRoles, train_roles
from extractor.words import load_roles


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a model is made of labelled files.

    `corpus` are files with the texts of labels that have none, `roles` a file like
    `data/roles.toml`; `precision` (0-1) is what the answers are to reach that the model does not
    abstain from; `current` is the model to compare with, the bundled one when None.
    """

    corpus: tuple[str, ...] = ()
    roles: Path | None = None
    min_employers: int | None = None
    precision: float = 0.9
    is_dropping: bool = False
    has_ablations: bool = False
    is_promoting: bool = False
    current: Path | None = None
    jobs: int = 1


def train_from_files(
    data: Sequence[str],
    folder: Path,
    settings: TrainSettings,
    *,
    progress: Progress = lambda _: None,
) -> list[str]:
    """Read, check, train, compare, write the model folder; the lines that say how it went.

    Raises:
        FormatError: the data cannot be read, contradicts itself or is too little.
        ModelError: the folder cannot be written, or the model is to be promoted and is worse.
    """
    entries = load_roles(settings.roles)
    ids = [entry.id for entry in entries]
    progress("reading")
    labelled = read_labelled(data, corpus=settings.corpus, roles=ids)
    progress(f"looking for near-copies among {len(labelled)} postings")
    checked = check_labels(labelled, ids, is_dropping=settings.is_dropping)
    config = RolesConfig()
    if settings.min_employers is not None:
        config = replace(config, min_employers=settings.min_employers)
    trained = train_roles(
        checked.labelled,
        config=config,
        precision=settings.precision,
        jobs=settings.jobs,
        progress=progress,
    )
    ablations = (
        ablate(checked.labelled, config, progress, settings.jobs) if settings.has_ablations else {}
    )
    progress("comparing with the current model")
    comparison = _compare(trained, checked.labelled, settings.current or default_model())
    names = [Path(name).name for name in (*data, *settings.corpus)]
    save_trained(trained, entries, checked, folder, names, comparison, ablations)
    lines = [_labels_line(checked), trained_line(trained), sentence(comparison)]
    if settings.is_promoting:
        lines.append(_promote(folder, comparison))
    return lines


def _labels_line(checked: CheckedLabels) -> str:
    line = f"{len(checked.labelled)} labelled postings, {checked.copies} of them near-copies"
    return line + (f", {checked.dropped} left out that contradict" if checked.dropped else "")


def trained_line(trained: TrainedRoles) -> str:
    """The main figures of the cross-validation in one line."""
    figures = trained.figures
    doubt = trained.doubt
    return (
        "  ".join(f"{key} {figures[key]}" for key in ("postings", *SUMMARY))
        + f"  untitled {trained.untitled['accuracy']}"
        + f"  answers {doubt.coverage:.0%} at precision {doubt.precision}"
    )


def _compare(
    trained: TrainedRoles, labelled: Sequence[LabelledPosting], current: Path
) -> dict[str, Any]:
    """The trained model's held-out answers beside the current model's, on the postings that the
    current one was not trained on; nothing to compare when that one cannot be read."""
    try:
        classifier, seen = load_model(current), seen_texts(current)
    except ModelError:  # made by an older version: that is why it is trained again
        return compare_roles([], [], [])
    rows = [
        (one, answer)
        for one, answer in zip(labelled, trained.answers)
        if text_digest(one.posting.text) not in seen
    ]
    roles = classifier.predict(one.posting for one, _ in rows)
    answers = [
        RoleAnswer(one.role, one.also, role.id, role.confidence, role.scores)
        for (one, _), role in zip(rows, roles)
    ]
    return compare_roles(answers, [answer for _, answer in rows], [one.group for one, _ in rows])


def save_trained(
    trained: TrainedRoles,
    entries: Sequence[RoleEntry],
    checked: CheckedLabels,
    folder: Path,
    data: Sequence[str],
    comparison: dict[str, Any] | None = None,
    ablations: dict[str, Any] | None = None,
) -> None:
    """Write the model folder with its cards; `data` names the files it was trained on."""
    own = [entry for entry in entries if entry.id in trained.weights.roles]
    classifier = RoleClassifier(trained.weights, trained.config, own, trained.doubt)
    card = {
        "training": {"data": list(data), **trained.counts},
        "cross_validation": trained.figures,
        "untitled": trained.untitled,
        "one_occupation": role_figures(_merged(trained.answers, entries)),
        "comparison": comparison,
        "ablations": ablations or {},
    }
    answers = [(answer.role, answer.confidence) for answer in trained.answers]
    postings = (one.posting for one in checked.labelled)
    card["profile"] = asdict(profile(classifier, postings, roles=answers)[0])
    notes = notes_of(classifier, card)
    names = {entry.id: entry.name for entry in own}
    told = comparison if comparison and "difference" in comparison else None
    pages = {
        "CARD.md": card_text(notes, card),
        "evaluation.html": evaluation_page(
            folder.name, trained.figures, names=names, notes=notes, comparison=told
        ),
    }
    seen = {text_digest(one.posting.text) for one in checked.labelled}
    save_model(classifier, folder, card, pages, seen=seen)


def _merged(answers: Sequence[RoleAnswer], entries: Sequence[RoleEntry]) -> list[RoleAnswer]:
    """The answers with the roles that ESCO holds as one occupation taken for one role."""
    first: dict[str, str] = {}
    same = {entry.id: first.setdefault(entry.esco or entry.id, entry.id) for entry in entries}
    return [_as_one(answer, same) for answer in answers]


def _as_one(answer: RoleAnswer, same: dict[str, str]) -> RoleAnswer:
    scores: dict[str, float] = {}
    for role, score in answer.scores:
        scores[same[role]] = scores.get(same[role], 0.0) + score
    best = max(scores, key=lambda role: scores[role])
    return RoleAnswer(
        primary=same[answer.primary],
        also=tuple(same[role] for role in answer.also),
        role=best,
        confidence=scores[best],
        scores=tuple(scores.items()),
        source=answer.source,
    )


def _promote(folder: Path, comparison: dict[str, Any]) -> str:
    """Put the model in the bundled one's place, unless it is worse or nobody can tell."""
    place = default_model()
    if comparison["verdict"] == "worse" or "difference" not in comparison:
        message = f"is not promoted: {sentence(comparison)}"
        raise ModelError(message, path=folder)
    promote(folder, place)
    return f"promoted to {place}"
