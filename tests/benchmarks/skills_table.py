"""Vocabulary, discovery and both: `python -m tests.benchmarks.skills_table GOLD.jsonl`.

Prints the README's tables: strict and relaxed F1 over GOLD (postings with `mentions`), recall by
kind, relaxed F1 by the role that the bundled model gives and by source, where --corpus says it.
"Discovery" is the tagger alone, no name of the vocabulary shown to it.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from extractor.analyzer import Analyzer
from extractor.corpus import sound_row
from extractor.evaluation import MarkedText, skill_figures
from extractor.formats import Row, read_rows
from extractor.marks import marks_of
from extractor.parts import SectionFinder
from extractor.records import Posting
from extractor.skills import FoundSkill, Named, SkillFinder
from extractor.tagger_store import default_tagger, load_tagger
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import load_vocabulary
from extractor.words import load_headings

WAYS = ("vocabulary", "discovery", "both")


def found_by_way(rows: Sequence[Row]) -> dict[str, list[list[FoundSkill]]]:
    vocabulary = load_vocabulary()
    finder, find_sections = SkillFinder(vocabulary), SectionFinder(load_headings())
    tagger = load_tagger(default_tagger(), vocabulary)
    views = [TextView(clean(row.text)) for row in rows]
    sections = [find_sections(view.text) for view in views]
    return {
        "vocabulary": finder.find_all(views, sections),
        "discovery": tagger.find_all(views, [Named([], [])] * len(views), sections),
        "both": tagger.find_all(views, finder.look(views), sections),
    }


def marked(row: Row, found: Iterable[FoundSkill]) -> MarkedText:
    gold = tuple((m.start, m.end, m.kind) for m in marks_of(row, len(row.text)))
    return MarkedText(gold, tuple((one.start, one.end, one.entry.kind) for one in found))


def roles_of(rows: Sequence[Row]) -> list[str]:
    postings = [Posting(row.id, row.text, row.title, row.source) for row in rows]
    results = Analyzer.load(parts=("role",)).stream(postings)
    return [result.role.id if result.role else "" for result in results]


def sources_of(rows: Sequence[Row], corpus: Sequence[str]) -> list[str]:
    wanted = {str(row.values.get("posting_id") or row.id) for row in rows}
    known = {
        row.id: str(row.values.get("source") or "").split("/")[0]
        for row in (read_rows(corpus) if corpus else ())
        if isinstance(row, Row) and row.id in wanted
    }
    return [known.get(str(row.values.get("posting_id") or row.id), "unknown") for row in rows]


def print_groups(name: str, keys: Sequence[str], texts: dict[str, list[MarkedText]]) -> None:
    groups: dict[str, list[int]] = defaultdict(list)
    for place, key in enumerate(keys):
        groups[key].append(place)
    print(f"\n| {name} | postings | " + " | ".join(WAYS) + " |\n|---|---" + "|---" * 3 + "|")
    for key in sorted(groups, key=lambda key: (-len(groups[key]), key)):
        cells = [skill_figures([texts[way][i] for i in groups[key]]) for way in WAYS]
        f1s = " | ".join(f"{figures['relaxed']['f1']:.2f}" for figures in cells)
        print(f"| {key} | {len(groups[key])} | {f1s} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold")
    parser.add_argument("--corpus", action="append", default=[])
    options = parser.parse_args()
    rows = list(map(sound_row, read_rows([options.gold])))
    found = found_by_way(rows)
    texts = {way: list(map(marked, rows, found[way])) for way in WAYS}
    figures: dict[str, dict[str, Any]] = {way: skill_figures(texts[way]) for way in WAYS}
    print("| | " + " | ".join(WAYS) + " |\n|---" + "|---" * 3 + "|")
    for level in ("strict", "relaxed"):
        for key in ("precision", "recall", "f1"):
            cells = " | ".join(f"{figures[way][level][key]:.3f}" for way in WAYS)
            print(f"| {level} {key} | {cells} |")
    for kind in figures["both"]["recall_by_kind"]:
        cells = " | ".join(f"{figures[way]['recall_by_kind'][kind]:.3f}" for way in WAYS)
        print(f"| relaxed recall, {kind} | {cells} |")
    print_groups("role", roles_of(rows), texts)
    print_groups("source", sources_of(rows, options.corpus), texts)


if __name__ == "__main__":
    main()
