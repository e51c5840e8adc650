"""A saved model is a folder of data: loading it runs nothing that the folder holds.

`card.json` says what it is and holds the digest of every other file, `terms.json` the terms,
`weights.npz` the numbers (read with `allow_pickle=False`), `CARD.md` the card for people.
What the terms and numbers of each kind of model must be, its own store knows.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError

FORMAT = 1
Terms = dict[str, list[str]]
_FILES = ("terms.json", "weights.npz")
_MAX_FILE = 200 * 1024 * 1024  # bytes; the shipped models have 3 and 4 MB
_MAX_TERMS = 2_000_000
# What zipfile, zlib and NumPy raise over a file that somebody spoilt.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    EOFError,
    MemoryError,
    RuntimeError,
    NotImplementedError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)


def bundled_model(name: str) -> Path:
    """A bundled model: inside the package when installed, in `models/` of a checkout."""
    package = Path(__file__).parent
    for folder in (package / "models" / name, package.parent / "models" / name):
        if (folder / "card.json").is_file():
            return folder
    raise ModelError("no bundled model; install the package again", path=package / "models" / name)


def save_folder(
    folder: Path,
    terms: Mapping[str, Sequence[str]],
    arrays: Mapping[str, NDArray[Any]],
    card: Mapping[str, Any],
    pages: Mapping[str, str],
) -> None:
    """Write the model folder as a whole: into a temporary folder beside it, then renamed.

    `card` says what kind of model it is and what training says of it, `pages` the same for people:
    file names and their texts, "CARD.md" among them.
    """
    if folder.is_dir() and any(folder.iterdir()) and not (folder / "card.json").is_file():
        message = "holds files that are no model; name a new folder or an older model"
        raise ModelError(message, path=folder)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    except OSError as error:
        raise ModelError(f"cannot be written: {error.strerror}", path=folder) from error
    try:
        fresh.chmod(0o755)
        _write_weights(terms, arrays, fresh)
        files = {name: _digest(fresh / name) for name in _FILES}
        whole = {"format": FORMAT, "files": files, **card}
        (fresh / "card.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        for name, text in pages.items():
            (fresh / name).write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    except OSError as error:
        raise ModelError(f"cannot be written: {error.strerror}", path=folder) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_weights(
    terms: Mapping[str, Sequence[str]], arrays: Mapping[str, NDArray[Any]], folder: Path
) -> None:
    listed = {key: list(words) for key, words in terms.items()}
    (folder / "terms.json").write_text(
        json.dumps(listed, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    with zipfile.ZipFile(folder / "weights.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        for name, values in arrays.items():  # a fixed date in the zip: same input, same bytes
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w") as member:
                np.lib.format.write_array(member, values, allow_pickle=False)


def load_card(folder: Path) -> dict[str, Any]:
    """The model's card, its format version checked.

    Raises:
        ModelError: no card, not JSON, or another format version.
    """
    path = folder / "card.json"
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"no model here: {error.strerror}; a model folder holds card.json"
        raise ModelError(message, path=path) from error
    except (ValueError, RecursionError) as error:
        raise ModelError(f"is not JSON: {error}", path=path) from error
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        found = card.get("format") if isinstance(card, dict) else None
        message = f"format {found!r} cannot be read; this version reads {FORMAT}: train it again"
        raise ModelError(message, path=path)
    return card


def open_folder(folder: Path, kind: str, lists: Sequence[str]) -> tuple[dict[str, Any], Terms]:
    """The card and the term lists of a model of that kind, every file's digest checked.

    Raises:
        ModelError: with the file and what is wrong with it.
    """
    card = load_card(folder)
    found = card.get("kind")
    if found != kind:
        message = f"is a model of {found!r}, not of {kind!r}; name another folder"
        raise ModelError(message, path=folder / "card.json")
    for name in _FILES:
        _check_file(folder / name, card)
    return card, _read_terms(folder / "terms.json", lists)


def _check_file(path: Path, card: dict[str, Any]) -> None:
    files = card.get("files")
    expected = files.get(path.name) if isinstance(files, dict) else None
    if not path.is_file():
        raise ModelError("is missing; copy the whole model folder", path=path)
    if path.stat().st_size > _MAX_FILE:
        raise ModelError(f"is larger than {_MAX_FILE} bytes", path=path)
    if _digest(path) != expected:
        message = "does not have the digest that card.json states; the file was changed or damaged"
        raise ModelError(message, path=path)


def _read_terms(path: Path, lists: Sequence[str]) -> Terms:
    try:
        terms = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"is not JSON: {error}", path=path) from error
    for key in lists:
        words = terms.get(key) if isinstance(terms, dict) else None
        if not isinstance(words, list) or not _are_terms(words):
            raise ModelError(f"{key!r} is not a list of different words", path=path)
    checked: Terms = terms
    return checked


def _are_terms(words: list[Any]) -> bool:
    is_text = all(isinstance(word, str) for word in words)
    return is_text and 0 < len(words) <= _MAX_TERMS and len(set(words)) == len(words)


def read_arrays(
    path: Path, shapes: Mapping[str, tuple[int, ...]], dtype: type[np.floating[Any]]
) -> dict[str, NDArray[Any]]:
    """The arrays of these names and shapes, all numbers finite.

    Raises:
        ModelError: with what is wrong with the file.
    """
    bits = np.dtype(dtype).itemsize * 8
    arrays = {}
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MAX_FILE:
                raise ModelError(f"unpacks to more than {_MAX_FILE} bytes", path=path)
        with np.load(path, allow_pickle=False) as loaded:
            for name, shape in shapes.items():
                array = loaded[name]
                if not isinstance(array, np.ndarray):
                    raise ValueError(f"{name} is no array")
                if array.dtype != dtype:
                    raise ModelError(f"{name} does not hold numbers of {bits} bits", path=path)
                if array.shape != shape:
                    message = f"{name} has the shape {array.shape}, not {shape}"
                    raise ModelError(message, path=path)
                arrays[name] = array
    except _UNREADABLE as error:
        raise ModelError(f"cannot be read: {error}", path=path) from error
    if not all(np.isfinite(values).all() for values in arrays.values()):
        raise ModelError("holds numbers that are not finite", path=path)
    return arrays


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
