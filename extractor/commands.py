"""The command line: each command parses, calls the library once and prints.

Heavy modules are imported by the command that needs them, so that `--help` stays instant.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from extractor.errors import EXIT_FAILED_ROWS, ExtractorError, FormatError
from extractor.role_commands import drift, explain, review, train
from extractor.skill_commands import skills

if TYPE_CHECKING:
    from extractor.analyzer import Part
    from extractor.records import Failure, Result

_FORMATS = ("table", "jsonl", "json", "csv")


class _Group(click.Group):
    """Turns our errors into one line on standard error and exit code 1, for every command."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ExtractorError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)
        except BrokenPipeError:  # `… | head` has read enough
            sys.stderr.close()
            ctx.exit(0)


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from extractor.versions import describe_versions

        click.echo(describe_versions())
        ctx.exit()


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Name package, model and vocabulary.",
)
def main() -> None:
    """Reads job adverts: which role, which skills, where in the text and why. Offline."""


_input = (
    click.argument("paths", nargs=-1, required=True, metavar="PATH..."),
    click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file."),
    click.option("--format", "form", type=click.Choice(_FORMATS), help="Form of the output."),
    click.option(
        "--vocabulary", type=click.Path(), help="JSONL file that adds or replaces skills."
    ),
    click.option("--title-field", help="Column or key that holds the title."),
    click.option("--text-field", help="Column or key that holds the text."),
    click.option("--id-field", help="Column or key that holds the id."),
    click.option("--jobs", type=click.IntRange(1), default=1, help="Worker processes.  [1]"),
    click.option("--strict", is_flag=True, help="Stop at the first row that cannot be read."),
)
_discovery = click.option(
    "--discovery/--no-discovery",
    default=True,
    help="Also find skills that the vocabulary does not know.  [yes]",
)
_model = click.option("--model", type=click.Path(), help="Model folder instead of the bundled one.")
_pickle = click.option(
    "--allow-pickle",
    is_flag=True,
    help="Open a --model that is a joblib pickle: that runs any code in it.",
)


def _with_input(command: Any) -> Any:
    for decorate in reversed(_input):
        command = decorate(command)
    return command


@main.command()
@_with_input
@_model
@_pickle
@_discovery
def analyze(**options: Any) -> None:
    """Role and skills of every posting in PATHs: files, folders, or - for standard input."""
    _run(("role", "skills"), **options)


@main.command()
@_with_input
@_model
@_pickle
def classify(**options: Any) -> None:
    """Only the role of every posting."""
    _run(("role",), discovery=False, **options)


@main.command()
@_with_input
@_discovery
def extract(**options: Any) -> None:
    """Only the skills of every posting."""
    _run(("skills",), model=None, allow_pickle=False, **options)


def _run(
    parts: tuple[Part, ...],
    *,
    paths: tuple[str, ...],
    output: str | None,
    form: str | None,
    model: str | None,
    allow_pickle: bool,
    discovery: bool,
    vocabulary: str | None,
    title_field: str | None,
    text_field: str | None,
    id_field: str | None,
    jobs: int,
    strict: bool,
) -> None:
    from extractor.analyzer import Analyzer
    from extractor.batch import Tally, analyze_all
    from extractor.formats import Columns, read_postings
    from extractor.formats.sinks import sink
    from extractor.formats.writers import WRITERS

    chosen = form or _usual_form(output)
    postings = read_postings(paths, Columns(title_field, text_field, id_field))
    analyzer = Analyzer.load(
        model, vocabulary, parts=parts, discovery=discovery, allow_pickle=allow_pickle
    )
    tally = Tally()
    outcomes = _started(analyze_all(analyzer, postings, tally, processes=jobs, is_strict=strict))
    with sink(output) as stream:
        WRITERS[chosen](_with_progress(outcomes, tally), stream)
    if tally.failures:
        click.echo(f"{tally.results} analysed, {tally.failures} could not be read", err=True)
        sys.exit(EXIT_FAILED_ROWS)


def _started(outcomes: Iterator[Result | Failure]) -> Iterator[Result | Failure]:
    """The same with the first one made already: what is wrong with the input shows before any
    output is begun."""
    first = next(outcomes, None)
    return chain(() if first is None else (first,), outcomes)


def _usual_form(output: str | None) -> str:
    """The suffix of -o, else a table on a terminal and JSON Lines in a pipe."""
    if output is None or output == "-":
        return "table" if sys.stdout.isatty() else "jsonl"
    suffix = Path(output).suffix.lower()
    if suffix.lstrip(".") not in _FORMATS:
        known = ", ".join(f".{form}" for form in sorted(_FORMATS) if form != "table")
        message = f"no writer for {suffix!r}; known: {known}; or say which with --format"
        raise FormatError(message, path=output)
    return suffix.lstrip(".")


def _with_progress(outcomes: Iterable[Result | Failure], tally: Any) -> Iterator[Result | Failure]:
    """The outcomes, counted on standard error when that is a terminal."""
    if not sys.stderr.isatty():
        yield from outcomes
        return
    from rich.console import Console

    with Console(stderr=True).status("reading…") as status:
        for outcome in outcomes:
            status.update(f"{tally.results} postings, {tally.failures} not read")
            yield outcome


@main.command()
@click.argument("gold", type=click.Path())
@_model
@click.option("--vocabulary", type=click.Path(), help="JSONL file that adds or replaces skills.")
@click.option("--json", "as_json", is_flag=True, help="All figures as JSON.")
def evaluate(gold: str, model: str | None, vocabulary: str | None, as_json: bool) -> None:
    """Role and skill figures against GOLD: JSONL with `primary` and `also`, or `mentions`."""
    from extractor.gold import evaluate_file, summary_of

    figures = evaluate_file(Path(gold), model=model, vocabulary=vocabulary)
    click.echo(json.dumps(figures) if as_json else summary_of(figures))


main.add_command(skills)
for command in (train, explain, review, drift):
    main.add_command(command)
