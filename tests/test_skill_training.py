"""Training of the skill tagger: from marked postings to weights, the same each time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from extractor.discovery import SkillTagger
from extractor.errors import FormatError
from extractor.features import SHAPE_SIZE, TaggerTerms, TokenFeatures
from extractor.marks import Mark, MarkedPosting
from extractor.network import BEGINS, LABELS, OUTSIDE, CompiledTagger, TaggerWeights
from extractor.records import SKILL_KINDS, Posting, SkillEntry
from extractor.skill_training import (
    TrainedTagger,
    learn_words,
    train_tagger,
    train_tagger_from_files,
)
from extractor.skills import FoundSkill, SkillFinder
from extractor.store import load_card
from extractor.tagger_store import load_tagger
from extractor.tagger_training import TaggedRows, TaggerConfig, _build, _folded, fit_tagger
from extractor.view import TextView
from extractor.vocabulary import Vocabulary
from extractor.words import load_words

Arrays = dict[str, np.ndarray[Any, Any]]

_MARK = re.compile(r"\[([^\[\]]+)\]\(([a-z]+)\)")
_THINGS = ("kite", "hive", "loom", "quill", "kiln", "mill", "bell", "canoe")
_TEXTS = (
    "You have experience with [{} weaving](technique) and [Python](tool). We are a {} shop.",
    "Knowledge of [{} tuning](technique) is needed; you show [patience](soft). The {} is ours.",
)
SMALL = TaggerConfig(width=16, layers=2, epochs=20, batch=4, rate=0.015)
TINY_VOCABULARY = Vocabulary(
    (
        SkillEntry("python", "Python", "tool", "x"),
        SkillEntry("sql", "SQL", "tool", "x"),
        SkillEntry("teamwork", "teamwork", "soft", "x"),
    ),
    load_words(),
    "tiny",
)


def marked_posting(name: str, text: str) -> MarkedPosting:
    """The posting of a text with its marks in it, from an employer and a group of its own."""
    marks, plain, after = [], "", 0
    for found in _MARK.finditer(text):
        plain += text[after : found.start()]
        marks.append(Mark(len(plain), len(plain) + len(found[1]), found[2]))
        plain += found[1]
        after = found.end()
    return MarkedPosting(Posting(name, plain + text[after:]), tuple(marks), name, name)


MARKED = tuple(
    marked_posting(f"{thing}-{number}", text.format(thing, thing))
    for thing in _THINGS
    for number, text in enumerate(_TEXTS)
)


@pytest.fixture(scope="module", autouse=True)
def on_one_thread() -> Iterator[None]:
    """Products of small arrays take many times as long on two threads beside other work."""
    with threadpool_limits(1):
        yield


@lru_cache(maxsize=1)
def tiny_tagger() -> TrainedTagger:
    """A tagger trained on them, in a fraction of a second; `test_tagger_store` saves it."""
    return trained_on(MARKED)


def trained_on(marked: Sequence[MarkedPosting], **options: Any) -> TrainedTagger:
    texts = [(one.posting.text, one.employer) for one in marked]
    words, vectors = learn_words(texts, TINY_VOCABULARY, 1)
    given = {"config": SMALL, "folds": 3, **options}
    with threadpool_limits(1):
        return train_tagger(marked, words, vectors, TINY_VOCABULARY, **given)


def found_by(tagger: SkillTagger, *texts: str) -> list[list[FoundSkill]]:
    """What a tagger finds in texts of which the names are those of the tiny vocabulary."""
    views = [TextView(text) for text in texts]
    named = SkillFinder(TINY_VOCABULARY).look(views)
    return tagger.find_all(views, named, [()] * len(views))


def numbers_of(weights: TaggerWeights) -> Arrays:
    """All arrays of a tagger by name."""
    found = {f"table {place}": table for place, table in enumerate(weights.tables)}
    for place, (layer, bias) in enumerate(weights.layers):
        found |= {f"layer {place}": layer, f"layer bias {place}": bias}
    return found | {
        "bias": weights.bias,
        "output": weights.output,
        "output bias": weights.output_bias,
    }


def changed_numbers(one: TaggerWeights, other: TaggerWeights) -> list[str]:
    """The names of the arrays in which two taggers differ."""
    ours, theirs = numbers_of(one), numbers_of(other)
    assert ours.keys() == theirs.keys()
    return [name for name in ours if not np.array_equal(ours[name], theirs[name])]


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_row(one: MarkedPosting) -> dict[str, Any]:
    marks = [{"start": m.start, "end": m.end, "kind": m.kind} for m in one.marks]
    text = one.posting.text
    return {"id": one.posting.id, "text": text, "company": one.employer, "mentions": marks}


# --- a trained tagger ----------------------------------------------------------------------------


def test_a_trained_tagger_marks_what_it_was_shown() -> None:
    trained = tiny_tagger()
    tagger = SkillTagger(trained.weights, trained.terms, TINY_VOCABULARY)
    texts = [one.posting.text for one in MARKED]
    assert [
        [(one.start, one.end, one.entry.kind) for one in found]
        for found in found_by(tagger, *texts)
    ] == [[(mark.start, mark.end, mark.kind) for mark in one.marks] for one in MARKED]


def test_a_trained_tagger_finds_a_skill_that_nobody_named() -> None:
    trained = tiny_tagger()
    tagger = SkillTagger(trained.weights, trained.terms, TINY_VOCABULARY)
    text = "You have experience with drum weaving and SQL. We are a drum shop."
    ((new, known),) = found_by(tagger, text)
    assert (text[new.start : new.end], new.entry.id) == ("drum weaving", "drum-weaving")
    assert (new.entry.kind, new.entry.category) == ("technique", "discovered")
    assert (text[known.start : known.end], known.entry.id) == ("SQL", "sql")


def test_the_same_input_and_seed_give_the_same_weights() -> None:
    assert changed_numbers(trained_on(MARKED).weights, tiny_tagger().weights) == []


def test_another_seed_gives_other_weights() -> None:
    other = trained_on(MARKED, config=replace(SMALL, seed=1)).weights
    assert "table 0" in changed_numbers(other, tiny_tagger().weights)


def test_training_changes_nothing_it_was_given() -> None:
    before = repr(MARKED)
    vectors = np.ones((1, 4), dtype=np.float32)
    train_tagger(MARKED, ("weaving",), vectors, TINY_VOCABULARY, config=SMALL, folds=2)
    assert repr(MARKED) == before
    assert vectors.tolist() == [[1.0] * 4]


def test_the_weights_have_the_width_and_layers_asked_for() -> None:
    weights = trained_on(MARKED, config=replace(SMALL, width=6, layers=3, epochs=1)).weights
    terms = tiny_tagger().terms
    assert [table.shape for table in weights.tables] == [
        (size, 6) for size in TokenFeatures(terms).sizes
    ]
    assert [(layer.shape, bias.shape) for layer, bias in weights.layers] == [((6, 18), (6,))] * 3
    assert weights.output.shape == (LABELS + len(SKILL_KINDS), 6)


def test_the_affixes_known_are_those_of_four_postings() -> None:
    terms = tiny_tagger().terms
    assert {"wea", "you", "pat"} <= set(terms.prefixes)
    assert "kit" not in terms.prefixes  # of two postings
    assert {"ing", "ave", "nce"} <= set(terms.suffixes)


def test_affixes_and_sections_are_known_whatever_the_postings() -> None:
    few = [marked_posting("1", "[Loom](tool)."), marked_posting("2", "[Quill](soft).")]
    terms = trained_on(few, config=replace(SMALL, epochs=1)).terms
    assert (terms.prefixes, terms.suffixes) == (("the",), ("ing",))
    assert {"benefits", "duties", "other", "preferred", "required"} <= set(terms.sections)


# --- figures and folds ---------------------------------------------------------------------------


def test_figures_are_those_of_cross_validation() -> None:
    figures = tiny_tagger().figures
    assert (figures["postings"], figures["gold"]) == (16, 32)
    assert figures["relaxed"]["f1"] >= 0.8
    assert sorted(figures["recall_by_kind"]) == ["soft", "technique", "tool"]


def test_the_summary_names_the_main_figures() -> None:
    figures = {"postings": 3, "strict": {"f1": 0.25}, "relaxed": {"f1": 0.5}}
    trained = replace(tiny_tagger(), figures=figures)
    assert trained.summary == "postings 3  strict F1 0.25  relaxed F1 0.5"


def test_training_reports_its_folds_and_epochs() -> None:
    lines: list[str] = []
    trained_on(MARKED, config=replace(SMALL, epochs=2), folds=3, report=lines.append)
    plain = [re.sub(r"loss \d+\.\d{4}$", "loss", line) for line in lines]
    epochs = ["epoch 1 of 2: loss", "epoch 2 of 2: loss"]
    assert plain == [
        line for part in ("fold 1", "fold 2", "fold 3", "all postings") for line in (part, *epochs)
    ]


def test_there_are_no_more_folds_than_groups() -> None:
    lines: list[str] = []
    two = [replace(one, group=one.posting.id[-1]) for one in MARKED]
    trained_on(two, config=replace(SMALL, epochs=1), folds=5, report=lines.append)
    assert [line for line in lines if line.startswith("fold")] == ["fold 1", "fold 2"]


def test_grouped_folds_never_split_a_group() -> None:
    """Which words are skills is chance: only a tagger that saw the other copy could tell."""
    letters = "bcdfghklmnprstvz"
    copies = []
    for number in range(12):
        word = "".join(letters[(number * step) % 16] + "ao"[step % 2] for step in (1, 3, 5))
        text = f"Here [{word}](tool) is." if number % 4 in (1, 2) else f"Here {word} is."
        copies += [replace(marked_posting(f"{number}-{c}", text), group=f"g{number}") for c in "ab"]
    own = sorted({one.posting.text.split()[1] for one in copies})
    vectors = 3 * np.eye(len(own), dtype=np.float32)

    config = replace(SMALL, epochs=30, dropout=0.1, word_dropout=0.0)

    def f1(marked: Sequence[MarkedPosting]) -> float:
        trained = train_tagger(marked, own, vectors, TINY_VOCABULARY, config=config, folds=3)
        return float(trained.figures["strict"]["f1"])

    apart = [replace(one, group=one.posting.id) for one in copies]
    assert f1(apart) >= 0.9
    assert f1(copies) <= 0.75


# --- words ---------------------------------------------------------------------------------------


def test_words_of_fewer_employers_than_asked_for_are_not_known() -> None:
    """A firm's name must not be in a model, however often the firm advertises."""
    texts = [("we keep zyxbees here", "acme")] * 5 + [("we keep wasps", f"e{n}") for n in range(2)]
    words, _ = learn_words(texts, TINY_VOCABULARY, 2)
    assert words == ("keep", "wasps", "we")


def test_what_always_has_a_capital_is_no_word_but_a_name() -> None:
    texts = [("you join Brightmoor and use Python", f"e{n}") for n in range(3)]
    words, _ = learn_words(texts, TINY_VOCABULARY, 3)
    assert words == ("and", "join", "python", "use", "you")  # the vocabulary's own is no firm


def test_names_of_people_are_not_known() -> None:
    person = sorted(name for name in TINY_VOCABULARY.words.people if name.isalpha())[0]
    texts = [(f"ask {person} about bees", f"e{n}") for n in range(3)]
    words, _ = learn_words(texts, TINY_VOCABULARY, 3)
    assert words == ("about", "ask", "bees")


def test_signs_and_numbers_are_known() -> None:
    words, _ = learn_words([("5 + 2 bees.", f"e{n}") for n in range(2)], TINY_VOCABULARY, 2)
    assert words == ("+", ".", "2", "5", "bees")


def test_each_word_has_a_vector() -> None:
    words, vectors = learn_words([("you keep bees", "a")] * 2, TINY_VOCABULARY, 1)
    assert (len(words), vectors.shape) == (3, (3, 128))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([3.0] * 3, rel=1e-4)


# --- the network ---------------------------------------------------------------------------------

TERMS = TaggerTerms(("red", "green", "blue", "kite"), ("other",), ("pur",), ("ple",))
FEATURES = TokenFeatures(TERMS)
VECTORS = 3 * np.eye(4, dtype=np.float32)
_ROWS = {"|": 1, "?": 0, "red": 2, "green": 3, "blue": 4, "kite": 5}
_LEARNT = {
    "red": (BEGINS, "tool"),
    "green": (BEGINS, "soft"),
    "blue": (BEGINS, "language"),
    "kite": (OUTSIDE, None),
    "|": (-1, None),
}


def tagged(*words: str) -> TaggedRows:
    """Rows with but a word each; colours are skills of a kind of their own, kites are none."""
    table = np.zeros((len(words), 7), dtype=np.int32)
    table[:, 0] = [_ROWS[word] for word in words]
    given = [_LEARNT[word] for word in words]
    kinds = [-1 if kind is None else SKILL_KINDS.index(kind) for _, kind in given]  # type: ignore[arg-type]
    return TaggedRows(table, np.array([label for label, _ in given]), np.array(kinds))


COLOURS = [
    tagged("|", "red", "kite", "green", "kite", "blue", "kite"),
    tagged("|", "kite", "blue", "kite", "green"),
    tagged("|", "green", "kite", "kite", "red"),
] * 8
LEARNING = TaggerConfig(width=12, layers=1, epochs=10, batch=4, rate=0.01, word_dropout=0.0)


def test_a_network_learns_labels_and_kinds() -> None:
    weights = fit_tagger(COLOURS, VECTORS, FEATURES, LEARNING)
    one = tagged("|", "kite", "red", "kite", "blue", "kite", "green")
    chances, kinds = CompiledTagger(weights, FEATURES.affixes)(one.table)
    assert chances.argmax(axis=1)[1:].tolist() == one.labels[1:].tolist()
    assert [SKILL_KINDS[kinds[row].argmax()] for row in (2, 4, 6)] == ["tool", "language", "soft"]


def test_the_loss_falls() -> None:
    lines: list[str] = []
    fit_tagger(COLOURS, VECTORS, FEATURES, LEARNING, lines.append)
    losses = [float(line.rpartition(" ")[2]) for line in lines]
    assert len(losses) == 10
    assert losses[-1] < losses[0] / 4


def test_kinds_never_seen_are_never_given() -> None:
    weights = fit_tagger(COLOURS, VECTORS, FEATURES, replace(LEARNING, epochs=1))
    rng = np.random.default_rng(0)
    table = rng.integers(0, [size or 1 for size in FEATURES.sizes], (500, 7)).astype(np.int32)
    _, kinds = CompiledTagger(weights, FEATURES.affixes)(table)
    assert {SKILL_KINDS[kind] for kind in kinds.argmax(axis=1)} <= {"tool", "soft", "language"}


@pytest.mark.parametrize("word", ["red", "green", "blue"])
def test_one_kind_alone_is_always_given(word: str) -> None:
    alone = tagged("|", word, "kite")
    weights = fit_tagger([alone] * 2, VECTORS, FEATURES, replace(LEARNING, epochs=1))
    _, kinds = CompiledTagger(weights, FEATURES.affixes)(alone.table)
    assert {SKILL_KINDS[kind] for kind in kinds.argmax(axis=1)} == {_LEARNT[word][1]}


def test_two_kinds_are_told_apart() -> None:
    two = tagged("|", "red", "kite", "green", "kite")
    weights = fit_tagger([two] * 4, VECTORS, FEATURES, LEARNING)
    _, kinds = CompiledTagger(weights, FEATURES.affixes)(two.table)
    assert [SKILL_KINDS[kinds[row].argmax()] for row in (1, 3)] == ["tool", "soft"]


def test_texts_without_a_skill_give_a_tagger_that_finds_none() -> None:
    none = tagged("|", "kite", "kite")
    weights = fit_tagger([none] * 3, VECTORS, FEATURES, LEARNING)
    chances, _ = CompiledTagger(weights, FEATURES.affixes)(none.table)
    assert chances.argmax(axis=1)[1:].tolist() == [OUTSIDE, OUTSIDE]


def test_fitting_changes_nothing_it_was_given() -> None:
    one, vectors = tagged("|", "red", "kite"), VECTORS.copy()
    fit_tagger([one] * 2, vectors, FEATURES, replace(LEARNING, word_dropout=0.9))
    expected = tagged("|", "red", "kite")
    assert np.array_equal(one.table, expected.table)
    assert np.array_equal(one.labels, expected.labels)
    assert np.array_equal(vectors, VECTORS)


@pytest.mark.parametrize("layers", [1, 3])
def test_the_folded_network_gives_the_scores_of_the_one_trained(layers: int) -> None:
    network = _build(VECTORS, FEATURES.sizes, TaggerConfig(width=10, layers=layers))
    rng = np.random.default_rng(layers)
    for layer in (*network.embeds, *network.hidden, network.last):
        for name in layer.param_names:
            values = rng.normal(0, 0.2, layer.get_param(name).shape).astype(np.float32)
            layer.set_param(name, values)
    table = rng.integers(0, FEATURES.sizes, (40, 7)).astype(np.int32)
    is_known = table[:, 0] > 0  # a known word's affixes are its own
    table[is_known, 5:] = FEATURES.affixes[table[is_known, 0]]
    (scores,) = network.whole.predict([table])
    wanted = np.exp(scores - scores.max(axis=1, keepdims=True))
    wanted /= wanted.sum(axis=1, keepdims=True)
    chances, _ = CompiledTagger(_folded(network), FEATURES.affixes)(table)
    assert chances == pytest.approx(wanted, abs=1e-5)


def test_fitting_further_begins_with_what_the_tagger_knows() -> None:
    weights = fit_tagger(COLOURS, VECTORS, FEATURES, LEARNING)
    none = replace(LEARNING, epochs=0)
    again = fit_tagger(COLOURS, VECTORS, FEATURES, none, start=weights)
    for one in COLOURS[:3]:
        (before, kinds), (after, same) = (
            CompiledTagger(each, FEATURES.affixes)(one.table) for each in (weights, again)
        )
        assert after == pytest.approx(before, abs=1e-5)
        assert same == pytest.approx(kinds, abs=1e-3)


def test_fitting_further_learns_what_is_new() -> None:
    """The network has the size of the tagger it begins with, whatever the config says."""
    weights = fit_tagger(COLOURS, VECTORS, FEATURES, LEARNING)
    table = tagged("|", "kite", "red", "kite").table
    labels = np.array([-1, BEGINS, OUTSIDE, BEGINS])
    new = [TaggedRows(table, labels, np.array([-1, 0, -1, 0]))] * 8
    config = replace(LEARNING, width=5, layers=3, epochs=20)
    again = fit_tagger(new, VECTORS, FEATURES, config, start=weights)
    assert (len(again.bias), len(again.layers)) == (12, 1)
    first, second = (
        CompiledTagger(each, FEATURES.affixes)(table)[0].argmax(axis=1)[1:].tolist()
        for each in (weights, again)
    )
    assert (first, second) == ([OUTSIDE, BEGINS, OUTSIDE], [BEGINS, OUTSIDE, BEGINS])


def test_the_network_starts_from_the_word_vectors() -> None:
    """The rows before the first word, unknown and break, start from nothing."""
    vectors = np.arange(12, dtype=np.float32).reshape(4, 3)
    network = _build(vectors, FEATURES.sizes, TaggerConfig())
    assert network.embeds[0].get_param("E").tolist() == [[0.0] * 3] * 2 + vectors.tolist()
    assert network.embeds[1].get_param("E").shape == (SHAPE_SIZE, 8)


# --- from files ----------------------------------------------------------------------------------


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small networks and few names: `skills train` is made for thousands of postings."""
    monkeypatch.setattr("extractor.skill_training.TaggerConfig", lambda: SMALL)
    monkeypatch.setattr("extractor.skill_training.load_vocabulary", lambda: TINY_VOCABULARY)


def words_of(folder: Path) -> set[str]:
    return set(json.loads((folder / "terms.json").read_text(encoding="utf-8"))["words"])


def refused_training(*args: Any, **options: Any) -> str:
    with pytest.raises(FormatError) as caught:
        train_tagger_from_files(*args, **options)
    return str(caught.value)


@pytest.mark.usefixtures("quick")
def test_training_from_files_writes_a_tagger_that_works(tmp_path: Path) -> None:
    data = write(tmp_path / "marked.jsonl", *map(as_row, MARKED))
    lines: list[str] = []
    folder = tmp_path / "tagger"
    trained = train_tagger_from_files(
        [str(data)], folder, folds=2, min_employers=1, report=lines.append
    )
    assert lines[0] == "16 marked postings; learning word vectors"
    assert lines[1] == f"{len(trained.terms.words)} words"
    text = "You have experience with drum weaving. We are a drum shop."
    ((one,),) = found_by(load_tagger(folder, TINY_VOCABULARY), text)
    assert text[one.start : one.end] == "drum weaving"


@pytest.mark.usefixtures("quick")
def test_the_card_says_on_what_the_tagger_was_trained(tmp_path: Path) -> None:
    data = write(tmp_path / "marked.jsonl", *map(as_row, MARKED))
    folder = tmp_path / "tagger"
    trained = train_tagger_from_files([str(data)], folder, folds=2, min_employers=1)
    card = load_card(folder)
    assert (card["kind"], card["width"], card["layers"]) == ("skills", 16, 2)
    assert card["training"] == {"data": ["marked.jsonl"]}
    assert card["config"]["epochs"] == 20
    assert card["cross_validation"] == trained.figures
    text = (folder / "CARD.md").read_text(encoding="utf-8")
    assert text.startswith("# Skill tagger\n")
    assert "Trained on 16 postings with\n32 mentions marked by reading, from: marked.jsonl." in text


@pytest.mark.usefixtures("quick")
def test_texts_and_words_come_from_the_corpus(tmp_path: Path) -> None:
    rows = [as_row(one) for one in MARKED]
    more = {"id": "x", "text": "We also hire astronomers.", "company": "stars"}
    corpus = write(tmp_path / "corpus.jsonl", *rows, more)
    data = write(
        tmp_path / "marked.jsonl", *({k: row[k] for k in ("id", "mentions")} for row in rows)
    )
    folder = tmp_path / "tagger"
    trained = train_tagger_from_files(
        [str(data)], folder, corpus=[str(corpus)], folds=2, min_employers=1
    )
    assert trained.figures["gold"] == 32
    assert {"astronomers", "weaving"} <= words_of(folder)
    assert load_card(folder)["training"] == {"data": ["marked.jsonl", "corpus.jsonl"]}


@pytest.mark.usefixtures("quick")
def test_nothing_is_learnt_from_postings_to_be_measured_on(tmp_path: Path) -> None:
    rows = [as_row(one) for one in MARKED]
    held = {"id": "x", "text": "We also hire astronomers.", "company": "stars"}
    corpus = write(tmp_path / "corpus.jsonl", *rows, held)
    data = write(tmp_path / "marked.jsonl", *rows)
    gold = write(tmp_path / "gold.jsonl", held)
    folder = tmp_path / "tagger"
    train_tagger_from_files(
        [str(data)], folder, corpus=[str(corpus)], without=[str(gold)], folds=2, min_employers=1
    )
    assert "weaving" in words_of(folder)
    assert "astronomers" not in words_of(folder)


@pytest.mark.usefixtures("quick")
def test_training_from_files_is_the_same_to_the_byte(tmp_path: Path) -> None:
    data = write(tmp_path / "marked.jsonl", *map(as_row, MARKED))
    for name in ("one", "two"):
        train_tagger_from_files([str(data)], tmp_path / name, folds=2, min_employers=1)
    for name in ("CARD.md", "card.json", "terms.json", "weights.npz"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("copies", [1, 3])
def test_one_posting_is_too_little(tmp_path: Path, copies: int) -> None:
    data = write(tmp_path / "marked.jsonl", *[as_row(MARKED[0])] * copies)
    message = "training needs 2 different postings at least"
    assert refused_training([str(data)], tmp_path / "tagger") == message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marked.jsonl"]


@pytest.mark.usefixtures("quick")
def test_a_mark_outside_its_text_is_refused(tmp_path: Path) -> None:
    row = {"id": "1", "text": "Bees.", "mentions": [{"start": 0, "end": 6, "kind": "soft"}]}
    data = write(tmp_path / "marked.jsonl", as_row(MARKED[0]), row)
    message = f"{data}:2: mention 0-6 lies outside the text of 5 characters"
    assert refused_training([str(data)], tmp_path / "tagger") == message


@pytest.mark.usefixtures("quick")
def test_words_of_too_few_employers_are_told(tmp_path: Path) -> None:
    """A tagger without any word was written that could not be loaded."""
    data = write(tmp_path / "marked.jsonl", *map(as_row, MARKED[:4]))
    message = "no word is used by 5 employers; give more postings, or a lower --min-employers"
    assert refused_training([str(data)], tmp_path / "tagger", min_employers=5) == message
    assert sorted(path.name for path in tmp_path.iterdir()) == ["marked.jsonl"]


def test_a_blank_posting_does_not_end_training() -> None:
    blank = MarkedPosting(Posting("blank", " \n"), (), "blank", "blank")
    trained = trained_on([MARKED[0], blank], config=replace(SMALL, epochs=1))
    assert trained.figures["postings"] == 2


def test_a_mark_over_white_space_marks_nothing() -> None:
    text = "We keep bees and hens."
    plain = MarkedPosting(Posting("1", text), (Mark(8, 12, "tool"),), "1", "1")
    blank = replace(plain, marks=(*plain.marks, Mark(12, 13, "tool")))
    other = replace(plain, group="2", employer="2")
    config = replace(SMALL, epochs=3)
    one, two = (trained_on([first, other], config=config) for first in (plain, blank))
    assert changed_numbers(one.weights, two.weights) == []


def test_marks_label_the_tokens_that_they_touch() -> None:
    """A reader may mark a part of a token, or a space too many."""
    text = "We keep honey bees and hens."
    other = MarkedPosting(Posting("2", text), (Mark(8, 18, "tool"),), "2", "2")
    config = replace(SMALL, epochs=3)

    def weights(start: int, end: int) -> TaggerWeights:
        one = MarkedPosting(Posting("1", text), (Mark(start, end, "tool"),), "1", "1")
        return trained_on([one, other], config=config).weights

    for start, end in ((8, 19), (7, 18), (9, 17)):
        assert changed_numbers(weights(8, 18), weights(start, end)) == []
    assert changed_numbers(weights(8, 18), weights(8, 20)) != []
