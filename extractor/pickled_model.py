"""A role model that was saved with joblib: opened only when asked for in so many words."""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.errors import ModelError
from extractor.role_classifier import RoleClassifier
from extractor.roles import FIELDS, RolesConfig, telling_words_of, weights_of
from extractor.words import load_roles

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

SUFFIXES = (".joblib", ".pickle", ".pkl")
# What joblib raises over a file that is no pickle, or of code that is not there.
_UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    ImportError,
    AttributeError,
    LookupError,
    TypeError,
    zlib.error,
)


def load_pickled(path: Path, *, is_allowed: bool) -> RoleClassifier:
    """The classifier of a pickled `RoleClassifier.pipeline`, fitted further or not. It knows no
    doubt: that stands in the card of a model folder.

    Raises:
        ModelError: not allowed, no pickle, or the pickle of something else.
    """
    if not is_allowed:
        message = (
            "is a pickle: opening it runs whatever code its maker put there; train the model "
            "again into a folder, or pass --allow-pickle if you made the file yourself"
        )
        raise ModelError(message, path=path)
    import joblib

    try:
        pipeline = joblib.load(path)
    except _UNREADABLE as error:
        raise ModelError(f"is no pickle that can be opened: {error}", path=path) from error
    try:
        config = _config_of(pipeline)
        weights = weights_of(pipeline, config)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        message = f"holds a {type(pipeline).__name__}, not the pipeline of a role model"
        raise ModelError(message, path=path) from error
    entries = [entry for entry in load_roles() if entry.id in weights.roles]
    return RoleClassifier(weights, config, entries)


def _config_of(pipeline: Pipeline) -> RolesConfig:
    """What of its config shows in a fitted pipeline."""
    features = pipeline.named_steps["features"]
    title, description = (features.named_transformers_[field] for field in FIELDS)
    return RolesConfig(
        max_words=(title.ngram_range[1], description.ngram_range[1]),
        title_weight=float(features.transformer_weights["title"]),
        strength=float(pipeline.named_steps["classifier"].C),
        reads_all=description.tokenizer is not telling_words_of,
    )
