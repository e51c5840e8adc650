"""Training: the same input gives the same bytes, groups stay together, bad labels are told."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractor.corpus import text_digest
from extractor.errors import FormatError
from extractor.labels import (
    LabelledPosting,
    read_labelled,
    read_weakly_labelled,
)
from extractor.records import Posting
from extractor.role_store import load_model
from extractor.roles import RoleClassifier, RolesConfig, weights_of
from extractor.store import load_card
from extractor.training import TrainedRoles, save_trained, train_from_files, train_roles
from extractor.words import load_roles

Labelled = tuple[LabelledPosting, ...]
ONE_EMPLOYER = RolesConfig(min_employers=1)
ROLES = [entry.id for entry in load_roles()]


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_rows(labelled: Labelled) -> list[dict[str, Any]]:
    return [
        {
            "id": one.posting.id,
            "title": one.posting.title,
            "text": one.posting.text,
            "primary": one.role,
            "company": one.employer,
        }
        for one in labelled
    ]


def refusal(*args: Any, **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        train_roles(*args, **options)
    return str(caught.value)


def refused_labels(*args: Any, **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        read_labelled(*args, **options)
    return str(caught.value)


# --- training ------------------------------------------------------------------------------------


def test_training_is_the_same_to_the_byte(
    tiny: TrainedRoles, labelled: Labelled, tmp_path: Path
) -> None:
    again = train_roles(labelled, config=ONE_EMPLOYER, folds=3)
    save_trained(tiny, tmp_path / "one", ["invented"])
    save_trained(again, tmp_path / "two", ["invented"])
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["CARD.md", "card.json", "terms.json", "weights.npz"]
    for name in names:
        one, two = tmp_path / "one" / name, tmp_path / "two" / name
        assert one.read_bytes() == two.read_bytes(), name


def test_training_changes_nothing_it_was_given(labelled: Labelled) -> None:
    before = repr(labelled)
    train_roles(labelled, labelled[:3], config=ONE_EMPLOYER, folds=2)
    assert repr(labelled) == before


def test_figures_are_those_of_cross_validation(tiny: TrainedRoles) -> None:
    assert tiny.figures["postings"] == 45
    assert tiny.figures["accuracy"] >= 0.9
    assert set(tiny.figures["per_role"]) == {"bi-data-analyst", "data-scientist", "nlp-engineer"}


def test_the_summary_names_the_main_figures(tiny: TrainedRoles) -> None:
    keys = ("postings", "accuracy", "accepted", "macro_f1", "ece", "log_loss", "sure80")
    assert tiny.summary == "  ".join(f"{key} {tiny.figures[key]}" for key in keys)


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
    save_trained(trained, tmp_path / "model", ["two"])
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


def test_weak_labels_of_a_read_group_are_left_out(labelled: Labelled) -> None:
    read, weak = labelled[::2], [replace(one, role="other") for one in labelled]
    trained = train_roles(read, weak, config=ONE_EMPLOYER, folds=2)
    assert sum(trained.counts["read"].values()) == 23
    assert trained.counts["weak"] == {"other": 22}


def test_weak_labels_help_but_are_never_judged(labelled: Labelled) -> None:
    read = [one for number, one in enumerate(labelled) if number % 15 < 5]
    weak = [replace(one, group="w" + one.group) for one in labelled]
    trained = train_roles(read, weak, config=ONE_EMPLOYER, folds=3)
    assert trained.figures["postings"] == 15
    assert sum(trained.counts["weak"].values()) == 45


def test_a_weak_label_weighs_less_than_a_read_one(labelled: Labelled) -> None:
    posting = Posting("w", "dashboards dashboards dashboards", "Data Analyst")
    weak = [LabelledPosting(posting, "nlp-engineer", (), f"w{n}", f"w{n}") for n in range(10)]
    trained = train_roles(labelled, weak, config=ONE_EMPLOYER, weak_weight=0.001, folds=3)
    weights = weights_of(trained.pipeline, trained.config)
    (role,) = RoleClassifier(weights, trained.config, ()).predict([posting])
    assert role.id == "bi-data-analyst"


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
    save_trained(train_roles(half, config=ONE_EMPLOYER, folds=2), tmp_path / "model", ["x"])
    loaded = load_model(tmp_path / "model")
    assert [role.id for role in loaded.predict(one.posting for one in half)] == [
        one.role for one in half
    ]


# --- labels --------------------------------------------------------------------------------------


def test_labels_are_read_with_all_that_a_row_says(tmp_path: Path) -> None:
    row = {
        "id": "7",
        "title": "Beekeeper",
        "text": "You keep bees.",
        "primary": "other",
        "also": ["data-scientist"],
        "group": 12,
        "company": "Honey & Sons",
        "source": "board:2024",
    }
    path = write(tmp_path / "labels.jsonl", row)
    assert read_labelled([path], roles=ROLES) == (
        LabelledPosting(
            Posting("7", "You keep bees.", "Beekeeper", f"{path}:1"),
            "other",
            ("data-scientist",),
            "12",
            "honey & sons",
            "board:2024",
        ),
    )


@pytest.mark.parametrize("key", ["primary", "role", "label"])
def test_the_role_stands_in_one_of_three_columns(tmp_path: Path, key: str) -> None:
    path = write(tmp_path / "labels.jsonl", {"text": "Bees.", key: "other"})
    (one,) = read_labelled([path], roles=ROLES)
    assert one.role == "other"


@pytest.mark.parametrize("key", ["primary", "role", "label"])
def test_the_role_is_never_read_as_the_title(tmp_path: Path, key: str) -> None:
    """A table of adverts may call its title "role"; the model must not learn the label from it."""
    path = write(tmp_path / "labels.jsonl", {"text": "Bees.", key: "other"})
    (one,) = read_labelled([path], roles=ROLES)
    assert one.posting.title == ""


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["ai-engineer", "other"], ("ai-engineer", "other")),
        ("ai-engineer other", ("ai-engineer", "other")),
        ([], ()),
        ("", ()),
        (None, ()),
    ],
)
def test_other_roles_are_a_list_or_words(
    tmp_path: Path, given: object, found: tuple[str, ...]
) -> None:
    path = write(tmp_path / "labels.jsonl", {"text": "Bees.", "role": "other", "also": given})
    (one,) = read_labelled([path], roles=ROLES)
    assert one.also == found


def test_near_copies_share_a_group(tmp_path: Path) -> None:
    path = write(
        tmp_path / "labels.jsonl",
        {"text": "You keep 12 bees.", "role": "other"},
        {"text": "You  KEEP 30 bees!", "role": "other"},
        {"text": "You keep wasps.", "role": "other"},
    )
    one, copy, another = (labelled.group for labelled in read_labelled([path], roles=ROLES))
    assert one == copy != another


def test_a_label_without_text_finds_it_in_the_corpus(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "7", "title": "Bee", "text": "You keep bees."})
    digest = text_digest("You keep bees.")
    path = write(tmp_path / "labels.jsonl", {"id": "7", "role": "other", "sha256": digest})
    (one,) = read_labelled([path], corpus=[corpus], roles=ROLES)
    assert one.posting == Posting("7", "You keep bees.", "Bee", f"{corpus}:1")


def test_a_label_whose_text_is_nowhere_is_refused(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "8", "text": "You keep wasps."})
    path = write(tmp_path / "labels.jsonl", {"id": "7", "role": "other"})
    message = f"{path}:1: posting '7' has no text here; name its file with --corpus"
    assert refused_labels([path], roles=ROLES) == message
    assert refused_labels([path], corpus=[corpus], roles=ROLES) == message


def test_a_text_that_is_not_the_one_labelled_is_refused(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "7", "text": "You keep wasps."})
    digest = text_digest("You keep bees.")
    path = write(tmp_path / "labels.jsonl", {"id": "7", "role": "other", "sha256": digest})
    message = "the text of '7' is not the one that was labelled: its SHA-256 differs"
    assert refused_labels([path], corpus=[corpus], roles=ROLES) == f"{path}:1: {message}"


@pytest.mark.parametrize("given", ["cook", ["other"], {"id": "other"}, 5])
def test_an_unknown_role_is_refused(tmp_path: Path, given: object) -> None:
    path = write(tmp_path / "labels.jsonl", {"text": "Bees.", "role": given})
    known = ", ".join(sorted(ROLES))
    expected = f"{path}:1: unknown role {given!r}; known: {known}"
    assert refused_labels([path], roles=ROLES) == expected


def test_a_row_without_a_role_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.jsonl", {"text": "Bees."})
    message = f"{path}:1: no role; it stands in one of primary, role, label"
    assert refused_labels([path], roles=ROLES) == message


def test_other_roles_that_are_no_list_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.jsonl", {"text": "Bees.", "role": "other", "also": 5})
    message = f"{path}:1: also is 5; it is a list of roles, or their ids parted by spaces"
    assert refused_labels([path], roles=ROLES) == message


def test_a_broken_row_among_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text('{"text": "Bees.", "role": "other"}\nnonsense\n')
    reason = "is not JSON: Expecting value: line 1 column 1 (char 0)"
    assert refused_labels([path], roles=ROLES) == f"{path}:2: {reason}"


def test_weak_labels_are_one_a_group_and_so_many_a_role(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    rows = [
        {"id": "1", "text": "You keep bees.", "guess": "other"},
        {"id": "2", "text": "You KEEP bees!", "guess": "other"},
        {"id": "3", "text": "You keep wasps.", "guess": "other"},
        {"id": "4", "text": "You keep ants.", "guess": "other"},
        {"id": "5", "text": "You keep count.", "guess": "data-scientist"},
        {"id": "6", "text": "You keep time.", "guess": "cook"},
        {"id": "7", "text": "You keep calm.", "guess": None},
        {"id": "8", "text": "You keep on."},
        {"id": "9", "text": "You keep lists.", "guess": ["other"]},
    ]
    write(path, *rows)
    with path.open("a") as stream:
        stream.write("nonsense\n")
    found = read_weakly_labelled([path], "guess", roles=ROLES, limit=2)
    assert [(one.posting.id, one.role) for one in found] == [
        ("1", "other"),
        ("3", "other"),
        ("5", "data-scientist"),
    ]


# --- from files ----------------------------------------------------------------------------------


def test_training_from_files_writes_a_model_that_works(labelled: Labelled, tmp_path: Path) -> None:
    data = write(tmp_path / "labels.jsonl", *as_rows(labelled))
    trained = train_from_files([str(data)], tmp_path / "model", min_employers=1)
    loaded = load_model(tmp_path / "model")
    assert trained.counts["read"] == {
        "bi-data-analyst": 15,
        "data-scientist": 15,
        "nlp-engineer": 15,
    }
    assert [role.id for role in loaded.predict(one.posting for one in labelled)] == [
        one.role for one in labelled
    ]
    assert load_card(tmp_path / "model")["training"]["data"] == ["labels.jsonl"]


def test_a_corpus_gives_texts_and_weak_labels(labelled: Labelled, tmp_path: Path) -> None:
    rows = as_rows(labelled)
    corpus = write(
        tmp_path / "corpus.jsonl",
        *({**row, "primary": None, "guess": row["primary"]} for row in rows),
    )
    data = write(
        tmp_path / "labels.jsonl", *({"id": row["id"], "role": row["primary"]} for row in rows[::3])
    )
    trained = train_from_files(
        [str(data)],
        tmp_path / "model",
        corpus=[str(corpus)],
        weak_field="guess",
        min_employers=1,
    )
    assert trained.counts["read"] == {
        "bi-data-analyst": 5,
        "data-scientist": 5,
        "nlp-engineer": 5,
    }
    assert sum(trained.counts["weak"].values()) == 30


def test_nothing_is_written_when_training_is_refused(labelled: Labelled, tmp_path: Path) -> None:
    data = write(tmp_path / "labels.jsonl", *as_rows(labelled)[:3])
    with pytest.raises(FormatError) as caught:
        train_from_files([str(data)], tmp_path / "model")
    message = "training needs two roles at least; found: bi-data-analyst"
    assert str(caught.value) == message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.jsonl"]
