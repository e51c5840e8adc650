"""The vocabulary: what the bundled one holds, and every fault by which a file is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractor.errors import VocabularyError
from extractor.records import SkillEntry
from extractor.skill_lines import read_skills
from extractor.view import TextView
from extractor.vocabulary import Vocabulary, load_vocabulary, search_skills, skill_line
from extractor.words import load_headings, load_roles, load_words, read_toml

KEBAB = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
ROLES = [
    "machine-learning-engineer",
    "data-scientist",
    "nlp-engineer",
    "ml-software-engineer",
    "ai-engineer",
    "bi-data-analyst",
    "other",
]
PLAIN = {"id": "zz-kite", "name": "Kitewing", "kind": "tool", "category": "library"}
Faults = Callable[..., str]


# --- the bundled vocabulary ----------------------------------------------------------------------


def test_the_bundled_vocabulary_is_as_large_as_promised(vocabulary: Vocabulary) -> None:
    names = {name for entry in vocabulary.entries for name in entry.names}
    assert len(vocabulary.entries) >= 1_500
    assert len(names) >= 5_000


def test_every_kind_of_skill_is_there(vocabulary: Vocabulary) -> None:
    kinds = {entry.kind for entry in vocabulary.entries}
    assert kinds == {"tool", "technique", "soft", "qualification", "language"}


def test_every_id_is_kebab_and_stands_once_in_order(vocabulary: Vocabulary) -> None:
    ids = [entry.id for entry in vocabulary.entries]
    assert [one for one in ids if not KEBAB.fullmatch(one)] == []
    assert ids == sorted(set(ids))


def test_every_esco_address_looks_like_one(vocabulary: Vocabulary) -> None:
    address = re.compile(rf"http://data\.europa\.eu/esco/skill/{UUID}")
    given = [entry.esco for entry in vocabulary.entries if entry.esco is not None]
    assert [one for one in given if not address.fullmatch(one)] == []
    assert given != []


def test_every_retired_skill_names_one_that_stands_for_it(vocabulary: Vocabulary) -> None:
    heirs = {entry.replaced_by for entry in vocabulary.entries} - {None}
    standing = {entry.id for entry in vocabulary.entries if entry.replaced_by is None}
    assert heirs - standing == set()


def test_the_guide_is_cited_only_for_roles_that_exist(vocabulary: Vocabulary) -> None:
    cited = {role for entry in vocabulary.entries for role in entry.guide}
    assert cited == set(ROLES) - {"other"}


def test_rule_words_are_lower_case_as_the_matcher_compares_them(vocabulary: Vocabulary) -> None:
    wrong = [
        (entry.id, word)
        for entry in vocabulary.entries
        for word in (
            *entry.near,
            *entry.not_near,
            *entry.not_preceded_by,
            *entry.not_followed_by,
        )
        if word != word.lower().strip()
    ]
    assert wrong == []


def test_every_rule_word_is_one_that_a_text_can_hold(vocabulary: Vocabulary) -> None:
    """The neighbours of a name are tokens: "start-up" is three of them and would never be met."""
    dead = {
        word
        for entry in vocabulary.entries
        for context in (vocabulary.context(entry),)
        for word in (*context.not_preceded_by, *context.not_followed_by)
        if TextView(word).words != [word]
    }
    assert dead == set()


def test_no_rule_asks_for_a_bare_number(vocabulary: Vocabulary) -> None:
    """Cut down to its longest token "4g" became "4", and "4 years" bore out "5G"."""
    bare = {
        (entry.id, word)
        for entry in vocabulary.entries
        for context in (vocabulary.context(entry),)
        for word in (*context.near, *context.not_near)
        if word.isdecimal() and len(word) < 3 and word not in (*entry.near, *entry.not_near)
    }
    assert bare == set()


def test_an_entry_is_found_by_its_id_and_only_by_it(vocabulary: Vocabulary) -> None:
    entry = vocabulary.entry("python")
    assert entry is not None
    assert (entry.name, entry.kind) == ("Python", "tool")
    assert vocabulary.entry("Python") is None


def test_the_names_are_the_name_and_its_aliases() -> None:
    entry = SkillEntry("a", "One", "tool", "x", aliases=("Two", "Three"))
    assert entry.names == ("One", "Two", "Three")


def test_a_rules_groups_are_spelled_out(vocabulary: Vocabulary) -> None:
    entry = SkillEntry("a", "A", "tool", "x", near=("@office", "kite"), not_preceded_by=("the",))
    context = vocabulary.context(entry)
    assert "kite" in context.near
    assert "spreadsheet" in context.near
    assert not any(word.startswith("@") for word in context.near)
    assert context.not_preceded_by == {"the"}
    assert not context.is_empty
    assert vocabulary.context(replace(entry, near=(), not_preceded_by=())).is_empty


def test_the_vocabulary_is_read_once() -> None:
    assert load_vocabulary() is load_vocabulary()


def test_the_version_is_the_start_of_a_digest(vocabulary: Vocabulary) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", vocabulary.version)


# --- the faults of a vocabulary line -------------------------------------------------------------


@pytest.fixture
def fault(tmp_path: Path) -> Faults:
    """The message with which a file of these lines is refused, its folder left out."""

    def message_of(*lines: dict[str, Any] | str) -> str:
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path = tmp_path / "ours.jsonl"
        path.write_text("\n".join(texts) + "\n", encoding="utf-8")
        with pytest.raises(VocabularyError) as caught:
            read_skills(path, words=load_words())
        assert caught.value.path == str(path)
        return str(caught.value).removeprefix(f"{tmp_path}/")

    return message_of


def test_a_good_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    second = {**PLAIN, "id": "zz-lamp", "name": "Lampwright", "aliases": ["LW Suite"], "case": True}
    path.write_text(f"{json.dumps(PLAIN)}\r\n\r\n{json.dumps(second)}", encoding="utf-8")
    assert repr(read_skills(path, words=load_words())) == repr(
        (
            SkillEntry("zz-kite", "Kitewing", "tool", "library"),
            SkillEntry("zz-lamp", "Lampwright", "tool", "library", ("LW Suite",), case=True),
        )
    )


def test_an_unknown_key_is_refused(fault: Faults) -> None:
    message = "ours.jsonl:1: colour: Unexpected keyword argument, not 'red'"
    assert fault({**PLAIN, "colour": "red"}) == message


@pytest.mark.parametrize("key", ["id", "name", "kind", "category"])
def test_a_missing_key_is_refused(fault: Faults, key: str) -> None:
    line = {other: value for other, value in PLAIN.items() if other != key}
    assert fault(line) == f"ours.jsonl:1: {key}: Field required"


def test_an_unknown_kind_is_refused(fault: Faults) -> None:
    kinds = "'tool', 'technique', 'soft', 'qualification' or 'language'"
    message = f"ours.jsonl:1: kind: Input should be {kinds}, not 'toy'"
    assert fault({**PLAIN, "kind": "toy"}) == message


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("name", 5, "name: Input should be a valid string, not 5"),
        ("aliases", "Kite", "aliases: Input should be a valid array, not 'Kite'"),
        ("aliases", [7], "aliases.0: Input should be a valid string, not 7"),
        ("beside", "perhaps", None),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    fault: Faults, key: str, value: object, reason: str | None
) -> None:
    unclear = "beside: Input should be a valid boolean, unable to interpret input, not 'perhaps'"
    assert fault({**PLAIN, key: value}) == f"ours.jsonl:1: {reason or unclear}"


@pytest.mark.parametrize("wrong", ["Power-BI", "power_bi", "power bi", "-bi", "bi-", "b--i", ""])
def test_an_id_that_is_not_kebab_is_refused(fault: Faults, wrong: str) -> None:
    message = f"ours.jsonl:1: id {wrong!r} is not lower-case kebab, such as 'power-bi'"
    assert fault({**PLAIN, "id": wrong}) == message


def test_an_id_that_stands_twice_is_refused(fault: Faults) -> None:
    message = "ours.jsonl:3: id 'zz-kite' stands on line 1 already; each id once"
    assert fault(PLAIN, "", {**PLAIN, "name": "Other"}) == message


def test_lines_out_of_order_are_refused(fault: Faults) -> None:
    message = "ours.jsonl:2: id 'zz-axe' comes after 'zz-kite'; lines are sorted by id"
    assert fault(PLAIN, {**PLAIN, "id": "zz-axe", "name": "Axe"}) == message


@pytest.mark.parametrize("alias", ["Kitewing", "kitewing", "KITEWING"])
def test_a_name_that_two_skills_claim_is_refused(fault: Faults, alias: str) -> None:
    second = {**PLAIN, "id": "zz-lamp", "name": "Lamp", "aliases": [alias]}
    assert fault(PLAIN, second) == (
        f"ours.jsonl:2: {alias!r} of 'zz-lamp' is a name of 'zz-kite' too; "
        "keep it on one, or tell them apart by case or an ambiguous rule"
    )


def test_hyphens_and_spaces_do_not_tell_names_apart(fault: Faults) -> None:
    first = {**PLAIN, "name": "Kite Wing"}
    second = {**PLAIN, "id": "zz-lamp", "name": "kite-wing"}
    assert fault(first, second).startswith("ours.jsonl:2: 'kite-wing' of 'zz-lamp' is a name of")


def test_a_third_claim_is_refused_too(fault: Faults) -> None:
    """The rule on the first skill tells it from each other, but not those from one another."""
    ruled = {**PLAIN, "ambiguous": ["Kitewing"], "near": ["sky"]}
    second, third = {**PLAIN, "id": "zz-lamp"}, {**PLAIN, "id": "zz-moon"}
    assert fault(ruled, second, third) == (
        "ours.jsonl:3: 'Kitewing' of 'zz-moon' is a name of 'zz-lamp' too; "
        "keep it on one, or tell them apart by case or an ambiguous rule"
    )


def test_one_skill_does_not_name_itself_twice(fault: Faults) -> None:
    assert fault({**PLAIN, "aliases": ["kitewing"]}) == (
        "ours.jsonl:1: 'kitewing' of 'zz-kite' is a name of 'zz-kite' too; "
        "keep it on one, or tell them apart by case or an ambiguous rule"
    )


def test_names_that_differ_in_case_may_belong_to_two(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    lines = (
        {**PLAIN, "name": "KITE", "case": True},
        {**PLAIN, "id": "zz-lamp", "name": "Kite", "case": True},
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [e.name for e in read_skills(path, words=load_words())] == ["KITE", "Kite"]


def test_a_retired_skill_claims_no_name(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    lines = (PLAIN, {**PLAIN, "id": "zz-lamp", "replaced_by": "zz-kite"})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert [e.id for e in read_skills(path, words=load_words())] == ["zz-kite", "zz-lamp"]


def test_an_heir_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_text(json.dumps({**PLAIN, "replaced_by": "zz-nobody"}) + "\n")
    with pytest.raises(VocabularyError) as caught:
        load_vocabulary(path)
    assert str(caught.value) == f"{path}:1: replaced_by 'zz-nobody' is the id of no skill"


def test_an_ambiguous_name_that_is_none_is_refused(fault: Faults) -> None:
    message = "ours.jsonl:1: ambiguous 'Glider' is none of the names: Kitewing, KW"
    assert fault({**PLAIN, "aliases": ["KW"], "ambiguous": ["Glider"]}) == message


def test_an_unknown_word_group_is_refused(fault: Faults) -> None:
    known = ", ".join(sorted(f"@{name}" for name, _ in load_words().groups))
    message = f"ours.jsonl:1: no word group '@birds'; known: {known}"
    assert fault({**PLAIN, "near": ["@birds"]}) == message
    assert fault({**PLAIN, "not_near": ["@birds"]}) == message


@pytest.mark.parametrize("key", ["near", "not_near", "not_preceded_by", "not_followed_by"])
@pytest.mark.parametrize("word", ["", " ", "SQL"])
def test_a_rule_word_that_no_text_can_hold_is_refused(fault: Faults, key: str, word: str) -> None:
    message = f"ours.jsonl:1: {key} {word!r} is not a word in lower case"
    assert fault({**PLAIN, key: [word]}) == message


def test_a_guide_role_that_does_not_exist_is_refused(fault: Faults) -> None:
    message = f"ours.jsonl:1: guide 'chef' is no role; known: {', '.join(sorted(ROLES))}"
    assert fault({**PLAIN, "guide": ["chef"]}) == message


def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path) -> None:
    """Notepad writes one."""
    path = tmp_path / "ours.jsonl"
    path.write_text(json.dumps(PLAIN), encoding="utf-8-sig")
    assert [entry.id for entry in read_skills(path, words=load_words())] == ["zz-kite"]


def test_an_empty_name_is_refused(fault: Faults) -> None:
    assert fault({**PLAIN, "aliases": [" "]}) == "ours.jsonl:1: a name is empty; leave it out"


def test_a_pattern_that_does_not_begin_with_a_word_is_refused(fault: Faults) -> None:
    message = 'ours.jsonl:1: a pattern begins with {"LOWER": "word"}, the word that sets it off'
    assert fault({**PLAIN, "patterns": [[{"IS_DIGIT": True}]]}) == message
    assert fault({**PLAIN, "patterns": [[]]}) == message


def test_a_pattern_that_the_matcher_would_refuse_is_refused_here(fault: Faults) -> None:
    """Else spaCy's own error ends the programme, without file and line."""
    line = {**PLAIN, "patterns": [[{"LOWER": "kite"}, {"COLOUR": "red"}]]}
    assert fault(line).startswith("ours.jsonl:1: patterns: ")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{kite", "Invalid JSON: key must be a string at line 1 column 2"),
        ("[1]", "Input should be an object, not [1]"),
        ("null", "Input should be an object, not None"),
        ("{" * 5_000, "Invalid JSON: key must be a string at line 1 column 2"),
    ],
)
def test_a_line_that_is_no_json_object_is_refused(fault: Faults, line: str, reason: str) -> None:
    assert fault(line) == f"ours.jsonl:1: line: {reason}"


def test_the_line_number_counts_empty_lines(fault: Faults) -> None:
    assert fault(PLAIN, "", "", "nonsense").startswith("ours.jsonl:4: line: Invalid JSON")


def test_a_file_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ours.jsonl"
    path.write_bytes('{"id": "café"}\n'.encode("latin-1"))
    with pytest.raises(VocabularyError) as caught:
        read_skills(path, words=load_words())
    assert str(caught.value) == f"{path}: is not UTF-8; save it as UTF-8"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.jsonl"
    with pytest.raises(VocabularyError) as caught:
        read_skills(path, words=load_words())
    assert str(caught.value) == f"{path}: cannot be read: No such file or directory"


# --- a vocabulary of one's own -------------------------------------------------------------------


def own_file(folder: Path, *lines: dict[str, Any] | str) -> Path:
    path = folder / "own.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def test_extra_lines_add_skills(tmp_path: Path, vocabulary: Vocabulary) -> None:
    both = load_vocabulary(own_file(tmp_path, PLAIN))
    entry = both.entry("zz-kite")
    assert entry is not None
    assert entry.name == "Kitewing"
    assert len(both.entries) == len(vocabulary.entries) + 1
    assert [e.id for e in both.entries] == sorted(e.id for e in both.entries)


def test_extra_lines_need_no_order(tmp_path: Path) -> None:
    axe = {**PLAIN, "id": "zz-axe", "name": "Axefall"}
    both = load_vocabulary(own_file(tmp_path, PLAIN, axe))
    assert both.entry("zz-axe") is not None


def test_an_extra_line_replaces_the_skill_of_its_id(tmp_path: Path, vocabulary: Vocabulary) -> None:
    line = {"id": "python", "name": "Python", "kind": "technique", "category": "ours"}
    both = load_vocabulary(own_file(tmp_path, line))
    entry = both.entry("python")
    assert entry is not None
    assert (entry.kind, entry.category, entry.aliases) == ("technique", "ours", ())
    assert len(both.entries) == len(vocabulary.entries)


def test_extra_lines_change_the_version(tmp_path: Path, vocabulary: Vocabulary) -> None:
    both = load_vocabulary(own_file(tmp_path, PLAIN))
    assert re.fullmatch(re.escape(vocabulary.version) + r"\+[0-9a-f]{12}", both.version)


def test_an_extra_name_that_a_bundled_skill_has_is_refused_with_its_line(tmp_path: Path) -> None:
    path = own_file(tmp_path, "", PLAIN, "", {**PLAIN, "id": "zz-snake", "name": "Pandas"})
    with pytest.raises(VocabularyError) as caught:
        load_vocabulary(path)
    assert str(caught.value) == (
        f"{path}:4: 'Pandas' of 'zz-snake' is a name of 'pandas' too; "
        "keep it on one, or tell them apart by case or an ambiguous rule"
    )


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    """A service that loads anew after an edit must not get the old skills."""
    load_vocabulary(own_file(tmp_path, PLAIN))
    path = own_file(tmp_path, {**PLAIN, "name": "Kitewing Two"})
    entry = load_vocabulary(path).entry("zz-kite")
    assert entry is not None
    assert entry.name == "Kitewing Two"


# --- looking things up ---------------------------------------------------------------------------


def test_search_finds_a_word_in_any_name_and_case(vocabulary: Vocabulary) -> None:
    found = [entry.id for entry in search_skills(vocabulary, "power-BI")]
    assert "power-bi" in found
    assert found == sorted(found)


def test_search_for_a_word_of_no_name_finds_nothing(vocabulary: Vocabulary) -> None:
    assert list(search_skills(vocabulary, "zzkitewing")) == []


def test_a_skill_shown_is_a_line_that_can_be_read_again(
    vocabulary: Vocabulary, tmp_path: Path
) -> None:
    """So that a line can be copied out, changed, and given to --vocabulary."""
    path = tmp_path / "copied.jsonl"
    ids = ["cpp", "go", "power-bi", "python", "r"]
    path.write_text("".join(skill_line(vocabulary, one) + "\n" for one in ids), encoding="utf-8")
    for entry in read_skills(path, words=load_words()):
        original = vocabulary.entry(entry.id)
        assert original is not None
        assert repr(entry) == repr(original)


def test_an_unknown_id_is_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(VocabularyError) as caught:
        skill_line(vocabulary, "zz-nobody")
    message = "no skill 'zz-nobody'; `extractor skills search WORD` finds ids"
    assert str(caught.value) == message


# --- the other data files ------------------------------------------------------------------------


def test_the_seven_roles_stand_in_their_order() -> None:
    assert [entry.id for entry in load_roles()] == ROLES


def test_no_heading_opens_two_kinds_of_part() -> None:
    headings = load_headings()
    texts = [text for text, _ in headings.exact]
    assert sorted(texts) == sorted(set(texts))
    assert headings.silent == {"firm", "benefits", "legal"}


def test_word_lists_are_lower_case() -> None:
    words = load_words()
    listed = {word for _, group in words.groups for word in group}
    listed |= words.separators | words.joints | words.unshared | words.glued
    assert {word for word in listed if word != word.lower().strip()} == set()


def test_a_table_that_is_not_toml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.toml"
    path.write_text("groups = [")
    with pytest.raises(VocabularyError) as caught:
        read_toml(path)
    assert str(caught.value).startswith(f"{path}: cannot be read: ")
