"""Labels beside each other: near-copies share a group and may not contradict each other."""

from __future__ import annotations

import pytest

from extractor.errors import FormatError
from extractor.label_checks import CheckedLabels, check_labels
from extractor.labels import LabelledPosting
from extractor.records import Posting

BEES = "You keep our bees healthy, harvest honey in July and sell it on the market."
COPY = BEES.upper().replace("JULY", "JULY 2024")
WASPS = "A museum of insects looks for somebody who draws wasps with a steady hand."
ROLES = ("keeper", "seller")
HINT = "correct them, or leave them out with --drop-contradictions"


def label(line: int, text: str, role: str, *also: str, group: str = "") -> LabelledPosting:
    posting = Posting(str(line), text, "", f"ads.jsonl:{line}")
    return LabelledPosting(posting, role, also, group, f"firm {line}")


def refusal(*labelled: LabelledPosting, roles: tuple[str, ...] = ROLES) -> str:
    with pytest.raises(FormatError) as caught:
        check_labels(labelled, roles)
    return str(caught.value)


def lines(checked: CheckedLabels) -> list[str]:
    return [one.posting.id for one in checked.labelled]


def test_near_copies_get_one_group_and_are_counted() -> None:
    checked = check_labels(
        [label(1, BEES, "keeper"), label(2, WASPS, "seller"), label(3, COPY, "keeper")], ROLES
    )
    assert [one.group for one in checked.labelled] == ["0", "1", "0"]
    assert (checked.dropped, checked.copies) == (0, 1)


def test_a_group_that_the_data_give_is_kept_together() -> None:
    checked = check_labels(
        [label(1, BEES, "keeper", group="x"), label(2, WASPS, "seller", "keeper", group="x")],
        ROLES,
    )
    assert [one.group for one in checked.labelled] == ["0", "0"]


def test_near_copies_that_contradict_are_refused_by_both_places() -> None:
    told = "ads.jsonl:1 says 'keeper', its near-copy ads.jsonl:3 'seller'"
    given = label(1, BEES, "keeper"), label(2, WASPS, "seller"), label(3, COPY, "seller")
    assert refusal(*given) == f"{told}; {HINT}"


def test_of_very_many_contradictions_the_first_five_are_told() -> None:
    given = [label(1, BEES, "keeper"), *(label(n, BEES, "seller") for n in range(2, 9))]
    told = [f"ads.jsonl:1 says 'keeper', its near-copy ads.jsonl:{n} 'seller'" for n in range(2, 7)]
    assert refusal(*given) == "; ".join([*told, "and 2 more", HINT])


@pytest.mark.parametrize(
    ("first", "second"), [(("seller",), ()), ((), ("keeper",)), (("seller",), ("keeper",))]
)
def test_a_role_that_one_reader_accepts_is_no_contradiction(
    first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    given = [label(1, BEES, "keeper", *first), label(2, COPY, "seller", *second)]
    assert lines(check_labels(given, ROLES)) == ["1", "2"]


def test_a_role_that_both_accept_besides_is_still_a_contradiction() -> None:
    given = [label(1, BEES, "keeper", "baker"), label(2, COPY, "seller", "baker")]
    given += [label(3, WASPS, "baker")]
    told = "ads.jsonl:1 says 'keeper', its near-copy ads.jsonl:2 'seller'"
    assert refusal(*given, roles=("keeper", "seller", "baker")) == f"{told}; {HINT}"


def test_groups_that_contradict_are_left_out_whole_when_asked() -> None:
    given = [
        label(1, BEES, "keeper"),
        label(2, COPY, "keeper"),
        label(3, BEES, "seller"),
        label(4, WASPS, "seller"),
        label(5, "Short.", "keeper"),
    ]
    checked = check_labels(given, ROLES, is_dropping=True)
    assert lines(checked) == ["4", "5"]
    assert (checked.dropped, checked.copies) == (3, 0)


def test_roles_without_a_posting_are_refused() -> None:
    message = "no posting for 'baker', 'cook'; label some, or leave such a role out of the roles "
    given = label(1, BEES, "keeper"), label(2, WASPS, "seller")
    assert refusal(*given, roles=(*ROLES, "cook", "baker")) == f"{message}file"


@pytest.mark.xfail(strict=True, reason="roles are counted before contradictions are left out")
def test_a_role_all_of_whose_postings_are_left_out_is_refused() -> None:
    given = [label(1, BEES, "keeper"), label(2, COPY, "seller"), label(3, WASPS, "keeper")]
    with pytest.raises(FormatError, match="no posting for 'seller'"):
        check_labels(given, ROLES, is_dropping=True)


def test_no_labels_are_found_good() -> None:
    assert check_labels([], ROLES) == CheckedLabels((), 0, 0)


def test_what_was_given_is_not_changed() -> None:
    given = [label(1, BEES, "keeper", group="x"), label(2, WASPS, "seller")]
    check_labels(given, ROLES)
    assert [one.group for one in given] == ["x", ""]
