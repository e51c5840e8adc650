"""Which human language a text is in, by py3langid over its beginning."""

from __future__ import annotations

from extractor.text import clean, lower

_SAMPLE = 400  # characters: enough for a sure answer
_ENGLISH_SAMPLE = 1_500  # characters in which the English words below are counted
# Words that together no other language has; seeing them saves nine tenths of the time.
_ENGLISH = (" the ", " and ", " of ", " to ", " with ", " our ", " you ")
_SURE = 5
_MIN_LETTERS = 40  # below that the answer is a guess: "Data Scientist Python SQL" is Afrikaans


def detect_language(text: str) -> str | None:
    """The ISO 639-1 code of the text's language, or None when there are too few letters to tell.

    >>> detect_language("Python, SQL")
    >>> detect_language("Wir suchen ab sofort eine erfahrene Datenanalystin für unser Team.")
    'de'
    """
    start = lower(clean(text[:_ENGLISH_SAMPLE]))
    sample = start[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _MIN_LETTERS:
        return None
    if " the " in sample and sum(map(start.count, _ENGLISH)) >= _SURE:
        return "en"
    from py3langid import classify  # its model takes 0.7 s to unpack: only when needed

    code: str = classify(sample)[0]
    return code
