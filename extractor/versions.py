"""What is installed: package, model and vocabulary."""

from __future__ import annotations

from extractor import __version__
from extractor.role_store import default_model
from extractor.store import load_card
from extractor.vocabulary import load_vocabulary


def describe_versions() -> str:
    """Three lines: the package's version, the model's digest, the vocabulary's."""
    card = load_card(default_model())
    weights = card["files"]["weights.npz"][:12]
    vocabulary = load_vocabulary()
    return (
        f"extractor {__version__}\n"
        f"model {weights} (format {card['format']})\n"
        f"vocabulary {vocabulary.version} ({len(vocabulary.entries)} skills)"
    )
