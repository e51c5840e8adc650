"""The role of a posting: probabilities, evidence with its places, doubt, a model that learns."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractor.doubt import DoubtRules
from extractor.labels import LabelledPosting
from extractor.parts import HIDDEN
from extractor.records import Posting, Role
from extractor.role_classifier import ReadText, RoleClassifier, places_of
from extractor.role_store import default_model, load_model
from extractor.roles import table, words_of
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
    text = " ".join(term for _, term in bundled.compiled.terms[:4_000])
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
    view = TextView(clean(text))
    read = ReadText(Posting("x", text), TextView(""), view, ([], view.words))
    assert next(places_of(term.split(), read, "description"), None) == place


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
    terms = [term for _, term in bundled.compiled.terms]
    assert [term for term in terms if any(c.isdecimal() for c in term)] == []


def test_predicting_changes_no_number_of_the_model(small: RoleClassifier) -> None:
    before = small.weights.coefficients.copy()
    small.predict(POSTINGS)
    assert np.array_equal(before, small.weights.coefficients)


# --- parts that the model does not read ----------------------------------------------------------

DUTIES = "You write tokenizers and parse court rulings.\n"
SILENT = (
    "About us\nDashboards, experiments and spaCy are what we love.\n",
    "Benefits\nDashboards, experiments and transformers every day.\n",
    "How to apply\nSend dashboards, experiments and corpora.\n",
)


def whole(classifier: RoleClassifier) -> RoleClassifier:
    """The same numbers with every part read."""
    config = replace(classifier.config, reads_all=True)
    return RoleClassifier(classifier.weights, config, classifier.entries)


@pytest.mark.parametrize("part", SILENT, ids=lambda part: part.split("\n")[0])
@pytest.mark.parametrize("which", ["bundled", "small"])
def test_a_silent_part_changes_no_probability(
    which: str, part: str, request: pytest.FixtureRequest
) -> None:
    classifier: RoleClassifier = request.getfixturevalue(which)
    with_part, without = Posting("x", DUTIES + part, "Engineer"), Posting("x", DUTIES, "Engineer")
    assert role_of(classifier, with_part) == role_of(classifier, without)


@pytest.mark.parametrize("part", SILENT, ids=lambda part: part.split("\n")[0])
@pytest.mark.parametrize("reads_all", [False, True])
@pytest.mark.parametrize("which", ["bundled", "small"])
def test_the_pipeline_reads_the_same_parts(
    which: str, reads_all: bool, part: str, request: pytest.FixtureRequest
) -> None:
    classifier: RoleClassifier = request.getfixturevalue(which)
    classifier = whole(classifier) if reads_all else classifier
    posting = Posting("x", part + "Requirements\n" + DUTIES + "We are an equal opportunity firm.")
    (expected,) = classifier.pipeline.predict_proba(table([posting]))
    scores = dict(role_of(classifier, posting).scores)
    assert [scores[role] for role in classifier.roles] == pytest.approx(expected.tolist(), abs=1e-5)


def test_evidence_never_stands_in_a_silent_part(small: RoleClassifier) -> None:
    """A word that stands in both is shown where the model has read it."""
    text = "Benefits\ntokenizers, corpora\nRequirements\nYou tune tokenizers."
    found = role_of(small, Posting("x", text, "NLP Engineer")).evidence
    start = text.index("Requirements")
    assert [one for one in found if one.field == "description" and one.start < start] == []
    assert ("tokenizers", text.rindex("tokenizers")) in [(one.text, one.start) for one in found]
    assert "corpora" not in [one.text for one in found]


def test_evidence_of_the_bundled_model_never_stands_in_a_silent_part(
    bundled: RoleClassifier,
) -> None:
    line = "machine learning, Power BI dashboards, statistical models, LLMs and Python\n"
    text = f"About us\n{line}Benefits\n{line}Requirements\n{line}How to apply\n{line}"
    start, end = text.index("Requirements"), text.index("How to apply")
    found = [e for e in role_of(bundled, Posting("x", text)).evidence if e.field == "description"]
    assert found != []
    assert [one for one in found if not start <= one.start < one.end <= end] == []


def test_a_model_that_reads_all_finds_evidence_in_every_part(small: RoleClassifier) -> None:
    text = "Benefits\ntokenizers, corpora"
    role = role_of(whole(small), Posting("x", text))
    assert role.id == "nlp-engineer"
    assert {("tokenizers", 9), ("corpora", 21)} <= {(e.text, e.start) for e in role.evidence}
    assert role_of(small, Posting("x", text)).evidence == ()


def test_a_term_is_not_found_across_a_hidden_word() -> None:
    text = "deep learning deep old learning"
    view = TextView(text)
    words = ["deep", HIDDEN, "deep", "old", "learning"]
    read = ReadText(Posting("x", text), TextView(""), view, ([], words))
    assert list(places_of(["deep", "learning"], read, "description")) == []
    assert list(places_of(["learning"], read, "description")) == [(23, 31)]


def test_every_place_of_a_term_is_given_in_order() -> None:
    view = TextView("data and big data")
    read = ReadText(Posting("x", view.text), view, TextView(""), (view.words, []))
    assert list(places_of(["data"], read, "title")) == [(0, 4), (13, 17)]


# --- what evidence weighs ------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["bundled", "small"])
def test_a_margin_is_the_terms_value_times_the_difference_of_two_coefficients(
    which: str, request: pytest.FixtureRequest
) -> None:
    classifier: RoleClassifier = request.getfixturevalue(which)
    features = classifier.pipeline.named_steps["features"]
    columns = {name: place for place, name in enumerate(classifier.compiled.terms)}
    for posting in POSTINGS:
        role = role_of(classifier, posting)
        values = features.transform(table([posting])).toarray()[0]
        first, second = (classifier.roles.index(name) for name, _ in role.scores[:2])
        numbers = classifier.weights.coefficients
        for one in role.evidence:
            column = columns[one.field, " ".join(words_of(clean(one.text)))]
            expected = values[column] * float(numbers[first, column] - numbers[second, column])
            assert one.margin == pytest.approx(expected, abs=2e-4), (posting.id, one)


def test_a_weight_is_the_terms_value_times_the_coefficient_over_the_mean_of_the_others(
    small: RoleClassifier,
) -> None:
    posting = POSTINGS[1]
    role = role_of(small, posting)
    values = small.pipeline.named_steps["features"].transform(table([posting])).toarray()[0]
    best = small.roles.index(role.id)
    others = [place for place in range(len(small.roles)) if place != best]
    numbers = small.weights.coefficients.astype(float)
    columns = {name: place for place, name in enumerate(small.compiled.terms)}
    for one in role.evidence:
        column = columns[one.field, " ".join(words_of(one.text))]
        pull = numbers[best, column] - numbers[others, column].mean()
        assert one.weight == pytest.approx(values[column] * pull, abs=2e-4)


def test_of_two_roles_margin_and_weight_are_one_number(small: RoleClassifier) -> None:
    weights = replace(
        small.weights,
        roles=small.weights.roles[:2],
        coefficients=small.weights.coefficients[:2],
        intercepts=small.weights.intercepts[:2],
    )
    role = role_of(RoleClassifier(weights, small.config, ()), POSTINGS[1])
    assert role.evidence != ()
    assert [e.margin for e in role.evidence] == pytest.approx([e.weight for e in role.evidence])


# --- when the bundled model does not answer ------------------------------------------------------

ANALYST = """We look for a data analyst in our commercial team. You build dashboards and reports in
Power BI, write SQL queries against our data warehouse, and explain the results to the managers of
sales and marketing.

Responsibilities
- Maintain weekly and monthly reports on sales, stock and returns
- Analyse trends in customer data and present insights to stakeholders
- Define key performance indicators together with the business
- Improve the quality of the data and document the definitions

Requirements
- Two years of experience as a data analyst or business analyst
- Strong SQL and Excel skills, and experience with a visualisation tool
- Good communication skills and attention to detail
"""
GERMAN = (
    "Wir suchen ab sofort eine erfahrene Datenanalystin für unser Team in Köln. Sie erstellen "
    "Berichte mit SQL, Excel und Power BI und beraten die Kolleginnen aus dem Vertrieb."
)
POEM = (
    "The brillowy fanths of the moonlorn quibber, and all the wuzzled thribes of yestermorn, "
    "with gloaming snerds and purfled vlims to dither, of our drumbled hollows and the tarns "
    "forlorn. The skelps are glimmering to you, and to the wend of quorl and the thrumble of "
    "our sedgy mirth."
)


@pytest.mark.parametrize(
    ("title", "text", "doubt"),
    [
        ("Data Analyst", ANALYST, None),
        ("", ANALYST, None),
        ("Data Analyst", GERMAN, "language"),
        ("", GERMAN, "language"),
        ("", "Data analyst", "short"),
        ("Data analyst", "", "short"),
        ("", "", "short"),
        ("", POEM, "unlike"),
        ("Data Analyst", POEM, "unlike"),
    ],
)
def test_the_bundled_model_abstains_for_the_right_reason(
    bundled: RoleClassifier, title: str, text: str, doubt: str | None
) -> None:
    role = role_of(bundled, Posting("x", text, title))
    assert (role.doubt, role.is_abstained) == (doubt, doubt is not None)


def test_a_plain_advert_is_answered_with_its_role(bundled: RoleClassifier) -> None:
    assert role_of(bundled, Posting("x", ANALYST, "Data Analyst")).id == "bi-data-analyst"


def test_an_advert_that_is_all_about_the_firm_is_too_short_to_answer(
    bundled: RoleClassifier,
) -> None:
    """What is hidden counts as no word."""
    text = "About us\n" + ANALYST.split("\n\n", maxsplit=1)[0].replace("\n", " ")
    assert role_of(bundled, Posting("x", text)).doubt == "short"


def test_hidden_words_do_not_make_a_text_unlike(bundled: RoleClassifier) -> None:
    posting = Posting("x", f"{ANALYST}\nAbout us\n" + "Zorblax quuxify wimbledrum.\n" * 80)
    assert role_of(bundled, posting).doubt is None


def test_a_model_without_rules_always_answers(small: RoleClassifier) -> None:
    foreign = RoleClassifier(small.weights, small.config, small.entries)
    assert [role_of(foreign, posting).doubt for posting in POSTINGS] == [None] * len(POSTINGS)


def test_a_model_that_reaches_its_precision_nowhere_never_answers(small: RoleClassifier) -> None:
    rules = DoubtRules(least_confidence=1.0)
    unsure = RoleClassifier(small.weights, small.config, small.entries, rules)
    role = role_of(unsure, POSTINGS[1])
    assert (role.id, role.doubt) == ("bi-data-analyst", "unsure")
