"""What is installed: package, models, vocabulary and the taxonomies that it points into."""

from __future__ import annotations

from pathlib import Path

from extractor import __version__
from extractor.role_store import default_model
from extractor.store import bundled_model, load_card
from extractor.vocabulary import load_vocabulary
from extractor.words import load_words


def describe_versions() -> str:
    """A line each: the package's version, the models' digests, the vocabulary's, the taxonomies."""
    vocabulary = load_vocabulary()
    return "\n".join(
        (
            f"extractor {__version__}",
            f"model {_model(default_model())}",
            f"tagger {_model(bundled_model('skills'))}",
            f"vocabulary {vocabulary.version} ({len(vocabulary.entries)} skills)",
            f"codes of {', '.join(load_words().taxonomies)}",
        )
    )


def _model(folder: Path) -> str:
    card = load_card(folder)
    return f"{card['files']['weights.npz'][:12]} (format {card['format']})"
