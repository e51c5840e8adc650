"""The role of a posting: probabilities, evidence with its places, and a model that learns."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.labels import LabelledPosting
from extractor.records import Posting, Role
from extractor.role_store import default_model, load_model
from extractor.roles import RoleClassifier, find_term, table, vectorizer, words_of
from extractor.text import clean
from extractor.view import TextView
from extractor.words import load_roles

POSTINGS = (
    Posting("1", "You train models in Python and put them into production.", "ML Engineer"),
    Posting("2", "Dashboards, SQL and weekly reports for the sales team.", "Data Analyst"),
    Posting("3", "You cut hair and sweep the floor.", "Hairdresser"),
    Posting("4", "", "Data Scientist"),
    Posting("5", "Experiments, regression and R.", ""),
    Posting("6", "", ""),
    Posting("7", "日本語の文章を読む。 Ünïcödé C++ C# R&D a-b 12,5 %", "NLP 技術者"),
    Posting("8", "\ud800 Python\u00a0\u202edata\u2028science\x00", "AI \udfff"),
    Posting("9", "data " * 3_000 + "science", "data scientist " * 60),
    Posting("10", "Deep-Learning, TensorFlow/PyTorch; MLOps (CI/CD).\nLLMs & RAG!", "AI Engineer"),
)


@pytest.fixture(scope="module")
def bundled() -> RoleClassifier:
    return load_model(default_model())


@pytest.fixture(scope="module")
def small(tiny_model: Path) -> RoleClassifier:
    return load_model(tiny_model)


def role_of(classifier: RoleClassifier, posting: Posting) -> Role:
    (role,) = classifier.predict([posting])
    return role


# --- probabilities -------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["bundled", "small"])
def test_compiled_probabilities_are_those_of_the_pipeline(
    which: str, request: pytest.FixtureRequest
) -> None:
    classifier: RoleClassifier = request.getfixturevalue(which)
    expected = classifier.pipeline.predict_proba(table(POSTINGS))
    for posting, row in zip(POSTINGS, expected):
        scores = dict(role_of(classifier, posting).scores)
        given_scores = [scores[role] for role in classifier.roles]
        assert given_scores == pytest.approx(row.tolist(), abs=1e-5), posting.id


words = st.sampled_from(
    "you train models dashboards in sql c++ c# r the customers experiments letters of and "
    "data-science power bi 5+ / , . \n Tokenizers SPACY spaCy İ ß ﬁ ² ½ naïve \ud800 \u00a0".split(
        " "
    )
)


@settings(deadline=None, max_examples=80)
@given(title=st.lists(words, max_size=6), text=st.lists(words, max_size=90))
def test_compiled_probabilities_are_those_of_the_pipeline_for_any_text(
    small: RoleClassifier, title: list[str], text: list[str]
) -> None:
    posting = Posting("x", " ".join(text), " ".join(title))
    (expected,) = small.pipeline.predict_proba(table([posting]))
    scores = dict(role_of(small, posting).scores)
    assert [scores[role] for role in small.roles] == pytest.approx(expected.tolist(), abs=1e-5)


@pytest.mark.parametrize("posting", POSTINGS, ids=lambda posting: posting.id)
def test_scores_of_all_roles_add_up_to_one_the_likeliest_first(
    bundled: RoleClassifier, posting: Posting
) -> None:
    role = role_of(bundled, posting)
    values = [value for _, value in role.scores]
    assert sum(values) == pytest.approx(1.0, abs=1e-5)
    assert values == sorted(values, reverse=True)
    assert {name for name, _ in role.scores} == {entry.id for entry in load_roles()}
    assert (role.id, role.confidence) == role.scores[0]


def test_a_role_carries_its_name(bundled: RoleClassifier) -> None:
    names = {entry.id: entry.name for entry in load_roles()}
    for posting in POSTINGS:
        role = role_of(bundled, posting)
        assert role.name == names[role.id]


def test_a_role_unknown_here_is_named_by_its_id(small: RoleClassifier) -> None:
    foreign = RoleClassifier(small.weights, small.config, ())
    assert role_of(foreign, POSTINGS[1]).name == "bi-data-analyst"


def test_postings_are_answered_in_their_order_and_each_for_itself(
    bundled: RoleClassifier,
) -> None:
    together = bundled.predict(POSTINGS)
    assert together == [role_of(bundled, posting) for posting in POSTINGS]
    assert bundled.predict([]) == []


def test_a_text_without_a_known_word_gets_the_models_prior(small: RoleClassifier) -> None:
    nothing, foreign = Posting("x", ""), Posting("x", "Zwölf Boxkämpfer jagen Viktor")
    assert role_of(small, nothing).scores == role_of(small, foreign).scores
    assert role_of(small, foreign).evidence == ()


# --- evidence ------------------------------------------------------------------------------------


@pytest.mark.parametrize("posting", POSTINGS, ids=lambda posting: posting.id)
def test_evidence_is_the_text_at_its_place(bundled: RoleClassifier, posting: Posting) -> None:
    fields = {"title": posting.title, "description": posting.text}
    for one in role_of(bundled, posting).evidence:
        assert fields[one.field][one.start : one.end] == one.text
        assert one.text.strip() == one.text != ""


def test_evidence_stands_where_the_term_is_first(small: RoleClassifier) -> None:
    title, text = "NLP Engineer", "You know SQL.\nTOKENIZERS, tokenizers!"
    role = role_of(small, Posting("x", text, title))
    places = {one.text: (one.field, one.start, one.end) for one in role.evidence}
    assert role.id == "nlp-engineer"
    assert places["TOKENIZERS"] == ("description", 14, 24)
    assert places["NLP"] == ("title", 0, 3)


def test_evidence_is_strongest_first_and_above_zero(bundled: RoleClassifier) -> None:
    for posting in POSTINGS:
        weights = [one.weight for one in role_of(bundled, posting).evidence]
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 for weight in weights)


def test_evidence_never_overlaps_and_is_at_most_eight(bundled: RoleClassifier) -> None:
    for posting in POSTINGS:
        found = role_of(bundled, posting).evidence
        assert len(found) <= 8
        places = sorted((one.field, one.start, one.end) for one in found)
        for one, other in itertools.pairwise(places):
            assert one[0] != other[0] or one[2] <= other[1]


def test_no_evidence_of_zero_is_written(bundled: RoleClassifier) -> None:
    """A weight is rounded to four places: what rounds to 0 says nothing, and the schema wants
    more than 0."""
    text = " ".join(term for _, term in bundled._compiled.terms[:4_000])
    for start in range(0, len(text), 700):
        role = role_of(bundled, Posting("x", text[start : start + 700]))
        assert [one for one in role.evidence if one.weight <= 0] == []


@pytest.mark.parametrize(
    ("term", "text", "place"),
    [
        ("r", "for our R users", (8, 9)),
        ("data", "Database and data", (13, 17)),
        ("deep learning", "We love Deep  Learning", (8, 22)),
        ("deep learning", "deep\nlearning", (0, 13)),
        ("machine learning", "machine tools, machine learning", (15, 31)),
        ("sql", "NoSQL: sql", (2, 5)),
        ("c++", "C and C++.", (6, 9)),
        ("python", "nothing of the kind", None),
        ("deep learning", "deep", None),
        ("deep learning", "", None),
    ],
)
def test_a_term_is_found_where_its_words_first_follow_each_other(
    term: str, text: str, place: tuple[int, int] | None
) -> None:
    assert find_term(term.split(), TextView(clean(text))) == place


# --- the pipeline's parts ------------------------------------------------------------------------


def test_words_are_lower_case_tokens() -> None:
    assert words_of("C++ and C#, Power-BI") == ["c++", "and", "c#", ",", "power", "-", "bi"]


def test_a_vectorizer_counts_terms_up_to_its_longest() -> None:
    counted = vectorizer(2).fit(["big data pipelines", "big data"])
    assert counted.get_feature_names_out().tolist() == [
        "big",
        "big data",
        "data",
        "data pipelines",
        "pipelines",
    ]


def test_a_table_holds_cleaned_titles_and_texts() -> None:
    rows = table([Posting("1", "b\u00a0c", "a\u2019s"), Posting("2", "e", "")])
    assert rows.tolist() == [["a's", "b c"], ["", "e"]]
    assert table([]).shape == (0, 2)


# --- a model learns ------------------------------------------------------------------------------


def test_a_tiny_model_tells_its_own_kind(
    small: RoleClassifier, labelled: tuple[LabelledPosting, ...]
) -> None:
    given_roles = [role.id for role in small.predict(one.posting for one in labelled)]
    assert given_roles == [one.role for one in labelled]


@pytest.mark.parametrize(
    ("title", "text", "role"),
    [
        ("Analyst, Reporting", "Weekly dashboards and reports for managers.", "bi-data-analyst"),
        ("Scientist", "Experiments, hypotheses and statistical inference.", "data-scientist"),
        ("Engineer", "Tokenizers and transformers for translation.", "nlp-engineer"),
    ],
)
def test_a_tiny_model_tells_postings_it_has_not_seen(
    small: RoleClassifier, title: str, text: str, role: str
) -> None:
    assert role_of(small, Posting("x", text, title)).id == role


@pytest.mark.parametrize(
    ("title", "text", "role"),
    [
        (
            "Data Analyst",
            "You build Power BI dashboards and reports in SQL and Excel for the sales team.",
            "bi-data-analyst",
        ),
        (
            "Data Scientist",
            "You design experiments, build statistical models in Python and R, explain churn.",
            "data-scientist",
        ),
        (
            "NLP Engineer",
            "You build named entity recognition, text classification and language models.",
            "nlp-engineer",
        ),
        ("Pastry Chef", "You bake cakes and decorate them with sugar flowers.", "other"),
    ],
)
def test_the_bundled_model_tells_plain_cases(
    bundled: RoleClassifier, title: str, text: str, role: str
) -> None:
    assert role_of(bundled, Posting("x", text, title)).id == role


def test_numbers_are_no_features(bundled: RoleClassifier) -> None:
    """Else a telephone number or a salary could decide."""
    terms = [term for _, term in bundled._compiled.terms]
    assert [term for term in terms if any(c.isdecimal() for c in term)] == []


def test_predicting_changes_no_number_of_the_model(small: RoleClassifier) -> None:
    before = small.weights.coefficients.copy()
    small.predict(POSTINGS)
    assert np.array_equal(before, small.weights.coefficients)
