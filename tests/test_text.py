"""Clean-up that moves no character, and the spellings and numbers of words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.text import canonical, clean, lower, numbers, spellings

# All of Unicode, lone surrogates too, which `st.text()` leaves out.
any_text = st.text(st.characters(codec=None))


@given(any_text)
def test_clean_keeps_the_length(text: str) -> None:
    assert len(clean(text)) == len(text)


@given(any_text)
def test_clean_changes_nothing_the_second_time(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(any_text)
def test_clean_text_can_be_encoded_and_steers_nothing(text: str) -> None:
    cleaned = clean(text)
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned
    assert {c for c in cleaned if unicodedata.category(c) == "Cc"} <= {"\t", "\n", "\r"}


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("machine\u00a0learning", "machine learning"),
        ("machine\u2003learning\u200b", "machine learning "),
        ("Power\u2011BI", "Power-BI"),
        ("Master\u2019s", "Master's"),
        ("\u201cSQL\u201d", '"SQL"'),
        ("\uff30\uff39\uff34\uff28\uff2f\uff2e", "PYTHON"),
        ("a\x00b\x1fc", "a b c"),
        ("one\u2028two\u2029three\x85four", "one\ntwo\nthree\nfour"),
        ("\u202ePython\u202c \u200fSQL", " Python   SQL"),
        ("\ud800R", "\ufffdR"),
        ("tab\tline\r\n", "tab\tline\r\n"),
        ("déjà – ½ ﬁ…", "déjà – ½ ﬁ…"),
    ],
)
def test_clean_makes_odd_characters_plain(given_text: str, cleaned: str) -> None:
    assert clean(given_text) == cleaned


@given(any_text)
def test_lower_keeps_the_length(text: str) -> None:
    assert len(lower(text)) == len(text)


def test_lower_leaves_only_letters_that_would_grow() -> None:
    assert lower("ÀÉ ISTANBUL İZMİR ẞ") == "àé istanbul İzmİr ß"


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("modelling", "modeling"),
        ("modeling", "modelling"),
        ("optimisation", "optimization"),
        ("optimization", "optimisation"),
        ("analyse", "analyze"),
        ("behaviour", "behavior"),
        ("behavioral", "behavioural"),
        ("programme", "program"),
        ("program", "programme"),
        ("catalogue", "catalog"),
        ("centre", "center"),
        ("licence", "license"),
        ("judgement", "judgment"),
    ],
)
def test_a_word_has_its_british_and_american_spelling(word: str, other: str) -> None:
    assert spellings(word)[0] == word
    assert other in spellings(word)


@pytest.mark.parametrize(
    "word", ["python", "hour", "poise", "four", "sql", "c++", "noise", "motor"]
)
def test_a_word_without_a_second_spelling_stands_alone(word: str) -> None:
    assert spellings(word) == (word,)


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("network", ("network", "networks")),
        ("networks", ("networks", "network")),
        ("query", ("query", "queries")),
        ("queries", ("queries", "query")),
        ("analysis", ("analysis", "analyses")),
        ("process", ("process", "processes")),
        ("matrix", ("matrix", "matrixes")),
        ("branch", ("branch", "branches")),
        ("survey", ("survey", "surveys")),
        ("sas", ("sas",)),
        ("r", ("r",)),
        ("c++", ("c++",)),
    ],
)
def test_a_word_has_its_plural_or_singular(word: str, forms: tuple[str, ...]) -> None:
    assert numbers(word) == forms


@pytest.mark.parametrize(
    "group",
    [
        ("visualisation", "visualization", "visualisations", "visualizations"),
        ("analysis", "analyses"),
        ("query", "queries"),
        ("modelling", "modeling"),
        ("process", "processes"),
        ("network", "networks"),
        ("branch", "branches"),
        ("behaviour", "behavior", "behaviours"),
        ("haematology", "hematology"),
        ("paediatrics", "pediatrics"),
        ("anaesthesia", "anesthesia"),
        ("fulfilment", "fulfillment"),
        ("enrolment", "enrollment"),
    ],
)
def test_all_forms_of_a_word_have_one_canonical_form(group: tuple[str, ...]) -> None:
    assert len({canonical(word) for word in group}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("statistics", "stars"), ("sas", "sass"), ("business", "busines"), ("aws", "aw"), ("r", "rs")],
)
def test_different_words_keep_different_forms(one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


@given(st.text(max_size=20))
def test_spellings_and_numbers_begin_with_the_word_itself(word: str) -> None:
    assert spellings(word)[0] == word
    assert numbers(word)[0] == word
    assert len(set(spellings(word))) == len(spellings(word))
