"""Texts whose skills are known: cases that hold their answers, and generated texts."""

from __future__ import annotations

import gc
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from extractor.clauses import Clauses
from extractor.phrases import load_need_phrases
from extractor.records import Result, Skill
from extractor.text import clean
from extractor.view import TextView

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MARK = re.compile(r"\[([^\[\]]+)\]\(([a-z0-9-]+)((?:\|[^|()\[\]]+)+)\)")
_NAMED = re.compile(r"(?<!\w)(?:Python|SQL|Power BI)(?!\w)")
_CASES = Path(__file__).parent / "cases"


# --- cases ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text without its marks, in characters, and what is said of its skill."""

    start: int
    end: int
    skill: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkedCase:
    """A text with the marks taken out of it; `is_open` where it is known not to pass."""

    name: str
    text: str
    marks: tuple[Mark, ...]
    is_open: bool = False


def read_marked(file: str) -> list[MarkedCase]:
    """The cases of a file in tests/cases, each skill marked as [surface](id|attribute|…)."""
    table = tomllib.loads((_CASES / file).read_text(encoding="utf-8"))
    return [_case(case["name"], case["text"], case.get("open", False)) for case in table["case"]]


def _case(name: str, marked: str, is_open: bool) -> MarkedCase:
    text, after = "", 0
    marks: list[Mark] = []
    for found in _MARK.finditer(marked):
        text += marked[after : found.start()]
        attributes = tuple(found[3][1:].split("|"))
        marks.append(Mark(len(text), len(text) + len(found[1]), found[2], attributes))
        text += found[1]
        after = found.end()
    return MarkedCase(name, text + marked[after:], tuple(marks), is_open)


def parameters(cases: list[MarkedCase]) -> list[Any]:
    """The cases for `parametrize`, by name. An open one must fail, or it is open no longer."""
    is_open = pytest.mark.xfail(strict=True, reason="known not to pass: an open case")
    return [pytest.param(c, id=c.name, marks=[is_open] if c.is_open else []) for c in cases]


def skill_at(result: Result, mark: Mark) -> Skill | None:
    """The skill that has a mention just where the mark is, if it is the one of the mark."""
    for skill in result.skills:
        if (mark.start, mark.end) in [(m.start, m.end) for m in skill.mentions]:
            return skill if skill.id == mark.skill else None
    return None


# --- generated texts -----------------------------------------------------------------------------


def clauses_of(text: str) -> Clauses:
    """The clauses of a text in which "Python", "SQL" and "Power BI" are the mentions."""
    return clauses_at(text, [found.span() for found in _NAMED.finditer(text)])


def clauses_at(text: str, places: list[tuple[int, int]]) -> Clauses:
    """The clauses of a text with its mentions at these places."""
    phrases = load_need_phrases()
    return Clauses(TextView(clean(text)), places, phrases.stops, phrases.turns)


def texts_of(*pieces: str) -> st.SearchStrategy[str]:
    """Texts of these pieces between names of skills, punctuation, line ends and anything else."""
    names = st.sampled_from(["Python", "SQL", "Power BI"])
    between = st.sampled_from(
        [*".,;:!?/|&+-–—()[]•'’", "\n", "\r\n", "\n\n", "and", "or", "but", "of", "İ", "\u00a0"]
    )
    anything = st.text(st.characters(codec=None), max_size=5)
    piece = st.one_of(names, st.sampled_from(pieces), between, names, anything)
    return st.lists(st.tuples(piece, st.sampled_from([" ", " ", ""])), max_size=40).map(
        lambda parts: "".join(part for pair in parts for part in pair)
    )


# --- time ----------------------------------------------------------------------------------------


def seconds(act: Callable[[], object]) -> float:
    """The processor's time: other programmes do not count, nor does tidying up of memory."""
    gc.disable()
    try:
        begin = time.process_time()
        act()
        return time.process_time() - begin
    finally:
        gc.enable()


def growth(act: Callable[[Clauses], object], piece: str, times: int, after: str = "") -> float:
    """How many times the time an eightfold text takes: about 8 where each piece costs the same,
    64 and more where each is held against all others."""
    one, eight = (clauses_of(piece * count + after) for count in (times, 8 * times))
    return min(seconds(lambda: act(eight)) for _ in range(2)) / min(
        seconds(lambda: act(one)) for _ in range(3)
    )
