"""Reasons: what they add up to, where they stand, and how they are told."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Callable, Iterable

import pytest

from extractor.analyzer import Analyzer
from extractor.errors import ModelError
from extractor.reasons import Explanation, explain_all, explanation_text, write_explanations
from extractor.records import Failure, Posting

ANALYST = Posting(
    "a",
    "You build dashboards in Power BI. SQL joins and more SQL for our team; dashboards again.",
    "Data Analyst",
    "ads.jsonl:1",
)
POSTINGS = (
    ANALYST,
    Posting("n", "A nurse on the ward looks after patients.", "Nurse", "ads.jsonl:2"),
    Posting("s", "Wir suchen dich für unser Team in Köln, Python ist gern gesehen.", "", "x:3"),
    Posting("u", "Zzq wxv.", "", "x:4"),
    Posting("e", "", "", "x:5"),
    Posting(
        "w", "Ｐｙｔｈｏｎ\u00a0and deep\u2013learning models,\r\n• PyTorch", "ML\tEngineer", "x:6"
    ),
    Posting(
        "h",
        "You train models in PyTorch.\n\nBenefits\nSQL courses, dashboards and fruit.",
        "ML Engineer",
        "x:7",
    ),
)


def explained(analyzer: Analyzer, postings: Iterable[Posting | Failure]) -> list[Explanation]:
    found = []
    for one in explain_all(analyzer, postings):
        assert not isinstance(one, Failure)
        found.append(one)
    return found


@pytest.fixture(scope="module")
def explanations(analyzer: Analyzer) -> list[Explanation]:
    return explained(analyzer, POSTINGS)


def told(*given: Explanation | Failure, form: str = "text") -> str:
    stream = io.StringIO()
    write_explanations(given, stream, form)
    return stream.getvalue()


# --- the sum -------------------------------------------------------------------------------------


def test_base_and_margins_add_up_to_the_log_odds(explanations: list[Explanation]) -> None:
    sums = [one.base + math.fsum(term.margin for term in one.terms) for one in explanations]
    assert sums == pytest.approx([one.log_odds for one in explanations], abs=1e-3)


def test_log_odds_are_those_of_the_two_likeliest_scores(analyzer: Analyzer) -> None:
    """Against the bare probabilities: the scores of a Role have six decimals, too few at 0.0003."""
    classifier = analyzer.classifier
    assert classifier is not None
    for posting, one in zip(POSTINGS, explained(analyzer, POSTINGS)):
        _, chances = classifier.compiled.row(classifier.read(posting).words)
        second, best = sorted(chances.tolist())[-2:]
        assert one.log_odds == pytest.approx(math.log(best / second), abs=1e-3)


def test_log_odds_agree_with_the_scores_that_are_told(
    explanations: list[Explanation],
) -> None:
    for one in explanations:
        (_, best), (_, second) = one.role.scores[:2]
        room = 1e-3 + 0.5e-6 / second  # half of the last decimal told
        assert one.log_odds == pytest.approx(math.log(best / second), abs=room)


def test_the_runner_up_is_the_second_likeliest(explanations: list[Explanation]) -> None:
    assert [one.runner_up for one in explanations] == [
        one.role.scores[1][0] for one in explanations
    ]


def test_log_odds_are_never_below_zero(explanations: list[Explanation]) -> None:
    assert [one.log_odds for one in explanations if one.log_odds < 0] == []


def test_a_posting_without_known_terms_has_the_base_alone(
    explanations: list[Explanation],
) -> None:
    empty = explanations[4]
    assert (empty.terms, empty.skills, empty.log_odds) == ((), (), empty.base)


def test_the_answer_is_that_of_analyze(analyzer: Analyzer, explanations: list[Explanation]) -> None:
    results = list(analyzer.stream(POSTINGS))
    assert [one.result for one in explanations] == results
    assert [one.role for one in explanations] == [one.role for one in results]


def test_without_the_skills_the_role_has_the_same_reasons(
    load_once: Callable[..., Analyzer], explanations: list[Explanation]
) -> None:
    alone = explained(load_once(parts=("role",)), POSTINGS)
    assert [one.terms for one in alone] == [one.terms for one in explanations]
    assert [one.skills for one in alone] == [()] * len(POSTINGS)


def test_evidence_has_the_margin_of_its_term(explanations: list[Explanation]) -> None:
    for one in explanations:
        margins = {(term.term, term.field): term.margin for term in one.terms}
        for evidence in one.role.evidence:
            place = (evidence.start, evidence.end)
            (term,) = (
                term for term in one.terms if term.field == evidence.field and place in term.places
            )
            assert evidence.margin == pytest.approx(margins[term.term, term.field], abs=1e-4)
            assert evidence.weight == pytest.approx(term.weight, abs=1e-4)


# --- places --------------------------------------------------------------------------------------


def test_places_are_where_the_term_stands(explanations: list[Explanation]) -> None:
    plain = str.maketrans("ＰｙｔｈｏｎＴ\u00a0\u2013\t", "PythonT - ")
    for posting, one in zip(POSTINGS, explanations):
        for term in one.terms:
            text = posting.title if term.field == "title" else posting.text
            assert term.places != ()
            for start, end in term.places:
                shown = text[start:end].translate(plain).lower()
                assert [*filter(str.isalnum, shown)] == [*filter(str.isalnum, term.term)]


def test_a_term_has_all_its_places(explanations: list[Explanation]) -> None:
    (sql,) = (one for one in explanations[0].terms if one.term == "sql")
    first = ANALYST.text.index("SQL")
    second = ANALYST.text.index("SQL", first + 1)
    assert sql.places == ((first, first + 3), (second, second + 3))


def test_parts_that_the_model_does_not_read_give_no_reason(
    explanations: list[Explanation],
) -> None:
    posting, one = POSTINGS[6], explanations[6]
    benefits = posting.text.index("Benefits")
    late = [
        term.term
        for term in one.terms
        for start, _ in term.places
        if term.field == "description" and start >= benefits
    ]
    assert late == []
    assert {"train", "models", "torch"} <= {term.term for term in one.terms}
    assert "SQL" not in {skill.name for skill in one.skills}


# --- skills --------------------------------------------------------------------------------------


def test_a_skill_has_what_the_terms_inside_its_mentions_added(
    explanations: list[Explanation],
) -> None:
    for one in explanations:
        expected = {}
        for skill in one.result.skills:
            margin = 0.0
            for term in one.terms:
                inside = [
                    (start, end)
                    for start, end in term.places
                    if any(
                        m.field == term.field and m.start <= start and end <= m.end
                        for m in skill.mentions
                    )
                ]
                margin += term.margin * len(inside) / len(term.places)
            if round(margin, 4):
                expected[skill.id] = pytest.approx(margin, abs=1e-4)
        assert {skill.id: skill.margin for skill in one.skills} == expected


def test_power_bi_has_its_own_words_and_not_those_across_its_edge(
    explanations: list[Explanation],
) -> None:
    one = explanations[0]
    margins = {(term.term, term.field): term.margin for term in one.terms}
    inside = [margins.get((term, "description"), 0.0) for term in ("power", "bi", "power bi")]
    (skill,) = (skill for skill in one.skills if skill.id == "power-bi")
    assert ("in power", "description") in margins
    assert skill.margin == pytest.approx(sum(inside), abs=1e-4)


def test_the_strongest_come_first(explanations: list[Explanation]) -> None:
    for one in explanations:
        terms = [abs(term.margin) for term in one.terms]
        skills = [abs(skill.margin) for skill in one.skills]
        assert (terms, skills) == (sorted(terms)[::-1], sorted(skills)[::-1])


# --- failures ------------------------------------------------------------------------------------


def test_failures_keep_their_places(analyzer: Analyzer) -> None:
    failure = Failure("ads.jsonl:2", "is not JSON", "7")
    first, broken, last = explain_all(analyzer, [POSTINGS[0], failure, POSTINGS[1]])
    assert broken is failure
    assert isinstance(first, Explanation)
    assert isinstance(last, Explanation)
    assert (first.result.id, last.result.id) == ("a", "n")


def test_without_a_role_model_there_are_no_reasons(load_once: Callable[..., Analyzer]) -> None:
    with pytest.raises(ModelError) as caught:
        next(explain_all(load_once(parts=("skills",)), [ANALYST]))
    message = "reasons need a role model; load the analyzer with the part 'role'"
    assert str(caught.value) == message


# --- in writing ----------------------------------------------------------------------------------


def test_the_text_names_both_roles_and_both_sides(explanations: list[Explanation]) -> None:
    one = explanations[0]
    title, answer, odds, *sides = explanation_text(one).split("\n")
    assert title == "Data Analyst"
    assert answer == f"  bi-data-analyst {one.role.confidence:.0%}, before {one.runner_up}"
    assert odds == f"  log-odds {one.log_odds:+.2f}, of these {one.base:+.2f} for any posting"
    named = [side.partition(": ")[0] for side in sides]
    assert named[:3] == ["  terms for it", "  terms against it", "  skills for it"]
    assert "dashboards (description) +" in sides[0]
    assert "Power BI +" in sides[2]


def test_each_side_of_the_text_holds_its_sign(explanations: list[Explanation]) -> None:
    for one in explanations:
        for line in explanation_text(one).split("\n")[3:]:
            side, _, shown = line.partition(": ")
            other = " -" if " for it" in side else " +"
            assert [piece for piece in shown.split(", ") if other in piece] == []
            assert len(shown.split(", ")) <= 8


def test_the_text_tells_why_the_model_abstains(explanations: list[Explanation]) -> None:
    assert explanation_text(explanations[3]).split("\n")[1].endswith(", abstained: short")


def test_a_posting_without_title_is_named_by_its_id_or_source(analyzer: Analyzer) -> None:
    named, bare = explained(
        analyzer, [Posting("7", "SQL.", "", "x:1"), Posting("", "SQL.", "", "x:2")]
    )
    assert explanation_text(named).split("\n")[0] == "7"
    assert explanation_text(bare).split("\n")[0] == "x:2"


def test_the_json_line_holds_everything(explanations: list[Explanation]) -> None:
    one = explanations[0]
    found = json.loads(told(one, form="jsonl"))
    assert found == {
        "id": "a",
        "source": "ads.jsonl:1",
        "title": "Data Analyst",
        "role": "bi-data-analyst",
        "confidence": one.role.confidence,
        "abstained": False,
        "doubt": None,
        "runner_up": one.runner_up,
        "log_odds": one.log_odds,
        "base": one.base,
        "terms": [
            {
                "term": term.term,
                "field": term.field,
                "margin": term.margin,
                "weight": term.weight,
                "places": [[start, end] for start, end in term.places],
            }
            for term in one.terms
        ],
        "skills": [{"id": s.id, "name": s.name, "margin": s.margin} for s in one.skills],
    }


def test_a_failure_is_told_in_both_forms_and_counted(explanations: list[Explanation]) -> None:
    failure = Failure("ads.jsonl:2", "is not JSON", "7")
    assert told(failure) == "ads.jsonl:2\n  not read: is not JSON\n"
    assert json.loads(told(failure, form="jsonl")) == failure.to_dict()
    given: list[Explanation | Failure] = [explanations[0], failure, explanations[1], failure]
    assert write_explanations(given, io.StringIO(), "text") == 2


HOSTILE = "Re\x1b[31md\x1b]0;owned\x07 \x9b2J\r\u202eAnalyst\ud800"


def test_a_hostile_title_does_not_steer_the_terminal(analyzer: Analyzer) -> None:
    text = told(*explained(analyzer, [Posting("7", "SQL.", HOSTILE, "x:1")]))
    assert [c for c in text if c != "\n" and not c.isprintable()] == []
    assert text.startswith("Re [31md ]0;owned   2J  Analyst \n")


def test_a_hostile_title_can_be_written_as_json(analyzer: Analyzer) -> None:
    line = told(*explained(analyzer, [Posting("7", "SQL.", HOSTILE, "x:1")]), form="jsonl")
    assert json.loads(line.encode("utf-8"))["title"] == HOSTILE


def test_a_hostile_file_name_does_not_steer_the_terminal() -> None:
    text = told(Failure("ads\x1b[31m.jsonl:1", "is not JSON"))
    assert [c for c in text if c != "\n" and not c.isprintable()] == []


@pytest.mark.xfail(strict=True, reason="a title of two lines forges a line of the explanation")
def test_a_title_of_two_lines_stays_in_one(analyzer: Analyzer) -> None:
    forged = Posting("7", "SQL.", "Nurse\n  nlp-engineer 99%, before other", "x:1")
    lines = told(*explained(analyzer, [forged])).split("\n")
    assert lines[0] == "Nurse   nlp-engineer 99%, before other"
