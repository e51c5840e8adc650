"""A module imports only from lower floors, and heavy packages only where they belong."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "extractor"
FLOORS = {
    name: floor
    for floor, names in enumerate(
        (
            "errors records text view",
            "words tokens clauses",
            "skill_lines formats phrases",
            "vocabulary corpus",
            "matching",
            "context",
            "coordination language scoring features parts near_copies doubt",
            "sections skills roles network needs levels labels marks evaluation",
            "pipeline store skill_card discovery tagger_training word_vectors role_classifier"
            " role_terms role_doubt comparison label_checks evaluation_page",
            "batch_profile pickled_model tagger_store skill_reader training card",
            "role_store skill_training drift review job_discovery ablation",
            "analyzer",
            "batch gold versions suggest retraining reasons",
            "skill_commands role_commands",
            "commands",
        )
    )
    for name in names.split()
}
# The package itself holds the version and the front door, __main__ only calls the commands.
OUTSIDE = {"__init__", "__main__"}
NETWORK = {"socket", "ssl", "urllib", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib"}
HOMES = {
    "click": {"commands", "skill_commands", "role_commands"},
    "vl_convert": {"evaluation_page"},
    "spacy": set("tokens matching sections skills pipeline job_discovery".split()),
    "sklearn": {
        "roles",
        "role_terms",
        "role_classifier",
        "pickled_model",
        "training",
        "near_copies",
        "skill_training",
        "tagger_training",
        "word_vectors",
        "suggest",
    },
}


def module_name(path: Path) -> str:
    """`formats` for every file of the folder formats."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


MODULES = sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The dotted names that a module imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield str(node.module)
            if node.module == "extractor":
                yield from (f"extractor.{alias.name}" for alias in node.names)


def own_imports(path: Path) -> set[str]:
    """The modules of this package that a module imports."""
    parts = (name.split(".") for name in imported(path))
    return {part[1] for part in parts if part[0] == "extractor" and len(part) > 1} & set(FLOORS)


def test_every_module_has_a_floor() -> None:
    assert {module_name(path) for path in MODULES} - OUTSIDE == set(FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_imports_only_from_lower_floors(path: Path) -> None:
    own = module_name(path)
    if own in OUTSIDE:
        return
    upward = {name for name in own_imports(path) if FLOORS[name] >= FLOORS[own] and name != own}
    assert upward == set()


@pytest.mark.parametrize("package", sorted(HOMES))
def test_a_heavy_package_is_imported_only_where_it_belongs(package: str) -> None:
    users = {
        module_name(path)
        for path in MODULES
        if any(name.split(".")[0] == package for name in imported(path))
    }
    assert users - HOMES[package] == set()


def test_no_module_can_reach_the_network() -> None:
    found = {
        f"{module_name(path)} imports {name}"
        for path in MODULES
        for name in imported(path)
        if name.split(".")[0] in NETWORK
    }
    assert found == set()


def test_the_root_script_only_calls_the_commands() -> None:
    script = PACKAGE.parent / "cli.py"
    names = set(imported(script)) - {"__future__"}
    assert names == {"extractor.commands"}
