"""A saved model is a folder of data: loading it runs nothing that the folder holds.

`card.json` says what it is and holds the digest of every other file, `terms.json` the terms,
`weights.npz` the numbers (read with `allow_pickle=False`), `CARD.md` the card for people.
"""

from __future__ import annotations

import hashlib
import json
import math
import shutil
import tempfile
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.roles import FIELDS, RoleClassifier, RolesConfig
from extractor.scoring import RoleWeights
from extractor.words import load_roles

FORMAT = 1
_FILES = ("terms.json", "weights.npz")
_MAX_FILE = 200 * 1024 * 1024  # bytes; the shipped model has 3 MB
_MAX_TERMS = 2_000_000
_MAX_WORDS = 6  # in a term
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


def default_model() -> Path:
    """The bundled model: inside the package when installed, in `models/` of a checkout."""
    package = Path(__file__).parent
    for folder in (package / "models" / "default", package.parent / "models" / "default"):
        if (folder / "card.json").is_file():
            return folder
    raise ModelError("no bundled model; install the package again", path=package / "models")


def save_model(
    weights: RoleWeights, config: RolesConfig, folder: Path, card: dict[str, Any], text: str
) -> None:
    """Write the model folder as a whole: into a temporary folder beside it, then renamed.

    `card` is what training says of the model, `text` the same for people (Markdown).
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
        _write_weights(weights, fresh)
        files = {name: _digest(fresh / name) for name in _FILES}
        whole = {"format": FORMAT, "config": asdict(config), "files": files, **card}
        (fresh / "card.json").write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
        (fresh / "CARD.md").write_text(text, encoding="utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        fresh.rename(folder)
    except OSError as error:
        raise ModelError(f"cannot be written: {error.strerror}", path=folder) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _write_weights(weights: RoleWeights, folder: Path) -> None:
    terms: dict[str, Any] = {"roles": list(weights.roles)}
    arrays = {"coefficients": weights.coefficients, "intercepts": weights.intercepts}
    for field, words, idf in zip(weights.fields, weights.terms, weights.idf):
        terms[field] = words
        arrays[f"idf_{field}"] = idf
    (folder / "terms.json").write_text(
        json.dumps(terms, ensure_ascii=False) + "\n", encoding="utf-8"
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


def load_model(folder: Path) -> RoleClassifier:
    """The role classifier of a model folder, every file checked before it is used.

    Raises:
        ModelError: with the file and what is wrong with it.
    """
    card = load_card(folder)
    for name in _FILES:
        _check_file(folder / name, card)
    terms = _read_terms(folder / "terms.json")
    arrays = _read_arrays(folder / "weights.npz", terms)
    config = _read_config(card, folder / "card.json")
    _check_terms(terms, config, folder / "terms.json")
    weights = RoleWeights(
        roles=tuple(terms["roles"]),
        fields=FIELDS,
        terms=tuple(terms[field] for field in FIELDS),
        idf=tuple(arrays[f"idf_{field}"] for field in FIELDS),
        field_weights=(config.title_weight, 1.0),
        coefficients=arrays["coefficients"],
        intercepts=arrays["intercepts"],
    )
    return RoleClassifier(weights, config, load_roles())


def _read_config(card: dict[str, Any], path: Path) -> RolesConfig:
    """The config of a card, every value of the kind and size that training gives it."""
    try:
        raw = card["config"]
        config = RolesConfig(**{**raw, "max_words": tuple(raw["max_words"])})
    except (KeyError, TypeError) as error:
        raise ModelError(f"config: {error}", path=path) from error
    words = config.max_words
    if len(words) != len(FIELDS) or not all(
        isinstance(n, int) and 0 < n < _MAX_WORDS for n in words
    ):
        message = (
            f"config: max_words is {list(words)!r}, not two numbers from 1 to {_MAX_WORDS - 1}"
        )
        raise ModelError(message, path=path)
    for key in ("title_weight", "strength", "min_employers", "max_terms"):
        value = getattr(config, key)
        if not isinstance(value, (int, float)) or not 0 < value < math.inf:
            raise ModelError(f"config: {key} is {value!r}, not a number above 0", path=path)
    return config


def _check_terms(terms: dict[str, list[str]], config: RolesConfig, path: Path) -> None:
    """Longer terms than training makes would overflow the numbers by which they are looked up."""
    for field, most in zip(FIELDS, config.max_words):
        for term in terms[field]:
            if not 0 < len(term.split()) <= most:
                message = f"{field!r} holds {term!r}, not one to {most} words"
                raise ModelError(message, path=path)


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


def _read_terms(path: Path) -> dict[str, list[str]]:
    try:
        terms = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise ModelError(f"is not JSON: {error}", path=path) from error
    for key in (*FIELDS, "roles"):
        words = terms.get(key) if isinstance(terms, dict) else None
        if not isinstance(words, list) or not _are_terms(words):
            raise ModelError(f"{key!r} is not a list of different words", path=path)
    checked: dict[str, list[str]] = terms
    return checked


def _are_terms(words: list[Any]) -> bool:
    is_text = all(isinstance(word, str) for word in words)
    return is_text and 0 < len(words) <= _MAX_TERMS and len(set(words)) == len(words)


def _read_arrays(path: Path, terms: dict[str, list[str]]) -> dict[str, NDArray[np.float32]]:
    roles, wide = len(terms["roles"]), len(terms["title"]) + len(terms["description"])
    shapes: dict[str, tuple[int, ...]] = {f"idf_{field}": (len(terms[field]),) for field in FIELDS}
    shapes |= {"coefficients": (roles, wide), "intercepts": (roles,)}
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
                if array.dtype != np.float32:
                    raise ModelError(f"{name} does not hold numbers of 32 bits", path=path)
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
