"""Review: the right postings first, and a table that goes back into training."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import FormatError
from extractor.formats import Row
from extractor.formats.writers import harmless
from extractor.labels import LabelledPosting, read_labelled
from extractor.records import Role
from extractor.review import ReviewRow, read_for_review, worth_a_look, write_review
from extractor.role_classifier import RoleClassifier
from extractor.role_store import load_model

ROLES = ("bi-data-analyst", "data-scientist", "nlp-engineer")
COLUMNS = (
    "primary", "also", "title", "text", "id", "suggested", "confidence", "second", "why",
    "given", "company", "group", "source",
)  # fmt: skip
DASHBOARDS = "You build dashboards in Power BI for the sales team. You write SQL."
PARSERS = "You train text classifiers. Tokenizers, transformers and spaCy hold no secrets."


def _is_bare(text: str) -> bool:
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerow([text])
    return '"' not in stream.getvalue()


CR_IS_BARE = _is_bare("\r")  # with some versions of Python, 3.11.7 for one
FORMULAS = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1"),
    pytest.param("\r=1", marks=pytest.mark.xfail(CR_IS_BARE, strict=True, reason="not quoted")),
)


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> RoleClassifier:
    return load_model(tiny_model)


def row(number: int, text: str, **values: Any) -> Row:
    title = str(values.get("title", ""))
    return Row(str(number), title, text, f"ads.jsonl:{number}", values)


def written(rows: Iterable[ReviewRow]) -> str:
    stream = io.StringIO()
    write_review(rows, stream)
    return stream.getvalue()


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def reviewed(classifier: RoleClassifier, *rows: Row) -> list[dict[str, str]]:
    return cells(written(worth_a_look(classifier, rows, count=100)))


def in_lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def read_back(
    classifier: RoleClassifier, folder: Path, *rows: dict[str, Any]
) -> Iterator[tuple[LabelledPosting, LabelledPosting]]:
    """Labels as they are read, and read again from their review, in the order of the latter."""
    path = in_lines(folder / "labels.jsonl", rows)
    table = folder / "review.csv"
    _, found = read_for_review([str(path)])
    chosen = worth_a_look(classifier, found, count=100)
    table.write_bytes(written(chosen).encode())
    before = {one.posting.id: one for one in read_labelled([path], roles=ROLES)}
    for one in read_labelled([table], roles=ROLES):
        yield before[one.posting.id], one


# --- which come first ----------------------------------------------------------------------------


def test_the_most_uncertain_come_first(
    classifier: RoleClassifier, labelled: tuple[LabelledPosting, ...]
) -> None:
    rows = [row(n, one.posting.text) for n, one in enumerate(labelled)]
    found = worth_a_look(classifier, [*rows, row(99, "Zzq.")], count=100)
    margins = [one.role.scores[0][1] - one.role.scores[1][1] for one in found]
    assert margins == sorted(margins)
    assert found[0].row.text == "Zzq."
    assert [one.worth for one in found] == [1 - margin for margin in margins]


def test_another_label_comes_before_any_doubt(classifier: RoleClassifier) -> None:
    found = worth_a_look(
        classifier,
        [
            row(1, "Zzq."),
            row(2, DASHBOARDS, primary="bi-data-analyst"),
            row(3, "Statistics, SQL and tokenizers.", primary=""),
            row(4, DASHBOARDS, primary="nlp-engineer"),
        ],
        count=10,
    )
    assert found[0].row.id == "4"
    assert found[-1].row.id == "2"
    assert found[0].worth >= 1 >= found[1].worth


def test_the_surer_the_model_the_more_a_contradiction_is_worth(classifier: RoleClassifier) -> None:
    vague = row(1, "Zzq.")
    (role,) = (one.role for one in worth_a_look(classifier, [vague], count=1))
    given = role.likeliest[1]
    sure = row(2, DASHBOARDS, primary="nlp-engineer")
    found = worth_a_look(classifier, [row(1, "Zzq.", primary=given), sure], count=2)
    assert [one.row.id for one in found] == ["2", "1"]
    assert found[1].worth == pytest.approx(1 + role.scores[0][1] - role.scores[1][1])


@pytest.mark.parametrize("key", ["primary", "role", "label"])
def test_the_label_may_stand_in_any_of_its_columns(classifier: RoleClassifier, key: str) -> None:
    (found,) = worth_a_look(classifier, [row(1, DASHBOARDS, **{key: "nlp-engineer"})], count=1)
    assert found.given == "nlp-engineer"
    assert found.why == "label nlp-engineer, model bi-data-analyst"


def test_equals_stand_in_the_order_of_their_places(classifier: RoleClassifier) -> None:
    rows = [row(number, DASHBOARDS) for number in (3, 1, 2)]
    assert [one.row.id for one in worth_a_look(classifier, rows, count=3)] == ["1", "2", "3"]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_no_more_than_count_are_given(classifier: RoleClassifier, count: int) -> None:
    rows = [row(number, "SQL " * number) for number in range(1, 4)]
    every = worth_a_look(classifier, rows, count=100)
    assert worth_a_look(classifier, rows, count=count) == every[:count]


def test_a_posting_without_text_is_not_worth_a_look(classifier: RoleClassifier) -> None:
    found = worth_a_look(classifier, [row(1, " \n"), row(2, DASHBOARDS)], count=9)
    assert [one.row.id for one in found] == ["2"]


def test_why_tells_a_doubt_where_the_label_agrees() -> None:
    role = Role("nlp-engineer", "", 0.5, (("nlp-engineer", 0.5), ("data-scientist", 0.5)))
    unsure = Role(role.id, "", 0.5, role.scores, (), "unsure")
    assert ReviewRow(row(1, "x"), role, "", 1.0).why == "close between two roles"
    assert ReviewRow(row(1, "x"), unsure, "", 1.0).why == "abstained: unsure"
    assert ReviewRow(row(1, "x"), unsure, "nlp-engineer", 1.0).why == "abstained: unsure"
    assert ReviewRow(row(1, "x"), unsure, "x", 1.5).why == "label x, model nlp-engineer"


def test_a_sure_answer_is_not_called_close() -> None:
    role = Role("nlp-engineer", "", 0.99, (("nlp-engineer", 0.99), ("data-scientist", 0.01)))
    assert ReviewRow(row(1, "x"), role, "nlp-engineer", 0.02).why != "close between two roles"


def test_a_role_that_the_reader_accepted_is_no_contradiction(classifier: RoleClassifier) -> None:
    given = {"primary": "nlp-engineer", "also": ["bi-data-analyst"]}
    (found,) = worth_a_look(classifier, [row(1, DASHBOARDS, **given)], count=1)
    assert found.worth < 1


# --- reading -------------------------------------------------------------------------------------


def test_rows_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "ads.jsonl"
    path.write_text('nonsense\n{"id": "1", "text": "SQL"}\n[]\n')
    failures, rows = read_for_review([str(path)])
    assert (failures, [one.id for one in rows]) == (2, ["1"])


def test_texts_are_looked_up_in_the_corpus(tmp_path: Path) -> None:
    labels = in_lines(tmp_path / "labels.jsonl", [{"id": "2", "primary": "nlp-engineer"}])
    corpus = in_lines(
        tmp_path / "corpus.jsonl",
        [
            {"id": "1", "text": "other"},
            {"id": "2", "title": "Linguist", "text": PARSERS, "company": "Acme", "primary": "x"},
        ],
    )
    failures, (found,) = read_for_review([str(labels)], [str(corpus)])
    assert (failures, found.id, found.title, found.text) == (0, "2", "Linguist", PARSERS)
    assert (found.values["company"], found.values["primary"]) == ("Acme", "nlp-engineer")
    assert found.source == f"{labels}:1"


def test_a_text_that_is_not_in_the_corpus_is_told(tmp_path: Path) -> None:
    labels = in_lines(tmp_path / "labels.jsonl", [{"id": "2", "primary": "nlp-engineer"}])
    corpus = in_lines(tmp_path / "corpus.jsonl", [{"id": "1", "text": "other"}])
    with pytest.raises(FormatError) as caught:
        read_for_review([str(labels)], [str(corpus)])
    message = "posting '2' has no text here; name its file with --corpus"
    assert str(caught.value) == f"{labels}:1: {message}"


@pytest.mark.xfail(strict=True, reason="rows without text are left out without a word")
def test_rows_without_text_are_told(tmp_path: Path) -> None:
    """`explain` and `analyze` tell them: "no text; the description is empty"."""
    path = in_lines(tmp_path / "ads.jsonl", [{"id": "1", "text": " "}, {"id": "2", "text": "SQL"}])
    failures, rows = read_for_review([str(path)])
    assert (failures, [one.id for one in rows]) == (1, ["2"])


@pytest.mark.xfail(
    strict=True, reason="train takes a folder's name for the label, review puts the model's there"
)
def test_the_label_of_a_folder_is_kept(classifier: RoleClassifier, tmp_path: Path) -> None:
    path = tmp_path / "nlp-engineer" / "ad.txt"
    path.parent.mkdir()
    path.write_text(f"Analyst\n\n{DASHBOARDS}")
    (before,) = read_labelled([path], roles=ROLES)
    _, rows = read_for_review([str(path)])
    (found,) = worth_a_look(classifier, rows, count=1)
    assert found.given == before.role == "nlp-engineer"


# --- the table -----------------------------------------------------------------------------------


def test_the_columns_are_those_promised(classifier: RoleClassifier) -> None:
    given = {"title": "Analyst", "company": "Acme", "group": 7, "primary": "nlp-engineer"}
    (found,) = reviewed(classifier, row(1, DASHBOARDS, **given))
    (role,) = (one.role for one in worth_a_look(classifier, [row(1, DASHBOARDS, **given)], count=1))
    assert found == {
        "primary": "nlp-engineer",
        "also": "",
        "title": "Analyst",
        "text": DASHBOARDS,
        "id": "1",
        "suggested": "bi-data-analyst",
        "confidence": f"{role.confidence:.3f}",
        "second": role.likeliest[1],
        "why": "label nlp-engineer, model bi-data-analyst",
        "given": "nlp-engineer",
        "company": "Acme",
        "group": "7",
        "source": "ads.jsonl:1",
    }
    assert tuple(found) == COLUMNS


def test_without_a_label_the_models_role_stands_there(classifier: RoleClassifier) -> None:
    (found,) = reviewed(classifier, row(1, DASHBOARDS))
    assert (found["primary"], found["given"]) == ("bi-data-analyst", "")


@pytest.mark.parametrize("formula", FORMULAS)
def test_formula_cells_are_made_harmless(classifier: RoleClassifier, formula: str) -> None:
    given = {"title": formula, "company": formula, "group": formula, "primary": formula}
    one = Row(formula, formula, f"{formula} {DASHBOARDS}", formula, given)
    (found,) = reviewed(classifier, one)
    for key in ("primary", "title", "id", "given", "company", "group", "source"):
        assert found[key] == "'" + formula
    assert found["text"] == f"'{formula} {DASHBOARDS}"


def test_only_formulas_are_marked() -> None:
    assert [harmless(cell) for cell in ("a=1", "", "'=1", " -1", "1-2")] == [
        "a=1", "", "'=1", " -1", "1-2",
    ]  # fmt: skip


def test_a_letter_that_cannot_be_written_is_replaced(classifier: RoleClassifier) -> None:
    (found,) = reviewed(classifier, row(1, f"{DASHBOARDS} \ud800"))
    assert found["text"] == f"{DASHBOARDS} ?"


# --- back into training --------------------------------------------------------------------------


def test_the_table_is_read_as_labels_unchanged(
    classifier: RoleClassifier, labelled: tuple[LabelledPosting, ...], tmp_path: Path
) -> None:
    rows = [
        {
            "id": one.posting.id,
            "title": one.posting.title,
            "text": one.posting.text + '\n• "quoted", comma; größer \r\nend',
            "primary": one.role,
            "company": f"Firm {number}",
            "group": number,
        }
        for number, one in enumerate(labelled)
    ]
    pairs = list(read_back(classifier, tmp_path, *rows))
    assert len(pairs) == 45
    for before, after in pairs:
        assert (after.posting.title, after.posting.text) == (
            before.posting.title, before.posting.text,
        )  # fmt: skip
        assert (after.role, after.group, after.employer) == (
            before.role, before.group, before.employer,
        )  # fmt: skip


def test_an_unlabelled_posting_is_read_with_the_models_role(
    classifier: RoleClassifier, tmp_path: Path
) -> None:
    table = tmp_path / "review.csv"
    table.write_text(written(worth_a_look(classifier, [row(1, DASHBOARDS)], count=1)))
    (found,) = read_labelled([table], roles=ROLES)
    assert (found.role, found.posting.text) == ("bi-data-analyst", DASHBOARDS)


ROW = {"id": "1", "title": "Analyst", "text": DASHBOARDS, "primary": "bi-data-analyst"}
OTHER = {"id": "2", "title": "Linguist", "text": PARSERS, "primary": "nlp-engineer"}


@pytest.mark.xfail(
    strict=True,
    reason="an empty cell of `group` is taken for a group named '', and for the employer too",
)
def test_postings_without_company_keep_employers_of_their_own(
    classifier: RoleClassifier, tmp_path: Path
) -> None:
    """With one employer for all, no term is used by ten employers and `train` refuses."""
    pairs = list(read_back(classifier, tmp_path, ROW, OTHER))
    assert [after.employer for _, after in pairs] == [before.employer for before, _ in pairs]


def test_other_roles_of_a_label_are_kept(classifier: RoleClassifier, tmp_path: Path) -> None:
    given = {**ROW, "also": ["data-scientist"]}
    ((before, after),) = read_back(classifier, tmp_path, given)
    assert after.also == before.also == ("data-scientist",)


@pytest.mark.xfail(strict=True, reason="the corpus a posting came from gives way to its place")
def test_the_origin_of_a_posting_is_kept(classifier: RoleClassifier, tmp_path: Path) -> None:
    ((before, after),) = read_back(classifier, tmp_path, {**ROW, "source": "own"})
    assert after.corpus == before.corpus == "own"


@pytest.mark.xfail(CR_IS_BARE, strict=True, reason="a carriage return is not quoted")
def test_a_lone_carriage_return_does_not_part_the_row(
    classifier: RoleClassifier, tmp_path: Path
) -> None:
    given = {**ROW, "text": "You train models\rin Python."}
    ((before, after),) = read_back(classifier, tmp_path, given)
    assert after.posting.text == before.posting.text


@pytest.mark.xfail(strict=True, reason="the mark before a formula stays in the text")
def test_a_text_that_begins_with_a_bullet_is_read_unchanged(
    classifier: RoleClassifier, tmp_path: Path
) -> None:
    given = {**ROW, "text": f"- {DASHBOARDS}"}
    ((before, after),) = read_back(classifier, tmp_path, given)
    assert after.posting.text == before.posting.text
