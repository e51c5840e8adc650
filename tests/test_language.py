"""The language of a text, or that it is too short to tell."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.language import detect_language

TEXTS = {
    "en": "We look for an analyst who reads long tables with joy and explains them to our team.",
    "de": "Wir suchen eine Kollegin, die lange Tabellen liest und den Kunden die Zahlen erklärt.",
    "fr": "Nous cherchons une analyste qui lit de longs tableaux et explique les chiffres.",
    "es": "Buscamos una persona que lea tablas largas y explique las cifras a nuestros clientes.",
    "nl": "Wij zoeken een collega die lange tabellen leest en de cijfers aan onze klanten uitlegt.",
}


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_a_sentence_is_enough_to_name_its_language(code: str) -> None:
    assert detect_language(TEXTS[code]) == code


def test_plain_english_is_recognised_by_its_small_words() -> None:
    text = "You will work with the rest of the team and bring your own ideas to our products."
    assert detect_language(text) == "en"


def test_english_words_in_a_german_advert_leave_it_german() -> None:
    text = (
        "Für unser Team the Shop suchen wir Unterstützung bei Machine Learning und Data Science, "
        "gerne mit Erfahrung in Python und SQL sowie sehr guten Deutschkenntnissen."
    )
    assert detect_language(text) == "de"


@pytest.mark.parametrize("text", ["", "   \n\t ", "Python, SQL, R", "12345 " * 40, "\ud800" * 80])
def test_too_few_letters_have_no_language(text: str) -> None:
    assert detect_language(text) is None


def test_only_the_beginning_is_read() -> None:
    assert detect_language(TEXTS["de"] * 6 + TEXTS["en"] * 50) == "de"


def test_characters_that_are_not_to_be_seen_change_nothing() -> None:
    marked = "\u202e" + TEXTS["fr"].replace(" ", "\u00a0") + "\u200b"
    assert detect_language(marked) == "fr"


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters(codec=None), max_size=300))
def test_any_text_has_a_code_of_two_or_three_letters_or_none(text: str) -> None:
    code = detect_language(text)
    assert code is None or (code.isascii() and code.islower() and len(code) in (2, 3))
