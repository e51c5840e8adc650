"""Reads job adverts: which role, which skills, where in the text, and why. Offline.

>>> from extractor import Analyzer
>>> Analyzer.load().analyze("Python and SQL needed", title="Data Analyst").role.id
'bi-data-analyst'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from extractor.errors import ExtractorError, FormatError, ModelError, VocabularyError
from extractor.records import (
    Evidence,
    Failure,
    Posting,
    Result,
    Role,
    Section,
    Skill,
    SkillMention,
)

if TYPE_CHECKING:
    from extractor.analyzer import Analyzer

__version__ = "0.1.0"

__all__ = [
    "Analyzer",
    "Evidence",
    "ExtractorError",
    "Failure",
    "FormatError",
    "ModelError",
    "Posting",
    "Result",
    "Role",
    "Section",
    "Skill",
    "SkillMention",
    "VocabularyError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """`Analyzer` brings spaCy and scikit-learn along, so it is imported when first asked for."""
    if name == "Analyzer":
        return import_module("extractor.analyzer").Analyzer
    raise AttributeError(f"module 'extractor' has no attribute {name!r}")
