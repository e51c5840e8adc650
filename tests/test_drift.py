"""Drift: what has not moved is called stable, what has is named, and the index is the known one."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from extractor.batch_profile import BatchProfile
from extractor.drift import Drift, Moved, drift_text, find_drift
from extractor.errors import FormatError
from extractor.labels import LabelledPosting
from extractor.records import Failure, Posting
from extractor.role_classifier import RoleClassifier
from extractor.role_store import default_model, load_model, training_profile

WARDS = ("surgery", "paediatrics", "oncology", "cardiology", "geriatrics")
TASKS = (
    "You dress wounds, give medicines and write the charts of twelve patients.",
    "You comfort relatives, lift patients and hand over to the night shift.",
    "You take blood, measure fever and assist the physician on the morning round.",
)
OWN_FEATURES = {"length", "known", "language"}  # the others come of the model's confidence


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> RoleClassifier:
    return load_model(tiny_model)


@pytest.fixture(scope="module")
def before(tiny_model: Path) -> BatchProfile:
    return training_profile(tiny_model)


@pytest.fixture(scope="module")
def nurses() -> Drift:
    """60 nurses beside what the bundled model was trained on."""
    folder = default_model()
    return find_drift(load_model(folder), training_profile(folder), made_nurses(60))


def made_nurses(count: int) -> list[Posting]:
    return [
        Posting(
            str(number),
            f"Our hospital needs a nurse for the ward of {WARDS[number % 5]}. {TASKS[number % 3]} "
            f"A diploma in nursing and {number} months on a ward are what we ask for.",
            f"Nurse, {WARDS[number % 5]}",
        )
        for number in range(count)
    ]


def of(drift: Drift, feature: str) -> Moved:
    (found,) = (one for one in drift.features if one.feature == feature)
    return found


# --- what is stable and what is not --------------------------------------------------------------


def test_the_postings_trained_on_have_not_moved(
    classifier: RoleClassifier, before: BatchProfile, labelled: tuple[LabelledPosting, ...]
) -> None:
    """But for role and confidence: those kept are of models that did not see the posting."""
    found = find_drift(classifier, before, [one.posting for one in labelled])
    own = [one for one in found.features if one.feature in OWN_FEATURES]
    assert {one.feature: (one.index, one.verdict) for one in own} == dict.fromkeys(
        OWN_FEATURES, (0.0, "stable")
    )
    assert (found.postings, found.before, found.failures) == (45, 45, 0)
    assert found.terms == ()


def test_nurses_move_the_roles_of_the_bundled_model(nurses: Drift) -> None:
    roles = of(nurses, "roles")
    assert (roles.verdict, roles.shares[0][0]) == ("moved much", "other")
    assert roles.shares[0][2] > 0.95
    assert roles.shares[0][1] < 0.3


def test_nurses_move_the_terms_of_the_bundled_model(nurses: Drift) -> None:
    moved = {one.feature: {name: now for name, _, now in one.shares} for one in nurses.terms}
    assert len(moved) == 20
    assert moved["data"] == {"with": 0.0, "without": 1.0}
    assert {one.verdict for one in nurses.terms} == {"moved much"}


def test_what_moved_most_comes_first(nurses: Drift) -> None:
    for moved in (nurses.features, nurses.terms):
        indices = [one.index for one in moved]
        assert indices == sorted(indices, reverse=True)
    for one in nurses.features:
        steps = [abs(now - was) for _, was, now in one.shares]
        assert steps == pytest.approx(sorted(steps, reverse=True), abs=2e-4)


def test_shares_add_up_to_one(nurses: Drift) -> None:
    for one in (*nurses.features, *nurses.terms):
        sums = sum(was for _, was, _ in one.shares), sum(now for _, _, now in one.shares)
        assert sums == pytest.approx((1, 1), abs=1e-3)


# --- the index -----------------------------------------------------------------------------------


def lengths(short: int, longer: int) -> list[Posting]:
    """So many postings of 10 and of 60 tokens."""
    texts = ["ward " * 10] * short + ["ward " * 60] * longer
    return [Posting(str(number), text) for number, text in enumerate(texts)]


def halves(before: BatchProfile) -> BatchProfile:
    """Postings of before, one half below 50 tokens, the other below 100."""
    return replace(before, postings=10_000, length={"below 50": 5000, "50-100": 5000}, terms={})


def test_the_index_is_the_one_computed_by_hand(
    classifier: RoleClassifier, before: BatchProfile
) -> None:
    """Halves become quarters: (0.25 - 0.5) ln 0.5 + (0.75 - 0.5) ln 1.5 = 0.25 ln 3 = 0.2747."""
    moved = of(find_drift(classifier, halves(before), lengths(50, 150)), "length")
    assert moved.index == 0.2747
    assert moved.chance == 0.0051
    assert moved.verdict == "moved much"
    assert sorted(moved.shares) == [("50-100", 0.5, 0.75), ("below 50", 0.5, 0.25)]


def test_the_index_of_a_bin_that_one_side_lacks_is_finite(
    classifier: RoleClassifier, before: BatchProfile
) -> None:
    moved = of(find_drift(classifier, halves(before), lengths(200, 0)), "length")
    assert moved.index == round(0.5 * math.log(2) + 0.4999 * math.log(5000), 4) == 4.6043


@pytest.mark.parametrize(
    ("longer", "verdict"), [(100, "stable"), (130, "stable"), (134, "moved"), (150, "moved much")]
)
def test_the_verdict_follows_the_index(
    classifier: RoleClassifier, before: BatchProfile, longer: int, verdict: str
) -> None:
    """Of 200 postings: 0.65 gives 0.0929, 0.67 gives 0.1204."""
    found = find_drift(classifier, halves(before), lengths(200 - longer, longer))
    assert of(found, "length").verdict == verdict


@pytest.mark.parametrize(
    ("index", "chance", "verdict"),
    [
        (0.0999, 0.0, "stable"),
        (0.1, 0.0, "moved"),
        (0.2499, 0.0, "moved"),
        (0.25, 0.0, "moved much"),
        (0.29, 0.1, "stable"),
        (0.31, 0.1, "moved much"),
    ],
)
def test_the_borders_of_the_verdicts(index: float, chance: float, verdict: str) -> None:
    assert Moved("length", index, chance, ()).verdict == verdict


# --- chance --------------------------------------------------------------------------------------


def test_a_few_postings_are_not_called_moved_where_many_are(
    classifier: RoleClassifier, before: BatchProfile
) -> None:
    few, many = (find_drift(classifier, halves(before), lengths(n, 3 * n)) for n in (1, 50))
    assert of(few, "length").index == of(many, "length").index
    assert (of(few, "length").verdict, of(many, "length").verdict) == ("stable", "moved much")


def false_alarms(
    classifier: RoleClassifier, given: BatchProfile, postings: Sequence[Posting], size: int
) -> float:
    """The share of small random batches of the very postings whose length, language or known
    words are called moved."""
    rng = random.Random(0)
    alarms = 0
    for _ in range(100):
        found = find_drift(classifier, given, rng.sample(postings, size))
        own = [one for one in found.features if one.feature in OWN_FEATURES]
        alarms += any(one.verdict != "stable" for one in own)
    return alarms / 100


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(6, marks=pytest.mark.xfail(strict=True, reason="19 %; see below")),
        12,
        24,
    ],
)
def test_a_part_of_the_postings_is_seldom_called_moved(
    classifier: RoleClassifier,
    before: BatchProfile,
    labelled: tuple[LabelledPosting, ...],
    size: int,
) -> None:
    assert false_alarms(classifier, before, [one.posting for one in labelled], size) <= 0.1


@pytest.mark.xfail(
    strict=True,
    reason="a bin that a small batch lacks by chance weighs as much as one that is gone: an index "
    "of 0.19 for the 3 % of nlp-engineer, more than three times the chance of 20 postings has",
)
def test_small_batches_of_the_bundled_models_roles_are_seldom_called_moved() -> None:
    """Drawn of the very roles it was trained on, 20 at a time: 25 % were called moved."""
    assert alarms_of_roles(20) <= 0.05


def test_large_batches_of_the_bundled_models_roles_are_seldom_called_moved() -> None:
    assert alarms_of_roles(200) <= 0.05


def alarms_of_roles(size: int) -> float:
    """The share of 300 random batches whose roles are called moved."""
    from extractor.drift import _moved

    kept = training_profile(default_model())
    rng = random.Random(0)
    names, weights = list(kept.roles), list(kept.roles.values())
    alarms = 0
    for _ in range(300):
        drawn = rng.choices(names, weights, k=size)
        now = {name: drawn.count(name) for name in set(drawn)}
        alarms += _moved("roles", kept.roles, now, kept.postings, size).verdict != "stable"
    return alarms / 300


@pytest.mark.xfail(
    strict=True,
    reason="300 terms are tested with the limit of one: 29 of them moved by chance in 20 postings",
)
def test_few_terms_of_a_small_batch_are_called_moved_by_chance() -> None:
    from extractor.drift import _moved

    kept = training_profile(default_model())
    rng = random.Random(0)
    moved = 0
    for count in kept.terms.values():
        share = count / kept.postings
        now = sum(rng.random() < share for _ in range(20))
        sides = {"with": count, "without": kept.postings - count}
        found = _moved("term", sides, {"with": now, "without": 20 - now}, kept.postings, 20)
        moved += found.verdict != "stable"
    assert moved <= 3


# --- unknown words -------------------------------------------------------------------------------


def test_unknown_words_come_with_the_share_of_postings_that_hold_them(
    classifier: RoleClassifier, before: BatchProfile
) -> None:
    texts = ["zorbing zorbing quux"] * 2 + ["zorbing"] * 2 + ["once dashboards"] + ["reports"] * 5
    found = find_drift(classifier, before, [Posting(str(i), text) for i, text in enumerate(texts)])
    assert found.unknown == (("zorbing", 0.4), ("quux", 0.2))


def test_unknown_words_of_nurses_are_theirs(nurses: Drift) -> None:
    unknown = dict(nurses.unknown)
    assert unknown["cardiology"] == 0.2
    assert "hospital" not in unknown


def test_no_more_than_twenty_unknown_words_are_told(
    classifier: RoleClassifier, before: BatchProfile
) -> None:
    text = " ".join(f"zorb{letter}" for letter in "abcdefghijklmnopqrstuvwxyz")
    found = find_drift(classifier, before, [Posting("1", text), Posting("2", text)])
    assert found.unknown == tuple((f"zorb{letter}", 1.0) for letter in "abcdefghijklmnopqrst")


# --- failures, and in writing --------------------------------------------------------------------


def test_failures_are_counted_and_left_out(
    classifier: RoleClassifier, before: BatchProfile, labelled: tuple[LabelledPosting, ...]
) -> None:
    failure = Failure("x:1", "is not JSON")
    given: list[Posting | Failure] = [
        failure,
        labelled[0].posting,
        failure,
        labelled[1].posting,
    ]
    found = find_drift(classifier, before, given)
    assert (found.postings, found.failures) == (2, 2)
    sound = find_drift(classifier, before, [labelled[0].posting, labelled[1].posting])
    assert replace(found, failures=0) == sound


@pytest.mark.parametrize("given", [[], [Failure("x:1", "is not JSON")]])
def test_without_a_posting_there_is_nothing_to_compare(
    classifier: RoleClassifier, before: BatchProfile, given: list[Failure]
) -> None:
    with pytest.raises(FormatError) as caught:
        find_drift(classifier, before, given)
    assert str(caught.value) == "no posting to compare; name files with at least one"


def test_the_json_form_holds_everything(nurses: Drift) -> None:
    def shown(one: Moved) -> dict[str, object]:
        return {
            "feature": one.feature,
            "index": one.index,
            "chance": one.chance,
            "verdict": one.verdict,
            "shares": [{"of": name, "before": was, "now": now} for name, was, now in one.shares],
        }

    assert json.loads(json.dumps(nurses.to_dict(), allow_nan=False)) == {
        "postings": 60,
        "before": nurses.before,
        "failures": 0,
        "features": list(map(shown, nurses.features)),
        "terms": list(map(shown, nurses.terms)),
        "unknown": [{"word": word, "share": share} for word, share in nurses.unknown],
    }


def test_the_text_names_each_feature_with_its_verdict(nurses: Drift) -> None:
    first, *lines = drift_text(nurses).split("\n")
    assert first == f"60 postings beside the {nurses.before} that the model was trained on"
    said = [(line.split()[0], line.split()[1]) for line in lines[:5]]
    assert said == [(one.feature, f"{one.index:.3f}") for one in nurses.features]
    assert any(line.startswith("  roles ") and "moved much: other " in line for line in lines)
    assert lines[5].startswith("  terms that moved: ")
    assert lines[6].startswith("  words that the model does not know: ")


def test_what_is_stable_is_not_spread_out() -> None:
    stable = Moved("length", 0.05, 0.0, (("below 50", 0.5, 0.6), ("50-100", 0.5, 0.4)))
    moved = Moved("language", 0.3, 0.0, (("de", 0.1, 0.4), ("en", 0.9, 0.6)))
    term = Moved("sql", 0.2, 0.0, (("without", 0.5, 0.75), ("with", 0.5, 0.25)))
    found = Drift(9, 45, 0, (moved, stable), (term,), (("zorbing", 0.4),))
    assert drift_text(found).split("\n") == [
        "9 postings beside the 45 that the model was trained on",
        "  language    0.300  moved much: de 10% -> 40%, en 90% -> 60%",
        "  length      0.050  stable",
        "  terms that moved: sql 50% -> 25%",
        "  words that the model does not know: zorbing 40%",
    ]
