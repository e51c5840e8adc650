"""The profile of a batch: every posting counted once in each feature, and the borders of bins."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from extractor.batch_profile import (
    CONFIDENCE_EDGES,
    KNOWN_EDGES,
    LENGTH_EDGES,
    BatchProfile,
    profile,
)
from extractor.labels import LabelledPosting
from extractor.records import Posting
from extractor.role_classifier import RoleClassifier
from extractor.role_store import load_model, training_profile

FEATURES = ("roles", "confidence", "length", "known", "language")


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> RoleClassifier:
    return load_model(tiny_model)


@pytest.fixture(scope="module")
def postings(labelled: tuple[LabelledPosting, ...]) -> list[Posting]:
    return [one.posting for one in labelled]


def counted(
    classifier: RoleClassifier, feature: str, *texts: str, confidence: float = 0.5
) -> dict[str, int]:
    given = [Posting(str(number), text) for number, text in enumerate(texts)]
    roles = [("nlp-engineer", confidence)] * len(given)
    found: dict[str, int] = asdict(profile(classifier, given, roles=roles)[0])[feature]
    return found


# --- counts --------------------------------------------------------------------------------------


@pytest.mark.parametrize("feature", FEATURES)
def test_counts_add_up_to_the_postings(
    classifier: RoleClassifier, postings: list[Posting], feature: str
) -> None:
    odd = [Posting("", ""), Posting("x", "\x00 \ud800"), Posting("n", "Nurse on a ward. " * 300)]
    found, _ = profile(classifier, [*postings, *odd])
    assert found.postings == 48
    assert sum(getattr(found, feature).values()) == 48


@pytest.mark.parametrize("feature", FEATURES)
def test_a_profile_that_was_kept_adds_up_too(tiny_model: Path, feature: str) -> None:
    kept = training_profile(tiny_model)
    assert (kept.postings, sum(getattr(kept, feature).values())) == (45, 45)


def test_roles_are_the_models_own_answers(
    classifier: RoleClassifier, postings: list[Posting]
) -> None:
    answers = [role.id for role in classifier.predict(postings)]
    found, _ = profile(classifier, postings)
    assert found.roles == {role: answers.count(role) for role in sorted(set(answers))}


def test_roles_that_are_given_are_counted_instead(
    classifier: RoleClassifier, postings: list[Posting]
) -> None:
    given = [("nlp-engineer", 0.35), ("nlp-engineer", 0.97), ("data-scientist", 0.35)]
    found, _ = profile(classifier, postings[:3], roles=given)
    assert found.roles == {"data-scientist": 1, "nlp-engineer": 2}
    assert found.confidence == {"0.3-0.4": 2, "from 0.95": 1}


def test_a_term_is_counted_once_a_posting(classifier: RoleClassifier) -> None:
    given = [
        Posting("1", "dashboards and dashboards"),
        Posting("2", "dashboards"),
        Posting("3", "x"),
    ]
    found, _ = profile(classifier, given, terms=["dashboards", "no such term"])
    assert found.terms == {"dashboards": 2, "no such term": 0}


def test_terms_of_titles_are_not_counted(classifier: RoleClassifier) -> None:
    found, _ = profile(classifier, [Posting("1", "x", "reports and dashboards")])
    assert found.terms == {}


def test_terms_are_the_commonest_and_sorted(
    classifier: RoleClassifier, postings: list[Posting]
) -> None:
    found, _ = profile(classifier, postings)
    assert list(found.terms) == sorted(found.terms)
    assert len(found.terms) <= 300
    every = [term for field, term in classifier.compiled.terms if field == "description"]
    others, _ = profile(classifier, postings, terms=set(every) - set(found.terms))
    assert min(found.terms.values()) >= max(others.terms.values(), default=0)


def test_no_posting_gives_an_empty_profile(classifier: RoleClassifier) -> None:
    found, unknown = profile(classifier, [])
    assert found == BatchProfile(0, {}, {}, {}, {}, {}, {})
    assert unknown == {}


def test_what_is_too_short_has_no_language(classifier: RoleClassifier) -> None:
    german = "Wir suchen eine Pflegekraft für unsere Station, die gerne mit Menschen arbeitet. " * 4
    assert counted(classifier, "language", german, "SQL") == {"de": 1, "too short": 1}


# --- unknown words -------------------------------------------------------------------------------


def test_unknown_words_are_counted_once_a_posting(classifier: RoleClassifier) -> None:
    given = [Posting("1", "Zorbing, zorbing dashboards 2024!"), Posting("2", "ZORBING quux c3po")]
    _, unknown = profile(classifier, given)
    assert unknown["zorbing"] == 2
    assert unknown["quux"] == 1
    assert {"dashboards", "2024", "!", ","} & set(unknown) == set()


def test_unknown_words_of_parts_that_are_not_read_do_not_count(classifier: RoleClassifier) -> None:
    given = [Posting("1", "You write dashboards.\n\nBenefits\nzorbing on Fridays")]
    assert "zorbing" not in profile(classifier, given)[1]


# --- bins ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confidence", "name"),
    [
        (0.0, "below 0.3"),
        (0.2999, "below 0.3"),
        (0.3, "0.3-0.4"),
        (0.3999, "0.3-0.4"),
        (0.4, "0.4-0.5"),
        (0.9, "0.9-0.95"),
        (0.9499, "0.9-0.95"),
        (0.95, "from 0.95"),
        (1.0, "from 0.95"),
    ],
)
def test_a_bin_of_confidence_holds_its_lower_end(
    classifier: RoleClassifier, confidence: float, name: str
) -> None:
    assert counted(classifier, "confidence", "x", confidence=confidence) == {name: 1}


@pytest.mark.parametrize(
    ("tokens", "name"),
    [
        (0, "below 50"),
        (49, "below 50"),
        (50, "50-100"),
        (99, "50-100"),
        (100, "100-200"),
        (1199, "800-1200"),
        (1200, "from 1200"),
    ],
)
def test_a_bin_of_length_holds_its_lower_end(
    classifier: RoleClassifier, tokens: int, name: str
) -> None:
    assert counted(classifier, "length", "ward " * tokens) == {name: 1}


def test_length_leaves_out_what_is_not_read(classifier: RoleClassifier) -> None:
    text = "ward " * 40 + "\n\nBenefits\n" + "fruit " * 40
    assert counted(classifier, "length", text) == {"below 50": 1}


@pytest.mark.parametrize(
    ("known", "name"),
    [
        (0, "below 0.5"),
        (9, "below 0.5"),
        (10, "0.5-0.6"),
        (12, "0.6-0.65"),
        (13, "0.65-0.7"),
        (17, "from 0.85"),
        (20, "from 0.85"),
    ],
)
def test_a_bin_of_known_words_holds_its_lower_end(
    classifier: RoleClassifier, known: int, name: str
) -> None:
    text = "dashboards " * known + "zorbing " * (20 - known)
    assert counted(classifier, "known", text) == {name: 1}


def test_an_empty_posting_has_no_known_words(classifier: RoleClassifier) -> None:
    assert counted(classifier, "known", "") == {"below 0.5": 1}


@pytest.mark.parametrize("edges", [CONFIDENCE_EDGES, LENGTH_EDGES, KNOWN_EDGES])
def test_edges_rise(edges: tuple[float, ...]) -> None:
    assert list(edges) == sorted(set(edges))
