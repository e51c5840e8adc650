"""Speed beside the bare spaCy tokenizer: `python -m tests.benchmarks POSTINGS.jsonl`.

Each stage takes turns with the yardstick, `spacy.blank("en")` over the same descriptions, because
machines are noisy. A row gives the stage's time as a multiple of the yardstick's: in the first
round, when neither has seen the texts before, as with adverts that come in; in the median of the
further rounds; and of the quickest times of either.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Sequence

import spacy

from extractor.analyzer import ALL_PARTS, Analyzer, Part
from extractor.formats import read_postings
from extractor.records import Posting

STAGES: dict[str, tuple[Part, ...]] = {
    "analyze": ALL_PARTS,
    "classify": ("role",),
    "extract": ("skills",),
}
WARM_UP = "A first posting, so that what loads when first used is loaded."


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def measure(
    postings: Sequence[Posting], parts: tuple[Part, ...], rounds: int
) -> tuple[list[float], list[float]]:
    """Seconds of the tokenizer and of the stage in each round."""
    nlp = spacy.blank("en")
    analyzer = Analyzer.load(parts=parts)
    nlp.make_doc(WARM_UP)
    analyzer.analyze(WARM_UP)
    bare, stage = [], []
    for _ in range(rounds + 1):
        bare.append(seconds(lambda: sum(len(nlp.make_doc(one.text)) for one in postings)))
        stage.append(seconds(lambda: sum(1 for _ in analyzer.stream(postings))))
    return bare, stage


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("postings", nargs="*", default=["tests/data/postings"])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    postings = [one for one in read_postings(options.postings) if isinstance(one, Posting)]
    print(f"{len(postings)} postings; multiples of the tokenizer's time")
    for name, parts in STAGES.items():
        bare, stage = measure(postings, parts, options.rounds)
        ratios = [one / unit for one, unit in zip(stage, bare)]
        print(
            f"{name:9} first {ratios[0]:5.2f}  median {statistics.median(ratios[1:]):5.2f}  "
            f"quickest {min(stage[1:]) / min(bare[1:]):5.2f}  "
            f"{len(postings) / statistics.median(stage):6.0f} a second"
        )


if __name__ == "__main__":
    main()
