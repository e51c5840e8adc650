"""Figures on examples small enough to work out by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from extractor.errors import FormatError
from extractor.evaluation import MarkedText, RoleAnswer, role_figures, skill_figures
from extractor.gold import evaluate_file, summary_of


def answer(
    primary: str, role: str, confidence: float, *, also: tuple[str, ...] = (), source: str = ""
) -> RoleAnswer:
    """An answer of two roles, a and b, the rest of the probability on the one not given."""
    rest = "b" if role == "a" else "a"
    scores = ((role, confidence), (rest, 1 - confidence))
    return RoleAnswer(primary, also, role, confidence, scores, source)


FOUR = (
    answer("a", "a", 0.9, source="x"),
    answer("a", "a", 0.8, source="x"),
    answer("a", "b", 0.6, also=("b",), source="y"),
    answer("b", "a", 0.7, source="y"),
)


def test_accuracy_is_the_share_of_primary_roles_met() -> None:
    assert role_figures(FOUR)["accuracy"] == 0.5


def test_accepted_counts_the_other_roles_a_reading_allows() -> None:
    assert role_figures(FOUR)["accepted"] == 0.75


def test_each_role_has_precision_recall_and_f1() -> None:
    # a: given 3 times, right twice, wanted 3 times. b: given once, wrong; wanted once.
    assert role_figures(FOUR)["per_role"] == {
        "a": {"precision": 0.6667, "recall": 0.6667, "f1": 0.6667, "postings": 3},
        "b": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "postings": 1},
    }


def test_macro_f1_is_the_mean_over_the_roles_that_occur() -> None:
    assert role_figures(FOUR)["macro_f1"] == 0.3333
    only_a = (answer("a", "a", 0.9), answer("a", "b", 0.9))
    # b is given but never wanted, so it has no share in the mean: a has P 1, R 1/2.
    assert role_figures(only_a)["macro_f1"] == 0.6667


def test_the_surest_four_fifths_are_judged_on_their_own() -> None:
    # 0.9 right, 0.8 right, 0.7 wrong; 0.6 is the fifth that is left out.
    assert role_figures(FOUR)["sure80"] == 0.6667


def test_calibration_error_is_the_weighted_gap_of_each_bin() -> None:
    # Bins 0.9, 0.8, 0.7, 0.6 hold one each: |0.9-1| + |0.8-1| + |0.7-0| + |0.6-0| over 4.
    assert role_figures(FOUR)["ece"] == 0.4


def test_calibration_error_is_zero_where_confidence_is_the_share_of_right_answers() -> None:
    half = (answer("a", "a", 0.5), answer("b", "a", 0.5))
    assert role_figures(half)["ece"] == 0.0


def test_a_confidence_of_one_falls_into_the_last_bin() -> None:
    assert role_figures((answer("a", "a", 1.0), answer("b", "a", 0.95)))["ece"] == 0.475


def test_log_loss_is_the_mean_of_the_right_roles_logarithm() -> None:
    wanted = -(math.log(0.9) + math.log(0.8) + math.log(0.4) + math.log(0.3)) / 4
    assert role_figures(FOUR)["log_loss"] == round(wanted, 4)


def test_log_loss_of_an_impossible_answer_stays_finite() -> None:
    assert role_figures((answer("a", "b", 1.0),))["log_loss"] == round(-math.log(1e-6), 4)
    unknown = RoleAnswer("c", (), "a", 0.9, (("a", 0.9), ("b", 0.1)))
    assert role_figures((unknown,))["log_loss"] == round(-math.log(1e-6), 4)


def test_confusion_counts_what_was_answered_for_each_role() -> None:
    assert role_figures(FOUR)["confusion"] == {"a": {"a": 2, "b": 1}, "b": {"a": 1}}


def test_each_source_has_figures_of_its_own() -> None:
    assert role_figures(FOUR)["per_source"] == {
        "x": {"postings": 2, "accuracy": 1.0, "accepted": 1.0},
        "y": {"postings": 2, "accuracy": 0.0, "accepted": 0.5},
    }


def test_no_answers_have_no_figures_but_their_count() -> None:
    assert role_figures(()) == {"postings": 0}


GOLD = ((0, 6, "tool"), (10, 26, "technique"), (30, 33, "tool"))
FOUND = ((0, 6, "tool"), (18, 26, "technique"), (40, 45, "soft"), (50, 55, "soft"))


def test_strict_wants_both_ends_equal() -> None:
    # One of four predictions is exact, of three gold mentions.
    figures = skill_figures([MarkedText(GOLD, FOUND)])["strict"]
    assert figures == {"precision": 0.25, "recall": 0.3333, "f1": 0.2857}


def test_relaxed_wants_an_overlap() -> None:
    # Two of four predictions overlap a gold mention, two of three gold mentions are overlapped.
    figures = skill_figures([MarkedText(GOLD, FOUND)])["relaxed"]
    assert figures == {"precision": 0.5, "recall": 0.6667, "f1": 0.5714}


def test_mentions_that_only_touch_do_not_overlap() -> None:
    figures = skill_figures([MarkedText(((0, 5, "tool"),), ((5, 9, "tool"),))])
    assert figures["relaxed"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_one_long_prediction_reaches_two_gold_mentions() -> None:
    text = MarkedText(((0, 5, "tool"), (6, 9, "tool")), ((0, 9, "tool"),))
    figures = skill_figures([text])
    assert figures["relaxed"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert figures["strict"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_recall_is_told_for_each_kind() -> None:
    figures = skill_figures([MarkedText(GOLD, FOUND)])
    assert figures["recall_by_kind"] == {"technique": 1.0, "tool": 0.5}


def test_counts_add_up_over_texts_and_places_do_not_mix() -> None:
    one, other = MarkedText(((0, 5, "tool"),), ()), MarkedText((), ((0, 5, "tool"),))
    figures = skill_figures([one, other])
    assert (figures["postings"], figures["gold"], figures["predicted"]) == (2, 1, 1)
    assert figures["relaxed"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_nothing_to_find_and_nothing_found_is_zero_and_no_error() -> None:
    assert skill_figures([MarkedText((), ())])["strict"] == {
        "precision": 0.0,
        "recall": 0.0,
        "f1": 0.0,
    }


# --- a gold file against an Analyzer -------------------------------------------------------------


def write(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def _loads_once(monkeypatch: pytest.MonkeyPatch, load_once) -> None:
    monkeypatch.setattr("extractor.analyzer.Analyzer.load", load_once)


@pytest.fixture
def judged(tmp_path: Path, tiny_model: Path):
    """Evaluates the rows with the tiny role model; its vocabulary is the bundled one."""

    def figures_of(*rows: dict[str, object]) -> dict[str, object]:
        return evaluate_file(write(tmp_path / "gold.jsonl", *rows), model=tiny_model)

    return figures_of


def test_role_labels_of_a_file_are_judged(judged) -> None:
    rows = [
        {"title": "NLP Engineer", "text": "You tune tokenizers.", "primary": "nlp-engineer"},
        {
            "title": "NLP Engineer",
            "text": "You tune tokenizers.",
            "primary": "data-scientist",
            "also": ["nlp-engineer"],
        },
    ]
    figures = judged(*rows)
    assert set(figures) == {"roles"}
    assert figures["roles"]["accuracy"] == 0.5
    assert figures["roles"]["accepted"] == 1.0


def test_other_roles_may_be_one_string_as_in_a_table(judged) -> None:
    """Labels for training take them so too; a string must not fall into its letters."""
    row = {
        "title": "NLP Engineer",
        "text": "You tune tokenizers.",
        "primary": "data-scientist",
        "also": "bi-data-analyst nlp-engineer",
    }
    assert judged(row)["roles"]["accepted"] == 1.0


def test_skill_labels_of_a_file_are_judged_on_the_description(judged) -> None:
    text = "Python and SQL."
    marks = [{"start": 0, "end": 6, "kind": "tool"}, {"start": 11, "end": 14, "kind": "tool"}]
    figures = judged({"title": "Tableau", "text": text, "mentions": marks})
    assert figures["skills"]["strict"] == {"precision": 1.0, "recall": 1.0, "f1": 1.0}


def test_mentions_may_be_json_in_a_cell(judged) -> None:
    marks = json.dumps([{"start": 0, "end": 6, "kind": "tool"}])
    assert judged({"text": "Python.", "mentions": marks})["skills"]["gold"] == 1


def test_mentions_without_their_places_are_refused(judged, tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        judged({"text": "Python.", "mentions": [{"start": 0}]})
    wrong = "mentions: KeyError('end'); each is an object with start, end and kind"
    assert str(caught.value) == f"{tmp_path / 'gold.jsonl'}:1: {wrong}"


def test_a_file_without_labels_is_refused(judged, tmp_path: Path) -> None:
    with pytest.raises(FormatError) as caught:
        judged({"text": "Python."})
    expected = f"{tmp_path / 'gold.jsonl'}: no row carries `primary` or `mentions`"
    assert str(caught.value) == expected


def test_a_broken_row_is_refused_with_its_line(tmp_path: Path, tiny_model: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"text": "Python.", "primary": "data-scientist"}\nnonsense\n')
    with pytest.raises(FormatError) as caught:
        evaluate_file(path, model=tiny_model)
    reason = "is not JSON: Expecting value: line 1 column 1 (char 0)"
    assert str(caught.value) == f"{path}:2: {reason}"


def test_the_summary_names_the_main_figures() -> None:
    figures = {"roles": role_figures(FOUR), "skills": skill_figures([MarkedText(GOLD, FOUND)])}
    lines = summary_of(figures).splitlines()
    assert lines[0].startswith("roles   postings 4  accuracy 0.5  accepted 0.75  macro_f1 0.3333")
    assert lines[3] == "skills  postings 1  gold 3  predicted 4"
    assert lines[5] == "  relaxed  precision 0.5  recall 0.6667  f1 0.5714"
    assert lines[6] == "  relaxed recall by kind: technique 1.0  tool 0.5"
