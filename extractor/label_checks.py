"""Labels checked against each other before anything is trained: near-copies share a group, and
no two of them may contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from extractor.errors import FormatError
from extractor.labels import LabelledPosting, and_more
from extractor.near_copies import near_copies

_SHOWN = 5  # pairs named in one message


@dataclass(frozen=True, slots=True)
class CheckedLabels:
    """Labelled postings whose `group` near-copies share, how many were left out because a
    near-copy says otherwise, and how many are copies of one that is kept."""

    labelled: tuple[LabelledPosting, ...]
    dropped: int
    copies: int


def check_labels(
    labelled: Sequence[LabelledPosting],
    roles: Iterable[str],
    *,
    is_dropping: bool = False,
) -> CheckedLabels:
    """The labels, found good.

    Two labels of one group contradict each other when neither reader accepted the other's role
    (`also`). With `is_dropping` such groups are left out instead of refused.

    Raises:
        FormatError: a role without a posting, or contradictions: the first of them by place.
    """
    missing = sorted(set(roles) - {one.role for one in labelled})
    if missing and labelled:
        message = f"no posting for {', '.join(map(repr, missing))}; label some"
        raise FormatError(f"{message}, or leave such a role out of the roles file")
    numbers = near_copies(
        [one.posting.text for one in labelled], groups=[one.group or None for one in labelled]
    )
    grouped = [replace(one, group=str(number)) for one, number in zip(labelled, numbers)]
    pairs = list(_contradictions(grouped))
    if pairs and not is_dropping:
        shown = "; ".join(
            f"{one.posting.source} says {one.role!r}, its near-copy {other.posting.source} "
            f"{other.role!r}"
            for one, other in pairs[:_SHOWN]
        )
        hint = "; correct them, or leave them out with --drop-contradictions"
        raise FormatError(shown + and_more(len(pairs) - _SHOWN) + hint)
    barred = {one.group for one, _ in pairs}
    kept = tuple(one for one in grouped if one.group not in barred)
    copies = len(kept) - len({one.group for one in kept})
    return CheckedLabels(kept, len(grouped) - len(kept), copies)


def _contradictions(
    labelled: Sequence[LabelledPosting],
) -> Iterable[tuple[LabelledPosting, LabelledPosting]]:
    """For each posting the first of its group that it contradicts."""
    groups: dict[str, list[LabelledPosting]] = {}
    for one in labelled:
        earlier = groups.setdefault(one.group, [])
        for other in earlier:
            if one.role not in (other.role, *other.also) and other.role not in one.also:
                yield other, one
                break
        earlier.append(one)
