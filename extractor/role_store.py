"""A role model as a folder of data, written and read with every value checked."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from extractor.batch_profile import BatchProfile
from extractor.doubt import DoubtRules
from extractor.errors import ModelError
from extractor.pickled_model import SUFFIXES, load_pickled
from extractor.records import RoleEntry
from extractor.role_classifier import RoleClassifier
from extractor.roles import FIELDS, RolesConfig
from extractor.scoring import RoleWeights
from extractor.store import Terms, bundled_model, open_folder, read_arrays, save_folder

KIND = "roles"
_MAX_WORDS = 6  # in a term


def default_model() -> Path:
    """The folder of the bundled role model."""
    return bundled_model("default")


def save_model(
    classifier: RoleClassifier,
    folder: Path,
    card: Mapping[str, Any],
    pages: Mapping[str, str],
    *,
    seen: Iterable[str],
) -> None:
    """Write the model folder as a whole; `card` is what training says of the model, `pages` the
    same for people, `seen` the digests of the texts that it was trained on."""
    weights = classifier.weights
    terms: Terms = {"roles": list(weights.roles)}
    terms |= dict(zip(weights.fields, weights.terms))
    terms["seen"] = sorted(set(seen))
    arrays = {"coefficients": weights.coefficients, "intercepts": weights.intercepts}
    arrays |= {f"idf_{field}": idf for field, idf in zip(weights.fields, weights.idf)}
    whole = {
        "kind": KIND,
        "roles": [_entry(entry) for entry in classifier.entries],
        "config": asdict(classifier.config),
        "doubt": asdict(classifier.doubt),
        **card,
    }
    save_folder(folder, terms, arrays, whole, pages)


def _entry(entry: RoleEntry) -> dict[str, str]:
    return {key: value for key, value in asdict(entry).items() if value is not None}


def load_model(folder: Path, *, allow_pickle: bool = False) -> RoleClassifier:
    """The role classifier of a model folder, every file checked before it is used; or that of a
    joblib pickle, where that is allowed: see `load_pickled`.

    Raises:
        ModelError: with the file and what is wrong with it.
    """
    if folder.suffix in SUFFIXES and folder.is_file():
        return load_pickled(folder, is_allowed=allow_pickle)
    card, terms = open_folder(folder, KIND, (*FIELDS, "roles"))
    roles, wide = len(terms["roles"]), sum(len(terms[field]) for field in FIELDS)
    shapes: dict[str, tuple[int, ...]] = {f"idf_{field}": (len(terms[field]),) for field in FIELDS}
    shapes |= {"coefficients": (roles, wide), "intercepts": (roles,)}
    arrays = read_arrays(folder / "weights.npz", shapes, np.float32)
    path = folder / "card.json"
    config = _read_config(card, path)
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
    entries: tuple[RoleEntry, ...] = _of_card(card, "roles", tuple[RoleEntry, ...], path)
    doubt: DoubtRules = _of_card(card, "doubt", DoubtRules, path)
    return RoleClassifier(weights, config, entries, doubt)


def seen_texts(folder: Path) -> frozenset[str]:
    """The digests of the texts that a model was trained on.

    Raises:
        ModelError: as `load_model`.
    """
    _, terms = open_folder(folder, KIND, ("seen",))
    return frozenset(terms["seen"])


def training_profile(folder: Path) -> BatchProfile:
    """What the postings looked like that a model was trained on.

    Raises:
        ModelError: as `load_model`.
    """
    card, _ = open_folder(folder, KIND, ())
    before: BatchProfile = _of_card(card, "profile", BatchProfile, folder / "card.json")
    return before


def promote(folder: Path, place: Path) -> None:
    """Put a model in the place of another, all of it or nothing.

    Raises:
        ModelError: the model is not sound, or the place cannot be written.
    """
    load_model(folder)
    try:
        fresh = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        try:
            shutil.copytree(folder, fresh / "new")
            place.rename(fresh / "old")
            try:
                (fresh / "new").rename(place)
            except OSError:
                (fresh / "old").rename(place)
                raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    except OSError as error:
        raise ModelError(f"cannot be replaced: {error.strerror}", path=place) from error


def _of_card(card: dict[str, Any], key: str, kind: Any, path: Path) -> Any:
    try:
        return TypeAdapter(kind).validate_python(card[key])
    except (KeyError, ValidationError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "is missing"
        raise ModelError(f"{key}: {reason}", path=path) from error


def _read_config(card: dict[str, Any], path: Path) -> RolesConfig:
    """The config of a card, every value of the kind and size that training gives it."""
    config: RolesConfig = _of_card(card, "config", RolesConfig, path)
    for words in config.max_words:
        if not 0 < words < _MAX_WORDS:
            message = f"config: max_words holds {words}, not a number from 1 to {_MAX_WORDS - 1}"
            raise ModelError(message, path=path)
    for key in ("title_weight", "strength", "min_employers", "max_terms"):
        value = getattr(config, key)
        if not 0 < value < math.inf:
            raise ModelError(f"config: {key} is {value!r}, not a number above 0", path=path)
    return config


def _check_terms(terms: Terms, config: RolesConfig, path: Path) -> None:
    """Longer terms than training makes would overflow the numbers by which they are looked up."""
    for field, most in zip(FIELDS, config.max_words):
        for term in terms[field]:
            if not 0 < len(term.split()) <= most:
                message = f"{field!r} holds {term!r}, not one to {most} words"
                raise ModelError(message, path=path)
