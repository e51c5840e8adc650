"""A tagger's folder: it comes back as it was saved, and nothing but a sound one is loaded."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from extractor.discovery import SkillTagger
from extractor.errors import ModelError
from extractor.role_store import load_model
from extractor.store import FORMAT, load_card
from extractor.tagger_store import default_tagger, load_tagger, read_tagger, save_tagger
from extractor.vocabulary import Vocabulary
from tests.test_skill_training import MARKED, TINY_VOCABULARY, found_by, numbers_of, tiny_tagger

CHANGED = "does not have the digest that card.json states; the file was changed or damaged"
LISTS = ("words", "sections", "prefixes", "suffixes")
TABLES = tuple(f"table_{place}" for place in range(7))
LAYERS = ("layer_0", "layer_bias_0", "layer_1", "layer_bias_1")
ARRAYS = (*TABLES, *LAYERS, "bias", "output", "output_bias")
WIDTH, SCORES = 16, 8  # of the tiny tagger; three labels and five kinds


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the tiny tagger. Copy it before changing anything."""
    folder = tmp_path_factory.mktemp("models") / "tagger"
    trained = tiny_tagger()
    save_tagger(trained.weights, trained.terms, folder, {"training": {"data": ["x"]}}, "# Tiny\n")
    return folder


@pytest.fixture
def model(saved: Path, tmp_path: Path) -> Path:
    """A copy of the tiny tagger, to be spoilt."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def refusal(folder: Path) -> str:
    """The message with which a folder is refused, without the folder itself."""
    with pytest.raises(ModelError) as caught:
        load_tagger(folder, TINY_VOCABULARY)
    return str(caught.value).removeprefix(f"{folder}/")


def edit_card(folder: Path, **values: Any) -> None:
    """Change keys of the card; None leaves one out."""
    path = folder / "card.json"
    card = {**json.loads(path.read_text()), **values}
    path.write_text(json.dumps({key: value for key, value in card.items() if value is not None}))


def put(folder: Path, name: str, content: bytes) -> None:
    """Write a file and state its digest in the card, as somebody with bad intent would."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / "card.json").read_text())["files"]
    edit_card(folder, files={**files, name: hashlib.sha256(content).hexdigest()})


def put_terms(folder: Path, **values: Any) -> None:
    terms = json.loads((folder / "terms.json").read_text(encoding="utf-8"))
    put(folder, "terms.json", json.dumps({**terms, **values}).encode())


def arrays_of(folder: Path) -> dict[str, Any]:
    with np.load(folder / "weights.npz") as loaded:
        return dict(loaded)


def put_arrays(folder: Path, **values: Any) -> None:
    """Replace arrays; None leaves one out."""
    arrays = {k: v for k, v in {**arrays_of(folder), **values}.items() if v is not None}
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    put(folder, "weights.npz", stream.getvalue())


# --- what is saved comes back --------------------------------------------------------------------


def test_a_loaded_tagger_finds_what_the_one_saved_finds(saved: Path) -> None:
    texts = [one.posting.text for one in MARKED]
    texts.append(
        "You have experience with drum weaving and SQL.\nKnowledge of organ tuning is here."
    )
    trained = tiny_tagger()
    fresh = found_by(SkillTagger(trained.weights, trained.terms, TINY_VOCABULARY), *texts)
    loaded = found_by(load_tagger(saved, TINY_VOCABULARY), *texts)
    assert sum(map(len, fresh)) >= 32
    for made, read in zip(fresh, loaded):
        assert [(m.start, m.end, m.entry.id, m.entry.kind) for m in made] == [
            (m.start, m.end, m.entry.id, m.entry.kind) for m in read
        ]
        chances = [(m.confidence or 1.0, r.confidence or 1.0) for m, r in zip(made, read)]
        assert [one for one, _ in chances] == pytest.approx([r for _, r in chances], abs=0.02)


def test_numbers_come_back_rounded_to_sixteen_bits(saved: Path) -> None:
    weights, terms = read_tagger(saved)
    given = tiny_tagger()
    assert terms == given.terms
    expected, found = numbers_of(given.weights), numbers_of(weights)
    assert found.keys() == expected.keys()
    for name, values in found.items():
        assert values.dtype == np.float32
        assert np.array_equal(values, expected[name].astype(np.float16)), name


def test_saving_a_loaded_tagger_again_writes_the_same_bytes(saved: Path, tmp_path: Path) -> None:
    weights, terms = read_tagger(saved)
    save_tagger(weights, terms, tmp_path / "again", {"training": {"data": ["x"]}}, "# Tiny\n")
    names = sorted(path.name for path in saved.iterdir())
    assert names == ["CARD.md", "card.json", "terms.json", "weights.npz"]
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes(), name


def test_the_card_says_what_the_folder_holds(saved: Path) -> None:
    card = load_card(saved)
    assert (card["format"], card["kind"]) == (FORMAT, "skills")
    assert (card["width"], card["layers"]) == (WIDTH, 2)
    assert card["training"] == {"data": ["x"]}
    assert sorted(arrays_of(saved)) == sorted(ARRAYS)


def test_saving_replaces_an_older_tagger_whole(model: Path) -> None:
    (model / "left-over.json").write_text("{}")
    trained = tiny_tagger()
    save_tagger(trained.weights, trained.terms, model, {"training": "newer"}, "# Newer\n")
    assert load_card(model)["training"] == "newer"
    assert not (model / "left-over.json").exists()


def test_a_folder_that_is_no_model_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    trained = tiny_tagger()
    with pytest.raises(ModelError) as caught:
        save_tagger(trained.weights, trained.terms, tmp_path, {}, "")
    message = "holds files that are no model; name a new folder or an older model"
    assert str(caught.value) == f"{tmp_path}: {message}"
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_the_bundled_tagger_is_sound(vocabulary: Vocabulary) -> None:
    weights, terms = read_tagger(default_tagger())
    assert len(weights.bias) == load_card(default_tagger())["width"]
    assert set(terms.sections) >= {"benefits", "duties", "firm", "legal", "preferred", "required"}
    assert [word for word in terms.words if word != word.lower()] == []
    assert vocabulary.words.people & set(terms.words) == set()


# --- damaged and foreign folders -----------------------------------------------------------------


def test_a_folder_without_a_card_is_refused(tmp_path: Path) -> None:
    message = "no model here: No such file or directory; a model folder holds card.json"
    assert refusal(tmp_path) == f"card.json: {message}"


@pytest.mark.parametrize("name", ["terms.json", "weights.npz"])
def test_a_missing_file_is_refused(model: Path, name: str) -> None:
    (model / name).unlink()
    assert refusal(model) == f"{name}: is missing; copy the whole model folder"


@pytest.mark.parametrize("name", ["terms.json", "weights.npz"])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_changed_byte_is_refused(model: Path, name: str, share: float) -> None:
    content = bytearray((model / name).read_bytes())
    content[int(share * (len(content) - 1))] ^= 1
    (model / name).write_bytes(content)
    assert refusal(model) == f"{name}: {CHANGED}"


@pytest.mark.parametrize("name", ["terms.json", "weights.npz"])
def test_a_truncated_file_is_refused(model: Path, name: str) -> None:
    content = (model / name).read_bytes()
    (model / name).write_bytes(content[: len(content) // 2])
    assert refusal(model) == f"{name}: {CHANGED}"


@pytest.mark.parametrize("number", [FORMAT + 1, 0, "1", [1]])
def test_a_foreign_format_is_refused(model: Path, number: object) -> None:
    edit_card(model, format=number)
    message = f"format {number!r} cannot be read; this version reads {FORMAT}: train it again"
    assert refusal(model) == f"card.json: {message}"


def test_a_card_that_is_no_json_is_refused(model: Path) -> None:
    (model / "card.json").write_text("card")
    message = "is not JSON: Expecting value: line 1 column 1 (char 0)"
    assert refusal(model) == f"card.json: {message}"


@pytest.mark.parametrize("kind", ["roles", "Skills", None, 5, ["skills"]])
def test_a_model_of_another_kind_is_refused(model: Path, kind: object) -> None:
    edit_card(model, kind=kind)
    message = f"is a model of {kind!r}, not of 'skills'; name another folder"
    assert refusal(model) == f"card.json: {message}"


def test_a_role_model_is_no_tagger_and_a_tagger_no_role_model(
    tiny_model: Path, saved: Path
) -> None:
    message = "card.json: is a model of 'roles', not of 'skills'; name another folder"
    assert refusal(tiny_model) == message
    with pytest.raises(ModelError) as caught:
        load_model(saved)
    message = "is a model of 'skills', not of 'roles'; name another folder"
    assert str(caught.value) == f"{saved / 'card.json'}: {message}"


# --- terms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize(
    "words",
    ["words", None, [], [1, 2], ["twice", "twice"], [["a"], ["b"]], {"a": 1}],
    ids=["text", "null", "empty", "numbers", "twice", "lists", "object"],
)
def test_terms_that_are_no_list_of_different_words_are_refused(
    model: Path, key: str, words: object
) -> None:
    put_terms(model, **{key: words})
    assert refusal(model) == f"terms.json: {key!r} is not a list of different words"


@pytest.mark.parametrize("content", [b"[]", b"5", b"{}"])
def test_terms_that_are_no_object_are_refused(model: Path, content: bytes) -> None:
    put(model, "terms.json", content)
    assert refusal(model) == "terms.json: 'words' is not a list of different words"


@pytest.mark.parametrize("key", LISTS)
def test_more_terms_than_numbers_are_refused(model: Path, key: str) -> None:
    table = {"words": 0, "sections": 4, "prefixes": 5, "suffixes": 6}[key]
    terms = json.loads((model / "terms.json").read_text(encoding="utf-8"))
    put_terms(model, **{key: [*terms[key], "one-more"]})
    rows = len(arrays_of(model)[f"table_{table}"])
    shapes = f"({rows}, {WIDTH}), not ({rows + 1}, {WIDTH})"
    assert refusal(model) == f"weights.npz: table_{table} has the shape {shapes}"


# --- width and layers ----------------------------------------------------------------------------


@pytest.mark.parametrize(("key", "most"), [("width", 1_024), ("layers", 12)])
@pytest.mark.parametrize(
    "value", [0, -1, 1_025, 10**30, 2.0, "16", True, [16], {}, float("inf")], ids=repr
)
def test_an_absurd_size_is_refused(model: Path, key: str, most: int, value: object) -> None:
    """Shapes are made from it, so it must not be believed."""
    edit_card(model, **{key: value})
    message = f"{key} is {value!r}, not a whole number from 1 to {most}"
    assert refusal(model) == f"card.json: {message}"


@pytest.mark.parametrize(("key", "most"), [("width", 1_024), ("layers", 12)])
def test_a_size_that_is_missing_is_refused(model: Path, key: str, most: int) -> None:
    edit_card(model, **{key: None})
    assert refusal(model) == f"card.json: {key} is None, not a whole number from 1 to {most}"


@pytest.mark.parametrize("width", [1, WIDTH - 1, WIDTH + 1, 1_024])
def test_a_width_that_the_numbers_do_not_have_is_refused(model: Path, width: int) -> None:
    edit_card(model, width=width)
    rows = len(arrays_of(model)["table_0"])
    shapes = f"({rows}, {WIDTH}), not ({rows}, {width})"
    assert refusal(model) == f"weights.npz: table_0 has the shape {shapes}"


def test_more_layers_than_there_are_are_refused(model: Path) -> None:
    edit_card(model, layers=3)
    message = "cannot be read: 'layer_2 is not a file in the archive'"
    assert refusal(model) == f"weights.npz: {message}"


def test_layers_beyond_those_stated_are_never_read(model: Path) -> None:
    put_arrays(model, layer_2=np.zeros(3), anything=np.array(["x"]))
    weights, _ = read_tagger(model)
    assert len(weights.layers) == 2


# --- numbers -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_that_is_missing_is_refused(model: Path, name: str) -> None:
    put_arrays(model, **{name: None})
    message = f"cannot be read: '{name} is not a file in the archive'"
    assert refusal(model) == f"weights.npz: {message}"


CHANGES: dict[str, Callable[[Any], Any]] = {
    "shorter": lambda a: a[:-1],
    "deeper": lambda a: a[..., None],
    "empty": lambda a: a[:0],
    "flat": np.ravel,
    "turned": np.transpose,
}


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (name, change)
        for name in ARRAYS
        for change in CHANGES
        if "bias" not in name or change not in ("flat", "turned")  # a bias is flat already
    ],
)
def test_an_array_of_another_shape_is_refused(model: Path, name: str, change: str) -> None:
    array = arrays_of(model)[name]
    changed = CHANGES[change](array)
    put_arrays(model, **{name: changed})
    message = f"{name} has the shape {changed.shape}, not {array.shape}"
    assert refusal(model) == f"weights.npz: {message}"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ARRAYS)
def test_numbers_that_are_not_finite_are_refused(model: Path, name: str, value: float) -> None:
    array = arrays_of(model)[name]
    array.flat[-1] = value
    put_arrays(model, **{name: array})
    assert refusal(model) == "weights.npz: holds numbers that are not finite"


@pytest.mark.parametrize(
    "dtype", ["f4", "f8", ">f2", "i2", "?", "c8", "U3", "S3", "m8[s]", "f2,f2"]
)
@pytest.mark.parametrize("name", ["table_0", "output_bias"])
def test_numbers_of_another_kind_are_refused(model: Path, name: str, dtype: str) -> None:
    array = arrays_of(model)[name]
    put_arrays(model, **{name: np.zeros(array.shape, dtype=dtype)})
    assert refusal(model) == f"weights.npz: {name} does not hold numbers of 16 bits"


@pytest.mark.parametrize("content", [b"", b"weights", pickle.dumps([1, 2])])
def test_what_is_no_archive_is_refused(model: Path, content: bytes) -> None:
    put(model, "weights.npz", content)
    assert refusal(model) == "weights.npz: cannot be read: File is not a zip file"


def test_a_huge_array_is_refused_before_it_takes_memory(model: Path) -> None:
    stream = io.BytesIO()
    header = {"descr": "<f2", "fortran_order": False, "shape": (10**13, WIDTH)}
    np.lib.format.write_array_header_1_0(stream, header)
    put(model, "weights.npz", member("table_0.npy", stream.getvalue()))
    assert refusal(model).startswith("weights.npz: cannot be read: ")


def test_an_archive_that_unpacks_to_very_much_is_refused(model: Path) -> None:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("bomb.npy", "w") as part,
    ):
        for _ in range(201):
            part.write(bytes(1024 * 1024))
    put(model, "weights.npz", stream.getvalue())
    assert refusal(model) == "weights.npz: unpacks to more than 209715200 bytes"


def member(name: str, content: bytes) -> bytes:
    """An archive of one file."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, content)
    return stream.getvalue()


# --- nothing runs --------------------------------------------------------------------------------


class Malicious:
    """Unpickling it makes a folder: the mark by which a test knows that code ran."""

    def __init__(self, mark: Path):
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_the_malicious_pickle_of_these_tests_does_run_when_unpickled(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Malicious(tmp_path / "mark")))
    assert (tmp_path / "mark").is_dir()


@pytest.mark.parametrize("name", ARRAYS)
def test_an_object_pickled_inside_the_archive_runs_nothing(
    model: Path, tmp_path: Path, name: str
) -> None:
    put_arrays(model, **{name: np.array([Malicious(tmp_path / "mark")], dtype=object)})
    message = "Object arrays cannot be loaded when allow_pickle=False"
    assert refusal(model) == f"weights.npz: cannot be read: {message}"
    assert not (tmp_path / "mark").exists()


def test_a_bare_pickle_inside_the_archive_runs_nothing(model: Path, tmp_path: Path) -> None:
    evil = pickle.dumps(Malicious(tmp_path / "mark"))
    put(model, "weights.npz", member("table_0.npy", evil))
    assert refusal(model).startswith("weights.npz: cannot be read: ")
    assert not (tmp_path / "mark").exists()


def test_a_pickle_in_place_of_the_weights_runs_nothing(model: Path, tmp_path: Path) -> None:
    put(model, "weights.npz", pickle.dumps(Malicious(tmp_path / "mark")))
    assert refusal(model) == "weights.npz: cannot be read: File is not a zip file"
    assert not (tmp_path / "mark").exists()


def test_other_files_in_the_folder_are_never_opened(model: Path, tmp_path: Path) -> None:
    evil = pickle.dumps(Malicious(tmp_path / "mark"))
    for name in ("model.pkl", "weights.npy", "tagger.joblib", "terms.pkl"):
        (model / name).write_bytes(evil)
    assert read_tagger(model)[1] == tiny_tagger().terms
    assert not (tmp_path / "mark").exists()
