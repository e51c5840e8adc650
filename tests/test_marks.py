"""Marked postings: what a row says is read whole, and every fault of it is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from extractor.corpus import text_digest
from extractor.errors import FormatError
from extractor.formats import Row
from extractor.marks import Mark, MarkedPosting, marks_of, read_marked
from extractor.records import SKILL_KINDS, Posting

FORM = "each is an object with start, end and kind"
SOUND = {"start": 9, "end": 13, "kind": "tool"}
TEXT = "You keep bees."


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def row_with(mentions: object) -> Row:
    return Row("7", "", TEXT, "marked.jsonl:3", {"mentions": mentions})


def refused(mentions: object) -> str:
    """The message with which a row's mentions are refused, without its place."""
    with pytest.raises(FormatError) as caught:
        marks_of(row_with(mentions), len(TEXT))
    place, _, message = str(caught.value).partition(": ")
    assert place == "marked.jsonl:3"
    return message


def refused_file(*args: Any, **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        read_marked(*args, **options)
    return str(caught.value)


# --- marks ---------------------------------------------------------------------------------------


def test_a_mark_holds_all_that_is_said_of_it() -> None:
    given = [{**SOUND, "need": "required", "id": "bees", "text": "bees"}, SOUND]
    assert marks_of(row_with(given), len(TEXT)) == (
        Mark(9, 13, "tool", "required"),
        Mark(9, 13, "tool", ""),
    )


@pytest.mark.parametrize("kind", SKILL_KINDS)
def test_every_kind_of_skill_may_be_marked(kind: str) -> None:
    (mark,) = marks_of(row_with([{**SOUND, "kind": kind}]), len(TEXT))
    assert mark.kind == kind


def test_a_table_holds_its_marks_as_json() -> None:
    assert marks_of(row_with(json.dumps([SOUND])), len(TEXT)) == (Mark(9, 13, "tool"),)


def test_numbers_written_as_text_are_numbers() -> None:
    given = [{"start": "9", "end": "13", "kind": "tool", "need": None}]
    assert marks_of(row_with(given), len(TEXT)) == (Mark(9, 13, "tool"),)


@pytest.mark.parametrize("given", [None, [], "[]", "null", {}])
def test_a_row_may_hold_no_marks(given: object) -> None:
    assert marks_of(row_with(given), len(TEXT)) == ()


def test_marks_keep_their_order() -> None:
    given = [SOUND, {"start": 0, "end": 3, "kind": "soft"}]
    assert [mark.start for mark in marks_of(row_with(given), len(TEXT))] == [9, 0]


def test_a_mark_may_be_the_whole_text() -> None:
    (mark,) = marks_of(row_with([{**SOUND, "start": 0, "end": 14}]), len(TEXT))
    assert (mark.start, mark.end) == (0, 14)


@pytest.mark.parametrize(
    ("start", "end"), [(-1, 3), (9, 15), (3, 3), (5, 2), (14, 15), (-5, -2), (0, 10**30)]
)
def test_a_mark_outside_its_text_is_refused(start: int, end: int) -> None:
    message = f"mention {start}-{end} lies outside the text of 14 characters"
    assert refused([SOUND, {**SOUND, "start": start, "end": end}]) == message


def test_an_unknown_kind_is_refused() -> None:
    message = "unknown kind 'Tool'; known: language, qualification, soft, technique, tool"
    assert refused([{**SOUND, "kind": "Tool"}]) == message


@pytest.mark.parametrize("key", ["start", "end", "kind"])
def test_a_mark_that_lacks_a_key_is_refused(key: str) -> None:
    lacking = {name: value for name, value in SOUND.items() if name != key}
    assert refused([lacking]) == f"mentions: KeyError({key!r}); {FORM}"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (5, "TypeError(\"'int' object is not iterable\")"),
        (True, "TypeError(\"'bool' object is not iterable\")"),
        ([5], "TypeError(\"'int' object is not subscriptable\")"),
        ([None], "TypeError(\"'NoneType' object is not subscriptable\")"),
        ("bees", "JSONDecodeError('Expecting value: line 1 column 1 (char 0)')"),
        ("", "JSONDecodeError('Expecting value: line 1 column 1 (char 0)')"),
        (
            [{**SOUND, "start": "nine"}],
            "ValueError(\"invalid literal for int() with base 10: 'nine'\")",
        ),
        ([{**SOUND, "end": float("nan")}], "ValueError('cannot convert float NaN to integer')"),
    ],
    ids=["number", "truth", "numbers", "nulls", "no JSON", "blank cell", "word", "not a number"],
)
def test_marks_of_another_form_are_refused(given: object, reason: str) -> None:
    assert refused(given) == f"mentions: {reason}; {FORM}"


@pytest.mark.parametrize("given", [[[9, 13, "tool"]], ["bees"], SOUND])
def test_marks_that_are_no_objects_are_refused(given: object) -> None:
    """The middle of the message is Python's own and differs between its versions."""
    message = refused(given)
    assert message.startswith("mentions: TypeError(")
    assert message.endswith(f"; {FORM}")


@pytest.mark.parametrize("given", ["Infinity", "-Infinity", "1e999"])
def test_an_endless_offset_is_refused(given: str) -> None:
    message = refused(f'[{{"start": 0, "end": {given}, "kind": "tool"}}]')
    reason = "OverflowError('cannot convert float infinity to integer')"
    assert message == f"mentions: {reason}; {FORM}"


def test_marks_nested_too_deep_are_refused() -> None:
    """The middle of the message is Python's own and differs between its versions."""
    message = refused("[" * 100_000)
    assert message.startswith("mentions: RecursionError(")
    assert message.endswith(f"; {FORM}")


# --- marked postings -----------------------------------------------------------------------------


def test_marked_postings_are_read_with_all_that_a_row_says(tmp_path: Path) -> None:
    row = {
        "id": "7",
        "title": "Beekeeper",
        "text": TEXT,
        "group": 12,
        "company": "Honey & Sons",
        "mentions": [SOUND],
    }
    path = write(tmp_path / "marked.jsonl", row)
    assert read_marked([path]) == (
        MarkedPosting(
            Posting("7", TEXT, "Beekeeper", f"{path}:1"),
            (Mark(9, 13, "tool"),),
            "12",
            "honey & sons",
        ),
    )


def test_postings_of_several_files_come_in_their_order(tmp_path: Path) -> None:
    one = write(tmp_path / "b.jsonl", {"id": "2", "text": TEXT}, {"id": "1", "text": TEXT})
    two = write(tmp_path / "a.jsonl", {"id": "3", "text": TEXT})
    assert [marked.posting.id for marked in read_marked([one, two])] == ["2", "1", "3"]


def test_a_table_of_marked_postings_is_read(tmp_path: Path) -> None:
    path = tmp_path / "marked.csv"
    mentions = json.dumps([SOUND]).replace('"', '""')
    path.write_text(f'id,text,mentions\n7,{TEXT},"{mentions}"\n8,No bees.,[]\n', encoding="utf-8")
    assert [one.marks for one in read_marked([path])] == [(Mark(9, 13, "tool"),), ()]


def test_a_row_without_text_finds_it_in_the_corpus(tmp_path: Path) -> None:
    """The text, its title and its employer are the corpus's, the place is the marks' own."""
    corpus = write(
        tmp_path / "corpus.jsonl", {"id": "7", "title": "Bee", "text": TEXT, "company": "Acme"}
    )
    path = write(
        tmp_path / "marked.jsonl", {"id": "7", "mentions": [SOUND], "sha256": text_digest(TEXT)}
    )
    (one,) = read_marked([path], corpus=[corpus])
    assert one.posting == Posting("7", TEXT, "Bee", f"{path}:1")
    assert (one.marks, one.employer) == ((Mark(9, 13, "tool"),), "acme")


def test_marks_are_measured_by_the_text_of_the_corpus(tmp_path: Path) -> None:
    corpus = write(tmp_path / "corpus.jsonl", {"id": "7", "text": "Bees."})
    path = write(tmp_path / "marked.jsonl", {"id": "7", "mentions": [SOUND]})
    message = f"{path}:1: mention 9-13 lies outside the text of 5 characters"
    assert refused_file([path], corpus=[corpus]) == message


def test_a_row_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "marked.jsonl", {"id": "7", "text": TEXT})
    with path.open("a") as stream:
        stream.write("nonsense\n")
    message = f"{path}:2: is not JSON: Expecting value: line 1 column 1 (char 0)"
    assert refused_file([path]) == message


def test_the_fault_of_a_row_names_its_line(tmp_path: Path) -> None:
    wrong = {"id": "8", "text": TEXT, "mentions": [{**SOUND, "kind": "art"}]}
    path = write(tmp_path / "marked.jsonl", {"id": "7", "text": TEXT}, wrong)
    message = "unknown kind 'art'; known: language, qualification, soft, technique, tool"
    assert refused_file([path]) == f"{path}:2: {message}"
