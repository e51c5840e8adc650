"""What each part of a role model is worth: the same cross-validation without it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from extractor.card import SUMMARY
from extractor.labels import LabelledPosting
from extractor.roles import RolesConfig
from extractor.training import Progress, train_roles


def ablate(
    labelled: Sequence[LabelledPosting], config: RolesConfig, progress: Progress, jobs: int
) -> dict[str, dict[str, Any]]:
    """The main figures of each variant, and the accuracy without titles."""
    variants = {
        "single words only": replace(config, max_words=(1, 1)),
        "title at full weight": replace(config, title_weight=1.0),
        "title hardly weighted": replace(config, title_weight=0.1),
        "never without its title": replace(config, untitled_weight=0.0),
        "only the first role of a label": replace(config, also_share=0.0),
        "rare roles not weighted up": replace(config, balance=0.0),
        "a quarter of the strength C": replace(config, strength=config.strength / 4),
        "parts on firm, benefits, law read too": replace(config, reads_all=True),
    }
    found = {}
    for name, variant in variants.items():
        progress(f"ablation: {name}")
        trained = train_roles(labelled, config=variant, jobs=jobs)
        row = {key: trained.figures[key] for key in SUMMARY}
        found[name] = {**row, "untitled": trained.untitled["accuracy"]}
    return found
