"""Why a posting got its role and not the runner-up: every term and skill that counted, exactly.

The model is linear: the log-odds of the role over the runner-up are a base and one contribution
for each known term, nothing else. A term's contribution is shared evenly by its places; what
stands inside the mentions of a skill is that skill's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from extractor.analyzer import Analyzer
from extractor.errors import ModelError
from extractor.formats.writers import json_line, visible_lines
from extractor.records import Failure, FieldName, Posting, Result, Role, Skill
from extractor.role_classifier import ReadText, RoleClassifier, places_of

_SHOWN = 8  # terms and skills for each side in the text for people


@dataclass(frozen=True, slots=True)
class TermReason:
    """What a term added to the log-odds of the role over the runner-up (`margin`) and over the
    mean of all other roles (`weight`), and its places in the field: characters, half-open."""

    term: str
    field: FieldName
    margin: float
    weight: float
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SkillReason:
    """What the terms inside the mentions of a skill added, as in `TermReason`."""

    id: str
    name: str
    margin: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """All reasons of one answer: `base` and the terms' margins add up to `log_odds`. Terms and
    skills come with the strongest first; skills hold a part of what the terms hold."""

    result: Result
    role: Role
    runner_up: str
    log_odds: float
    base: float
    terms: tuple[TermReason, ...]
    skills: tuple[SkillReason, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `explain --format jsonl`."""
        return {
            "id": self.result.id,
            "source": self.result.source,
            "title": self.result.title,
            "role": self.role.id,
            "confidence": self.role.confidence,
            "abstained": self.role.is_abstained,
            "doubt": self.role.doubt,
            "runner_up": self.runner_up,
            "log_odds": self.log_odds,
            "base": self.base,
            "terms": [
                {
                    "term": one.term,
                    "field": one.field,
                    "margin": one.margin,
                    "weight": one.weight,
                    "places": [list(place) for place in one.places],
                }
                for one in self.terms
            ],
            "skills": [
                {"id": one.id, "name": one.name, "margin": one.margin} for one in self.skills
            ],
        }


def explain_all(
    analyzer: Analyzer, postings: Iterable[Posting | Failure]
) -> Iterator[Explanation | Failure]:
    """The explanation of each posting, failures in their places.

    Raises:
        ModelError: the analyzer was loaded without its role model.
    """
    classifier = analyzer.classifier
    if classifier is None:
        raise ModelError("reasons need a role model; load the analyzer with the part 'role'")
    for posting in postings:
        if isinstance(posting, Failure):
            yield posting
            continue
        (result,) = analyzer.stream([posting])
        yield _explain(classifier, posting, result)


def _explain(classifier: RoleClassifier, posting: Posting, result: Result) -> Explanation:
    read = classifier.read(posting)
    role = result.role or classifier.answer(read, result.language)
    best, second = (classifier.roles.index(one) for one in role.likeliest)
    base = float(classifier.weights.intercepts[best] - classifier.weights.intercepts[second])
    terms = sorted(_terms(classifier, read, best, second), key=lambda one: -abs(one.margin))
    return Explanation(
        result=result,
        role=role,
        runner_up=role.likeliest[1],
        log_odds=round(base + sum(one.margin for one in terms), 4),
        base=round(base, 4),
        terms=tuple(terms),
        skills=tuple(_skills(terms, result.skills)),
    )


def _terms(
    classifier: RoleClassifier, read: ReadText, best: int, second: int
) -> Iterator[TermReason]:
    terms, _ = classifier.compiled.row(read.words)
    for column, value in zip(terms.columns.tolist(), terms.values.tolist()):
        field, term = classifier.compiled.terms[column]
        margin = round(value * classifier.pull(best, second, column), 5)
        weight = round(value * classifier.pull_over_mean(best, column), 5)
        places = tuple(places_of(term.split(), read, field))
        yield TermReason(term, field, margin, weight, places)


def _skills(terms: Sequence[TermReason], skills: Sequence[Skill]) -> list[SkillReason]:
    """The skills with a part in the answer, the strongest first."""
    found = []
    for skill in skills:
        margin = sum(
            term.margin
            * sum(_is_inside(term.field, place, skill) for place in term.places)
            / max(1, len(term.places))
            for term in terms
        )
        if round(margin, 4):
            found.append(SkillReason(skill.id, skill.name, round(margin, 4)))
    return sorted(found, key=lambda one: -abs(one.margin))


def _is_inside(field: FieldName, place: tuple[int, int], skill: Skill) -> bool:
    start, end = place
    return any(
        mention.field == field and mention.start <= start and end <= mention.end
        for mention in skill.mentions
    )


def explanation_text(explanation: Explanation) -> str:
    """The explanation for people: the answer, and what spoke for it and against it."""
    role, result = explanation.role, explanation.result
    doubt = f", abstained: {role.doubt}" if role.is_abstained else ""
    lines = [
        _line(result.title or result.id or result.source),
        f"  {role.id} {role.confidence:.0%}, before {explanation.runner_up}{doubt}",
        f"  log-odds {explanation.log_odds:+.2f}, of these {explanation.base:+.2f} for any posting",
    ]
    for name, reasons in (
        ("terms", [(f"{one.term} ({one.field})", one.margin) for one in explanation.terms]),
        ("skills", [(one.name, one.margin) for one in explanation.skills]),
    ):
        for side, sign in (("for", 1), ("against", -1)):
            own = [(said, margin) for said, margin in reasons if sign * margin > 0][:_SHOWN]
            if own:
                shown = ", ".join(f"{said} {margin:+.2f}" for said, margin in own)
                lines.append(f"  {name} {side} it: {shown}")
    return "\n".join(lines)


def _line(text: str) -> str:
    """The text on one line: a title of two would look like two postings."""
    return " ".join(text.split())


def write_explanations(
    explanations: Iterable[Explanation | Failure], stream: TextIO, form: str
) -> int:
    """Write them as "jsonl", or as "text" for people; how many were failures."""
    failures = 0
    for one in explanations:
        failures += isinstance(one, Failure)
        if form == "jsonl":
            stream.write(json_line(one.to_dict()) + "\n")
        elif isinstance(one, Failure):
            stream.write(visible_lines(f"{_line(one.source)}\n  not read: {one.reason}\n"))
        else:
            stream.write(visible_lines(explanation_text(one)) + "\n")
    return failures
