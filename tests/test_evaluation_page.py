"""The evaluation page, read back from its HTML."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node

from extractor.evaluation_page import _steady, evaluation_page

NAMES = {"data-scientist": "Data Scientist", "nlp-engineer": "NLP Engineer", "other": "Other"}
FIGURES: dict[str, Any] = {
    "postings": 1234,
    "accuracy": 0.7983,
    "accepted": 0.9577,
    "macro_f1": 0.7842,
    "ece": 0.0221,
    "log_loss": 0.5029,
    "sure80": 0.8701,
    "per_role": {
        "data-scientist": {"precision": 0.8024, "recall": 0.849, "f1": 0.825, "postings": 722},
        "nlp-engineer": {"precision": 0.8905, "recall": 0.674, "f1": 0.7673, "postings": 181},
        "other": {"precision": 0.8108, "recall": 0.8348, "f1": 0.8226, "postings": 1350},
    },
    "confusion": {
        "data-scientist": {"data-scientist": 613, "other": 38},
        "nlp-engineer": {"nlp-engineer": 122, "data-scientist": 19, "other": 11},
        "other": {"other": 1127, "data-scientist": 39},
    },
    "per_source": {"a board": {"postings": 88, "accuracy": 0.7273, "accepted": 0.9886}},
    "reliability": [
        {"from": 0.2, "to": 0.3, "postings": 31, "confidence": 0.26, "accuracy": 0.1935},
        {"from": 0.9, "to": 1.0, "postings": 1203, "confidence": 0.96, "accuracy": 0.95},
    ],
}
COMPARISON: dict[str, Any] = {
    "verdict": "undecided",
    "difference": 0.012,
    "low": -0.003,
    "high": 0.027,
    "current": {"accuracy": 0.7863, "accepted": 0.95, "macro_f1": 0.77, "log_loss": 0.52},
    "candidate": FIGURES,
}
HOSTILE = (
    "<script>alert(1)</script>",
    "\" onload=\"alert(1)' x='",
    "javascript:alert(1)",
    "</svg></style><img src=x onerror=alert(1)>",
    "&lt;b&gt; &#60;i&#62; ]]> <!--",
    "datum.value]; labels[0",
    "{{ name }} {% raw %}",
    "__proto__",
)


@cache
def whole_page() -> str:
    """A page with every section."""
    return evaluation_page(
        "mine",
        FIGURES,
        names=NAMES,
        notes=("Trained on 5 postings.", "Answers from 0.4."),
        comparison=COMPARISON,
    )


def hostile_figures(texts: tuple[str, ...]) -> dict[str, Any]:
    """Figures in which every text that users give is one of these."""
    row = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "postings": 1, "accuracy": 1.0}
    return {
        "postings": len(texts),
        "per_role": dict.fromkeys(texts, row),
        "confusion": {text: {text: 1} for text in texts},
        "per_source": dict.fromkeys(texts, row),
    }


def table(page: str, caption: str) -> list[list[str]]:
    """The cells of the one table whose caption begins so, its head first."""
    found = [
        node
        for node in HTMLParser(page).css("table")
        if node.css_first("caption").text().startswith(caption)
    ]
    assert len(found) == 1
    return [[cell.text() for cell in row.css("th, td")] for row in found[0].css("tr")]


def picture(page: str, section: str) -> Node:
    """The one picture of a section, by the id of its heading."""
    (found,) = HTMLParser(page).css(f"section[aria-labelledby={section}] svg")
    return found


def picture_texts(page: str, section: str) -> list[str]:
    """The texts in a picture, in its order."""
    return [node.text() for node in picture(page, section).css("text")]


def headings(page: str) -> list[str]:
    """The headings of the sections."""
    return [node.text() for node in HTMLParser(page).css("h2")]


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    """Every element of the page with its attributes."""
    root = HTMLParser(page).root
    assert root is not None
    return [(str(node.tag), node.attributes) for node in root.traverse()]


def tags_and_keys(page: str) -> list[tuple[str, list[str]]]:
    """Every element with the names of its attributes."""
    return [(tag, list(attributes)) for tag, attributes in elements(page)]


def test_the_title_names_the_model() -> None:
    tree = HTMLParser(whole_page())
    assert tree.css_first("title").text() == "Evaluation of mine"
    assert tree.css_first("h1").text() == "Evaluation of mine"


def test_the_notes_stand_under_the_title() -> None:
    paragraphs = [node.text() for node in HTMLParser(whole_page()).css("main > p")]
    assert paragraphs == ["Trained on 5 postings.", "Answers from 0.4."]


def test_the_figures_over_all_postings_are_those_given() -> None:
    rows = table(whole_page(), "Figures over all postings")
    assert [row[:2] for row in rows] == [
        ["Measure", "Value"],
        ["Postings", "1,234"],
        ["Accuracy", "79.8\u00a0%"],
        ["Accepted", "95.8\u00a0%"],
        ["Macro F1", "78.4\u00a0%"],
        ["Surest 80 %", "87.0\u00a0%"],
        ["Calibration error", "2.2\u00a0%"],
        ["Log loss", "0.503"],
    ]


def test_each_role_has_a_row_with_its_figures() -> None:
    assert table(whole_page(), "Figures of each role") == [
        ["Role", "Precision", "Recall", "F1", "Postings"],
        ["Data Scientist", "80.2\u00a0%", "84.9\u00a0%", "82.5\u00a0%", "722"],
        ["NLP Engineer", "89.0\u00a0%", "67.4\u00a0%", "76.7\u00a0%", "181"],
        ["Other", "81.1\u00a0%", "83.5\u00a0%", "82.3\u00a0%", "1,350"],
    ]


def test_the_confusion_table_has_a_row_for_each_labelled_role() -> None:
    assert table(whole_page(), "The same numbers: labelled roles") == [
        ["Labelled role", "Data Scientist", "NLP Engineer", "Other"],
        ["Data Scientist", "613", "0", "38"],
        ["NLP Engineer", "19", "122", "11"],
        ["Other", "39", "0", "1,127"],
    ]


def test_the_confusion_picture_holds_the_counts_row_by_row_and_names_both_axes() -> None:
    roles = ["Data Scientist", "NLP Engineer", "Other"]
    counts = ["613", "0", "38", "19", "122", "11", "39", "0", "1,127"]
    expected = [*counts, *roles, "Answered role", *roles, "Labelled role"]
    assert picture_texts(whole_page(), "confusion") == expected


def test_a_field_is_shaded_by_its_share_of_its_row() -> None:
    shades = [
        float(node.attributes["fill-opacity"] or 0)
        for node in picture(whole_page(), "confusion").css("path[fill-opacity]")
    ]
    assert shades == pytest.approx(
        [0.72 * n / 651 for n in (613, 0, 38)]
        + [0.72 * n / 152 for n in (19, 122, 11)]
        + [0.72 * n / 1166 for n in (39, 0, 1127)]
    )


def test_the_reliability_table_has_a_row_for_each_bin() -> None:
    assert table(whole_page(), "The same numbers, a row for each bin") == [
        ["Confidence", "Postings", "Mean confidence", "Accuracy"],
        ["20 to 30\u00a0%", "31", "26.0\u00a0%", "19.4\u00a0%"],
        ["90 to 100\u00a0%", "1,203", "96.0\u00a0%", "95.0\u00a0%"],
    ]


def test_the_reliability_picture_names_its_axes_and_the_postings_of_each_circle() -> None:
    texts = picture_texts(whole_page(), "reliability")
    assert {"31", "1,203", "Mean confidence", "Accuracy"} < set(texts)


def test_circles_lie_at_confidence_and_accuracy_and_more_postings_make_a_larger_one() -> None:
    circles = [
        node.attributes
        for node in picture(whole_page(), "reliability").css(".mark-symbol path")
        if node.attributes.get("fill-opacity")
    ]
    places = [re.findall(r"[\d.]+", str(circle["transform"])) for circle in circles]
    assert [float(x) / 380 for x, _ in places] == pytest.approx([0.26, 0.96])
    assert [1 - float(y) / 380 for _, y in places] == pytest.approx([0.1935, 0.95])
    small, large = (float(re.findall(r"M([\d.]+)", str(c["d"]))[0]) for c in circles)
    assert small < large


def test_each_source_has_a_row() -> None:
    assert table(whole_page(), "Figures of each source") == [
        ["Source", "Postings", "Accuracy", "Accepted"],
        ["a board", "88", "72.7\u00a0%", "98.9\u00a0%"],
    ]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("better", "The candidate is better."),
        ("worse", "The candidate is worse."),
        ("undecided", "Undecided: these postings do not tell which model is better."),
    ],
)
def test_the_comparison_says_its_verdict_and_interval(verdict: str, said: str) -> None:
    given = {**COMPARISON, "verdict": verdict}
    page = evaluation_page("mine", {"postings": 0}, names={}, comparison=given)
    text = HTMLParser(page).css_first("section[aria-labelledby=comparison] > p").text()
    assert " ".join(text.split()) == (
        f"{said} The candidate's accuracy differs from the current model's by +1.2 percentage "
        "points (95 % confidence interval −0.3 to +2.7)."
    )


def test_the_comparison_sets_both_models_side_by_side() -> None:
    assert table(whole_page(), "The candidate beside") == [
        ["Measure", "Current", "Candidate"],
        ["Accuracy", "78.6\u00a0%", "79.8\u00a0%"],
        ["Accepted", "95.0\u00a0%", "95.8\u00a0%"],
        ["Macro F1", "77.0\u00a0%", "78.4\u00a0%"],
        ["Log loss (lower is better)", "0.520", "0.503"],
    ]


def test_no_postings_give_a_page_that_says_nothing_was_measured() -> None:
    page = evaluation_page("mine", {"postings": 0}, names=NAMES, notes=("A note.",))
    paragraphs = [node.text() for node in HTMLParser(page).css("p")]
    expected = ["A note.", "Nothing was measured: there were no postings to evaluate."]
    assert (paragraphs, headings(page), "<svg" in page) == (expected, [], False)


@pytest.mark.parametrize(
    ("part", "heading"),
    [
        ("per_role", "Roles"),
        ("confusion", "Which roles are taken for which"),
        ("reliability", "Whether its confidence can be trusted"),
        ("per_source", "Sources"),
    ],
)
@pytest.mark.parametrize("is_empty", [False, True])
def test_a_part_without_figures_leaves_out_its_section(
    part: str, heading: str, is_empty: bool
) -> None:
    rest = {key: value for key, value in FIGURES.items() if key != part}
    if is_empty:
        rest[part] = type(FIGURES[part])()
    page = evaluation_page("mine", rest, names=NAMES, comparison=COMPARISON)
    assert headings(page) == [one for one in headings(whole_page()) if one != heading]


def test_a_measure_that_is_missing_has_no_row() -> None:
    page = evaluation_page("mine", {"postings": 3, "accuracy": 1.0}, names={})
    rows = table(page, "Figures over all postings")
    assert [row[0] for row in rows] == ["Measure", "Postings", "Accuracy"]


def test_a_role_without_a_name_is_called_by_its_id() -> None:
    page = evaluation_page("mine", FIGURES, names={"other": "Other"})
    roles = [row[0] for row in table(page, "Figures of each role")[1:]]
    assert roles == ["data-scientist", "nlp-engineer", "Other"]


def test_roles_that_share_a_name_are_told_apart_by_their_ids() -> None:
    page = evaluation_page("mine", FIGURES, names={**NAMES, "nlp-engineer": "Other"})
    roles = [row[0] for row in table(page, "Figures of each role")[1:]]
    assert roles == ["Data Scientist", "Other (nlp-engineer)", "Other (other)"]


def test_a_role_that_was_only_answered_has_a_row_and_a_column() -> None:
    page = evaluation_page("mine", {"postings": 1, "confusion": {"a": {"b": 1}}}, names={})
    rows = table(page, "The same numbers: labelled roles")
    assert rows == [["Labelled role", "a", "b"], ["a", "0", "1"], ["b", "0", "0"]]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_users_stays_text_in_tables_and_pictures(text: str) -> None:
    figures = hostile_figures((text,))
    page = evaluation_page(text, figures, names={text: text}, notes=(text,))
    harmless = evaluation_page("a", hostile_figures(("a",)), names={}, notes=("a",))
    tree = HTMLParser(page)
    assert tree.css_first("h1").text() == f"Evaluation of {text}"
    assert tree.css_first("main > p").text() == text
    assert table(page, "Figures of each role")[1][0] == text
    assert table(page, "Figures of each source")[1][0] == text
    assert text[:23] in picture_texts(page, "confusion")[1]
    assert tags_and_keys(page) == tags_and_keys(harmless)


def test_characters_that_xml_does_not_know_are_replaced() -> None:
    """vl-convert ended the whole process at a NUL, and UTF-8 cannot hold half a pair."""
    page = evaluation_page("m\ud800", hostile_figures(("a\x00b\x01",)), names={})
    assert table(page, "Figures of each role")[1][0] == "a\ufffdb\ufffd"
    assert picture_texts(page, "confusion")[1] == "a\ufffdb\ufffd"
    assert HTMLParser(page).css_first("title").text() == "Evaluation of m\ufffd"


def test_long_names_keep_both_ends_in_the_picture_and_stay_whole_in_the_table() -> None:
    """Emoji, as Vega's own shortening cut one in two and vl-convert failed at the half."""
    name = "🦊" * 50 + " of the north"
    page = evaluation_page("mine", FIGURES, names={**NAMES, "other": name})
    assert "🦊" * 23 + "…of the north" in picture_texts(page, "confusion")
    assert table(page, "Figures of each role")[3][0] == name


def test_roles_whose_shortened_names_are_equal_stay_apart_in_the_picture() -> None:
    middle = {"a": "x" * 40 + "1" + "y" * 40, "b": "x" * 40 + "2" + "y" * 40}
    figures = {"postings": 3, "confusion": {"a": {"a": 1}, "b": {"b": 2}}}
    texts = picture_texts(evaluation_page("mine", figures, names=middle), "confusion")
    assert texts[:4] == ["1", "0", "0", "2"]


def test_forty_roles_all_stand_in_the_picture() -> None:
    roles = [f"role-{number:02}" for number in range(40)]
    figures = {"postings": 40, "confusion": {role: {role: 1} for role in roles}}
    texts = picture_texts(evaluation_page("mine", figures, names={}), "confusion")
    assert [text for text in texts if text.startswith("role-")] == roles * 2


def test_the_same_input_gives_the_same_page() -> None:
    assert (
        evaluation_page(
            "mine",
            FIGURES,
            names=NAMES,
            notes=("Trained on 5 postings.", "Answers from 0.4."),
            comparison=COMPARISON,
        )
        == whole_page()
    )


def test_another_process_gives_the_same_page() -> None:
    program = (
        "import sys; from tests.test_evaluation_page import whole_page;"
        "sys.stdout.buffer.write(whole_page().encode())"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parents[1],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert run.stdout.decode() == whole_page()


def test_ids_of_a_picture_are_numbered_anew_and_only_in_its_tags() -> None:
    """vl-convert counts them on: clip1 in a first call, clip2 in the next."""

    def drawn(number: int) -> str:
        return (
            f'<g clip-path="url(#clip{number})"><text fill="url(#fill_{number})"> id="clip1" '
            f'url(#clip1)</text></g><clipPath id="clip{number}"/><b id="fill_{number}"/>'
        )

    expected = (
        '<g clip-path="url(#a-1)"><text fill="url(#a-2)"> id="clip1" url(#clip1)</text></g>'
        '<clipPath id="a-1"/><b id="a-2"/>'
    )
    assert [_steady(drawn(1), "a"), _steady(drawn(2), "a")] == [expected, expected]


def test_no_id_is_given_twice() -> None:
    ids = [attributes["id"] for _, attributes in elements(whole_page()) if "id" in attributes]
    assert ids == ["figures", "comparison", "roles", "confusion", "reliability", "sources"]


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    page = whole_page()
    linked = set(re.findall(r"https?://[^\"'<> ]+", page))
    assert linked == {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    tags = {tag for tag, _ in elements(page)}
    assert (
        tags & {"script", "link", "img", "iframe", "object", "embed", "a", "image", "use"} == set()
    )
    keys = {key for _, attributes in elements(page) for key in attributes}
    assert {key for key in keys if key.startswith("on") or key in {"src", "href"}} == set()


def test_every_picture_has_a_label() -> None:
    labels = [
        (attributes["role"], attributes["aria-label"])
        for tag, attributes in elements(whole_page())
        if tag == "svg"
    ]
    assert labels == [
        (
            "img",
            "Confusion matrix of 3 roles: a row for each labelled role, a column for each answered "
            "role. The table after it holds the same numbers.",
        ),
        (
            "img",
            "Accuracy against mean confidence in 2 bins, with a diagonal where both are equal. "
            "The table after it holds the same numbers.",
        ),
    ]


def test_every_table_has_a_caption_and_every_head_cell_a_scope() -> None:
    tree = HTMLParser(whole_page())
    assert [len(node.css("caption")) for node in tree.css("table")] == [1] * 6
    assert {node.attributes.get("scope") for node in tree.css("th")} == {"col", "row"}


def test_what_is_given_stays_as_it_was() -> None:
    given: Mapping[str, Any] = copy.deepcopy(FIGURES)
    evaluation_page("mine", given, names=NAMES, comparison=COMPARISON)
    assert given == FIGURES
