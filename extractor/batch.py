"""Files in, outcomes out: failures kept in their place, counted, or raised when strict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from extractor.analyzer import Analyzer
from extractor.errors import FormatError
from extractor.records import Failure, Posting, Result

_CHUNK = 64


@dataclass(slots=True)
class Tally:
    """How many postings were analysed and how many rows failed; filled while a batch runs."""

    results: int = 0
    failures: int = 0


def analyze_all(
    analyzer: Analyzer,
    postings: Iterable[Posting | Failure],
    tally: Tally,
    *,
    processes: int = 1,
    is_strict: bool = False,
) -> Iterator[Result | Failure]:
    """A Result or Failure for each posting, in their order.

    Raises:
        FormatError: at the first failure, with `is_strict`.
    """
    if processes == 1:
        yield from _in_order(analyzer, postings, tally, is_strict)
        return
    failures: dict[int, list[Failure]] = {}
    results = analyzer.stream(_sound(postings, failures, is_strict), processes=processes)
    count = 0
    for result in results:
        yield from _count(failures.pop(count, ()), tally)
        yield from _count([result], tally)
        count += 1
    yield from _count(failures.pop(count, ()), tally)


def _in_order(
    analyzer: Analyzer, postings: Iterable[Posting | Failure], tally: Tally, is_strict: bool
) -> Iterator[Result | Failure]:
    source = iter(postings)
    while chunk := list(islice(source, _CHUNK)):
        for is_failure, group in groupby(chunk, key=lambda one: isinstance(one, Failure)):
            members = list(group)
            if not is_failure:
                sound = [one for one in members if isinstance(one, Posting)]
                yield from _count(analyzer.stream(sound), tally)
                continue
            for failure in members:
                if isinstance(failure, Failure):
                    _refuse(failure, is_strict)
                    yield from _count([failure], tally)


def _sound(
    postings: Iterable[Posting | Failure], failures: dict[int, list[Failure]], is_strict: bool
) -> Iterator[Posting]:
    """The postings; failures are kept by the number of postings before them."""
    count = 0
    for one in postings:
        if isinstance(one, Failure):
            _refuse(one, is_strict)
            failures.setdefault(count, []).append(one)
        else:
            count += 1
            yield one


def _refuse(failure: Failure, is_strict: bool) -> None:
    if is_strict:
        raise FormatError(failure.reason, path=failure.source)


def _count(outcomes: Iterable[Result | Failure], tally: Tally) -> Iterator[Result | Failure]:
    for outcome in outcomes:
        if isinstance(outcome, Failure):
            tally.failures += 1
        else:
            tally.results += 1
        yield outcome
