"""Training: the same input gives the same bytes, groups stay together, bad labels are told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import FormatError
from extractor.label_checks import CheckedLabels
from extractor.labels import LabelledPosting
from extractor.records import Posting
from extractor.retraining import save_trained, trained_line
from extractor.role_store import load_model
from extractor.roles import RolesConfig, weights_of
from extractor.training import TrainedRoles, train_roles
from extractor.words import load_roles

Labelled = tuple[LabelledPosting, ...]
ONE_EMPLOYER = RolesConfig(min_employers=1)


def save(trained: TrainedRoles, labelled: Labelled, folder: Path) -> None:
    save_trained(trained, load_roles(), CheckedLabels(labelled, 0, 0), folder, ["invented"])


def refusal(*args: Any, **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        train_roles(*args, **options)
    return str(caught.value)


# --- training ------------------------------------------------------------------------------------


def test_training_is_the_same_to_the_byte(
    tiny: TrainedRoles, labelled: Labelled, tmp_path: Path
) -> None:
    again = train_roles(labelled, config=ONE_EMPLOYER, folds=3)
    save(tiny, labelled, tmp_path / "one" / "model")
    save(again, labelled, tmp_path / "two" / "model")
    names = sorted(path.name for path in (tmp_path / "one" / "model").iterdir())
    assert names == ["CARD.md", "card.json", "evaluation.html", "terms.json", "weights.npz"]
    for name in names:
        one, two = (tmp_path / run / "model" / name for run in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name


def test_training_changes_nothing_it_was_given(labelled: Labelled) -> None:
    before = repr(labelled)
    train_roles(labelled, config=ONE_EMPLOYER, folds=2)
    assert repr(labelled) == before


def test_figures_are_those_of_cross_validation(tiny: TrainedRoles) -> None:
    assert tiny.figures["postings"] == 45
    assert tiny.figures["accuracy"] >= 0.9
    assert set(tiny.figures["per_role"]) == {"bi-data-analyst", "data-scientist", "nlp-engineer"}


def test_the_summary_names_the_main_figures(tiny: TrainedRoles) -> None:
    keys = ("postings", "accuracy", "accepted", "macro_f1", "ece", "log_loss", "sure80")
    assert trained_line(tiny) == (
        "  ".join(f"{key} {tiny.figures[key]}" for key in keys)
        + f"  untitled {tiny.untitled['accuracy']}"
        + f"  answers {tiny.doubt.coverage:.0%} at precision 0.9"
    )


def test_the_temperature_lies_between_its_bounds(tiny: TrainedRoles) -> None:
    assert 0.135 < tiny.counts["temperature"] < 7.39


def test_terms_of_fewer_employers_than_asked_for_are_no_features(labelled: Labelled) -> None:
    """A firm's name must not decide, however often the firm advertises."""
    acme = [
        replace(one, employer="acme", posting=replace(one.posting, text=one.posting.text + " Zyx"))
        if number % 3 == 0
        else one
        for number, one in enumerate(labelled)
    ]
    trained = train_roles(acme, config=RolesConfig(min_employers=2), folds=2)
    _, terms = weights_of(trained.pipeline, trained.config).terms
    assert "zyx" not in terms
    assert "dashboards" in terms


def test_only_the_most_telling_terms_are_kept(labelled: Labelled) -> None:
    config = RolesConfig(min_employers=1, max_terms=20)
    trained = train_roles(labelled, config=config, folds=2)
    assert trained.counts["terms"]["description"] == 20


@pytest.mark.parametrize("roles", [("data-scientist", "nlp-engineer"), ("other", "ai-engineer")])
def test_two_roles_are_enough(labelled: Labelled, tmp_path: Path, roles: tuple[str, str]) -> None:
    """scikit-learn keeps one row of numbers for two roles, as the other is its negative."""
    names = dict(zip(("data-scientist", "nlp-engineer"), roles))
    two = [replace(one, role=names[one.role]) for one in labelled if one.role in names]
    trained = train_roles(two, config=ONE_EMPLOYER, folds=3)
    save(trained, tuple(two), tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert [role.id for role in loaded.predict(one.posting for one in two)] == [
        one.role for one in two
    ]


def test_a_fold_that_leaves_one_role_to_learn_from_does_not_end_training(
    labelled: Labelled,
) -> None:
    """The one large group makes a fold, all of the rarer role the other."""
    common = [one for one in labelled if one.role == "data-scientist"]
    rare = [one for one in labelled if one.role == "nlp-engineer"]
    copies = [replace(common[0], group="large")] * 3
    trained = train_roles([*copies, common[1], *rare[:2]], config=ONE_EMPLOYER, folds=2)
    assert trained.figures["postings"] == 6


# --- groups --------------------------------------------------------------------------------------


def test_grouped_folds_never_split_a_group() -> None:
    """Each group has words of its own and a role by chance: only a model that saw the other copy
    could tell it."""
    letters = "bcdfghklmnprstvz"
    copies = []
    for number in range(16):
        word = "".join(letters[(number * step) % 16] + "ao"[step % 2] for step in range(1, 6))
        role = ("data-scientist", "nlp-engineer", "other")[number % 3]
        for copy in range(2):
            posting = Posting(f"{number}-{copy}", f"{word} {word}ia {word}um", word)
            copies.append(LabelledPosting(posting, role, (), f"g{number}", f"e{number}-{copy}"))
    together = train_roles(copies, config=ONE_EMPLOYER)
    apart = train_roles([replace(one, group=one.posting.id) for one in copies], config=ONE_EMPLOYER)
    assert apart.figures["accuracy"] >= 0.7
    assert together.figures["accuracy"] <= 0.4


# --- too little to train on ----------------------------------------------------------------------


def test_one_role_only_is_refused(labelled: Labelled) -> None:
    one_role = [one for one in labelled if one.role == "data-scientist"]
    assert refusal(one_role) == "training needs two roles at least; found: data-scientist"
    assert refusal(()) == "training needs two roles at least; found: none"


def test_a_role_with_one_posting_is_refused(labelled: Labelled) -> None:
    few = [one for one in labelled if one.role == "data-scientist"]
    few += [replace(labelled[0], role="other")]
    message = "role 'other' has 1 posting(s); each needs 2 different ones"
    assert refusal(few) == message


def test_copies_of_one_posting_are_not_two(labelled: Labelled) -> None:
    few = [one for one in labelled if one.role == "data-scientist"]
    few += [replace(labelled[0], role="other"), replace(labelled[0], role="other")]
    message = "role 'other' has 2 posting(s); each needs 2 different ones"
    assert refusal(few) == message


def test_terms_of_too_few_employers_are_told(labelled: Labelled) -> None:
    message = "no term is used by 40 employers; give more postings, or a lower --min-employers"
    assert refusal(labelled, config=RolesConfig(min_employers=40)) == message


def test_one_employer_alone_is_told(labelled: Labelled) -> None:
    firm = [replace(one, employer="one firm") for one in labelled]
    message = "no term is used by 2 employers; give more postings, or a lower --min-employers"
    assert refusal(firm, config=RolesConfig(min_employers=2)) == message


@pytest.mark.parametrize("field", ["title", "text"])
def test_one_field_may_always_be_empty(labelled: Labelled, tmp_path: Path, field: str) -> None:
    """A table of texts and labels, without a column for the title, is a usual one."""
    half = [replace(one, posting=replace(one.posting, **{field: ""})) for one in labelled]
    save(train_roles(half, config=ONE_EMPLOYER, folds=2), tuple(half), tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert [role.id for role in loaded.predict(one.posting for one in half)] == [
        one.role for one in half
    ]
