"""Length-preserving clean-up of a posting's text, and the spellings of a word.

Nothing here moves a character: offsets into the cleaned text are offsets into the original.
"""

from __future__ import annotations

import re
from functools import lru_cache

# One character for one character. NFKC is not used: it changes lengths ("ﬁ", "½", "…").
_REPLACED = {
    **dict.fromkeys(range(0x00, 0x09), " "),
    **dict.fromkeys((0x0B, 0x0C), " "),
    **dict.fromkeys(range(0x0E, 0x20), " "),
    **dict.fromkeys(range(0x7F, 0xA1), " "),  # C1 controls and the no-break space
    0x85: "\n",
    **dict.fromkeys((0xAD, 0x1680, 0x180E, 0x202F, 0x205F, 0x2060, 0x3000, 0xFEFF), " "),
    **dict.fromkeys(range(0x2000, 0x2010), " "),  # spaces, zero-width marks, direction marks
    **dict.fromkeys(range(0x202A, 0x202F), " "),  # direction embeddings
    **dict.fromkeys(range(0x2066, 0x206A), " "),
    **dict.fromkeys((0x2028, 0x2029), "\n"),
    **dict.fromkeys((0x2010, 0x2011, 0x2043, 0x2212, 0xFE63, 0xFF0D), "-"),
    **dict.fromkeys((0x2018, 0x2019, 0x201B, 0x02BC, 0x00B4, 0x0060, 0xFF07), "'"),
    **dict.fromkeys((0x201C, 0x201D, 0x201F, 0x00AB, 0x00BB, 0xFF02), '"'),
    **dict.fromkeys(range(0xD800, 0xE000), "\ufffd"),  # lone surrogates cannot be encoded
    **{0xFF00 + offset: chr(0x20 + offset) for offset in range(1, 0x5F)},  # full-width forms
}
_NEEDS_WORK = re.compile("[" + "".join(re.escape(chr(code)) for code in sorted(_REPLACED)) + "]")


def clean(text: str) -> str:
    """The text with odd spaces, quotes, dashes, controls and full-width forms made plain.

    The result has the same length, so every offset holds in both.

    >>> clean("machine\\u00a0learning \\u2013 Master\\u2019s")
    "machine learning – Master's"
    """
    if _NEEDS_WORK.search(text) is None:
        return text
    return _NEEDS_WORK.sub(lambda found: _REPLACED[ord(found[0])], text)


def lower(text: str) -> str:
    """Lower case at the same length: the few letters that would grow stay as they are.

    >>> lower("ISTANBUL İ")
    'istanbul İ'
    """
    small = text.lower()
    if len(small) == len(text):
        return small
    return "".join(s if len(s := c.lower()) == 1 else c for c in text)


# Endings by which British and American spelling differ, in both directions. False pairs such as
# "exercise/exercize" do no harm: nobody writes them.
_SPELLING = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"is(e|ed|es|er|ers|ing|ation|ations|ational)$", r"iz\1"),
        (r"iz(e|ed|es|er|ers|ing|ation|ations|ational)$", r"is\1"),
        (r"ys(e|ed|es|er|ers|ing)$", r"yz\1"),
        (r"yz(e|ed|es|er|ers|ing)$", r"ys\1"),
        (r"([aeiou])ll(ing|ed|er|ers)$", r"\1l\2"),
        (r"([aeiou])l(ing|ed|er|ers)$", r"\1ll\2"),
        (r"([^aeiou]i?)our(s|al|ally|ed|ing|able|ist)?$", r"\1or\2"),
        (r"([^aeiou]i?)or(s|al|ally|ed|ing|able|ist)?$", r"\1our\2"),
        (r"ogue(s?)$", r"og\1"),
        (r"og(s?)$", r"ogue\1"),
        (r"tre(s?)$", r"ter\1"),
        (r"(cen|fib|me)ter(s?)$", r"\1tre\2"),
        (r"(def|lic|off)ence(s?)$", r"\1ense\2"),
        (r"(def|lic|off)ense(s?)$", r"\1ence\2"),
        (r"programme(s?)$", r"program\1"),
        (r"program(s?)$", r"programme\1"),
        (r"judgement(s?)$", r"judgment\1"),
        (r"judgment(s?)$", r"judgement\1"),
        (r"^paed", r"ped"),
        (r"^ped(?=iatr)", r"paed"),
        (r"^haem", r"hem"),
        (r"^hem(?=[ao])", r"haem"),
        (r"^anaes", r"anes"),
        (r"^anes(?=th)", r"anaes"),
        (r"^gynaec", r"gynec"),
        (r"^gynec", r"gynaec"),
        (r"sceptic", r"skeptic"),
        (r"skilful", r"skillful"),
        (r"fulfil(ment)?$", r"fulfill\1"),
        (r"enrol(ment)?$", r"enroll\1"),
    )
)
# Most words have none of these endings; one look says so.
_HAS_SPELLING = re.compile("|".join(f"(?:{pattern.pattern})" for pattern, _ in _SPELLING))
_CANONICAL_MIN_LENGTH = 4
_SPELLING_MIN_LENGTH = 6  # below that the endings belong to other words: "hour", "poise", "motor"


@lru_cache(maxsize=50_000)
def spellings(word: str) -> tuple[str, ...]:
    """The word, lower case, and its other British or American spelling where there is one.

    >>> spellings("modelling")
    ('modelling', 'modeling')
    >>> spellings("python")
    ('python',)
    """
    found = [word]
    if len(word) >= _SPELLING_MIN_LENGTH and word.isalpha() and _HAS_SPELLING.search(word):
        for pattern, replacement in _SPELLING:
            other = pattern.sub(replacement, word)
            if other not in found:
                found.append(other)
    return tuple(found)


@lru_cache(maxsize=50_000)
def numbers(word: str) -> tuple[str, ...]:
    """The word, lower case, with its plural or singular where it can have one.

    >>> numbers("network")
    ('network', 'networks')
    >>> numbers("queries")
    ('queries', 'query')
    >>> numbers("analysis")
    ('analysis', 'analyses')
    """
    if len(word) < 2 or not word.isalpha():
        return (word,)
    if word.endswith("sis"):
        return word, word[:-2] + "es"
    if word.endswith(("ss", "us", "is")):
        return word, word + "es"
    if word.endswith("ies") and len(word) > 4:
        return word, word[:-3] + "y"
    if word.endswith("s"):
        return (word, word[:-1]) if len(word) > 4 else (word,)
    if word.endswith("y") and word[-2] not in "aeiou":
        return word, word[:-1] + "ies"
    if word.endswith(("x", "ch", "sh", "z")):
        return word, word + "es"
    return word, word + "s"


@lru_cache(maxsize=200_000)
def canonical(word: str) -> str:
    """One form for all spellings and numbers of a lower-case word; not always a word itself.

    >>> canonical("visualisations") == canonical("visualization")
    True
    >>> canonical("analyses") == canonical("analysis")
    True
    >>> canonical("sas")
    'sas'
    """
    if len(word) < _CANONICAL_MIN_LENGTH or not word.isalpha():
        return word
    single = _singular(word)
    return min(_singular(form) for form in spellings(single))


def _singular(word: str) -> str:
    if word.endswith(("yses", "eses")):
        return word[:-2] + "is"
    if word.endswith("ies") and len(word) > _CANONICAL_MIN_LENGTH:
        return word[:-3] + "y"
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
