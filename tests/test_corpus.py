"""Texts and those who wrote them: labels find their text, near-copies share a group."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from extractor.corpus import (
    different_rows,
    employer_of,
    group_of,
    rows_with_texts,
    sound_row,
    text_digest,
)
from extractor.errors import FormatError
from extractor.formats import Row
from extractor.records import Failure

BEES = "You keep bees."


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row(text: str, **values: Any) -> Row:
    return Row(str(values.get("id", "")), "", text, "corpus.jsonl:1", values)


def refused(paths: Sequence[Path], corpus: Sequence[Path] = ()) -> str:
    with pytest.raises(FormatError) as caught:
        list(rows_with_texts(paths, corpus))
    return str(caught.value)


def kept(corpus: Path, *without: Path) -> list[str]:
    """The texts of the different rows."""
    return [one.text for one in different_rows([corpus], without=without)]


# --- labels and their texts ----------------------------------------------------------------------


def test_a_row_that_holds_its_text_is_its_own(tmp_path: Path) -> None:
    path = write(tmp_path / "labels.jsonl", {"id": "7", "text": BEES})
    corpus = write(tmp_path / "corpus.jsonl", {"id": "7", "text": "You keep wasps."})
    ((label, text_row),) = rows_with_texts([path], [corpus])
    assert label is text_row
    assert text_row.text == BEES


def test_a_row_without_text_finds_it_in_the_corpus(tmp_path: Path) -> None:
    first = write(tmp_path / "one.jsonl", {"id": "8", "text": "You keep wasps."})
    second = write(tmp_path / "two.jsonl", {"id": "7", "text": BEES})
    path = write(tmp_path / "labels.jsonl", {"id": "7"}, {"id": "8"})
    found = list(rows_with_texts([path], [first, second]))
    assert [(label.id, text_row.text) for label, text_row in found] == [
        ("7", BEES),
        ("8", "You keep wasps."),
    ]
    assert [text_row.source for _, text_row in found] == [f"{second}:1", f"{first}:1"]


def test_a_row_of_the_corpus_that_cannot_be_read_harms_nobody(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "7", "text": BEES})
    with corpus.open("a") as stream:
        stream.write("nonsense\n")
    path = write(tmp_path / "labels.jsonl", {"id": "7"})
    ((_, text_row),) = rows_with_texts([path], [corpus])
    assert text_row.text == BEES


def test_a_text_that_is_nowhere_is_told(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "8", "text": BEES})
    path = write(tmp_path / "labels.jsonl", {"id": "8"}, {"id": "7"})
    message = f"{path}:2: posting '7' has no text here; name its file with --corpus"
    assert refused([path], [corpus]) == message


def test_a_row_with_neither_id_nor_text_is_told(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"text": BEES}, {"text": "You keep wasps."})
    path = write(tmp_path / "labels.jsonl", {"role": "other"})
    message = f"{path}:1: posting '' has no text here; name its file with --corpus"
    assert refused([path], [corpus]) == message


@pytest.mark.parametrize("own", [True, False])
def test_a_text_that_is_not_the_labelled_one_is_told(tmp_path: Path, own: bool) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "7", "text": "You keep wasps."})
    label = {"id": "7", "sha256": text_digest(BEES)}
    path = write(
        tmp_path / "labels.jsonl", {**label, "text": "You keep no bees."} if own else label
    )
    message = "the text of '7' is not the one that was labelled: its SHA-256 differs"
    assert refused([path], [corpus]) == f"{path}:1: {message}"


@pytest.mark.parametrize("digest", [text_digest(BEES), "", None])
def test_a_text_that_is_the_labelled_one_is_taken(tmp_path: Path, digest: str | None) -> None:
    path = write(tmp_path / "labels.jsonl", {"id": "7", "text": BEES, "sha256": digest})
    ((_, text_row),) = rows_with_texts([path], [])
    assert text_row.text == BEES


def test_a_label_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text("[1]\n")
    assert refused([path]) == f"{path}:1: is no JSON object but list"


def test_a_failure_is_an_error_among_labels() -> None:
    with pytest.raises(FormatError) as caught:
        sound_row(Failure("labels.jsonl:3", "is not UTF-8; save it as UTF-8"))
    assert str(caught.value) == "labels.jsonl:3: is not UTF-8; save it as UTF-8"
    assert sound_row(row(BEES)) == row(BEES)


def test_a_digest_is_that_of_the_utf_8_bytes() -> None:
    assert text_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert text_digest("\ud800") != text_digest("\ud801")


# --- groups and employers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copy", ["YOU KEEP BEES", "You  keep\n12 bees!", "• You_keep bees (3)", "Youkeepbees"]
)
def test_texts_that_differ_in_spaces_digits_and_signs_share_a_group(copy: str) -> None:
    assert group_of(row(copy)) == group_of(row(BEES))


@pytest.mark.parametrize("other", ["You keep bee.", "You kept bees.", "Yöu keep bees.", ""])
def test_texts_of_other_letters_do_not_share_a_group(other: str) -> None:
    assert group_of(row(other)) != group_of(row(BEES))


@pytest.mark.parametrize(("given", "group"), [("g1", "g1"), (12, "12"), (0, "0"), ("", "")])
def test_a_group_that_a_row_states_counts(given: object, group: str) -> None:
    assert group_of(row(BEES, group=given)) == group


def test_a_group_that_is_null_is_none() -> None:
    assert group_of(row(BEES, group=None)) == group_of(row(BEES))


def test_an_employer_is_the_company_in_lower_case() -> None:
    assert employer_of(row(BEES, company="Honey & Sons", group="G1")) == "honey & sons"


@pytest.mark.parametrize("company", ["", None])
def test_who_names_no_company_is_the_employer_of_the_group(company: str | None) -> None:
    assert employer_of(row(BEES, company=company, group="G1")) == "g1"
    assert employer_of(row(BEES, company=company)) == group_of(row(BEES))


# --- different rows ------------------------------------------------------------------------------


def test_one_posting_of_each_group_is_kept(tmp_path: Path) -> None:
    corpus = write(
        tmp_path / "corpus.jsonl",
        {"id": "1", "text": "You keep 12 bees."},
        {"id": "2", "text": "You keep 30 BEES!"},
        {"id": "3", "text": "We drive vans.", "group": "g"},
        {"id": "4", "text": "We mend roofs.", "group": "g"},
        {"id": "5", "text": "They milk cows."},
    )
    assert kept(corpus) == ["You keep 12 bees.", "We drive vans.", "They milk cows."]


def test_blank_and_broken_rows_are_left_out(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "1", "text": " \n"}, {"id": "2", "text": BEES})
    with corpus.open("a") as stream:
        stream.write("nonsense\n")
    assert kept(corpus) == [BEES]


def test_postings_of_the_files_left_out_are_left_out(tmp_path: Path) -> None:
    """By their id, or by their letters where the id is another."""
    corpus = write(
        tmp_path / "corpus.jsonl",
        {"id": "1", "text": "You keep bees."},
        {"id": "2", "text": "We drive vans."},
        {"id": "3", "text": "They milk cows."},
    )
    gold = write(
        tmp_path / "gold.jsonl",
        {"id": "1", "text": "A text that was shortened."},
        {"id": "gold-7", "text": "WE DRIVE 3 VANS"},
    )
    assert kept(corpus, gold) == ["They milk cows."]


def test_groups_of_postings_left_out_are_left_out(tmp_path: Path) -> None:
    """Whether the copy stands before the posting or behind it."""
    corpus = write(
        tmp_path / "corpus.jsonl",
        {"id": "1", "text": "We drive vans.", "group": "g"},
        {"id": "2", "text": "You keep bees.", "group": "g"},
        {"id": "3", "text": "We drive lorries.", "group": "g"},
        {"id": "4", "text": "They milk cows."},
    )
    gold = write(tmp_path / "gold.jsonl", {"id": "2", "text": "You keep bees."})
    assert kept(corpus, gold) == ["They milk cows."]


def test_a_posting_may_be_named_by_another_column(tmp_path: Path) -> None:
    corpus = write(
        tmp_path / "corpus.jsonl",
        {"id": "1", "text": "You keep bees."},
        {"id": "2", "text": "They milk cows."},
    )
    gold = write(tmp_path / "gold.jsonl", {"id": "x", "posting_id": 1, "text": "Something else."})
    assert kept(corpus, gold) == ["They milk cows."]


def test_several_files_are_left_out(tmp_path: Path) -> None:
    texts = ["You keep bees.", "We drive vans.", "They milk cows."]
    rows = [{"id": str(number), "text": text} for number, text in enumerate(texts)]
    corpus = write(tmp_path / "corpus.jsonl", *rows)
    one, two = write(tmp_path / "1.jsonl", rows[0]), write(tmp_path / "2.jsonl", rows[2])
    assert kept(corpus, one, two) == ["We drive vans."]


def test_a_file_to_leave_out_must_be_readable(tmp_path: Path) -> None:
    """A posting to be measured on that is skipped would be learnt from."""
    corpus = write(tmp_path / "corpus.jsonl", {"id": "1", "text": BEES})
    gold = tmp_path / "gold.jsonl"
    gold.write_text("nonsense\n")
    with pytest.raises(FormatError) as caught:
        kept(corpus, gold)
    message = "is not JSON: Expecting value: line 1 column 1 (char 0)"
    assert str(caught.value) == f"{gold}:1: {message}"


def test_a_posting_without_an_id_leaves_out_only_its_copies(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"text": BEES}, {"text": "They milk cows."})
    gold = write(tmp_path / "gold.jsonl", {"text": "YOU KEEP BEES"})
    assert kept(corpus, gold) == ["They milk cows."]
