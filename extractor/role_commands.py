"""The commands around a role model: train it, ask it why, look over its doubts, watch it age."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from extractor.errors import EXIT_FAILED_ROWS

_paths = click.argument("paths", nargs=-1, required=True, metavar="PATH...")
_model = click.option(
    "--model", type=click.Path(path_type=Path), help="Model folder instead of the bundled one."
)
_output = click.option("-o", "--output", type=click.Path(), help="Write to this file.")


@click.command()
@click.argument("data", nargs=-1, required=True, metavar="DATA...")
@click.option("-o", "--output", required=True, type=click.Path(), help="Model folder to write.")
@click.option("--corpus", multiple=True, type=click.Path(), help="File with the labelled texts.")
@click.option("--roles", type=click.Path(path_type=Path), help="TOML file with your own roles.")
@click.option("--min-employers", type=click.IntRange(1), help="Employers that must use a term.")
@click.option(
    "--precision",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    help="Of the answers that it does not abstain from.  [0.9]",
)
@click.option(
    "--drop-contradictions", "is_dropping", is_flag=True, help="Leave out near-copies that differ."
)
@click.option("--ablations", "has_ablations", is_flag=True, help="Measure what each part is worth.")
@click.option(
    "--current", type=click.Path(path_type=Path), help="Model to compare with.  [the bundled one]"
)
@click.option(
    "--promote", "is_promoting", is_flag=True, help="Replace the bundled model unless worse."
)
@click.option("--jobs", type=click.IntRange(1), default=1, help="Worker processes.  [1]")
def train(data: tuple[str, ...], output: str, **options: Any) -> None:
    """Fit a role model on labelled postings, evaluate it, compare it and write its folder.

    DATA are files (.csv .tsv .json .jsonl) or folders. A row holds its text, or names a posting
    of the --corpus by id; its role stands in the column primary, role or label. Text files lie in
    a folder named after their role.
    """
    from extractor.retraining import TrainSettings, train_from_files

    settings = TrainSettings(**options)
    for line in train_from_files(data, Path(output), settings, progress=_tell):
        click.echo(line)


def _tell(stage: str) -> None:
    click.echo(f"… {stage}", err=True)


@click.command()
@_paths
@_model
@_output
@click.option("--format", "form", type=click.Choice(("text", "jsonl")), help="Form of the output.")
def explain(
    paths: tuple[str, ...], model: Path | None, output: str | None, form: str | None
) -> None:
    """Why each posting got its role: terms and skills for it, and against the runner-up."""
    from extractor.analyzer import Analyzer
    from extractor.formats import read_postings
    from extractor.formats.sinks import sink
    from extractor.reasons import explain_all, write_explanations

    usual = "text" if output is None and sys.stdout.isatty() else "jsonl"
    explanations = explain_all(Analyzer.load(model), read_postings(paths))
    with sink(output) as stream:
        failures = write_explanations(explanations, stream, form or usual)
    _end(failures)


@click.command()
@_paths
@_model
@_output
@click.option("--count", type=click.IntRange(1), default=100, help="At most so many.  [100]")
@click.option("--corpus", multiple=True, type=click.Path(), help="File with the labelled texts.")
def review(
    paths: tuple[str, ...],
    model: Path | None,
    output: str | None,
    count: int,
    corpus: tuple[str, ...],
) -> None:
    """The postings most worth a human look, as a CSV to correct and feed back into train."""
    from extractor.formats.sinks import sink
    from extractor.review import read_for_review, worth_a_look, write_review
    from extractor.role_store import default_model, load_model

    classifier = load_model(model or default_model())
    failures, rows = read_for_review(paths, corpus)
    chosen = worth_a_look(classifier, rows, count=count)
    with sink(output) as stream:
        write_review(chosen, stream)
    _end(failures)


@click.command()
@_paths
@_model
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
def drift(paths: tuple[str, ...], model: Path | None, as_json: bool) -> None:
    """What has moved between the postings that the model was trained on and these."""
    from extractor.drift import drift_text, find_drift
    from extractor.formats import read_postings
    from extractor.role_store import default_model, load_model, training_profile

    folder = model or default_model()
    found = find_drift(load_model(folder), training_profile(folder), read_postings(paths))
    click.echo(json.dumps(found.to_dict()) if as_json else drift_text(found))
    _end(found.failures)


def _end(failures: int) -> None:
    if failures:
        click.echo(f"{failures} could not be read", err=True)
        sys.exit(EXIT_FAILED_ROWS)
