"""The command `train`: labelled files in, a model folder out, beside the model in use."""

from __future__ import annotations

import csv
import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from extractor import ablation, retraining
from extractor.corpus import text_digest
from extractor.errors import FormatError, ModelError, VocabularyError
from extractor.labels import LabelledPosting
from extractor.records import Posting
from extractor.retraining import TrainSettings, train_from_files
from extractor.role_store import load_model, promote, seen_texts, training_profile
from extractor.roles import RolesConfig
from extractor.store import load_card
from extractor.training import TrainedRoles, train_roles
from extractor.words import load_roles

Labelled = tuple[LabelledPosting, ...]
FILES = ["CARD.md", "card.json", "evaluation.html", "terms.json", "weights.npz"]
WORSE = {"verdict": "worse", "postings": 90, "difference": -0.1, "low": -0.2, "high": -0.05}
TOLD_WORSE = (
    "worse: -10.0 points of accuracy beside the current model on 90 postings "
    "(95 % interval -20.0 to -5.0)"
)
# What bakers and florists do, in words of which the invented postings are drawn.
_TRADES = {
    "baker": "oven dough flour yeast bread rolls knead crust sourdough pastry dawn butter",
    "florist": "roses tulips bouquet vase petals wreath garden stems ribbon scent moss ferns",
}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def as_rows(labelled: Labelled) -> list[dict[str, Any]]:
    return [
        {
            "id": one.posting.id,
            "title": one.posting.title,
            "text": one.posting.text,
            "primary": one.role,
            "also": list(one.also),
            "company": one.employer,
        }
        for one in labelled
    ]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def data(labelled: Labelled, tmp_path: Path) -> str:
    """The labelled postings as a file."""
    return str(write(tmp_path / "labels.jsonl", *as_rows(labelled)))


@pytest.fixture
def settings(three_roles: Path, tiny_model: Path) -> TrainSettings:
    """Every word counts, and nothing that is bundled is read."""
    return TrainSettings(roles=three_roles, min_employers=1, current=tiny_model)


@pytest.fixture
def in_use(tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the tiny model in the place of the bundled one."""
    place = Path(shutil.copytree(tiny_model, tmp_path / "bundled" / "default"))
    monkeypatch.setattr(retraining, "default_model", lambda: place)
    return place


@pytest.fixture
def trades(tmp_path: Path) -> tuple[str, Path]:
    """Sixty postings of two roles of our own, and the file with these roles."""
    draw = random.Random(1)
    rows = [
        {"text": " ".join(draw.sample(words.split(), 8)), "role": role, "company": f"{role}{n}"}
        for role, words in _TRADES.items()
        for n in range(30)
    ]
    roles = tmp_path / "trades.toml"
    roles.write_text(
        '[[roles]]\nid = "baker"\nname = "Baker of Bread"\n\n'
        '[[roles]]\nid = "florist"\nname = "Florist"\n'
    )
    return str(write(tmp_path / "trades.jsonl", *rows)), roles


# --- files in, a folder out ----------------------------------------------------------------------


def test_training_from_files_writes_a_model_that_works(
    labelled: Labelled, data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    lines = train_from_files([data], tmp_path / "model", settings)
    card, loaded = load_card(tmp_path / "model"), load_model(tmp_path / "model")
    accuracy = card["cross_validation"]["accuracy"]
    assert lines[0] == "45 labelled postings, 0 of them near-copies"
    assert lines[1].startswith(f"postings 45  accuracy {accuracy}  accepted {accuracy}  macro_f1 ")
    assert lines[2:] == [
        "undecided: only 0 postings that the current model has not seen; 50 are needed"
    ]
    assert card["training"]["data"] == ["labels.jsonl"]
    assert card["training"]["read"] == {
        "bi-data-analyst": 15,
        "data-scientist": 15,
        "nlp-engineer": 15,
    }
    assert [role.id for role in loaded.predict(one.posting for one in labelled)] == [
        one.role for one in labelled
    ]


def test_a_folder_of_texts_for_each_role_is_data(
    labelled: Labelled, settings: TrainSettings, tmp_path: Path
) -> None:
    for number, one in enumerate(labelled):
        path = tmp_path / "ads" / one.role / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{one.posting.title}\n\n{one.posting.text}")
    train_from_files([str(tmp_path / "ads")], tmp_path / "model", settings)
    card, loaded = load_card(tmp_path / "model"), load_model(tmp_path / "model")
    assert card["training"]["data"] == ["ads"]
    assert [role.id for role in loaded.predict(one.posting for one in labelled)] == [
        one.role for one in labelled
    ]


def test_a_table_with_other_roles_is_data(
    labelled: Labelled, settings: TrainSettings, tmp_path: Path
) -> None:
    rows = [{**row, "also": "data-scientist nlp-engineer"} for row in as_rows(labelled)]
    with (tmp_path / "labels.csv").open("w", newline="") as stream:
        table = csv.DictWriter(stream, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    train_from_files([str(tmp_path / "labels.csv")], tmp_path / "model", settings)
    figures = load_card(tmp_path / "model")["cross_validation"]
    assert figures["postings"] == 45
    analysts = (row.get("bi-data-analyst", 0) for row in figures["confusion"].values())
    wrong = sum(analysts) - figures["confusion"]["bi-data-analyst"]["bi-data-analyst"]
    assert figures["accepted"] == round((45 - wrong) / 45, 4)


def test_texts_are_looked_up_in_the_corpus(
    labelled: Labelled, settings: TrainSettings, tmp_path: Path
) -> None:
    rows = as_rows(labelled)
    corpus = write(tmp_path / "corpus.jsonl", *({**row, "primary": None} for row in rows))
    labels = write(
        tmp_path / "labels.jsonl", *({"id": row["id"], "role": row["primary"]} for row in rows[::3])
    )
    given = replace(settings, corpus=(str(corpus),))
    lines = train_from_files([str(labels)], tmp_path / "model", given)
    assert lines[0] == "15 labelled postings, 0 of them near-copies"
    assert load_card(tmp_path / "model")["training"]["data"] == ["labels.jsonl", "corpus.jsonl"]


def test_the_same_input_gives_the_same_bytes(
    data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    folders = [tmp_path / run / "model" for run in ("one", "two")]
    for folder in folders:
        train_from_files([data], folder, settings)
    one, two = map(contents, folders)
    assert list(one) == FILES
    assert [name for name in FILES if one[name] != two[name]] == []


def test_two_processes_write_the_bytes_of_one(
    data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    train_from_files([data], tmp_path / "one" / "model", settings)
    train_from_files([data], tmp_path / "two" / "model", replace(settings, jobs=2))
    assert contents(tmp_path / "one" / "model") == contents(tmp_path / "two" / "model")


def test_the_texts_trained_on_come_back_as_digests(
    labelled: Labelled, data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    train_from_files([data], tmp_path / "model", settings)
    assert seen_texts(tmp_path / "model") == {text_digest(one.posting.text) for one in labelled}


def test_the_profile_of_the_postings_comes_back(tiny_model: Path) -> None:
    found = training_profile(tiny_model)
    figures = load_card(tiny_model)["cross_validation"]["confusion"]
    answered = [role for row in figures.values() for role, n in row.items() for _ in range(n)]
    assert found.postings == 45
    assert found.roles == {role: answered.count(role) for role in sorted(set(answered))}
    assert found.length == {"below 50": 45}
    assert found.language == {"en": 45}
    assert sum(found.confidence.values()) == sum(found.known.values()) == 45
    assert found.terms["dashboards"] == 9


def test_progress_is_told_stage_by_stage(
    data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    told: list[str] = []
    train_from_files([data], tmp_path / "model", settings, progress=told.append)
    terms = sum(load_card(tmp_path / "model")["training"]["terms"].values())
    assert told == [
        "reading",
        "looking for near-copies among 45 postings",
        "terms of 45 postings",
        f"5 folds over {terms} terms",
        "the whole",
        "comparing with the current model",
    ]


# --- what is refused -----------------------------------------------------------------------------


def refusal(paths: list[str], folder: Path, settings: TrainSettings) -> str:
    """Why training is refused; nothing is left behind."""
    before = sorted(folder.parent.iterdir())
    with pytest.raises(FormatError) as caught:
        train_from_files(paths, folder, settings)
    assert sorted(folder.parent.iterdir()) == before
    return str(caught.value)


def test_a_role_without_a_posting_is_refused(
    data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    missing = "'ai-engineer', 'machine-learning-engineer', 'ml-software-engineer', 'other'"
    assert refusal([data], tmp_path / "model", replace(settings, roles=None)) == (
        f"no posting for {missing}; label some, or leave such a role out of the roles file"
    )


def test_files_without_any_label_are_refused(settings: TrainSettings, tmp_path: Path) -> None:
    empty = str(write(tmp_path / "labels.jsonl"))
    message = "training needs two roles at least; found: none"
    assert refusal([empty], tmp_path / "model", settings) == message


def test_contradicting_copies_are_refused_or_left_out(
    labelled: Labelled, settings: TrainSettings, tmp_path: Path
) -> None:
    rows = as_rows(labelled)
    path = write(tmp_path / "labels.jsonl", *rows, {**rows[0], "primary": "nlp-engineer"})
    assert refusal([str(path)], tmp_path / "model", settings) == (
        f"{path}:1 says 'bi-data-analyst', its near-copy {path}:46 'nlp-engineer'; "
        "correct them, or leave them out with --drop-contradictions"
    )
    dropping = replace(settings, is_dropping=True)
    lines = train_from_files([str(path)], tmp_path / "model", dropping)
    assert lines[0] == "44 labelled postings, 0 of them near-copies, 2 left out that contradict"


@pytest.mark.xfail(strict=True, reason="the message names the text's place, not the label's")
def test_contradicting_labels_are_told_by_the_place_of_the_label(
    labelled: Labelled, settings: TrainSettings, tmp_path: Path
) -> None:
    rows = [*as_rows(labelled), {**as_rows(labelled)[0], "id": "copy"}]
    corpus = write(tmp_path / "corpus.jsonl", *({**row, "primary": None} for row in rows))
    marks = [{"id": row["id"], "role": row["primary"]} for row in rows]
    marks[-1]["role"] = "nlp-engineer"
    path = write(tmp_path / "labels.jsonl", *reversed(marks))
    given = replace(settings, corpus=(str(corpus),))
    message = refusal([str(path)], tmp_path / "model", given)
    assert message.startswith(f"{path}:1 says 'nlp-engineer', its near-copy {path}:46 ")


# --- roles of one's own --------------------------------------------------------------------------


def test_roles_of_our_own_are_answered_by_name(
    trades: tuple[str, Path], tiny_model: Path, tmp_path: Path
) -> None:
    path, roles = trades
    settings = TrainSettings(roles=roles, min_employers=1, current=tiny_model)
    train_from_files([path], tmp_path / "model", settings)
    loaded = load_model(tmp_path / "model")
    asked = [Posting("1", "We knead dough and bake bread"), Posting("2", "Roses in a vase")]
    assert [(role.id, role.name) for role in loaded.predict(asked)] == [
        ("baker", "Baker of Bread"),
        ("florist", "Florist"),
    ]
    assert "Baker of Bread" in (tmp_path / "model" / "evaluation.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("id = 'a'\nname = 'A'\n[[roles]]\nid = 'a'\nname = 'B'", "role 'a' stands there twice"),
        ("id = 'a'\nname = 'A'\ncolour = 'red'", "roles.0.colour: Unexpected keyword argument"),
        ("id = 'a'", "roles.0.name: Field required"),
        ("id = 5\nname = 'A'", "roles.0.id: Input should be a valid string"),
    ],
)
def test_a_roles_file_that_is_wrong_is_refused(
    data: str, settings: TrainSettings, tmp_path: Path, text: str, reason: str
) -> None:
    path = tmp_path / "roles.toml"
    path.write_text(f"[[roles]]\n{text}\n")
    with pytest.raises(VocabularyError) as caught:
        train_from_files([data], tmp_path / "model", replace(settings, roles=path))
    assert str(caught.value) == f"{path}: {reason}"


def test_a_roles_file_without_roles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "roles.toml").write_text("title = 'mine'\n")
    with pytest.raises(VocabularyError) as caught:
        load_roles(tmp_path / "roles.toml")
    assert str(caught.value) == f"{tmp_path / 'roles.toml'}: holds no [[roles]]"


# --- beside the current model --------------------------------------------------------------------


def test_postings_that_the_current_model_has_seen_are_not_compared(
    labelled: Labelled, settings: TrainSettings, tmp_path: Path
) -> None:
    rows = as_rows(labelled)
    fresh = [{**row, "text": "Every day anew. " + row["text"], "company": "x"} for row in rows[:9]]
    path = write(tmp_path / "labels.jsonl", *rows, *fresh)
    train_from_files([str(path)], tmp_path / "model", settings)
    assert load_card(tmp_path / "model")["comparison"]["postings"] == 9


@pytest.mark.xfail(strict=True, reason="any ModelError is taken for a model of an older version")
def test_a_current_model_that_is_not_there_is_told(
    data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    """A slip of the pen in --current must not look like a comparison that came out undecided."""
    with pytest.raises(ModelError):
        train_from_files(
            [data], tmp_path / "model", replace(settings, current=tmp_path / "no-model")
        )


@pytest.mark.xfail(strict=True, reason="a model cannot be right on a role that it does not know")
def test_models_without_a_role_in_common_are_not_compared(
    trades: tuple[str, Path], tiny_model: Path, tmp_path: Path
) -> None:
    """Whatever its worth, the new model would be called better, and promoted."""
    path, roles = trades
    settings = TrainSettings(roles=roles, min_employers=1, current=tiny_model)
    train_from_files([path], tmp_path / "model", settings)
    assert load_card(tmp_path / "model")["comparison"]["verdict"] == "undecided"


# --- promotion -----------------------------------------------------------------------------------


def test_a_model_replaces_another_as_a_whole(
    tiny_model: Path, trades: tuple[str, Path], tmp_path: Path
) -> None:
    path, roles = trades
    settings = TrainSettings(roles=roles, min_employers=1, current=tiny_model)
    train_from_files([path], tmp_path / "model", settings)
    place = Path(shutil.copytree(tiny_model, tmp_path / "models" / "default"))
    (place / "left-over.txt").write_text("x")
    promote(tmp_path / "model", place)
    assert contents(place) == contents(tmp_path / "model")
    assert [path.name for path in place.parent.iterdir()] == ["default"]


def test_an_unsound_model_replaces_nothing(tiny_model: Path, tmp_path: Path) -> None:
    place = Path(shutil.copytree(tiny_model, tmp_path / "models" / "default"))
    spoilt = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    (spoilt / "weights.npz").unlink()
    with pytest.raises(ModelError) as caught:
        promote(spoilt, place)
    assert str(caught.value) == f"{spoilt / 'weights.npz'}: is missing; copy the whole model folder"
    assert contents(place) == contents(tiny_model)


def test_a_place_without_a_model_is_told(tiny_model: Path, tmp_path: Path) -> None:
    place = tmp_path / "default"
    with pytest.raises(ModelError) as caught:
        promote(tiny_model, place)
    assert str(caught.value) == f"{place}: cannot be replaced: No such file or directory"
    assert list(tmp_path.iterdir()) == []


def test_a_promotion_that_fails_half_way_leaves_the_older_model(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Path(shutil.copytree(tiny_model, tmp_path / "default"))
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(13, "Permission denied")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ModelError):
        promote(tiny_model, place)
    assert place.is_dir()


@pytest.mark.parametrize("verdict", ["better", "undecided"])
def test_a_model_that_is_not_worse_is_promoted(
    in_use: Path,
    tiny_model: Path,
    data: str,
    settings: TrainSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    verdict: str,
) -> None:
    figures = load_card(tiny_model)["cross_validation"]
    found = {**WORSE, "verdict": verdict, "current": figures, "candidate": figures}
    monkeypatch.setattr(retraining, "compare_roles", lambda *_: found)
    given = replace(settings, current=None, is_promoting=True)
    lines = train_from_files([data], tmp_path / "model", given)
    assert lines[-1] == f"promoted to {in_use}"
    assert contents(in_use) == contents(tmp_path / "model") != contents(tiny_model)


def refused_promotion(data: str, folder: Path, settings: TrainSettings) -> str:
    with pytest.raises(ModelError) as caught:
        train_from_files([data], folder, replace(settings, is_promoting=True))
    return str(caught.value)


def test_a_worse_model_is_not_promoted(
    in_use: Path,
    tiny_model: Path,
    data: str,
    settings: TrainSettings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figures = load_card(tiny_model)["cross_validation"]
    worse = {**WORSE, "current": figures, "candidate": figures}
    monkeypatch.setattr(retraining, "compare_roles", lambda *_: worse)
    message = refused_promotion(data, tmp_path / "model", replace(settings, current=None))
    assert message == f"{tmp_path / 'model'}: is not promoted: {TOLD_WORSE}"
    assert contents(in_use) == contents(tiny_model)


def test_a_model_that_cannot_be_compared_is_not_promoted(
    in_use: Path, tiny_model: Path, data: str, settings: TrainSettings, tmp_path: Path
) -> None:
    message = refused_promotion(data, tmp_path / "model", replace(settings, current=None))
    assert message == (
        f"{tmp_path / 'model'}: is not promoted: undecided: only 0 postings that the current "
        "model has not seen; 50 are needed"
    )
    assert contents(in_use) == contents(tiny_model)


@pytest.mark.xfail(strict=True, reason="only the model of --current is compared with")
def test_a_model_is_promoted_only_when_compared_with_the_one_it_replaces(
    in_use: Path,
    tiny_model: Path,
    trades: tuple[str, Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The model in use has seen all of the postings, so nobody can tell which is better."""
    figures = load_card(tiny_model)["cross_validation"]
    better = {**WORSE, "verdict": "better", "current": figures, "candidate": figures}
    compare = retraining.compare_roles
    monkeypatch.setattr(
        retraining, "compare_roles", lambda *given: better if given[0] else compare(*given)
    )
    path, roles = trades
    given = TrainSettings(roles=roles, min_employers=1, current=tiny_model)
    train_from_files([path], tmp_path / "first", given)
    promote(tmp_path / "first", in_use)
    with pytest.raises(ModelError):
        train_from_files([path], tmp_path / "second", replace(given, is_promoting=True))


# --- ablations -----------------------------------------------------------------------------------

VARIANTS = [
    "single words only",
    "title at full weight",
    "title hardly weighted",
    "never without its title",
    "only the first role of a label",
    "rare roles not weighted up",
    "a quarter of the strength C",
    "parts on firm, benefits, law read too",
]


def test_each_variant_is_trained_with_one_thing_changed(
    tiny: TrainedRoles, labelled: Labelled, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[RolesConfig] = []

    def note(_: object, *, config: RolesConfig, jobs: int) -> TrainedRoles:
        asked.append(config)
        return tiny

    monkeypatch.setattr(ablation, "train_roles", note)
    told: list[str] = []
    whole = RolesConfig()
    found = ablation.ablate(labelled, whole, told.append, 1)
    assert list(found) == VARIANTS
    assert told == [f"ablation: {name}" for name in VARIANTS]
    assert asked == [
        replace(whole, max_words=(1, 1)),
        replace(whole, title_weight=1.0),
        replace(whole, title_weight=0.1),
        replace(whole, untitled_weight=0.0),
        replace(whole, also_share=0.0),
        replace(whole, balance=0.0),
        replace(whole, strength=10.0),
        replace(whole, reads_all=True),
    ]
    keys = ("accuracy", "accepted", "macro_f1", "ece", "log_loss", "sure80")
    row = {**{key: tiny.figures[key] for key in keys}, "untitled": tiny.untitled["accuracy"]}
    assert found[VARIANTS[0]] == row


def test_ablations_stand_in_the_cards(data: str, settings: TrainSettings, tmp_path: Path) -> None:
    train_from_files([data], tmp_path / "model", replace(settings, has_ablations=True))
    card, page = load_card(tmp_path / "model"), (tmp_path / "model" / "CARD.md").read_text("utf-8")
    assert list(card["ablations"]) == VARIANTS
    row = card["ablations"]["single words only"]
    assert f"| single words only | {row['accuracy']} | {row['accepted']} | " in page


def test_a_role_its_reader_accepts_besides_is_learnt_too(labelled: Labelled) -> None:
    """Without a share for the other roles, no posting speaks for a role that was only accepted."""
    also = [
        replace(one, also=("nlp-engineer",)) if one.role == "data-scientist" else one
        for one in labelled
    ]
    config = RolesConfig(min_employers=1, also_share=0.4)
    shared = train_roles(also, config=config, folds=3)
    alone = train_roles(also, config=replace(config, also_share=0.0), folds=3)

    def given(trained: TrainedRoles) -> float:
        rows = [a for a in trained.answers if a.primary == "data-scientist"]
        return sum(dict(row.scores)["nlp-engineer"] for row in rows) / len(rows)

    assert given(alone) < 0.001
    assert given(shared) > 0.01
