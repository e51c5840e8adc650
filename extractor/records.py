"""The records that travel between modules: frozen, slotted, sequences as tuples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, get_args

FieldName = Literal["title", "description"]
Need = Literal["required", "preferred", "unspecified"]
SkillSource = Literal["vocabulary", "discovered"]
Level = Literal["basic", "intermediate", "advanced", "expert"]
LEVELS: tuple[Level, ...] = get_args(Level)
Doubt = Literal["unsure", "short", "language", "unlike"]
SkillKind = Literal["tool", "technique", "soft", "qualification", "language"]
SKILL_KINDS: tuple[SkillKind, ...] = get_args(SkillKind)


@dataclass(frozen=True, slots=True)
class Posting:
    """One job advert as read. `source` says where: a path, with `:row` for tables and JSONL."""

    id: str
    text: str
    title: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a posting under one heading; `start` is where the heading begins."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)  # told apart by identity: they are looked up often
class Context:
    """The rule of an ambiguous name: the words that must, or must not, stand around it.

    All words are lower case. `near` and `not_near` look seven tokens to either side on the
    same line, `not_preceded_by` and `not_followed_by` at the very next word. `beside` accepts a
    neighbour in a list that is a skill itself. With `near` or `beside`, one of them must hold.
    """

    near: frozenset[str] = frozenset()
    beside: bool = False
    not_near: frozenset[str] = frozenset()
    not_preceded_by: frozenset[str] = frozenset()
    not_followed_by: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether it rules nothing."""
        words = (self.near, self.not_near, self.not_preceded_by, self.not_followed_by)
        return not self.beside and not any(words)


@dataclass(frozen=True, slots=True, eq=False)
class SkillEntry:
    """One line of the vocabulary. `extractor/data/README.md` says what each key means."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    name: str
    kind: SkillKind
    category: str
    aliases: tuple[str, ...] = ()
    case: bool = False
    ambiguous: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    beside: bool = False
    not_near: tuple[str, ...] = ()
    not_preceded_by: tuple[str, ...] = ()
    not_followed_by: tuple[str, ...] = ()
    patterns: tuple[tuple[dict[str, Any], ...], ...] = ()
    guide: tuple[str, ...] = ()
    esco: str | None = None
    onet: str | None = None
    replaced_by: str | None = None
    notes: Mapping[str, Any] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)


@dataclass(frozen=True, slots=True)
class SkillMention:
    """One place where a skill is named: characters, half-open, into the field's own text.

    `need` is what this place says of it; `is_negated` that it says the skill is not needed.
    """

    start: int
    end: int
    text: str
    field: FieldName = "description"
    need: Need = "unspecified"
    is_negated: bool = False


@dataclass(frozen=True, slots=True)
class Years:
    """For how long a skill must have been practised, in years; `most` is None without a limit."""

    least: float
    most: float | None = None


@dataclass(frozen=True, slots=True)
class Skill:
    """One skill of a posting with all its mentions, in the order of the text.

    `need` is that of its strongest mention, `is_negated` whether every mention says that it is not
    needed. `source` is "vocabulary" or "discovered"; a discovered skill has the `confidence`, 0-1,
    of its surest mention. `years` and `level` are the highest stated, None where none is.
    """

    id: str
    name: str
    kind: str
    mentions: tuple[SkillMention, ...]
    category: str = ""
    need: Need = "unspecified"
    is_negated: bool = False
    source: SkillSource = "vocabulary"
    confidence: float | None = None
    years: Years | None = None
    level: Level | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A term that spoke for the role: `weight` is what it added to the role's log-odds
    over the mean of the other roles, so larger says more and all are above 0; `margin` what it
    added over the second likeliest role, below 0 where it spoke for that one."""

    text: str
    start: int
    end: int
    field: FieldName
    weight: float
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Role:
    """The answer for one posting. `scores` holds (role id, probability) for every role,
    likeliest first, adding up to 1; `confidence` is the first of them. With a `doubt` the model
    abstains, and `id` is only the likeliest: "unsure" below its least confidence, "short" with too
    few known words, "language" in one it was not trained on, "unlike" anything it was trained
    on."""

    id: str
    name: str
    confidence: float
    scores: tuple[tuple[str, float], ...]
    evidence: tuple[Evidence, ...] = ()
    doubt: Doubt | None = None

    @property
    def is_abstained(self) -> bool:
        """Whether the model gives no answer."""
        return self.doubt is not None

    @property
    def likeliest(self) -> tuple[str, ...]:
        """The ids of the two likeliest roles."""
        return tuple(role for role, _ in self.scores[:2])


@dataclass(frozen=True, slots=True)
class RoleEntry:
    """One role of `data/roles.toml`; `esco` and `onet` are occupation codes where one fits."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    id: str
    name: str
    esco: str | None = None
    onet: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in one posting. `role` is None and `skills` empty where not asked for.

    `language` is an ISO 639-1 code, or None when the text is too short to tell.
    """

    id: str
    source: str
    title: str
    language: str | None
    role: Role | None = None
    skills: tuple[Skill, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of `data/result.schema.json`; `fields` is empty for now."""
        return {
            "id": self.id,
            "source": self.source,
            "title": self.title,
            "language": self.language,
            "role": None if self.role is None else _role_dict(self.role),
            "skills": [_skill_dict(skill) for skill in self.skills],
            "fields": {},
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """A posting that could not be read: the row and the reason; the rest of the batch goes on."""

    source: str
    reason: str
    id: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of a failure row in `data/result.schema.json`."""
        return {"id": self.id, "source": self.source, "failure": self.reason}


def _role_dict(role: Role) -> dict[str, Any]:
    said: dict[str, Any] = {"id": role.id, "name": role.name, "confidence": role.confidence}
    said["abstained"] = role.is_abstained
    if role.doubt is not None:
        said |= {"doubt": role.doubt, "likeliest": list(role.likeliest)}
    evidence = [
        {
            "text": one.text,
            "start": one.start,
            "end": one.end,
            "field": one.field,
            "weight": one.weight,
            "margin": one.margin,
        }
        for one in role.evidence
    ]
    return {**said, "scores": dict(role.scores), "evidence": evidence}


def _skill_dict(skill: Skill) -> dict[str, Any]:
    """The keys that say nothing (not negated, no years stated …) are left out."""
    said: dict[str, Any] = {
        "id": skill.id,
        "name": skill.name,
        "kind": skill.kind,
        "category": skill.category,
        "need": skill.need,
        "source": skill.source,
    }
    if skill.is_negated:
        said["negated"] = True
    if skill.confidence is not None:
        said["confidence"] = skill.confidence
    if skill.years is not None:
        said["years"] = {"min": skill.years.least, "max": skill.years.most}
    if skill.level is not None:
        said["level"] = skill.level
    return {**said, "mentions": list(map(_mention_dict, skill.mentions))}


def _mention_dict(mention: SkillMention) -> dict[str, Any]:
    place = {"start": mention.start, "end": mention.end, "text": mention.text}
    said = {**place, "field": mention.field, "need": mention.need}
    return {**said, "negated": True} if mention.is_negated else said
