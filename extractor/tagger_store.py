"""A skill tagger as a folder of data, written and read with every value checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from extractor.discovery import SkillTagger
from extractor.errors import ModelError
from extractor.features import TaggerTerms, TokenFeatures
from extractor.network import LABELS, TaggerWeights
from extractor.records import SKILL_KINDS
from extractor.store import bundled_model, open_folder, read_arrays, save_folder
from extractor.vocabulary import Vocabulary

KIND = "skills"
_LISTS = ("words", "sections", "prefixes", "suffixes")
_MAX_WIDTH, _MAX_LAYERS = 1_024, 12


def default_tagger() -> Path:
    """The folder of the bundled skill tagger."""
    return bundled_model("skills")


def save_tagger(
    weights: TaggerWeights, terms: TaggerTerms, folder: Path, card: dict[str, Any], text: str
) -> None:
    """Write the model folder as a whole; `card` is what training says of the tagger, `text` the
    same for people (Markdown). Numbers are kept in 16 bits: the F1 is the same."""
    lists = {key: getattr(terms, key) for key in _LISTS}
    arrays = {f"table_{place}": table for place, table in enumerate(weights.tables)}
    for place, (layer, bias) in enumerate(weights.layers):
        arrays |= {f"layer_{place}": layer, f"layer_bias_{place}": bias}
    arrays |= {"bias": weights.bias, "output": weights.output, "output_bias": weights.output_bias}
    halved = {name: values.astype(np.float16) for name, values in arrays.items()}
    shape = {"width": len(weights.bias), "layers": len(weights.layers)}
    save_folder(folder, lists, halved, {"kind": KIND, **shape, **card}, {"CARD.md": text})


def load_tagger(folder: Path, vocabulary: Vocabulary) -> SkillTagger:
    """The skill tagger of a model folder, every file checked before it is used.

    Raises:
        ModelError: with the file and what is wrong with it.
    """
    return SkillTagger(*read_tagger(folder), vocabulary)


def read_tagger(folder: Path) -> tuple[TaggerWeights, TaggerTerms]:
    """The numbers and terms of a model folder, checked as in `load_tagger`."""
    card, lists = open_folder(folder, KIND, _LISTS)
    terms = TaggerTerms(**{key: tuple(lists[key]) for key in _LISTS})
    width = _number(card, "width", _MAX_WIDTH, folder)
    layers = _number(card, "layers", _MAX_LAYERS, folder)
    sizes = TokenFeatures(terms).sizes
    scores = LABELS + len(SKILL_KINDS)
    shapes: dict[str, tuple[int, ...]] = {f"table_{i}": (n, width) for i, n in enumerate(sizes)}
    for place in range(layers):
        shapes |= {f"layer_{place}": (width, 3 * width), f"layer_bias_{place}": (width,)}
    shapes |= {"bias": (width,), "output": (scores, width), "output_bias": (scores,)}
    arrays = read_arrays(folder / "weights.npz", shapes, np.float16)
    wide = {name: values.astype(np.float32) for name, values in arrays.items()}
    weights = TaggerWeights(
        tables=tuple(wide[f"table_{place}"] for place in range(len(sizes))),
        bias=wide["bias"],
        layers=tuple((wide[f"layer_{i}"], wide[f"layer_bias_{i}"]) for i in range(layers)),
        output=wide["output"],
        output_bias=wide["output_bias"],
    )
    return weights, terms


def _number(card: dict[str, Any], key: str, most: int, folder: Path) -> int:
    value = card.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
        message = f"{key} is {value!r}, not a whole number from 1 to {most}"
        raise ModelError(message, path=folder / "card.json")
    return value
