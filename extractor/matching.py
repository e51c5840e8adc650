"""Every name of the vocabulary as a PhraseMatcher pattern, and its places in a text.

The matcher does not run over the text's own words but over their shadow: one canonical form for
each, hyphens inside compounds left out, words foreign to the vocabulary as one blank. So
"Power-BI", "power  bi" and "Power\nBI" are the pattern "power bi", "modelling" and "models" what
"modeling" and "model" are, and the string store never grows, however many postings pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc
from spacy.vocab import Vocab

from extractor.records import Context, SkillEntry
from extractor.text import canonical, clean, numbers, spellings
from extractor.view import HYPHENS, TextView
from extractor.vocabulary import Vocabulary
from extractor.words import Words

_FOREIGN = "\x00"  # stands for every word that no pattern holds
_MIN_JOINED, _MAX_JOINED = 6, 16  # letters of two words written as one
_MIN_VERSIONED = 3  # letters
_MAX_FORMS = 12
_SQUEEZED = dict.fromkeys(map(ord, (*HYPHENS, *" \t\n\r\u00a0\u2009\u202f")))
_SOLID = re.compile(r"[A-Za-z0-9.+#]+")
_INFLECTED = ("technique", "soft", "qualification")


@dataclass(frozen=True, slots=True)
class Name:
    """One name of one skill.

    `written` are the forms it must have in the text, spaces and hyphens left out, or None for
    any. `lowered` are the same in lower case for names that are not inflected ("Windows" is not
    "window"), or None. `context` is its rule, or None for a sure name. A `solid` name is written
    in one run ("SuccessFactors"), so it is not found in two words.
    """

    entry: SkillEntry
    text: str
    written: frozenset[str] | None
    lowered: frozenset[str] | None
    context: Context | None
    solid: bool

    @property
    def width(self) -> int:
        """The length at which the text can only be this name; 0 where that takes a closer look."""
        return len(self.text) if self.context is None and self.written is None else 0

    def fits(self, text: str) -> bool:
        """Whether a text that holds the name's words is written as the name must be."""
        bare = squeezed(text)
        if self.solid and len(bare) != len(text) and len(text.split()) > 1:
            return False
        if self.written is not None and bare not in self.written:
            return False
        return self.lowered is None or bare.lower() in self.lowered


class Candidate(NamedTuple):
    """A name found in a text, in tokens, half-open; nothing is decided yet. Where the text is
    `width` characters long, its only name needs no look at how it is written and at what stands
    around it; 0 where it always does. With `surfaces`, any other text is none of the names."""

    start: int
    end: int
    names: tuple[Name, ...]
    width: int
    surfaces: frozenset[str] | None = None


class NameMatcher:
    """Finds the names of a vocabulary in a text."""

    def __init__(self, vocabulary: Vocabulary):
        self._names: dict[tuple[str, ...], list[Name]] = {}
        known: set[str] = set()
        for name in _all_names(vocabulary):
            words = _words(name.text)
            known.update(form for word in words for form in _forms(word))
            for variant in _variants(words, name, vocabulary):
                known.update(variant)
                shadow = tuple(map(canonical, variant))
                found = self._names.setdefault(shadow, [])
                if name not in found:
                    found.append(name)
        self._vocab = Vocab()
        add = self._vocab.strings.add
        self._foreign, self._hyphen = add(_FOREIGN), add("-")
        self._ids = {word: add(canonical(word)) for word in known}
        self._ids |= dict.fromkeys(HYPHENS, self._hyphen)
        self._by_key: dict[int, tuple[tuple[Name, ...], int, frozenset[str] | None]] = {}
        self._matcher = PhraseMatcher(self._vocab, attr="ORTH")
        self._add_patterns()

    def _add_patterns(self) -> None:
        for shadow, names in self._names.items():
            key = "\x1f".join(shadow)
            self._matcher.add(key, [Doc(self._vocab, words=list(shadow))])
            width = names[0].width if len(names) == 1 else 0
            self._by_key[self._vocab.strings[key]] = (tuple(names), width, _surfaces(shadow, names))

    def names(self, words: Iterable[str]) -> tuple[Name, ...]:
        """The names written with these lower-case words, in any spelling or number."""
        return tuple(self._names.get(tuple(map(canonical, words)), ()))

    def __call__(self, view: TextView) -> list[Candidate]:
        """All names in the text, overlapping ones too."""
        ids = view.look_up(self._ids, self._foreign)
        kept = self._without_hyphens(view, ids)
        # A Doc takes ids for words too, though its type does not say so.
        found = self._matcher(Doc(self._vocab, words=ids)) if ids else ()  # type: ignore[arg-type]
        make, by_key = tuple.__new__, self._by_key
        if kept is None:
            return [make(Candidate, (start, end, *by_key[key])) for key, start, end in found]
        return [
            make(Candidate, (kept[start], kept[end - 1] + 1, *by_key[key]))
            for key, start, end in found
        ]

    def _without_hyphens(self, view: TextView, ids: list[int]) -> list[int] | None:
        """Take the hyphens inside compounds out of `ids`; which tokens stay, or None for all."""
        inner = []
        place = -1
        for _ in range(ids.count(self._hyphen)):
            place = ids.index(self._hyphen, place + 1)
            if view.is_tight(place) and view.is_tight(place + 1):
                inner.append(place)
        if not inner:
            return None
        kept = list(range(len(ids)))
        for place in reversed(inner):
            del ids[place], kept[place]
        return kept


def _surfaces(shadow: tuple[str, ...], names: list[Name]) -> frozenset[str] | None:
    """All that a token may be which is one of the names, where each of them is bound by case:
    most words that are also names ("team", "be") are turned away by it at once."""
    if len(shadow) > 1 or any(name.written is None for name in names):
        return None
    return frozenset(form for name in names for form in name.written or ())


def _all_names(vocabulary: Vocabulary) -> Iterator[Name]:
    for entry in vocabulary.entries:
        if entry.replaced_by is not None:
            continue
        context = vocabulary.context(entry)
        for text in entry.names:
            is_short = text == entry.name or len(text.split()) == 1
            ruled = text in entry.ambiguous if entry.ambiguous else is_short
            rule = context if ruled and not context.is_empty else None
            lowered = _lowered(entry, text, vocabulary.words)
            solid = _SOLID.fullmatch(text) is not None
            yield Name(entry, text, _written(entry, text), lowered, rule, solid)


def _written(entry: SkillEntry, text: str) -> frozenset[str] | None:
    """`case` binds one-word names that hold a capital: the ambiguous ones, or all of the line
    where none is named ambiguous."""
    if not entry.case or text.islower() or len(text.split()) > 1:
        return None
    if entry.ambiguous and text not in entry.ambiguous:
        return None
    bare = squeezed(text)
    return frozenset({bare, bare + "s"})


def _lowered(entry: SkillEntry, text: str, words: Words) -> frozenset[str] | None:
    """Tools, languages and abbreviations are not inflected, but for a head in lower case
    ("vector database") and the plural of an abbreviation ("LLMs"). A version may follow."""
    *first, last = text.split() or [text]
    if entry.kind in _INFLECTED and not (last.isupper() and len(last) > 1):
        return None
    forms = numbers(last.lower()) if last.islower() and first else (last.lower(),)
    if last.isupper():
        forms = (*forms, last.lower() + "s")
    if entry.category in words.versioned:
        forms = (*forms, *(last.lower() + number for number in words.versions))
    heads = [spellings(word.lower()) for word in first]
    wholes = {squeezed("".join(words)) for words in product(*heads, forms)}
    return frozenset(whole for form in wholes for whole in (form, form.replace(".", "")))


def squeezed(text: str) -> str:
    """The text without white space and hyphens, for comparing how a name is written."""
    return text.translate(_SQUEEZED)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in TextView(clean(text)).words if word not in HYPHENS)


def _forms(word: str) -> tuple[str, ...]:
    """The word's spellings and numbers, which a text may hold."""
    return tuple(n for form in spellings(word) for n in numbers(form))[:_MAX_FORMS]


def _variants(
    words: tuple[str, ...], name: Name, vocabulary: Vocabulary
) -> Iterable[tuple[str, ...]]:
    """The ways in which a name may be put together, each as lower-case words."""
    found = dict.fromkeys(_rejoined(words))
    joined = "".join(words)
    if name.solid and len(words) > 1:  # "NumPy" is two tokens, "numpy" one, "Numpy" too
        found[joined,] = None
        undotted = joined.replace(".", "")
        if len(undotted) > _MIN_VERSIONED:  # "nodejs"; but "be" is no "B.E."
            found[undotted,] = None
    versioned = name.entry.category in vocabulary.words.versioned
    if versioned and len(words) == 1 and joined.isalpha() and len(joined) >= _MIN_VERSIONED:
        found |= dict.fromkeys((joined + number,) for number in vocabulary.words.versions)
    return found


def _rejoined(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """ "powerbi" of "power bi", "ci cd" of "ci/cd", "bachelors" of "bachelor's", "&" for "and",
    "node js" of "node.js"."""
    yield words
    joined = "".join(words)
    if len(words) == 2 and _MIN_JOINED <= len(joined) <= _MAX_JOINED and joined.isalnum():
        yield (joined,)
    if "'s" in words[1:]:
        place = words.index("'s")
        yield (*words[: place - 1], words[place - 1] + "s", *words[place + 1 :])
        yield (*words[:place], *words[place + 1 :])
    if "/" in words and len(words) > 2:
        yield tuple(word for word in words if word != "/")
        yield tuple("and" if word == "/" else word for word in words)
    if "." in words[1:-1]:
        yield tuple(word for word in words if word != ".")
    for one, other in (("and", "&"), ("&", "and")):
        if one in words:
            yield tuple(other if word == one else word for word in words)
