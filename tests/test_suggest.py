"""What postings ask for and the vocabulary lacks, and the command that lists it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from click.testing import CliRunner

from extractor.analyzer import Analyzer
from extractor.commands import main
from extractor.records import Posting, Result, Skill, SkillMention, SkillSource
from extractor.suggest import suggest_skills
from extractor.vocabulary import Vocabulary, load_vocabulary

TEXT = "You tend zymurgy logs and Power BIs daily."


class Marked:
    """An Analyzer that finds what stands between the given places of every text."""

    def __init__(self, vocabulary: Vocabulary, *skills: tuple[str, str, int, int]):
        self.vocabulary = vocabulary
        self._skills = skills

    def stream(self, postings: Sequence[Posting]) -> Iterator[Result]:
        for one in postings:
            found = tuple(self._skill(one, *skill) for skill in self._skills)
            yield Result(one.id, one.source, one.title, "en", None, found)

    def _skill(self, one: Posting, skill_id: str, source: str, start: int, end: int) -> Skill:
        text = one.text[start:end]
        mentions = (SkillMention(start, end, text),)
        sure = 0.75 if source == "discovered" else None
        kind = cast(SkillSource, source)
        return Skill(skill_id, text, "technique", mentions, source=kind, confidence=sure)


def suggested(
    vocabulary: Vocabulary, *skills: tuple[str, str, int, int], texts: Sequence[str] = (TEXT, TEXT)
) -> list[dict[str, Any]]:
    postings = [Posting(str(n), text) for n, text in enumerate(texts)]
    analyzer = cast(Analyzer, Marked(vocabulary, *skills))
    return suggest_skills(postings, analyzer)


def test_a_discovered_skill_is_a_line_with_its_counts(vocabulary: Vocabulary) -> None:
    lines = suggested(vocabulary, ("zymurgy-logs", "discovered", 9, 21))
    assert lines == [
        {
            "id": "zymurgy-logs",
            "name": "zymurgy logs",
            "kind": "technique",
            "category": "suggested",
            "aliases": [],
            "notes": {
                "count": 2,
                "documents": 2,
                "confidence": 0.75,
                "examples": [TEXT, TEXT],
                "near": [],
            },
        }
    ]


def test_what_the_vocabulary_knows_is_left_out(vocabulary: Vocabulary) -> None:
    assert suggested(vocabulary, ("python", "vocabulary", 9, 21)) == []


def test_a_known_name_of_a_like_spelling_is_pointed_at(vocabulary: Vocabulary) -> None:
    line = suggested(vocabulary, ("power-bis", "discovered", 26, 35))[0]
    assert line["notes"]["near"][0]["id"] == "power-bi"


def test_other_spellings_become_aliases(vocabulary: Vocabulary) -> None:
    texts = (TEXT, TEXT, TEXT.upper().replace("LOGS", "LOGZ"))
    line = suggested(vocabulary, ("zymurgy-logs", "discovered", 9, 21), texts=texts)[0]
    assert (line["name"], line["aliases"]) == ("zymurgy logs", ["ZYMURGY LOGZ"])


def test_what_too_few_postings_hold_is_left_out(vocabulary: Vocabulary) -> None:
    assert suggested(vocabulary, ("zymurgy-logs", "discovered", 9, 21), texts=(TEXT,)) == []


def test_skills_of_most_postings_come_first(vocabulary: Vocabulary) -> None:
    analyzer = Marked(vocabulary, ("zymurgy-logs", "discovered", 9, 21))
    other = Marked(vocabulary, ("b", "discovered", 0, 8), ("zymurgy-logs", "discovered", 9, 21))

    def stream(postings: Sequence[Posting]) -> Iterator[Result]:
        for place, one in enumerate(postings):
            yield from (other if place < 2 else analyzer).stream([one])

    both = cast(Analyzer, SimpleNamespace(vocabulary=vocabulary, stream=stream))
    lines = suggest_skills([Posting(str(n), TEXT) for n in range(3)], both)
    assert [line["id"] for line in lines] == ["zymurgy-logs", "b"]


def test_no_postings_give_no_lines(vocabulary: Vocabulary) -> None:
    assert suggest_skills([], cast(Analyzer, Marked(vocabulary))) == []


def test_the_file_is_good_and_used_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, load_once: Any
) -> None:
    monkeypatch.setattr("extractor.analyzer.Analyzer.load", load_once)
    advert = tmp_path / "advert.txt"
    advert.write_text(
        "Requirements\n- Experience with Zymtrax, Python and SQL\n- Zymtrax dashboards"
    )
    ours = tmp_path / "ours.jsonl"
    run = CliRunner().invoke
    made = run(main, ["skills", "suggest", str(advert), "--min-documents", "1", "-o", str(ours)])
    assert (made.exit_code, made.stderr) == (0, "")
    lines = [json.loads(line) for line in ours.read_text().splitlines()]
    assert "zymtrax" in {line["id"] for line in lines}
    checked = run(main, ["skills", "check", str(ours)])
    known = len(load_vocabulary().entries) + len(lines)
    assert checked.stdout == f"{ours}: good; {known} skills together with the bundled ones\n"
    used = run(main, ["extract", str(advert), "--vocabulary", str(ours), "--no-discovery"])
    found = {skill["id"]: skill["source"] for skill in json.loads(used.stdout)["skills"]}
    assert found["zymtrax"] == "vocabulary"


def test_a_missing_path_is_one_line(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["skills", "suggest", str(tmp_path / "none.txt")])
    assert done.exit_code == 1
    assert done.stderr == f"error: {tmp_path / 'none.txt'}: no such file or folder\n"
