"""Labels as files hold them: rows, tables, folders of a role; what is wrong is told by place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractor.corpus import text_digest
from extractor.errors import FormatError
from extractor.labels import LabelledPosting, read_labelled
from extractor.records import Posting
from extractor.words import load_roles

ROLES = [entry.id for entry in load_roles()]
KNOWN = ", ".join(sorted(ROLES))


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def refused_labels(*args: Any, **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        read_labelled(*args, **options)
    return str(caught.value)


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
    message = f"{path}:1: no role; it stands in one of primary, role, label, or names the folder"
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


# --- tables and folders --------------------------------------------------------------------------


def test_a_table_gives_roles_and_the_others_its_reader_accepts(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "id,title,description,primary,also,company\n"
        "1,Beekeeper,You keep bees.,other,data-scientist ai-engineer,Honey\n"
        "2,Baker,You bake.,nlp-engineer,,Bread\n"
    )
    found = [
        (one.posting.id, one.posting.text, one.role, one.also, one.employer)
        for one in read_labelled([path], roles=ROLES)
    ]
    assert found == [
        ("1", "You keep bees.", "other", ("data-scientist", "ai-engineer"), "honey"),
        ("2", "You bake.", "nlp-engineer", (), "bread"),
    ]


def test_a_text_takes_its_role_from_the_folder_it_lies_in(tmp_path: Path) -> None:
    for role, name, text in (
        ("other", "bees.txt", "Beekeeper\n\nYou keep bees."),
        ("nlp-engineer", "speech.md", "# NLP Engineer\n\nYou parse speech."),
    ):
        (tmp_path / "ads" / role).mkdir(parents=True)
        (tmp_path / "ads" / role / name).write_text(text)
    found = read_labelled([tmp_path / "ads"], roles=ROLES)
    assert [(one.role, one.posting.title, one.posting.id) for one in found] == [
        ("nlp-engineer", "NLP Engineer", str(tmp_path / "ads/nlp-engineer/speech.md")),
        ("other", "Beekeeper", str(tmp_path / "ads/other/bees.txt")),
    ]


def test_a_role_in_the_row_goes_before_the_folder(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    path = write(
        tmp_path / "other" / "labels.jsonl", {"text": "Bees.", "role": "ai-engineer"}, {"text": "B"}
    )
    assert [one.role for one in read_labelled([path], roles=ROLES)] == ["ai-engineer", "other"]


def test_a_folder_that_is_no_role_gives_none(tmp_path: Path) -> None:
    (tmp_path / "cook").mkdir()
    path = tmp_path / "cook" / "soup.txt"
    path.write_text("You cook soup.")
    message = "no role; it stands in one of primary, role, label, or names the folder"
    assert refused_labels([tmp_path], roles=ROLES) == f"{path}: {message}"


# --- many wrong rows -----------------------------------------------------------------------------


def test_all_unknown_roles_are_told_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path / "labels.jsonl",
        {"text": "Bees.", "role": "cook"},
        {"text": "Wasps.", "role": "other"},
        {"text": "Ants.", "role": "baker"},
    )
    assert refused_labels([path], roles=ROLES) == (
        f"{path}:1: unknown role 'cook'; known: {KNOWN}; "
        f"{path}:3: unknown role 'baker'; known: {KNOWN}"
    )


def test_of_very_many_wrong_rows_the_first_five_are_told(tmp_path: Path) -> None:
    rows = [{"text": f"Bees {n}.", "role": f"cook-{n}"} for n in range(8)]
    path = write(tmp_path / "labels.jsonl", *rows)
    told = [f"{path}:{n + 1}: unknown role 'cook-{n}'; known: {KNOWN}" for n in range(5)]
    assert refused_labels([path], roles=ROLES) == "; ".join([*told, "and 3 more"])


def test_an_unknown_other_role_is_refused(tmp_path: Path) -> None:
    row = {"text": "Bees.", "role": "other", "also": ["ai-engineer", "cook"]}
    path = write(tmp_path / "labels.jsonl", row)
    message = f"{path}:1: unknown role 'cook' in also; known: {KNOWN}"
    assert refused_labels([path], roles=ROLES) == message
