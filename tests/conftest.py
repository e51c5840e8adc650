"""Fixtures, all session-scoped and read-only: what is costly to make is made once."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pytest

from extractor.records import Posting

if TYPE_CHECKING:  # heavy, and not every test needs them
    from pathlib import Path

    from jsonschema import Draft202012Validator
    from spacy.language import Language

    from extractor.analyzer import Analyzer
    from extractor.labels import LabelledPosting
    from extractor.training import TrainedRoles
    from extractor.vocabulary import Vocabulary

# For each role the titles, first sentences and second sentences of invented postings.
_TINY = {
    "bi-data-analyst": (
        ("Data Analyst", "BI Analyst", "Reporting Analyst"),
        (
            "You build dashboards in Power BI for the sales team.",
            "The finance team needs weekly reports and a clean spreadsheet.",
            "Our shops want dashboards that show stock and returns.",
            "You own the reporting of the marketing team.",
            "Dashboards for forty branches wait for a careful hand.",
        ),
        (
            "You write SQL and explain the figures to managers.",
            "Reports in Tableau and Excel are your daily bread.",
            "You check the figures before the managers see the reports.",
        ),
    ),
    "data-scientist": (
        ("Data Scientist", "Senior Data Scientist", "Scientist, Statistics"),
        (
            "You design experiments and test hypotheses about churn.",
            "Our hospital wants a statistical model of waiting times.",
            "You estimate the effect of prices with careful experiments.",
            "Causal questions about churn need a statistician.",
            "You forecast demand with regression and time series.",
        ),
        (
            "Statistical inference in R and Python is your craft.",
            "You publish hypotheses, experiments and their uncertainty.",
            "A degree in statistics helps to judge the uncertainty.",
        ),
    ),
    "nlp-engineer": (
        ("NLP Engineer", "Engineer, Language Technology", "Senior NLP Engineer"),
        (
            "You train text classifiers on letters from customers.",
            "Our chatbot must understand the language of farmers.",
            "You build named entity recognition for court rulings.",
            "Speech and language technology for call centres is our trade.",
            "You tune transformers that translate patents.",
        ),
        (
            "Tokenizers, transformers and spaCy hold no secrets for you.",
            "You measure translation and text classification on held-out letters.",
            "Parsing, tokenizers and corpora are your tools.",
        ),
    ),
}


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """The bundled vocabulary."""
    from extractor.vocabulary import load_vocabulary

    return load_vocabulary()


@pytest.fixture(scope="session")
def nlp() -> Language:
    """The spaCy pipeline with sections and skills."""
    from extractor.pipeline import build_pipeline

    return build_pipeline()


@pytest.fixture(scope="session")
def analyzer(load_once: Callable[..., Analyzer]) -> Analyzer:
    """The Analyzer with the bundled model and vocabulary."""
    return load_once()


@pytest.fixture(scope="session")
def load_once() -> Callable[..., Analyzer]:
    """`Analyzer.load` that makes an Analyzer of the same arguments once: a second each time."""
    from extractor.analyzer import ALL_PARTS, Analyzer

    load = lru_cache(maxsize=None)(Analyzer.load)

    def cached(
        model: Any = None,
        vocabulary: Any = None,
        *,
        parts: Any = ALL_PARTS,
        discovery: bool = True,
        allow_pickle: bool = False,
    ) -> Analyzer:
        options = {"discovery": discovery, "allow_pickle": allow_pickle}
        return load(model, vocabulary, parts=tuple(parts), **options)

    return cached


@pytest.fixture(scope="session")
def valid() -> Draft202012Validator:
    """Checks an object against the schema of the output: `valid.validate(result.to_dict())`."""
    from jsonschema import Draft202012Validator

    from extractor.words import result_schema

    schema: dict[str, Any] = result_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.fixture(scope="session")
def labelled() -> tuple[LabelledPosting, ...]:
    """45 invented postings over three roles, each from an employer and a group of its own."""
    from extractor.labels import LabelledPosting

    found = []
    for role, (titles, firsts, seconds) in _TINY.items():
        for number in range(15):
            text = f"{firsts[number % 5]} {seconds[number % 3]}"
            name = f"{role}-{number}"
            posting = Posting(name, text, titles[number // 5], "tiny")
            found.append(LabelledPosting(posting, role, (), name, name))
    return tuple(found)


@pytest.fixture(scope="session")
def tiny(labelled: tuple[LabelledPosting, ...]) -> TrainedRoles:
    """A role model trained on them, in well under a second."""
    from extractor.roles import RolesConfig
    from extractor.training import train_roles

    return train_roles(labelled, config=RolesConfig(min_employers=1), folds=3)


@pytest.fixture(scope="session")
def tiny_model(
    tiny: TrainedRoles,
    labelled: tuple[LabelledPosting, ...],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """The same model as a folder. Copy it before changing anything."""
    from extractor.label_checks import CheckedLabels
    from extractor.retraining import save_trained
    from extractor.words import load_roles

    folder = tmp_path_factory.mktemp("models") / "tiny"
    checked = CheckedLabels(labelled, 0, 0)
    save_trained(tiny, load_roles(), checked, folder, ["invented"])
    return folder


@pytest.fixture(scope="session")
def three_roles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A roles file with the three roles of `labelled` alone."""
    path: Path = tmp_path_factory.mktemp("roles") / "roles.toml"
    tables = (f'[[roles]]\nid = "{role}"\nname = "The {role}"\n' for role in _TINY)
    path.write_text("\n".join(tables), encoding="utf-8")
    return path
