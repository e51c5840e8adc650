"""A role model as a folder of data, written and read with every value checked."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from extractor.errors import ModelError
from extractor.roles import FIELDS, RoleClassifier, RolesConfig
from extractor.scoring import RoleWeights
from extractor.store import Terms, bundled_model, open_folder, read_arrays, save_folder
from extractor.words import load_roles

KIND = "roles"
_MAX_WORDS = 6  # in a term


def default_model() -> Path:
    """The folder of the bundled role model."""
    return bundled_model("default")


def save_model(
    weights: RoleWeights, config: RolesConfig, folder: Path, card: dict[str, Any], text: str
) -> None:
    """Write the model folder as a whole; `card` is what training says of the model, `text` the
    same for people (Markdown)."""
    terms = {"roles": list(weights.roles), **dict(zip(weights.fields, weights.terms))}
    arrays = {"coefficients": weights.coefficients, "intercepts": weights.intercepts}
    arrays |= {f"idf_{field}": idf for field, idf in zip(weights.fields, weights.idf)}
    whole = {"kind": KIND, "config": asdict(config), **card}
    save_folder(folder, terms, arrays, whole, text)


def load_model(folder: Path) -> RoleClassifier:
    """The role classifier of a model folder, every file checked before it is used.

    Raises:
        ModelError: with the file and what is wrong with it.
    """
    card, terms = open_folder(folder, KIND, (*FIELDS, "roles"))
    roles, wide = len(terms["roles"]), sum(len(terms[field]) for field in FIELDS)
    shapes: dict[str, tuple[int, ...]] = {f"idf_{field}": (len(terms[field]),) for field in FIELDS}
    shapes |= {"coefficients": (roles, wide), "intercepts": (roles,)}
    arrays = read_arrays(folder / "weights.npz", shapes, np.float32)
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


def _check_terms(terms: Terms, config: RolesConfig, path: Path) -> None:
    """Longer terms than training makes would overflow the numbers by which they are looked up."""
    for field, most in zip(FIELDS, config.max_words):
        for term in terms[field]:
            if not 0 < len(term.split()) <= most:
                message = f"{field!r} holds {term!r}, not one to {most} words"
                raise ModelError(message, path=path)
