"""SkillSpan, the public benchmark: `python -m tests.benchmarks.skillspan TRAIN.jsonl DEV.jsonl`.

Trains the project's tagger on the sentences of TRAIN and prints strict span F1 on the knowledge
layer of DEV: a span counts when first and last token are right. The data are Zhang et al. (NAACL
2022), MIT licence, one sentence a line with `idx`, `tokens` and `tags_knowledge`; sentences of one
posting follow one another. The tagger is the bundled one, fitted further on these sentences, with
what it marks by itself as a feature: the conventions differ, the subject is one.
"""

from __future__ import annotations

import argparse
import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from extractor.features import TokenFeatures
from extractor.network import BEGINS, INSIDE, CompiledTagger, best_labels, spans
from extractor.skills import Named, SkillFinder
from extractor.tagger_store import default_tagger, load_tagger, read_tagger
from extractor.tagger_training import TaggedRows, TaggerConfig, fit_tagger
from extractor.text import clean
from extractor.view import TextView
from extractor.vocabulary import load_vocabulary

Span = tuple[int, int]


@dataclass(frozen=True)
class Document:
    """The sentences of one posting as lines of a text; `starts` and `ends` are the characters of
    each token of the data, `gold` the knowledge spans in these tokens, half-open."""

    view: TextView
    starts: list[int]
    ends: list[int]
    gold: list[Span]


def read_documents(path: Path) -> list[Document]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    groups = groupby(rows, key=lambda row: (row.get("source"), row["idx"]))
    return [document(list(group)) for _, group in groups]


def document(rows: Sequence[dict[str, Any]]) -> Document:
    starts: list[int] = []
    ends: list[int] = []
    gold: list[Span] = []
    place = 0
    for row in rows:
        gold += [(len(starts) + a, len(starts) + b) for a, b in tagged(row["tags_knowledge"])]
        for token in row["tokens"]:
            starts.append(place)
            ends.append(place + len(token))
            place += len(token) + 1
    text = "\n".join(" ".join(row["tokens"]) for row in rows)
    return Document(TextView(clean(text)), starts, ends, gold)


def tagged(tags: Sequence[str]) -> Iterator[Span]:
    """The spans of BIO tags, half-open."""
    start = None
    for place, tag in enumerate([*tags, "O"]):
        if tag[:1] != "I" and start is not None:
            yield start, place
            start = None
        if tag[:1] == "B":
            start = place


class Features:
    """What the tagger sees of a document, with the bundled tagger's marks among the names."""

    def __init__(self) -> None:
        vocabulary = load_vocabulary()
        self.finder = SkillFinder(vocabulary)
        self.bundled = load_tagger(default_tagger(), vocabulary)
        weights, terms = read_tagger(default_tagger())
        self.make = TokenFeatures(terms)
        self.start = weights

    def __call__(self, one: Document) -> TaggedRows:
        view = one.view
        named = self.finder.look([view])
        marked = self.bundled.find_all([view], named, [()])[0]
        found: Any = [
            (
                bisect_left(view.starts, mention.start),
                bisect_left(view.starts, mention.end),
                SimpleNamespace(entry=mention.entry),
            )
            for mention in marked
        ]
        seen = Named(named[0].candidates, found)
        rows = self.make(view, seen.candidates, seen.found, ())
        labels = np.zeros(len(view.words) + 1, dtype=np.int64)
        for start, end in one.gold:
            first = bisect_left(view.starts, one.starts[start])
            labels[first : bisect_left(view.starts, one.ends[end - 1])] = INSIDE
            labels[first] = BEGINS
        labels[-1] = -1
        kinds = np.where(labels > 0, 0, -1)
        return TaggedRows(rows.table, labels[rows.places], kinds[rows.places])


def predicted(tagger: CompiledTagger, one: Document, rows: TaggedRows) -> set[Span]:
    """The spans in the data's own tokens."""
    chances, _ = tagger(rows.table)
    places = np.cumsum(rows.labels >= 0) - 1
    found = set()
    for first, last in spans(best_labels(chances, rows.labels < 0)):
        start = one.view.starts[places[first]]
        end = one.view.ends[places[last]]
        found.add((bisect_left(one.ends, start + 1), bisect_left(one.starts, end)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("train", type=Path)
    parser.add_argument("dev", type=Path)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    see = Features()
    train = [see(one) for one in read_documents(options.train)]
    config = TaggerConfig(epochs=options.epochs, seed=options.seed, batch=1, rate=0.001)
    weights = fit_tagger(train, see.start.tables[0], see.make, config, print, start=see.start)
    tagger = CompiledTagger(weights, see.make.affixes)
    right = given = wanted = 0
    for one in read_documents(options.dev):
        found, gold = predicted(tagger, one, see(one)), set(one.gold)
        right, given, wanted = right + len(found & gold), given + len(found), wanted + len(gold)
    precision, recall = right / max(1, given), right / max(1, wanted)
    both = 2 * precision * recall / max(1e-9, precision + recall)
    print(f"knowledge, strict: precision {precision:.3f}  recall {recall:.3f}  F1 {both:.3f}")


if __name__ == "__main__":
    main()
