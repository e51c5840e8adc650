"""Speed beside the bare spaCy tokenizer: `python -m tests.benchmarks POSTINGS.jsonl`.

All stages and the yardstick, `spacy.blank("en")` over the same descriptions, take turns on batches
of 16 postings within each round, because machines are noisy. A row gives the stage's time as a
multiple of the yardstick's: of the median round, and of the quickest times of either.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

import spacy

from extractor.analyzer import Analyzer
from extractor.formats import read_postings
from extractor.records import Posting

BATCH = 16
LIMITS = {"analyze": 2.0}


def stages() -> dict[str, Callable[[Sequence[Posting]], object]]:
    nlp = spacy.blank("en")
    whole, roles, skills = (
        Analyzer.load(parts=parts) for parts in (("role", "skills"), ("role",), ("skills",))
    )
    return {
        "tokenizer": lambda batch: [len(nlp.make_doc(one.text)) for one in batch],
        "analyze": lambda batch: list(whole.stream(batch)),
        "classify": lambda batch: list(roles.stream(batch)),
        "extract": lambda batch: list(skills.stream(batch)),
    }


def batches(postings: Sequence[Posting]) -> Iterator[Sequence[Posting]]:
    for start in range(0, len(postings), BATCH):
        yield postings[start : start + BATCH]


def measure(postings: Sequence[Posting], rounds: int) -> dict[str, list[float]]:
    """Seconds of each stage in each round; a first round warms up and is not counted."""
    timed = stages()
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    for number in range(rounds + 1):
        total: dict[str, float] = defaultdict(float)
        for batch in batches(postings):
            for name, run in timed.items():
                start = time.perf_counter()
                run(batch)
                total[name] += time.perf_counter() - start
        if number:
            for name, value in total.items():
                seconds[name].append(value)
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("postings", nargs="*", default=["tests/data/postings"])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    postings = [one for one in read_postings(options.postings) if isinstance(one, Posting)]
    seconds = measure(postings, options.rounds)
    base = seconds["tokenizer"]
    print(f"{len(postings)} postings, {options.rounds} rounds")
    for name, values in seconds.items():
        ratios = [value / unit for value, unit in zip(values, base)]
        rate = len(postings) / statistics.median(values)
        print(
            f"{name:10} {statistics.median(ratios):5.2f} x tokenizer (median round)  "
            f"{min(values) / min(base):5.2f} x (quickest)  {rate:7.0f} postings a second"
        )


if __name__ == "__main__":
    main()
