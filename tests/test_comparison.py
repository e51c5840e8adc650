"""Two models on the same postings: the verdict says no more than the postings can bear."""

from __future__ import annotations

import pytest

from extractor.comparison import compare_roles, sentence
from extractor.evaluation import RoleAnswer


def answers(rights: str) -> list[RoleAnswer]:
    """One answer a sign: "+" a right one, "-" a wrong one."""
    wrong = (("a", 0.2), ("b", 0.8))
    return [
        RoleAnswer("a", (), "a", 0.8, (("a", 0.8), ("b", 0.2)))
        if sign == "+"
        else RoleAnswer("a", (), "b", 0.8, wrong)
        for sign in rights
    ]


def alone(count: int) -> list[str]:
    """Each posting a group of its own."""
    return [str(number) for number in range(count)]


def test_a_candidate_that_is_right_more_often_is_better() -> None:
    found = compare_roles(answers("+-" * 50), answers("+" * 100), alone(100))
    assert (found["verdict"], found["postings"], found["difference"]) == ("better", 100, 0.5)
    assert (found["low"], found["high"]) == pytest.approx((0.4, 0.6), abs=0.03)


def test_a_candidate_that_is_wrong_more_often_is_worse() -> None:
    found = compare_roles(answers("+" * 100), answers("+-" * 50), alone(100))
    assert (found["verdict"], found["difference"]) == ("worse", -0.5)
    assert (found["low"], found["high"]) == pytest.approx((-0.6, -0.4), abs=0.03)


def test_as_many_gained_as_lost_is_undecided() -> None:
    found = compare_roles(answers("+-" * 30), answers("-+" * 30), alone(60))
    assert (found["verdict"], found["difference"]) == ("undecided", 0.0)
    assert found["low"] < 0 < found["high"]


def test_the_same_answers_are_undecided() -> None:
    same = answers("++-" * 20)
    found = compare_roles(same, same, alone(60))
    assert [found[key] for key in ("verdict", "difference", "low", "high")] == [
        "undecided",
        0.0,
        0.0,
        0.0,
    ]
    assert found["current"] == found["candidate"]


def test_the_figures_of_both_stand_beside_each_other() -> None:
    found = compare_roles(answers("+-" * 50), answers("+" * 100), alone(100))
    assert (found["current"]["accuracy"], found["candidate"]["accuracy"]) == (0.5, 1.0)
    assert sorted(found["current"]) == [
        "accepted",
        "accuracy",
        "ece",
        "log_loss",
        "macro_f1",
        "postings",
    ]


@pytest.mark.parametrize("count", [0, 1, 49])
def test_of_fewer_than_fifty_postings_nothing_is_said(count: int) -> None:
    found = compare_roles(answers("-" * count), answers("+" * count), alone(count))
    assert (found["verdict"], found["postings"]) == ("undecided", count)
    assert "difference" not in found


def test_fifty_postings_are_enough() -> None:
    found = compare_roles(answers("-" * 50), answers("+" * 50), alone(50))
    assert (found["verdict"], found["low"], found["high"]) == ("better", 1.0, 1.0)


def test_groups_are_drawn_whole() -> None:
    """Two groups of copies are two witnesses, not sixty: one that gains and one that loses."""
    current, candidate = answers("-" * 40 + "+" * 20), answers("+" * 40 + "-" * 20)
    two = ["gains"] * 40 + ["loses"] * 20
    together = compare_roles(current, candidate, two)
    assert (together["verdict"], together["low"], together["high"]) == ("undecided", -1.0, 1.0)
    assert compare_roles(current, candidate, alone(60))["verdict"] == "better"


def test_the_verdict_does_not_depend_on_the_run() -> None:
    given = answers("+--" * 20), answers("-++" * 20), alone(60)
    assert compare_roles(*given) == compare_roles(*given)


def test_the_sentence_tells_points_and_interval() -> None:
    found = {"verdict": "better", "postings": 812, "difference": 0.0312, "low": 0.01, "high": 0.05}
    assert sentence(found) == (
        "better: +3.1 points of accuracy beside the current model on 812 postings "
        "(95 % interval +1.0 to +5.0)"
    )


def test_the_sentence_tells_that_there_is_too_little() -> None:
    assert sentence(compare_roles(answers("+"), answers("+"), ["0"])) == (
        "undecided: only 1 postings that the current model has not seen; 50 are needed"
    )
