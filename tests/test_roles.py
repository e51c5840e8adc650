"""The pipeline's parts: how texts are split, what a vectorizer counts, what a model's input is."""

from __future__ import annotations

import pytest

from extractor.parts import HIDDEN, telling_words
from extractor.records import Posting, Section
from extractor.roles import RolesConfig, splitting, table, telling_words_of, vectorizer, words_of
from extractor.view import TextView


def test_words_are_lower_case_tokens() -> None:
    assert words_of("C++ and C#, Power-BI") == ["c++", "and", "c#", ",", "power", "-", "bi"]


def test_a_vectorizer_counts_terms_up_to_its_longest() -> None:
    counted = vectorizer("description", RolesConfig()).fit(["big data pipelines", "big data"])
    assert counted.get_feature_names_out().tolist() == [
        "big",
        "big data",
        "data",
        "data pipelines",
        "pipelines",
    ]


def test_a_table_holds_cleaned_titles_and_texts() -> None:
    rows = table([Posting("1", "b\u00a0c", "a\u2019s"), Posting("2", "e", "")])
    assert rows.tolist() == [["a's", "b c"], ["", "e"]]
    assert table([]).shape == (0, 2)


# --- words that are not read ---------------------------------------------------------------------


@pytest.mark.parametrize("heading", ["About us", "Benefits", "Equal opportunity employer"])
def test_words_under_a_silent_heading_are_hidden_at_their_places(heading: str) -> None:
    hidden = [HIDDEN] * (len(heading.split()) + 2)
    text = f"{heading}\nNice chairs\nRequirements\nPython"
    assert telling_words_of(text) == [*hidden, "requirements", "python"]


def test_a_sentence_on_the_law_is_hidden_amid_a_part_that_is_read() -> None:
    text = "Requirements\nPython. Personal data stays here. Excel."
    words = ["requirements", "python", ".", *[HIDDEN] * 5, "excel", "."]
    assert telling_words_of(text) == words


def test_what_stands_before_any_heading_is_read() -> None:
    assert telling_words_of("We sell shoes.\nBenefits\nShoes") == [
        "we",
        "sell",
        "shoes",
        ".",
        HIDDEN,
        HIDDEN,
    ]


def test_a_text_without_words_has_none_to_hide() -> None:
    assert telling_words_of("") == []
    assert telling_words_of(" \n ") == []


def test_only_tokens_that_begin_within_a_silent_section_are_hidden() -> None:
    view = TextView("aa bb cc dd")
    sections = [Section("firm", 3, 6), Section("duties", 6, 9)]
    assert telling_words(view, sections, frozenset({"firm"})) == ["aa", HIDDEN, "cc", "dd"]
    assert view.words == ["aa", "bb", "cc", "dd"]


def test_sections_that_overlap_hide_each_word_once() -> None:
    view = TextView("aa bb cc dd")
    sections = [Section("firm", 3, 9), Section("legal", 0, 5)]
    assert telling_words(view, sections, frozenset({"firm", "legal"})) == [
        HIDDEN,
        HIDDEN,
        HIDDEN,
        "dd",
    ]


def test_titles_are_always_read_whole_and_descriptions_where_asked_for() -> None:
    text = "Benefits\nPython"
    title = splitting("title", RolesConfig())["tokenizer"]
    whole = splitting("description", RolesConfig(reads_all=True))["tokenizer"]
    telling = splitting("description", RolesConfig())["tokenizer"]
    assert title(text) == whole(text) == ["benefits", "python"]
    assert telling(text) == [HIDDEN, HIDDEN]
