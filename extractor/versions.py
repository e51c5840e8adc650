"""What is installed: package, model and vocabulary."""

from __future__ import annotations

import json

from extractor import __version__
from extractor.store import default_model
from extractor.vocabulary import load_vocabulary


def describe_versions() -> str:
    """Three lines: the package's version, the model's digest, the vocabulary's."""
    card = json.loads((default_model() / "card.json").read_text(encoding="utf-8"))
    weights = card["files"]["weights.npz"][:12]
    vocabulary = load_vocabulary()
    return (
        f"extractor {__version__}\n"
        f"model {weights} (format {card['format']})\n"
        f"vocabulary {vocabulary.version} ({len(vocabulary.entries)} skills)"
    )
