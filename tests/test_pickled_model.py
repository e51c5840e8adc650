"""A joblib pickle is opened only when that is allowed, and is then the same model."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import joblib
import pytest

from extractor.analyzer import Analyzer
from extractor.errors import ModelError
from extractor.records import Posting
from extractor.role_store import load_model

WHY_NOT = (
    "is a pickle: opening it runs whatever code its maker put there; train the model again into a "
    "folder, or pass --allow-pickle if you made the file yourself"
)


class Harmful:
    """Makes a folder when unpickled, as somebody with bad intent would do worse."""

    def __init__(self, path: Path):
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def refusal(path: Path, *, allow_pickle: bool) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(path, allow_pickle=allow_pickle)
    return str(caught.value).removeprefix(f"{path}: ")


@pytest.mark.parametrize("suffix", [".joblib", ".pickle", ".pkl"])
def test_a_pickle_is_refused_unopened_with_the_reason(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"model{suffix}"
    path.write_bytes(pickle.dumps(Harmful(tmp_path / "opened")))
    assert refusal(path, allow_pickle=False) == WHY_NOT
    assert not (tmp_path / "opened").exists()


def test_an_allowed_pickle_answers_as_the_folder_does(tiny_model: Path, tmp_path: Path) -> None:
    folder = load_model(tiny_model)
    path = tmp_path / "model.joblib"
    joblib.dump(folder.pipeline, path)
    posting = Posting("1", "You tune tokenizers and dashboards.", "Engineer")
    (pickled,) = load_model(path, allow_pickle=True).predict([posting])
    (whole,) = folder.predict([posting])
    assert (pickled.id, pickled.name) == (whole.id, whole.name)
    assert dict(pickled.scores) == pytest.approx(dict(whole.scores), abs=1e-5)


def test_the_analyzer_passes_the_permission_on(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(load_model(tiny_model).pipeline, path)
    analyzer = Analyzer.load(path, parts=("role",), allow_pickle=True)
    role = analyzer.analyze("You tune tokenizers.", title="NLP Engineer").role
    assert role is not None
    assert role.id == "nlp-engineer"
    with pytest.raises(ModelError):
        Analyzer.load(path, parts=("role",))


@pytest.mark.parametrize("content", [b"", b"no pickle at all", b"\x80\x05."])
def test_what_is_no_pickle_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(content)
    assert refusal(path, allow_pickle=True).startswith("is no pickle that can be opened: ")


def test_the_pickle_of_something_else_is_told(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump({"a": 1}, path)
    assert refusal(path, allow_pickle=True) == "holds a dict, not the pipeline of a role model"
